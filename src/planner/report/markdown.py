"""Markdown for pull requests and chats: text from files shows as text, pings nobody and opens no tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from planner.text import safe

#: An underscore inside a word is no emphasis; brackets make a link only where something follows them.
_SPECIAL = re.compile(r"([\\`*<|~$]|(?<!\w)_|_(?!\w)|\](?=[\[(:]))")
#: `@name` and `#12` would call people and link issues; an empty comment behind the sign stops that.
_REFERENCES = re.compile(r"([@#])(?=\w)")


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, within a line that begins with something else."""
    line = safe(" ".join(text.split()))
    line = _SPECIAL.sub(r"\\\1", line.replace("&", "&amp;"))
    return _REFERENCES.sub(r"\1<!-- -->", line)


def code(text: str) -> str:
    """Return text as a code span; pipes are escaped, as tables need it."""
    line = safe(" ".join(text.split())).replace("|", r"\|")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    if longest == 0:
        return f"`{line}`" if line else ""
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose cells are Markdown already."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]
