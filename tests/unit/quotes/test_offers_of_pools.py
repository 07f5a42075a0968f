"""Offers of several pools: what they cost adds up, and what they do is that of the whole."""

from __future__ import annotations

from functools import cache

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.ledger.ledger import ledger_of
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quotes.offer import Offer
from planner.quotes.offering import offer_of

YEARS = 4.0


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def offered(*overrides: str) -> tuple[Estimate, Offer]:
    plan = load_plan(shipped_plans_folder() / "mixed-910b-a100.toml")
    plan = apply_overrides(plan, ["money.storage_usd=1M", *overrides])
    estimate = estimate_plan(plan, catalog())
    return estimate, offer_of("both", plan, estimate, 12 * YEARS)


def test_what_pools_cost_adds_up_to_the_lines_of_their_ledger() -> None:
    estimate, offer = offered()
    assert offer.reasons == ()
    assert len(estimate.pools) == 2
    lines = {line.id: line for line in offer.lines}
    found = ledger_of(estimate)
    for name in ("servers", "network", "storage", "space"):
        amounts = [float(line.amount) for line in found.lines if line.id == name and line.amount]
        years = YEARS if name == "space" else 1.0
        assert len(amounts) == 2
        assert lines[name].figure.p50 == pytest.approx(sum(amounts) * years, abs=0.1), name
    assert lines["storage"].figure.p50 == pytest.approx(1e6)
    assert estimate.figures is not None
    assert offer.factors["rate"].p50 == estimate.figures.p50("tokens_per_second")


def test_rented_pools_are_paid_together() -> None:
    rents = [f"cluster.pools[{place}].rental_usd_per_chip_hour=2" for place in (0, 1)]
    _, offer = offered(*rents)
    rent = next(line for line in offer.lines if line.id == "rent_a_year")
    assert offer.kind == "rental"
    assert rent.figure.p50 == pytest.approx((2048 + 512) * 2 * 0.8 * 365.25 * 24 * YEARS)


@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        (["[1].rental_usd_per_chip_hour=2"], "buys some of its pools and rents others"),
        (
            ["[1].rental_usd_per_chip_hour=2", "[0].rental_usd_per_chip_hour=2", "[1].rental_months=12"],
            "different terms",
        ),
    ],
)
def test_pools_on_other_terms_are_offers_of_their_own(overrides: list[str], why: str) -> None:
    _, offer = offered(*(f"cluster.pools{one}" for one in overrides))
    assert why in offer.reasons[0]
    assert offer.lines == ()
