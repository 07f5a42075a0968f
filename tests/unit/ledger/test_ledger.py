"""A ledger's sums are those of its lines, to the cent; its charges keep the rules of FOCUS."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.cli.main import main
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.ledger.focus import COLUMNS, charges, focus_rows
from planner.ledger.ledger import Ledger, ledger_of
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import list_plans, shipped_plans_folder
from planner.report.ledger_document import ledger_document
from planner.report.ledger_json import ledger_csv, ledger_to_dict
from planner.report.terminal import terminal_text

START = datetime.date(2026, 12, 14)
CENT = Decimal("0.01")
#: Keys that price every line of the checklist.
PRICED = (
    "money.storage_usd=4M..6M",
    "money.racks_usd_per_kw=300",
    "money.installation_share=0.02",
    "money.freight_share=0.01",
    "money.duty_share=0.03",
    "money.tax_share=0",
    "money.support_share=0.05",
    "money.software_usd_per_chip_year=100",
    "money.staff_usd_per_year=3M",
    "money.demand_usd_per_kw_month=10",
    "money.power_usd_per_month=5k",
    "money.discount_rate=0.08",
    "money.residual_share=0.2",
    "money.carbon_usd_per_t=60",
    "money.water_usd_per_m3=2",
    "money.earning_share=0.9",
    "money.rent_support_share=0.03",
)
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "bare": ("pangu-ultra-135b-910b", ()),
    "priced": ("pangu-ultra-135b-910b", PRICED),
    "built": ("llama-3.1-405b-h100", (*PRICED, "money.place=building", "money.depreciation_years=3.3")),
    "two pools": ("mixed-910b-a100", PRICED),
    "rented": (
        "qwen2-72b-a100",
        (*PRICED, "cluster.pools.rental_usd_per_chip_hour=1.5..2", "money.egress_usd=0"),
    ),
    "reserved": (
        "qwen2-72b-a100",
        (*PRICED, "cluster.pools.rental_usd_per_chip_hour=1.5", "cluster.pools.rental_months=18"),
    ),
}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def estimate_of(case: str) -> Estimate:
    name, overrides = CASES[case]
    plan = load_plan(shipped_plans_folder() / f"{name}.toml")
    return estimate_plan(apply_overrides(plan, list(overrides)), catalog())


def ledger(case: str) -> Ledger:
    return ledger_of(estimate_of(case))


@pytest.mark.parametrize("case", CASES)
def test_lines_sum_to_the_totals_and_years_to_the_life_to_the_cent(case: str) -> None:
    told = ledger_to_dict(ledger(case))
    for paid, key in (("once", "once"), ("yearly", "yearly"), ("in the end", "in_the_end")):
        amounts = [
            Decimal(line["amount"]) for line in told["lines"] if line["paid"] == paid and line["amount"]
        ]
        assert sum(amounts, Decimal(0)) == Decimal(told["totals"][key])
    years = [Decimal(paid) for paid in told["cash_by_year"]]
    assert sum(years, Decimal(0)) == Decimal(told["totals"]["life"])
    assert years[0] == Decimal(told["totals"]["once"])


@pytest.mark.parametrize("case", [case for case in CASES if case != "two pools"])
def test_the_sums_are_the_quantities_of_the_estimate(case: str) -> None:
    found, figures = ledger(case), estimate_of(case).figures
    assert figures is not None
    assert float(found.life) == pytest.approx(figures.p50("cost.life"), abs=1)
    if figures.p50("cost.capex") is not None:
        assert float(found.total("once")) == pytest.approx(figures.p50("cost.capex"), abs=1)
        assert float(found.total("yearly")) == pytest.approx(figures.p50("ledger.operation"), abs=1)


def test_the_sums_are_those_of_all_pools() -> None:
    estimate = estimate_of("two pools")
    assert float(ledger("two pools").total("once")) == pytest.approx(
        estimate.over_pools("cost.capex").p50, abs=1
    )
    assert float(ledger("two pools").life) == pytest.approx(estimate.over_pools("cost.life").p50, abs=1)


@pytest.mark.parametrize("case", CASES)
def test_effective_cost_and_what_is_left_are_what_is_billed(case: str) -> None:
    found = ledger(case)
    rows = list(charges(found, START))
    billed = sum((row.billed for row in rows), Decimal(0))
    effective = sum((row.effective for row in rows), Decimal(0))
    # what is left is split over lines, each to the cent
    assert abs(billed - effective + found.total("in the end")) <= CENT * len(found.lines)
    assert abs(billed + found.total("in the end") - found.life) <= CENT * len(found.lines)
    for row in rows:
        assert (row.category == "Purchase") == (row.frequency == "One-Time")
        assert row.category != "Purchase" or row.effective == 0
        assert row.end >= row.start


@pytest.mark.parametrize("case", CASES)
def test_every_row_has_every_column(case: str) -> None:
    rows = list(focus_rows(ledger(case), START))
    assert rows
    assert all(tuple(row) == COLUMNS for row in rows)
    text = ledger_csv(ledger(case), START)
    assert text.splitlines()[0] == ",".join(COLUMNS)


def test_what_has_no_price_is_named_and_in_no_sum() -> None:
    bare, priced = ledger("bare"), ledger("priced")
    assert [line.id for line in priced.missing] == []
    assert priced.priced_share() == 1
    share = bare.priced_share()
    assert share is not None
    assert 0.5 < share < 1
    weights = [line.weight for line in bare.missing]
    assert weights == sorted(weights, reverse=True)
    assert {"storage", "racks", "tax", "staff", "support"} <= {line.id for line in bare.missing}
    assert all(line.amount is None and line.note for line in bare.missing)
    assert bare.total("once") < priced.total("once")


def test_no_known_price_of_a_quote_has_a_band_of_zero_width() -> None:
    for case in ("bare", "built"):
        for line in ledger(case).lines:
            if line.price is not None and line.price.source.startswith("prices/"):
                assert line.band is not None
                assert line.band.p10 < line.band.p50 < line.band.p90, line.id


@pytest.mark.parametrize("plan", list_plans(), ids=lambda path: path.stem)
def test_each_shipped_plan_has_its_purchase_priced_or_says_what_is_missing(plan: Any) -> None:
    estimate = estimate_plan(load_plan(plan), catalog())
    found = ledger_of(estimate)
    share = found.priced_share()
    assert (share is not None and share >= 0.9) or found.missing
    text = terminal_text(ledger_document(estimate, found), width=80)
    assert all(line.short in text for line in found.lines)


@pytest.mark.parametrize(
    ("form", "begins"),
    [([], "Qwen2-72B"), (["--json"], "{"), (["--csv"], "BillingCurrency,"), (["--markdown"], "**Qwen2-72B")],
)
def test_the_command_prints_each_form(
    form: list[str], begins: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "qwen2-72b-a100", *form]) == 0
    assert capsys.readouterr().out.startswith(begins)


def test_a_teams_folder_and_the_plan_override_a_price(tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "dgx-a100-price.toml").write_text(
        """
id = "dgx-a100-price"
name = "our offer"
per = "system"
currency = "EUR"
[[quotes]]
amount = 100_000
offer = "tender"
kind = "memory"
""",
        encoding="utf-8",
    )
    ours = load_catalog([tmp_path], include_user=False)
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")

    def price_of(*overrides: str) -> float:
        found = ledger_of(estimate_plan(apply_overrides(plan, list(overrides)), ours))
        (servers,) = (line for line in found.lines if line.id == "servers")
        assert servers.price is not None
        return servers.price.band.p50

    assert price_of() == pytest.approx(100_000 / 0.925754)
    assert price_of("money.rates.EUR=0.8") == pytest.approx(125_000)
    assert price_of("cluster.pools.price_usd=90k") == 90_000


def test_a_price_without_a_rate_is_named_and_stays_out(tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    text = 'id = "dgx-a100-price"\nname = "x"\nper = "system"\ncurrency = "BRL"\n'
    text += '[[quotes]]\namount = 9\noffer = "list"\nkind = "memory"\n'
    (folder / "dgx-a100-price.toml").write_text(text, encoding="utf-8")
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    found = ledger_of(estimate_plan(plan, load_catalog([tmp_path], include_user=False)))
    (servers,) = (line for line in found.lines if line.id == "servers")
    assert (servers.state, servers.amount) == ("unknown", None)
    assert "no rate of BRL" in servers.note


def test_json_tells_what_follows_from_the_lines() -> None:
    told, figures = ledger_to_dict(ledger("priced"))["figures"], estimate_of("priced").figures
    assert figures is not None
    for name in ("cost.life", "cost.present_value", "rent.break_even_usd_per_chip_hour"):
        assert told[name]["p50"] == figures.p50(name)
    assert set(ledger_to_dict(ledger("bare"))["figures"]) < set(told)
