"""The results: headline tiles that never scroll away, the details under them, and the number in question."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region, Spacing
from textual.message import Message
from textual.widgets import Static

from planner.app.drawing.details import draw_details
from planner.app.drawing.headline import draw_summary, draw_tiles
from planner.app.drawing.numbers_asked import Spot
from planner.app.drawing.pieces import View
from planner.app.widgets.drawn import Drawn

TITLE = "F5 Estimate"


#: A number on the pane: the panel that shows it, and where in there.
Place = tuple[Drawn, Spot]


class EstimateDetails(VerticalScroll):
    """The part of the results that scrolls; it holds the focus while somebody moves among the numbers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("left", "step(-1)", "Number before", show=False),
        Binding("right", "step(1)", "Number after", show=False),
        Binding("tab", "leap(1)", "Next group", show=False),
        Binding("shift+tab", "leap(-1)", "Group before", show=False),
        Binding("enter", "ask", "Explain", show=False),
    ]

    class Moved(Message):
        """Somebody moves among the numbers: by lines, by numbers or by groups of them."""

        def __init__(self, by: str, step: int) -> None:
            super().__init__()
            self.by = by
            self.step = step

    class Asked(Message):
        """Somebody wants the marked number explained."""

    class Focused(Message):
        """The focus came or went."""

    def compose(self) -> ComposeResult:
        """Lay out one text with every aspect: many small ones cost a layout each."""
        yield Drawn(draw_details, id="panels")

    def on_resize(self) -> None:
        """Use the new height."""
        self.query_one(Drawn).on_resize()

    def on_focus(self) -> None:
        """Tell the pane."""
        self.post_message(self.Focused())

    def on_blur(self) -> None:
        """Tell the pane."""
        self.post_message(self.Focused())

    def action_move(self, step: int) -> None:
        """Go up or down a line."""
        self.post_message(self.Moved("line", step))

    def action_step(self, step: int) -> None:
        """Go to the next number, or the one before."""
        self.post_message(self.Moved("number", step))

    def action_leap(self, step: int) -> None:
        """Go to the next group of numbers, or the one before."""
        self.post_message(self.Moved("group", step))

    def action_ask(self) -> None:
        """Ask for the marked number."""
        self.post_message(self.Asked())


class EstimatePane(Vertical):
    """Shows the last valid estimate, marked where it no longer belongs to what stands in the fields."""

    def __init__(self) -> None:
        super().__init__(id="estimate")
        self.state = ""
        self.problem = ""
        #: which number was marked when the focus went elsewhere
        self.left_at: int | None = None

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

    def clear(self) -> None:
        """Show no numbers: those that show are of another plan."""
        with self.app.batch_update():
            for drawn in self.query(Drawn):
                drawn.clear()

    def show_state(self, state: str) -> None:
        """Show in the title what the estimate is: nothing, `estimating`, or `stale` and why."""
        if state == self.state:
            return
        self.state = state
        self.border_title = Content(f"{TITLE} - {state}" if state else TITLE)
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

    # The number under the cursor

    def places(self) -> list[Place]:
        """Return every number that shows, in reading order."""
        return [(drawn, spot) for drawn in self.query(Drawn) for spot in drawn.spots()]

    def here(self, places: list[Place]) -> int | None:
        """Return which of the numbers is marked."""
        return next(
            (
                index
                for index, (drawn, spot) in enumerate(places)
                if drawn.marked is not None
                and (spot.number, spot.nth) == (drawn.marked.number, drawn.marked.nth)
            ),
            None,
        )

    def on_estimate_details_focused(self, event: EstimateDetails.Focused) -> None:
        """Mark a number while the focus is here."""
        event.stop()
        places = self.places()
        if not self.query_one(EstimateDetails).has_focus:
            # the number is kept, its mark goes
            self.left_at = self.here(places)
            self.mark(None)
        elif places:
            self.mark(places[min(self.left_at or 0, len(places) - 1)], scrolls=False)

    def on_estimate_details_moved(self, event: EstimateDetails.Moved) -> None:
        """Mark another number; past the first and the last one the text scrolls, or the focus goes on."""
        event.stop()
        places = self.places()
        here = self.here(places)
        target = None
        if here is None:
            target = 0 if places else None
        elif event.by == "number":
            target = here + event.step if 0 <= here + event.step < len(places) else None
        elif event.by == "line":
            target = on_next_line(places, here, event.step)
        else:
            target = in_next_group(places, here, event.step)
        if target is not None:
            self.mark(places[target])
        else:
            self.pass_on(event)

    def pass_on(self, event: EstimateDetails.Moved) -> None:
        """Do what a key does where there is no further number."""
        details = self.query_one(EstimateDetails)
        if event.by == "group" and event.step > 0:
            self.screen.focus_next()
        elif event.by == "group":
            self.screen.focus_previous()
        elif event.step > 0:
            details.scroll_down(animate=False)
        else:
            details.scroll_up(animate=False)

    def mark(self, place: Place | None, *, scrolls: bool = True) -> None:
        """Mark one number, or none, and bring it into view."""
        with self.app.batch_update():
            for drawn in self.query(Drawn):
                drawn.mark(place[1] if place is not None and place[0] is drawn else None)
        if place is not None and scrolls and place[0].id == "panels":
            _, spot = place
            region = Region(spot.start, spot.row, spot.end - spot.start, 1)
            details = self.query_one(EstimateDetails)
            details.scroll_to_region(region, animate=False, spacing=Spacing(1, 0, 1, 0), x_axis=False)

    def on_estimate_details_asked(self, event: EstimateDetails.Asked) -> None:
        """Pass on which number is marked."""
        event.stop()
        places = self.places()
        here = self.here(places)
        if here is not None:
            self.post_message(Drawn.Asked(places[here][1].number))


def on_next_line(places: list[Place], here: int, step: int) -> int | None:
    """Return the number nearest to one of them in the next line that has any, or None where none has."""
    panel, spot = places[here]

    def line_of(index: int) -> tuple[Drawn, int]:
        return places[index][0], places[index][1].row

    index = here
    while 0 <= index < len(places) and line_of(index) == (panel, spot.row):
        index += step
    if not 0 <= index < len(places):
        return None
    line = line_of(index)
    on_line = [other for other in range(len(places)) if line_of(other) == line]
    return min(on_line, key=lambda other: abs(places[other][1].start - spot.start))


def in_next_group(places: list[Place], here: int, step: int) -> int | None:
    """Return the first number of the next group, or of the one before; None where there is none."""
    starts = [
        index
        for index, (panel, spot) in enumerate(places)
        if index == 0
        or (panel, spot.number.group) != (places[index - 1][0], places[index - 1][1].number.group)
    ]
    if step > 0:
        return next((start for start in starts if start > here), None)
    before = [start for start in starts if start < here]
    return before[-1] if before else None
