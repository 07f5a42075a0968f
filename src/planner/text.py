"""Text that is safe to show: no control, format, surrogate or private characters reach a terminal."""

from __future__ import annotations

import unicodedata

# Categories that can steer a terminal or hide from a reader: control, format, surrogate, private use,
# line and paragraph separators. Unassigned code points are harmless and allowed.
UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
#: Keeps words on one line; shown as an ordinary space.
NO_BREAK = "\N{NO-BREAK SPACE}"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Characters of those categories that ordinary text needs: none on one line; these two across lines.
MULTILINE_ALLOWED = frozenset("\n\t")


def first_unsafe(text: str, *, multiline: bool = False) -> tuple[int, str] | None:
    """Return the position and the code point name of the first unsafe character, or None."""
    if text.isascii() and text.isprintable():
        return None
    for position, character in enumerate(text):
        if multiline and character in MULTILINE_ALLOWED:
            continue
        if unicodedata.category(character) in UNSAFE_CATEGORIES:
            return position, f"U+{ord(character):04X}"
    return None


def safe(text: str, *, limit: int = 10_000) -> str:
    """Return `text` with every unsafe character replaced, cut at `limit` characters.

    For text that must be shown whatever it holds: file names, messages of other programs, broken input.
    """
    shown = text if len(text) <= limit else text[:limit] + "..."
    if first_unsafe(shown) is None:
        return shown
    return "".join(
        character if unicodedata.category(character) not in UNSAFE_CATEGORIES else REPLACEMENT
        for character in shown
    )
