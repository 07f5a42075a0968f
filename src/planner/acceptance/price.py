"""The indifference price: the cut at which what was delivered is as good a buy as what was promised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import band
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.setting import main_setting
from planner.units import Span

#: Cuts at which the cost is worked out; between them it is a straight line but for what is never negative.
#: Below zero the seller is owed. [-]
_CUTS = (-1.0, -0.4, -0.2, -0.1, -0.05, -0.02, -0.01, 0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
#: A cut that is small. [-]
_SMALL = 0.05
#: How near the cut at the medians is found: a hundredth of the cent of a percent. [-]
_NEAR = 1e-8


@dataclass(frozen=True, slots=True)
class PriceCut:
    """A share of the price of the systems, or of their rent."""

    #: over the draws; the P50 is the cut at the medians
    band: Band
    #: what it is of, at the medians. [USD]
    price_usd: float
    #: whether it is of rent, which is paid by the hour
    is_of_rent: bool

    @property
    def usd(self) -> float:
        """The cut in money, at the medians. [USD]."""
        return self.band.p50 * self.price_usd


def indifference_cut(cost_at: Callable[[float], FloatArray], promised: FloatArray) -> FloatArray:
    r"""Return the price cut at which a cost is what was promised, at the medians and in each draw. [-].

    .. math:: C_{delivered}(x) = C_{promised}

    Parameters
    ----------
    cost_at : callable
        The cost of what was delivered at a cut, (1 + draws,), falling with the cut. [USD]
    promised : (1 + draws,) float64
        The cost of what was promised. [USD]

    Returns
    -------
    (1 + draws,) float64
        1 where no price makes up for it: even for nothing it would cost more.

    References
    ----------
    .. [1] Varian, Microeconomic Analysis (1992), section 10.1: the compensating variation.

    Examples
    --------
    What was delivered takes a tenth longer, and all of its cost goes with the price.

    >>> cut = indifference_cut(lambda x: np.array([110.0 * (1.0 - x)]), np.array([100.0]))
    >>> round(float(cut[0]), 6)
    0.090909
    """
    costs = np.array([np.broadcast_to(cost_at(cut), promised.shape) for cut in _CUTS])
    found = np.array(
        [np.interp(promised[draw], costs[::-1, draw], _CUTS[::-1]) for draw in range(len(promised))]
    )
    place = int(np.searchsorted(-costs[:, 0], -promised[0]))
    if 0 < place < len(_CUTS):
        low, high = _CUTS[place - 1], _CUTS[place]
        while high - low > _NEAR:
            middle = (low + high) / 2.0
            low, high = (middle, high) if float(cost_at(middle)[0]) > promised[0] else (low, middle)
        found[0] = (low + high) / 2.0
    return found


@dataclass(frozen=True, slots=True)
class _Price:
    """What a plan pays for the systems of its pool: the key of its price, and that of one system or hour."""

    key: str
    usd: float
    is_of_rent: bool

    @classmethod
    def of(cls, figures: Figures) -> _Price | None:
        """Return the price of a plan's systems; None where nobody knows it, or what the run costs."""
        is_rented = figures.setting.pool.pool.rental_usd_per_chip_hour is not None
        whole = figures["price.rental_usd_per_chip_hour"] if is_rented else figures["ledger.servers"]
        count = 1.0 if is_rented else figures.number("pools.systems")
        if not whole.is_known or not figures["cost.total"].is_known or whole.values[0] <= 0 or count <= 0:
            return None
        key = "rental_usd_per_chip_hour" if is_rented else "price_usd"
        return cls(key, float(whole.values[0]) / count, is_rented)

    def cost(self, figures: Figures, cut: float) -> FloatArray:
        """Return the money of a run at a cut of that price."""
        return priced(figures, self.key, self.usd * max(1.0 - cut, 0.0))["cost.total"].values


def cut_of(promised: Figures, delivered: Figures) -> float | None:
    """Return the cut at the medians where it is small: cost is a straight line in the price there. [-]."""
    price = _Price.of(promised)
    if price is None or not delivered["cost.total"].is_known:
        return None
    target = float(price.cost(promised, 0.0)[0])
    whole, less = (float(price.cost(delivered, cut)[0]) for cut in (0.0, _SMALL))
    return (whole - target) / (whole - less) * _SMALL if whole > less else None


def cut_worth(figures: Figures, usd: float) -> float | None:
    """Return the small cut of the price of a pool's systems that is worth so much of a run's money. [-].

    Parameters
    ----------
    figures
        Of the pool by itself.
    usd
        At the medians; None is returned where nobody knows the price. [USD]
    """
    price = _Price.of(figures)
    if price is None:
        return None
    whole, less = (float(price.cost(figures, cut)[0]) for cut in (0.0, _SMALL))
    return usd / (whole - less) * _SMALL if whole > less else None


def price_cut(promised: Figures, delivered: Figures) -> PriceCut | None:
    """Return the cut that leaves the buyer as well off by the money of the run; None where no price is known.

    Both cost the same work: what was delivered may take longer, and draws, wears and binds capital for it.
    """
    price = _Price.of(promised)
    if price is None or not delivered["cost.total"].is_known:
        return None

    def cost_at(cut: float) -> FloatArray:
        return price.cost(delivered, cut)

    target = price.cost(promised, 0.0)
    values = indifference_cut(cost_at, np.broadcast_to(target, max(target.shape, cost_at(0.0).shape)))
    ends = band(values[1:] if values.size > 1 else values, float(values[0]))
    whole = promised.number("cost.parts.rental" if price.is_of_rent else "ledger.servers")
    return PriceCut(Band(*ends), whole, price.is_of_rent)


def priced(figures: Figures, key: str, usd: float) -> Figures:
    """Return a plan's figures at another price of its systems, or rent of its chips, in its layout."""
    setting = figures.setting
    changed = setting.pool.pool.model_copy(update={key: Span(usd, usd)})
    pool = replace(setting.pool, pool=changed)
    pools = tuple(pool if one is setting.pool else one for one in setting.resolved.pools)
    plan = setting.plan
    members = tuple(changed if one.id == changed.id else one for one in plan.cluster.pools)
    plan = plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": members})})
    return Figures(main_setting(replace(setting.resolved, plan=plan, pools=pools), pool, setting.trained))
