"""Two to six plans side by side, and under them what separates two of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from planner.app.actions import bindings
from planner.app.comparing import (
    BASELINE,
    CURRENT,
    Comparer,
    Entry,
    Outcome,
    difference,
    entries_of,
    explored_plans,
    file_entry,
    fixed_entries,
    fixed_plans,
)
from planner.app.dialogs.page import Page
from planner.app.drawing.comparison import plan_row, table_lines
from planner.app.drawing.field_help import keys_lines
from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.drawing.printed import printed_lines
from planner.app.flows.choosing import plan_picker
from planner.app.flows.export import copy
from planner.app.layer import Layer
from planner.app.runner import Job, Runner
from planner.app.screen_actions import COMPARE_ACTIONS
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.plan_list import PlanList
from planner.differences.compare import FEWEST_PLANS, MOST_PLANS
from planner.differences.diff import PlanDiff
from planner.report.compare_rows import LETTERS
from planner.report.diff_rows import side_words
from planner.report.page import cell_width
from planner.text import safe

EMPTY = "One plan is no comparison yet: press a to put another beside it, or b on the plan to pin a baseline."
NOTHING = "No plan is left: press a to add one, or Esc to go back to the plan."


class CompareScreen(Layer[None]):
    """Compares the current plan, the baseline and saved plans."""

    CSS_PATH = "compare.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMPARE_ACTIONS)

    def __init__(
        self, session: Session, shelf: Shelf, known_plans: Callable[[], list[Path]], remark: str = ""
    ) -> None:
        super().__init__()
        #: what is to be said of the plan that is open
        self.remark = remark
        self.session = session
        self.known_plans = known_plans
        self.entries: list[Entry] = entries_of(session, remark)
        #: keys of the plans that the diff starts from and leads to
        self.pair: tuple[str, str] = self.first_pair()
        self.shelf = shelf
        self.comparer = Comparer()
        self.work = Runner[PlanDiff | None](
            self, "compare", on_result=self.take_diff, on_problem=self.take_problem
        )
        #: what is under way, for people
        self.words = ""
        self.outcome: Outcome | None = None
        self.diff: PlanDiff | None = None
        self.problem = ""
        self.plans = PlanList()
        self.key_bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Lay out the list of plans, and below it the table with the diff."""
        yield Static("planner  compare plans", markup=False, id="compare-bar")
        yield self.plans
        with VerticalScroll(id="compare-sheet"):
            yield Static("", markup=False, id="compare-table")
            yield Static("", markup=False, id="compare-diff")
        yield self.key_bar

    def on_mount(self) -> None:
        """Begin."""
        self.plans.border_title = "Plans"
        self.query_one("#compare-sheet").border_title = "Side by side"
        self.key_bar.show_actions(
            "compare_help", "add_plan", "drop_plan", "pick_from", "show_diff", "go_back"
        )
        self.plans.focus()
        self.call_after_refresh(self.begin)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    # The plans and the pair

    def first_pair(self) -> tuple[str, str]:
        """Return the pair that most people want: from the baseline, else from this plan on."""
        keys = [entry.key for entry in self.entries]
        if BASELINE in keys and CURRENT in keys:
            return (BASELINE, CURRENT)
        return (keys[0], keys[1]) if len(keys) >= FEWEST_PLANS else ("", "")

    def begin(self) -> None:
        """Compare what is listed; what was known already is not estimated again."""
        keys = [entry.key for entry in self.entries]
        if not set(self.pair) <= set(keys) or self.pair[0] == self.pair[1]:
            self.pair = self.first_pair()
        self.session.compared_paths = [entry.path for entry in self.entries if entry.path is not None]
        self.session.compared_plans = explored_plans(self.entries)
        self.problem = ""
        self.diff = None
        if len(self.entries) < FEWEST_PLANS:
            self.outcome = None
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Compare, and take the pair apart; what shows stays until there is more, so nothing jumps."""
        self.words = "estimating; Esc stops"
        self.work.ask(partial(self.compare, tuple(self.entries), self.pair))
        self.draw()

    def stop(self) -> None:
        """Drop what is under way."""
        self.words = ""
        self.work.drop()
        self.draw()

    def compare(self, entries: tuple[Entry, ...], pair: tuple[str, str], job: Job) -> PlanDiff | None:
        """Compare plans and return what separates a pair, in the worker's thread; None where it is none."""
        catalog = self.shelf.catalog()

        def estimating(number: int, label: str) -> None:
            job.tell(self.take_words, f"estimating {number} of {len(entries)}: {safe(label)}")

        def taking_apart(number: int) -> None:
            job.tell(self.take_words, f"taking the difference apart, estimate {number}")

        outcome = self.comparer.compare(entries, catalog, estimating, job.is_cancelled)
        job.tell(self.take_outcome, outcome)
        before, after = (outcome.sides.get(key) for key in pair)
        if before is None or after is None:
            return None
        return difference(before, after, catalog, taking_apart, job.is_cancelled)

    def choose_pair(self, before: str, after: str) -> None:
        """Diff another pair, where it is one."""
        if before and after and before != after and (before, after) != self.pair:
            self.pair = (before, after)
            self.start()

    def marked(self) -> Entry | None:
        """Return the entry under the cursor."""
        place = self.plans.highlighted
        return self.entries[place] if place is not None and place < len(self.entries) else None

    # What is shown

    def draw(self) -> None:
        """Draw everything for the width there is."""
        sheet = self.query_one("#compare-sheet")
        width = max(40, sheet.scrollable_content_region.width)
        with self.app.batch_update():
            self.draw_plans()
            self.query_one("#compare-table", Static).update(Content("\n").join(self.table(width)))
            self.query_one("#compare-diff", Static).update(Content("\n").join(self.difference(width)))
            sheet.border_subtitle = Content(self.words)

    def draw_plans(self) -> None:
        """Draw the list; letters are those of the table."""
        width = self.plans.scrollable_content_region.width - 1
        problems = self.outcome.problems if self.outcome is not None else {}
        sides = self.outcome.sides if self.outcome is not None else {}
        letters = iter(LETTERS)
        room = max((cell_width(entry.label) for entry in self.entries), default=0)
        rows = []
        for entry in self.entries:
            pair = "from" if entry.key == self.pair[0] else "to" if entry.key == self.pair[1] else ""
            problem = problems.get(entry.key, "")
            side = sides.get(entry.key)
            aside = ", ".join((entry.origin, *(side_words(side) if side is not None else ())))
            letter = "x" if problem else next(letters)
            rows.append(plan_row(letter, pair, entry.label, aside, problem, room, width))
        self.plans.show_rows(rows)

    def table(self, width: int) -> Lines:
        """Return the table, or what stands in for it."""
        if self.problem:
            return wrapped(self.problem, width, first=("x ", BAD))
        if len(self.entries) < FEWEST_PLANS:
            return wrapped(EMPTY if self.entries else NOTHING, width)
        if self.outcome is None:
            return [line((self.words or "stopped; r reads and estimates again", QUIET))]
        if self.outcome.comparison is None:
            text = (
                "Fewer than two of these plans can be estimated; press a to add another, x to take one out."
            )
            told = wrapped(text, width)
            for key, problem in self.outcome.problems.items():
                label = next((entry.label for entry in self.entries if entry.key == key), "")
                told += wrapped(f"{label}: {problem}", width, first=("x ", BAD))
            return told
        return table_lines(self.outcome.comparison, width, self.outcome.promised)

    def difference(self, width: int) -> Lines:
        """Return the diff of the pair, or what stands in for it."""
        if self.diff is not None:
            # seldom the first thing shown
            from planner.report.diff_document import diff_document  # noqa: PLC0415
            from planner.report.terminal import terminal_text  # noqa: PLC0415

            return printed_lines(terminal_text(diff_document(self.diff), width=width, is_coloured=True))
        if self.outcome is None or self.outcome.comparison is None:
            return []
        return [line((self.words or "no diff: stopped; r takes it up again", QUIET))]

    # What the worker tells

    def take_words(self, words: str) -> None:
        """Say how far it is."""
        self.words = f"{words}; Esc stops"
        self.query_one("#compare-sheet").border_subtitle = Content(self.words)
        if self.outcome is None:
            self.draw()

    def take_outcome(self, outcome: Outcome) -> None:
        """Show the table; the diff follows."""
        self.outcome = outcome
        self.words = "taking the difference apart; Esc stops"
        sides = list(outcome.sides)
        if len(sides) >= FEWEST_PLANS and not set(self.pair) <= set(sides):
            # a plan that cannot be estimated is no end of a diff
            self.pair = (sides[0], sides[1])
            self.start()
        self.draw()

    def take_diff(self, diff: PlanDiff | None) -> None:
        """Show the diff."""
        self.diff = diff
        self.words = ""
        self.draw()

    def take_problem(self, problem: str) -> None:
        """Say what went wrong."""
        self.problem = problem
        self.diff = None
        self.words = ""
        self.draw()

    # Actions

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Let the diff lead to what was chosen."""
        event.stop()
        self.action_pick_to()

    def action_pick_to(self) -> None:
        """Let the diff lead to the marked plan; chosen again, the other way round."""
        entry = self.marked()
        if entry is not None:
            before, after = self.pair
            self.choose_pair(after if entry.key == before else before, entry.key)

    def action_pick_from(self) -> None:
        """Let the diff start from the marked plan."""
        entry = self.marked()
        if entry is not None:
            before, after = self.pair
            self.choose_pair(entry.key, before if entry.key == after else after)

    def action_swap_pair(self) -> None:
        """Turn the diff round."""
        self.choose_pair(self.pair[1], self.pair[0])

    def action_add_plan(self) -> None:
        """Add a plan."""
        if len(self.entries) >= MOST_PLANS:
            text = f"At most {MOST_PLANS} plans stand side by side: x takes the marked one out."
            self.notify(text, severity="warning", markup=False)
            return
        self.run_flow("pick", self.pick_plan(), lists=1)

    async def pick_plan(self) -> None:
        """Let somebody choose a plan and put it beside the others."""
        taken = {entry.key for entry in self.entries}
        paths = [path for path in await asyncio.to_thread(self.known_plans) if str(path) not in taken]
        picker = plan_picker("Add a plan", paths, first=fixed_entries(self.session, taken, self.remark))
        chosen = await self.choose_from(picker)
        if chosen is not None:
            self.add(chosen)

    def add(self, chosen: str) -> None:
        """Put a plan beside the others; the diff leads to it."""
        fixed = {entry.key: entry for entry in fixed_plans(self.session, self.remark)}
        entry = fixed.get(chosen) or file_entry(chosen)
        if any(entry.key == other.key for other in self.entries):
            self.notify("That plan is among them already.", severity="warning", markup=False)
            return
        self.entries.append(entry)
        if len(self.entries) >= FEWEST_PLANS:
            before = self.pair[0] or self.entries[0].key
            self.pair = (before, entry.key)
        self.begin()
        self.plans.highlighted = len(self.entries) - 1

    def action_drop_plan(self) -> None:
        """Take the marked plan out."""
        entry = self.marked()
        if entry is not None:
            self.entries.remove(entry)
            self.begin()

    def action_show_diff(self) -> None:
        """Scroll to the diff; from there, back to the table."""
        sheet = self.query_one("#compare-sheet")
        target = self.query_one("#compare-diff").virtual_region.y
        sheet.scroll_to(y=0 if sheet.scroll_y >= min(target, sheet.max_scroll_y) else target, animate=False)

    def action_scroll_sheet(self, pages: int) -> None:
        """Scroll table and diff while the list has the focus."""
        sheet = self.query_one("#compare-sheet")
        sheet.scroll_relative(y=pages * max(1, sheet.scrollable_content_region.height - 1), animate=False)

    def action_run_again(self) -> None:
        """Read the files again and estimate every plan anew."""
        self.comparer.forget()
        self.outcome = None
        self.begin()

    def action_copy_table(self) -> None:
        """Copy the table as Markdown."""
        # seldom asked for
        from planner.report.compare_document import comparison_document  # noqa: PLC0415
        from planner.report.markdown import markdown_text  # noqa: PLC0415

        outcome = self.outcome
        table = None
        if outcome is not None and outcome.comparison is not None:
            table = markdown_text(comparison_document(outcome.comparison, outcome.promised))
        copy(self, self.key_bar, "table", table)

    def action_copy_diff(self) -> None:
        """Copy the diff as Markdown."""
        # seldom asked for
        from planner.report.diff_document import diff_document  # noqa: PLC0415
        from planner.report.markdown import markdown_text  # noqa: PLC0415

        text = None if self.diff is None else markdown_text(diff_document(self.diff))
        copy(self, self.key_bar, "diff", text)

    def action_compare_help(self) -> None:
        """Show the keys."""
        self.put_over(Page("Compare plans: all keys", partial(keys_lines, actions=COMPARE_ACTIONS)))

    def action_go_back(self) -> None:
        """Stop what is under way; with nothing under way, back to the plan."""
        if self.work.is_busy:
            self.diff = None
            shown = self.outcome
            if shown is not None and {*shown.sides, *shown.problems} != {entry.key for entry in self.entries}:
                self.outcome = None
            self.stop()
        else:
            self.dismiss()
