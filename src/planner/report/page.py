"""Lines for a terminal: safe words, wrapped by cells, a little colour where it is wanted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from planner.text import NO_BREAK, safe

if TYPE_CHECKING:
    from planner.report.document import Role

#: A piece of a line: text, or text with what it means.
Segment = str | tuple[str, "Role"]

# Blue and yellow stay apart for people who see red and green alike; bold and dim need no colour at all.
_ESCAPES: dict[Role, str] = {"title": "1", "good": "34", "bad": "1;33", "quiet": "2"}
_PLAIN: Role = "plain"
MINIMUM_WIDTH = 40
MAXIMUM_WIDTH = 120


def cell_width(text: str) -> int:
    """Return how many terminal cells the text takes."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int, *, is_right: bool = False) -> str:
    """Return the text filled with spaces up to `width` cells."""
    room = " " * max(0, width - cell_width(text))
    return room + text if is_right else text + room


def cut(text: str, width: int) -> str:
    """Return the text, ended with `..` where it takes more than `width` cells."""
    if cell_width(text) <= width:
        return text
    kept = ""
    for character in text:
        if cell_width(kept) + _character_width(character) > width - 2:
            break
        kept += character
    return kept + ".."


def glue(text: str) -> str:
    """Return the text so that `wrap` never breaks it unless it must."""
    return text.replace(" ", NO_BREAK)


def wrap(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` cells, broken at spaces where there are any."""
    lines: list[str] = []
    line = ""
    for word in re.split(r"[ \t\n]+", text.strip(" \t\n")):
        for piece in _pieces(word, max(2, width)):
            joined = f"{line} {piece}" if line else piece
            if cell_width(joined) <= width:
                line = joined
            else:
                lines.append(line)
                line = piece
    return [*lines, line] if line else lines


def _pieces(word: str, width: int) -> Iterable[str]:
    if cell_width(word) <= width:
        return [word]
    pieces, piece = [], ""
    for character in word:
        if cell_width(piece) + _character_width(character) > width:
            # a key or a path is broken behind one of its parts, where there is one
            kept = re.match(r".*[._/\-](?=[^._/\-])|.*", piece)
            assert kept is not None
            pieces.append(kept[0])
            piece = piece[kept.end() :]
        piece += character
    return [*pieces, piece]


@dataclass
class Page:
    """Lines that grow; every text that enters is made safe, and only the page writes escapes."""

    width: int = 80
    is_coloured: bool = False
    #: for terminals that cannot show block characters
    is_ascii: bool = False
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.width = max(MINIMUM_WIDTH, min(self.width, MAXIMUM_WIDTH))

    @property
    def text(self) -> str:
        """The page, ending in a newline."""
        return "\n".join(self.lines) + "\n"

    def line(self, *segments: Segment) -> None:
        """Add one line of segments as they are, cut at nothing but the blanks at its end."""
        line = ""
        for segment in reversed(segments):
            text, role = (segment, _PLAIN) if isinstance(segment, str) else segment
            shown = safe(text).replace(NO_BREAK, " ")
            # before it is painted: blanks inside a colour would stay
            line = self._painted(shown if line else shown.rstrip(), role) + line
        self.lines.append(line)

    def _painted(self, shown: str, role: Role) -> str:
        escape = _ESCAPES.get(role) if self.is_coloured else None
        return f"\x1b[{escape}m{shown}\x1b[0m" if escape and shown.strip() else shown

    def gap(self) -> None:
        """Add an empty line, never two."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def entry(self, label: str, text: str, label_width: int, *, role: Role = "plain", sign: str = "") -> None:
        """Add a label and, beside it, text that wraps in its own column."""
        start = 2 + label_width + 2
        shown = wrap(safe(text), self.width - start) or [""]
        self.line(f"{sign:2}", (pad(safe(label), label_width), role), "  ", shown[0])
        for rest in shown[1:]:
            self.line(" " * start, rest)

    def paragraph(self, text: str, *, indent: int = 2, role: Role = "plain", hanging: int = 0) -> None:
        """Add wrapped text; lines after the first are indented by `hanging` more."""
        for number, shown in enumerate(wrap(safe(text), self.width - indent - hanging)):
            self.line(" " * (indent + (hanging if number else 0)), (shown, role))
