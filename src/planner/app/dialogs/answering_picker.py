"""A list whose rows say what they would come to: days, power and purchase, filled in while it is open."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static

from planner.app.answers import HEADINGS, Answer, Answering, in_order
from planner.app.dialogs.picker import Picker, Preview
from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.app.runner import Job, Runner
from planner.app.shelf import PickItem
from planner.report.page import cut, pad

#: Answers are shown together, that often. [s]
TOLD_EVERY_S = 0.2
#: Between two answers keys get their turn. [s]
BREATH_S = 0.002
#: Cells of each column, with the space before it.
WIDTHS = (9, 10, 12, 9)
#: A name gets at least that much, before columns do.
LEAST_NAME = 22
Answers = list[tuple[str, Answer]]


class AnsweringPicker(Picker):
    """A picker whose rows are worked out one after the other, those in sight first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+t", "sort", "Sort", show=False)]
    more_keys = "   ^T sort"

    def __init__(
        self,
        title: str,
        items: Sequence[PickItem],
        answer: Answering,
        *,
        current: str = "",
        typed: str = "",
        preview: Preview | None = None,
        note: str = "",
        own: Callable[[str], PickItem | None] | None = None,
    ) -> None:
        super().__init__(title, items, current=current, typed=typed, preview=preview, note=note, own=own)
        self.answer = answer
        self.answers: dict[str, Answer] = {}
        self.by_id = {item.id: item for item in items}
        #: by which column rows are sorted; None: as they are listed
        self.column: int | None = None
        self.runner = Runner[Answers](
            self, "answers", on_result=self.finish, on_problem=self.give_up, what="what the list comes to"
        )

    def compose_head(self) -> ComposeResult:
        """Lay out what stands over the columns."""
        yield Static("", markup=False, id="picker-head")

    def on_mount(self) -> None:
        """Begin to answer."""
        self.query_one(".picker").add_class("-answering")
        self.runner.ask(self.work)

    # In the worker's thread

    def work(self, job: Job) -> Answers:
        """Answer one entry after the other until nobody waits; return those that were not told yet."""
        batch: Answers = []
        told = 0.0
        answered: set[str] = set()
        while not job.is_cancelled():
            identifier = next((one for one in self.wanted() if one not in answered), None)
            if identifier is None:
                break
            answered.add(identifier)
            answer = self.answer(identifier, job)
            if job.is_cancelled():
                break
            batch.append((identifier, answer))
            if time.monotonic() - told > TOLD_EVERY_S:
                job.tell(self.hear, batch)
                batch, told = [], time.monotonic()
            time.sleep(BREATH_S)
        return batch

    def wanted(self) -> Iterator[str]:
        """Yield what is to be answered: what is chosen now, what matches what was typed, then all else."""
        in_sight = [self.current, *(item.id for item in list(self.matching))]
        for identifier in (*in_sight, *self.by_id):
            item = self.by_id.get(identifier)
            if item is not None and not item.problem and not item.unfit:
                yield identifier

    # In the screen's own thread

    def hear(self, answers: Answers) -> None:
        """Show some answers."""
        self.answers.update(answers)
        if self.column is not None:
            self.refill_in_place()
            return
        told = {identifier for identifier, _ in answers}
        options = self.query_one("#picker-list", OptionList)
        width = self.row_width()
        for index, item in enumerate(self.matching):
            if item.id in told and index < options.option_count:
                options.replace_option_prompt_at_index(index, self.prompt(item, width))
        self.show_head()

    def finish(self, answers: Answers) -> None:
        """Show the last answers."""
        self.hear(answers)

    def give_up(self, problem: str) -> None:
        """Say why there are no more answers."""
        self.notify(problem, severity="warning", markup=False)

    def refill(self) -> None:
        """Show what matches, and what stands over it."""
        super().refill()
        self.show_head()

    def refill_in_place(self) -> None:
        """Show what matches in its new order, the cursor on what it was on."""
        marked = self.marked()
        self.refill()
        if marked is not None:
            here = next((index for index, item in enumerate(self.matching) if item.id == marked.id), 0)
            self.query_one("#picker-list", OptionList).highlighted = here

    def matches(self, words: list[str]) -> list[PickItem]:
        """Return what matches, by the column that was chosen; what does not go with the plan comes last."""
        found = super().matches(words)
        known = [item for item in found if item.id in self.by_id]
        own = [item for item in found if item.id not in self.by_id]
        order = in_order([item.id for item in known], self.answers, self.column)
        place = {identifier: index for index, identifier in enumerate(order)}
        known.sort(key=lambda item: (bool(item.problem or item.unfit), place[item.id]))
        return [*known, *own]

    def action_sort(self) -> None:
        """Sort by the next column; after the last, as the list was."""
        columns = [None, *range(len(HEADINGS))]
        self.column = columns[(columns.index(self.column) + 1) % len(columns)]
        self.refill_in_place()

    # Drawing

    def shown_columns(self, width: int) -> int:
        """Return how many columns have room beside a name."""
        return next((n for n in range(len(WIDTHS), 0, -1) if width - 2 - sum(WIDTHS[:n]) >= LEAST_NAME), 1)

    def show_head(self) -> None:
        """Show what stands over the columns, and how many answers are still to come."""
        width = self.row_width()
        shown = self.shown_columns(width)
        left = len(set(self.wanted())) - len(self.answers)
        told = f"{left} to come" if left > 0 and self.runner.is_busy else ""
        room = width - sum(WIDTHS[:shown])
        titles = [
            (f"{title + (' v' if column == self.column else ''):>{WIDTHS[column]}}", HEADING)
            for column, title in enumerate(HEADINGS[:shown])
        ]
        head = line((pad(f"  {told}", max(2, room)), QUIET), *titles)
        self.query_one("#picker-head", Static).update(fitted(head, max(8, width)))

    def problem_of(self, item: PickItem) -> str:
        """Return why the plan could not run with an entry; empty where it could, or is not known to."""
        answer = self.answers.get(item.id)
        return item.unfit or (answer.problem if answer is not None else "")

    def detail(self, identifier: str, width: int) -> Lines:
        """Return the figures of an entry, and above them why the plan could not run with it."""
        problem = self.problem_of(self.by_id[identifier]) if identifier in self.by_id else ""
        above = [*wrapped(problem, width, first=("x ", BAD)), line("")] if problem else []
        return [*above, *super().detail(identifier, width)]

    def prompt(self, item: PickItem, width: int) -> Content:
        """Return one row of the list."""
        answer = self.answers.get(item.id)
        problem = self.problem_of(item)
        if item.problem or item.id not in self.by_id:
            return super().prompt(item, width)
        mark = ("\u2022 ", HEADING) if item.id == self.current else ("x ", BAD) if problem else "  "
        if problem:
            room = max(12, min(34, width // 2))
            return fitted(
                line(mark, (pad(cut(item.title, room), room), STRONG), "  ", (problem, QUIET)), max(8, width)
            )
        shown = self.shown_columns(width)
        room = max(8, width - 2 - sum(WIDTHS[:shown]) - (len(item.mark) + 2 if item.mark else 0))
        texts = answer.texts if answer is not None else ("\u00b7",) * len(WIDTHS)
        cells = [(f"{text:>{WIDTHS[column]}}", "") for column, text in enumerate(texts[:shown])]
        row = line(
            mark,
            (pad(cut(item.title, room), room), STRONG),
            (f"  {item.mark}" if item.mark else "", BAD),
            *cells,
        )
        return fitted(row, max(8, width))
