"""The parts of the app that need no screen: edits, session, registry, drawings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.content import Content

from planner.app import quotes
from planner.app.actions import ACTIONS, keys_help
from planner.app.drawing.details import draw_details, draw_phases, draw_step
from planner.app.drawing.headline import draw_summary, draw_tiles
from planner.app.drawing.notes import note_rows
from planner.app.drawing.pieces import View, stacked_bar
from planner.app.edits import get_value, read_text, with_value, write_value
from planner.app.estimating import Estimator
from planner.app.fields import FIELDS, POOL_FIELDS, SECTIONS
from planner.app.screens.planning import PlanningScreen
from planner.app.session import Baseline, Session
from planner.app.shelf import Shelf
from planner.catalog.catalog import load_catalog
from planner.domain.parties import Parties, Release
from planner.domain.plan import Plan
from planner.domain.plan_workload import Phase
from planner.errors import InputError
from planner.estimate.estimate import estimate_plan
from planner.planning.compliance_facts import PLAN_KEYS
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan

PLANS = Path(__file__).parents[2] / "saved_plans"
#: What Textual puts into each class, and its methods that are taken over on purpose.
TEXTUALS = ("_decorated_handlers", "_reactives", "_computes", "_dispatch_message", "_screen_resized")


def test_every_action_has_its_method_and_no_key_twice() -> None:
    keys = [key for action in ACTIONS for key in action.keys.split(",") if key]
    assert len(keys) == len(set(keys))
    for action in ACTIONS:
        assert callable(getattr(PlanningScreen, f"action_{action.id}")), action.id
    assert all(label and title for label, title, _ in keys_help())


def test_no_private_name_collides_with_textual() -> None:
    ours = [klass for klass in PlanningScreen.__mro__ if klass.__module__.startswith("planner")]
    for klass in ours:
        private = [name for name in vars(klass) if name.startswith("_") and not name.startswith("__")]
        assert [name for name in private if not name.startswith(("_abc", "_css", "_merged", "_inherit"))] == [
            name for name in private if name in TEXTUALS
        ]


def test_every_field_stands_in_the_plan_and_explains_itself(plan: Plan) -> None:
    for spec in (*POOL_FIELDS, *(spec for section in SECTIONS for spec in section.fields)):
        get_value(plan, spec.path(0))
        assert spec.help.endswith("."), spec.key
        assert len(spec.label) <= 12, spec.key
        assert spec.default


def test_whatever_a_rule_asks_for_can_be_filled_in() -> None:
    outside = {"as_of"} | {key for key in PLAN_KEYS.values() if key.startswith("cluster.")}
    assert set(PLAN_KEYS.values()) - outside <= FIELDS.by_key.keys()
    assert {f"parties.{name}" for name in Parties.model_fields} <= FIELDS.by_key.keys()
    assert {f"release.{name}" for name in Release.model_fields} <= FIELDS.by_key.keys()


@pytest.mark.parametrize(
    ("key", "typed", "written"),
    [
        ("cluster.pools[].count", "8k", "8,000"),
        ("workload.tokens", "13.2T", "13.2T"),
        ("workload.tokens", "10T..15T", "10T..15T"),
        ("site.power_cap_mw", "500 kW", "500 kW"),
        ("targets.money_usd", "60M", "60 M USD"),
        ("calendar.start", "14 Dec 2026", "2026-12-14"),
        ("parties.buyer_country", "cn", "CN"),
        ("parties.buyer_is_listed", "No", "no"),
        ("strategy.zero", "3", "3"),
        ("site.pue", "1.1..1.3", "1.1..1.3"),
        ("site.renewable_share", "40 %", "0.4"),
    ],
)
def test_what_is_typed_reads_back(plan: Plan, key: str, typed: str, written: str) -> None:
    spec = FIELDS.by_key[key]
    changed = with_value(plan, spec.path(0), read_text(typed, spec.reading))
    text = write_value(get_value(changed, spec.path(0)), spec.reading)
    assert text == written
    assert read_text(text, spec.reading) is not None


def test_an_empty_field_is_unknown_never_zero(plan: Plan) -> None:
    spec = FIELDS.by_key["site.power_cap_mw"]
    assert with_value(plan, spec.path(), read_text("  ", spec.reading)).site.power_cap_mw is None
    with pytest.raises(InputError, match="must be filled in"):
        read_text("", FIELDS.by_key["workload.tokens"].reading)


def test_phases_are_drawn_each_where_there_are_several(plan: Plan, fake_estimate: Estimator) -> None:
    first = fake_estimate(plan, lambda: False)
    assert draw_phases(View(plan, first), 100) == []
    shipped = load_plan(PLANS / "pangu-ultra-135b-910b.toml")
    both = "workload.phases=[{tokens='12T'}, {tokens='1.2T', sequence_length=32768}]"
    two = apply_overrides(shipped, [both])
    view = View(two, estimate_plan(two, load_catalog(include_user=False)))
    text = "\n".join(row.plain for row in draw_phases(view, 100))
    assert text.startswith("PHASES each alone")
    assert "1 12T tokens" in text
    assert "2 1.2T tokens" in text
    assert text.count("MFU ") == text.count(" days  ") == text.count("step ") == 2
    assert draw_step(view, 100)[0].plain.startswith("ONE STEP OF PHASE 1 ")


def test_tokens_take_the_place_of_phases(plan: Plan) -> None:
    phased = with_value(
        plan,
        ("workload",),
        plan.workload.model_copy(update={"tokens": None, "phases": (Phase(tokens=1e12),)}),
    )
    changed = with_value(phased, ("workload", "tokens"), 2e12)
    assert changed.workload.phases == ()


def test_two_pools_of_one_name_are_refused_in_words(plan: Plan) -> None:
    pools = (*plan.cluster.pools, plan.cluster.pools[0])
    with pytest.raises(InputError, match="two pools are called 'train'"):
        with_value(plan, ("cluster", "pools"), pools)


def test_edits_of_one_field_are_one_step_until_it_is_left(plan: Plan) -> None:
    session = Session(plan, saved_plan=plan)
    for name in ("a", "ab", "abc"):
        session.edit(plan.model_copy(update={"name": name}), f"name {name}", "name")
    session.end_step()
    session.edit(plan.model_copy(update={"name": "other"}), "name other", "name")
    assert len(session.undo_steps) == 2
    session.undo()
    assert session.plan.name == "abc"
    session.undo()
    assert session.plan == plan
    assert not session.is_dirty
    session.redo()
    session.redo()
    assert session.plan.name == "other"


def never() -> bool:
    return False


Draw = Callable[[View, int, int], list[Content]]


@pytest.mark.parametrize("width", [30, 38, 66, 108, 200])
@pytest.mark.parametrize("draw", [draw_tiles, draw_details, draw_summary])
@pytest.mark.parametrize("is_mixed", [False, True])
@pytest.mark.parametrize("has_base", [False, True])
def test_no_line_is_wider_than_its_room(
    plan: Plan, fake_estimate: Estimator, draw: Draw, width: int, is_mixed: bool, has_base: bool
) -> None:
    pool = plan.cluster.pools[0]
    pools = (pool, pool.model_copy(update={"id": "second"}))
    mixed = with_value(plan, ("cluster", "pools"), pools) if is_mixed else plan
    estimate = fake_estimate(mixed, never)
    smaller = with_value(plan, ("cluster", "pools", 0, "count"), 512)
    base = Baseline("base", fake_estimate(smaller, never)) if has_base else None
    lines = draw(View(mixed, estimate, base), width, 20)
    assert lines
    assert all(line.cell_length <= width for line in lines), [
        line.plain for line in lines if line.cell_length > width
    ]


def test_details_keep_their_height(plan: Plan, fake_estimate: Estimator) -> None:
    view = View(plan, fake_estimate(plan, never))
    assert len(draw_details(view, 108, 40)) == 40
    assert len(draw_details(view, 40, 10)) % 8 == 0


@pytest.mark.parametrize("width", [30, 80])
def test_notes_stand_by_severity_and_fit(plan: Plan, fake_estimate: Estimator, width: int) -> None:
    rows = note_rows(fake_estimate(plan, never).compliance, width)
    assert [row.prompt.plain.split()[1] for row in rows] == ["BLOCK", "NOTIFY", "INPUT"]
    assert all(row.prompt.cell_length <= width for row in rows)
    assert rows[-1].plan_key == "parties.buyer_parent_country"


def test_every_part_shows_in_a_stacked_bar() -> None:
    shares = [("compute", 0.999), ("data", 0.0005), ("jitter", 0.0005)]
    bar = stacked_bar(shares, {}, 20)
    assert bar.cell_length == 20
    assert len(set(bar.plain)) == 3


def test_fields_say_what_the_file_holds_beside_them(plan: Plan) -> None:
    shelf = Shelf(lambda: load_catalog(include_user=False))

    def said(key: str, *overrides: str) -> str:
        return quotes.hint(apply_overrides(plan, overrides), FIELDS.by_key[key].path(), shelf).plain

    assert said("calendar.start") == said("workload.tokens") == ""
    assert said("workload.tokens", "workload.phases=[{tokens='1T'}, {tokens='2T'}]") == " in 2 phases"
    both = "{date=2027-01-04, systems=512}, {date=2027-03-01, systems=512}"
    assert said("calendar.start", f"calendar.deliveries=[{both}]") == " 2 deliveries"
