"""The systems for a plan's targets: words to look for, a row each, and the proof of the marked one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from planner.app.drawing.pieces import QUIET, line, wrapped
from planner.app.drawing.sizes import answer_lines, progress_words, sizes_header, sizes_row, sizes_title
from planner.app.exploration import Answer, Exploration
from planner.app.shelf import Shelf
from planner.app.widgets.size_rows import SizeRows
from planner.exploring.targets import Targets
from planner.report.page import cell_width

NO_DEADLINE = "No deadline yet: press g to say by when it must be done, and within how much power and money."
NO_PACE = "No target yet: press g to say how many steps a day, or by when, within how much power and money."
SEVERAL_POOLS = (
    "The plan has several pools; the fewest systems are asked of one: Esc, then ^P 'remove a pool'."
)


def no_target(exploration: Exploration) -> str:
    """Return what is said where nothing says how fast it must be."""
    return NO_PACE if exploration.is_post_training else NO_DEADLINE


class RankingPane(Vertical):
    """Shows answers; the cursor stays on its system, whatever comes before it."""

    def __init__(self) -> None:
        super().__init__(id="explore-ranking")
        self.filter = Input(
            id="explore-filter", compact=True, placeholder="words to look for", select_on_focus=False
        )
        self.header = Static("", markup=False, id="explore-header")
        self.rows = SizeRows(id="explore-rows", markup=False)
        self.proof = Static("", markup=False, id="explore-answer")
        #: as they stand in the rows
        self.shown: list[Answer] = []
        #: rows by system, mark, width and the longest name, each with the answer that it is of
        self.drawn: dict[tuple[str, bool, int, int], tuple[Answer, Content]] = {}
        #: somebody moved the cursor
        self.is_moved = False

    def compose(self) -> ComposeResult:
        """Lay out words, titles, rows and proof."""
        yield self.filter
        yield self.header
        yield self.rows
        yield self.proof

    def show_words(self, words: str) -> None:
        """Show the words that are looked for, where there are any."""
        with self.prevent(Input.Changed):
            self.filter.value = words
        self.filter.set_class(bool(words), "-shown")

    def show(self, exploration: Exploration, shelf: Shelf) -> None:
        """Show the answers there are; until somebody moves it, the cursor is on the best."""
        here = self.marked() if self.is_moved else None
        self.shown = exploration.shown()
        width = max(20, self.rows.scrollable_content_region.width)
        title = sizes_title(exploration.targets, is_post_training=exploration.is_post_training)
        # a title of plain text would be read as markup
        self.border_title = Content(f"F2 Smallest cluster: {title}")
        self.show_progress(exploration)
        targets = exploration.targets
        self.set_class(targets is None or exploration.is_several, "-empty")
        if targets is None or exploration.is_several:
            why = SEVERAL_POOLS if exploration.is_several else no_target(exploration)
            self.header.update(line(""), layout=False)
            self.proof.update(Content("\n").join(wrapped(why, width)), layout=False)
            return
        names = (shelf.marked_systems(answer.system_id) for answer in self.shown)
        longest = max(map(cell_width, names), default=0)
        header = sizes_header(
            targets, width, is_post_training=exploration.is_post_training, most_name=longest
        )
        self.header.update(header, layout=False)
        rows = [
            self.row(
                answer,
                targets,
                shelf,
                is_marked=answer.system_id in exploration.marked,
                width=width,
                most_name=longest,
            )
            for answer in self.shown
        ]
        ids = [answer.system_id for answer in self.shown]
        with self.prevent(OptionList.OptionHighlighted):
            place = ids.index(here.system_id) if here is not None and here.system_id in ids else 0
            self.rows.show_rows(rows, place)
        self.show_proof(exploration, shelf)

    def row(
        self,
        answer: Answer,
        targets: Targets,
        shelf: Shelf,
        *,
        is_marked: bool,
        width: int,
        most_name: int,
    ) -> Content:
        """Return the row of an answer, made once: all of them are shown again with every key of a search."""
        key = (answer.system_id, is_marked, width, most_name)
        known = self.drawn.get(key)
        if known is None or known[0] is not answer:
            name = shelf.marked_systems(answer.system_id)
            drawn = sizes_row(answer, targets, name, is_marked=is_marked, width=width, most_name=most_name)
            known = (answer, drawn)
            self.drawn[key] = known
        return known[1]

    def show_progress(self, exploration: Exploration) -> None:
        """Say how far it is."""
        self.border_subtitle = Content(progress_words(exploration))

    def show_proof(self, exploration: Exploration, shelf: Shelf) -> None:
        """Say what proves the answer that the cursor is on, or what stands in its way, below its name."""
        answer, targets = self.marked(), exploration.targets
        name = shelf.marked_systems(answer.system_id) if answer is not None else ""
        self.proof.border_title = Content(name)
        width, height = self.proof.content_size
        if targets is None or width <= 0:
            return
        if answer is None:
            nothing = (
                "nothing matches: Esc takes the words away" if exploration.answers else "the first comes"
            )
            self.proof.update(line((nothing, QUIET)), layout=False)
            return
        self.proof.update(Content("\n").join(answer_lines(answer, targets, width, height)), layout=False)

    def marked(self) -> Answer | None:
        """Return the answer that the cursor is on."""
        place = self.rows.highlighted
        return self.shown[place] if place is not None and place < len(self.shown) else None
