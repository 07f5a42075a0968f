"""Money: what is bought at known prices, what the run uses of it, and what nobody has priced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.domain.evidence import value_of
from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import band
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.result import Band, Cost
from planner.planning.training import amount_draws
from planner.units import Span

DAYS_PER_YEAR = 365.25
KWH_PER_MWH = 1e3
HOURS_PER_DAY = 24.0


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the money of a run depends on."""

    resolved: ResolvedPlan
    pool: ResolvedPool
    tokens: float
    days: float
    day_draws: FloatArray
    #: None where the energy is unknown
    energy_mwh: float | None
    energy_mwh_draws: FloatArray


@dataclass(frozen=True, slots=True)
class Amount:
    """Money at the middle and over the draws. [USD]."""

    middle: float
    draws: FloatArray

    def times(self, factor: float, factor_draws: FloatArray) -> Amount:
        """Return the amount scaled by an uncertain factor."""
        return Amount(self.middle * factor, self.draws * factor_draws)

    def plus(self, other: Amount) -> Amount:
        """Return the sum of two amounts."""
        return Amount(self.middle + other.middle, self.draws + other.draws)

    def band(self) -> Band:
        """Return the 80 % band."""
        return Band(*band(np.atleast_1d(self.draws), self.middle))


def _amount(price: float | Span, name: str, factor: float = 1.0) -> Amount:
    middle, draws = amount_draws(price, name)
    return Amount(middle * factor, draws * factor)


def purchase(pool: ResolvedPool) -> tuple[Amount | None, list[str]]:
    """Return the purchase of a pool at known prices, and what they leave out.

    The plan's price of a system comes before the profile's; where neither is known, the sum of its chips
    stands in and says so.
    """
    unknown = [f"network of pool '{pool.pool.id}'"] if pool.chips > pool.system.chips_per_domain else []
    stream = f"price.{pool.system.id}"
    price = pool.pool.price_usd if pool.pool.price_usd is not None else value_of(pool.system.price_usd)
    if price is not None:
        return _amount(price, stream, pool.systems), unknown
    chip_price = value_of(pool.chip.price_usd)
    if chip_price is not None:
        return _amount(chip_price, stream, float(pool.chips)), [
            f"hosts of pool '{pool.pool.id}' (chips only)",
            *unknown,
        ]
    return None, [f"systems of pool '{pool.pool.id}'", *unknown]


def electricity(run: RunContext) -> tuple[Amount | None, list[str]]:
    """Return the run's electricity, or what is missing for it."""
    price: float | Span | None = run.resolved.plan.site.electricity_usd_per_kwh
    if price is None and run.resolved.site is not None:
        price = value_of(run.resolved.site.electricity_usd_per_kwh)
    if price is None:
        return None, ["electricity price of the site"]
    if run.energy_mwh is None:
        return None, ["energy of the run"]
    rate = _amount(price, "site.electricity", KWH_PER_MWH)
    return rate.times(run.energy_mwh, run.energy_mwh_draws), []


def cost_of(run: RunContext) -> tuple[Cost, dict[str, FloatArray]]:
    """Return the money of one pool's run, and its draws by key; what has no price is named and in no sum."""
    bought, unknown = purchase(run.pool)
    power, missing_power = electricity(run)
    rental_price = run.pool.pool.rental_usd_per_chip_hour
    parts: dict[str, float] = {}
    used: Amount | None
    if rental_price is not None:
        hours = HOURS_PER_DAY * run.pool.chips
        used = _amount(rental_price, f"rental.{run.pool.system.id}", hours).times(run.days, run.day_draws)
        parts["rental"] = used.middle
        # rent includes machines and electricity
        bought, power, unknown = None, None, []
    else:
        unknown = [*unknown, *missing_power]
        years = run.resolved.plan.money.depreciation_years
        used = (
            bought.times(run.days / (DAYS_PER_YEAR * years), run.day_draws / (DAYS_PER_YEAR * years))
            if bought
            else None
        )
        if bought and used:
            parts |= {"purchase": bought.middle, "depreciation": used.middle}
        if power:
            parts["electricity"] = power.middle
    total = used.plus(power) if used and power else used
    per_million = 1e6 / run.tokens
    each = Amount(total.middle * per_million, total.draws * per_million) if total else None
    cost = Cost(
        capex=bought.band() if bought else None,
        opex=power.band() if power else None,
        total=total.band() if total else None,
        per_million_tokens=each.band() if each else None,
        unknown=tuple(unknown),
        parts=parts,
    )
    sums = {"capex": bought, "opex": power, "total": total}
    return cost, {name: amount.draws for name, amount in sums.items() if amount is not None}
