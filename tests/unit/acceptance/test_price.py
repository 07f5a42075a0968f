"""The indifference price is what a search over the price finds, and leaves the buyer as well off."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from planner.acceptance.effects import figures_with
from planner.acceptance.price import cut_worth, indifference_cut, price_cut, priced
from planner.catalog.catalog import load_catalog
from planner.domain.plan_acceptance import ClusterComponent
from planner.engine.arrays import FloatArray
from planner.estimate.estimate import estimate_plan
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures

PLAN = Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml"
CENT_OF_A_PERCENT = 1e-4


@pytest.fixture(scope="module")
def figures() -> Figures:
    plan = apply_overrides(load_plan(PLAN), ["cluster.pools.price_usd=180k"])
    found = estimate_plan(plan, load_catalog(include_user=False)).figures
    assert found is not None
    return found


def test_it_equals_brute_force_over_the_price_on_random_costs() -> None:
    chance = np.random.default_rng(7)
    prices = np.arange(-0.5, 1.0, CENT_OF_A_PERCENT)
    for _ in range(200):
        price, other, longer = chance.uniform(50, 150), chance.uniform(0, 50), chance.uniform(0.95, 1.3)
        floor, rate = chance.uniform(0.0, 0.5), chance.uniform(0.0, 0.2)

        def cost(
            cut: FloatArray, times: float, terms: tuple[float, ...] = (price, other, floor, rate)
        ) -> FloatArray:
            whole, beside, least, of_capital = terms
            capex = whole * (1.0 - cut) + beside
            capital = of_capital * np.maximum(capex - times * whole / 3, capex * least)
            return np.asarray(times * (capex + beside / 3 + capital))

        promised = cost(np.zeros(1), 1.0)
        found = float(indifference_cut(partial(_at, cost, longer), promised)[0])
        brute = float(prices[np.argmin(np.abs(cost(prices, longer) - promised[0]))])
        assert found == pytest.approx(brute, abs=CENT_OF_A_PERCENT)


def _at(cost: Callable[[FloatArray, float], FloatArray], times: float, cut: float) -> FloatArray:
    return cost(np.array([cut]), times)


def test_a_cut_is_worth_the_money_that_it_saves_of_the_run(figures: Figures) -> None:
    usd = 5_000.0
    cut = cut_worth(figures, usd)
    assert cut is not None
    base = figures.number("ledger.servers") / figures.number("pools.systems")
    saved = [priced(figures, "price_usd", base * (1.0 - part)).number("cost.total") for part in (0.0, cut)]
    assert saved[0] - saved[1] == pytest.approx(usd, rel=1e-6)
    assert cut_worth(figures, 2.0 * usd) == pytest.approx(2.0 * cut)


@pytest.mark.parametrize("part", ["matmul", "data", "step"])
def test_at_that_price_the_buyer_is_as_well_off(figures: Figures, part: ClusterComponent) -> None:
    slower = figures_with(figures, part, 0.9)
    cut = price_cut(figures, slower)
    assert cut is not None
    assert cut.band.p10 <= cut.band.p50 <= cut.band.p90
    assert 0.0 < cut.band.p50 < 0.5
    base = figures.number("ledger.servers") / figures.number("pools.systems")
    paid = priced(slower, "price_usd", base * (1.0 - cut.band.p50)).number("cost.total")
    assert paid == pytest.approx(priced(figures, "price_usd", base).number("cost.total"), rel=1e-6)


@pytest.mark.parametrize("factor", [0.83, 0.95, 1.02])
def test_of_a_whole_ledger_it_is_what_a_search_over_the_price_finds(figures: Figures, factor: float) -> None:
    slower = figures_with(figures, "step", factor)
    cut = price_cut(figures, slower)
    assert cut is not None
    base = figures.number("ledger.servers") / figures.number("pools.systems")
    promised = priced(figures, "price_usd", base).number("cost.total")
    near = np.arange(cut.band.p50 - 3e-3, cut.band.p50 + 3e-3, 3 * CENT_OF_A_PERCENT)
    costs = [priced(slower, "price_usd", base * (1.0 - one)).number("cost.total") for one in near]
    brute = float(near[np.argmin(np.abs(np.array(costs) - promised))])
    assert cut.band.p50 == pytest.approx(brute, abs=2 * CENT_OF_A_PERCENT)


def test_what_is_better_than_promised_is_owed(figures: Figures) -> None:
    cut = price_cut(figures, figures_with(figures, "step", 1.05))
    assert cut is not None
    assert cut.band.p50 < 0.0
    same = price_cut(figures, figures_with(figures, "step", 1.0))
    assert same is not None
    assert same.band.p50 == pytest.approx(0.0, abs=1e-6)


def test_without_a_price_there_is_none() -> None:
    plan = load_plan(PLAN.with_name("llama-3.1-405b-gb200.toml"))
    found = estimate_plan(plan, load_catalog(include_user=False)).figures
    assert found is not None
    cut = price_cut(found, figures_with(found, "step", 0.9))
    assert (cut is None) == (not found["cost.total"].is_known or not found["ledger.servers"].is_known)
