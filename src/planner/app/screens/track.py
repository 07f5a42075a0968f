"""A run against its plan: what its logs say by week, beside the plan's band, when it ends, and why."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from planner.acceptance.track import Track, track_logs
from planner.app.actions import bindings
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.drawing.field_help import keys_lines
from planner.app.drawing.pieces import BAD, QUIET, STRONG, Lines, line, wrapped
from planner.app.drawing.printed import printed_lines
from planner.app.drawing.track import track_plot
from planner.app.flows.export import copy
from planner.app.flows.exporting import export_made
from planner.app.flows.host import Host
from planner.app.layer import Layer
from planner.app.runner import Job, Runner
from planner.app.screen_actions import TRACK_ACTIONS
from planner.app.session import Session
from planner.app.shelf import PickItem, Shelf
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.plot_view import PlotView
from planner.files.reading import files_of, shown_path, typed_path
from planner.quantities.evaluation import Figures
from planner.report.markdown import markdown_text
from planner.report.terminal import terminal_text
from planner.report.track_document import exported_track, track_document
from planner.text import safe

KEYS = ("track_help", "go_weeks", "open_logs", "read_again", "export_track", "leave_track")
_NO_PLAN = "The plan cannot run: there is nothing to hold its run against."
_NO_TIMES = "no line of the logs says a time: rates alone are told"
_READING = "reading the logs"
_UNREAD = "nothing to draw: o opens other logs, r reads these again"
#: How logs are called, and how many are listed.
_SUFFIXES = (".log", ".csv", ".txt", ".out")
_MOST = 100


async def track_run(host: Host, session: Session, shelf: Shelf) -> None:
    """Ask for the logs of the plan's run, and hold the plan against them."""
    estimate = session.estimate
    if estimate is None or estimate.figures is None:
        host.tell(_NO_PLAN, is_warning=True)
        return
    picker = await asyncio.to_thread(log_picker, session)
    chosen = await host.choose_from(picker)
    if chosen is not None:
        session.tracked = typed_path(chosen)
        await host.choose_from(TrackScreen(session, estimate.figures, shelf))


def log_picker(session: Session) -> Picker:
    """Return the list of what may be logs: beside the plan, and in the working folder."""
    folders = [Path.cwd()] if session.path is None else [session.path.resolve().parent, Path.cwd()]
    items: dict[str, PickItem] = {}
    if session.tracked is not None:
        items[str(session.tracked)] = _item(session.tracked, "as before")
    for folder in dict.fromkeys(folders):
        try:
            found = sorted(folder.iterdir())[:_MOST]
        except OSError:
            continue
        for path in found:
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                items.setdefault(str(path), _item(path, shown_path(folder)))
    current = "" if session.tracked is None else str(session.tracked)
    return Picker(
        "The logs of the run",
        list(items.values()),
        current=current,
        takes_text=True,
        note="a log, or a folder of logs: type its path",
    )


def _item(path: Path, aside: str) -> PickItem:
    return PickItem(str(path), safe(path.name), safe(aside), search=safe(str(path)).lower())


class TrackScreen(Layer[None]):
    """Holds the plan's figures against the logs that the session names."""

    CSS_PATH = "track.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(TRACK_ACTIONS)
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (120, "-beside")]  # noqa: RUF012 - Textual's declaration

    def __init__(self, session: Session, figures: Figures, shelf: Shelf) -> None:
        super().__init__()
        self.session = session
        self.figures = figures
        self.shelf = shelf
        self.track: Track | None = None
        self.problem = ""
        self.work = Runner[Track](
            self, "track", on_result=self.take_track, on_problem=self.take_problem, what="the run"
        )
        self.plot = PlotView(id="track-plot", empty=_READING, hint="arrows move over the weeks")
        self.sheet = VerticalScroll(id="track-sheet")
        self.key_bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Lay out the plot and what the run says."""
        self.take_breakpoints()
        yield Static("planner  a run against its plan", markup=False, id="track-bar")
        with Horizontal(id="track-body"):
            yield self.plot
            with self.sheet:
                yield Static("", markup=False, id="track-text")
        yield self.key_bar

    def on_mount(self) -> None:
        """Read the logs."""
        self.plot.border_title = "F2 Tokens over days"
        self.sheet.border_title = "F5 Forecast"
        self.key_bar.show_actions(*KEYS)
        self.plot.focus()
        self.action_read_again()

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    # What is read

    def read(self, job: Job) -> Track:
        """Read the logs, in the worker's thread."""
        assert self.session.tracked is not None  # as chosen
        logs = files_of(self.session.tracked)
        return track_logs(self.session.plan.name, self.figures, logs, job.is_cancelled)

    def take_track(self, track: Track) -> None:
        """Show what the run says."""
        self.track = track
        self.draw()

    def take_problem(self, problem: str) -> None:
        """Say what hindered it."""
        self.problem = safe(problem)
        self.draw()

    # What is shown

    def draw(self) -> None:
        """Draw for the room there is."""
        tracked = self.session.tracked
        self.plot.border_subtitle = Content("" if tracked is None else safe(tracked.name))
        hindered = _UNREAD if self.problem else _READING
        self.plot.empty = hindered if self.track is None else _NO_TIMES
        self.plot.show(None if self.track is None else track_plot(self.track, self.figures))
        width = max(20, self.sheet.scrollable_content_region.width)
        self.query_one("#track-text", Static).update(Content("\n").join(self.lines(width)))

    def lines(self, width: int) -> Lines:
        """Return what the run says, its sentence first."""
        if self.problem:
            return wrapped(self.problem, width, first=("x ", BAD))
        if self.track is None:
            return [line((_READING, QUIET))]
        told = terminal_text(track_document(self.track, self.figures), width=width, is_coloured=True)
        return [*wrapped(self.track.sentence, width, style=STRONG), line(""), *printed_lines(told)]

    # Actions

    def action_go_weeks(self) -> None:
        """Go to the plot."""
        self.plot.focus()

    def action_go_forecast(self) -> None:
        """Go to what the run says."""
        self.sheet.focus()

    def action_read_again(self) -> None:
        """Read the logs anew."""
        self.track, self.problem = None, ""
        self.work.ask(self.read)
        self.call_after_refresh(self.draw)

    def action_open_logs(self) -> None:
        """Choose other logs."""
        self.run_flow("pick", self.open_logs(), lists=1)

    async def open_logs(self) -> None:
        """Ask for logs, and read them."""
        chosen = await self.choose_from(await asyncio.to_thread(log_picker, self.session))
        if chosen is not None:
            self.session.tracked = typed_path(chosen)
            self.action_read_again()

    def action_export_track(self) -> None:
        """Write it to a file."""
        if self.track is None:
            self.notify("There is nothing to export yet.", severity="warning", markup=False)
            return
        made = exported_track(self.track, self.figures)
        self.run_flow(
            "export", export_made(self, made, Path.cwd() / "run-so-far", "Export the run so far"), lists=1
        )

    def action_copy_track(self) -> None:
        """Copy it as Markdown."""
        text = None if self.track is None else markdown_text(track_document(self.track, self.figures))
        copy(self, self.key_bar, "run", text)

    def action_track_help(self) -> None:
        """Show the keys."""
        self.put_over(Page("A run against its plan: keys", lambda width: keys_lines(width, TRACK_ACTIONS)))

    def action_leave_track(self) -> None:
        """Go back to the plan."""
        self.work.drop()
        self.dismiss()
