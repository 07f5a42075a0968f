"""Numbers of the estimate explained: by arrow keys and Enter, by a click, and from the palette's list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input, Static

from planner.app.app import PlannerApp
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.report_page import ReportPage
from planner.app.drawing.numbers_asked import NUMBER_TITLES, Number, asked, clickable, spots, with_mark
from planner.app.drawing.pieces import line
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.estimate_pane import EstimateDetails, EstimatePane
from planner.estimate.explain import QUANTITIES

MakeApp = Callable[..., PlannerApp]


async def until(pilot: Pilot[int], is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        await pilot.pause(0.01)
        if is_so():
            await pilot.pause()
            return
    raise AssertionError("it did not happen")


async def settled(pilot: Pilot[int]) -> PlanningScreen:
    app = pilot.app
    await until(pilot, lambda: any(isinstance(screen, PlanningScreen) for screen in app.screen_stack))
    screen = next(screen for screen in app.screen_stack if isinstance(screen, PlanningScreen))
    await until(pilot, lambda: screen.bench.live.revision > 0 and not screen.bench.live.is_busy)
    return screen


def marked(screen: PlanningScreen) -> Number | None:
    found = [drawn.marked.number for drawn in screen.query(Drawn) if drawn.marked is not None]
    assert len(found) <= 1
    return found[0] if found else None


def page_text(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one("#page-text", Static).content)


async def explained(pilot: Pilot[int], *expected: str) -> str:
    """Wait for the page of a number, with its text worked out."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ReportPage))
    await until(pilot, lambda: "working it out" not in page_text(pilot))
    text = page_text(pilot)
    for words in expected:
        assert words in text
    return text


def test_every_quantity_has_a_title() -> None:
    assert tuple(NUMBER_TITLES) == QUANTITIES


def test_spots_are_found_in_reading_order_and_one_is_marked() -> None:
    lines = [
        line("a ", asked(line("12 d"), "training_days"), " ", asked(line("50 %"), "mfu")),
        line(clickable(line("no stop"), "mfu"), asked(line("12 d"), "training_days", "train")),
        line(asked(line("50 %"), "mfu")),
    ]
    found = spots(lines)
    assert [(spot.number, spot.nth, spot.row, spot.start, spot.end) for spot in found] == [
        (Number("training_days"), 0, 0, 2, 6),
        (Number("mfu"), 0, 0, 7, 11),
        (Number("training_days", "train"), 0, 1, 7, 11),
        (Number("mfu"), 1, 2, 0, 4),
    ]
    changed = with_mark(lines, Number("mfu"), 1)
    assert changed[:2] == lines[:2]
    assert not changed[2].is_same(lines[2])
    assert with_mark(lines, Number("cost"), 0) is lines


async def test_arrows_reach_a_number_and_enter_explains_it(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        assert marked(screen) is None
        await pilot.press("f5")
        await pilot.pause()
        assert marked(screen) == Number("training_days")
        await pilot.press("right", "right")
        assert marked(screen) == Number("mfu")
        await pilot.press("down")
        assert marked(screen) == Number("step_seconds")
        await pilot.press("down")
        number = marked(screen)
        assert number is not None
        assert number.group == "step"
        await pilot.press("up", "enter")
        await explained(pilot, "step_seconds", "PUBLISHED")
        assert "published runs" in str(pilot.app.screen.query_one(".dialog").border_subtitle)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert marked(screen) == Number("step_seconds")


async def test_tab_goes_from_group_to_group_and_out(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await pilot.press("f5")
        await pilot.pause()
        groups = []
        for _ in range(40):
            number = marked(screen)
            if number is None:
                break
            groups.append(number.group)
            await pilot.press("tab")
            await pilot.pause()
        assert groups[:7] == ["training_days", "mfu", "power", "cost", "memory", "step", "interconnect"]
        assert not isinstance(screen.focused, EstimateDetails)
        await pilot.press("shift+tab")
        await pilot.pause()
        assert isinstance(screen.focused, EstimateDetails)
        assert marked(screen) is not None


async def test_the_marked_number_is_in_view_on_a_small_terminal(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        await pilot.press("f5")
        await pilot.pause()
        details = screen.query_one(EstimateDetails)
        panels = screen.query_one("#panels", Drawn)
        await until(pilot, lambda: details.has_focus)
        for _ in range(30):
            await pilot.press("down")
            await pilot.pause()
            if panels.marked is not None:
                row = next(
                    spot.row
                    for spot in panels.spots()
                    if (spot.number, spot.nth) == (panels.marked.number, panels.marked.nth)
                )
                assert 0 <= row - details.scroll_offset.y < details.size.height
        await until(pilot, lambda: details.scroll_offset.y == details.max_scroll_y)


async def test_a_click_on_a_tile_explains_it(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        tiles = screen.query_one("#tiles", Drawn)
        spot = next(spot for spot in tiles.spots() if spot.number.quantity == "power")
        await pilot.click(tiles, offset=Offset(spot.start + 1, spot.row))
        await explained(pilot, "power", "PUBLISHED")


async def test_the_list_of_numbers_is_filtered_and_explains(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        screen.query_one(EstimateDetails).focus()
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        pilot.app.screen.query_one(Input).value = "export class"
        await pilot.pause()
        await pilot.press("enter")
        text = await explained(pilot, "eccn")
        await pilot.press("y")
        assert pilot.app.clipboard.startswith(text.splitlines()[0].rstrip())


async def test_what_cannot_be_explained_is_one_line(make_app: MakeApp) -> None:
    async with make_app(has_profiles=False).run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        screen.action_explain_quantity("training_days")
        text = await explained(pilot)
        assert text.startswith("x ")
        assert "Traceback" not in text


async def test_each_pool_explains_its_own_number(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(160, 60)) as pilot:
        screen = await settled(pilot)
        await pilot.press("f7")
        await until(pilot, lambda: not screen.bench.live.is_busy)
        places = screen.query_one(EstimatePane).places()
        of_pools = {spot.number.pool for _, spot in places}
        assert {pool.id for pool in screen.session.plan.cluster.pools} <= of_pools


@pytest.mark.parametrize("key", ["up", "down", "left", "right", "tab", "enter"])
async def test_without_an_estimate_the_keys_do_no_harm(make_app: MakeApp, key: str) -> None:
    def refuse(*_: object) -> object:
        from planner.errors import PlanError

        raise PlanError("no estimate")

    async with make_app(refuse).run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await pilot.press("f5", key)
        assert marked(screen) is None
        assert pilot.app.screen is screen
