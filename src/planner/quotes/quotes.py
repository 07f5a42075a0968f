"""Offers held against the one that costs least for the same work, and what is certain of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

from planner.domain.plan import Plan
from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import SEED
from planner.errors import InputError
from planner.estimate.result import Estimate
from planner.ledger.ledger import cents
from planner.quantities.figure import Band
from planner.quotes.gap import Gap, band_of, gap_between
from planner.quotes.months import Months
from planner.quotes.offer import Offer, offer_of

#: best: each other offer costs more in nine draws of ten, whatever is not known;
#: even: nothing of it is unknown, and it is not told apart from another of which nothing is;
#: dearer: it costs more than another in nine draws of ten, whatever is not known;
#: unknown: what is not known decides; none: it is not held against the others.
Standing = Literal["best", "even", "dearer", "unknown", "none"]
TOKENS_PER_PRICE = 1e6


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer as it is asked for."""

    label: str
    plan: Plan
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Quote:
    """One offer beside the others; None where it is not held against them."""

    offer: Offer
    standing: Standing
    #: over that of the reference, for the same work
    relative: Band | None = None
    per_million_tokens: Band | None = None
    gap: Gap | None = None

    @property
    def is_compared(self) -> bool:
        """Whether it is held against the others."""
        return self.gap is not None


@dataclass(frozen=True, slots=True)
class Quotes:
    """Offers side by side, in the order in which they were asked for."""

    months: Months
    quotes: tuple[Quote, ...]
    #: position of the offer that costs least on what is known; None where nothing can be compared
    reference: int | None
    #: what the reference lacks may come to so much before another costs less; None where nothing
    #: does, or it costs least whatever that is
    room: Decimal | None

    def same_work(self, quote: Quote) -> Decimal | None:
        """Return what an offer costs for as much work as the reference does; None where nobody can say."""
        if quote.gap is None or self.reference is None:
            return None
        return self.quotes[self.reference].offer.amount + quote.gap.amount

    @property
    def best(self) -> int | None:
        """Position of the offer that is best for certain; None where none is."""
        return next((place for place, quote in enumerate(self.quotes) if quote.standing == "best"), None)


def hold_side_by_side(asked: Sequence[Asked], months: Months) -> Quotes:
    """Return offers over the same months, each against the one that costs least for the same work.

    Raises
    ------
    InputError
        Where they do not train the same: then nothing says how much of one's work is another's.
    """
    _check_same_work(asked)
    return quotes_of([offer_of(it.label, it.plan, it.estimate, months.count) for it in asked], months)


def quotes_of(offers: Sequence[Offer], months: Months) -> Quotes:
    """Return offers over the same months, and of the same work, each against the one that costs least."""
    draws = _Draws(offers)
    able = {place for place, offer in enumerate(offers) if not offer.reasons}
    costs = {place: draws.cost(place) for place, offer in enumerate(offers) if offer.factors}
    reference = min(able, key=lambda place: (costs[place][0], offers[place].label, place), default=None)
    if reference is None:
        return Quotes(months, tuple(Quote(offer, "none") for offer in offers), None, None)
    standings = _standings(offers, able, draws)
    quotes = []
    for place, offer in enumerate(offers):
        if place not in able:
            quotes.append(Quote(offer, "none"))
            continue
        gap = gap_between(
            draws.lines(place), draws.factors(place), draws.lines(reference), draws.factors(reference)
        )
        relative = _ratio(costs[place], costs[reference])
        quotes.append(Quote(offer, standings[place], relative, band_of(costs[place] * TOKENS_PER_PRICE), gap))
    room = None if standings[reference] == "best" else _room(offers, able, costs, reference)
    return Quotes(months, tuple(quotes), reference, room)


def _check_same_work(asked: Sequence[Asked]) -> None:
    first, *others = asked
    for one in others:
        if _work(one) != _work(first):
            told = [f"'{each.label}' trains {_words(each)}" for each in (first, one)]
            raise InputError(f"{' and '.join(told)}: expected the same model and workload of all offers")


def _work(one: Asked) -> tuple[float | None, ...]:
    known = one.estimate.known
    return known.p50("facts.tokens"), known.p50("facts.training_flops")


def _words(one: Asked) -> str:
    tokens, flops = _work(one)
    return f"{tokens or 0:.4g} tokens with {flops or 0:.4g} FLOPs"


class _Draws:
    """The offers' figures over draws that belong together.

    Offers on the same chips and stacks share their draws, and what is uncertain of both cancels. The errors
    of others are independent, although their constants are drawn from streams of the same names: their draws
    are put in another order. So are those of what they do share, such as the price of electricity, which
    makes their difference wider than it is.
    """

    def __init__(self, offers: Sequence[Offer]) -> None:
        self._offers = offers
        machines = [
            tuple(sorted({(pool.chip_id, pool.stack_id) for pool in it.estimate.pools})) for it in offers
        ]
        self._groups = [sorted(set(machines)).index(one) for one in machines]

    def _of(self, place: int, values: FloatArray) -> FloatArray:
        group = self._groups[place]
        if group == 0 or values.size == 1:
            return values
        order = np.random.default_rng([SEED, group]).permutation(values.size - 1)
        return np.concatenate([values[:1], values[1:][order]])

    def lines(self, place: int) -> dict[str, FloatArray]:
        """Return an offer's known lines; one that is unknown is nothing."""
        return {
            line.id: self._of(place, line.figure.values) if line.figure.is_known else np.zeros(1)
            for line in self._offers[place].lines
        }

    def factors(self, place: int) -> dict[str, FloatArray]:
        """Return what multiplies to an offer's work."""
        return {name: self._of(place, it.values) for name, it in self._offers[place].factors.items()}

    def cost(self, place: int) -> FloatArray:
        """Return what a token costs, on what is known. [USD]."""
        offer = self._offers[place]
        return self._of(place, offer.money.values / offer.work.values)

    def costs_less(self, place: int, other: int) -> bool:
        """Return whether an offer's token costs less than another's in nine draws of ten, for certain.

        What the other lacks can only make it cost more. What the offer itself lacks must be a price that the
        buyer pays in both cases, and weigh no more in it than in the other.
        """
        less = self.cost(other) - self.cost(place)
        own, others = self._offers[place], self._offers[other]
        if any(not factor.is_known for factor in own.factors.values()):
            return False
        lacking = {line.id: line for line in others.lines if line.state == "unknown"}
        for line in own.lines:
            if line.state != "unknown":
                continue
            beside = lacking.get(line.id)
            if line.for_one is None or beside is None or beside.for_one is None:
                return False
            weights = (
                self._of(at, it / self._offers[at].work.values)
                for at, it in ((place, line.for_one), (other, beside.for_one))
            )
            mine, theirs = weights
            less = np.where(mine <= theirs, less, -1.0)
        return band_of(less).p10 > 0


def _ratio(cost: FloatArray, base: FloatArray) -> Band | None:
    return band_of(cost / base) if (base > 0).all() else None


def _standings(offers: Sequence[Offer], able: set[int], draws: _Draws) -> dict[int, Standing]:
    """Return how each offer stands; machines without a price may still cost less than others."""
    told = [place for place, offer in enumerate(offers) if offer.factors]
    complete = {place for place in able if offers[place].is_complete}
    found: dict[int, Standing] = {}
    for place in able:
        others = [other for other in told if other != place]
        if others and all(draws.costs_less(place, other) for other in others):
            found[place] = "best"
        elif any(draws.costs_less(other, place) for other in able - {place}):
            found[place] = "dearer"
        elif place in complete and len(complete) > 1:
            found[place] = "even"
        else:
            found[place] = "unknown"
    return found


def _room(
    offers: Sequence[Offer], able: set[int], costs: Mapping[int, FloatArray], reference: int
) -> Decimal | None:
    others = [float(costs[place][0]) for place in able - {reference}]
    if offers[reference].is_complete or not others:
        return None
    work = float(offers[reference].work.values[0])
    return cents((min(others) - float(costs[reference][0])) * work)
