"""Estimates of small plans: sums and products by hand, warnings, refusals and reasons."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.cli.main import main
from planner.domain.chip import Platform
from planner.domain.plan import Plan
from planner.domain.stack import Stack
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.planning.stack import ResidualSpreads, drops_unused_recompute
from planner.plans.plan_file import plan_text
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.report.estimate_json import figures_to_dict

MakePlan = Callable[..., Plan]
Write = Callable[[str, str], Catalog]
GIVEN = {"mode": "given", "tensor": 2, "data": 8, "microbatch": 1, "zero": 3}


def figures(plan: Plan, catalog: Catalog) -> Figures:
    estimate = estimate_plan(plan, catalog)
    assert estimate.figures is not None, estimate.reasons
    return estimate.figures


def ordered(band: Band | None) -> bool:
    return band is not None and 0 < band.p10 <= band.p50 <= band.p90 < math.inf


def ratio(found: Figures, one: str, other: str) -> float:
    return found.number(one) / found.number(other)


# -- sums and products --------------------------------------------------------------------------------------


def test_parts_sum_and_bands_are_ordered(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(strategy=GIVEN), world)
    for whole, parts in (
        ("step.seconds", "step.parts"),
        ("memory.per_chip_bytes", "memory.parts"),
        ("interconnect_overhead.fraction", "interconnect_overhead.by_class"),
        ("interconnect_overhead.fraction", "interconnect_overhead.by_tier"),
    ):
        assert sum(found.parts(parts).values()) == pytest.approx(found.number(whole), rel=1e-9)
    assert found.number("memory.capacity_bytes") == pytest.approx(80e9)
    bands = (
        "training_days", "tokens_per_second", "tokens_per_second_per_chip", "mfu", "mfu_full_attention",
        "hfu", "goodput", "power.facility_w",
    )  # fmt: skip
    assert all(ordered(found.band(identifier)) for identifier in bands)


def test_rates_days_and_utilisation_follow_from_the_step(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(strategy=GIVEN), world)
    rate = 64 * 4096 / found.number("step.seconds")
    assert found.number("tokens_per_second") == pytest.approx(rate)
    assert found.number("tokens_per_second_per_chip") == pytest.approx(rate / 16)
    assert found.number("training_days") == pytest.approx(1e10 / rate / found.number("goodput") / 86_400)
    # Llama 2 7B: 32 layers of h = 4096 with three matrices of 11,008, and a head of 32,000
    matmul = 32 * (4 * 4096**2 + 3 * 4096 * 11_008) + 32_000 * 4096
    causal = 6 * matmul + 6 * 32 * 4096 * 4096
    assert found.number("mfu") == pytest.approx(causal * rate / (16 * 100e12))
    full = 6 * matmul + 12 * 32 * 4096 * 4096
    assert found.number("mfu_full_attention") == pytest.approx(full * rate / (16 * 100e12))
    assert found.band("hfu") == found.band("mfu")
    assert found.number("mfu.peak_flops_per_s") == 100e12


def test_recomputation_is_hardware_work_and_no_model_work(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(strategy={**GIVEN, "recompute": "full"}), world)
    layers = 32 * (4 * 4096**2 + 3 * 4096 * 11_008)
    forward, training = 2 * layers, 6 * (layers + 32_000 * 4096)
    attention = 32 * 2 * 4096 * 4096
    expected = 1 + (forward + attention) / (training + 3 * attention)
    assert ratio(found, "hfu", "mfu") == pytest.approx(expected)


def test_the_layout_that_was_given_is_the_one_estimated(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(strategy=GIVEN), world)
    degrees = ("tp", "pp", "dp", "microbatch", "zero", "microbatches", "chips_used")
    assert [found.number(f"strategy.{name}") for name in degrees] == [2, 1, 8, 1, 3, 8, 16]
    assert found.words("strategy.origin") == "given"
    searched = figures(make_plan(), world)
    assert searched.words("strategy.origin") == "searched"
    assert searched.number("step.seconds") <= found.number("step.seconds")


def test_a_pinned_part_is_kept_by_the_search(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(strategy={"tensor": 8, "recompute": "full"}), world)
    assert found.number("strategy.tp") == 8
    assert (found.words("strategy.recompute"), found.words("strategy.origin")) == ("full", "searched")


# -- power, energy and money --------------------------------------------------------------------------------

SITE = {"pue": 1.25, "electricity_usd_per_kwh": 0.1, "carbon_g_per_kwh": 500.0}


def test_power_by_hand(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(site=SITE), world)
    parts = found.parts("power.parts")
    # 8 kW less eight chips of 500 W: 500 W of host a chip, of which three quarters are drawn
    assert parts["hosts"] == pytest.approx(16 * 500 * 0.75)
    # sixteen ports fit one switch; sixteen cables with two modules of 10 W each
    assert parts["network"] == pytest.approx(1000 + 32 * 10)
    assert parts["storage"] == pytest.approx(0.02 * (parts["chips"] + parts["hosts"]))
    it = sum(parts[name] for name in ("chips", "hosts", "network", "storage"))
    assert found.number("power.it_w") == pytest.approx(it)
    assert ratio(found, "power.facility_w", "power.it_w") == pytest.approx(1.25)
    assert found.number("power.peak_facility_w") == pytest.approx((16 * 1000 * 1.02 + 1320) * 1.25)
    assert found.gaps("power.facility_w") == ()
    assert 16 * 500 * 0.25 < parts["chips"] < 16 * 500


@pytest.mark.parametrize(
    ("systems", "domain", "watts"),
    [(1, 4, 1000 + 16 * 10), (1, 8, 0), (1, 16, 0), (2, 8, 1000 + 32 * 10), (2, 16, 0)],
)
def test_only_what_leaves_a_scale_up_domain_needs_a_network(
    make_plan: MakePlan, write: Write, plain_system: str, systems: int, domain: int, watts: float
) -> None:
    catalog = write(
        "systems/plain-8", plain_system.replace("chips_per_domain = 8", f"chips_per_domain = {domain}")
    )
    found = figures(make_plan({"count": systems}, site=SITE), catalog)
    assert found.number("power.parts.network") == pytest.approx(watts)
    assert found.number("power.peak_facility_w") == pytest.approx((systems * 8 * 1000 * 1.02 + watts) * 1.25)
    assert found.gaps("power.facility_w") == ()


#: A price for each line that no profile has one of.
PRICED: dict[str, Any] = {
    "place": "own",
    "spares_share": 0.1,
    "storage_usd": 100_000.0,
    "racks_usd_per_kw": 0.0,
    "installation_share": 0.02,
    "freight_share": 0.01,
    "duty_share": 0.0,
    "tax_share": 0.0,
    "support_share": 0.05,
    "software_usd_per_chip_year": 100.0,
    "staff_usd_per_year": 50_000.0,
    "demand_usd_per_kw_month": 10.0,
    "power_usd_per_month": 1_000.0,
    "discount_rate": 0.1,
    "earning_share": 0.8,
    "egress_usd": 0.0,
    "rent_support_share": 0.0,
}
#: One scale-up domain, which needs no network.
WHOLE = {"price_usd": 400_000.0, "chips": 8, "count": None}


def test_energy_carbon_and_cost_by_hand(make_plan: MakePlan, world: Catalog) -> None:
    money = PRICED | {"depreciation_years": 5.0, "residual_share": 0.2}
    found = figures(make_plan(WHOLE, site=SITE, money=money), world)
    days = found.number("training_days")
    years = days / 365.25
    mwh = found.number("power.facility_w") * days * 24 / 1e6
    assert found.number("energy_mwh") == pytest.approx(mwh)
    assert found.number("carbon_t") == pytest.approx(mwh * 500 / 1000)
    assert found.number("joules_per_token") == pytest.approx(mwh * 3.6e9 / 1e10)
    # no site profile says how much water
    assert found.band("water_m3") is None
    equipment = 400_000 * 1.1 + 100_000
    bought = equipment * 1.03
    peak_kw = found.number("power.peak_facility_w") / 1000
    standing = equipment * 0.05 + 8 * 100 + 50_000 + peak_kw * 10 * 12 + 1_000 * 12
    used = (bought - 0.2 * equipment) / 5 * years
    operation = mwh * 1000 * 0.1 + standing * years
    capital = (bought - used / 2) * 0.1 * years
    total = (used + operation + capital) / 0.8
    assert found.parts("cost.parts") == pytest.approx(
        {
            "purchase": bought,
            "depreciation": used,
            "electricity": mwh * 1000 * 0.1,
            "standing": standing * years,
            "capital": capital,
            "idle": total * 0.2,
        }
    )
    assert found.number("cost.total") == pytest.approx(total)
    band = found.band("cost.capex")
    assert band is not None
    assert (band.p10, band.p50, band.p90) == pytest.approx((bought, bought, bought))
    assert ratio(found, "cost.per_million_tokens", "cost.total") == pytest.approx(1e6 / 1e10)
    assert found.left_out("cost.life") == found.left_out("cost.total") == ()


def test_life_and_present_value_by_hand(make_plan: MakePlan, world: Catalog) -> None:
    money = PRICED | {"depreciation_years": 4.0, "residual_share": 0.2}
    found = figures(make_plan(WHOLE, site=SITE, money=money), world)
    bought, year, left = (found.number(f"ledger.{name}") for name in ("purchase", "operation", "residual"))
    assert found.number("cost.life") == pytest.approx(bought + 4 * year - left)
    assert found.number("cost.first_year") == pytest.approx(bought + year)
    discounted = bought + sum(year / 1.1**n for n in range(1, 5)) - left / 1.1**4
    assert found.number("cost.present_value") == pytest.approx(discounted, rel=1e-12)
    hours = 8 * 4 * 365.25 * 24 * 0.8
    assert found.number("rent.break_even_usd_per_chip_hour") == pytest.approx(
        found.number("cost.life") / hours
    )
    assert found.number("cost.per_chip_hour") == pytest.approx(
        found.number("cost.life") / hours / found.number("goodput")
    )


@pytest.mark.parametrize("rent", [0.001, 1.0, 2.0, 5.0, 40.0])
def test_break_even_is_where_months_of_rent_pass_those_of_owning(
    make_plan: MakePlan, world: Catalog, rent: float
) -> None:
    found = figures(make_plan(WHOLE | {"rental_usd_per_chip_hour": rent}, site=SITE, money=PRICED), world)
    bought, year = found.number("ledger.purchase"), found.number("ledger.operation")
    month = 8 * 0.8 * 365.25 * 24 / 12 * rent
    dearer = (months for months in range(1, 10_000) if month * months >= bought + year / 12 * months)
    assert math.ceil(found.number("rent.break_even_months")) == next(dearer, 10_000)


def test_what_was_had_for_nothing_never_pays_where_its_operation_costs_more_than_rent(
    make_plan: MakePlan, world: Catalog
) -> None:
    money = PRICED | dict.fromkeys(("storage_usd", "racks_usd_per_kw"), 0.0)
    pool = WHOLE | {"price_usd": 0.0}
    dear, cheap = (
        figures(make_plan(pool | {"rental_usd_per_chip_hour": rent}, site=SITE, money=money), world)
        for rent in (1e-6, 40.0)
    )
    assert dear.number("ledger.purchase") == 0.0
    assert dear.number("rent.break_even_months") == 10_000
    assert cheap.number("rent.break_even_months") == pytest.approx(0.0, abs=1e-3)


def test_a_building_is_written_off_over_its_own_life(make_plan: MakePlan, world: Catalog) -> None:
    money = PRICED | {"place": "building", "building_usd_per_kw": 10_000.0, "depreciation_years": 4.0}
    found = figures(make_plan(WHOLE, site=SITE, money=money), world)
    built, years = found.number("ledger.building"), found.number("training_days") / 365.25
    assert built == pytest.approx(found.number("power.contracted_kw") * 10_000)
    others = found.number("cost.capex") - built
    assert found.number("cost.parts.depreciation") == pytest.approx((others / 4 + built / 20) * years)
    assert found.number("ledger.building_left") == pytest.approx(built * 0.8)


def test_rent_takes_the_place_of_everything_else(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan({"rental_usd_per_chip_hour": 2.0}, site=SITE), world)
    rent = 2 * 16 * 24 * found.number("training_days")
    assert found.parts("cost.parts") == pytest.approx({"rental": rent})
    assert found.band("cost.capex") is None
    beside = ("support beside the rent", "storage", "data out of the cloud")
    assert found.left_out("cost.total") == beside


def test_support_beside_the_rent_is_a_share_of_it(make_plan: MakePlan, world: Catalog) -> None:
    pool = {"rental_usd_per_chip_hour": 2.0, "rental_months": 6.0}
    without, found = (
        figures(make_plan(pool, site=SITE, money=PRICED | {"rent_support_share": share}), world)
        for share in (0.0, 0.1)
    )
    rent = without.number("ledger.rent_a_year")
    assert found.number("ledger.rent_support") == pytest.approx(0.1 * rent)
    for name, paid in (
        ("cost.total", without.number("cost.parts.rental")),
        ("cost.life", rent / 2),
        ("cost.first_year", rent / 2),
        ("cost.present_value", without.number("cost.present_value") - PRICED["storage_usd"]),
    ):
        assert found.number(name) - without.number(name) == pytest.approx(0.1 * paid), name


def test_a_commitment_is_paid_for_every_hour_of_its_term(make_plan: MakePlan, world: Catalog) -> None:
    pool = {"rental_usd_per_chip_hour": 2.0, "rental_months": 6.0}
    found = figures(make_plan(pool, site=SITE, money=PRICED), world)
    hours = 16 * 24 * found.number("training_days")
    assert found.number("cost.parts.rental") == pytest.approx(2 * hours / 0.8)
    assert found.number("cost.life") == pytest.approx(2 * 16 * 365.25 * 24 / 2 + 100_000)


def test_chips_stand_in_for_a_system_without_a_price(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(site=SITE), world)
    factor = found.number("price.server_factor")
    assert 1.5 < factor < 1.7
    assert found.number("ledger.servers") == pytest.approx(16 * 10_000 * factor)
    assert "hosts of pool 'train' (a factor on the chips)" in found.assumed("cost.total")
    assert "network of pool 'train' (a share of the purchase)" in found.assumed("cost.total")


def test_what_has_no_price_is_named_and_not_zero(make_plan: MakePlan, write: Write) -> None:
    text = CHIP.replace(PRICE, "")
    found = figures(make_plan(), write("chips/plain", text))
    for name in ("capex", "total", "per_million_tokens", "life", "first_year"):
        assert found.band(f"cost.{name}") is None
    assert found.left_out("cost.total")[0] == "systems of pool 'train'"
    assert {"storage", "staff", "electricity price of the site"} < set(found.left_out("cost.total"))


def test_unknown_ratings_leave_power_unknown(make_plan: MakePlan, write: Write) -> None:
    text = CHIP.replace(TDP, "")
    found = figures(make_plan(site=SITE), write("chips/plain", text))
    for identifier in ("power.chips_w", "power.facility_w", "energy_mwh"):
        assert found.band(identifier) is None
    assert found.gaps("power.facility_w") == ("TDP of chip 'plain'",)
    assert "energy of the run" in found.left_out("cost.total")


def test_an_assumed_overhead_says_so(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(), world)
    assert found.gaps("power.facility_w") == ("PUE of the site (1.3 assumed)",)
    assert ratio(found, "power.facility_w", "power.it_w") == pytest.approx(1.3)


@pytest.mark.parametrize("verdict", ["met", "likely", "missed"])
def test_a_power_cap_is_held_against_the_peak(make_plan: MakePlan, world: Catalog, verdict: str) -> None:
    found = figures(make_plan(site=SITE), world)
    peak, facility = found.number("power.peak_facility_w"), found.band("power.facility_w")
    assert facility is not None
    caps_w = {"met": peak, "likely": (peak + facility.p90) / 2, "missed": facility.p50}
    site = {**SITE, "power_cap_mw": caps_w[verdict] / 1e6}
    estimate = estimate_plan(make_plan(site=site), world)
    assert [(target.target, target.verdict) for target in estimate.targets] == [
        ("site.power_cap_mw", verdict)
    ]
    assert estimate.is_feasible


def test_targets_of_date_and_money(make_plan: MakePlan, world: Catalog) -> None:
    start = {"start": datetime.date(2026, 12, 1)}
    targets = {"finish_by": datetime.date(2027, 12, 1), "money_usd": 1.0, "power_mw": 1.0}
    estimate = estimate_plan(make_plan(site=SITE, calendar=start, targets=targets), world)
    assert {target.target: target.verdict for target in estimate.targets} == {
        "finish_by": "met",
        "power_mw": "met",
        "money_usd": "missed",
    }
    undated = estimate_plan(make_plan(targets={"finish_by": datetime.date(2027, 12, 1)}), world)
    assert [target.verdict for target in undated.targets] == ["unknown"]


def test_training_ends_on_a_day(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(calendar={"start": datetime.date(2026, 12, 1)}), world)
    ends = found.band("finish_date")
    assert ends is not None
    days = math.ceil(found.number("training_days"))
    last = datetime.date(2026, 12, 1) + datetime.timedelta(days=days)
    assert ends.p50 == last.toordinal()
    assert found.gaps("finish_date") == ()
    beyond = make_plan(
        calendar={"start": datetime.date(2026, 12, 1)},
        workload={"tokens": 1e18, "sequence_length": 4096, "global_batch_sequences": 64},
    )
    assert figures(beyond, world).band("finish_date") is None
    assert figures(beyond, world).gaps("finish_date") == ("a day beyond the year 9999",)


# -- phases and spans ---------------------------------------------------------------------------------------


def test_phases_add_up(make_plan: MakePlan, world: Catalog) -> None:
    def days(*phases: dict[str, Any]) -> float:
        workload = {"sequence_length": 4096, "global_batch_sequences": 64, "phases": phases}
        return figures(make_plan(workload=workload), world).number("training_days")

    short, long = {"tokens": 9e9}, {"tokens": 1e9, "sequence_length": 16_384, "global_batch_sequences": 16}
    assert days(short, long) == pytest.approx(days(short) + days(long))
    assert days(short, {"tokens": 1e9}) == pytest.approx(days({"tokens": 1e10}))


def test_the_phase_with_most_tokens_is_shown(make_plan: MakePlan, world: Catalog) -> None:
    workload = {
        "sequence_length": 4096,
        "global_batch_sequences": 64,
        "phases": [{"tokens": 9e9}, {"tokens": 1e9, "global_batch_sequences": 16}],
    }
    found = figures(make_plan(workload=workload, strategy=GIVEN), world)
    assert found.number("strategy.microbatches") == 8


def test_an_uncertain_number_of_tokens_widens_the_band(make_plan: MakePlan, world: Catalog) -> None:
    def days(tokens: object) -> Band:
        workload = {"tokens": tokens, "sequence_length": 4096, "global_batch_sequences": 64}
        plan = make_plan(workload=workload, operations={"operator": "practised"})
        band = figures(plan, world).band("training_days")
        assert band is not None
        return band

    known, spread = days(1e10), days("5B..15B")
    assert spread.p50 == pytest.approx(known.p50)
    assert spread.p90 - spread.p10 > 1.2 * (known.p90 - known.p10)


def test_days_grow_with_tokens_and_shrink_with_chips(make_plan: MakePlan, world: Catalog) -> None:
    def days(tokens: float, count: int) -> float:
        workload = {"tokens": tokens, "sequence_length": 4096, "global_batch_sequences": 64}
        return figures(make_plan({"count": count}, workload=workload), world).number("training_days")

    assert days(2e10, 2) == pytest.approx(2 * days(1e10, 2))
    assert days(1e10, 1) > days(1e10, 2) > days(1e10, 4)


def test_the_same_plan_has_exactly_the_same_estimate(make_plan: MakePlan, world: Catalog) -> None:
    one, other = (figures(make_plan(site=SITE), world) for _ in range(2))
    assert figures_to_dict(one) == figures_to_dict(other)


# -- warnings -----------------------------------------------------------------------------------------------


def warnings(plan: Plan, catalog: Catalog) -> str:
    return "\n".join(estimate_plan(plan, catalog).warnings)


WORKLOAD = {"tokens": 1e10, "sequence_length": 4096, "global_batch_sequences": 64}
ONE_CHIP = {"tensor": 1, "pipeline": 1}


def test_idle_chips_are_told(make_plan: MakePlan, world: Catalog) -> None:
    pool: dict[str, Any] = {"count": None, "chips": 11}
    odd = make_plan(pool, workload={**WORKLOAD, "batch_flex": 0.0}, strategy=ONE_CHIP)
    told = warnings(odd, world)
    assert "3 of 11 chips are idle: the layout uses 8 (data parallel 8 must divide the batch of 64)" in told
    assert "a batch of 66 (+3.12 %) would use all" in told
    assert "uses 3 of the 8 chips of its last system" in told
    assert "idle" not in warnings(make_plan(strategy=GIVEN), world)


def test_a_batch_that_moves_is_told(make_plan: MakePlan, world: Catalog) -> None:
    odd = make_plan({"count": None, "chips": 11}, strategy=ONE_CHIP)
    found = estimate_plan(odd, world)
    figures = found.figures
    assert figures is not None
    assert (figures.number("strategy.batch"), figures.number("strategy.chips_used")) == (66, 11)
    assert figures.number("strategy.batch_change") == 66 / 64 - 1
    assert not any("idle" in warning for warning in found.warnings)
    # more sequences a step make fewer steps: the tokens stay
    rate = 66 * figures.number("workload.sequence_length") / figures.number("step.seconds")
    assert figures.number("tokens_per_second") == pytest.approx(rate)


def test_no_batch_moves_of_a_layout_that_is_given(make_plan: MakePlan, world: Catalog) -> None:
    given = make_plan(strategy={**GIVEN, "data": 6, "microbatch": 2})
    figures = estimate_plan(given, world).figures
    assert figures is not None
    assert figures.number("strategy.batch") == 64
    figures = estimate_plan(make_plan(strategy={"data": 6}), world).figures
    assert figures is not None
    assert figures.number("strategy.batch") == 64


def test_a_batch_that_does_not_divide_is_told(make_plan: MakePlan, world: Catalog) -> None:
    told = warnings(make_plan(strategy={**GIVEN, "data": 6, "microbatch": 2}), world)
    assert "the batch of 64 sequences does not divide by data parallel 6 x microbatch 2" in told
    assert "does not divide" not in warnings(make_plan(strategy=GIVEN), world)


def test_a_band_that_rests_on_a_prior_is_told(make_plan: MakePlan, world: Catalog) -> None:
    assert "no published run is behind Plain on stack 'bare'" in warnings(make_plan(), world)


# -- refusals -----------------------------------------------------------------------------------------------


def test_nothing_fits_says_which_limit_and_by_how_much(make_plan: MakePlan, world: Catalog) -> None:
    estimate = estimate_plan(make_plan({"count": 1}, model={"profile": "llama-3.1-405b"}), world)
    assert not estimate.is_feasible
    assert estimate.figures is None
    assert estimate.pools[0].reasons == estimate.reasons
    (reason,) = estimate.reasons
    assert reason.startswith("pool 'train': memory: the leanest of ")
    assert "of the 79.2 GB usable on Plain" in reason
    assert estimate.targets == ()
    # rules are still looked up, and facts about the model still hold
    assert estimate.known.number("facts.parameters") == 405_853_388_800


def test_a_given_layout_that_does_not_fit_offers_the_search(make_plan: MakePlan, world: Catalog) -> None:
    estimate = estimate_plan(make_plan(strategy={"mode": "given", "data": 16, "zero": 0}), world)
    assert not estimate.is_feasible
    assert "strategy.mode = 'auto' looks for one that fits" in estimate.reasons[-1]


def test_no_layout_divides(make_plan: MakePlan, world: Catalog) -> None:
    estimate = estimate_plan(make_plan(strategy={**GIVEN, "data": 16, "tensor": 2}), world)
    assert "no layout of the allowed degrees divides 16 chips" in estimate.reasons[0]


def test_the_command_exits_with_one(
    make_plan: MakePlan, tmp_path: Path, world: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "too-large.toml"
    plan = make_plan({"count": 1}, model={"profile": "llama-3.1-405b"})
    path.write_text(plan_text(plan), encoding="utf-8")
    assert main(["estimate", str(path), "--profiles", str(tmp_path / "world")]) == 1
    assert "memory" in capsys.readouterr().out


def test_a_precision_that_a_chip_lacks_names_those_it_has(make_plan: MakePlan, world: Catalog) -> None:
    workload = {"tokens": 1e10, "precision": "fp8"}
    with pytest.raises(PlanError, match=r"'fp8': chip 'plain' has no rate for it; it has bf16$"):
        estimate_plan(make_plan(workload=workload), world)


PRICE = '[price_usd]\nvalue = 10_000\nkind = "memory"\n'
TDP = '[tdp_w]\nvalue = "500 W"\nkind = "memory"\n'
CHIP = (
    """
id = "plain"
name = "Plain"
vendor = "Nobody"
platform = "other"
generation = "plain"
[peak_dense_flops_per_s]
bf16 = { value = "100 TFLOP/s", kind = "memory" }
[memory]
capacity_bytes = { value = "80 GB", kind = "memory" }
bandwidth_bytes_per_s = { value = "2 TB/s", kind = "memory" }
[scale_up]
name = "links"
bandwidth_bytes_per_s = { value = "200 GB/s", kind = "memory" }
"""
    + TDP
    + PRICE
)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('bf16 = { value = "100 TFLOP/s", kind = "memory" }\n', "has no known rate at all|no rate for it"),
        ('capacity_bytes = { value = "80 GB", kind = "memory" }\n', "memory.capacity_bytes"),
        ('bandwidth_bytes_per_s = { value = "2 TB/s", kind = "memory" }\n', "memory.bandwidth_bytes_per_s"),
        (
            'bandwidth_bytes_per_s = { value = "200 GB/s", kind = "memory" }\n',
            "scale_up.bandwidth_bytes_per_s",
        ),
    ],
)
def test_an_input_that_a_chip_lacks_is_named(
    make_plan: MakePlan, write: Write, line: str, field: str
) -> None:
    assert line in CHIP
    catalog = write("chips/plain", CHIP.replace(line, ""))
    with pytest.raises(PlanError, match=rf"chip 'plain' .*({field})"):
        estimate_plan(make_plan(), catalog)


def test_a_profile_that_is_not_there_is_named_with_its_key(make_plan: MakePlan, world: Catalog) -> None:
    with pytest.raises(PlanError, match=r"cluster\.pools\[train\]\.system = 'plain-9'"):
        estimate_plan(make_plan({"system": "plain-9"}), world)
    with pytest.raises(PlanError, match=r"cluster\.pools\[train\]\.stack = 'cuda-megatron': it is for cuda"):
        estimate_plan(make_plan({"stack": "cuda-megatron"}), world)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ({"expert": 2}, "strategy.expert = 2: the model has no experts"),
        ({"pipeline": 33}, "strategy.pipeline = 33: the model has only 32 layers"),
        ({"tensor": 3}, "strategy.tensor = 3: does not divide the model's 32 heads"),
        (
            {"data": 16, "microbatch": 8},
            "strategy.data x strategy.microbatch = 128: more than the batch of 64",
        ),
        ({"virtual_stages": 2, "schedule": "1f1b"}, "strategy.schedule = '1f1b': has no virtual stages"),
    ],
)
def test_a_strategy_that_contradicts_the_model_is_refused(
    make_plan: MakePlan, world: Catalog, strategy: dict[str, object], message: str
) -> None:
    with pytest.raises(PlanError) as refused:
        estimate_plan(make_plan(strategy=strategy), world)
    assert str(refused.value).startswith(message)


# -- several pools and cancellation -------------------------------------------------------------------------


def test_a_cancelled_search_says_so(make_plan: MakePlan, world: Catalog) -> None:
    estimate = estimate_plan(make_plan(), world, cancelled=lambda: True)
    assert not estimate.is_feasible
    assert estimate.reasons == ("pool 'train': the search was cancelled before anything was found",)


def test_schedules_trade_bubble_for_memory(make_plan: MakePlan, world: Catalog) -> None:
    def found(schedule: str) -> Figures:
        strategy = {"mode": "given", "tensor": 4, "pipeline": 4, "data": 1, "schedule": schedule, "zero": 1}
        return figures(make_plan(strategy=strategy), world)

    plain, zero_bubble = found("1f1b"), found("zero-bubble")
    bubble = plain.number("step.parts.bubble")
    assert zero_bubble.number("step.parts.bubble") == pytest.approx(bubble / 3)
    assert zero_bubble.words("strategy.schedule") == "zero-bubble"
    assert plain.words("strategy.schedule") == "1f1b"


def test_a_cap_on_the_power_slows_the_chip_and_leaves_its_peak(
    make_plan: MakePlan, world: Catalog, write: Write, plain_chip: str
) -> None:
    capped = '[sustained_share]\nvalue = 0.8\nkind = "memory"\n'
    own = figures(make_plan(), world)
    other = figures(make_plan(), write("chips/plain", plain_chip + capped))
    assert other.number("mfu.peak_flops_per_s") == own.number("mfu.peak_flops_per_s")
    assert 0.8 < other.number("mfu") / own.number("mfu") < 0.95


@pytest.mark.parametrize(
    ("platform", "framework"), [("xla", "unknown"), ("cuda", "maxtext"), ("cuda", "nemo")]
)
def test_a_program_traced_whole_runs_no_matmul_that_nothing_needs_again(
    platform: Platform, framework: str
) -> None:
    stack = Stack(id="s", name="S", platform=platform, framework=framework, year=2026)
    assert drops_unused_recompute(stack) == (framework != "nemo")


def test_mixtures_have_a_spread_of_their_own() -> None:
    spreads = ResidualSpreads(dense=0.12, mixtures=0.2)
    assert spreads.of(is_mixture=False) == 0.12
    assert spreads.of(is_mixture=True) == 0.2
