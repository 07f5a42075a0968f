"""The planning screen as a person drives it: typing, picking, undoing, at every width."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from planner.app.dialogs.jump import Jump
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.sweep_picker import SweepPicker
from planner.app.edits import FieldPath
from planner.app.estimating import Estimator
from planner.app.flows.editing import TRY_EACH
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.pick_field import PickField
from planner.app.widgets.text_field import TextField
from planner.domain.evidence import value_of
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.estimate.result import Estimate
from planner.units import ForeignSpan

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp

COUNT = ("cluster", "pools", 0, "count")
SYSTEM = ("cluster", "pools", 0, "system")


def tiles(screen: PlanningScreen) -> str:
    return "\n".join(line.plain for line in screen.query_one("#tiles", Drawn).drawn_lines)


def details(screen: PlanningScreen) -> str:
    return "\n".join(line.plain for line in screen.query_one("#panels", Drawn).drawn_lines)


async def test_opens_on_the_count_with_estimates_and_typing_moves_them(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        assert screen.focused is user.row(COUNT).control
        assert "14 Mar 2027" in tiles(screen)
        assert "5.1 MW" in tiles(screen)
        assert "INTERCONNECT 14 %" in details(screen)
        assert "without a known price: fabric" in details(screen)
        assert not screen.session.is_dirty
        await user.type_into(COUNT, "2048")
        await user.settled()
        assert screen.session.plan.cluster.pools[0].count == 2048
        assert "28 Jan 2027" in tiles(screen)
        assert screen.session.is_dirty
        assert "unsaved" in str(screen.bench.title_bar.content)


async def test_chips_may_be_typed_in_place_of_systems(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        await user.type_into(COUNT, "4096 chips")
        assert screen.session.plan.cluster.pools[0].chips == 4096
        assert screen.session.plan.cluster.pools[0].count is None
        await user.press("tab")
        control = user.row(COUNT).control
        assert isinstance(control, TextField)
        assert control.value == "4,096"
        await user.type_into(COUNT, "512 systems")
        assert screen.session.plan.cluster.pools[0].count == 512


async def test_invalid_text_keeps_the_last_estimate_marked_stale(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        before = tiles(screen)
        await user.type_into(COUNT, "many")
        assert "'many' is not a quantity" in user.row(COUNT).error
        assert "stale" in str(screen.results.border_title)
        assert tiles(screen) == before
        assert screen.session.plan.cluster.pools[0].count == 1024
        await user.press("ctrl+r")
        assert user.row(COUNT).error == ""
        assert "stale" not in str(screen.results.border_title)
        # a paste of rubbish
        control = user.row(COUNT).control
        assert isinstance(control, Input)
        control.value = "9" * 120
        await user.pause()
        assert user.row(COUNT).error


async def test_each_kind_of_field_says_what_is_wrong(open_app: OpenApp) -> None:
    wrong: dict[FieldPath, tuple[str, str]] = {
        ("calendar", "start"): ("soon", "is not a date"),
        ("site", "power_cap_mw"): ("6 parsecs", "has the unit"),
        ("workload", "tokens"): ("-3", "is negative"),
        ("cluster", "pools", 0, "id"): ("A B", "not allowed here"),
        ("workload", "sequence_length"): ("4.5", "not a whole number"),
    }
    async with open_app(size=(160, 45)) as user:
        for path, (text, complaint) in wrong.items():
            await user.type_into(path, text)
            assert complaint in user.row(path).error
        assert [row.path for row in user.planning.form.invalid_rows()] == sorted(
            wrong, key=[row.path for row in user.planning.form.rows()].index
        )


async def test_undo_and_redo_name_the_change_and_join_keystrokes(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        app = user.app
        screen = user.planning
        await user.type_into(COUNT, "2048")
        await user.press("ctrl+z")
        assert screen.session.plan.cluster.pools[0].count == 1024
        await user.press("ctrl+y")
        assert screen.session.plan.cluster.pools[0].count == 2048
        messages = [notification.message for notification in app._notifications]
        assert messages == ["Undid: count 2048", "Redid: count 2048"]


async def test_a_text_may_act_on_the_figure_that_stands_in_the_field(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        plan = user.planning.session
        # every key acts on the figure before the first of them, so that x15 is not x1 and then x5
        await user.type_into(COUNT, "x15")
        assert plan.plan.cluster.pools[0].count == 1024 * 15
        await user.press("tab")
        control = user.row(COUNT).control
        assert isinstance(control, TextField)
        assert control.value == "15,360"
        await user.type_into(COUNT, "-10 %")
        await user.press("tab")
        assert plan.plan.cluster.pools[0].count == 13_824
        # a figure of the profile is one that stands there
        await user.planning.action_go_field("site.pue")
        await user.type_into(("site", "pue"), "+10 %")
        site = user.planning.shelf.site_of(plan.plan)
        assert site is not None
        assert plan.plan.site.pue == pytest.approx(1.1 * (value_of(site.pue) or 0))
        await user.type_into(COUNT, "x")
        assert "not complete" in user.row(COUNT).error
        await user.press(*["ctrl+z"] * 4)
        messages = [notification.message for notification in user.app._notifications]
        assert messages[-2:] == ["Undid: count 13,824", "Undid: count 15,360"]
        assert plan.plan.cluster.pools[0].count == 1024
        await user.settled()


async def test_a_system_is_picked_by_typing(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        user.row(SYSTEM).control.focus()
        await user.press("d")
        await user.pause()
        await user.shown(Picker)
        await user.press("g", "x", "space", "h", "2", "0", "0")
        await user.pause()
        await user.press("enter")
        await user.settled()
        assert screen.session.plan.cluster.pools[0].system == "dgx-h200"


async def test_another_platform_takes_stack_fabric_and_precision_along_in_one_step(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    async with open_app(make_real_app(), size=(160, 45)) as user:
        screen = user.planning
        pool = ("cluster", "pools", 0)
        editing = screen.bench.editing
        editing.use((*pool, "stack"), "cann-mindspeed")
        editing.use((*pool, "fabric"), "roce-200g")
        editing.use(("workload", "precision"), "fp16")
        before = screen.session.plan
        editing.use(SYSTEM, "tpu-v5p-pod")
        await user.settled()
        (changed,) = screen.session.plan.cluster.pools
        assert (changed.system, changed.stack, changed.fabric) == ("tpu-v5p-pod", None, None)
        assert screen.session.plan.workload.precision == "bf16"
        control = user.row(SYSTEM).control
        assert isinstance(control, PickField)
        assert "TPU v5p" in control.shown
        assert "stale" not in str(screen.results.border_title)
        (told,) = (notification.message for notification in user.app._notifications)
        assert told == (
            "Changed along: stack cann-mindspeed -> xla, fabric roce-200g -> tpu-dcn, "
            "precision fp16 -> bf16; ^Z takes all of it back."
        )
        await user.press("ctrl+z")
        await user.settled()
        assert screen.session.plan == before


async def test_escape_leaves_the_picked_value_alone(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as user:
        screen = user.planning
        user.row(("workload", "precision")).control.focus()
        await user.press("enter")
        await user.shown(Picker)
        await user.press("down", "escape")
        assert screen.session.plan.workload.precision == "bf16"


async def test_help_opens_on_the_focused_field_and_all_keys_outside(open_app: OpenApp) -> None:
    async with open_app(size=(100, 40)) as user:
        app = user.app
        # in a field it is typed
        await user.press("question_mark")
        await user.pause()
        assert app.screen is user.planning
        user.row(("workload", "tokens")).control.focus()
        await user.press("f1")
        await user.shown(Page)
        assert isinstance(app.screen, Page)
        assert app.screen.page_title == "Help: tokens"
        assert any("13.2T" in line.plain for line in app.screen.draw_lines(80))
        await user.press("escape", "f5", "question_mark")
        await user.shown(Page)
        assert isinstance(app.screen, Page)
        assert app.screen.page_title == "All keys"


async def test_baseline_shows_differences_with_sign_and_word(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        await user.press("f5", "b", "f2")
        await user.type_into(COUNT, "2048")
        await user.settled()
        assert "-45 d better" in tiles(screen)
        assert "+5.1 MW worse" in tiles(screen)
        await user.press("f5", "B")
        assert "better" not in tiles(screen)


async def test_pools_are_added_shown_and_removed(open_app: OpenApp) -> None:
    async with open_app(size=(160, 50)) as user:
        screen = user.planning
        user.planning.action_add_pool()
        await user.until(lambda: len(user.planning.session.plan.cluster.pools) > 1)
        await user.settled()
        assert [pool.id for pool in screen.session.plan.cluster.pools] == ["train", "pool-2"]
        assert "POOLS" in details(screen)
        assert "each alone" in details(screen)
        await user.pause()
        # the last one stays
        for _ in range(2):
            screen.action_remove_pool()
            await user.worked("pools")
            await user.settled()
            assert len(screen.session.plan.cluster.pools) == 1


async def test_a_pool_that_goes_is_gone_whatever_is_pressed_meanwhile(open_app: OpenApp) -> None:
    async with open_app(size=(160, 50)) as user:
        screen = user.planning
        user.planning.action_add_pool()
        await user.until(lambda: len(user.planning.session.plan.cluster.pools) > 1)
        await user.settled()
        screen.action_remove_pool()
        while len(screen.session.plan.cluster.pools) == 2:
            await asyncio.sleep(0)
        # ends the flow of the first one while its fields go, and does nothing itself
        screen.action_remove_pool()
        await user.until(lambda: screen.session.estimated_plan == screen.session.plan)


async def test_what_is_chosen_for_a_pool_that_went_meanwhile_is_dropped(open_app: OpenApp) -> None:
    async with open_app() as user:
        editing, session = user.planning.bench.editing, user.planning.session
        before = session.plan
        for name in ("system", "count", "price_usd"):
            # an undo took the second pool while its list was read
            path = ("cluster", "pools", 1, name)
            editing.use(path, "1")
            editing.reset(path)
            await editing.pick(path)
            assert session.plan is before


async def test_an_override_is_marked_and_can_be_reset_with_the_mouse(open_app: OpenApp) -> None:
    async with open_app(size=(160, 60)) as user:
        screen = user.planning
        await screen.form.reveal("site.pue")
        await user.type_into(("site", "pue"), "1.5")
        hint = user.row(("site", "pue")).hint
        assert "override" in str(hint.content)
        screen.form.scroll_end(animate=False)
        await user.pause()
        await user.click(hint, offset=(12, 0))
        await user.pause()
        assert screen.session.plan.site.pue is None
        assert "override" not in str(hint.content)


async def test_compliance_notes_open_and_ask_for_input(open_app: OpenApp) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        notes = screen.query_one("#notes", OptionList)
        assert str(notes.get_option_at_index(0).prompt).startswith("x BLOCK")
        assert "planning information, not legal advice" in str(screen.notes.border_subtitle)
        await user.press("f6", "home", "enter")
        await user.shown(Page)
        assert isinstance(app.screen, Page)
        assert any("[red]not markup[/" in line.plain for line in app.screen.draw_lines(80))
        await user.press("escape", "end", "enter")
        await user.focused_on(("parties", "buyer_parent_country"))


async def test_a_failed_estimate_keeps_the_last_one(open_app: OpenApp, fake_estimate: Estimator) -> None:
    def failing(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        if plan.cluster.pools[0].count == 7:
            raise PlanError("chip 'x' has no memory capacity")
        if plan.cluster.pools[0].count == 8:
            raise ZeroDivisionError("a bug")
        return fake_estimate(plan, cancelled)

    async with open_app(estimator=failing, size=(160, 45)) as user:
        screen = user.planning
        before = tiles(screen)
        await user.type_into(COUNT, "7")
        await user.settled()
        assert "no memory capacity" in str(screen.query_one("#banner").render())
        assert "stale" in str(screen.results.border_title)
        assert tiles(screen) == before
        await user.type_into(COUNT, "8")
        await user.settled()
        assert "mistake in the planner" in str(screen.query_one("#banner").render())
        await user.type_into(COUNT, "2048")
        await user.settled()
        assert not screen.query_one("#banner").has_class("-shown")


async def test_older_revisions_are_dropped_and_cancelled(open_app: OpenApp, fake_estimate: Estimator) -> None:
    gate = threading.Event()
    seen: list[bool] = []

    def slow(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        if plan.cluster.pools[0].count == 5:
            gate.wait(10)
            seen.append(cancelled())
        return fake_estimate(plan, cancelled)

    async with open_app(estimator=slow, size=(160, 45)) as user:
        screen = user.planning
        await user.type_into(COUNT, "5")
        await user.until(lambda: "estimating" in str(screen.results.border_title))
        await user.type_into(COUNT, "2048")
        await user.settled()
        gate.set()
        await user.until(lambda: bool(seen))
        assert seen == [True]
        assert "28 Jan 2027" in tiles(screen)


@pytest.mark.parametrize("size", [(80, 24), pytest.param((160, 45), marks=pytest.mark.exhaustive)])
async def test_every_control_is_reached_by_tab(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as user:
        screen = user.planning
        reached: set[Widget | None] = set()

        def reach(focused: Widget | None) -> None:
            reached.add(focused)

        screen.watch(screen, "focused", reach)
        # nothing is painted on the way: what is walked is the order of the focus
        with user.app.batch_update():
            await user.press(*["tab"] * 60)
        # what another kind of plan asks for is not shown
        controls = {
            it
            for it in (*screen.query(TextField), *screen.query(PickField))
            if not any(isinstance(above, Widget) and above.has_class("-not-asked") for above in it.ancestors)
        }
        assert controls <= reached
        assert screen.query_one("#details") in reached


def seen_of(screen: PlanningScreen, panes: set[str]) -> set[str]:
    """Return which of these panes have a place on the screen."""
    return {name for name in panes if screen.query_one(f"#{name}").region.area > 0}


async def test_width_decides_the_panes(open_app: OpenApp) -> None:
    panes = {"plan", "estimate", "compliance"}
    shown_at: dict[tuple[int, int], set[str]] = {
        (59, 30): set(),
        (200, 50): panes,
        (120, 40): panes,
        (80, 24): {"plan", "estimate"},
        (100, 17): set(),
        (70, 20): {"plan", "estimate"},
    }
    # the app opens where there is no room, and follows its terminal through all other sizes
    async with open_app(size=next(iter(shown_at))) as user:
        screen = user.planning
        for size, shown in shown_at.items():
            await user.resize(
                *size, lambda: seen_of(screen, panes) == shown_at[(screen.size.width, screen.size.height)]
            )
            assert bool(screen.query_one("#too-small").region.area) == (not shown), size


async def test_panes_are_brought_forward_where_not_all_fit(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as user:
        screen = user.planning
        await user.press("f6")
        await user.pause()
        assert screen.notes.region.area > 0
        assert screen.query_one("#tiles").region.area > 0
        await user.press("f5")
        await user.pause()
        assert screen.notes.region.area == 0


async def test_footer_has_at_most_six_keys_and_the_palette(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        for keys in (["f2"], ["f5"], ["f6"], ["f2", "shift+tab"]):
            await user.press(*keys)
            await user.pause()
            assert len(screen.key_bar.hints) <= 6
            assert "^P commands" in str(screen.key_bar.content)


async def test_mouse_alone_edits_and_picks(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        await user.click(user.row(("workload", "precision")).control)
        await user.shown(Picker)
        await user.click("#picker-list", offset=(5, 2))
        await user.settled()
        assert screen.session.plan.workload.precision == "fp8"
        await user.click(user.row(("workload", "tokens")), offset=(2, 0))
        assert screen.focused is user.row(("workload", "tokens")).control


async def test_no_color_paints_no_colour(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app() as user:
        app = user.app
        screen = user.planning
        assert app.no_color
        assert app.native_ansi_color
        segments = list(screen.key_bar.render_lines(screen.key_bar.size.region)[0])
        assert segments
        for line_filter in app.get_line_filters():
            segments = line_filter.apply(segments, screen.background_colors[1])
        assert all(
            segment.style is None or segment.style.color is None or segment.style.color.is_default
            for segment in segments
        )


async def test_every_theme_resolves_its_colours(open_app: OpenApp) -> None:
    async with open_app() as user:
        app = user.app
        await user.settled()
        for theme in ("planner-light", "ansi-dark", "ansi-light", "nord", "planner-dark"):
            app.theme = theme
            await user.pause()
            assert "ONE STEP" in app.export_screenshot().replace("&#160;", " ")


async def test_hostile_names_are_shown_as_they_are(open_app: OpenApp) -> None:
    def hostile(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        raise PlanError("[bold]broken[/ \x1b]0;title\x07 profile")

    async with open_app(estimator=hostile) as user:
        screen = user.planning
        text = str(screen.query_one("#banner").render())
        assert "[bold]broken[/" in text
        assert "\x1b" not in text


async def test_an_amount_stays_in_the_currency_in_which_it_is_typed(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = user.planning
        await screen.action_go_field("money.currency")
        for path, text in ((("money", "currency"), "EUR"), (("targets", "money_usd"), "55M EUR")):
            screen.bench.editing.use(path, text)
            screen.bench.editing.leave(path)
        assert screen.session.plan.targets.money_usd == ForeignSpan(55e6, 55e6, "EUR")
        control = user.row(("targets", "money_usd")).control
        assert isinstance(control, TextField)
        assert control.value == "55 M EUR"
        screen.bench.editing.use(("targets", "money_usd"), "50M..60M EUR")
        assert "one amount" in user.row(("targets", "money_usd")).error
        screen.bench.editing.use(("cluster", "pools", 0, "price_usd"), "90k..110k CHF")
        assert screen.session.plan.cluster.pools[0].price_usd == ForeignSpan(90e3, 110e3, "CHF")


async def test_a_change_is_echoed_on_the_tiles_for_a_while(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        tiles = screen.query_one("#tiles", Drawn)
        height = len(tiles.drawn_lines)
        await user.edit_count("512")
        await user.settled()
        heads = tiles.drawn_lines[0].plain
        # against what stood there before the first key
        assert "DAYS +90 d worse" in heads
        assert "POWER -2" in heads
        assert len(tiles.drawn_lines) == height
        assert screen.bench.echo_timer is not None
        screen.bench.end_echo()
        await user.pause()
        assert "worse" not in tiles.drawn_lines[0].plain


async def test_several_values_of_a_field_are_tried_side_by_side(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        await user.edit_count("=512,2k,64..256/3")
        row = user.row(COUNT)
        assert TRY_EACH in str(row.complaint.content)
        assert (row.error, screen.session.is_dirty) == ("", False)
        await user.press("enter")
        picker = await user.shown(SweepPicker)
        assert [item.id for item in picker.items] == ["512", "2k", "64", "160", "256"]
        await user.until(lambda: len(picker.answers) == 5)
        assert picker.answers["512"].texts[0] == "180 d"
        plot = picker.plot.plot
        assert plot is not None
        assert list(plot.curves[0].xs) == [64, 160, 256, 512, 2000]
        assert plot.curves[0].ys[3] == 180.0
        assert picker.plot.drawing.places
        assert picker.plot.cursor == "512"
        await user.press("enter")
        await user.settled()
        assert screen.session.plan.cluster.pools[0].count == 512
        assert TRY_EACH not in str(row.complaint.content)
        await user.edit_count("=512,many")
        await user.press("enter")
        await user.until(lambda: "many" in row.error)
        await user.press("ctrl+z")
        assert row.error == ""


async def test_a_letter_leads_to_a_pane_or_a_field(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        help_line = screen.query_one("#help-line", Static)
        assert "How many systems are bought." in str(help_line.content)
        await user.press("ctrl+g")
        jump = await user.shown(Jump)
        letter = next(place.letter for place in jump.places if place.title == "tokens")
        await user.press(letter)
        await user.focused_on(("workload", "tokens"))
        assert str(help_line.content).startswith(" tokens")
        await user.press("ctrl+g")
        await user.shown(Jump)
        await user.press("3")
        await user.until(lambda: isinstance(screen.focused, OptionList))
        assert str(help_line.content) == ""
        await user.press("ctrl+g")
        await user.shown(Jump)
        await user.press("escape")
        await user.until(lambda: user.app.screen is screen)


async def test_days_stand_against_size_where_there_is_room(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    async with open_app(make_real_app(), size=(160, 45)) as user:
        screen = user.planning
        curve = screen.bench.curve
        await user.until(lambda: curve.exploration is not None and bool(curve.exploration.done))
        assert curve.view.plot is not None
        counts = [point.x for point in curve.view.plot.points]
        assert 1024 in counts
        assert len(counts) > 4
        curve.view.focus()
        await user.press("right", "right", "enter")
        await user.until(lambda: screen.session.is_dirty)
        assert screen.session.plan.cluster.pools[0].count in counts
        await user.resize(120, 40, lambda: not curve.view.display)
