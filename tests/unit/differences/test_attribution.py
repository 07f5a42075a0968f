"""Shares of a change: exact for few changes, and never lost where something cannot be estimated."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from planner.differences.attribution import Attribution, Chosen, Value, attribute


def table(values: Mapping[str, float | None]) -> Value:
    """Read figures by the letters of the changes made; what is not in the table cannot be estimated."""

    def value(chosen: Chosen) -> float | None:
        return values.get("".join(sorted(chosen)))

    return value


def shares(attribution: Attribution | None) -> dict[str, float]:
    assert attribution is not None
    return {"+".join(share.changes): share.amount for share in attribution.shares}


def test_a_share_is_the_average_over_both_orders() -> None:
    # a first: -20 then -40; b first: -50 then -10
    result = attribute("ab", table({"": 100.0, "a": 80.0, "b": 50.0, "ab": 40.0}))
    assert result is not None
    assert (result.method, result.orders, result.total) == ("all orders", 2, -60.0)
    assert shares(result) == {"a": -15.0, "b": -45.0}


def test_three_changes_by_hand() -> None:
    # additive but for one meeting of a and c, worth 6, which both share
    def value(chosen: Chosen) -> float:
        worth = {"a": 1.0, "b": 10.0, "c": 100.0}
        return sum(worth[name] for name in chosen) + (6.0 if {"a", "c"} <= chosen else 0.0)

    result = attribute("abc", value)
    assert result is not None
    assert result.orders == 6
    assert shares(result) == pytest.approx({"a": 4.0, "b": 10.0, "c": 103.0})


def test_a_change_that_does_nothing_has_no_share() -> None:
    result = attribute("ab", lambda chosen: 5.0 if "a" in chosen else 3.0)
    assert shares(result) == {"a": 2.0, "b": 0.0}


def test_orders_through_what_cannot_be_estimated_are_left_out() -> None:
    result = attribute("ab", table({"": 100.0, "a": 80.0, "ab": 40.0}))
    assert result is not None
    assert (result.method, result.orders) == ("some orders", 1)
    assert shares(result) == {"a": -20.0, "b": -40.0}


def test_changes_that_only_work_together_share_what_they_cause() -> None:
    result = attribute("abc", table({"": 100.0, "ab": 70.0, "abc": 60.0}))
    assert result is not None
    assert result.method == "one order"
    assert shares(result) == {"a+b": -30.0, "c": -10.0}


def test_nothing_between_the_ends() -> None:
    assert shares(attribute("ab", table({"": 1.0, "ab": 4.0}))) == {"a+b": 3.0}


@pytest.mark.parametrize("values", [{"ab": 1.0}, {"": 1.0}, {}])
def test_an_unknown_end_has_no_attribution(values: Mapping[str, float | None]) -> None:
    assert attribute("ab", table(values)) is None


def test_beyond_six_changes_one_order_is_asked_for_and_told() -> None:
    asked: list[Chosen] = []

    def value(chosen: Chosen) -> float:
        asked.append(chosen)
        return float(len(chosen))

    result = attribute("abcdefg", value)
    assert result is not None
    assert (result.method, result.order) == ("one order", tuple("abcdefg"))
    assert len(set(asked)) == 8
    assert math.fsum(shares(result).values()) == 7.0
