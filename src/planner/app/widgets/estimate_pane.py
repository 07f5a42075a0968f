"""The results: headline tiles that never scroll away, and the details under them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from planner.app.drawing.details import draw_details
from planner.app.drawing.headline import draw_summary, draw_tiles
from planner.app.drawing.pieces import View
from planner.app.widgets.drawn import Drawn

TITLE = "F5 Estimate"


class EstimateDetails(VerticalScroll):
    """The part of the results that scrolls."""

    def compose(self) -> ComposeResult:
        """Lay out one text with every aspect: many small ones cost a layout each."""
        yield Drawn(draw_details, id="panels")

    def on_resize(self) -> None:
        """Use the new height."""
        self.query_one(Drawn).on_resize()


class EstimatePane(Vertical):
    """Shows the last valid estimate, marked where it no longer belongs to what stands in the fields."""

    def __init__(self) -> None:
        super().__init__(id="estimate")
        self.state = ""
        self.problem = ""

    def compose(self) -> ComposeResult:
        """Lay out banner, headline and details."""
        yield Static("", markup=False, id="banner")
        yield Drawn(draw_tiles, id="tiles")
        yield Drawn(draw_summary, id="summary")
        yield EstimateDetails(id="details")

    def on_mount(self) -> None:
        """Say that nothing is there yet."""
        self.border_title = TITLE
        self.show_state("reading profiles")

    def show(self, view: View) -> None:
        """Show an estimate in one repaint."""
        with self.app.batch_update():
            for drawn in self.query(Drawn):
                drawn.show(view)

    def show_state(self, state: str) -> None:
        """Show in the title what the estimate is: nothing, `estimating`, or `stale` and why."""
        if state == self.state:
            return
        self.state = state
        self.border_title = f"{TITLE} - {state}" if state else TITLE
        self.set_class(state.startswith("stale"), "-stale")

    def show_problem(self, problem: str) -> None:
        """Show over the results why there is no newer estimate; an empty text takes it away."""
        if problem == self.problem:
            return
        self.problem = problem
        banner = self.query_one("#banner", Static)
        banner.update(Content(f"x {problem}") if problem else "")
        banner.set_class(bool(problem), "-shown")

    def figures(self) -> str:
        """Return the headline as plain text, for the clipboard."""
        tiles = self.query_one("#tiles", Drawn)
        return "\n".join(line.plain.rstrip() for line in tiles.drawn_lines)
