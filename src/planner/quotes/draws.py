"""An offer's figures over draws that belong together with those of the offers beside it."""

from __future__ import annotations

from functools import reduce
from operator import add, mul

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import SEED
from planner.quotes.gap import band_of
from planner.quotes.offer import Offer


class DrawnOffer:
    """One offer's money and work, draw by draw beside others.

    Offers on the same chips and stacks share all draws, and what is uncertain of both cancels. So does what
    is drawn by the name of what it is of: prices of one source, electricity, the operator. The rates of other
    machines are wrong by errors of their own, although their constants are drawn from streams of the same
    names: the draws of a rate are put in an order that the machines' names give.
    """

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        #: an unknown line is nothing
        self.lines: dict[str, FloatArray] = {
            line.id: line.figure.values if line.figure.is_known else np.zeros(1) for line in offer.lines
        }
        self.factors: dict[str, FloatArray] = {name: one.values for name, one in offer.factors.items()}
        if self.factors:
            self.factors["rate"] = _in_order_of(self._machines, self.factors["rate"])
        #: in proportion to the tokens
        self.work: FloatArray = reduce(mul, self.factors.values(), np.ones(1))
        #: of so much work [money]
        self.cost: FloatArray = reduce(add, self.lines.values(), np.zeros(1)) / self.work

    @property
    def _machines(self) -> str:
        pools = self.offer.estimate.pools
        return " ".join(sorted({f"{pool.chip_id} {pool.stack_id}" for pool in pools}))

    def costs_less(self, other: DrawnOffer) -> bool:
        """Return whether it costs less for the same work in nine draws of ten, whatever is not known.

        What the other lacks can only make it cost more. What this one lacks must be a price that the buyer
        pays in both cases, and weigh no more in this one than in the other.
        """
        if any(not factor.is_known for factor in self.offer.factors.values()):
            return False
        less = other.cost - self.cost
        beside = {line.id: line for line in other.offer.lines if line.state == "unknown"}
        for line in self.offer.lines:
            if line.state != "unknown":
                continue
            same = beside.get(line.id)
            if line.for_one is None or same is None or same.for_one is None:
                return False
            weighs_no_more = line.for_one / self.work <= same.for_one / other.work
            less = np.where(weighs_no_more, less, -1.0)
        return band_of(less).p10 > 0


def _in_order_of(name: str, values: FloatArray) -> FloatArray:
    """Return values with their draws in an order of the name's own; the first, at the medians, stays."""
    if values.size == 1:
        return values
    order = np.random.default_rng([SEED, *name.encode()]).permutation(values.size - 1)
    return np.concatenate([values[:1], values[1:][order]])
