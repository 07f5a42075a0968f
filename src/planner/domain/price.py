"""A price: dated quotes of one thing, each in the currency and the scope in which it was read."""

import datetime
from dataclasses import dataclass
from statistics import median
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from planner.domain.amounts import AmountSpan
from planner.domain.base import Profile, SafeText
from planner.domain.evidence import Evidence
from planner.domain.keys import Key
from planner.units import middle_of, span_ends

#: ISO 4217, as written.
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
#: What one of it is: a card, a whole system as its profile counts it, a switch, a cable's end with its half
#: of the cable, an hour of a chip, a kW of IT for a month, a MW of IT built, the price of the chips alone (a
#: factor on it), the whole purchase of chips and network (a share of it), or a US dollar.
Scope = Literal[
    "chip",
    "system",
    "switch",
    "cable end",
    "chip-hour",
    "kW-month",
    "MW",
    "price of the chips",
    "purchase with network",
    "USD",
]
#: Who asks or paid it: a vendor's list, a reseller's shop, a tender's result, a survey or statistic of many,
#: an analyst's or reporter's estimate, what somebody claims. A price from memory is of `kind = "memory"`.
Offer = Literal["list", "reseller", "tender", "survey", "estimate", "claim"]
#: How long a rent is bound: by the hour, for a block of days, for years, or until somebody pays more.
Term = Literal["on demand", "block", "1 year", "3 years", "spot"]

#: By how much what is paid differs from one quote, least and most. A buyer of hundreds pays 10 to 30 % less
#: than a shop asks (from memory); the others are assumed.
SPREADS: dict[Offer | Literal["memory"], tuple[float, float]] = {
    "list": (0.75, 1.0),
    "reseller": (0.75, 1.05),
    "tender": (0.95, 1.05),
    "survey": (0.85, 1.15),
    "estimate": (0.8, 1.2),
    "claim": (0.75, 1.25),
    "memory": (0.6, 1.4),
}
#: Quotes older than this before the newest say nothing of it: a chip's price falls by a quarter a year.
WINDOW = datetime.timedelta(days=2 * 365)


class Quote(Evidence):
    """What somebody asked or paid on one day; of a month alone, its first."""

    amount: Annotated[
        AmountSpan,
        Key(
            "amount",
            "What was asked or paid for one, in the price's currency; a range where only that is known.",
            example="25k..30k",
        ),
    ]
    offer: Annotated[
        Offer,
        Key(
            "offer",
            "Who asks or paid it: what is paid differs from it by so much.",
            answers={
                "list": "a vendor's list",
                "reseller": "a shop",
                "tender": "a tender's result",
                "survey": "many, as a statistic",
                "estimate": "an analyst's or reporter's",
                "claim": "somebody says so",
            },
        ),
    ]
    term: Annotated[
        Term | None, Key("term", "How long a rent is bound; of a rent by the hour of a chip alone.")
    ] = None
    seller: Annotated[SafeText | None, Key("seller", "Who asks it.", example="Supermicro")] = None
    region: Annotated[SafeText | None, Key("region", "Where it holds.", example="EU")] = None

    @property
    def ends(self) -> tuple[float, float]:
        """Least and most that is paid where this is asked, in its own currency."""
        least, most = SPREADS["memory" if self.kind == "memory" else self.offer]
        low, high = span_ends(self.amount)
        return low * least, high * most


@dataclass(frozen=True)
class Known:
    """What the quotes of a time say together, in their own currency."""

    low: float
    middle: float
    high: float
    quotes: tuple[Quote, ...]

    @property
    def source(self) -> str:
        """The source whose quotes move together: that of most of them, the first where none is."""
        named = [quote.sources[0] if quote.sources else "memory" for quote in self.quotes]
        return max(named, key=named.count)


class Price(Profile):
    """`profiles/prices/<id>.toml`.

    The id says what it is of: `<system>-price`, `<chip>-price` (or of its generation), `<chip>-rent`;
    `<fabric>-switch`, `<fabric>-port`; `space-<country>`, `building-<country>` with the country in small
    letters or `world`; a currency's code in small letters; `server-factor`, `network-share`.
    """

    #: what one of it is
    per: Annotated[Scope, Key("price of", "What one of it is.")]
    currency: Annotated[Currency, Key("currency", "ISO 4217, as the quotes write it.", example="USD")]
    has_host: Annotated[bool, Key("host in it", "Of a chip: whether its share of a server is in it.")] = False
    has_racks: Annotated[
        bool, Key("racks in it", "Of a system: whether its racks and liquid loop are in it.")
    ] = False
    holds: Annotated[SafeText | None, Key("holds", "In words, what is in it and what is not.")] = None
    #: none: nobody has read one
    quotes: tuple[Quote, ...] = ()

    @model_validator(mode="after")
    def _terms_are_of_rents(self) -> Self:
        if any((quote.term is not None) != (self.per == "chip-hour") for quote in self.quotes):
            raise ValueError("expected term = '...' in each quote of a chip-hour, and in no other")
        return self

    def at(self, day: datetime.date | None, term: Term | None = None) -> Known | None:
        """Return what the quotes say on a day: those of the two years before the newest that was known then.

        Where none was known yet the earliest after it stands in, and undated ones where nothing is dated.

        Parameters
        ----------
        day
            None: the newest of all.
        term
            Of a rent.
        """
        quotes = [quote for quote in self.quotes if quote.term == term]
        dated = sorted(((quote.date, quote) for quote in quotes if quote.date), key=lambda pair: pair[0])
        before = [pair for pair in dated if day is None or pair[0] <= day]
        newest = before[-1][0] if before else None
        used = [quote for date, quote in before if newest and date > newest - WINDOW]
        used = used or [quote for _, quote in dated[:1]] or quotes
        if not used:
            return None
        lows, highs = (sorted(ends) for ends in zip(*(quote.ends for quote in used), strict=True))
        # of many quotes the outermost quarter at either end is left out: nobody must pay the dearest
        outer = len(used) // 4
        middle = median(middle_of(quote.amount) for quote in used)
        return Known(
            low=min(lows[outer], middle),
            middle=middle,
            high=max(highs[-1 - outer], middle),
            quotes=tuple(used),
        )
