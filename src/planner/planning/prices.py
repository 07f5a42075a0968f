"""The prices that a plan's lines ask for: which profiles they are, and what each says in US dollars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.domain.chip import Chip
from planner.domain.evidence import EvidenceKind
from planner.domain.fabric import Fabric
from planner.domain.plan import Plan
from planner.domain.price import Known, Price, Term
from planner.domain.system import System
from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate, currencies_of, rate_of
from planner.units import DOLLAR

SERVER_FACTOR = "server-factor"
NETWORK_SHARE = "network-share"
#: Where a country has no price of its own.
WORLD = "world"
#: ISO 4217 for what is no money: a share, a factor.
_NONE = "XXX"
#: The weakest kind of evidence among quotes is that of what they say together.
_WEAKEST: tuple[EvidenceKind, ...] = ("assumed", "memory", "claim", "derived", "datasheet", "measured")


@dataclass(frozen=True, slots=True)
class UsdPrice:
    """A price in US dollars, with what it rests on."""

    price: Price
    known: Known
    rate: ExchangeRate

    @property
    def ends(self) -> tuple[float, float, float]:
        """Least, middle and most, in US dollars."""
        known, per_usd = self.known, self.rate.per_usd
        return known.low / per_usd, known.middle / per_usd, known.high / per_usd

    @property
    def is_money(self) -> bool:
        """Whether it is an amount, and no share or factor."""
        return self.price.currency != _NONE

    @property
    def kind(self) -> EvidenceKind:
        """How its weakest quote is known."""
        return min((quote.kind for quote in self.known.quotes), key=_WEAKEST.index)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every document behind its quotes."""
        return tuple(dict.fromkeys(source for quote in self.known.quotes for source in quote.sources))


def prices_of(
    plan: Plan,
    parts: Sequence[tuple[System, Chip, Fabric]],
    country: str | None,
    find: Callable[[str], Price | None],
) -> dict[str, Price]:
    """Return the prices that a plan's lines may read, by id.

    Parameters
    ----------
    plan
        What is asked.
    parts
        The system, chip and fabric of each of its pools.
    country
        Where it stands; None: unknown.
    find
        Looks one up by its id.
    """
    found: dict[str, Price] = {}
    for group in _candidates(plan, parts, country):
        price = next((price for name in group if (price := found.get(name) or find(name))), None)
        if price is not None:
            found[price.id] = price
    used = {price.currency for price in found.values()} | set(currencies_of(plan))
    for currency in sorted(used - {DOLLAR, _NONE, *plan.money.rates}):
        rate = find(currency.lower())
        if rate is not None:
            found[rate.id] = rate
    return found


def _candidates(
    plan: Plan, parts: Sequence[tuple[System, Chip, Fabric]], country: str | None
) -> Iterator[tuple[str, ...]]:
    """Yield ids of which the first that is there is read."""
    for system, chip, fabric in parts:
        of_chip = (f"{chip.id}-price", f"{chip.generation}-price")
        yield (f"{system.id}-price", *of_chip)
        yield (f"{chip.id}-rent", f"{chip.generation}-rent")
        yield (f"{fabric.id}-switch",)
        yield (f"{fabric.id}-port",)
    yield (SERVER_FACTOR,)
    yield (NETWORK_SHARE,)
    place = (country or WORLD).lower()
    if plan.money.place == "building":
        yield (f"building-{place}",)
    elif plan.money.place == "colocation":
        yield (f"space-{place}", f"space-{WORLD}")


def usd_price(plan: Plan, prices: Mapping[str, Price], name: str, term: Term | None = None) -> UsdPrice | str:
    """Return what a price says on the plan's day in US dollars; else, in words, why it says nothing."""
    price = prices.get(name)
    known = None if price is None else price.at(plan.as_of, term)
    if price is None or known is None:
        return ""
    if price.currency == _NONE:
        return UsdPrice(price, known, NO_EXCHANGE)
    rate = rate_of(plan, prices, price.currency)
    return f"no rate of {price.currency}" if rate is None else UsdPrice(price, known, rate)
