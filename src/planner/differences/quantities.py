"""The figures of an estimate that comparisons are about: which way is better, and their draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.engine.arrays import FloatArray
from planner.planning.result import Band, Estimate, Performance

Better = Literal["less", "more"]

#: Independent draws are compared pair by pair over this many quantiles each.
_QUANTILES = 250


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure of a performance."""

    key: str
    better: Better | None
    get: Callable[[Performance], Band | float | None]
    #: key of `Performance.draws` that it is a multiple of; empty: it is no matter of chance
    draws: str = ""


def _finish(performance: Performance) -> Band | None:
    dates = performance.finish_date
    return Band(*(float(day.toordinal()) for day in (dates.p10, dates.p50, dates.p90))) if dates else None


#: In the order in which they are told. Money and energy are of the whole run; dates are day numbers.
QUANTITIES = (
    Quantity("training_days", "less", lambda it: it.training_days, "training_days"),
    Quantity("finish_date", "less", _finish, "training_days"),
    Quantity("tokens_per_second", "more", lambda it: it.tokens_per_second, "tokens_per_second"),
    Quantity(
        "tokens_per_second_per_chip", "more", lambda it: it.tokens_per_second_per_chip, "tokens_per_second"
    ),
    Quantity("mfu", "more", lambda it: it.mfu.band, "tokens_per_second"),
    Quantity("interconnect", "less", lambda it: it.interconnect.fraction, "interconnect"),
    Quantity("memory_per_chip_bytes", None, lambda it: it.memory.per_chip_bytes),
    Quantity("facility_w", "less", lambda it: it.power.facility_w, "facility_w"),
    Quantity("peak_facility_w", "less", lambda it: it.power.peak_facility_w),
    Quantity("energy_mwh", "less", lambda it: it.energy_mwh, "energy_mwh"),
    Quantity("carbon_t", "less", lambda it: it.carbon_t, "energy_mwh"),
    Quantity("water_m3", "less", lambda it: it.water_m3, "energy_mwh"),
    Quantity("cost_total", "less", lambda it: it.cost.total, "total"),
    Quantity("cost_per_million_tokens", "less", lambda it: it.cost.per_million_tokens, "total"),
    Quantity("cost_capex", "less", lambda it: it.cost.capex, "capex"),
)
QUANTITIES_BY_KEY = {quantity.key: quantity for quantity in QUANTITIES}
#: Those whose sums leave out what has no price, and those that rest on a rating.
MONEY_KEYS = frozenset({"cost_total", "cost_per_million_tokens", "cost_capex"})
POWER_KEYS = frozenset({"facility_w", "peak_facility_w", "energy_mwh", "carbon_t", "water_m3"})

#: Of the whole run: they say nothing where the runs train different things.
JOB_KEYS = frozenset(
    {
        "training_days",
        "finish_date",
        "energy_mwh",
        "carbon_t",
        "water_m3",
        "cost_total",
        "cost_per_million_tokens",
    }
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity of one estimate: its band and the draws behind it."""

    band: Band
    draws: FloatArray


def figure_of(quantity: Quantity, performance: Performance | None) -> Figure | None:
    """Return a quantity's figure, or None where it is unknown.

    Draws that a quantity is a multiple of are scaled to its median; a date is its start and the days.
    """
    found = None if performance is None else quantity.get(performance)
    if performance is None or found is None:
        return None
    band = found if isinstance(found, Band) else Band(found, found, found)
    base = performance.draws.get(quantity.draws)
    if base is None:
        return Figure(band, np.array([band.p50]))
    if quantity.key == "finish_date":
        return Figure(band, band.p50 + base - performance.training_days.p50)
    if quantity.key == "interconnect":
        low, high = np.quantile(base, [0.1, 0.9])
        return Figure(Band(min(float(low), band.p50), band.p50, max(float(high), band.p50)), base)
    return Figure(band, base * (band.p50 / _median_of(quantity.draws, performance)))


def _median_of(draws: str, performance: Performance) -> float:
    """Return the estimate at the medians that draws are about."""
    medians = {
        "training_days": performance.training_days,
        "tokens_per_second": performance.tokens_per_second,
        "facility_w": performance.power.facility_w,
        "energy_mwh": performance.energy_mwh,
        "total": performance.cost.total,
        "capex": performance.cost.capex,
    }
    band = medians[draws]
    return band.p50 if band is not None and band.p50 else 1.0


def shares_errors(before: Estimate, after: Estimate) -> bool:
    """Return whether what is uncertain of two estimates is the same: their chips and stacks are.

    Then draws are compared draw by draw, and what both do not know cancels. The errors of different chips or
    stacks are independent, although their constants go by the same names.
    """
    return _machines(before) == _machines(after)


def _machines(estimate: Estimate) -> set[tuple[str, str]]:
    return {(pool.chip_id, pool.stack_id) for pool in estimate.pools}


def difference(before: Figure, after: Figure, *, is_paired: bool) -> Band:
    """Return the 80 % band of the second figure less the first; swapping them swaps the signs.

    Parameters
    ----------
    before, after
        The figures with their draws.
    is_paired
        Whether the draws of the same number belong to the same circumstances; else all pairs count.
    """
    middle = after.band.p50 - before.band.p50
    if is_paired or min(before.draws.size, after.draws.size) == 1:
        draws = after.draws - before.draws
    else:
        steps = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
        draws = np.quantile(after.draws, steps)[:, None] - np.quantile(before.draws, steps)[None, :]
    low, high = np.quantile(draws, [0.1, 0.9])
    return Band(min(float(low), middle), middle, max(float(high), middle))
