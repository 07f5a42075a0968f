"""Rents by how long a chip is bound: a commitment is paid for every hour."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import load_catalog
from planner.estimate.estimate import estimate_plan
from planner.ledger.ledger import ledger_of
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.rental_terms import COMMITTED, TERMS
from planner.report.ledger_document import ledger_document
from planner.report.terminal import terminal_text


@pytest.mark.parametrize("name", TERMS)
def test_an_hour_in_use_pays_for_the_hours_that_a_commitment_wastes(name: str) -> None:
    plan = load_plan(shipped_plans_folder() / "llama-3.1-405b-h100.toml")
    estimate = estimate_plan(
        apply_overrides(plan, ["money.earning_share=0.5"]), load_catalog(include_user=False)
    )
    assert estimate.figures is not None
    asked = estimate.figures.number(f"rent.asked.{name}_usd_per_chip_hour")
    in_use = estimate.figures.number(f"rent.in_use.{name}")
    assert in_use == pytest.approx(asked * (2 if name in COMMITTED else 1))
    text = terminal_text(ledger_document(estimate, ledger_of(estimate)), width=100)
    assert f"rented, {TERMS[name]}" in text


def test_of_a_chip_that_nobody_rents_out_no_rent_is_told() -> None:
    plan = load_plan(shipped_plans_folder() / "pangu-ultra-135b-910b.toml")
    estimate = estimate_plan(plan, load_catalog(include_user=False))
    assert estimate.figures is not None
    assert not any(estimate.figures[f"rent.in_use.{name}"].is_known for name in TERMS)
    assert "rented" not in terminal_text(ledger_document(estimate, ledger_of(estimate)), width=100)
