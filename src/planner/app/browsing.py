"""What somebody looks at among the profiles: a kind, what of it, and what they marked; knows no widget."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from planner.catalog.catalog import Catalog
from planner.report.profile_listing import Listed, Wish, listing, wanted
from planner.report.profile_rows import label_of

#: The kinds that there is a list of, in the order in which a team thinks.
KINDS = ("chips", "systems", "fabrics", "stacks", "models", "sites", "prices", "rules")


@dataclass
class Browsing:
    """The state of the screen of profiles; a session keeps it, so that it is found again as it was left."""

    kind: str = KINDS[0]
    wishes: dict[str, Wish] = field(default_factory=dict)
    #: ids by kind, in the order in which they were marked
    marked: dict[str, list[str]] = field(default_factory=dict)
    #: the id under the cursor, by kind
    here: dict[str, str] = field(default_factory=dict)
    #: everything of a kind, once it was read
    found: dict[str, list[Listed]] = field(default_factory=dict)

    @property
    def wish(self) -> Wish:
        """What is wanted of the kind that is shown."""
        return self.wishes.get(self.kind, Wish())

    def want(self, **changes: str | bool) -> None:
        """Want something else of the kind."""
        self.wishes[self.kind] = replace(self.wish, **changes)  # type: ignore[arg-type] # as Wish's fields are

    def turn(self, step: int) -> None:
        """Look at another kind."""
        self.kind = KINDS[(KINDS.index(self.kind) + step) % len(KINDS)]

    def read(self, kind: str, catalog: Catalog) -> list[Listed]:
        """Return everything of a kind; read once, for a worker's thread."""
        return listing(kind, catalog)

    def forget(self) -> None:
        """Read again what there is: a file changed."""
        self.found = {}

    def shown(self) -> list[Listed]:
        """Return what is wanted of the kind."""
        return wanted(self.found.get(self.kind, ()), self.wish)

    def mark(self, identifier: str) -> None:
        """Mark a profile, or take its mark away."""
        marks = self.marked.setdefault(self.kind, [])
        if identifier in marks:
            marks.remove(identifier)
        else:
            marks.append(identifier)

    def marks(self) -> list[Listed]:
        """Return what is marked of the kind and still there."""
        by_id = {one.id: one for one in self.found.get(self.kind, ()) if not one.problem}
        return [by_id[name] for name in self.marked.get(self.kind, ()) if name in by_id]

    def narrowed(self) -> str:
        """Return in words what is left out and how it is sorted; empty where everything stands by id."""
        wish = self.wish
        parts = [wish.maker, wish.state]
        if wish.sort:
            order = "smallest" if wish.is_rising else "largest"
            parts.append(f"by {label_of(wish.sort)}, {order} first")
        return " \u00b7 ".join(part for part in parts if part)
