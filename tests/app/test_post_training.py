"""Plans of post-training in the app: the two that ship, with the engine; what the form asks of which kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from planner.app.app import PlannerApp, open_session
from planner.app.drawing.pieces import View
from planner.app.drawing.pilots import draw_pilots
from planner.app.drawing.post_training import draw_post_training
from planner.app.edits import with_value
from planner.app.estimating import EngineEstimator
from planner.app.kinds import left_out, with_kind
from planner.app.shelf import Shelf
from planner.app.widgets.drawn import Drawn
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.estimate.estimate import estimate_plan
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("grpo-qwen3-30b-a3b-h100", ("32 generate and learn in turns", "decoding", "overhead")),
        ("grpo-qwen3-32b-910c-h100", ("64 generate, 32 learn", "rollout waits", "ascend generates")),
    ],
)
async def test_a_shipped_plan_shows_a_step_as_a_timeline(
    open_app: OpenApp, shipped: Catalog, name: str, shown: tuple[str, ...]
) -> None:
    shelf = Shelf(lambda: shipped)
    session = open_session(shipped_plans_folder() / f"{name}.toml")
    app = PlannerApp(session, EngineEstimator(shelf), shelf)
    async with open_app(app, size=(160, 60)) as user:
        await user.settled()
        drawn = user.planning.query_one("#panels", Drawn).drawn_lines
        text = "\n".join(line.plain for line in drawn)
        assert "STEP OF POST-TRAINING" in text
        for part in shown:
            assert part in text
        # the pools of a split grow together: it has a curve like any other
        assert user.planning.query_one("#sizes").display
        assert session.estimate is not None
        view = View(session.plan, session.estimate)
        for width in (38, 60, 100):
            rows = [row.plain for row in draw_post_training(view, width)]
            assert max(map(len, rows)) <= max(width, len(rows[0])), width
            bars = [row for row in rows if "\N{FULL BLOCK}" in row or "\N{LIGHT SHADE}" in row]
            assert len({len(row) for row in bars}) == 1, rows
            assert ("%" in bars[0]) == (width > 38)


def test_pilots_and_tests_of_both_pools_are_drawn(shipped: Catalog) -> None:
    """One that was planned, one of each pool that was tested, within the width of the pane."""
    plan = load_plan(shipped_plans_folder() / "grpo-qwen3-32b-910c-h100.toml")
    test = (
        '{line="memory", component="memory", pool="ascend", measured_over_expected=0.6, log_spread=0.08, '
        "log_error=0.01}"
    )
    plan = apply_overrides(
        plan, ["pilot[0]={chips=8, global_batch_sequences=256}", f"acceptance.measured[0]={test}"]
    )
    rows = [row.plain for row in draw_pilots(View(plan, estimate_plan(plan, shipped)), 60)]
    text = " ".join(" ".join(rows).split())
    assert rows[0] == "PILOTS"
    assert "test 1, memory of pool 'ascend', which generates: 40 % below" in text
    assert "pilot 1, 8 chips beside 16 that generate, not measured yet" in text
    assert max(map(len, rows)) <= 60


async def test_the_form_asks_what_the_kind_of_the_plan_needs(open_app: OpenApp) -> None:
    async with open_app() as user:
        form = user.planning.form
        tokens, kind = ("workload", "tokens"), ("workload", "kind")
        section = form.query_one("#section-post-training")
        assert user.row(tokens).display
        assert not section.display
        before = user.planning.session.plan

        user.planning.bench.editing.use(kind, "reinforcement")
        await user.pause()
        assert section.display
        assert not user.row(tokens).display
        plan = user.planning.session.plan
        assert (plan.workload.kind, plan.workload.tokens) == ("reinforcement", None)

        assert await form.reveal("post_training.steps")
        await user.pause()
        assert getattr(user.planning.focused, "path", None) == ("post_training", "steps")
        # what this kind does not ask for leads to where the kind is chosen
        assert await form.reveal("workload.tokens")
        await user.pause()
        assert getattr(user.planning.focused, "path", None) == kind

        await user.press("ctrl+z")
        await user.until(lambda: user.planning.session.plan == before)
        assert not section.display
        assert user.row(tokens).display


async def test_pools_that_share_a_training_leave_the_room_of_a_curve_to_what_else_is_told(
    open_app: OpenApp, shipped: Catalog
) -> None:
    shelf = Shelf(lambda: shipped)
    session = open_session(shipped_plans_folder() / "mixed-910b-a100.toml")
    async with open_app(PlannerApp(session, EngineEstimator(shelf), shelf), size=(160, 60)) as user:
        await user.until(lambda: not user.planning.query_one("#sizes").display)


def test_another_kind_takes_what_it_has_no_place_for(plan: Plan) -> None:
    learned = with_kind(plan, "preference")
    assert left_out(plan, learned) == "tokens"
    steps = with_value(learned, ("post_training", "steps"), 300)
    back = with_kind(steps, "fine-tuning")
    assert left_out(steps, back) == "the steps of post-training"
    assert left_out(back, with_kind(back, "pre-training")) == ""
    # nor is there a day's steps to ask for
    asked = with_value(steps, ("targets", "steps_per_day"), 40.0)
    assert with_kind(asked, "pre-training").targets.steps_per_day is None
    with pytest.raises(InputError):
        with_kind(plan, "guessing")
