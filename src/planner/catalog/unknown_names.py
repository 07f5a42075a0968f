"""What is said of an id that no profile has: never a neighbour that is another product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from planner.domain.unlisted import UnlistedParts
from planner.files.values import suggestion
from planner.text import safe

#: A number, or letters between numbers and hyphens: what designates a product.
_TOKEN = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
#: Letters that are as many are a word, in which people slip; fewer designate, as `b` or `sxm` do, and only
#: three that stand in another order are the same.
_WORD_LETTERS = 4
#: In words as long as this two slips are likely, in shorter ones a single one.
_LONG_WORD_LETTERS = 8
_SHOWN = 8


def about_unknown(name: str, known: Iterable[str], unlisted: UnlistedParts) -> str:
    """Return what follows `no chip is called "..."`: another spelling, the products it may mean, or nothing.

    A spelling that is suggested has the very numbers and letters of the name, so that it is the same product.

    Examples
    --------
    >>> about_unknown("ascend910b", ["ascend-910b", "ascend-910b2"], UnlistedParts())
    "; did you mean 'ascend-910b'? only hyphens or capitals differ"
    >>> about_unknown("mi325x-8", ["mi355x-8", *(f"x{number}" for number in range(50))], UnlistedParts())
    ''
    """
    known = sorted(known)
    tokens = _tokens(name)
    return (
        _unlisted(tokens, unlisted)
        or _respelled(tokens, known)
        or _holders(tokens, known)
        or _few(name, known)
    )


def _tokens(name: str) -> list[str]:
    return _TOKEN.findall(name[:120].casefold())


def _unlisted(tokens: Sequence[str], unlisted: UnlistedParts) -> str:
    for shared in unlisted.shared_names:
        if any(_holds(tokens, _tokens(identifier)) for identifier in shared.ids):
            products = " or ".join(f"'{product}'" for product in shared.products)
            return f"; {safe(shared.name)} is {products}: {safe(shared.ask)}"
    for part in unlisted.without_figures:
        if any(_holds(tokens, _tokens(identifier)) for identifier in part.ids):
            return f"; announced, no figures: {safe(part.name)} ({safe(part.why)})"
    return ""


def _holds(tokens: Sequence[str], part: Sequence[str]) -> bool:
    """Return whether the tokens of one name stand in another's, side by side."""
    starts = range(len(tokens) - len(part) + 1)
    return bool(part) and any(tokens[start : start + len(part)] == part for start in starts)


def _respelled(tokens: Sequence[str], known: Sequence[str]) -> str:
    for candidate in known:
        slips = _slips(tokens, _tokens(candidate))
        if slips is not None:
            differs = ", ".join(f"'{right}' for '{safe(wrong, limit=40)}'" for wrong, right in slips)
            return f"; did you mean '{candidate}'? {differs or 'only hyphens or capitals differ'}"
    return ""


def _slips(tokens: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]] | None:
    """Return the misspelt words of a name beside those of another; None where they are two products."""
    if len(tokens) != len(others):
        return None
    slips = [(wrong, right) for wrong, right in zip(tokens, others, strict=True) if wrong != right]
    return slips if tokens and all(_is_slip(wrong, right) for wrong, right in slips) else None


def _is_slip(wrong: str, right: str) -> bool:
    shorter = min(len(wrong), len(right))
    if not (wrong.isalpha() and right.isalpha()):
        return False
    if shorter < _WORD_LETTERS:
        return shorter == _WORD_LETTERS - 1 and sorted(wrong) == sorted(right)
    return _slip_count(wrong, right) <= (2 if shorter >= _LONG_WORD_LETTERS else 1)


def _slip_count(wrong: str, right: str) -> int:
    """Return how many letters are wrong, missing, too many or swapped with the next."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(wrong, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(right, start=1):
            count = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and wrong[i - 2] == other:
                count = min(count, earlier[j - 2] + 1)
            row.append(count)
    return row[-1]


def _holders(tokens: Sequence[str], known: Sequence[str]) -> str:
    """Return the ids that hold the whole name, as `h100-sxm` holds `h100`."""
    found = [f"'{candidate}'" for candidate in known if _holds(_tokens(candidate), tokens)]
    if not found or not any(token.isdigit() or len(token) >= _WORD_LETTERS for token in tokens):
        return ""
    more = ", ..." if len(found) > _SHOWN else ""
    return f"; ids that hold it are {', '.join(found[:_SHOWN])}{more}"


def _few(name: str, known: Sequence[str]) -> str:
    """Return the ids there are, where they are few enough to read."""
    told = suggestion(name, known)
    return told if told.startswith("; known are") else ""
