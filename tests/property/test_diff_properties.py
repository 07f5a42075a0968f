"""Laws of a diff: the parts add up, a plan is equal to itself, and swapping the plans swaps the signs."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.attribution import Chosen, attribute
from planner.differences.diff import PlanDiff, diff_plans, side_of
from planner.domain.plan import Plan
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.report.diff_rows import whole_parts

ROOT = Path(__file__).parents[2]
FIGURES = st.floats(-1e9, 1e9)
#: Each moves something else; some make the plan infeasible, some cannot be estimated on the old chip.
OVERRIDES = (
    "workload.tokens=3T",
    "workload.tokens=5T..9T",
    "workload.global_batch_sequences=512",
    "workload.sequence_length=8192",
    "workload.precision=fp8",
    "cluster.pools.count=64",
    "cluster.pools.count=1",
    "cluster.pools.fabric=ib-ndr-400",
    "site.profile=guian-cn",
    "site.pue=1.05..1.4",
    "strategy.tensor=2",
    "calendar.start=2027-02-01",
    "parties.buyer_country=DE",
    "money.depreciation_years=5",
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def base() -> Plan:
    return load_plan(ROOT / "saved_plans" / "qwen2-72b-a100.toml")


def diff_of(before: Plan, after: Plan, catalog: Catalog) -> PlanDiff:
    return diff_plans(side_of("a", before, catalog), side_of("b", after, catalog), catalog)


@given(st.integers(1, 7), st.data())
def test_shares_sum_to_the_total_whatever_is_unknown(changes: int, data: st.DataObject) -> None:
    names = "abcdefg"[:changes]
    known: dict[Chosen, float | None] = {}

    def value(chosen: Chosen) -> float | None:
        if chosen not in known:
            is_end = len(chosen) in (0, changes)
            known[chosen] = data.draw(FIGURES if is_end else st.one_of(st.none(), FIGURES))
        return known[chosen]

    result = attribute(names, value)
    assert result is not None
    ends = (known[frozenset()], known[frozenset(names)])
    assert ends[0] is not None
    assert ends[1] is not None
    assert result.total == ends[1] - ends[0]
    amounts = [share.amount for share in result.shares]
    scale = max(1.0, *(abs(amount) for amount in amounts))
    assert math.isclose(math.fsum(amounts), result.total, rel_tol=0, abs_tol=1e-12 * scale)
    assert sorted(name for share in result.shares for name in share.changes) == list(names)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_shown_shares_sum_to_the_shown_total(amounts: list[float]) -> None:
    total = round(math.fsum(amounts))
    whole = whole_parts(amounts, total)
    assert sum(whole) == total
    assert all(abs(part - amount) < 2 for part, amount in zip(whole, amounts, strict=True))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(st.sampled_from(OVERRIDES), max_size=5, unique_by=lambda text: text.partition("=")[0]))
def test_laws_of_a_diff(chosen: list[str], base: Plan, catalog: Catalog) -> None:
    other = apply_overrides(base, [text for text in chosen if text != "workload.precision=fp8"])
    there, back = diff_of(base, other, catalog), diff_of(other, base, catalog)
    assert there.has_differences == (bool(there.inputs.changes))
    for cause, quantity in ((there.causes[key], key) for key in there.causes):
        change = next(it.change for it in there.quantities if it.id == quantity)
        assert change is not None
        assert cause.total == pytest.approx(change.p50, rel=1e-9)
        assert math.fsum(share.amount for share in cause.shares) == pytest.approx(cause.total, rel=1e-9)
    for one, two in zip(there.quantities, back.quantities, strict=True):
        assert (one.id, one.before, one.after) == (two.id, two.after, two.before)
        if one.change is not None and two.change is not None:
            swapped = (-two.change.p90, -two.change.p50, -two.change.p10)
            assert (one.change.p10, one.change.p50, one.change.p90) == pytest.approx(
                swapped, rel=1e-9, abs=1e-12
            )
        opposite = {"better": "worse", "worse": "better"}
        assert two.verdict == opposite.get(one.verdict, one.verdict)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(st.sampled_from(OVERRIDES), max_size=3, unique_by=lambda text: text.partition("=")[0]))
def test_a_plan_does_not_differ_from_itself(chosen: list[str], base: Plan, catalog: Catalog) -> None:
    plan = apply_overrides(base, [text for text in chosen if text != "workload.precision=fp8"])
    diff = diff_of(plan, plan, catalog)
    assert not diff.has_differences
    assert (diff.inputs.changes, diff.inputs.texts, diff.causes, diff.warnings) == ((), (), {}, ())
    assert diff.notes.changes == ()
    assert {change.verdict for change in diff.quantities} <= {"unchanged"}


def test_different_machines_are_symmetric_too(catalog: Catalog) -> None:
    one, two = (load_plan(ROOT / "saved_plans" / f"qwen2-72b-{chip}.toml") for chip in ("910b", "a100"))
    there, back = diff_of(one, two, catalog), diff_of(two, one, catalog)
    assert not there.is_paired
    for first, second in zip(there.quantities, back.quantities, strict=True):
        if first.before is None or first.after is None:
            # nobody rents out the one chip
            assert first.verdict == second.verdict == "unknown"
            continue
        assert first.change is not None
        assert second.change is not None
        assert first.change.p10 == pytest.approx(-second.change.p90, rel=1e-9)
        assert first.change.p90 == pytest.approx(-second.change.p10, rel=1e-9)
    for key, cause in there.causes.items():
        amounts = {share.changes: share.amount for share in cause.shares}
        reverse = {share.changes: -share.amount for share in back.causes[key].shares}
        assert amounts == pytest.approx(reverse, rel=1e-6)
