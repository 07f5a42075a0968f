"""An explanation as a tree that opens level by level: which of its rows show. Knows no widget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.estimate.explain import Explanation
    from planner.planning.published import PublishedRun
    from planner.quantities.record import Record

#: Which of its children, from the root on.
Path = tuple[int, ...]
ROOT: Path = ()
#: Where the published runs stand: below the root, behind all that it is made of.
RUNS: Path = (-1,)
#: Of a whole's parts, those that are told in a sentence.
_TOLD_PARTS = 3
_PART = ".parts."


@dataclass(frozen=True)
class TreeRow:
    """One row: a term, why it is what it is, or a published run."""

    path: Path
    #: a term, or what stands below one that is open
    record: Record | None = None
    #: this row says where the term's value is from, and no more
    is_reason: bool = False
    run: PublishedRun | None = None
    can_open: bool = False
    is_open: bool = False

    @property
    def can_be_chosen(self) -> bool:
        """Whether the cursor stops at it."""
        return not self.is_reason

    @property
    def depth(self) -> int:
        """How far from the root."""
        return len(self.path)


@dataclass
class ExplanationTree:
    """The tree, and what somebody opened of it; the first level is open."""

    explanation: Explanation
    opened: set[Path] = field(default_factory=lambda: {ROOT})

    def rows(self) -> list[TreeRow]:
        """Return what shows, from above."""
        found = list(self._of(self.explanation.record, ROOT))
        runs = self.explanation.nearest
        if runs:
            is_open = RUNS in self.opened
            found.append(TreeRow(RUNS, can_open=True, is_open=is_open))
            found += [TreeRow((*RUNS, place), run=run) for place, run in enumerate(runs) if is_open]
        return found

    def _of(self, record: Record, path: Path) -> Iterator[TreeRow]:
        says_more = bool(record.children or record.equation or record.method)
        is_open = path in self.opened
        yield TreeRow(path, record, can_open=says_more, is_open=is_open)
        if is_open and says_more:
            yield TreeRow(path, record, is_reason=True)
            for place, child in enumerate(record.children):
                yield from self._of(child, (*path, place))

    def open(self, path: Path) -> bool:
        """Open a row; return whether it was closed."""
        is_new = path not in self.opened
        self.opened.add(path)
        return is_new

    def close(self, path: Path) -> bool:
        """Close a row; return whether it was open."""
        was_open = path in self.opened
        self.opened.discard(path)
        return was_open

    def open_all(self, rows: Sequence[TreeRow]) -> None:
        """Open one level more of all that shows."""
        self.opened |= {row.path for row in rows if row.can_open}


def parts_behind(root: Record) -> tuple[str, list[tuple[Record, float]]] | None:
    """Return the whole nearest to a number that is told by its parts, and the shares of the largest.

    None where nothing behind the number is a sum of parts.
    """
    waiting = [root]
    seen: set[int] = set()
    while waiting:
        record = waiting.pop(0)
        if id(record) in seen:
            continue
        seen.add(id(record))
        parts = [
            (child, child.value)
            for child in record.children
            if _PART in child.id and isinstance(child.value, float) and child.value > 0
        ]
        total = sum(value for _, value in parts)
        if len(parts) > 1:
            shares = [(part, value / total) for part, value in parts]
            whole = parts[0][0].id.partition(_PART)[0].rpartition(".")[2]
            return whole, sorted(shares, key=lambda one: -one[1])[:_TOLD_PARTS]
        waiting += record.children
    return None
