"""Offers drawn over all that is shipped: none crashes, gaps add up, and none is best that lacks a figure."""

from __future__ import annotations

import itertools
import json
import math
from decimal import Decimal
from typing import Any

import pytest
from tests.property.test_random_plans import BLOCK, TODAY, Draw, Table, catalog

from planner.catalog.catalog import Catalog
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.plans.plan_file import plan_from_data
from planner.quotes.months import months_of
from planner.quotes.quotes import Asked, Quotes, hold_side_by_side
from planner.report.estimate_json import json_text
from planner.report.markdown import markdown_text
from planner.report.quotes_document import quotes_document
from planner.report.quotes_json import quotes_to_dict
from planner.report.terminal import terminal_text

FEW, MANY = 15, 1_000
#: What a buyer pays whoever sells: it may be unknown of the best, where it weighs no more in it.
OF_THE_BUYER = {"staff", "capital"}


class Offers(Draw):
    """Draws offers for one work from a seed."""

    def offers(self) -> list[Table]:
        """Return the tables of two to four plans of the same work, most on one pool."""
        first = self.plan()
        return [self._offer(first) for _ in range(self.of(2, 2, 3, 4))]

    def _offer(self, first: Table) -> Table:
        pools = [{**first["cluster"]["pools"][0]}] if self.maybe(0.9) else first["cluster"]["pools"]
        if self.maybe(0.5):
            pools[0]["rental_usd_per_chip_hour"] = self.span(0.1, 20)
            if self.maybe(0.5):
                pools[0]["rental_months"] = self.log(0.5, 60)
        lost = {"setup_days": self.of(0, self.span(0.1, 300)), "debugging_share": self.span(1e-3, 0.5)}
        lost = lost if self.maybe(0.7) else self.some(setup_days=lambda: 1)
        told = first | {"cluster": {"pools": pools}, "operations": first["operations"] | lost}
        return told | {"money": self._money()} if self.maybe(0.7) else told


def asked(seed: int, world: Catalog) -> list[Asked]:
    """Return offers with their estimates; none where one names what cannot be estimated."""
    plans = [plan_from_data(told, where=f"seed {seed}") for told in Offers(seed).offers()]
    try:
        return [
            Asked(f"offer {place}", plan, estimate_plan(plan, world, today=TODAY))
            for place, plan in enumerate(plans)
        ]
    except PlanError:
        return []


def finite(told: Any) -> bool:
    if isinstance(told, dict):
        return all(map(finite, told.values()))
    if isinstance(told, list):
        return all(map(finite, told))
    return not isinstance(told, float) or math.isfinite(told)


def check_told(quotes: Quotes) -> Table:
    told: Table = json.loads(json_text(quotes_to_dict(quotes)))
    assert finite(told)
    for width in (40, 80, 120):
        text = terminal_text(quotes_document(quotes), width=width)
        assert max(map(len, text.splitlines())) <= max(width, 80)
    assert "nan" not in text
    assert markdown_text(quotes_document(quotes))
    for offer in told["offers"]:
        if offer["gap"] is None:
            assert offer["standing"] == "none"
            assert offer["reasons"]
            continue
        amounts = [Decimal(line["amount"]) for line in offer["lines"] if line["amount"]]
        assert all(amount >= 0 for amount in amounts)
        assert sum(amounts) == Decimal(offer["money"]["amount"])
        assert sum(Decimal(part["amount"]) for part in offer["gap"]["parts"]) == Decimal(
            offer["gap"]["amount"]
        )
        lost = [band["p50"] for band in offer["paid_for_lost_time"].values() if band]
        assert all(0 <= part < math.inf for part in lost)
        assert sum(lost) <= float(offer["money"]["amount"]) * (1 + 1e-9) + 0.1
        assert offer["standing"] in ("best", "even", "dearer", "unknown")
        assert offer["standing"] != "even" or not offer["missing"]
        assert offer["relative"] is None or offer["relative"]["p50"] >= 1 - 1e-12
        assert offer["paid_months"] >= told["months"] * (1 - 1e-9)
    best = [offer for offer in told["offers"] if offer["standing"] == "best"]
    assert [offer["letter"] for offer in best] == ([told["best"]] if told["best"] else [])
    for offer in best:
        assert offer["letter"] == told["reference"]
        # machines without a price may cost more by what else is known of them
        others = [one for one in told["offers"] if one is not offer and one["work"] is not None]
        assert others
        lacks = set(offer["missing"])
        assert lacks <= OF_THE_BUYER
        for other in others:
            assert lacks <= set(other["missing"])
            assert other["standing"] == ("dearer" if other["gap"] else "none")
    return told


def check(seed: int, world: Catalog) -> str:
    """Hold offers to everything; return how far they came."""
    offers = asked(seed, world)
    if not offers:
        return "refused"
    months = months_of([one.plan for one in offers])
    quotes = hold_side_by_side(offers, months)
    told = check_told(quotes)
    for order in itertools.islice(itertools.permutations(offers), 1, 3):
        other = quotes_to_dict(hold_side_by_side(order, months))
        for one in told["offers"]:
            (same,) = (it for it in other["offers"] if it["label"] == one["label"])
            assert json.loads(json_text({**same, "letter": one["letter"]})) == one
    itself = hold_side_by_side([offers[0], offers[0]], months)
    assert all(quote.gap is None or quote.gap.amount == 0 for quote in itself.quotes)
    return "best" if told["best"] else "compared" if told["reference"] else "nothing"


def check_all(seeds: range) -> None:
    world = catalog()
    for seed in seeds:
        try:
            check(seed, world)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise


def test_no_offers_contradict_themselves() -> None:
    check_all(range(FEW))


@pytest.mark.exhaustive
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(FEW, MANY, BLOCK))
def test_no_offers_contradict_themselves_in_long(first: int) -> None:
    check_all(range(first, min(first + BLOCK, MANY)))
