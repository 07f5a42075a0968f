"""Chooses one of many: typing filters, arrows move, Enter chooses, Esc leaves things as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.app.layer import Dialog
from planner.app.shelf import DISPUTED_LABEL, QUIET_LABEL, WRONG_LABEL, PickItem
from planner.app.widgets.choices import Choices
from planner.domain.maturity import MARKS
from planner.report.page import cut, pad

Preview = Callable[[str], list[tuple[str, str]]]
#: What a name is called by: `Llama 3.1 70B`.
_WORD = re.compile(r"[\w.]+")

#: A preview's labels that are not the names of figures.
LABEL_STYLES = {WRONG_LABEL: BAD, DISPUTED_LABEL: STRONG}
#: What stands under a figure takes the whole width.
INDENTED = {label: f"{label} " for label in (WRONG_LABEL, DISPUTED_LABEL)} | {QUIET_LABEL: "    "}
TEXT_STYLES = {"": STRONG, **dict.fromkeys(filter(None, MARKS.values()), BAD), QUIET_LABEL: QUIET}


class Picker(Dialog[str | None]):
    """Returns the id of what was chosen; None where nothing was.

    With `takes_text`, what was typed is returned as it is where nothing in the list matches it. `own` returns
    what the typed text itself would be.
    """

    is_for_typing = True

    #: what else is said of keys at the bottom
    more_keys = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "move('cursor_up')", "Up", show=False),
        Binding("down", "move('cursor_down')", "Down", show=False),
        Binding("ctrl+up", "scroll_detail(-1)", "Detail up", show=False),
        Binding("ctrl+down", "scroll_detail(1)", "Detail down", show=False),
        Binding("pageup", "move('page_up')", "Page up", show=False),
        Binding("pagedown", "move('page_down')", "Page down", show=False),
    ]

    def __init__(
        self,
        title: str,
        items: Sequence[PickItem],
        *,
        current: str = "",
        typed: str = "",
        preview: Preview | None = None,
        takes_text: bool = False,
        note: str = "",
        own: Callable[[str], PickItem | None] | None = None,
    ) -> None:
        super().__init__()
        self.picker_title = title
        self.items = list(items)
        self.current = current
        self.typed = typed
        self.preview = preview
        self.takes_text = takes_text
        self.note = note
        self.own = own
        self.matching: list[PickItem] = list(items)

    def compose(self) -> ComposeResult:
        """Lay out filter, list and detail."""
        with Vertical(classes="dialog picker") as dialog:
            dialog.border_title = Content(self.picker_title)
            more = "   ^Down more detail" if self.preview is not None else ""
            dialog.border_subtitle = Content(f"Enter choose{self.more_keys}{more}   Esc leave as it is")
            yield Input(
                self.typed,
                placeholder=self.note or "type to filter",
                id="filter",
                compact=True,
                select_on_focus=False,
            )
            with Horizontal(id="picker-body"):
                with Vertical(id="picker-left"):
                    yield from self.compose_head()
                    yield Choices(id="picker-list", markup=False)
                if self.preview is not None:
                    with VerticalScroll(id="picker-detail", can_focus=False):
                        yield Static("", markup=False, id="picker-detail-text")

    def compose_head(self) -> ComposeResult:
        """Lay out what stands over the list: nothing, where its rows explain themselves."""
        yield from ()

    def on_mount(self) -> None:
        """Fill the list and begin at what is chosen now."""
        self.query_one("#filter", Input).cursor_position = len(self.typed)
        self.call_after_refresh(self.refill)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.refill)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by every word that was typed, in any order."""
        event.stop()
        self.refill()

    def refill(self) -> None:
        """Show what matches."""
        words = self.query_one("#filter", Input).value.lower().split()
        self.matching = self.matches(words)
        options = self.query_one("#picker-list", OptionList)
        width = self.row_width()
        options.set_options([Option(self.prompt(item, width)) for item in self.matching])
        if not self.matching:
            text = self.nothing()
            options.add_option(Option(line((text, QUIET)), disabled=True))
            if self.preview is not None:
                self.query_one("#picker-detail-text", Static).update("")
            return
        here = next((index for index, item in enumerate(self.matching) if item.id == self.current), 0)
        options.highlighted = 0 if words else here

    def nothing(self) -> str:
        """Return what is said where nothing matches, and how to go on."""
        if self.takes_text:
            return "not in the list; Enter opens it as a path"
        if self.own is not None:
            return "nothing matches: parameters alone, such as 70B or 120B/12B, make a model of your own"
        return "nothing matches: Backspace shows more, Esc leaves it as it is"

    def row_width(self) -> int:
        """Return how many cells a row has."""
        return self.query_one("#picker-list", OptionList).scrollable_content_region.width - 1

    def matches(self, words: list[str]) -> list[PickItem]:
        """Return the items that hold every word, and what the text itself would be.

        That stands below them where one is called so, else first: `73B` is not meant for one of 673B.
        """
        found = [item for item in self.items if all(word in item.search for word in words)]
        own = self.own(self.query_one("#filter", Input).value) if self.own is not None else None
        if own is None:
            return found
        is_called_so = any(set(words) <= set(_WORD.findall(item.title.lower())) for item in found)
        return [*found, own] if is_called_so else [own, *found]

    def prompt(self, item: PickItem, width: int) -> Content:
        """Return one row of the list."""
        room = max(12, min(34, width // 2))
        if item.problem:
            row = line(("x ", BAD), (pad(item.title, room), STRONG), "  ", ("left out: ", BAD), item.aside)
            return fitted(row, max(8, width))
        mark = "\u2022 " if item.id == self.current else "  "
        origin = "" if item.origin in ("", "built-in") else f"  {item.origin}"
        return fitted(
            line(
                (mark, HEADING),
                (pad(item.title, room), STRONG),
                "  ",
                item.aside,
                (f"  {item.mark}" if item.mark else "", BAD),
                (origin, QUIET),
            ),
            max(8, width),
        )

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the detail of what is under the cursor."""
        event.stop()
        if self.preview is None or event.option_index >= len(self.matching):
            return
        detail = self.query_one("#picker-detail-text", Static)
        width = max(20, self.query_one("#picker-detail").scrollable_content_region.width)
        item = self.matching[event.option_index]
        lines = self.detail(item.id, width) if not item.problem else problem_lines(item, width)
        detail.update(Content("\n").join(lines))
        self.query_one("#picker-detail").scroll_home(animate=False)

    def detail(self, identifier: str, width: int) -> Lines:
        """Return the figures of an entry with their evidence."""
        assert self.preview is not None
        lines: Lines = []
        room = 24 if width >= 46 else 15
        for label, text in self.preview(identifier):
            lead = INDENTED.get(label) or (f"{cut(label, room):<{room + 1}}" if label else "")
            lines += wrapped(
                text, width, first=(lead, LABEL_STYLES.get(label, HEADING)), style=TEXT_STYLES.get(label, "")
            )
        return lines

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose what was clicked."""
        event.stop()
        self.choose()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Choose what is under the cursor, or take the text as it is."""
        event.stop()
        self.choose()

    def marked(self) -> PickItem | None:
        """Return the item under the cursor."""
        place = self.query_one("#picker-list", OptionList).highlighted
        return self.matching[place] if place is not None and place < len(self.matching) else None

    def choose(self) -> None:
        """Return what is under the cursor."""
        marked = self.marked()
        typed = self.query_one("#filter", Input).value.strip()
        if marked is not None and marked.problem:
            self.app.bell()
        elif marked is not None:
            self.dismiss(marked.id)
        elif self.takes_text and typed:
            self.dismiss(typed)
        else:
            self.app.bell()

    def action_move(self, where: str) -> None:
        """Move in the list while the filter keeps the focus."""
        options = self.query_one("#picker-list", OptionList)
        moves: dict[str, Callable[[], None]] = {
            "cursor_up": options.action_cursor_up,
            "cursor_down": options.action_cursor_down,
            "page_up": options.action_page_up,
            "page_down": options.action_page_down,
        }
        moves[where]()

    def action_scroll_detail(self, step: int) -> None:
        """Scroll the detail by most of what can be seen of it."""
        if self.preview is not None:
            detail = self.query_one("#picker-detail")
            detail.scroll_relative(y=step * max(1, detail.size.height - 2), animate=False)

    def action_cancel(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


def problem_lines(item: PickItem, width: int) -> Lines:
    """Return why an entry cannot be chosen."""
    head = wrapped(f"{item.title} is left out: its file cannot be used.", width, style=STRONG)
    return [*head, line(""), *wrapped(item.problem, width, first=("x ", BAD))]
