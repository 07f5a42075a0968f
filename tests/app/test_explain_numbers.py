"""Numbers of the estimate explained: by arrow keys and Enter, by a click, and from the palette's list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.geometry import Offset
from textual.widgets import Input, Static

from planner.app.dialogs.explain import ExplainTree
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.report_page import ReportPage
from planner.app.drawing.details import SHORTER, draw_details
from planner.app.drawing.headline import NARROW_LABELS, draw_summary, draw_tiles
from planner.app.drawing.names import asked_about
from planner.app.drawing.numbers_asked import Number, asked, clickable, spots, with_mark
from planner.app.drawing.pieces import View, line
from planner.app.estimating import Estimator
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.estimate_pane import EstimateDetails, EstimatePane
from planner.app.widgets.tree_rows import TreeRows
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.estimate.result import Estimate
from planner.quantities.table import TABLE, quantity_named

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User


def refuse(*_: object) -> Estimate:
    raise PlanError("no estimate")


def marked(screen: PlanningScreen) -> Number | None:
    found = [drawn.marked.number for drawn in screen.query(Drawn) if drawn.marked is not None]
    assert len(found) <= 1
    return found[0] if found else None


def page_text(user: User) -> str:
    if isinstance(user.app.screen, ReportPage):
        return str(user.app.screen.query_one("#page-text", Static).content)
    rows = user.app.screen.query_one(TreeRows).options
    why = user.app.screen.query_one("#explain-why", Static).content
    return "\n".join([str(why), *(str(row.prompt) for row in rows)])


async def explained(user: User, *expected: str) -> str:
    """Wait for the tree of a number, with its text worked out."""
    await user.until(lambda: isinstance(user.app.screen, ExplainTree | ReportPage))
    await user.until(lambda: "working it out" not in page_text(user))
    # the published runs come after the tree
    await user.until(lambda: all(words in page_text(user) for words in expected))
    return page_text(user)


def test_every_published_quantity_is_offered_and_every_number_drawn_is_one(
    plan: Plan, fake_estimate: Estimator
) -> None:
    assert {made.id for made in TABLE.values() if made.is_published} <= {made.id for made in asked_about()}
    view = View(plan, fake_estimate(plan, lambda: False))
    drawn = [*draw_tiles(view, 108), *draw_details(view, 108, 40), *draw_summary(view, 108)]
    asked_for = {spot.number.quantity for spot in spots(drawn)}
    assert asked_for
    assert all(quantity_named(identifier).id == identifier for identifier in asked_for)


def test_shorter_words_stand_for_words_of_the_table() -> None:
    assert SHORTER.keys() <= {made.short for made in TABLE.values()}
    assert NARROW_LABELS.keys() <= {made.short.upper() for made in TABLE.values()}


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


async def test_arrows_reach_a_number_and_enter_explains_it(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    async with open_app(make_real_app(), size=(160, 45)) as user:
        screen = user.planning
        assert marked(screen) is None
        await user.press("f5")
        await user.pause()
        assert marked(screen) == Number("finish_date")
        await user.press("right", "right")
        assert marked(screen) == Number("mfu")
        await user.press("down")
        assert marked(screen) == Number("step.seconds")
        await user.press("down")
        number = marked(screen)
        assert number is not None
        assert number.group == "step"
        await user.press("up", "enter")
        text = await explained(user, "seconds = ", "Published runs nearest to this plan")
        assert "is compute, " in text.splitlines()[0]
        tree = user.app.screen
        assert isinstance(tree, ExplainTree)
        await user.until(lambda: "Moved most by" in page_text(user).partition("\u25be")[0])
        # the first level is open; a part opens, closes, and leads back
        first = [row.path for row in tree.rows if row.can_be_chosen]
        assert first[:3] == [(), (0,), (1,)]
        await user.press("right", "right", "right")
        assert tree.here().path == (0, 0)
        await user.press("left")
        assert tree.here().path == (0,)
        await user.press("enter")
        assert [row.path for row in tree.rows if row.can_be_chosen] == first
        await user.press("f1")
        page = await user.shown(Page)
        await user.until(lambda: "its id" in str(page.query_one("#page-text", Static).content))
        await user.press("escape", "end", "enter")
        assert "MFU" in page_text(user)
        await user.press("escape")
        await user.until(lambda: user.app.screen is screen)
        assert marked(screen) == Number("step.seconds")
        await user.press("f1")
        page = await user.shown(Page)
        await user.until(lambda: "step.seconds" in str(page.query_one("#page-text", Static).content))


async def test_tab_goes_from_group_to_group_and_out(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        await user.press("f5")
        await user.pause()
        groups = []
        for _ in range(40):
            number = marked(screen)
            if number is None:
                break
            groups.append(number.group)
            await user.press("tab")
            await user.pause()
        assert groups[:4] == ["finish_date", "training_days", "mfu", "power"]
        assert groups[4:8] == ["cost", "memory", "step", "interconnect_overhead"]
        assert not isinstance(screen.focused, EstimateDetails)
        await user.press("shift+tab")
        await user.pause()
        assert isinstance(screen.focused, EstimateDetails)
        assert marked(screen) is not None


async def test_the_marked_number_is_in_view_on_a_small_terminal(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as user:
        screen = user.planning
        await user.press("f5")
        await user.pause()
        details = screen.query_one(EstimateDetails)
        panels = screen.query_one("#panels", Drawn)
        await user.until(lambda: details.has_focus)
        for _ in range(40):
            await user.press("down")
            await user.pause()
            if panels.marked is not None:
                row = next(
                    spot.row
                    for spot in panels.spots()
                    if (spot.number, spot.nth) == (panels.marked.number, panels.marked.nth)
                )
                assert 0 <= row - details.scroll_offset.y < details.size.height
        await user.until(lambda: details.scroll_offset.y == details.max_scroll_y)


async def test_a_click_on_a_tile_explains_it(open_app: OpenApp, make_real_app: MakeRealApp) -> None:
    async with open_app(make_real_app(), size=(160, 45)) as user:
        screen = user.planning
        tiles = screen.query_one("#tiles", Drawn)
        spot = next(spot for spot in tiles.spots() if spot.number.quantity == "power.facility_w")
        await user.click(tiles, offset=Offset(spot.start + 1, spot.row))
        await explained(user, "facility_w = ", "Published runs")


async def test_the_list_of_numbers_is_filtered_and_explains(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    async with open_app(make_real_app()) as user:
        screen = user.planning
        screen.query_one(EstimateDetails).focus()
        await user.press("e")
        await user.shown(Picker)
        user.app.screen.query_one(Input).value = "export class"
        await user.pause()
        await user.press("enter")
        await explained(user, "eccn")
        await user.press("y")
        # the whole tree, as the command line prints it
        assert "eccn" in user.app.clipboard


async def test_what_cannot_be_explained_is_one_line(open_app: OpenApp, make_real_app: MakeRealApp) -> None:
    async with open_app(make_real_app()) as user:
        await user.edit_count("1")
        await user.settled()
        user.planning.action_explain_quantity("training_days")
        text = await explained(user, "the plan cannot run: ")
        assert text.startswith("x ")
        assert "Traceback" not in text


async def test_without_an_estimate_there_is_nothing_to_explain(open_app: OpenApp) -> None:
    async with open_app(estimator=refuse) as user:
        user.planning.action_explain_quantity("training_days")
        await explained(user, "x the plan has no estimate yet")


async def test_the_number_on_the_screen_is_explained_by_its_own_estimate(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    app = make_real_app()
    estimate, asked_for = app.estimator, 0

    def counted(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        nonlocal asked_for
        asked_for += 1
        return estimate(plan, cancelled)

    app.estimator = counted
    async with open_app(app) as user:
        before = asked_for
        assert before > 0
        user.planning.action_explain_quantity("finish_date")
        await explained(user, "finish_date = ", "= start + days", "days = ")
        assert asked_for == before


async def test_each_pool_explains_its_own_number(open_app: OpenApp) -> None:
    async with open_app(size=(160, 60)) as user:
        screen = user.planning
        screen.action_add_pool()
        await user.until(lambda: len(screen.session.plan.cluster.pools) == 2)
        await user.until(lambda: not screen.bench.live.is_busy)
        places = screen.query_one(EstimatePane).places()
        of_pools = {spot.number.pool for _, spot in places}
        assert {pool.id for pool in screen.session.plan.cluster.pools} <= of_pools


async def test_without_an_estimate_the_keys_do_no_harm(open_app: OpenApp) -> None:
    async with open_app(estimator=refuse) as user:
        screen = user.planning
        for key in ("up", "down", "left", "right", "tab", "enter"):
            await user.press("f5", key)
            assert marked(screen) is None, key
            assert user.app.screen is screen, key


async def test_the_ledger_opens_over_the_plan(open_app: OpenApp, make_real_app: MakeRealApp) -> None:
    async with open_app(make_real_app()) as user:
        await user.press("f5", "m")
        await explained(user, "MACHINES", "chips and servers", "CASH BY YEAR", "no price")
        await user.press("escape")
        await user.shown(PlanningScreen)
