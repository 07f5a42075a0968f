"""The compliance notes by severity: Enter opens a note, or goes to the field that it asks for."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from planner.app.drawing.notes import ADVICE, NoteRow, counts_line, note_rows
from planner.app.widgets.choices import Choices
from planner.planning.compliance_result import ComplianceReport
from planner.report.numbers import date

TITLE = "F6 Compliance"


class CompliancePane(Vertical):
    """A list of notes, with what they are not in the frame, where it cannot scroll away."""

    class Chosen(Message):
        """Somebody wants to read a note, or to fill in what it asks for."""

        def __init__(self, row: NoteRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self) -> None:
        super().__init__(id="compliance")
        self.report: ComplianceReport | None = None
        self.drawn_width = 0
        self.note_rows: list[NoteRow] = []
        #: how far the notes may be trusted; empty: wholly
        self.state = ""

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield Choices(id="notes", markup=False)

    def on_mount(self) -> None:
        """Show the key, and what the notes are not."""
        self.border_title = TITLE
        self.border_subtitle = ADVICE

    def show(self, report: ComplianceReport) -> None:
        """Show a report; nothing is painted where it did not change."""
        if report != self.report:
            self.report = report
            self.draw()

    def clear(self) -> None:
        """Show no notes: those that show are of another plan."""
        self.report = None
        self.note_rows = []
        self.query_one(OptionList).clear_options()
        self.show_title()
        self.border_subtitle = ADVICE

    def show_state(self, state: str) -> None:
        """Show in the title what the notes are: nothing, `estimating`, or `stale` and why."""
        if state != self.state:
            self.state = state
            self.set_class(state.startswith("stale"), "-stale")
            self.show_title()

    def show_title(self) -> None:
        """Show key, state and counts in the frame."""
        counts = counts_line(self.report) if self.report is not None else ""
        self.border_title = Content(" - ".join(part for part in (TITLE, self.state, counts) if part))

    def on_resize(self) -> None:
        """Draw again where the width changed."""
        if self.query_one(OptionList).content_size.width != self.drawn_width:
            self.draw()

    def draw(self) -> None:
        """Make the rows for the width there is; the cursor stays where it was."""
        notes = self.query_one(Choices)
        width = notes.scrollable_content_region.width
        if self.report is None or width <= 0:
            return
        self.drawn_width = notes.content_size.width
        self.note_rows = note_rows(self.report, width - 2)
        # the first row is ready for Enter before an arrow key was pressed
        notes.show_rows([row.prompt for row in self.note_rows])
        self.show_title()
        # what may be cut in a narrow pane stands last
        self.border_subtitle = Content(f"{ADVICE}; rules as of {date(self.report.as_of)}")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass on which row was chosen."""
        event.stop()
        # other notes may be listed by now, and fewer
        if event.option_index < len(self.note_rows):
            self.post_message(self.Chosen(self.note_rows[event.option_index]))
