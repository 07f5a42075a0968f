"""What a diff decides: better or worse, within uncertainty, comparable, and what made a plan impossible."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.bands import band_of, difference, figure_of, left_out
from planner.differences.diff import PlanDiff, QuantityChange, compare_quantities, diff_plans, side_of
from planner.domain.plan import Pin, Plan
from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import DRAWS
from planner.errors import PlanError
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure, Gap, known, unknown

SAVED = Path(__file__).parents[3] / "saved_plans"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def base() -> Plan:
    return load_plan(SAVED / "qwen2-72b-a100.toml")


def changed(base: Plan, catalog: Catalog, *overrides: str) -> PlanDiff:
    after = apply_overrides(base, overrides)
    return diff_plans(side_of("a", base, catalog), side_of("b", after, catalog), catalog)


class ByHand(Figures):
    """Figures of which some are written by hand."""

    def __init__(self, figures: Figures, written: Mapping[str, Figure]) -> None:
        super().__init__(figures.setting)
        self._written = written

    def __getitem__(self, identifier: str) -> Figure:
        return self._written[identifier] if identifier in self._written else super().__getitem__(identifier)


@pytest.fixture(scope="module")
def estimate(base: Plan, catalog: Catalog) -> Estimate:
    return side_of("a", base, catalog).estimate


def written(estimate: Estimate, figures: Mapping[str, Figure]) -> Estimate:
    assert estimate.figures is not None
    return dataclasses.replace(estimate, figures=ByHand(estimate.figures, figures))


def with_days(estimate: Estimate, middle: float, draws: FloatArray) -> Estimate:
    return written(estimate, {"training_days": Figure(np.concatenate([[middle], draws]))})


def changes(before: Estimate, after: Estimate) -> dict[str, QuantityChange]:
    return {change.id: change for change in compare_quantities(before, after, is_paired=True)}


def test_a_paired_difference_is_told_apart_although_the_bands_overlap(estimate: Estimate) -> None:
    draws = np.linspace(60.0, 140.0, DRAWS)
    before, after = with_days(estimate, 100.0, draws), with_days(estimate, 98.0, draws * 0.98)
    assert changes(before, after)["training_days"].verdict == "better"
    assert changes(after, before)["training_days"].verdict == "worse"


def test_independent_errors_do_not_cancel(estimate: Estimate) -> None:
    draws = np.linspace(60.0, 140.0, DRAWS)
    before = figure_of("training_days", with_days(estimate, 100.0, draws))
    after = figure_of("training_days", with_days(estimate, 98.0, draws * 0.98))
    assert before is not None
    assert after is not None
    assert difference(before, after, is_paired=True).p90 < 0.0
    apart = difference(before, after, is_paired=False)
    assert apart.p10 < 0.0 < apart.p90


def test_a_date_is_a_whole_day_with_the_draws_of_its_days(base: Plan, catalog: Catalog) -> None:
    plan = apply_overrides(base, ["calendar.start=2027-02-01"])
    found = side_of("a", plan, catalog).estimate
    assert found.figures is not None
    ends, days, date = (
        band_of("finish_date", found),
        found.figures["training_days"],
        figure_of("finish_date", found),
    )
    assert ends is not None
    assert date is not None
    assert all(end.is_integer() for end in (ends.p10, ends.p50, ends.p90))
    assert date.values == pytest.approx(ends.p50 + days.values - days.values[0], abs=1e-6)


def test_peak_power_is_no_matter_of_chance(base: Plan, catalog: Catalog) -> None:
    found = side_of("a", apply_overrides(base, ["site.pue=1.1..1.3"]), catalog).estimate
    peak, average = (band_of(f"power.{name}", found) for name in ("peak_facility_w", "facility_w"))
    assert peak is not None
    assert average is not None
    assert peak.p10 == peak.p50 == peak.p90
    assert average.p10 < average.p50 < average.p90


def test_more_is_better_for_rates_and_worse_for_costs(base: Plan, catalog: Catalog) -> None:
    told = {it.id: it.verdict for it in changed(base, catalog, "cluster.pools.count=256").quantities}
    assert told["tokens_per_second"] == "better"
    assert told["training_days"] in ("better", "within uncertainty")
    assert told["power.facility_w"] == "worse"
    assert told["memory.per_chip_bytes"] in ("differs", "unchanged")


def test_sums_that_leave_out_different_things_are_not_comparable(catalog: Catalog) -> None:
    sides = [
        side_of(name, load_plan(SAVED / f"pangu-ultra-moe-718b-{name}.toml"), catalog)
        for name in ("910b", "cloudmatrix")
    ]
    diff = diff_plans(sides[0], sides[1], catalog)
    told = {it.id: it.verdict for it in diff.quantities}
    assert told["cost.total"] == "not comparable"
    assert told["training_days"] in ("better", "within uncertainty")


def test_each_sum_is_compared_by_what_it_leaves_out_itself(estimate: Estimate) -> None:
    """A purchase stands whatever is known of electricity; a name of a pool makes no difference."""
    missing = Gap("left out", "money", "network of pool 'train'")
    renamed = Gap("left out", "money", "network of pool 'gpu'")
    price = Gap("left out", "money", "electricity price of the site")
    load = Gap("assumed", "other", "load")
    before, after = (
        written(
            estimate,
            {
                "cost.capex": dataclasses.replace(known(purchase), gaps=gaps),
                "cost.total": dataclasses.replace(known(purchase), gaps=(*gaps, *more)),
            },
        )
        for purchase, gaps, more in ((1e6, (missing,), ()), (2e6, (renamed, load), (price,)))
    )
    assert left_out("cost.capex", after) == {"network of pool "}
    found = changes(before, after)
    assert (found["cost.capex"].verdict, found["cost.capex"].is_assumed) == ("worse", True)
    assert (found["cost.total"].verdict, found["cost.total"].is_assumed) == ("not comparable", True)


def test_a_percent_is_blank_where_its_base_is_zero_or_unknown(estimate: Estimate) -> None:
    interconnect, energy = "interconnect_overhead.fraction", "energy_mwh"
    lacking = unknown((Gap("unknown", "power", "TDP"),))
    zero = written(estimate, {interconnect: known(0.0), energy: lacking})
    found = changes(zero, estimate)
    assert found[interconnect].fraction is None
    assert found[interconnect].change is not None
    assert (found[energy].fraction, found[energy].change, found[energy].before) == (None, None, None)
    assert found[energy].after is not None
    assert found[energy].verdict == "unknown"
    assert energy not in changes(zero, zero)


def test_a_system_is_exchanged_at_the_same_number_of_chips(catalog: Catalog) -> None:
    sides = [side_of(name, load_plan(SAVED / f"qwen2-72b-{name}.toml"), catalog) for name in ("910b", "a100")]
    diff = diff_plans(sides[0], sides[1], catalog)
    assert [change.name for change in diff.changes] == ["system", "chip count", "site"]
    shares = {share.changes[0]: share.amount for share in diff.causes["training_days"].shares}
    # half the chips take about twice as long; the better utilisation of the other chips gives some back
    assert shares["chip count"] > 0.0 > shares["system"]
    assert shares["site"] == 0.0
    assert diff.causes["training_days"].method == "all orders"


def test_what_makes_a_plan_impossible_is_named(base: Plan, catalog: Catalog) -> None:
    diff = changed(base, catalog, "cluster.pools.count=1", "site.pue=1.3")
    assert not diff.after.estimate.is_feasible
    assert diff.blockers == ("chip count",)
    assert diff.causes == {}


def test_steps_that_cannot_be_estimated_fall_back_and_say_so(base: Plan, catalog: Catalog) -> None:
    """An A100 has no fp8 rate, so the precision can only change after the system."""
    overrides = (
        "cluster.pools.system=dgx-h100",
        "cluster.pools.fabric=ib-ndr-400",
        "workload.precision=fp8",
    )
    diff = changed(base, catalog, *overrides)
    cause = diff.causes["training_days"]
    assert (cause.method, cause.orders) == ("some orders", 1)
    assert [share.changes for share in cause.shares] == [("system",), ("precision",)]


def test_what_moves_no_figure_is_no_cause(base: Plan, catalog: Catalog) -> None:
    diff = changed(base, catalog, "parties.buyer_country=CN")
    assert diff.has_differences
    assert (diff.changes, diff.causes) == ((), {})
    assert [change.note.id for change in diff.notes.changes] == ["US-TRAIN-D5", "US-OUTBOUND", "US-COINS"]


def test_drift_is_told_apart_from_changes(base: Plan, catalog: Catalog) -> None:
    pinned = base.model_copy(update={"pins": {"sites/ashburn-us": Pin(hash="0" * 16)}})
    diff = diff_plans(side_of("a", pinned, catalog), side_of("b", base, catalog), catalog)
    assert not diff.has_differences
    assert [item.profile for item in diff.before.drift] == ["sites/ashburn-us"]
    assert diff.after.drift == ()


def test_an_error_names_the_plan(base: Plan, catalog: Catalog) -> None:
    broken = apply_overrides(base, ["cluster.pools.system=no-such-system"])
    with pytest.raises(PlanError, match=r"^the second: cluster\.pools\[train\]\.system"):
        side_of("the second", broken, catalog)
