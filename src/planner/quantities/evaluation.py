"""Evaluates the table in one setting: each quantity once, with what went into it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import standard_draws
from planner.quantities import families  # noqa: F401 - fills the table
from planner.quantities.figure import Band, Figure, Gap, together, unknown
from planner.quantities.leaves import Leaf
from planner.quantities.record import Record
from planner.quantities.setting import Setting
from planner.quantities.table import TABLE, Quantity, Way

#: No calendar goes further; a plan that takes longer has no date.
LAST_DAY = datetime.date(9999, 12, 31).toordinal()
T = TypeVar("T")
#: What a reading may give beside a bare number or array.
_READ_WHOLE = (Leaf, str, type(None))
#: A number with its draws, or words; None where words are unknown.
Value = Figure | str | None


class Figures:
    """The quantities of a plan on one pool, each evaluated when it is first asked for, and kept.

    Examples
    --------
    `figures.band("training_days")` is the days with their band, `figures.record("training_days")` the tree
    behind them.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting: Setting | None = setting
        #: makes the setting again, once it was dropped
        self._again: Callable[[], Setting] | None = None
        self._known: dict[str, Value] = {}
        #: what was read with grounds of its own
        self._leaves: dict[str, Leaf] = {}
        self._phases: dict[int, Figures] = {}
        #: what several readings share, of the plan and its phases together
        self._kept: dict[str, Any] = {}
        #: by id and symbol: what many quantities rest on is told once, and its record shared by their trees
        self._records: dict[tuple[str, str], Record] = {}

    @property
    def setting(self) -> Setting:
        """The plan, its pool and its training there."""
        if self._setting is None:
            assert self._again is not None  # else it is not dropped
            self._setting = self._again()
        return self._setting

    def forget(self, *kept: str, again: Callable[[], Setting] | None = None) -> None:
        """Keep the values of these quantities alone; all others are evaluated again when they are asked for.

        All that stands behind a training time takes half a MiB of draws. Where `again` makes the setting
        again, it goes too, until something is evaluated: the step of a layout is as much.
        """
        if again is not None:
            self._setting, self._again = None, again
        for held in (self._known, self._leaves):
            for identifier in held.keys() - set(kept):
                del held[identifier]
        for shared in (self._phases, self._kept, self._records):
            shared.clear()

    def __getitem__(self, identifier: str) -> Figure:
        """Return the figure of a number.

        Raises
        ------
        InfeasibleError
            Where the pool cannot run the plan and the quantity is of its training.
        """
        value = self._value(identifier)
        if not isinstance(value, Figure):
            raise TypeError(f"{identifier} is told in words")
        return value

    def band(self, identifier: str) -> Band | None:
        """Return a number's band; None where it is unknown. A date's ends are whole days."""
        found = self[identifier].band
        if found is None or TABLE[identifier].unit != "date":
            return found
        return Band(*(float(np.ceil(end)) for end in (found.p10, found.p50, found.p90)))

    def p50(self, identifier: str) -> float | None:
        """Return a number at the medians; None where it is unknown."""
        return self[identifier].p50

    def number(self, identifier: str) -> float:
        """Return a number at the medians that is known wherever there are figures at all."""
        value = self[identifier].p50
        if value is None:
            raise TypeError(f"{identifier} is unknown")
        return value

    def words(self, identifier: str) -> str | None:
        """Return what is told in words; None where it is unknown."""
        value = self._value(identifier)
        if isinstance(value, Figure):
            raise TypeError(f"{identifier} is a number")
        return value

    def parts(self, whole: str) -> dict[str, float]:
        """Return the known parts of a whole (`memory.parts`) by their names, in the order of the table."""
        found = {
            identifier.removeprefix(f"{whole}."): self[identifier].p50
            for identifier in TABLE
            if identifier.startswith(f"{whole}.")
        }
        return {name: value for name, value in found.items() if value is not None}

    def gaps(self, identifier: str) -> tuple[str, ...]:
        """Return what a quantity lacks, leaves out or assumes of its own kind, by name."""
        return self[identifier].gaps_of(TABLE[identifier].family)

    def left_out(self, identifier: str) -> tuple[str, ...]:
        """Return what a quantity lacks or leaves out of its own kind, by name; not what is assumed in it."""
        return self._texts(identifier, is_assumed=False)

    def assumed(self, identifier: str) -> tuple[str, ...]:
        """Return what stands in for something of a quantity's own kind, by name."""
        return self._texts(identifier, is_assumed=True)

    def _texts(self, identifier: str, *, is_assumed: bool) -> tuple[str, ...]:
        family, gaps = TABLE[identifier].family, self[identifier].gaps
        told = (gap.text for gap in gaps if gap.family == family and (gap.kind == "assumed") == is_assumed)
        # what is unknown in one way and left out of another is one thing
        return tuple(dict.fromkeys(told))

    def of_phase(self, index: int) -> Figures:
        """Return the figures of one phase alone; of the only phase they are those of the whole."""
        if len(self.setting.phases) == 1 or index == self.setting.chosen_phase:
            return self
        if index not in self._phases:
            self._phases[index] = Figures(replace(self.setting, chosen_phase=index))
            self._phases[index]._phases, self._phases[index]._kept = self._phases, self._kept
        return self._phases[index]

    def phases(self) -> tuple[Figures, ...]:
        """Return the figures of each phase where there are several."""
        count = len(self.setting.phases)
        return tuple(self.of_phase(index) for index in range(count)) if count > 1 else ()

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """Return what readings of these figures and their phases share, made when it is first asked for."""
        if name not in self._kept:
            self._kept[name] = make()
        found: T = self._kept[name]
        return found

    def elsewhere(self, setting: Setting) -> Figures:
        """Return the figures of another part of the cluster."""
        return Figures(setting)

    def record(self, identifier: str, symbol: str = "") -> Record:
        """Return the tree behind a quantity, down to what was read.

        Raises
        ------
        InfeasibleError
            Where the pool cannot run the plan and the quantity is of its training.
        """
        made = TABLE[identifier]
        if (main := self._main_phase(made)) is not None:
            return main.record(identifier, symbol)
        key = identifier, symbol or made.symbol
        if key not in self._records:
            self._records[key] = self._recorded(made, key[1])
        return self._records[key]

    def _recorded(self, made: Quantity, symbol: str) -> Record:
        found = self._value(made.id)
        way = made.way(self.setting)
        own = self._leaves.get(made.id) or Leaf(None)
        value = found.p50 if isinstance(found, Figure) else found
        more = own.more_children() if own.more_children is not None else ()
        children = [*own.children, *more, *self._children(way)]
        is_told = value is not None
        return Record(
            symbol=symbol,
            name=own.name or made.title,
            value=value,
            unit=made.unit,
            equation=(own.equation or self._equation(way)) if is_told else None,
            method=own.method or way.method if is_told else _missing_words(found),
            children=tuple(children),
            grounds=own.grounds,
            id=made.id,
        )

    def _equation(self, way: Way) -> str | None:
        """Return a way's equation as it was computed: what is unknown is left out of a sum."""
        left_out = [symbol for symbol in way.optional if not self[way.inputs[symbol]].is_known]
        return way.equation(len(self.setting.phases), left_out)

    def _children(self, way: Way) -> Iterator[Record]:
        if way.is_over_phases:
            ((_, identifier),) = way.inputs.items()
            for index, symbol in enumerate(way.phase_symbols(len(self.setting.phases))):
                yield self.of_phase(index).record(identifier, symbol)
            return
        for symbol, identifier in way.inputs.items():
            yield self.record(identifier, symbol)

    def _main_phase(self, made: Quantity) -> Figures | None:
        """Return whose figures tell a phase's quantity of the whole: those of the phase that trains most."""
        if made.scope != "phase" or not self.setting.is_whole:
            return None
        return self.of_phase(self.setting.phase_index)

    def _value(self, identifier: str) -> Value:
        value = self._known.get(identifier)
        # words may be unknown, which is an answer too
        if value is None and identifier not in self._known:
            made = TABLE[identifier]
            main = self._main_phase(made)
            value = self._evaluate(made) if main is None else main._value(identifier)
            self._known[identifier] = value
        return value

    def _evaluate(self, made: Quantity) -> Value:
        way = made.way(self.setting)
        if way.reading is not None:
            value = self._read(made, way.reading(self if way.reads_figures else self.setting))
            return _within_the_calendar(value) if made.unit == "date" and isinstance(value, Figure) else value
        value = self._over_phases(way) if way.is_over_phases else self._computed(way)
        if made.scatter is not None and value.is_known:
            ceiling = None if made.scatter_ceiling is None else self[made.scatter_ceiling]
            value = _scattered(value, *made.scatter(self.setting), ceiling)
        if made.is_rating:
            value = Figure(value.values[:1], value.gaps)
        if made.unit == "date":
            value = _within_the_calendar(value)
        return value

    def _read(self, made: Quantity, read: Any) -> Value:
        """Return what was read; a bare number or array is a term of the engine, which has no grounds."""
        if not isinstance(read, _READ_WHOLE):
            return Figure(as_values(read))
        leaf = read if isinstance(read, Leaf) else Leaf(read)
        self._leaves[made.id] = leaf
        if isinstance(leaf.value, str) or made.unit == "words":
            return leaf.value if isinstance(leaf.value, str) else None
        return leaf.figure

    def _over_phases(self, way: Way) -> Figure:
        (identifier,) = way.inputs.values()
        figures = [self.of_phase(index)[identifier] for index in range(len(self.setting.phases))]
        assert way.formula is not None
        return _combined(way.formula(*(one.values for one in figures)), figures)

    def _computed(self, way: Way) -> Figure:
        assert way.formula is not None
        arrays: dict[str, FloatArray] = {}
        has_gaps = False
        known = self._known
        for symbol, identifier in way.inputs.items():
            one = known.get(identifier)
            if not isinstance(one, Figure):
                one = self[identifier]
            arrays[symbol] = one.values
            if one.gaps:
                has_gaps = True
        if not has_gaps:
            return Figure(as_values(way.formula(**arrays)))
        figures = {symbol: self[identifier] for symbol, identifier in way.inputs.items()}
        gaps = together(*(_named_gaps(way, symbol, one) for symbol, one in figures.items()))
        if any(gap.kind == "unknown" for gap in gaps):
            return unknown(gaps)
        arrays |= {symbol: np.zeros(1) for symbol, one in figures.items() if not one.is_known}
        return Figure(as_values(way.formula(**arrays)), gaps)


def _named_gaps(way: Way, symbol: str, figure: Figure) -> tuple[Gap, ...]:
    """Return an input's gaps: what a sum can do without is left out of it."""
    gaps = figure.gaps
    if not figure.is_known and symbol in way.missing:
        gaps = (way.missing[symbol], *gaps)
    if symbol in way.optional:
        gaps = tuple(replace(gap, kind="left out") if gap.kind == "unknown" else gap for gap in gaps)
    return gaps


def _combined(values: Any, figures: list[Figure]) -> Figure:
    gaps = together(*(one.gaps for one in figures))
    return unknown(gaps) if any(gap.kind == "unknown" for gap in gaps) else Figure(as_values(values), gaps)


def _scattered(figure: Figure, stream: str, log_spread: float, ceiling: Figure | None) -> Figure:
    """Return a figure with what the model itself scatters by about it; the medians stay.

    Scatter alone lifts no draw above the ceiling: a draw that is there already stays where it is.
    """
    noise = np.exp(log_spread * standard_draws([stream])[stream])
    values = figure.values * np.concatenate([[1.0], noise])
    if ceiling is not None and ceiling.is_known:
        values = np.minimum(values, np.maximum(ceiling.values, figure.values))
    return Figure(values, figure.gaps)


def _within_the_calendar(figure: Figure) -> Figure:
    """Return a day, or that there is none where no calendar goes so far."""
    ends = figure.band
    if ends is None or np.ceil(ends.p90) <= LAST_DAY:
        return figure
    return unknown((*figure.gaps, Gap("unknown", "other", "a day beyond the year 9999")))


def _missing_words(value: Value) -> str:
    gaps = value.gaps if isinstance(value, Figure) else ()
    names = ", ".join(gap.text for gap in gaps if gap.kind == "unknown")
    return f"unknown: {names}" if names else "unknown"


def as_values(value: Any) -> FloatArray:
    """Return a number or array as a figure's values."""
    values = np.asarray(value, dtype=np.float64)
    return values if values.ndim == 1 else values.reshape(-1)
