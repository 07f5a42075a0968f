"""What is seen of a field that nobody has filled in, and where its value stands; knows no model of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from planner.domain.first_keys import FIRST_KEYS
from planner.domain.keys import Key

if TYPE_CHECKING:
    from planner.app.edits import FieldPath


class FieldFace(Protocol):
    """What a row of a form asks of its field."""

    @property
    def key(self) -> str:
        """Dotted key of the file; `[]` stands for the index of a pool."""

    @property
    def label(self) -> str:
        """What it is called."""

    @property
    def is_picked(self) -> bool:
        """Whether the value comes from a dialog, a list mostly, rather than being typed in place."""

    @property
    def is_required(self) -> bool:
        """Whether it must be filled in."""

    @property
    def invitation(self) -> str:
        """What stands in it while it is empty, where nothing else fills it."""


@dataclass(frozen=True)
class FirstField:
    """A field that a plan is begun with, as its words alone say it."""

    key: str
    words: Key

    @property
    def label(self) -> str:
        """What it is called."""
        return self.words.title

    @property
    def is_picked(self) -> bool:
        """Whether the value comes from a list."""
        return bool(self.words.profile_kind)

    @property
    def is_required(self) -> bool:
        """Whether it must be filled in."""
        return self.words.is_needed

    @property
    def invitation(self) -> str:
        """What stands in it while it is empty."""
        return invitation(self.words.example)

    @property
    def path(self) -> FieldPath:
        """Where its value stands in a plan."""
        return path_of(self.key)


#: Of the start screen, in their order.
FIRST_FIELDS = tuple(FirstField(key, words) for key, words in FIRST_KEYS.items())


def invitation(example: str) -> str:
    """Return what invites to fill in a field: an example, or that there is something to choose from."""
    return f"such as {example}" if example else "choose"


def path_of(key: str, pool: int | None = None) -> FieldPath:
    """Return where the value of a key stands in a plan: `cluster.pools[].count` of a pool, or of the first.

    Examples
    --------
    >>> path_of("cluster.pools[].count", 1), path_of("targets.power_mw")
    (('cluster', 'pools', 1, 'count'), ('targets', 'power_mw'))
    """
    parts: list[str | int] = []
    for part in key.split("."):
        parts.append(part.removesuffix("[]"))
        if part.endswith("[]"):
            parts.append(pool or 0)
    return tuple(parts)
