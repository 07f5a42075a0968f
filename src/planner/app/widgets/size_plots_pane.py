"""Under the ranking: the curve of a system, the front of all, and the tornado of the plan."""

from __future__ import annotations

from collections.abc import Collection

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.drawing.size_plots import curve_plot, front_plot, point_id
from planner.app.drawing.tornado import tornado_lines
from planner.app.exploration import Exploration, Part
from planner.app.shelf import Shelf
from planner.app.widgets.plot_view import PlotView
from planner.app.widgets.ranking_pane import no_target
from planner.exploring.curve import Sized

_HINT = "arrows move over the sizes, Enter makes one the plan"
_WORKING = "working it out"
_NO_SYSTEM = "the plan names no system yet: Enter in the ranking gives it one"


class SizePlotsPane(Horizontal):
    """Shows three panes; which of them are seen depends on the room."""

    def __init__(self) -> None:
        super().__init__(id="explore-below")
        self.curve = PlotView(id="explore-curve", empty=_WORKING, hint=_HINT)
        self.front = PlotView(id="explore-front", empty=_WORKING, hint=_HINT)
        self.tornado = VerticalScroll(id="explore-tornado")
        self.swings = Static("", markup=False, id="explore-swings")

    def compose(self) -> ComposeResult:
        """Lay out the three."""
        yield self.curve
        yield self.front
        with self.tornado:
            yield self.swings

    def show(self, exploration: Exploration, shelf: Shelf, parts: Collection[Part]) -> None:
        """Show what is known by now, in the panes that are named."""
        if "curve" in parts:
            self.show_curve(exploration, shelf)
        if "front" in parts:
            self.show_front(exploration, shelf)
        if "tornado" in parts:
            self.show_tornado(exploration)

    def show_curve(self, exploration: Exploration, shelf: Shelf) -> None:
        """Show the measure against the size of the system that is looked at."""
        name = shelf.marked_systems(exploration.system)
        # plain text would be read as markup
        self.curve.border_title = Content(f"F3 Against size: {name}" if name else "F3 Against size")
        steps = "r steps a day  " if exploration.is_post_training else ""
        self.curve.border_subtitle = Content(f"d days  {steps}p power  c money")
        problem = exploration.said("curve", exploration.system)
        self.curve.empty = problem or (_WORKING if exploration.system else _NO_SYSTEM)
        self.curve.show(curve_plot(exploration, name))

    def show_front(self, exploration: Exploration, shelf: Shelf) -> None:
        """Show all systems by days and what they take."""
        self.front.border_title = Content(f"F4 Front: days against {exploration.against}")
        self.front.border_subtitle = "x money or power"
        nothing = no_target(exploration) if exploration.targets is None else "nothing meets the targets yet"
        self.front.empty = exploration.said("more", "") or nothing
        names = {system: shelf.marked_systems(system) for system in exploration.answers}
        vendors = {system: shelf.vendor(system) for system in exploration.answers}
        self.front.show(front_plot(exploration, names, vendors))

    def show_tornado(self, exploration: Exploration) -> None:
        """Show what moves the measure."""
        self.tornado.border_title = "F5 What moves it, in this plan"
        width = max(20, self.tornado.scrollable_content_region.width)
        self.swings.update(Content("\n").join(_swings(exploration, width)))

    def curve_marked(self, exploration: Exploration) -> Sized | None:
        """Return the size that the curve's cursor is on."""
        return _by_id(exploration.curve_shown(), self.curve.cursor)

    def front_marked(self, exploration: Exploration) -> Sized | None:
        """Return the size that the front's cursor is on."""
        return _by_id(exploration.front()[0], self.front.cursor)


def _swings(exploration: Exploration, width: int) -> Lines:
    """Return the tornado, or what stands in for it."""
    found = exploration.tornados.get(exploration.measure)
    if found is not None:
        is_growing = ("tornado", exploration.measure) not in exploration.done
        return tornado_lines(found, width, is_growing=is_growing)
    if not exploration.has_systems:
        return [line((_NO_SYSTEM, QUIET))]
    problem = exploration.said("tornado", exploration.measure)
    return wrapped(problem, width, first=("x ", BAD)) if problem else [line((_WORKING, QUIET))]


def _by_id(points: list[Sized], identifier: str | None) -> Sized | None:
    return next((sized for sized in points if point_id(sized) == identifier), None)
