"""A figure: its value at the medians and over the draws, with what it lacks, leaves out or assumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import band

#: unknown: there is no figure without it; left out: a sum stands without it; assumed: something stands in.
GapKind = Literal["unknown", "left out", "assumed"]
#: What a gap is of: prices and rents, ratings and overheads, or anything else.
GapFamily = Literal["money", "power", "other"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not known, by the name that people know it by."""

    kind: GapKind
    family: GapFamily
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A quantity with its 80 % band; for quantities where more is worse, p90 is the bad end."""

    p10: float
    p50: float
    p90: float


def scaled(found: Band | None, factor: float) -> Band | None:
    """Return a band in another unit; None where there is none."""
    return None if found is None else Band(found.p10 * factor, found.p50 * factor, found.p90 * factor)


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One quantity's value, over the same draws as every other figure of its estimate.

    `values` is (1,) where chance has no part in it, else (1 + draws,): first the value at the medians of all
    that is uncertain, then the draws. Where something is unknown it is nan.
    """

    values: FloatArray
    gaps: tuple[Gap, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a number."""
        return all(gap.kind != "unknown" for gap in self.gaps)

    @property
    def p50(self) -> float | None:
        """The value at the medians; None where it is unknown."""
        return float(self.values[0]) if self.is_known else None

    @property
    def draws(self) -> FloatArray:
        """The draws, (draws,), or the value itself, (1,)."""
        return self.values[1:] if self.values.size > 1 else self.values

    @property
    def band(self) -> Band | None:
        """The 80 % band; None where the value is unknown."""
        return Band(*band(self.draws, float(self.values[0]))) if self.is_known else None

    def gaps_of(self, family: GapFamily) -> tuple[str, ...]:
        """Return what is missing or assumed of a family, by name."""
        return tuple(gap.text for gap in self.gaps if gap.family == family)


def unknown(gaps: tuple[Gap, ...]) -> Figure:
    """Return the figure of what cannot be known for these gaps."""
    return Figure(np.array([np.nan]), gaps)


def known(value: float) -> Figure:
    """Return the figure of a plain number."""
    return Figure(np.array([value], dtype=np.float64))


def together(*gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Return the gaps of several figures, each once, in order."""
    return tuple(dict.fromkeys(gap for some in gaps for gap in some))
