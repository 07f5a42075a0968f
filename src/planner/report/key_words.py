"""What keys of a plan are called, by what they say of themselves."""

from __future__ import annotations

import re

from planner.domain.keys import find_key
from planner.domain.plan import Plan

#: Which of a list's items a key is of.
_PLACE = re.compile(r"\[([^]]*)\]")


def key_title(key: str) -> str:
    """Return what a key of a plan is called; empty where it says nothing of itself."""
    try:
        return find_key(Plan, _PLACE.sub("[]", key)).key.title
    except KeyError:
        return ""


def key_words(key: str) -> str:
    """Return a key in words with the pool or the item that it is of; the key itself where it says nothing.

    Examples
    --------
    >>> key_words("workload.tokens"), key_words("cluster.pools[train].count")
    ('tokens', 'train: count')
    >>> key_words("calendar.deliveries[1].systems"), key_words("pilot[0].chips")
    ('delivery 2: systems', 'pilot 1: chips')
    """
    title = key_title(key)
    place = _PLACE.search(key)
    if not title or not place:
        return title or key
    if not place[1].isdigit():
        return f"{place[1]}: {title}"
    table = key[: place.start()].rpartition(".")[2].replace("_", " ")
    one = f"{table[:-3]}y" if table.endswith("ies") else table.removesuffix("s")
    return f"{one} {int(place[1]) + 1}: {title}"
