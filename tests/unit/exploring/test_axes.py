"""Axes of a sweep: lists, ranges by steps and by factors, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.exploring.axes import MOST_POINTS, axes_of
from planner.plans.overrides import apply_overrides, held_at
from planner.plans.plan_file import load_plan
from planner.units import Span

PLAN = load_plan(Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("cluster.pools.count=256,512", ("256", "512")),
        (" cluster.pools.count = 256 , 512 ", ("256", "512")),
        ("cluster.pools.count=256,256", ("256",)),
        ("cluster.pools.count=128..512/4", ("128", "256", "384", "512")),
        ("cluster.pools.count=512..128/4", ("512", "384", "256", "128")),
        ("cluster.pools.count=16..256/5*", ("16", "32", "64", "128", "256")),
        ("cluster.pools.count=1..3/9", ("1", "2", "3")),
        ("cluster.pools.count=8,16..32/3,64", ("8", "16", "24", "32", "64")),
        ("workload.tokens=1T..3T/3", ("1T", "2T", "3T")),
        # ends in units of their own; what is between is written as a plan file does
        ("workload.tokens=500B..1.5T/3", ("500B", "1T", "1.5T")),
        # rounded to four digits
        ("workload.tokens=1T..10T/3*", ("1T", "3.162T", "10T")),
        ("site.power_cap_mw=4 MW..8 MW/3", ("4 MW", "6", "8 MW")),
        ("site.pue=1.1..1.3/3", ("1.1", "1.2", "1.3")),
        ("calendar.start=2027-01-01..2027-01-05/3", ("2027-01-01", "2027-01-03", "2027-01-05")),
        # anything from 2T to 3T, which is one value
        ("workload.tokens=2T..3T,4T", ("2T..3T", "4T")),
        ("name='a,b',c", ("'a,b'", "c")),
        ('cluster.pools.count="1,024"', ('"1,024"',)),
        ("money.rates={EUR=0.9},{EUR=0.8,CNY=7}", ("{EUR=0.9}", "{EUR=0.8,CNY=7}")),
    ],
)
def test_values_of_an_axis(text: str, values: tuple[str, ...]) -> None:
    (axis,) = axes_of(PLAN, [text])
    assert axis.values == values
    for value in axis.values:
        apply_overrides(PLAN, [f"{axis.key}={value}"])


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["cluster.pools.cuont=1"], "unknown key; did you mean 'count'?"),
        (["tokens=1T"], "did you mean 'workload.tokens'?"),
        (["cluster.pools.count"], "expected KEY=V1,V2,..., such as"),
        (["=1"], "expected KEY=V1,V2,..., such as"),
        (["cluster.pools.count=1,,2"], "a value is empty"),
        (["cluster.pools.count=1,"], "a value is empty"),
        (["notes='a,b"], "a quote or a bracket is open"),
        (["cluster.pools.count=1..9/1"], "expected 2 points or more"),
        (["cluster.pools.count=1..9/1001"], "makes 1,001 points; expected 1,000 at most"),
        (["cluster.pools.count=1..9/999999999"], "makes 999,999,999 points; expected 1,000 at most"),
        (["cluster.pools.count=1..999/999,1..999/999"], "makes more than 1,000 points"),
        (["cluster.pools.count=" + ",".join(map(str, range(1, 1003)))], "makes more than 1,000 points"),
        (
            ["cluster.pools.count=1..99/99", "workload.tokens=1T..99T/99"],
            "workload.tokens: makes 9,801 points; expected 1,000 at most",
        ),
        (["cluster.pools.count=1,2", "cluster.pools.count=3"], "is varied twice"),
        (["cluster.pools.system=a..b/3"], "expected a range of numbers or days"),
        (["calendar.start=2027-01-01..2027-02-01/3*"], "goes by factors"),
        (["site.renewable=0..1/3*"], "unknown key"),
        (["operations.setup_days=0..8/3*"], "expected numbers above 0"),
        (["calendar.start=2027-01-01..7/3"], "expected a date"),
        (["notes=" + "x" * 20_001], "is longer than 20,000 characters"),
        (["\x1b[31m=1"], "is no key of a plan"),
    ],
)
def test_what_is_no_axis_is_refused_in_one_line(texts: list[str], told: str) -> None:
    with pytest.raises(PlanError) as caught:
        axes_of(PLAN, texts)
    assert told in str(caught.value)
    assert "\x1b" not in str(caught.value)


@given(
    low=st.integers(1, 10_000),
    high=st.integers(1, 10_000),
    points=st.integers(2, 12),
    is_geometric=st.booleans(),
)
def test_a_range_of_whole_numbers_goes_from_end_to_end(
    low: int, high: int, points: int, is_geometric: bool
) -> None:
    star = "*" if is_geometric else ""
    (axis,) = axes_of(PLAN, [f"cluster.pools.count={low}..{high}/{points}{star}"])
    values = [int(value) for value in axis.values]
    assert (values[0], values[-1]) == (low, high)
    assert values == sorted(values, reverse=high < low)
    assert len(values) <= points <= MOST_POINTS
    steps = [after - before for before, after in pairwise(values)]
    if steps and not is_geometric and len(values) == points:
        assert max(map(abs, steps)) - min(map(abs, steps)) <= 1


def test_what_a_plan_holds_under_a_key() -> None:
    plan: Plan = apply_overrides(PLAN, ["workload.tokens=2T..4T", "site.power_cap_mw=6 MW"])
    tokens = held_at(plan, "workload.tokens")
    assert (tokens.value, tokens.written, tokens.is_whole) == (Span(2e12, 4e12), "2T..4T", False)
    assert held_at(plan, "site.power_cap_mw").value == 6.0
    assert held_at(plan, "cluster.pools.count").is_whole
    assert held_at(plan, "calendar.stops[0].days").value is None
