"""Two to six profiles of a kind side by side: each fact and figure with how it is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.errors import ProfileError
from planner.report.document import Block, Cell, Heading, Paragraph, Table, document
from planner.report.numbers import UNKNOWN
from planner.report.profile_listing import Listed
from planner.report.profile_rows import Row, label_of
from planner.report.words import counted, known_words

FEWEST, MOST = 2, 6


def check_comparable(found: Sequence[Listed]) -> None:
    """Refuse what does not stand side by side.

    Raises
    ------
    ProfileError
        Where there are too few or too many, or of several kinds.
    """
    if not FEWEST <= len(found) <= MOST:
        raise ProfileError(f"{counted(len(found), 'profile')} named; expected {FEWEST} to {MOST}")
    kinds = list(dict.fromkeys(one.kind for one in found))
    if len(kinds) > 1:
        raise ProfileError(f"expected profiles of one kind, got {' and '.join(kinds)}")


def shared_keys(found: Sequence[Listed]) -> list[str]:
    """Return the keys that any of the profiles has, those of the first in its order."""
    return list(dict.fromkeys(key for one in found for key in one.rows))


@document
def profile_comparison_document(found: Sequence[Listed]) -> Iterator[Block]:
    """Yield a table with a column for each profile; what differs stands first."""
    yield Heading(f"{found[0].kind} side by side", f"{len(found)}")
    keys = shared_keys(found)
    alike = [key for key in keys if len({_text(one, key) for one in found}) == 1]
    other = [key for key in keys if key not in alike]
    # a copy, or one that is named twice
    yield _table(found, other) if other else Paragraph("nothing differs")
    if alike:
        yield Heading("the same in all", f"{len(alike)}")
        yield _table(found[:1], alike)
    yield Paragraph("~ rival figures are in circulation: `planner profiles show` has them", role="quiet")


def _table(found: Sequence[Listed], keys: Sequence[str]) -> Table:
    header = ("", *(one.name if len(found) > 1 else "" for one in found))
    rows = tuple((Cell(label_of(key)), *(_cell(one.rows.get(key)) for one in found)) for key in keys)
    return Table(header, rows, layout="plans")


def _cell(row: Row | None) -> Cell:
    if row is None:
        return Cell(UNKNOWN, role="quiet")
    known = "" if row.evidence is None else f"{known_words(row.evidence.kind)}{' ~' if row.rivals else ''}"
    return Cell(row.text or UNKNOWN, below=known)


def _text(one: Listed, key: str) -> str:
    row = one.rows.get(key)
    return UNKNOWN if row is None else row.text


def _kind(one: Listed, key: str) -> str | None:
    row = one.rows.get(key)
    return None if row is None or row.evidence is None else row.evidence.kind


def profile_comparison_to_dict(found: Sequence[Listed]) -> dict[str, object]:
    """Return the same for JSON: each key with the value of each profile, in SI."""
    return {
        "kind": found[0].kind,
        "profiles": [{"id": one.id, "name": one.name, "from": one.origin} for one in found],
        "figures": [
            {
                "key": key,
                "values": [row.value if (row := one.rows.get(key)) else None for one in found],
                "texts": [_text(one, key) for one in found],
                "kinds": [
                    row.evidence.kind if (row := one.rows.get(key)) and row.evidence else None
                    for one in found
                ],
            }
            for key in shared_keys(found)
        ],
    }
