"""Days against size beside the plan: worked out while nobody presses a key, and dropped with the next one."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.content import Content

from planner.app.layer import Layer
from planner.app.runner import Job, Runner
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.app.widgets.plot_view import PlotView

if TYPE_CHECKING:
    from planner.app.exploration import Exploration
    from planner.exploring.curve import Sized

#: Nobody has pressed a key for so long. [s]
IDLE_S = 0.6
#: Between two sizes keys get their turn. [s]
_BREATH_S = 0.02
#: The plot is drawn anew no sooner: keys wait for each drawing. [s]
_REDRAW_S = 0.15
#: Of a plot that has nothing to show and takes no room.
NO_CURVE = "-none"
#: Why there is no curve.
NO_SYSTEM = "Choose a system: then days against its count stand here."
NOTHING_RUNS = "No count of this system can run the plan."


class SizeCurve:
    """Keeps a plot of the plan's days against the count of its system up to date, while it shows."""

    def __init__(self, screen: Layer[Any], session: Session, shelf: Shelf) -> None:
        self.session = session
        self.shelf = shelf
        self.view = PlotView(
            id="sizes", empty="working it out", hint="arrows move over the sizes, Enter makes one the count"
        )
        self.exploration: Exploration | None = None
        #: when the plot was drawn last
        self.drawn_at = 0.0
        self.runner = Runner[bool](
            screen,
            "sizes",
            on_result=self.take_end,
            on_problem=self.take_problem,
            debounce_s=IDLE_S,
            what="days against size",
        )

    def drop(self) -> None:
        """Work on nothing: a key was pressed."""
        self.runner.drop()

    def ask(self) -> None:
        """Find out what the plan takes on other counts, where the plot shows and nothing is known yet.

        Several pools have no one count: what else is told has the room.
        """
        is_none = self.session.plan.is_shared
        if is_none != self.view.has_class(NO_CURVE):
            self.view.set_class(is_none, NO_CURVE)
            self.view.call_after_refresh(self.ask)
        if is_none or not self.view.display or not self.view.size.area:
            return
        # NumPy comes with it, and the estimate has it already
        from planner.app.exploration import Exploration  # noqa: PLC0415
        from planner.exploring.targets import Asked  # noqa: PLC0415

        plan = self.session.plan
        known = self.exploration
        if known is not None and known.is_of(plan, Asked(), self.shelf.readings) and known.done:
            return
        self.exploration = Exploration.of(plan, Asked(), self.shelf.readings)
        if self.exploration.has_systems:
            self.runner.ask(partial(self.find_out, self.exploration))
        else:
            self.view.empty = NO_SYSTEM
            self.view.show(None)

    def find_out(self, exploration: Exploration, job: Job) -> bool:
        """Find out one size after the other, in the worker's thread."""
        from planner.app.exploring import curve_pieces  # noqa: PLC0415 - as above

        catalog = self.shelf.catalog()
        exploration.aim(catalog)
        for sized in curve_pieces(exploration, catalog, exploration.system, job.is_cancelled):
            if job.is_cancelled():
                return False
            if not isinstance(sized, bool):
                job.tell(self.take, sized)
            time.sleep(_BREATH_S)
        return True

    def take(self, sized: Sized) -> None:
        """Show a size more."""
        assert self.exploration is not None  # whose work it was
        self.exploration.take(("curve", self.exploration.system, sized))
        if time.monotonic() - self.drawn_at >= _REDRAW_S:
            self.draw()

    def take_end(self, is_whole: bool) -> None:
        """Show that no more comes."""
        if self.exploration is not None and is_whole:
            self.exploration.done.add(("curve", self.exploration.system))
            self.view.empty = NOTHING_RUNS
            self.draw()

    def take_problem(self, problem: str) -> None:
        """Say what hindered it."""
        self.view.empty = problem
        self.view.show(None)

    def draw(self) -> None:
        """Draw what is known."""
        from planner.app.drawing.size_plots import curve_plot  # noqa: PLC0415 - as above

        if self.exploration is not None:
            name = self.shelf.marked_systems(self.exploration.system)
            self.view.border_title = Content(f"Against size: {name}")
            self.view.show(curve_plot(self.exploration, name))
            self.drawn_at = time.monotonic()

    def counts_of(self, point: str) -> tuple[int, ...]:
        """Return the counts of a point, of each pool; nothing where there is no such point."""
        from planner.app.drawing.size_plots import point_id  # noqa: PLC0415 - as above

        shown = [] if self.exploration is None else self.exploration.curve_shown()
        return next((sized.counts for sized in shown if point_id(sized) == point), ())
