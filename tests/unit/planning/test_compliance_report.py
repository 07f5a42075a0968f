"""A plan's compliance report: facts, notes per pool, what is asked and where it is filled."""

from __future__ import annotations

import datetime
import functools
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.rules import RuleBook, load_rule_book
from planner.domain.chip import Chip
from planner.domain.condition import FIELDS
from planner.domain.plan import Plan
from planner.domain.site import Site
from planner.planning.compliance_facts import PLAN_KEYS, ComputedFacts, PoolFacts, plan_facts, pool_facts
from planner.planning.compliance_report import compliance_report
from planner.planning.compliance_result import ComplianceReport

TODAY = datetime.date(2026, 11, 22)


@functools.cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@functools.cache
def book() -> RuleBook:
    return load_rule_book(catalog(), TODAY).checked()


def plan(**tables: Any) -> Plan:
    return Plan.model_validate(
        {
            "name": "A plan",
            "as_of": TODAY,
            "model": {"profile": "m"},
            "workload": {"tokens": "1T"},
            "cluster": {"pools": [{"id": "a", "system": "s", "chips": 8}]},
            **tables,
        }
    )


def pool(chip: str, identifier: str = "a", chips: int = 8192) -> PoolFacts:
    return PoolFacts(identifier, catalog().chips[chip].profile, chips, port_bytes_per_s=25e9)


def report(
    subject: Plan,
    *pools: PoolFacts,
    today: datetime.date = TODAY,
    **computed: Any,
) -> ComplianceReport:
    return compliance_report(subject, pools, ComputedFacts(**computed), book(), today=today)


def ids(answer: ComplianceReport) -> list[str]:
    return [note.id for note in answer.notes]


def test_910b_and_910c_raise_the_general_prohibition_and_the_classification() -> None:
    site = {"country": "CN"}
    for chip in ("ascend-910b", "ascend-910c"):
        answer = report(plan(site=site, parties={"buyer_country": "CN"}), pool(chip))
        assert ids(answer)[0] == "US-GP10-ASCEND"
        assert answer.notes[0].severity == "block"
        assert answer.notes[0].pool == "a"
        assert {"US-3A090-A1", "CN-COUNTER-GP10"} <= set(ids(answer))
        assert answer.classifications[0].eccn == "3A090.a.1"


def test_h20_is_outside_3a090_and_carries_the_letter_for_china() -> None:
    answer = report(plan(site={"country": "CN"}), pool("h20-96"))
    assert answer.classifications[0].eccn == "none"
    assert "US-IS-INFORMED-NV" in ids(answer)
    assert not {"US-3A090-A1", "US-LIC-A-D5"} & set(ids(answer))


def test_training_thresholds_come_from_what_the_estimate_computed() -> None:
    european = plan(release={"eu_market": True}, site={"country": "FR"})
    assert "EU-GPAI-SYSTEMIC" in ids(report(european, pool("h100-sxm"), training_flops=1.1e25))
    assert "EU-GPAI-SYSTEMIC" not in ids(report(european, pool("h100-sxm"), training_flops=1e25))
    american = plan(parties={"developer_is_us": True}, site={"country": "US"})
    assert "US-CA-SB53" in ids(report(american, pool("h100-sxm"), training_flops=1.1e26))
    unknown = report(american, pool("h100-sxm"))
    assert "US-CA-SB53" not in ids(unknown)
    assert any(need.field == "model.train_flop" and need.plan_key is None for need in unknown.needs_input)


def test_a_note_about_a_chip_is_given_per_pool_and_one_about_the_plan_once() -> None:
    mixed = plan(site={"country": "CN", "pue": 1.6})
    answer = report(mixed, pool("ascend-910b", "new"), pool("a100-80-sxm", "old"))
    by_rule: dict[str, list[str | None]] = {}
    for note in answer.notes:
        by_rule.setdefault(note.id, []).append(note.pool)
    assert by_rule["US-GP10-ASCEND"] == ["new"]
    assert by_rule["US-3A090-A1"] == ["new", "old"]
    assert by_rule["CN-GB40879"] == [None]
    assert [entry.pool for entry in answer.classifications] == ["new", "old"]


def test_notes_are_sorted_by_severity() -> None:
    order = ("block", "licence_required", "notify", "report", "advisory")
    answer = report(
        plan(site={"country": "DE", "pue": 1.6}, release={"eu_market": True}),
        pool("ascend-910b"),
        training_flops=1e26,
        installed_it_power_w=5e6,
        peak_facility_power_w=8e6,
    )
    ranks = [order.index(note.severity) for note in answer.notes]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) >= 4


def test_what_is_unknown_is_asked_where_it_is_filled_and_never_a_note() -> None:
    answer = report(plan(), pool("h200-sxm"))
    asked = {need.field: need for need in answer.needs_input}
    assert answer.needs_input[0].field == "site.country"
    assert asked["site.country"].plan_key == "site.country"
    assert "US-LIC-A-D5" in asked["site.country"].rules
    assert [need.decides for need in answer.needs_input] == sorted(
        (need.decides for need in answer.needs_input), reverse=True
    )
    noted = set(ids(answer))
    assert not noted & {rule for need in answer.needs_input for rule in need.rules}


def test_a_missing_figure_of_a_chip_names_its_pools() -> None:
    blank = Chip.model_validate({**_chip("tpu-v5e"), "trade": {}})
    answer = report(plan(site={"country": "SA"}), PoolFacts("p", blank, 8), pool("h100-sxm", "q"))
    need = next(need for need in answer.needs_input if need.field == "chip.datacenter")
    assert need.plan_key is None
    assert need.pools == ("p",)
    assert answer.classifications[0].eccn == "unknown"


def _chip(identifier: str) -> dict[str, Any]:
    return catalog().chips[identifier].profile.model_dump(exclude={"trade"})


def test_rules_about_other_countries_regions_are_not_asked() -> None:
    abroad = report(plan(site={"country": "CN"}), pool("h100-sxm"))
    at_home = report(plan(site={"country": "US"}), pool("h100-sxm"))
    assert "site.region" not in {need.field for need in abroad.needs_input}
    assert "site.region" in {need.field for need in at_home.needs_input}


def test_rules_of_the_coming_year_are_shown_as_upcoming() -> None:
    subject = plan(parties={"developer_is_us": True}, release={"ny_market": True}, site={"country": "US"})
    answer = report(subject, pool("h100-sxm"), training_flops=2e26)
    ahead = {note.id: note for note in answer.upcoming}
    assert ahead["US-NY-RAISE"].applies_from == datetime.date(2027, 1, 1)
    assert "US-NY-RAISE" not in ids(answer)
    far = report(
        plan(parties={"buyer_is_us_federal": True}, site={"country": "US"}),
        pool("ascend-910b"),
        finish=datetime.date(2028, 1, 31),
    )
    assert "US-5949" in {note.id for note in far.upcoming}


def test_the_plans_date_decides_what_is_current_and_the_day_what_is_stale() -> None:
    early = plan(as_of=datetime.date(2025, 5, 12), site={"country": "CN"})
    assert "US-GP10-ASCEND" not in ids(report(early, pool("ascend-910b")))
    unsaved = plan(as_of=None, site={"country": "CN"})
    assert report(unsaved, pool("ascend-910b")).as_of == TODAY
    answer = report(plan(site={"country": "CN"}), pool("ascend-910b"), today=datetime.date(2027, 2, 1))
    review = {note.id: book().rules[note.id].review_by for note in answer.notes}
    assert {note.id for note in answer.notes if note.is_stale} == {
        identifier for identifier, day in review.items() if day and day < datetime.date(2027, 2, 1)
    }
    assert "US-3A090-A1" in {note.id for note in answer.notes if note.is_stale}
    assert not all(note.is_stale for note in answer.notes)


def test_a_party_that_is_not_screened_is_told_to_screen() -> None:
    screened = {"buyer_is_screened": True, "supplier_is_screened": True}
    assert "US-SCREEN" not in ids(report(plan(parties=screened), pool("h100-sxm")))
    for parties in ({}, {**screened, "buyer_is_screened": False}):
        assert "US-SCREEN" in ids(report(plan(parties=parties), pool("h100-sxm")))


def test_the_plan_stands_over_the_sites_profile() -> None:
    site = Site.model_validate(
        {
            "id": "s",
            "name": "S",
            "country": "US",
            "region": "US-TX",
            "pue": {"value": 1.4, "kind": "assumed"},
        }
    )
    facts = plan_facts(plan(), (), ComputedFacts(site=site))
    assert (facts["site.country"], facts["site.region"], facts["site.pue"]) == ("US", "US-TX", 1.4)
    moved = plan_facts(plan(site={"country": "CN", "pue": "1.1..1.3"}), (), ComputedFacts(site=site))
    assert moved["site.country"] == "CN"
    assert moved["site.region"] == "CN"
    assert moved["site.pue"] == 1.3


def test_units_of_the_facts() -> None:
    facts = pool_facts(pool("h100-sxm"))
    assert facts["chip.mem_bw_gbps"] == pytest.approx(3350)
    assert facts["chip.interconnect_gbps"] == pytest.approx(900)
    assert facts["chip.dense"] == {"16": 989.0, "8": 1979.0}
    computed = ComputedFacts(
        installed_it_power_w=5e6, peak_facility_power_w=6e6, average_facility_power_w=1e6
    )
    whole = plan_facts(plan(), [pool("h100-sxm", chips=1000)], computed)
    assert whole["site.it_kw"] == pytest.approx(5000)
    assert whole["site.mw"] == pytest.approx(6)
    assert whole["site.annual_mwh"] == pytest.approx(8766)
    assert whole["cluster.tpp_total"] == pytest.approx(15832e3)
    assert whole["cluster.peak_flops"] == pytest.approx(1979e15)
    assert whole["cluster.network_gbps"] == pytest.approx(200)


def test_a_sum_over_pools_is_unknown_where_one_chip_is() -> None:
    blank = Chip.model_validate({**_chip("h100-sxm"), "peak_dense_flops_per_s": {}})
    facts = plan_facts(plan(), [pool("h100-sxm"), PoolFacts("b", blank, 8)], ComputedFacts())
    assert "cluster.tpp_total" not in facts
    assert "cluster.peak_flops" not in facts


def test_every_field_of_the_rules_is_filled_by_the_plan_or_computed() -> None:
    computed = ComputedFacts(
        training_flops=1.0,
        train_flop_capacity=1.0,
        installed_it_power_w=1.0,
        peak_facility_power_w=1.0,
        average_facility_power_w=1.0,
    )
    filled = {
        *PLAN_KEYS,
        *plan_facts(plan(), [pool("ascend-910b")], computed),
        *pool_facts(pool("ascend-910b")),
    }
    derived = {"chip.tpp", "chip.performance_density", "chip.eccn"}
    # standalone memory is never part of a plan, which says so
    assert set(FIELDS) - filled - derived == {"hbm.bw_density_gbps_mm2"}


def test_a_figure_on_a_line_stays_on_it() -> None:
    """4 TB/s is 4000 GB/s to the last bit: rules draw lines at such figures."""
    assert pool_facts(pool("h20-96"))["chip.mem_bw_gbps"] == 4000.0
    assert pool_facts(pool("h20-96"))["chip.interconnect_gbps"] == 900.0
    assert pool_facts(pool("mi325x"))["chip.mem_bw_gbps"] == 6000.0
    facts = plan_facts(plan(), [pool("h100-sxm", chips=1000)], ComputedFacts(peak_facility_power_w=75e6))
    assert facts["site.mw"] == 75.0
    assert facts["cluster.peak_flops"] == 1979e15


def test_the_plans_word_on_us_rules_is_told_with_the_designers_countries() -> None:
    answer = report(plan(parties={"chip_subject_to_ear": False}), pool("ascend-910c"), pool("h20-96", "b"))
    assert answer.chip_subject_to_ear is False
    assert [entry.designer_country for entry in answer.classifications] == ["CN", "US"]
    assert report(plan(), pool("h20-96")).chip_subject_to_ear is None
