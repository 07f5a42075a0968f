"""The profiles of a kind as a list: searched, of one maker or state, sorted by any figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planner.catalog.catalog import Catalog
from planner.catalog.entry import Entry
from planner.catalog.kinds import KINDS
from planner.domain.keys import find_key
from planner.domain.maturity import Part, least_mature
from planner.domain.system import System
from planner.errors import InputError, ProfileError
from planner.files.values import shown_value, suggestion
from planner.report.numbers import UNKNOWN
from planner.report.profile_columns import columns_of
from planner.report.profile_document import name_of
from planner.report.profile_rows import Row, label_of, profile_rows
from planner.report.words import STATES, words

#: Whose a profile of a kind is, or what else people look for it by: the attribute, and what it is called.
_MAKERS = {
    "chips": ("vendor", "vendor"),
    "systems": ("vendor", "vendor"),
    "fabrics": ("kind", "kind"),
    "stacks": ("platform", "platform"),
    "models": ("developer", "developer"),
    "sites": ("country", "country"),
    "prices": ("per", "what it is of"),
    "rules": ("jurisdiction", "where"),
}


@dataclass(frozen=True)
class Listed:
    """One profile of a list; a file that cannot be used has a problem in place of an entry."""

    kind: str
    id: str
    name: str
    #: what its kind's columns show
    cells: tuple[str, ...] = ()
    maker: str = ""
    #: whether anybody measured it, or it is in force; empty where the kind has no such thing
    state: str = ""
    origin: str = ""
    entry: Entry[Any] | None = None
    problem: str = ""

    @cached_property
    def rows(self) -> dict[str, Row]:
        """Every fact and figure by its key; taken apart when first asked for."""
        return {} if self.entry is None else {row.key: row for row in profile_rows(self.entry.profile)}

    @cached_property
    def text(self) -> str:
        """What a search looks through."""
        return " ".join((self.id, self.name, *self.cells, self.maker, self.state, self.origin)).lower()

    def figure_value(self, key: str) -> float | None:
        """Return a figure in SI, the middle where it is a range; None where it is unknown or no number."""
        row = self.rows.get(key)
        return None if row is None else _number(row.value)

    def figure_text(self, key: str) -> str:
        """Return a figure as it is read."""
        row = self.rows.get(key)
        return UNKNOWN if row is None or not row.text else row.text


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see of a kind; nothing said is everything, by id."""

    words: str = ""
    maker: str = ""
    state: str = ""
    #: the key of a figure; the largest stands first, what is unknown last
    sort: str = ""
    is_rising: bool = False


def listing(kind: str, catalog: Catalog) -> list[Listed]:
    """Return every profile of a kind by id; behind them what cannot be used, with the reason."""
    found = [listed(kind, identifier, entry, catalog) for identifier, entry in catalog.of_kind(kind).items()]
    broken = [
        Listed(kind, problem.id, problem.id, origin=problem.origin, problem=problem.line)
        for problem in catalog.problems(kind)
    ]
    return [*found, *broken]


def listed(kind: str, identifier: str, entry: Entry[Any], catalog: Catalog) -> Listed:
    """Return a profile as lists show it."""
    profile = entry.profile
    chip = catalog.find("chips", profile.chip) if isinstance(profile, System) else None
    owner = profile if chip is None else chip.profile
    maker = getattr(owner, _MAKERS[kind][0], "") if kind in _MAKERS else ""
    return Listed(
        kind,
        identifier,
        name_of(profile),
        columns_of(kind).cells(profile),
        maker,
        _state(profile, None if chip is None else chip.profile),
        entry.origin,
        entry,
    )


def _state(profile: object, chip: object) -> str:
    """Return how far a part is proven, of a system and its chip the lesser; of a rule whether it holds."""
    if isinstance(profile, Part):
        inner = chip.maturity if isinstance(chip, Part) else "proven"
        return STATES[least_mature(profile.maturity, inner)]
    status = getattr(profile, "status", "")
    return words(status) if isinstance(status, str) else ""


def maker_title(kind: str) -> str:
    """Return what the profiles of a kind are told apart by: the vendor of chips, the country of sites."""
    return _MAKERS[kind][1] if kind in _MAKERS else ""


def makers(found: Iterable[Listed]) -> list[str]:
    """Return the makers that there are."""
    return sorted({one.maker for one in found if one.maker}, key=str.lower)


def states(found: Iterable[Listed]) -> list[str]:
    """Return the states that there are."""
    known = list(STATES.values())
    return sorted(
        {one.state for one in found if one.state},
        key=lambda state: (known.index(state) if state in known else len(known), state),
    )


def sort_keys(found: Iterable[Listed]) -> dict[str, str]:
    """Return the keys of all numbers that any of them has, each with what it is called."""
    keys = dict.fromkeys(
        key for one in found for key, row in one.rows.items() if _number(row.value) is not None
    )
    return {key: label_of(key) for key in keys}


def title_of(kind: str, key: str) -> str:
    """Return what a form calls a figure, where that is another name than the key's words; else empty."""
    try:
        return find_key(KINDS[kind].model_class, key).key.title
    except (KeyError, StopIteration):
        return ""


def sort_key(found: Sequence[Listed], text: str) -> str:
    """Return the key of the figure that somebody means by its key or its words.

    Raises
    ------
    ProfileError
        Where no profile among them has such a number, naming the nearest.
    """
    keys = sort_keys(found)
    titles = {key: title_of(found[0].kind, key) for key in keys}
    for key, label in keys.items():
        if text in (key, label, titles[key]):
            return key
    near = suggestion(text, [*keys.values(), *keys])
    told = {key: f"{label} {titles[key]}" for key, label in keys.items()}
    holding = [keys[key] for key, named in told.items() if text.lower() in named] or list(keys.values())
    near = near or (f"; expected such as {', '.join(holding[:4])}" if holding else "")
    raise ProfileError(f"no number is called {shown_value(text)}{near}")


def wanted(found: Iterable[Listed], wish: Wish) -> list[Listed]:
    """Return what somebody wants to see, in the order that they want it in; what is broken stands last."""
    typed = wish.words.lower().split()
    kept = [
        one
        for one in found
        if all(word in one.text for word in typed)
        and wish.maker.lower() in ("", one.maker.lower())
        and wish.state.lower() in ("", one.state.lower())
    ]
    if not wish.sort:
        return kept
    known = [one for one in kept if one.figure_value(wish.sort) is not None]
    known.sort(key=lambda one: one.figure_value(wish.sort) or 0.0, reverse=not wish.is_rising)
    return [*known, *(one for one in kept if one.figure_value(wish.sort) is None)]


def check_wish(found: Sequence[Listed], wish: Wish) -> None:
    """Refuse a maker or a state that nothing among them has.

    Raises
    ------
    InputError
        Naming the nearest.
    """
    for what, text, known in (("maker", wish.maker, makers(found)), ("state", wish.state, states(found))):
        if text and text.lower() not in (name.lower() for name in known):
            near = suggestion(text, known)
            raise InputError(f"--{what} {shown_value(text)}: no profile among these has it{near}")


def _number(value: object) -> float | None:
    if isinstance(value, Mapping) and "low" in value and "high" in value:
        return (float(value["low"]) + float(value["high"])) / 2.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
