"""A page that has to be worked out first: the explanation of a number, a diff of two plans."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.content import Content

from planner.app.dialogs.page import Page
from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.drawing.printed import printed_lines
from planner.app.runner import Runner

#: How a report is printed at a width, in colour or not.
Printed = Callable[[int, bool], str]
Work = Callable[[], Printed]


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
            dialog.border_subtitle = Content(f"{self.hint}   {dialog.border_subtitle}")
        runner = Runner[Printed](
            self, "report", on_result=self.show_report, on_problem=self.show_problem, what="this page"
        )
        runner.ask(lambda _job: self.work())

    def show_report(self, printed: Printed) -> None:
        """Show what came of it."""
        self.draw_lines = partial(_drawn, printed)
        self.draw()

    def show_problem(self, problem: str) -> None:
        """Show what hindered it."""
        self.draw_lines = partial(_problem, problem)
        self.draw()


def _drawn(printed: Printed, width: int) -> Lines:
    return printed_lines(printed(width, True))


def _problem(problem: str, width: int) -> Lines:
    return wrapped(problem, width, first=("x ", BAD))
