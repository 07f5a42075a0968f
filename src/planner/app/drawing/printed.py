"""What the command line prints, with its few colours, as lines of the app."""

from __future__ import annotations

import re

from textual.content import Content

from planner.app.drawing.pieces import BAD, GOOD, QUIET, STRONG, Lines

#: The escapes that a page writes; whatever else it prints was made safe before.
_PAINTED = re.compile(r"\x1b\[([0-9;]*)m([^\x1b]*)\x1b\[0m")
_STYLES = {"1": STRONG, "34": GOOD, "1;33": BAD, "2": QUIET}


def printed_lines(text: str) -> Lines:
    """Return a coloured page of `planner.report` as lines; nothing in it is read as markup."""
    return [_painted(row) for row in text.rstrip("\n").split("\n")]


def _painted(row: str) -> Content:
    parts: list[str | tuple[str, str]] = []
    end = 0
    for match in _PAINTED.finditer(row):
        parts += [row[end : match.start()], (match[2], _STYLES.get(match[1], ""))]
        end = match.end()
    return Content.assemble(*parts, row[end:])
