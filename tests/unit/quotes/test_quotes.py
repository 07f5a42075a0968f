"""Offers side by side: two by hand, gaps that add up to the cent, and what can be said for certain."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.estimate.estimate import estimate_plan
from planner.quotes.months import Months, held_years, months_of, paid_months
from planner.quotes.offer import Offer
from planner.quotes.offering import offer_of
from planner.quotes.quotes import Asked, Quotes, hold_side_by_side
from planner.report.quotes_document import quotes_document
from planner.report.quotes_json import quotes_to_dict
from planner.report.terminal import terminal_text

MakePlan = Callable[..., Plan]
HOURS_PER_MONTH = 365.25 * 24 / 12
DAYS_PER_MONTH = 365.25 / 12
SITE = {"pue": 1.25, "electricity_usd_per_kwh": 0.1, "carbon_g_per_kwh": 500}
#: Every line that a purchase may have, priced, and the time that it loses.
MONEY = {
    "depreciation_years": 4.0,
    "residual_share": 0.2,
    "earning_share": 0.9,
    "discount_rate": 0.0,
    "place": "own",
    "spares_share": 0.0,
    "storage_usd": 100_000.0,
    "racks_usd_per_kw": 0.0,
    "installation_share": 0.02,
    "freight_share": 0.0,
    "duty_share": 0.0,
    "tax_share": 0.0,
    "support_share": 0.05,
    "software_usd_per_chip_year": 0.0,
    "staff_usd_per_year": 60_000.0,
    "demand_usd_per_kw_month": 0.0,
    "power_usd_per_month": 0.0,
    "egress_usd": 5_000.0,
    "rent_support_share": 0.03,
}
LOST = {"setup_days": 30.0, "debugging_share": 0.02}
#: One scale-up domain, which needs no network.
BOUGHT: dict[str, Any] = {"price_usd": 400_000.0, "chips": 8, "count": None}
RESERVED = {**BOUGHT, "rental_usd_per_chip_hour": 4.0, "rental_months": 12.0}
BY_THE_HOUR = {**BOUGHT, "rental_usd_per_chip_hour": 3.0}


@pytest.fixture
def ask(make_plan: MakePlan, world: Catalog) -> Callable[..., Asked]:
    """Return a maker of offers: one system, bought unless the pool says otherwise, with all that is known."""

    def make(
        label: str,
        pool: dict[str, Any] = BOUGHT,
        *,
        money: dict[str, Any] | None = None,
        operations: dict[str, Any] | None = None,
        **tables: Any,
    ) -> Asked:
        kept = {key: value for key, value in {**MONEY, **(money or {})}.items() if value is not None}
        lost = {key: value for key, value in {**LOST, **(operations or {})}.items() if value is not None}
        plan = make_plan(pool, site=SITE, money=kept, operations=lost, **tables)
        return Asked(label, plan, estimate_plan(plan, world))

    return make


Ask = Callable[..., Asked]


def held(*asked: Asked, months: float = 36.0) -> Quotes:
    return hold_side_by_side(asked, Months(months, "as asked"))


def amounts(offer: Offer) -> dict[str, float]:
    return {line.id: float(line.amount) for line in offer.lines if line.amount is not None}


def by_label(quotes: Quotes) -> dict[str, Any]:
    """Return all that is said of each offer, whatever the order."""
    return {told.pop("label"): told for told in quotes_to_dict(quotes)["offers"] if told.pop("letter")}


def test_two_offers_by_hand(ask: Ask) -> None:
    bought, reserved = ask("bought"), ask("reserved", RESERVED, operations={"setup_days": 5.0})
    quotes = held(bought, reserved)
    first, second = (quote.offer for quote in quotes.quotes)
    figures = bought.estimate.figures
    assert figures is not None
    equipment = 500_000
    assert amounts(first) == pytest.approx(
        {
            # three of four years of a straight line from the price down to a fifth of it
            "servers": 400_000 * 0.8 * 3 / 4,
            "storage": 100_000 * 0.8 * 3 / 4,
            "installation": equipment * 0.02 * 3 / 4,
            "support": equipment * 0.05 * 3,
            "staff": 60_000 * 3,
            "electricity": figures.number("ledger.electricity") * 3,
        },
        abs=0.01,
    )
    rent = 8 * 4.0 * HOURS_PER_MONTH * 36
    assert amounts(second) == pytest.approx(
        {"rent_a_year": rent, "support": rent * 0.03, "storage": 100_000, "egress": 5_000}, abs=0.01
    )
    rate, goodput = figures.number("tokens_per_second"), figures.number("goodput")
    tokens = [rate * goodput * 0.9 * 0.98 * (36 * DAYS_PER_MONTH - setup) * 86_400 for setup in (30.0, 5.0)]
    assert [quote.offer.work.p50 for quote in quotes.quotes] == pytest.approx(tokens, rel=1e-12)
    money = [sum(amounts(offer).values()) for offer in (first, second)]
    assert (first.at_start.p50, first.committed.p50) == (510_000, 510_000)
    assert second.at_start.p50 == 105_000
    assert second.committed.p50 == pytest.approx(105_000 + rent * 1.03)
    # of what is paid, what goes to time in which nothing trains: one share of what the one before leaves
    lost = {name: figure.p50 for name, figure in first.lost.items()}
    setup = money[0] * 30 / (36 * DAYS_PER_MONTH)
    debugging = (money[0] - setup) * 0.02
    goodput_lost = (money[0] - setup - debugging) * (1 - goodput)
    assert lost == pytest.approx({"setup": setup, "debugging": debugging, "goodput": goodput_lost}, rel=1e-6)
    least = quotes.quotes[0]
    assert quotes.reference == 0
    assert least.gap is not None
    assert least.gap.amount == 0
    gap = quotes.quotes[1].gap
    assert gap is not None
    same_work = money[1] * tokens[0] / tokens[1]
    assert float(gap.amount) == pytest.approx(same_work - money[0], abs=0.05)
    told = {(part.id, part.kind): float(part.amount) for part in gap.parts}
    assert told["setup", "work"] == pytest.approx(same_work - money[1], abs=0.05)
    assert told["rate", "work"] == told["goodput", "work"] == told["debugging", "work"] == 0
    assert told["staff", "money"] == -180_000
    relative = quotes.quotes[1].relative
    assert relative is not None
    assert relative.p50 == pytest.approx(same_work / money[0])
    assert [quote.standing for quote in quotes.quotes] == ["best", "dearer"]
    assert quotes.best == 0


def test_money_over_the_whole_life_is_that_of_the_ledger(ask: Ask) -> None:
    for place in ("own", "building"):
        more = {"place": place, "building_usd_per_kw": 10_000.0} if place == "building" else {}
        one = ask("bought", money=more)
        assert one.estimate.figures is not None
        offer = offer_of("bought", one.plan, one.estimate, 48.0)
        assert offer.money.p50 == pytest.approx(one.estimate.figures.number("cost.life"), rel=1e-12)
    one = ask("reserved", RESERVED, money={"egress_usd": 0.0})
    offer = offer_of("reserved", one.plan, one.estimate, 12.0)
    assert one.estimate.figures is not None
    assert offer.money.p50 == pytest.approx(one.estimate.figures.number("cost.life"), rel=1e-12)


def test_parts_add_up_to_the_gap_to_the_cent_and_lines_to_the_money(ask: Ask) -> None:
    offers = [
        ask("bought", money={"discount_rate": 0.08}, operations={"operator": "practised"}),
        ask("bare", money={"staff_usd_per_year": None}, operations={"setup_days": "5..20"}),
        ask("reserved", RESERVED, operations={"debugging_share": 0.1}),
        ask("hours", {**BY_THE_HOUR, "rental_usd_per_chip_hour": "2..4"}),
        ask("larger", {**BOUGHT, "chips": 16}),
    ]
    told = quotes_to_dict(held(*offers, months=30.0))
    for offer in told["offers"]:
        lines = [Decimal(line["amount"]) for line in offer["lines"] if line["amount"] is not None]
        assert sum(lines) == Decimal(offer["money"]["amount"])
        parts = [Decimal(part["amount"]) for part in offer["gap"]["parts"]]
        assert sum(parts) == Decimal(offer["gap"]["amount"])
        least = next(one for one in told["offers"] if one["letter"] == told["reference"])
        same_work = Decimal(least["money"]["amount"]) + Decimal(offer["gap"]["amount"])
        ratio = least["work"]["tokens"]["p50"] / offer["work"]["tokens"]["p50"]
        assert str(same_work) == offer["money_for_same_work"]
        assert float(same_work) == pytest.approx(float(offer["money"]["amount"]) * ratio, abs=0.2)
        assert float(same_work) / float(least["money"]["amount"]) == pytest.approx(
            offer["relative"]["p50"], rel=1e-6
        )


def test_an_offer_against_itself_has_no_gap(ask: Ask) -> None:
    one = ask("one", money={"staff_usd_per_year": "50k..90k"}, operations={"setup_days": "5..20"})
    quotes = held(one, one)
    for quote in quotes.quotes:
        assert quote.gap is not None
        assert quote.gap.amount == 0
        assert (quote.gap.band.p10, quote.gap.band.p90) == (0, 0)
        assert all(part.amount == part.band.p10 == part.band.p90 == 0 for part in quote.gap.parts)
        assert quote.relative is not None
        assert (quote.relative.p10, quote.relative.p50, quote.relative.p90) == (1, 1, 1)
        assert quote.standing == "even"
    assert quotes.best is None


def test_the_order_of_offers_changes_nothing(ask: Ask) -> None:
    offers = [
        ask("bought"),
        ask("reserved", RESERVED),
        ask("hours", BY_THE_HOUR, money={"rent_support_share": None}),
    ]
    first = by_label(held(*offers))
    for order in itertools.permutations(offers):
        assert by_label(held(*order)) == first


def test_twice_the_months_cost_and_do_twice_where_nothing_is_paid_once(ask: Ask) -> None:
    nothing = {"egress_usd": 0.0, "storage_usd": 0.0}
    offers = [
        ask(label, pool, money=nothing, operations={"setup_days": 0.0})
        for label, pool in (("bought", BOUGHT), ("reserved", RESERVED), ("hours", BY_THE_HOUR))
    ]
    once, twice = held(*offers, months=12.0), held(*offers, months=24.0)
    for short, long in zip(once.quotes, twice.quotes, strict=True):
        assert long.offer.money.p50 == pytest.approx(2 * (short.offer.money.p50 or 0))
        assert long.offer.work.p50 == pytest.approx(2 * (short.offer.work.p50 or 0))
        assert short.relative is not None
        assert long.relative is not None
        assert long.relative.p50 == pytest.approx(short.relative.p50)
    # a setup is paid once: over a longer time it weighs less
    slow = ask("bought", money=nothing, operations={"setup_days": 60.0})
    ratios = [held(offers[0], slow, months=months).quotes[1].relative for months in (6.0, 12.0, 24.0, 48.0)]
    middles = [ratio.p50 for ratio in ratios if ratio is not None]
    assert middles == sorted(middles, reverse=True)
    assert middles[1] == pytest.approx(365.25 / (365.25 - 60))


@pytest.mark.parametrize(
    ("months", "term", "paid"), [(36, 12, 36), (30, 12, 36), (12, 36, 36), (0.3, 0.1, 0.3), (1, 12, 12)]
)
def test_a_commitment_is_paid_for_every_hour_of_its_terms(
    ask: Ask, months: float, term: float, paid: float
) -> None:
    assert paid_months(months, term) == pytest.approx(paid)
    one = ask("reserved", {**RESERVED, "rental_months": term}, operations={"setup_days": 0.0})
    offer = offer_of("reserved", one.plan, one.estimate, months)
    assert amounts(offer)["rent_a_year"] == pytest.approx(8 * 4.0 * HOURS_PER_MONTH * paid, abs=0.01)
    assert offer.paid == pytest.approx(paid)


def test_months_are_the_longest_term_else_the_longest_life(make_plan: MakePlan) -> None:
    bought = make_plan(money={"depreciation_years": 5.0})
    short, long = (make_plan({**BY_THE_HOUR, "rental_months": term}) for term in (6.0, 36.0))
    assert months_of([bought, long, short]).count == 36
    assert months_of([bought, make_plan()]).count == 60
    assert months_of([bought, long], 7.0) == Months(7.0, "as asked")


@pytest.mark.parametrize("months", [1.0, 17.0, 48.0, 50.0, 130.0])
def test_capital_is_bound_as_the_value_falls(months: float) -> None:
    times = (np.arange(200_000) + 0.5) / 200_000 * months
    value = 1 - 0.8 * (times % 48.0) / 48.0
    assert held_years(months, 48.0, 0.2) == pytest.approx(value.mean() * months / 12, rel=1e-4)


def test_capital_costs_what_is_bound_of_all_that_is_bought(ask: Ask) -> None:
    one = ask("bought", money={"discount_rate": 0.1})
    offer = offer_of("bought", one.plan, one.estimate, 48.0)
    # machines and storage fall to a fifth, installation to nothing
    bound = 500_000 * (1 + 0.2) / 2 * 4 + 10_000 / 2 * 4
    assert amounts(offer)["capital"] == pytest.approx(0.1 * bound)


# -- what is not known --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "operations", "name"),
    [
        ({"staff_usd_per_year": None}, {}, "staff"),
        ({"discount_rate": None}, {}, "capital"),
        ({}, {"setup_days": None}, "setup time"),
        ({}, {"debugging_share": None}, "debugging time"),
    ],
)
def test_what_lacks_a_figure_is_never_best(
    ask: Ask, money: dict[str, Any], operations: dict[str, Any], name: str
) -> None:
    cheap = {**BOUGHT, "price_usd": 100.0}
    lacking, whole = ask("lacking", cheap, money=money, operations=operations), ask("whole")
    quotes = held(lacking, whole)
    assert quotes.reference == 0
    assert quotes.best is None
    assert [quote.standing for quote in quotes.quotes] == ["unknown", "unknown"]
    assert quotes.quotes[0].offer.missing == (name,)
    assert quotes.room is not None
    assert quotes.room > 0
    text = terminal_text(quotes_document(quotes), width=80)
    assert f"no figure of {name}" in " ".join(text.split())
    share = quotes.quotes[0].offer.priced_share
    assert share == 1 if operations else share is not None and share < 1


def test_what_lacks_a_figure_is_dearer_where_it_is_so_without_it(ask: Ask) -> None:
    lacking = ask("lacking", money={"staff_usd_per_year": None, "support_share": None})
    quotes = held(lacking, ask("whole", {**BOUGHT, "price_usd": 1_000.0}, money={"staff_usd_per_year": 0.0}))
    assert [quote.standing for quote in quotes.quotes] == ["dearer", "best"]
    assert quotes.best == 1
    assert quotes.room is None


UNPRICED = {"staff_usd_per_year": None, "discount_rate": None}


@pytest.mark.parametrize(
    ("price", "chips", "standings"),
    [
        # cheaper, and no more is bound in it: whatever people and capital cost, it stays so
        (300_000.0, 8, ["best", "dearer"]),
        # dearer machines at a lower price of electricity would bind more capital
        (500_000.0, 8, ["unknown", "unknown"]),
    ],
)
def test_what_the_buyer_pays_whoever_sells_decides_only_where_it_weighs_more(
    ask: Ask, price: float, chips: int, standings: list[str]
) -> None:
    other = ask("other", money={**UNPRICED, "software_usd_per_chip_year": 12_000.0})
    one = ask("one", {**BOUGHT, "price_usd": price, "chips": chips}, money=UNPRICED)
    quotes = held(one, other)
    assert [quote.standing for quote in quotes.quotes] == standings
    assert quotes.quotes[0].offer.missing == quotes.quotes[1].offer.missing
    is_certain = standings[0] == "best"
    assert (quotes.room is None) == is_certain
    told = " ".join(terminal_text(quotes_document(quotes), width=80).split())
    assert ("9 outcomes of 10, whatever it pays for" in told) == is_certain
    # of a seller's own price each seller may ask another
    for name in ("support_share", "tax_share"):
        lacking = [
            ask(label, {**BOUGHT, "price_usd": price}, money={name: None, "software_usd_per_chip_year": more})
            for label, more in (("one", 0.0), ("other", 12_000.0))
        ]
        assert held(*lacking).best is None


def test_what_it_lacks_may_come_to_the_room_and_no_more(ask: Ask) -> None:
    quotes = held(ask("lacking", money={"staff_usd_per_year": None}), ask("reserved", RESERVED))
    assert quotes.reference == 0
    assert quotes.room is not None
    for more, reference in ((-100, 0), (100, 1)):
        # three years of people
        staff = (float(quotes.room) + more) / 3
        whole = held(ask("whole", money={"staff_usd_per_year": staff}), ask("reserved", RESERVED))
        assert whole.reference == reference


def test_machines_without_a_price_are_held_against_nothing_and_keep_others_from_being_best(
    ask: Ask, make_plan: MakePlan, write: Callable[[str, str], Catalog]
) -> None:
    from tests.unit.conftest import PROFILES

    unpriced = PROFILES["chips/plain"].replace('[price_usd]\nvalue = 10_000\nkind = "memory"\n', "")
    catalog = write("chips/plain", unpriced)
    plan = make_plan({"chips": 8, "count": None}, site=SITE, money=MONEY, operations=LOST)
    without = Asked("without", plan, estimate_plan(plan, catalog))
    quotes = held(
        without, ask("reserved", RESERVED), ask("hours", {**BY_THE_HOUR, "rental_usd_per_chip_hour": 30.0})
    )
    assert quotes.quotes[0].standing == "none"
    assert quotes.quotes[0].gap is None
    assert "no price" in quotes.quotes[0].offer.reasons[0]
    assert quotes.best is None
    assert quotes.quotes[2].standing == "dearer"
    text = terminal_text(quotes_document(quotes), width=80)
    assert "A is not held against the others: no price of its chips and servers" in " ".join(text.split())


def test_what_cannot_run_stands_apart_with_its_reasons(ask: Ask) -> None:
    small = ask("small", {**BOUGHT, "chips": 1})
    assert not small.estimate.is_feasible
    late = ask("late", operations={"setup_days": 400.0})
    pools = [{"id": name, "system": "plain-8", "count": 1} for name in "ab"]
    pools[0]["rental_usd_per_chip_hour"] = 2.0
    two = ask("two", cluster={"pools": pools})
    quotes = held(small, late, two, ask("bought"), months=12.0)
    assert [quote.standing for quote in quotes.quotes] == ["none", "none", "none", "unknown"]
    reasons = [" ".join(quote.offer.reasons) for quote in quotes.quotes]
    assert "memory" in reasons[0]
    assert "400 days" in reasons[1]
    assert "rents others" in reasons[2]
    nobody = held(small, late, months=12.0)
    assert nobody.reference is None
    for found in (quotes, nobody):
        assert quotes_to_dict(found)["best"] is None
        assert terminal_text(quotes_document(found), width=80)


def test_offers_of_another_work_are_refused(ask: Ask) -> None:
    other = ask("other", workload={"tokens": 2e10, "sequence_length": 4096, "global_batch_sequences": 64})
    with pytest.raises(InputError, match=r"'one' trains 1e.10 tokens .* and 'other' trains 2e.10"):
        held(ask("one"), other)


# -- draws --------------------------------------------------------------------------------------------------


def test_what_is_uncertain_of_both_cancels(ask: Ask) -> None:
    price = {"staff_usd_per_year": "0..600k"}
    quotes = held(ask("one", money=price), ask("other", money={**price, "storage_usd": 130_000.0}))
    for quote in quotes.quotes:
        band = quote.offer.money.band
        assert band is not None
        assert band.p90 - band.p10 > 100_000
    gap = quotes.quotes[1].gap
    assert gap is not None
    assert gap.band.p10 == pytest.approx(gap.band.p90)
    assert [quote.standing for quote in quotes.quotes] == ["best", "dearer"]


def test_the_errors_of_other_machines_do_not_cancel(
    ask: Ask, make_plan: MakePlan, write: Callable[[str, str], Catalog]
) -> None:
    from tests.unit.conftest import PROFILES

    write("chips/other", PROFILES["chips/plain"].replace('"plain"', '"other"'))
    system = (
        PROFILES["systems/plain-8"].replace("plain-8", "other-8").replace('chip = "plain"', 'chip = "other"')
    )
    catalog = write("systems/other-8", system)
    plan = make_plan({**BOUGHT, "system": "other-8"}, site=SITE, money=MONEY, operations=LOST)
    other = Asked("other", plan, estimate_plan(plan, catalog))
    same, apart = held(ask("one"), ask("two")), held(ask("one"), other)
    assert apart.quotes[1].relative is not None
    assert apart.quotes[1].relative.p50 == pytest.approx(1)
    assert apart.quotes[1].relative.p90 > 1.05
    assert same.quotes[1].relative is not None
    assert same.quotes[1].relative.p90 == 1
