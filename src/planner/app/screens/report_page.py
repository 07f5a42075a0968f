"""A page that has to be worked out first: the explanation of a number, a diff of two plans."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.worker import get_current_worker

from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.drawing.printed import printed_lines
from planner.app.live import report_bug
from planner.app.screens.page import Page
from planner.errors import PlannerError

#: Returns how a report is printed at a width, in colour or not.
Work = Callable[[], Callable[[int, bool], str]]


class ReportPage(Page):
    """Shows what a command of the same name would print; it is made in a worker's thread."""

    def __init__(self, title: str, work: Work, *, hint: str = "") -> None:
        super().__init__(title, lambda _width: [line(("working it out", QUIET))])
        self.work = work
        self.hint = hint
        self.add_class("wide")

    def on_mount(self) -> None:
        """Begin."""
        super().on_mount()
        if self.hint:
            dialog = self.query_one(".dialog")
            dialog.border_subtitle = f"{self.hint}   {dialog.border_subtitle}"
        self.run_worker(self.make, thread=True, exit_on_error=False)

    def make(self) -> None:
        """Make the report, in the worker's thread; what hinders it becomes the page."""
        worker = get_current_worker()
        draw: Callable[[int], Lines]
        try:
            draw = partial(_drawn, self.work())
        except PlannerError as error:
            draw = partial(_problem, str(error))
        except Exception as error:
            draw = partial(_problem, report_bug(error, what="this page"))
        if not worker.is_cancelled:
            self.app.call_from_thread(self.show_lines, draw)

    def show_lines(self, draw: Callable[[int], Lines]) -> None:
        """Show what came of it."""
        self.draw_lines = draw
        if self.is_attached:
            self.draw()


def _drawn(printed: Callable[[int, bool], str], width: int) -> Lines:
    return printed_lines(printed(width, True))


def _problem(problem: str, width: int) -> Lines:
    return wrapped(problem, width, first=("x ", BAD))
