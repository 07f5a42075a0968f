"""Money in the plan's currency: what each line is read in, by which rate, and what has none."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.compare import compare_plans
from planner.differences.diff import diff_plans, side_of
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.estimate.explain import explain
from planner.estimate.result import Estimate, TargetVerdict
from planner.ledger.focus import focus_rows
from planner.ledger.ledger import ledger_of
from planner.ledger.lines import Line
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan, plan_text
from planner.plans.shipped import shipped_plans_folder
from planner.quotes.months import Months
from planner.quotes.quotes import Asked, Quotes, hold_side_by_side
from planner.report.compare_document import comparison_document
from planner.report.diff_document import diff_document
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.explain_document import explanation_document, explanation_to_dict
from planner.report.ledger_document import ledger_document
from planner.report.ledger_json import ledger_to_dict
from planner.report.quotes_document import quotes_document
from planner.report.quotes_json import quotes_csv, quotes_to_dict
from planner.report.terminal import terminal_text
from planner.units import (
    ANY_MONEY,
    ANY_MONEY_PER_HOUR,
    ANY_MONEY_PER_KWH,
    Dimension,
    ForeignSpan,
    foreign_text,
    parse_span,
)

EURO = "money.currency=EUR"
RATE = 0.8


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_with(*overrides: str, name: str = "qwen2-72b-a100") -> Plan:
    return apply_overrides(load_plan(shipped_plans_folder() / f"{name}.toml"), list(overrides))


@cache
def estimated(*overrides: str, name: str = "qwen2-72b-a100") -> Estimate:
    return estimate_plan(plan_with(*overrides, name=name), catalog())


def servers(*overrides: str, name: str = "qwen2-72b-a100") -> Line:
    found = ledger_of(estimated(*overrides, name=name))
    return next(line for line in found.lines if line.id == "servers")


def budget(*overrides: str) -> TargetVerdict:
    (verdict,) = (it for it in estimated(*overrides).targets if it.target == "money_usd")
    return verdict


@given(
    dimension=st.sampled_from([ANY_MONEY, ANY_MONEY_PER_KWH, ANY_MONEY_PER_HOUR]),
    ends=st.tuples(st.floats(0, 1e12), st.floats(0, 1e12)).map(sorted),
    currency=st.sampled_from(["EUR", "CNY", "GBP", "JPY"]),
)
def test_an_amount_is_read_as_it_is_written(dimension: Dimension, ends: list[float], currency: str) -> None:
    amount = ForeignSpan(ends[0], ends[1], currency)
    assert parse_span(foreign_text(amount, dimension), dimension) == amount


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("250k EUR", 250e3, 250e3),
        ("250 k EUR", 250e3, 250e3),
        ("1.5..2M EUR", 1.5e6, 2e6),
        ("200k EUR..300k EUR", 2e5, 3e5),
        ("55 EUR", 55, 55),
    ],
)
def test_amounts_as_people_write_them(text: str, low: float, high: float) -> None:
    assert parse_span(text, ANY_MONEY) == ForeignSpan(low, high, "EUR")


def test_a_file_keeps_each_amount_in_its_own_currency() -> None:
    overrides = [
        "cluster.pools.price_usd=90k..110k EUR",
        "site.electricity_usd_per_kwh=0.09 CHF/kWh",
        "targets.money_usd=55M EUR",
        "money.storage_usd=3M CNY",
    ]
    text = plan_text(plan_with(EURO, *overrides))
    for written in ('"90 k EUR..110 k EUR"', '"0.09 CHF/kWh"', '"55 M EUR"', '"3 M CNY"', 'currency = "EUR"'):
        assert written in text


def test_a_price_in_euro_is_that_in_dollars_at_the_rate() -> None:
    in_euro = servers("cluster.pools.price_usd=80k EUR", f"money.rates.EUR={RATE}")
    assert in_euro.amount == servers("cluster.pools.price_usd=100k").amount
    assert in_euro.price is not None
    own = in_euro.price.own
    assert own is not None
    assert (own.currency, own.middle, own.rate.per_usd) == ("EUR", 80e3, RATE)
    assert "80,000 EUR; the plan's rate of EUR" in in_euro.price.source


def test_what_is_quoted_and_told_in_one_currency_needs_no_rate() -> None:
    for rate in (5, 7.192, 9):
        line = servers("money.currency=CNY", f"money.rates.CNY={rate}", name="qwen2-72b-910b")
        assert line.price is not None
        assert line.price.own is not None
        assert line.price.band.p50 == pytest.approx(line.price.own.middle, rel=1e-12)
        assert line.price.own.dates == tuple(sorted(line.price.own.dates))


def test_lines_in_euro_sum_to_the_cent() -> None:
    told = ledger_to_dict(ledger_of(estimated(EURO, f"money.rates.EUR={RATE}")))
    assert told["currency"] == told["rate"]["code"] == "EUR"
    assert told["rate"]["per_usd"] == RATE
    once = [Decimal(it["amount"]) for it in told["lines"] if it["paid"] == "once" and it["amount"]]
    assert sum(once) == Decimal(told["totals"]["once"]) == Decimal(told["cash_by_year"][0])
    assert sum(map(Decimal, told["cash_by_year"])) == Decimal(told["totals"]["life"])
    in_dollars = ledger_of(estimated()).total("once")
    assert float(told["totals"]["once"]) == pytest.approx(float(in_dollars) * RATE, abs=0.05)


def test_a_rate_of_the_profiles_says_its_day() -> None:
    found = ledger_of(estimated(EURO))
    assert found.rate.date is not None
    text = terminal_text(ledger_document(estimated(EURO), found), width=100)
    assert f"EUR: 0.925754 EUR for a dollar on {found.rate.date}" in text
    assert "USD" not in text


def test_json_keeps_dollars_and_tells_the_plans_currency_beside() -> None:
    in_euro, in_dollars = (
        estimate_to_dict(estimated(*overrides)) for overrides in ((EURO, f"money.rates.EUR={RATE}"), ())
    )
    assert in_euro["cost"] == in_dollars["cost"]
    assert in_euro["cost"]["currency"] == "USD"
    block = in_euro["currency"]
    assert (block["code"], block["per_usd"]) == ("EUR", RATE)
    assert block["total"]["p90"] == pytest.approx(in_dollars["cost"]["total"]["p90"] * RATE)
    assert in_dollars["currency"]["total"] == in_dollars["cost"]["total"]


def test_the_charges_of_an_export_name_both_currencies() -> None:
    found = ledger_of(estimated("cluster.pools.price_usd=80k CHF", EURO))
    start = plan_with().calendar.start
    assert start is not None
    rows = list(focus_rows(found, start))
    assert {row["BillingCurrency"] for row in rows} == {"EUR"}
    (bought,) = (row for row in rows if row["x_LineId"] == "servers" and row["ChargeFrequency"] == "One-Time")
    assert bought["PricingCurrency"] == "CHF"


@pytest.mark.parametrize(
    ("limit", "verdict"), [("1M EUR", "missed"), ("100M EUR", "unknown"), ("1M XTS", "unknown")]
)
def test_a_budget_is_held_in_its_currency_and_told_in_the_plans(limit: str, verdict: str) -> None:
    found = budget(EURO, f"targets.money_usd={limit}")
    assert found.verdict == verdict
    assert "USD" not in found.text
    assert ("no rate of XTS" in found.text) == ("XTS" in limit)


def test_a_budget_judged_in_euro_is_judged_as_in_dollars() -> None:
    for dollars in (5e6, 18e6, 30e6):
        in_dollars = budget(f"targets.money_usd={dollars}")
        in_euro = budget(EURO, f"money.rates.EUR={RATE}", f"targets.money_usd={dollars * RATE} EUR")
        assert in_dollars.verdict == in_euro.verdict


def test_an_amount_without_a_rate_is_named_and_stays_out() -> None:
    estimate = estimated("cluster.pools.price_usd=80k XTS", "money.storage_usd=3M XTS")
    found = ledger_of(estimate)
    notes = {line.id: line.note for line in found.missing}
    assert "no rate of XTS" in notes["servers"]
    assert notes["storage"] == "storage (no rate of XTS)"
    assert estimate.figures is not None
    assert estimate.figures.band("cost.capex") is None
    assert any("no rate of XTS" in text for text in estimate.figures.gaps("cost.capex"))


def test_a_plans_currency_without_a_rate_is_said_and_dollars_are_told() -> None:
    estimate = estimated("money.currency=XTS")
    text = terminal_text(estimate_document(estimate), width=120)
    assert "USD, as there is no rate of XTS (money.rates)" in text
    assert estimate_to_dict(estimate)["currency"]["per_usd"] is None
    assert estimate_to_dict(estimate)["currency"]["total"] is None


def test_a_number_is_explained_in_the_plans_currency() -> None:
    found = explain(estimated(EURO, f"money.rates.EUR={RATE}"), "cost.total")
    text = terminal_text(explanation_document(found, catalog().sources), width=160)
    assert "USD" not in text
    assert "EUR: the plan's rate of EUR\n" in text
    assert isinstance(found.record.value, float)
    assert f"total = {found.record.value * RATE / 1e6:.4g} M EUR" in text
    # of machines, and of what a unit of something costs
    assert "EUR/kWh" in text
    told = explanation_to_dict(found, catalog().sources)
    assert told["currency"]["per_usd"] == RATE
    assert (told["tree"]["value"], told["tree"]["unit"]) == (found.record.value, "USD")
    days = explanation_document(explain(estimated(EURO), "training_days"), catalog().sources)
    assert "EUR" not in terminal_text(days)


def test_the_ends_of_a_price_are_explained_in_the_plans_currency() -> None:
    price = "cluster.pools.price_usd=80k..120k CHF"
    figures = estimated(price, EURO, "money.rates={EUR=0.8, CHF=0.5}").known
    (child,) = (it for it in figures.record("ledger.servers").children if it.symbol == "price")
    assert child.value == 200e3
    assert child.name.endswith("(128,000 to 192,000 EUR, 160,000 in the middle)")


def test_plans_side_by_side_are_told_in_the_currency_that_they_share() -> None:
    names = ("qwen2-72b-a100", "qwen2-72b-910b")
    for overrides, unit in (((EURO, EURO), "EUR"), ((EURO, "money.currency=CHF"), "USD")):
        before, after = (
            side_of(name, plan_with(one, name=name), catalog())
            for name, one in zip(names, overrides, strict=True)
        )
        comparison = terminal_text(comparison_document(compare_plans([before, after])), width=160)
        difference = terminal_text(diff_document(diff_plans(before, after, catalog())), width=160)
        for text in (comparison, difference):
            assert f"M {unit}" in text
            assert f"money in {unit}" in text


def test_offers_are_told_in_the_currency_that_they_share() -> None:
    def held(*overrides: str) -> Quotes:
        asked = [
            Asked(name, plan_with(*overrides, name=name), estimated(*overrides, name=name))
            for name in ("qwen2-72b-a100", "qwen2-72b-910b")
        ]
        return hold_side_by_side(asked, Months(36.0, "as asked"))

    in_euro, in_dollars = held(EURO, f"money.rates.EUR={RATE}"), held(f"money.rates.EUR={RATE}")
    told, dollars = quotes_to_dict(in_euro), quotes_to_dict(in_dollars)
    assert (told["currency"], dollars["currency"]) == ("EUR", "USD")
    for own, other in zip(told["offers"], dollars["offers"], strict=True):
        amounts = [Decimal(line["amount"]) for line in own["lines"] if line["amount"]]
        assert sum(amounts) == Decimal(own["money"]["amount"])
        assert float(own["money"]["amount"]) == pytest.approx(float(other["money"]["amount"]) * RATE, abs=0.1)
        assert own["usd_per_million_tokens"]["p50"] == pytest.approx(other["usd_per_million_tokens"]["p50"])
        assert own["relative"]["p50"] == pytest.approx(other["relative"]["p50"])
        assert own["standing"] == other["standing"]
    text = terminal_text(quotes_document(in_euro), width=160)
    assert "MONEY  M EUR" in text
    assert "EUR/1M tokens" in text
    rows = quotes_csv(in_euro).splitlines()
    assert rows[1].split(",")[-4] == "EUR"
