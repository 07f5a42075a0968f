"""Keys and values of files as messages show them: safe, short and unmistakable."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from planner.text import safe

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SHOWN = 48
#: of more names than these the first few say nothing about the rest
_LISTABLE = 40


def shown_key(path: Sequence[str | int]) -> str:
    """Return a key path as `cluster.pools[0].count`, safe to show."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        name = part if _BARE_KEY.fullmatch(part) else f'"{safe(part, limit=40)}"'
        text += f".{name}" if text else name
    return text


def shown_value(value: Any) -> str:  # noqa: PLR0911 - one return per type
    """Return a value of a file, safe to show and cut short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{safe(value, limit=_SHOWN)}"'
    if isinstance(value, int):
        if abs(value) < 10**20:
            return str(value)
        return f"a whole number of about {math.ceil(value.bit_length() * math.log10(2))} digits"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "an empty list" if not value else "a list"
    return safe(str(value), limit=_SHOWN)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `name`, or None where none is near."""
    import difflib

    known = list(known)
    by_folded = {folded(candidate): candidate for candidate in known}
    found = difflib.get_close_matches(folded(name), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def folded(name: str) -> str:
    """Return the name as typing habits see it: case, underscores and hyphens do not count."""
    return name[:120].casefold().replace("-", "_")


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or the names there are where none is near.

    Examples
    --------
    >>> suggestion("cuont", ["count", "chips"])
    "; did you mean 'count'?"
    """
    known = sorted(known)
    near = nearest(name, known)
    if near is not None:
        return f"; did you mean '{safe(near, limit=80)}'?"
    if not known or len(known) > _LISTABLE:
        return ""
    listed = ", ".join(safe(item, limit=80) for item in known[:8])
    return f"; known are {listed}{', ...' if len(known) > 8 else ''}"
