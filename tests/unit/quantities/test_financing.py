"""Present value, loan and rate of return equal numpy-financial's; storage and network by what they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.ledger.ledger import ledger_of
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.evaluation import Figures
from planner.quantities.financing import loan_a_year, payments, rates_of_return
from planner.quantities.life import present_value, rented_present_value

MakePlan = Callable[..., Plan]
money = st.floats(1.0, 1e10)
#: At less than a basis point numpy-financial itself loses digits: it takes 1 from 1 + rate.
rates = st.one_of(st.just(0.0), st.floats(1e-4, 1.0))
SITE = {"pue": 1.25, "electricity_usd_per_kwh": 0.1, "carbon_g_per_kwh": 500}


def array(value: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([value])


def figures(plan: Plan, catalog: Catalog) -> Figures:
    found = estimate_plan(plan, catalog).figures
    assert found is not None
    return found


@given(purchase=money, operation=money, left=money, years=st.integers(1, 30), rate=rates)
def test_a_present_value_is_that_of_numpy_financial(
    purchase: float, operation: float, left: float, years: int, rate: float
) -> None:
    flows = [purchase, *[operation] * years]
    flows[-1] -= left
    found = present_value(*map(array, (purchase, operation, years, left, 0.0, rate)))[0]
    scale = purchase + operation * years + left
    assert found == pytest.approx(npf.npv(rate, flows), abs=1e-9 * scale)
    # of years that are not whole, that of an annuity
    part = years + 0.3
    own = present_value(*map(array, (purchase, operation, part, left, 0.0, rate)))[0]
    with np.errstate(all="ignore"):
        annuity = npf.pv(rate, part, operation, -left)
        rent = npf.pv(rate, part, operation + left)
    assert own == pytest.approx(purchase - annuity, abs=1e-9 * scale)
    rented = rented_present_value(*map(array, (operation, left, part, purchase, 0.0, 0.0, rate)))[0]
    assert rented == pytest.approx(purchase - rent, abs=1e-9 * (scale + left * years))


@given(lent=money, rate=rates, years=st.integers(1, 50))
def test_a_loan_is_paid_as_numpy_financial_says(lent: float, rate: float, years: int) -> None:
    paid = loan_a_year(*map(array, (lent, rate, float(years))))[0]
    with np.errstate(all="ignore"):
        expected = -npf.pmt(rate, years, lent)
    assert paid == pytest.approx(expected, rel=1e-9)


@given(paid=money, saved=money, left=st.floats(0.0, 1e6), years=st.floats(0.5, 12.0))
def test_a_rate_of_return_makes_the_payments_worth_nothing(
    paid: float, saved: float, left: float, years: float
) -> None:
    flows = payments(array(paid), array(saved), array(left), years)
    (rate,) = rates_of_return(flows)
    column = flows[:, 0]
    assert rate == pytest.approx(npf.irr(column), rel=1e-9, nan_ok=True) or rate == -1.0
    if rate > -0.9 and np.isfinite(rate):
        assert npf.npv(rate, column) == pytest.approx(0.0, abs=1e-6 * (paid + saved * years + left))


def test_buying_that_saves_nothing_has_no_return() -> None:
    flows = payments(np.array([100.0, 100.0]), np.array([-5.0, 60.0]), array(0.0), 2.0)
    low, high = rates_of_return(flows)
    assert low == -1.0
    assert high == pytest.approx(0.130662386, rel=1e-6)


def test_a_loan_moves_cash_and_costs_its_interest() -> None:
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    overrides = ["money.loan_share=0.7", "money.loan_rate=6%", "money.loan_years=3"]
    found = ledger_of(estimate_plan(apply_overrides(plan, overrides), load_catalog(include_user=False)))
    loan = found.loan
    assert loan is not None
    with_it = loan.with_it(found.cash)
    assert sum(with_it) == found.life + loan.interest
    assert with_it[0] == found.cash[0] - loan.amount
    assert float(loan.amount) == pytest.approx(0.7 * float(found.total("once")), abs=0.02)
    assert float(loan.payment) == pytest.approx(-npf.pmt(0.06, 3, float(loan.amount)), abs=0.02)
    plain = ledger_of(estimate_plan(plan, load_catalog(include_user=False)))
    assert (plain.loan, plain.cash) == (None, found.cash)


def test_capital_is_paid_on_what_is_not_written_off(make_plan: MakePlan, world: Catalog) -> None:
    told = {"discount_rate": 0.1, "depreciation_years": 4.0, "place": "own", "spares_share": 0.0}
    found = figures(make_plan(site=SITE, money=told), world)
    years = found.number("fleet_days") / 365.25
    bought = found.number("cost.capex")
    middle = bought - found.number("cost.parts.depreciation") / 2
    assert found.number("cost.parts.capital") == pytest.approx(middle * 0.1 * years)


def test_a_month_of_waiting_costs_value_standing_costs_and_capital(
    make_plan: MakePlan, world: Catalog
) -> None:
    told = {"depreciation_years": 4.0, "place": "own", "residual_share": 0.1, "staff_usd_per_year": 2.4e6}
    found = figures(make_plan(site=SITE, money={**told, "discount_rate": 0.12}), world)
    bought, equipment = found.number("ledger.purchase"), found.number("ledger.equipment")
    # a kilowatt for a month at 0.1 USD/kWh is 73.05 USD
    waiting = found.number("power.idle_facility_w") / 1e3 * 73.05
    value = (bought - 0.1 * equipment) / 48
    assert found.number("cost.idle_month") == pytest.approx(value + 0.2e6 + waiting + 0.01 * bought)
    without = figures(make_plan(site=SITE, money=told), world)
    assert without.number("cost.idle_month") == pytest.approx(value + 0.2e6 + waiting)
    assert "cost of capital" in without.left_out("cost.idle_month")


def test_a_month_of_waiting_for_what_is_rented_costs_what_is_committed(
    make_plan: MakePlan, world: Catalog
) -> None:
    rent = {"rental_usd_per_chip_hour": 2.0}
    bound = figures(make_plan(pool={**rent, "rental_months": 12}), world)
    assert bound.number("cost.idle_month") == pytest.approx(16 * 2.0 * 730.5)
    by_the_hour = figures(make_plan(pool=rent), world)
    assert not by_the_hour["cost.idle_month"].is_known


def test_the_run_in_a_cloud_is_its_hours_at_the_rent_that_is_asked() -> None:
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    found = figures(plan, load_catalog(include_user=False))
    rent = found.number("rent.asked_usd_per_chip_hour")
    assert found.number("rent.of_run_usd") == pytest.approx(found.number("chip_hours") * rent)
    rented = apply_overrides(plan, [f"cluster.pools.rental_usd_per_chip_hour={rent!r}"])
    in_the_cloud = figures(rented, load_catalog(include_user=False))
    assert in_the_cloud.number("cost.parts.rental") == pytest.approx(found.number("rent.of_run_usd"))
    assert not in_the_cloud["rent.of_run_usd"].is_known


def test_storage_is_paid_by_its_volume_and_its_rate(make_plan: MakePlan, world: Catalog) -> None:
    told = {"storage_usd_per_pb": 200e3, "checkpoints_kept": 10, "data_pb": 0.5}
    plan = make_plan(site=SITE, money=told)
    found = figures(plan, world)
    kept = 10 * 14 * 1.5 * found.number("facts.parameters") / 1e15
    assert found.number("storage.checkpoints_pb") == pytest.approx(kept)
    assert found.number("ledger.storage") == pytest.approx((kept + 0.5) * 200e3)
    assert found.assumed("ledger.storage") == ()
    fast = {**told, "storage_usd_per_gb_per_s": 4e3}
    without = figures(make_plan(site=SITE, money=fast), world)
    assert without["ledger.storage_rate"].p50 is None
    assert "storage rate (operations.storage_bytes_per_s)" in without.gaps("ledger.equipment")
    operations = {"storage_bytes_per_s": 100e9}
    whole = figures(make_plan(site=SITE, money=fast, operations=operations), world)
    assert whole.number("ledger.storage_rate") == pytest.approx(400e3)
    more = whole.number("ledger.equipment") - found.number("ledger.equipment")
    assert more == pytest.approx(400e3, rel=1e-6)


def test_volumes_that_a_plan_does_not_state_are_assumed(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(site=SITE, money={"storage_usd_per_pb": 200e3}), world)
    assert len(found.assumed("ledger.storage")) == 2


@pytest.mark.parametrize("fabric", ["ib-ndr-400", "roce-400g"])
def test_a_network_is_told_by_its_parts_where_they_have_prices(fabric: str) -> None:
    plan = load_plan(shipped_plans_folder() / "llama-3.1-405b-h100.toml")
    overrides = [f"cluster.pools.fabric={fabric}", "money.nic_usd=1500"]
    found = figures(apply_overrides(plan, overrides), load_catalog(include_user=False))
    parts = {name: found.number(f"ledger.{name}") for name in ("switches", "cables", "nics", "network")}
    assert found.number("ledger.network_all") == pytest.approx(sum(parts.values()))
    assert (parts["network"] == 0) == (parts["switches"] > 0) == (parts["cables"] > 0)
    assert (parts["switches"] > 0) == (fabric == "ib-ndr-400")
    assert parts["nics"] == 16_384 * 1_500


def test_data_that_leave_a_cloud_are_in_the_life_of_what_is_rented() -> None:
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    rented = ["cluster.pools.rental_usd_per_chip_hour=2", "money.egress_usd=3M", "money.storage_usd=1M"]
    overrides = [*rented, "money.rent_support_share=0", "money.discount_rate=0.1"]
    estimate = estimate_plan(apply_overrides(plan, overrides), load_catalog(include_user=False))
    assert estimate.figures is not None
    assert float(ledger_of(estimate).life) == pytest.approx(estimate.figures.number("cost.life"), abs=1)
    years = estimate.figures.number("ledger.term_years")
    rent = estimate.figures.number("ledger.rent_a_year")
    expected = 4e6 - npf.pv(0.1, years, rent)
    assert estimate.figures.number("cost.present_value") == pytest.approx(expected, rel=1e-9)
