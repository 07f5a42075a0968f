"""Plots: where things stand on them, what holds without room or colour, the cursor over their points."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import on
from textual.app import App, ComposeResult

from planner.app.drawing.plot import Band, Curve, Plot, Point, Target
from planner.app.drawing.plot_axis import Axis, Scale
from planner.app.drawing.plot_cells import Cells
from planner.app.drawing.plot_drawing import draw_plot
from planner.app.drawing.plot_table import table_lines
from planner.app.widgets.plot_view import PlotView

SQUARE = Plot(
    Axis("x", is_log=True, low=1.0, high=100.0),
    Axis("y", is_log=True, low=1.0, high=100.0),
    points=[
        Point("low", 1.0, 1.0, sign="a", words="the low one"),
        Point("middle", 10.0, 10.0, sign="b", words="the middle one"),
        Point("high", 100.0, 100.0, sign="c", words="the high one"),
    ],
)


def text(plot: Plot, width: int = 60, height: int = 16, cursor: str | None = None) -> list[str]:
    return [row.plain for row in draw_plot(plot, width, height, cursor).lines]


def test_points_stand_at_the_ends_and_in_the_middle_of_logarithmic_axes() -> None:
    rows = text(SQUARE, 45, 24)
    plot = [row.split("\u2502")[-1].split("\u2524")[-1] for row in rows[1:-2]]
    assert len(plot) == 21
    assert plot[0].rindex("c") == len(plot[0]) - 1
    assert plot[10].index("b") == (len(plot[0]) - 1) // 2
    assert plot[-1].index("a") == 0


def test_a_straight_curve_is_drawn_between_its_ends_only_and_not_over_a_gap() -> None:
    xs = [0.0, 1.0, 2.0, 3.0]
    whole = "\n".join(text(Plot(Axis("x"), Axis("y"), curves=[Curve("c", xs, [0.0, 1.0, 2.0, 3.0])])))
    torn = "\n".join(text(Plot(Axis("x"), Axis("y"), curves=[Curve("c", xs, [0.0, 1.0, math.nan, 3.0])])))
    dots = [sum("\u2800" < sign <= "\u28ff" for sign in drawn) for drawn in (whole, torn)]
    assert dots[0] > 2 * dots[1] > 0


def test_the_words_of_a_target_are_read_over_a_curve_and_beside_a_point() -> None:
    level = [Curve("c", [1.0, 100.0], [10.0, 10.0])]
    target = [Target(10.0, "deadline 107 days")]
    plot = Plot(Axis("x"), Axis("y", low=1.0, high=100.0), curves=level, targets=target)
    (row,) = (row for row in text(plot, 36, 10) if "deadline 107 days" in row)
    assert row.rstrip().endswith("days " + row.rstrip()[-1])
    there = Plot(plot.x, plot.y, level, points=[Point("p", 98.0, 10.0, sign="P")], targets=target)
    (row,) = (row for row in text(there, 36, 10) if "deadline 107 days" in row)
    assert row.index("deadline") < row.index("P")


def test_dots_of_two_curves_share_a_cell() -> None:
    cells = Cells(1, 1)
    cells.dot(0, 0, "")
    cells.dot(1, 3, "")
    assert cells.rows()[0].plain == chr(0x2800 | 0x01 | 0x80)


def test_bands_and_targets_are_told_without_colour() -> None:
    plot = Plot(
        Axis("systems"),
        Axis("days"),
        curves=[Curve("median", [1, 2], [10.0, 5.0])],
        bands=[Band("P10..P90", [1, 2], [8.0, 4.0], [12.0, 6.0])],
        targets=[Target(7.0, "7 d"), Target(1.5, "half", axis="x")],
    )
    drawn = text(plot)
    assert drawn[0].startswith("days  \u2591 P10..P90  \u2500 median")
    assert any("\u254c 7 d \u254c" in row for row in drawn)
    assert any("\u254e half" in row for row in drawn)
    assert drawn[-2].endswith("systems")
    table = [row.plain for row in table_lines(plot, 60)]
    assert any(row.split() == ["P10..P90", "1", "8..12"] for row in table)
    assert any(row.split() == ["target", "half", "1.5"] for row in table)


@pytest.mark.parametrize("hostile", ["[/]", "[bold]x", "\x1b]0;title\x07", "a\nb"])
def test_text_from_outside_stays_text_on_one_line(hostile: str) -> None:
    plot = Plot(
        Axis(hostile),
        Axis(hostile),
        curves=[Curve(hostile, [1, 2], [1.0, 2.0])],
        points=[Point("p", 1, 1, words=hostile)],
        targets=[Target(1.5, hostile)],
    )
    for rows in (text(plot), [row.plain for row in table_lines(plot, 60)]):
        assert all(sign.isprintable() for row in rows for sign in row)
        assert len(rows) <= 16


numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(
    st.lists(st.tuples(numbers, numbers), max_size=6),
    st.booleans(),
    st.integers(1, 120),
    st.integers(1, 40),
)
def test_whatever_the_numbers_and_the_room_it_fits_and_fails_nowhere(
    pairs: list[tuple[float, float]], is_log: bool, width: int, height: int
) -> None:
    xs, ys = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    plot = Plot(
        Axis("x", is_log=is_log),
        Axis("y", is_log=is_log),
        curves=[Curve("c", xs, ys)],
        bands=[Band("b", xs, ys, ys)],
        points=[Point(str(place), *pair) for place, pair in enumerate(pairs)],
    )
    drawing = draw_plot(plot, width, height)
    assert all(row.cell_length <= width for row in drawing.lines)
    assert all(0 <= x < width + 40 and 0 <= y < max(height, 4) for x, y in drawing.places.values())
    table_lines(plot, width)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12))
def test_linear_ticks_are_round_and_as_few_as_asked(low: float, span: float, most: int) -> None:
    ticks = Scale(is_log=False, low=low, high=low + span).ticks(most)
    assert len(ticks) <= most + 1
    assert ticks == sorted(ticks)


@given(st.floats(1e-6, 1e6), st.floats(1.5, 1e9), st.integers(2, 12))
def test_logarithmic_ticks_lie_on_the_axis_and_are_as_few_as_asked(
    low: float, factor: float, most: int
) -> None:
    scale = Scale(is_log=True, low=low, high=low * factor)
    ticks = scale.ticks(most)
    assert len(ticks) <= most + 1
    assert all(-1e-6 <= scale.share(tick) <= 1 + 1e-6 for tick in ticks)


def test_arrows_reach_every_point_even_those_at_one_place() -> None:
    plot = Plot(Axis("x"), Axis("y"), points=[Point(name, 5.0, 5.0) for name in "abc"])
    drawing = draw_plot(plot, 60, 16)
    assert [drawing.next(here, 1, 0) for here in (None, "a", "b", "c")] == ["a", "b", "c", "c"]
    assert drawing.next("c", -1, 0) == "b"


class Shown(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.view = PlotView()
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        self.view.styles.height = "1fr"
        yield self.view

    def on_mount(self) -> None:
        self.view.show(SQUARE)
        self.view.focus()

    @on(PlotView.Marked)
    def hear(self, event: PlotView.Marked) -> None:
        self.heard.append(f"{type(event).__name__} {event.point}")


async def test_keys_and_clicks_move_the_cursor_and_choose() -> None:
    app = Shown()
    async with app.run_test(size=(60, 18)) as pilot:
        await pilot.press("right", "right", "up", "enter")
        await pilot.pause()
        assert app.heard == ["Marked low", "Marked middle", "Marked high", "Chosen high"]
        assert "the high one" in str(app.view.content)
        app.heard.clear()
        x, y = (int(part) for part in app.view.drawing.places["low"])
        await pilot.click(app.view, offset=(x, y))
        await pilot.click(app.view, offset=(x, y))
        await pilot.pause()
        assert app.heard == ["Marked low", "Chosen low"]


async def test_too_little_room_shows_the_table_and_a_key_turns_it() -> None:
    app = Shown()
    async with app.run_test(size=(60, 18)) as pilot:
        assert "\u253c" not in str(app.view.content)
        assert "\u2514" in str(app.view.content)
        await pilot.press("t")
        assert "the middle one" in str(app.view.content)
        await pilot.press("t")
        await pilot.resize_terminal(28, 7)
        await pilot.pause()
        assert "\u2514" not in str(app.view.content)
