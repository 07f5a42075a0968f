"""A pool that is delivered in parts: its tranches, and the parts of it that are there before all is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TypeVar

from planner.domain.plan import Plan
from planner.domain.plan_calendar import Delivery
from planner.engine.arrays import FloatArray
from planner.errors import PlanError
from planner.planning.pool_names import refuse_other_pools
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.units import span_ends

#: A share, or draws of it.
Late = TypeVar("Late", float, FloatArray)
#: Slips of all tranches move together; at so many of them the order in which they come is looked at.
_SLIPS = 101


@dataclass(frozen=True, slots=True)
class Tranche:
    """Systems that come together."""

    #: its place among the plan's deliveries, from 0
    place: int
    delivery: Delivery
    systems: int

    @property
    def day(self) -> float:
        """The day as promised, as a number."""
        return float(self.delivery.date.toordinal())

    def day_at(self, late: Late) -> Late:
        """Return the day where everything is late by a share of what it may be."""
        low, high = span_ends(self.delivery.slip_days or 0.0)
        return self.day + low + (high - low) * late


def tranches_of(plan: Plan, pool: ResolvedPool) -> tuple[Tranche, ...]:
    """Return a pool's tranches in the order in which they are promised; none where all is there.

    Raises
    ------
    PlanError
        Where they name no pool of the plan, or are not all of the pool's systems.
    """
    own = []
    for place, delivery in enumerate(plan.calendar.deliveries):
        where = f"calendar.deliveries[{place}].pool"
        refuse_other_pools(plan, where, delivery.pool, "whose systems they are")
        if delivery.pool in (None, pool.pool.id):
            own.append(Tranche(place, delivery, delivery.systems))
    delivered = sum(tranche.systems for tranche in own)
    if own and delivered != pool.systems:
        raise PlanError(
            f"calendar.deliveries: {delivered:,} systems of pool '{pool.pool.id}'; expected the "
            f"{pool.systems:,g} that it has"
        )
    return tuple(sorted(own, key=lambda tranche: (tranche.day, tranche.systems)))


def parts_of(plan: Plan, pool: ResolvedPool) -> tuple[ResolvedPool, ...]:
    """Return the parts of a pool that may be there before all of it is, the smallest first.

    Which they are hangs on how late each tranche is: every order in which they can come is looked at.
    """
    tranches = tranches_of(plan, pool)
    orders = {
        tuple(sorted(tranches, key=lambda tranche: (tranche.day_at(step / (_SLIPS - 1)), tranche.systems)))
        for step in range(_SLIPS if any(tranche.delivery.slip_days for tranche in tranches) else 1)
    }
    counts = {count for order in orders for count in accumulate(tranche.systems for tranche in order)}
    return tuple(
        replace(pool, chips=systems * pool.system.chips_per_system, systems=float(systems))
        for systems in sorted(counts)
        if systems < pool.systems
    )


def parts_with_rollouts(
    resolved: ResolvedPlan, pool: ResolvedPool
) -> Iterator[tuple[ResolvedPool, ResolvedPool | None]]:
    """Yield what may be there of a pool, and of one that generates for it, before all of both is.

    What has as much of each as another comes later. Other kinds of plans have parts of the pool alone.
    """
    own = parts_of(resolved.plan, pool)
    if not resolved.plan.workload.is_post_training or len(resolved.pools) == 1:
        yield from ((part, None) for part in own)
        return
    (other,) = (one for one in resolved.pools if one.pool.id != pool.pool.id)
    both = itertools.product((*own, pool), (*parts_of(resolved.plan, other), other))
    # the last is all of both
    yield from list(both)[:-1]
