"""Lists of profiles as documents and JSON: what of a kind is wanted, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planner.domain.unlisted import UnlistedParts
from planner.report.document import Block, Heading, Table, cells, document, entries
from planner.report.profile_columns import columns_of
from planner.report.profile_listing import Listed
from planner.report.profile_rows import label_of


@document
def profiles_document(
    listings: Mapping[str, Sequence[Listed]], unlisted: UnlistedParts | None = None, *, sort: str = ""
) -> Iterator[Block]:
    """Yield a table of the profiles of each kind, with where each came from, and parts that have none.

    Parameters
    ----------
    listings
        By kind, what is shown of it, in its order.
    unlisted
        Parts that no profile has.
    sort
        The key of the figure that they are sorted by, which has a column then.
    """
    for kind, found in listings.items():
        yield Heading(kind, f"{len(found)}")
        if found:
            yield _table(kind, found, sort)
    if unlisted is not None:
        yield from _unlisted(unlisted)


def _table(kind: str, found: Sequence[Listed], sort: str) -> Table:
    columns = columns_of(kind)
    sorted_by = (label_of(sort),) if sort else ()
    rows = (
        (one.id, one.name, *((one.figure_text(sort),) if sort else ()), *one.cells, one.origin)
        for one in found
    )
    right = frozenset(range(2, 2 + columns.numeric + len(sorted_by)))
    # where there is little room, what they are sorted by goes before what all of them show
    spare = 1 + len(columns.names) if sort else 0
    return Table(("id", "name", *sorted_by, *columns.names, "from"), cells(rows), right=right, spare=spare)


def _unlisted(parts: UnlistedParts) -> Iterator[Block]:
    if parts.without_figures:
        yield Heading("announced, no figures", f"{len(parts.without_figures)}, which no plan can name")
        yield entries(((part.name, part.why) for part in parts.without_figures), 1)
    if parts.shared_names:
        yield Heading("other names", f"{len(parts.shared_names)}")
        yield entries(
            ((shared.name, f"{' or '.join(shared.products)}: {shared.ask}") for shared in parts.shared_names),
            1,
        )


def profiles_to_list(listings: Mapping[str, Sequence[Listed]], *, sort: str = "") -> list[dict[str, object]]:
    """Return the profiles as records for JSON."""
    return [
        {
            "kind": kind,
            "id": one.id,
            "name": one.name,
            "maker": one.maker,
            "state": one.state,
            "hash": one.entry.hash,
            "from": one.origin,
            "path": str(one.entry.path),
            **({"sorted_by": {"key": sort, "value": one.figure_value(sort)}} if sort else {}),
        }
        for kind, found in listings.items()
        for one in found
        if one.entry is not None
    ]
