"""The table of quantities: what each is called, how it is told, and the ways in which it comes about."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from planner.errors import InputError
from planner.files.values import shown_value, suggestion
from planner.quantities.figure import Gap, GapFamily
from planner.quantities.setting import Setting
from planner.quantities.symbols import Symbol, as_symbol
from planner.quantities.units import Unit

#: neither: compared, without a winner
Better = Literal["less", "more", "neither"]
#: What must be there before it can be told: the plan, one of its pools, a layout that trains on the pool, or
#: one phase of that training.
Scope = Literal["plan", "pool", "training", "phase"]
#: How `estimate --json` tells it: with its band, as a number, a whole number, a date or words; a part is left
#: out of its whole where it is unknown; inner ones are told by `explain` alone.
Form = Literal["band", "number", "count", "date", "words", "part", "inner"]
#: What is told of all pools together: the sum over all that are there or, of a run, over those that train.
OverPools = Literal["added", "run"]


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way in which a quantity comes about.

    A formula is a function of the inputs' arrays, in plain arithmetic: it is called on symbols to be printed.
    Where it does more than that, `method` says what in words. A reading gets the setting: a leaf of the tree,
    or a term of the engine, whose `method` says in words what the engine does with the inputs.
    """

    #: symbol in the formula, and the id of the quantity that it stands for
    inputs: Mapping[str, str]
    formula: Callable[..., Any] | None = None
    #: of the setting, or of the figures
    reading: Callable[[Any], Any] | None = None
    method: str | None = None
    #: whether it is this way that holds; None: always
    when: Callable[[Setting], bool] | None = None
    #: inputs that a sum stands without where they are unknown
    optional: frozenset[str] = frozenset()
    #: what an unknown input is called where the reader knows it by another name
    missing: Mapping[str, Gap] = field(default_factory=dict)
    #: the formula sums the first input over the phases
    is_over_phases: bool = False
    #: the reading gets the figures themselves: it asks for those of other parts of the cluster too
    reads_figures: bool = False
    #: it holds for several pools of a plan alone
    is_of_pools: bool = False

    def equation(self, phases: int = 1, left_out: Collection[str] = ()) -> str | None:
        """Return the formula in the symbols of its inputs but those left out; None where words tell it."""
        if self.formula is None or self.method is not None:
            return None
        if self.is_over_phases:
            return str(as_symbol(self.formula(*map(Symbol, self.phase_symbols(phases)))))
        symbols = {symbol: Symbol("0" if symbol in left_out else symbol) for symbol in self.inputs}
        return str(as_symbol(self.formula(**symbols)))

    def phase_symbols(self, phases: int) -> list[str]:
        """Return the symbols of the one input over so many phases."""
        (symbol,) = self.inputs
        return [f"{symbol}_{number}" for number in range(1, phases + 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """One quantity: everything that any output needs to know of it."""

    #: the path under which `estimate --json` publishes it
    id: str
    title: str
    #: where there is little room
    short: str
    unit: Unit
    scope: Scope
    form: Form
    better: Better | None
    #: of the whole job: it says nothing where the jobs are different ones
    is_of_job: bool
    #: whose gaps are told beside it
    family: GapFamily
    aliases: tuple[str, ...]
    #: adds up ratings in full: chance has no part in it, whatever goes in
    is_rating: bool
    #: stream and spread of the logarithm of what the model itself scatters by; nothing at the medians
    scatter: Callable[[Setting], tuple[str, float]] | None
    #: quantity above which that scatter takes none of the draws
    scatter_ceiling: str | None
    #: told of each phase too, where a plan has several
    is_told_by_phase: bool
    #: how it is told of all pools together; None: of one alone
    over_pools: OverPools | None
    ways: list[Way]

    @property
    def symbol(self) -> str:
        """What it is called in an equation where nothing else is said."""
        return self.id.rpartition(".")[2]

    @property
    def is_published(self) -> bool:
        """Whether `estimate --json` holds it."""
        return self.form != "inner"

    @property
    def own_ways(self) -> list[Way]:
        """The ways of one pool, in which it is listed; of several it is their sum, or the joint step's."""
        return [way for way in self.ways if not way.is_of_pools]

    def way(self, setting: Setting) -> Way:
        """Return the way that holds in a setting."""
        for way in self.ways:
            if way.when is None or way.when(setting):
                return way
        raise LookupError(f"no way of {self.id} holds")


#: All quantities by id, in the order in which they are told.
TABLE: dict[str, Quantity] = {}
#: Other names of them.
ALIASES: dict[str, str] = {}
Formula = Callable[..., Any]
#: An end of a band, where the path of one is asked for, not that of its quantity.
_BAND_END = re.compile(r"\.p(10|50|90)$")


def declare(
    identifier: str,
    title: str,
    unit: Unit,
    *ways: Way,
    short: str = "",
    scope: Scope = "training",
    form: Form = "inner",
    better: Better | None = None,
    is_of_job: bool = False,
    family: GapFamily = "other",
    aliases: tuple[str, ...] = (),
    is_rating: bool = False,
    scatter: Callable[[Setting], tuple[str, float]] | None = None,
    scatter_ceiling: str | None = None,
    is_told_by_phase: bool = False,
    over_pools: OverPools | None = None,
) -> Quantity:
    """Put a quantity into the table and return it.

    Raises
    ------
    ValueError
        Where its id or an alias is taken: at import, so that no test run can miss it.
    """
    made = Quantity(
        identifier,
        title,
        short or title,
        unit,
        scope,
        form,
        better,
        is_of_job,
        family,
        aliases,
        is_rating,
        scatter,
        scatter_ceiling,
        is_told_by_phase,
        over_pools,
        list(ways),
    )
    for name in (identifier, *aliases):
        if name in TABLE or name in ALIASES:
            raise ValueError(f"two quantities are called {name}")
    TABLE[identifier] = made
    ALIASES.update(dict.fromkeys(aliases, identifier))
    return made


def quantity(
    identifier: str, title: str, unit: Unit, inputs: Mapping[str, str] | None = None, **told: Any
) -> Callable[[Formula], Formula]:
    """Declare the quantity that the decorated formula computes from its inputs."""

    def put(formula: Formula) -> Formula:
        way_keys = ("when", "optional", "missing", "is_over_phases", "method")
        of_way = {key: told.pop(key) for key in way_keys if key in told}
        declare(identifier, title, unit, Way(inputs or {}, formula, **of_way), **told)
        return formula

    return put


def another_way(identifier: str, inputs: Mapping[str, str], **of_way: Any) -> Callable[[Formula], Formula]:
    """Give a quantity one more way, which is asked after those that it has."""

    def put(formula: Formula) -> Formula:
        TABLE[identifier].ways.append(Way(inputs, formula, **of_way))
        return formula

    return put


def another_reading(
    identifier: str,
    *,
    method: str | None = None,
    inputs: Mapping[str, str] | None = None,
    when: Callable[[Setting], bool] | None = None,
    reads_figures: bool = False,
) -> Callable[[Formula], Formula]:
    """Let a quantity be read where none of the ways before holds."""

    def put(reading: Formula) -> Formula:
        way = Way(inputs or {}, reading=reading, method=method, when=when, reads_figures=reads_figures)
        TABLE[identifier].ways.append(way)
        return reading

    return put


def in_front(identifier: str, way: Way) -> None:
    """Let a quantity come about in a way of several pools, which is asked for before all others."""
    TABLE[identifier].ways.insert(0, replace(way, is_of_pools=True))


def leaf(
    identifier: str,
    title: str,
    unit: Unit,
    *,
    method: str | None = None,
    inputs: Mapping[str, str] | None = None,
    reads_figures: bool = False,
    **told: Any,
) -> Callable[[Formula], Formula]:
    """Declare a quantity that is read, not computed: of a plan, a profile, or from the engine."""

    def put(reading: Formula) -> Formula:
        way = Way(inputs or {}, reading=reading, method=method, reads_figures=reads_figures)
        declare(identifier, title, unit, way, **told)
        return reading

    return put


def compared() -> list[Quantity]:
    """Return what estimates are compared by, in the order in which it is told."""
    return [made for made in TABLE.values() if made.better is not None]


def quantity_named(text: str) -> Quantity:
    """Return the quantity that a person means; a bare part (`bubble`) is enough where only one has it.

    Raises
    ------
    InputError
        Where there is none, naming the nearest, or more than one.
    """
    name = _BAND_END.sub("", text.strip().lower().replace("-", "_").replace(" ", "_"))
    name = ALIASES.get(name, name)
    if name in TABLE:
        return TABLE[name]
    parts = [made for made in TABLE.values() if name and made.is_published and made.symbol == name]
    if len(parts) == 1:
        return parts[0]
    if parts:
        raise InputError(
            f"quantity {shown_value(text)}: expected one of {', '.join(made.id for made in parts)}"
        )
    near = suggestion(name, [*TABLE, *ALIASES, *(made.symbol for made in TABLE.values())])
    listed = near or "; `planner quantities` lists them all"
    raise InputError(f"no quantity is called {shown_value(text)}{listed}")
