"""Explains a number of the plan: a tree that opens level by level, and above it why, and what moves it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from planner.app.dialogs.page import Page
from planner.app.drawing.names import asked_about, quantity
from planner.app.drawing.numbers_asked import Number
from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.explanation import ROOT, ExplanationTree, Path, TreeRow
from planner.app.layer import Dialog
from planner.app.runner import Job, Runner
from planner.app.shelf import PickItem, Shelf
from planner.app.widgets.tree_rows import TreeRows
from planner.domain.plan import Plan
from planner.errors import InfeasibleError, InputError, PlanError

if TYPE_CHECKING:
    from planner.estimate.explain import Explanation
    from planner.estimate.result import Estimate
    from planner.exploring.sensitivity import Tornado
    from planner.quantities.table import Quantity

_KEYS = "Right, Left open, close   * level   F1 term   y copy   Esc close"


@dataclass(frozen=True)
class Asked:
    """What is to be explained."""

    number: Number
    estimate: Estimate | None
    #: what the estimate is of
    plan: Plan | None
    #: how far it may be trusted: `stale: ...`; empty: wholly
    state: str = ""


class ExplainTree(Dialog[None]):
    """Shows a number's tree; what would move it is found out while somebody reads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", show=False),
        Binding("f1,question_mark", "explain_term", "What a term is", show=False),
        Binding("asterisk", "open_level", "Open one level more", show=False),
        Binding("c,y", "copy", "Copy", show=False),
    ]

    def __init__(self, asked: Asked, shelf: Shelf) -> None:
        super().__init__()
        self.asked = asked
        self.shelf = shelf
        self.tree_of: ExplanationTree | None = None
        self.rows: list[TreeRow] = []
        self.problem = ""
        self.moved: Tornado | None = None
        self.is_moving = True
        self.reading = Runner["Explanation"](
            self, "explain", on_result=self.take, on_problem=self.take_problem, what="this explanation"
        )
        self.moving = Runner["Tornado | None"](
            self, "moves", on_result=self.take_moves, on_problem=self.take_no_moves, what="what moves it"
        )
        self.add_class("wide")

    def compose(self) -> ComposeResult:
        """Lay out the sentence and the tree."""
        title = f"Why this number: {quantity(self.asked.number.quantity).title}"
        with Vertical(classes="dialog page explain") as dialog:
            dialog.border_title = Content(f"{title} - {self.asked.state}" if self.asked.state else title)
            dialog.border_subtitle = _KEYS
            yield Static(line(("working it out", QUIET)), markup=False, id="explain-why")
            yield TreeRows(id="explain-tree", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(TreeRows).focus()
        self.reading.ask(self.explained)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    # What is found out

    def explained(self, job: Job) -> Explanation:
        """Return the explanation, in a worker's thread; the tree comes before the published runs."""
        from planner.estimate.explain import explain  # noqa: PLC0415 - the engine is read when first asked

        asked = self.asked
        if asked.estimate is None:
            raise PlanError("the plan has no estimate yet")
        estimate, quantity, pool = asked.estimate, asked.number.quantity, asked.number.pool
        job.tell(self.take_tree, explain(estimate, quantity, pool_id=pool))
        # the record is at hand, but the published runs are read when first asked for
        return explain(estimate, quantity, self.shelf.published_runs(), pool_id=pool)

    def take_tree(self, explanation: Explanation) -> None:
        """Show the tree."""
        self.tree_of = ExplanationTree(explanation)
        self.draw(ROOT)

    def take(self, explanation: Explanation) -> None:
        """Show the published runs below the tree, and find out what would move the number."""
        if self.tree_of is not None:
            self.tree_of.explanation = explanation
        self.draw()
        self.moving.ask(self.moves)

    def take_problem(self, problem: str) -> None:
        """Say what hindered it."""
        self.problem = problem
        self.draw()

    def moves(self, job: Job) -> Tornado | None:
        """Find out what moves the number, in a worker's thread, and tell of it as it grows."""
        from planner.exploring.question import Question, number_named  # noqa: PLC0415 - as above
        from planner.exploring.sensitivity import tornadoes  # noqa: PLC0415 - as above

        asked, found = self.asked, None
        if asked.plan is None or asked.number.pool is not None:
            return None
        try:
            named = number_named(asked.number.quantity)
            question = Question(asked.plan, self.shelf.catalog(), named, job.is_cancelled)
            for found in tornadoes(question):
                if job.is_cancelled():
                    return None
                job.tell(self.take_growing, found)
        except (InfeasibleError, InputError):
            # nothing to say of words, of what is unknown, and of what all pools need
            return None
        return found

    def take_growing(self, tornado: Tornado) -> None:
        """Show what moves it most so far."""
        self.moved = tornado
        self.draw_why()

    def take_moves(self, _tornado: Tornado | None) -> None:
        """Show that no more comes."""
        self.is_moving = False
        self.draw_why()

    def take_no_moves(self, _problem: str) -> None:
        """Say nothing of it: the tree is what was asked for."""
        self.is_moving = False
        self.draw_why()

    # What is shown

    def draw_why(self) -> None:
        """Show the sentence above the tree."""
        pane = self.query_one("#explain-why", Static)
        width = max(20, pane.content_size.width)
        pane.update(Content("\n").join(self.why(width)))

    def why(self, width: int) -> Lines:
        """Return the sentence above the tree, or what hindered it."""
        if self.problem:
            return wrapped(self.problem, width, first=("x ", BAD))
        if self.tree_of is None:
            return [line(("working it out", QUIET))]
        from planner.app.drawing.explanation import moves_words, why_words  # noqa: PLC0415 - as above

        record = self.tree_of.explanation.record
        moved = "" if self.moved is None else moves_words(self.moved, is_growing=self.is_moving)
        if not moved and self.is_moving:
            moved = "What would move it most is being worked out."
        said = " ".join(text for text in (why_words(record), moved) if text)
        return wrapped(said or record.name, width)

    def draw(self, at: Path | None = None) -> None:
        """Show the rows that are open, with the cursor on one, else where it was."""
        self.draw_why()
        tree = self.query_one(TreeRows)
        if self.tree_of is None:
            return
        from planner.app.drawing.explanation import tree_row  # noqa: PLC0415 - as above
        from planner.quantities.currency import told_in  # noqa: PLC0415 - as above

        here = at if at is not None else self.here().path if self.rows else ROOT
        width = max(20, tree.scrollable_content_region.width - 1)
        sources, rate = self.shelf.catalog().sources, told_in(self.tree_of.explanation.setting)
        self.rows = self.tree_of.rows()
        tree.set_options(
            [Option(tree_row(row, rate, sources, width), disabled=not row.can_be_chosen) for row in self.rows]
        )
        places = [row.path if row.can_be_chosen else None for row in self.rows]
        tree.highlighted = places.index(here) if here in places else 0

    def here(self) -> TreeRow:
        """Return the row that the cursor is on."""
        place = self.query_one(TreeRows).highlighted or 0
        return self.rows[min(place, len(self.rows) - 1)]

    # Actions

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a closed row, close an open one."""
        event.stop()
        if self.tree_of is not None and self.rows:
            row = self.here()
            if row.can_open and not self.tree_of.open(row.path):
                self.tree_of.close(row.path)
            self.draw()

    def action_open_row(self) -> None:
        """Open a row; of an open one go to its first part."""
        if self.tree_of is None or not self.rows:
            return
        row = self.here()
        if row.can_open and self.tree_of.open(row.path):
            self.draw()
        elif row.can_open:
            self.draw((*row.path, 0))

    def action_close_row(self) -> None:
        """Close a row; of a closed one go to what it is a part of."""
        if self.tree_of is None or not self.rows:
            return
        row = self.here()
        if row.can_open and self.tree_of.close(row.path):
            self.draw()
        else:
            self.draw(row.path[:-1])

    def action_open_level(self) -> None:
        """Open one level more everywhere."""
        if self.tree_of is not None:
            self.tree_of.open_all(self.rows)
            self.draw()

    def action_explain_term(self) -> None:
        """Say what the term under the cursor is."""
        if self.tree_of is None or not self.rows or (record := self.here().record) is None:
            return
        from planner.app.drawing.explanation import term_lines  # noqa: PLC0415 - as above
        from planner.quantities.currency import told_in  # noqa: PLC0415 - as above

        rate = told_in(self.tree_of.explanation.setting)
        self.put_over(
            Page(f"Term: {record.symbol}", partial(term_lines, record, rate, self.shelf.catalog().sources))
        )

    def action_copy(self) -> None:
        """Copy the whole explanation as plain text."""
        if self.tree_of is None:
            self.notify("There is nothing to copy yet.", severity="warning", markup=False)
            return
        from planner.report.explain_document import explanation_document  # noqa: PLC0415 - as above
        from planner.report.terminal import terminal_text  # noqa: PLC0415 - as above

        document = explanation_document(self.tree_of.explanation, self.shelf.catalog().sources)
        self.app.copy_to_clipboard(terminal_text(document, width=80, is_coloured=False))
        self.notify("Copied", markup=False)

    def action_close(self) -> None:
        """Close."""
        self.moving.drop()
        self.dismiss()


def number_items() -> list[PickItem]:
    """Return every quantity that can be explained, for a list to choose from."""
    return [_item(made) for made in asked_about()]


def _item(made: Quantity) -> PickItem:
    names = (made.short, made.title, made.id, *made.aliases)
    aside = made.title if made.title != made.short else ""
    return PickItem(made.id, made.short, aside, search=" ".join(names).lower())
