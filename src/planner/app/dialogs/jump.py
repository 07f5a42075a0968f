"""Jumps to a pane or a field by a letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from planner.app.drawing.pieces import HEADING, Lines, fitted, line
from planner.app.layer import Dialog

LETTERS = "123456789" + ascii_lowercase
_COLUMN, _GAP = 24, 2


@dataclass(frozen=True)
class Place:
    """Somewhere to go."""

    #: what chooses it
    letter: str
    title: str
    #: what it is known by to whoever asks
    id: str


def lettered(panes: Sequence[tuple[str, str]], fields: Sequence[tuple[str, str]]) -> list[Place]:
    """Return panes by digits and fields by letters, as far as there are any; each given as title and id.

    Examples
    --------
    >>> [place.letter for place in lettered([("Plan", "plan")], [("count", "c"), ("stack", "s")])]
    ['1', 'a', 'b']
    """
    digits = [letter for letter in LETTERS if letter.isdigit()]
    found = [Place(letter, *pane) for letter, pane in zip(digits, panes, strict=False)]
    return found + [Place(letter, *one) for letter, one in zip(ascii_lowercase, fields, strict=False)]


class Jump(Dialog[str | None]):
    """Returns the id of the place whose letter is pressed; None where another key is."""

    is_for_typing = True
    #: nothing in it takes the focus
    is_ready = True

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__()
        self.places = list(places)

    def compose(self) -> ComposeResult:
        """Lay out the letters."""
        with Vertical(classes="dialog jump") as dialog:
            dialog.border_title = "Jump to"
            dialog.border_subtitle = "press a letter   Esc stay"
            with VerticalScroll(id="jump-scroll", can_focus=False):
                yield Static("", markup=False, id="jump-text")

    def on_mount(self) -> None:
        """Show the letters."""
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw for the width there is."""
        text = self.query_one("#jump-text", Static)
        text.update(Content("\n").join(self.lines(max(_COLUMN, text.content_size.width))))

    def lines(self, width: int) -> Lines:
        """Return the letters in as many columns as have room, read from above to below."""
        columns = max(1, width // (_COLUMN + _GAP))
        rows = -(-len(self.places) // columns)
        return [
            line(
                *(
                    fitted(line((f"{place.letter} ", HEADING), place.title), _COLUMN).pad_right(
                        max(_GAP, _COLUMN + _GAP - 2 - len(place.title))
                    )
                    for place in self.places[row::rows]
                )
            )
            for row in range(rows)
        ]

    def on_key(self, event: events.Key) -> None:
        """Go where a letter leads; any other key stays here."""
        event.stop()
        found = next((place for place in self.places if place.letter == event.character), None)
        self.dismiss(None if found is None else found.id)

    def on_click(self) -> None:
        """Stay."""
        self.dismiss(None)
