"""The planning screen as a person drives it: typing, picking, undoing, at every width."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList

from planner.app.app import PlannerApp
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.estimating import Estimator
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.pick_field import PickField
from planner.app.widgets.text_field import TextField
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.planning.result import Estimate

MakeApp = Callable[..., PlannerApp]
COUNT = ("cluster", "pools", 0, "count")
SYSTEM = ("cluster", "pools", 0, "system")


def planning(app: PlannerApp) -> PlanningScreen:
    screen = next(screen for screen in app.screen_stack if isinstance(screen, PlanningScreen))
    assert isinstance(screen, PlanningScreen)
    return screen


async def settled(pilot: Pilot[int]) -> PlanningScreen:
    """Wait for the newest revision's estimate to be painted."""
    app = pilot.app
    assert isinstance(app, PlannerApp)
    for _ in range(400):
        await pilot.pause(0.01)
        stack = [screen for screen in app.screen_stack if isinstance(screen, PlanningScreen)]
        if stack and stack[0].bench.live.revision and not stack[0].bench.live.is_busy:
            await pilot.pause()
            return stack[0]
    raise AssertionError("no estimate arrived")


async def shown(pilot: Pilot[int], kind: type[Screen[Any]]) -> None:
    """Wait for a dialog to lie on top, with its list or text drawn."""
    for _ in range(400):
        await pilot.pause(0.01)
        if isinstance(pilot.app.screen, kind) and pilot.app.screen.is_current:
            await pilot.pause()
            return
    raise AssertionError(f"no {kind.__name__} was opened")


def row(screen: PlanningScreen, path: tuple[str | int, ...]) -> FieldRow:
    found = screen.form.row_at(path)
    assert found is not None
    return found


def tiles(screen: PlanningScreen) -> str:
    return "\n".join(line.plain for line in screen.query_one("#tiles", Drawn).drawn_lines)


def details(screen: PlanningScreen) -> str:
    return "\n".join(line.plain for line in screen.query_one("#panels", Drawn).drawn_lines)


async def type_into(
    pilot: Pilot[int], screen: PlanningScreen, path: tuple[str | int, ...], text: str
) -> None:
    control = row(screen, path).control
    assert isinstance(control, TextField)
    control.focus()
    await pilot.pause()
    control.value = ""
    await pilot.press(*["space" if character == " " else character for character in text])
    await pilot.pause()


async def test_opens_on_the_count_with_estimates(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        assert screen.focused is row(screen, COUNT).control
        assert "14 Mar 2027" in tiles(screen)
        assert "5.1 MW" in tiles(screen)
        assert "INTERCONNECT 14 %" in details(screen)
        assert "without a known price: fabric" in details(screen)
        assert not screen.session.is_dirty


async def test_typing_moves_the_estimate_and_marks_the_plan_unsaved(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await type_into(pilot, screen, COUNT, "2048")
        await settled(pilot)
        assert screen.session.plan.cluster.pools[0].count == 2048
        assert "28 Jan 2027" in tiles(screen)
        assert screen.session.is_dirty
        assert "unsaved" in str(screen.bench.title_bar.content)


async def test_chips_may_be_typed_in_place_of_systems(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await type_into(pilot, screen, COUNT, "4096 chips")
        assert screen.session.plan.cluster.pools[0].chips == 4096
        assert screen.session.plan.cluster.pools[0].count is None
        await pilot.press("tab")
        control = row(screen, COUNT).control
        assert isinstance(control, TextField)
        assert control.value == "4,096"
        await type_into(pilot, screen, COUNT, "512 systems")
        assert screen.session.plan.cluster.pools[0].count == 512


async def test_invalid_text_keeps_the_last_estimate_marked_stale(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        before = tiles(screen)
        await type_into(pilot, screen, COUNT, "many")
        assert "'many' is not a quantity" in row(screen, COUNT).error
        assert "stale" in str(screen.results.border_title)
        assert tiles(screen) == before
        assert screen.session.plan.cluster.pools[0].count == 1024
        await pilot.press("ctrl+r")
        assert row(screen, COUNT).error == ""
        assert "stale" not in str(screen.results.border_title)


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        (("calendar", "start"), "soon", "is not a date"),
        (("site", "power_cap_mw"), "6 parsecs", "has the unit"),
        (("workload", "tokens"), "-3", "is negative"),
        (("cluster", "pools", 0, "id"), "A B", "not allowed here"),
        (("workload", "sequence_length"), "4.5", "not a whole number"),
    ],
)
async def test_each_kind_of_field_says_what_is_wrong(
    make_app: MakeApp, path: tuple[str | int, ...], text: str, complaint: str
) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await type_into(pilot, screen, path, text)
        assert complaint in row(screen, path).error


async def test_undo_and_redo_name_the_change_and_join_keystrokes(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await type_into(pilot, screen, COUNT, "2048")
        await pilot.press("ctrl+z")
        assert screen.session.plan.cluster.pools[0].count == 1024
        await pilot.press("ctrl+y")
        assert screen.session.plan.cluster.pools[0].count == 2048
        messages = [notification.message for notification in app._notifications]
        assert messages == ["Undid: count 2048", "Redid: count 2048"]


async def test_a_system_is_picked_by_typing(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        row(screen, SYSTEM).control.focus()
        await pilot.press("d")
        await pilot.pause()
        await shown(pilot, Picker)
        await pilot.press("g", "x", "space", "h", "2", "0", "0")
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot)
        assert screen.session.plan.cluster.pools[0].system == "dgx-h200"


async def test_escape_leaves_the_picked_value_alone(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        row(screen, ("workload", "precision")).control.focus()
        await pilot.press("enter")
        await shown(pilot, Picker)
        await pilot.press("down", "escape")
        assert screen.session.plan.workload.precision == "bf16"


async def test_help_opens_on_the_focused_field_and_all_keys_outside(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await settled(pilot)
        row(screen, ("workload", "tokens")).control.focus()
        await pilot.press("f1")
        await shown(pilot, Page)
        assert isinstance(app.screen, Page)
        assert app.screen.page_title == "Help: tokens"
        assert any("13.2T" in line.plain for line in app.screen.draw_lines(80))
        await pilot.press("escape", "f5", "question_mark")
        await shown(pilot, Page)
        assert isinstance(app.screen, Page)
        assert app.screen.page_title == "All keys"


async def test_a_question_mark_in_a_field_is_typed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await settled(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        assert app.screen is screen


async def test_baseline_shows_differences_with_sign_and_word(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await pilot.press("f5", "b", "f2")
        await type_into(pilot, screen, COUNT, "2048")
        await settled(pilot)
        assert "-45 d better" in tiles(screen)
        assert "+5.1 MW worse" in tiles(screen)
        await pilot.press("f5", "B")
        assert "better" not in tiles(screen)


async def test_pools_are_added_shown_and_removed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        screen = await settled(pilot)
        await pilot.press("f7")
        await settled(pilot)
        assert [pool.id for pool in screen.session.plan.cluster.pools] == ["train", "pool-2"]
        assert "POOLS" in details(screen)
        assert "each stands alone below" in details(screen)
        await pilot.pause()
        screen.action_remove_pool()
        await settled(pilot)
        await pilot.pause(0.1)
        assert len(screen.session.plan.cluster.pools) == 1


async def test_the_last_pool_stays(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        screen = await settled(pilot)
        screen.action_remove_pool()
        await pilot.pause(0.1)
        assert len(screen.session.plan.cluster.pools) == 1


async def test_an_override_is_marked_and_can_be_reset_with_the_mouse(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 60)) as pilot:
        screen = await settled(pilot)
        await screen.form.reveal("site.pue")
        await type_into(pilot, screen, ("site", "pue"), "1.5")
        hint = row(screen, ("site", "pue")).hint
        assert "override" in str(hint.content)
        screen.form.scroll_end(animate=False)
        await pilot.pause()
        await pilot.click(hint, offset=(12, 0))
        await pilot.pause()
        assert screen.session.plan.site.pue is None
        assert "override" not in str(hint.content)


async def test_compliance_notes_open_and_ask_for_input(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        notes = screen.query_one("#notes", OptionList)
        assert str(notes.get_option_at_index(0).prompt).startswith("x BLOCK")
        assert "planning information, not legal advice" in str(screen.notes.border_subtitle)
        await pilot.press("f6", "home", "enter")
        await shown(pilot, Page)
        assert isinstance(app.screen, Page)
        assert any("[red]not markup[/" in line.plain for line in app.screen.draw_lines(80))
        await pilot.press("escape", "end", "enter")
        await pilot.pause(0.1)
        assert getattr(screen.focused, "path", None) == ("parties", "buyer_parent_country")


async def test_a_failed_estimate_keeps_the_last_one(make_app: MakeApp, fake_estimate: Estimator) -> None:
    def failing(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        if plan.cluster.pools[0].count == 7:
            raise PlanError("chip 'x' has no memory capacity")
        if plan.cluster.pools[0].count == 8:
            raise ZeroDivisionError("a bug")
        return fake_estimate(plan, cancelled)

    app = make_app(failing)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        before = tiles(screen)
        await type_into(pilot, screen, COUNT, "7")
        await settled(pilot)
        assert "no memory capacity" in str(screen.query_one("#banner").render())
        assert "stale" in str(screen.results.border_title)
        assert tiles(screen) == before
        await type_into(pilot, screen, COUNT, "8")
        await settled(pilot)
        assert "mistake in the planner" in str(screen.query_one("#banner").render())
        await type_into(pilot, screen, COUNT, "2048")
        await settled(pilot)
        assert not screen.query_one("#banner").has_class("-shown")


async def test_older_revisions_are_dropped_and_cancelled(make_app: MakeApp, fake_estimate: Estimator) -> None:
    gate = threading.Event()
    seen: list[bool] = []

    def slow(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        if plan.cluster.pools[0].count == 5:
            gate.wait(10)
            seen.append(cancelled())
        return fake_estimate(plan, cancelled)

    app = make_app(slow)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await type_into(pilot, screen, COUNT, "5")
        for _ in range(100):
            await pilot.pause(0.01)
            if "estimating" in str(screen.results.border_title):
                break
        assert "estimating" in str(screen.results.border_title)
        await type_into(pilot, screen, COUNT, "2048")
        await settled(pilot)
        gate.set()
        await pilot.pause(0.1)
        assert seen == [True]
        assert "28 Jan 2027" in tiles(screen)


@pytest.mark.parametrize("size", [(80, 24), pytest.param((160, 45), marks=pytest.mark.exhaustive)])
async def test_every_control_is_reached_by_tab(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        screen = await settled(pilot)
        reached = set()
        for _ in range(60):
            await pilot.press("tab")
            reached.add(screen.focused)
        controls = set(screen.query(TextField)) | set(screen.query(PickField))
        assert controls <= reached
        assert screen.query_one("#details") in reached


@pytest.mark.parametrize(
    ("size", "shown", "hidden"),
    [
        ((200, 50), {"plan", "estimate", "compliance"}, set()),
        ((120, 40), {"plan", "estimate", "compliance"}, set()),
        ((80, 24), {"plan", "estimate"}, {"compliance"}),
        ((70, 20), {"plan"}, {"compliance"}),
        ((59, 30), set(), {"plan", "estimate", "compliance"}),
        ((100, 17), set(), {"plan", "estimate", "compliance"}),
    ],
)
async def test_width_decides_the_panes(
    make_app: MakeApp, size: tuple[int, int], shown: set[str], hidden: set[str]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        screen = await settled(pilot)
        for name in shown:
            assert screen.query_one(f"#{name}").region.area > 0, name
        for name in hidden:
            assert screen.query_one(f"#{name}").region.area == 0, name
        assert bool(screen.query_one("#too-small").region.area) == (not shown)


async def test_panes_are_brought_forward_where_not_all_fit(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        await pilot.press("f6")
        await pilot.pause()
        assert screen.notes.region.area > 0
        assert screen.query_one("#tiles").region.area > 0
        await pilot.press("f5")
        await pilot.pause()
        assert screen.notes.region.area == 0


async def test_footer_has_at_most_six_keys_and_the_palette(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        for keys in (["f2"], ["f5"], ["f6"], ["f2", "shift+tab"]):
            await pilot.press(*keys)
            await pilot.pause()
            assert len(screen.key_bar.hints) <= 6
            assert "^P commands" in str(screen.key_bar.content)


async def test_mouse_alone_edits_and_picks(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await pilot.click(row(screen, ("workload", "precision")).control)
        await shown(pilot, Picker)
        await pilot.click("#picker-list", offset=(5, 2))
        await settled(pilot)
        assert screen.session.plan.workload.precision == "fp8"
        await pilot.click(row(screen, ("workload", "tokens")).label)
        assert screen.focused is row(screen, ("workload", "tokens")).control


async def test_no_color_paints_no_colour(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
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


async def test_every_theme_resolves_its_colours(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for theme in ("planner-light", "ansi-dark", "ansi-light", "nord", "planner-dark"):
            app.theme = theme
            await pilot.pause()
            assert "ONE STEP" in app.export_screenshot().replace("&#160;", " ")


async def test_hostile_names_are_shown_as_they_are(make_app: MakeApp) -> None:
    def hostile(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        raise PlanError("[bold]broken[/ \x1b]0;title\x07 profile")

    app = make_app(hostile)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        text = str(screen.query_one("#banner").render())
        assert "[bold]broken[/" in text
        assert "\x1b" not in text


async def test_input_survives_a_paste_of_rubbish(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        control = row(screen, COUNT).control
        assert isinstance(control, Input)
        control.value = "9" * 120
        await pilot.pause()
        assert row(screen, COUNT).error
