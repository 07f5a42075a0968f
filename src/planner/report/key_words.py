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
    """Return a key in words with the pool that it is of; the key itself where it says nothing of itself.

    Examples
    --------
    >>> key_words("workload.tokens"), key_words("cluster.pools[train].count")
    ('tokens', 'train: count')
    """
    title = key_title(key)
    place = _PLACE.search(key)
    return f"{place[1]}: {title}" if title and place else title or key
