"""What dated quotes say on a day: a middle, and ends as far as their kind is from what is paid."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from planner.domain.price import SPREADS, Price
from planner.units import Span


def price(*quotes: dict[str, Any], per: str = "system") -> Price:
    told = [{"offer": "list", "kind": "claim", "sources": ["A"], **quote} for quote in quotes]
    return Price.model_validate({"id": "x", "name": "X", "per": per, "currency": "USD", "quotes": told})


def day(year: int) -> datetime.date:
    return datetime.date(year, 6, 1)


def test_one_quote_has_the_spread_of_its_kind() -> None:
    for offer, (least, most) in SPREADS.items():
        kind = {"kind": "memory"} if offer == "memory" else {"offer": offer}
        known = price({"amount": 100, **kind}).at(None)
        assert known is not None
        assert (known.low, known.middle, known.high) == (100 * least, 100, max(100 * most, 100))
        assert known.low < known.high


def test_quotes_of_the_two_years_before_the_newest_that_was_known_count() -> None:
    asked = price(*({"amount": year, "date": day(year)} for year in (2019, 2021, 2022, 2025)))
    found = {year: asked.at(day(year)) for year in (2018, 2020, 2022, 2026)}
    used = {year: [quote.amount for quote in known.quotes] for year, known in found.items() if known}
    # nothing was known in 2018: the earliest stands in
    assert used == {2018: [2019], 2020: [2019], 2022: [2021, 2022], 2026: [2025]}


def test_undated_quotes_count_where_nothing_is_dated() -> None:
    dated, undated = {"amount": 1, "date": day(2020)}, {"amount": 2}
    assert [
        len(known.quotes) for known in (price(dated, undated).at(None), price(undated).at(None)) if known
    ] == [
        1,
        1,
    ]
    assert price().at(None) is None


def test_the_dearest_and_cheapest_of_many_say_nothing_of_the_ends() -> None:
    few = price(*({"amount": amount, "offer": "tender"} for amount in (1, 100, 100))).at(None)
    many = price(*({"amount": amount, "offer": "tender"} for amount in (1, 100, 100, 9_999))).at(None)
    assert few is not None
    assert many is not None
    assert few.low == pytest.approx(0.95)
    assert (many.low, many.high) == pytest.approx((95, 105))


def test_a_range_is_kept() -> None:
    known = price({"amount": "10k..20k", "offer": "tender"}).at(None)
    assert known is not None
    assert known.quotes[0].amount == Span(10_000, 20_000)
    assert (known.low, known.middle, known.high) == pytest.approx((9_500, 15_000, 21_000))


def test_a_rent_says_its_term_and_a_purchase_none() -> None:
    rent = price({"amount": 2, "term": "1 year"}, per="chip-hour")
    assert rent.at(None, "on demand") is None
    assert rent.at(None, "1 year") is not None
    for quote, per in (({"amount": 2}, "chip-hour"), ({"amount": 2, "term": "spot"}, "chip")):
        with pytest.raises(ValidationError, match="term"):
            price(quote, per=per)
