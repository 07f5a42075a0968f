"""Offers held against the one that costs least for the same work, and what is certain of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from planner.domain.plan import Plan
from planner.engine.arrays import FloatArray
from planner.errors import InputError
from planner.estimate.result import Estimate
from planner.ledger.ledger import cents
from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate
from planner.quantities.currency import all_told_in
from planner.quantities.figure import Band
from planner.quotes.draws import DrawnOffer
from planner.quotes.gap import Gap, band_of, gap_between
from planner.quotes.months import Months
from planner.quotes.offer import Offer
from planner.quotes.offering import in_currency, offer_of
from planner.quotes.promises import PromisedWork

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
    #: what its seller promises; None: nothing
    promised: PromisedWork | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """One offer beside the others; None where it is not held against them."""

    offer: Offer
    standing: Standing
    #: over that of the reference, for the same work
    relative: Band | None = None
    per_million_tokens: Band | None = None
    gap: Gap | None = None
    promised: PromisedWork | None = None

    @property
    def is_compared(self) -> bool:
        """Whether it is held against the others."""
        return self.gap is not None


@dataclass(frozen=True, slots=True)
class Quotes:
    """Offers side by side, in the order in which they were asked for."""

    months: Months
    #: in whose currency all money is
    rate: ExchangeRate
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
    rate = all_told_in([it.estimate.known.setting for it in asked])
    offers = (offer_of(it.label, it.plan, it.estimate, months.count) for it in asked)
    found = quotes_of([in_currency(offer, rate) for offer in offers], months, rate)
    quotes = (replace(quote, promised=it.promised) for quote, it in zip(found.quotes, asked, strict=True))
    return replace(found, quotes=tuple(quotes))


def quotes_of(offers: Sequence[Offer], months: Months, rate: ExchangeRate = NO_EXCHANGE) -> Quotes:
    """Return offers over the same months, and of the same work, each against the one that costs least.

    Parameters
    ----------
    offers
        With all their money in the rate's currency.
    months
        Over which they are held.
    rate
        In whose currency they are told.
    """
    drawn = [DrawnOffer(offer) for offer in offers]
    able = [place for place, offer in enumerate(offers) if not offer.reasons]
    reference = min(able, key=lambda place: (drawn[place].cost[0], offers[place].label, place), default=None)
    if reference is None:
        return Quotes(months, rate, tuple(Quote(offer, "none") for offer in offers), None, None)
    least = drawn[reference]
    quotes = [
        Quote(
            one.offer,
            _standing(one, drawn),
            _ratio(one.cost, least.cost),
            band_of(one.offer.money.values / one.offer.work.values * TOKENS_PER_PRICE),
            gap_between(one.lines, one.factors, least.lines, least.factors),
        )
        if place in able
        else Quote(one.offer, "none")
        for place, one in enumerate(drawn)
    ]
    is_open = quotes[reference].standing != "best" and least.offer.missing
    room = _room([drawn[place] for place in able if place != reference], least) if is_open else None
    return Quotes(months, rate, tuple(quotes), reference, room)


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


def _ratio(cost: FloatArray, base: FloatArray) -> Band | None:
    return band_of(cost / base) if (base > 0).all() else None


def _standing(one: DrawnOffer, drawn: Sequence[DrawnOffer]) -> Standing:
    """Return how an offer stands; machines without a price may still cost less than it."""
    others = [other for other in drawn if other is not one and other.factors]
    compared = [other for other in others if not other.offer.reasons]
    if others and all(one.costs_less(other) for other in others):
        return "best"
    if any(other.costs_less(one) for other in compared):
        return "dearer"
    is_whole = one.offer.is_complete and any(other.offer.is_complete for other in compared)
    return "even" if is_whole else "unknown"


def _room(others: Sequence[DrawnOffer], least: DrawnOffer) -> Decimal | None:
    """Return how much more the least may cost, at the medians, before another costs less."""
    if not others:
        return None
    next_cost = min(float(other.cost[0]) for other in others)
    return cents((next_cost - float(least.cost[0])) * float(least.work[0]))
