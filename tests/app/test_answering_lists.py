"""Lists that answer: each entry says what it would come to, sortable, what does not go with the chip last."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable

from tests.app.conftest import OpenApp, estimate_by_hand
from textual.widgets import OptionList, Static

from planner.app.dialogs.answering_picker import AnsweringPicker
from planner.app.messages import PickAsked
from planner.app.screens.planning import PlanningScreen
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.estimate.result import Estimate

SYSTEM = ("cluster", "pools", 0, "system")
STACK = ("cluster", "pools", 0, "stack")
SIZES = {"dgx-h100": 64, "dgx-a100": 4096, "atlas-800t-a2": 1024}


def by_system(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
    """Take longer or shorter by the system alone; one of them cannot run at all."""
    pool = plan.cluster.pools[0]
    if pool.system == "tpu-v5p-pod":
        raise PlanError("nothing runs there")
    sized = pool.model_copy(update={"count": SIZES.get(pool.system or "", 512)})
    cluster = plan.cluster.model_copy(update={"pools": (sized,)})
    return estimate_by_hand(plan.model_copy(update={"cluster": cluster}), cancelled)


def rows(picker: AnsweringPicker) -> list[str]:
    options = picker.query_one("#picker-list", OptionList)
    return [str(options.get_option_at_index(index).prompt) for index in range(options.option_count)]


async def test_rows_say_what_they_would_come_to_and_sort_by_it(open_app: OpenApp) -> None:
    async with open_app(estimator=by_system, size=(160, 45)) as user:
        user.planning.on_pick_asked(PickAsked(SYSTEM))
        await user.until(lambda: isinstance(user.app.screen, AnsweringPicker))
        picker = user.app.screen
        assert isinstance(picker, AnsweringPicker)
        await user.until(lambda: not picker.runner.is_busy)
        listed = rows(picker)
        named = {item.id: row for item, row in zip(picker.matching, listed, strict=True)}
        assert " 90 d" in named["atlas-800t-a2"]
        assert " 22 d" in named["dgx-a100"]
        assert "nothing runs there" in named["tpu-v5p-pod"]
        assert "to come" not in str(picker.query_one("#picker-head", Static).content)
        await user.press("ctrl+t")
        ids = [item.id for item in picker.matching]
        assert ids[0] == "dgx-a100"
        assert ids.index("dgx-a100") < ids.index("atlas-800t-a2") < ids.index("dgx-h100")
        assert ids.index("tpu-v5p-pod") > ids.index("dgx-h100")
        # the cursor stays on what it was on, through every order and back to the first
        assert picker.marked() is not None
        assert picker.marked().id == "atlas-800t-a2"  # type: ignore[union-attr]
        await user.press(*["ctrl+t"] * 4)
        assert rows(picker) == listed
        await user.press("enter")
        await user.settled()
        assert user.planning.session.plan.cluster.pools[0].system == "atlas-800t-a2"


async def test_what_does_not_go_with_the_chip_comes_last_with_the_reason(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        user.planning.on_pick_asked(PickAsked(STACK))
        await user.until(lambda: isinstance(user.app.screen, AnsweringPicker))
        picker = user.app.screen
        assert isinstance(picker, AnsweringPicker)
        await user.until(lambda: not picker.runner.is_busy)
        fits = [item for item in picker.matching if not item.unfit]
        assert {item.id for item in fits} == {"", "cann", "cann-mindspeed", "cann-mindspore"}
        assert picker.matching[: len(fits)] == fits
        assert "is a cann chip" in picker.matching[-1].unfit


async def test_leaving_the_list_ends_its_work(open_app: OpenApp) -> None:
    asked, go_on = threading.Event(), threading.Event()
    seen: list[str | None] = []

    def slow(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        system = plan.cluster.pools[0].system
        if system != "atlas-800t-a2":
            seen.append(system)
            asked.set()
            go_on.wait(30)
        return estimate_by_hand(plan, cancelled)

    async with open_app(estimator=slow, size=(80, 24)) as user:
        user.planning.on_pick_asked(PickAsked(SYSTEM))
        await user.until(asked.is_set)
        await user.press("escape")
        go_on.set()
        await user.until(lambda: not user.app.workers or all(w.is_finished for w in user.app.workers))
        assert len(seen) == 1


async def test_a_list_that_was_left_is_let_go_of(open_app: OpenApp) -> None:
    async with open_app(estimator=by_system, size=(160, 45)) as user:
        user.planning.on_pick_asked(PickAsked(SYSTEM))
        picker = await user.shown(AnsweringPicker)
        await user.until(picker.runner.is_settled.is_set)
        lines = picker.query_one(OptionList)._styles_cache
        held: list[weakref.ref[object]] = [weakref.ref(picker), weakref.ref(lines)]
        del picker, lines
        await user.press("escape")
        await user.shown(PlanningScreen)
        await user.pause()
        gc.collect()
        # neither the thread that worked for it nor what Textual keeps holds it, nor its lines
        assert [one() for one in held] == [None, None]
