"""`--set KEY=VALUE`: addressing, typing, exclusive keys and what it says of mistakes."""

from __future__ import annotations

import datetime

import pytest

from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.plans.overrides import apply_overrides
from planner.text import first_unsafe
from planner.units import Span

PLAN = Plan.model_validate(
    {
        "name": "x",
        "model": {"profile": "m"},
        "workload": {"tokens": "13.2T"},
        "cluster": {"pools": [{"id": "train", "system": "s", "count": 4}]},
        "site": {"pue": 1.2},
    }
)
TWO_POOLS = apply_overrides(PLAN, ['cluster.pools[1]={id="a100.80", system="t", chips=16}'])


def test_sets_several_keys_and_leaves_the_plan_alone() -> None:
    before = PLAN.model_copy(deep=True)
    plan = apply_overrides(
        PLAN,
        [
            "workload.tokens=2T",
            "cluster.pools[0].count=96",
            "cluster.pools[train].system=x",
            "site.power_cap_mw=12 MW",
            " calendar.start = 2026-12-14 ",
            "strategy.tensor=8",
        ],
    )
    assert plan.workload.tokens == 2e12
    assert (plan.cluster.pools[0].count, plan.cluster.pools[0].system) == (96, "x")
    assert plan.site.power_cap_mw == 12.0
    assert plan.calendar.start == datetime.date(2026, 12, 14)
    assert plan.strategy.tensor == 8
    assert before == PLAN
    assert apply_overrides(PLAN, []) == PLAN


@pytest.mark.parametrize(
    ("text", "expected"), [("8k", 8000), ("1,024", 1024), ("1e3", 1000), ("96", 96), ("2_000", 2000)]
)
def test_counts_are_read_as_people_write_them(text: str, expected: int) -> None:
    assert apply_overrides(PLAN, [f"cluster.pools.count={text}"]).cluster.pools[0].count == expected


@pytest.mark.parametrize(
    ("override", "key", "expected"),
    [
        ("name=135", "name", "135"),
        ("name=true", "name", "true"),
        ('name="quoted"', "name", "quoted"),
        ("name=a = b", "name", "a = b"),
        ("name=2026-11-22", "name", "2026-11-22"),
        ("notes=one\ntwo", "notes", "one\ntwo"),
        ("as_of=2026-11-22", "as_of", datetime.date(2026, 11, 22)),
    ],
)
def test_text_stays_text(override: str, key: str, expected: object) -> None:
    assert getattr(apply_overrides(PLAN, [override]), key) == expected


def test_spans_and_booleans() -> None:
    plan = apply_overrides(PLAN, ["site.pue=1.1..1.3", "release.open_weights=false"])
    assert plan.site.pue == Span(1.1, 1.3)
    assert plan.release.open_weights is False


def test_an_empty_value_resets() -> None:
    assert apply_overrides(PLAN, ["site.pue="]).site.pue is None
    assert apply_overrides(PLAN, ["site="]) == apply_overrides(PLAN, ["site.pue="])
    assert apply_overrides(PLAN, ["calendar.start="]) == PLAN
    assert len(apply_overrides(TWO_POOLS, ["cluster.pools[train]="]).cluster.pools) == 1


def test_exclusive_keys_clear_each_other() -> None:
    chips = apply_overrides(PLAN, ["cluster.pools.chips=31"])
    assert (chips.cluster.pools[0].chips, chips.cluster.pools[0].count) == (31, None)
    assert apply_overrides(chips, ["cluster.pools.count=4"]) == PLAN
    phases = apply_overrides(PLAN, ["workload.phases[0].tokens=1T", "workload.phases[1].tokens=2T"])
    assert [phase.tokens for phase in phases.workload.phases] == [1e12, 2e12]
    assert phases.workload.tokens is None
    assert apply_overrides(phases, ["workload.tokens=13.2T"]) == PLAN
    shape = "layers=2,hidden=8,heads=2,key_value_heads=1,head_dimension=4,feed_forward_width=16,vocabulary=9"
    own = apply_overrides(PLAN, [f"model.architecture={{{shape}}}"])
    assert own.model.profile is None
    assert apply_overrides(own, ["model.architecture.layers=3"]).model.architecture != own.model.architecture
    assert apply_overrides(own, ["model.profile=m"]) == PLAN


def test_a_restart_and_its_parts_clear_each_other() -> None:
    whole = apply_overrides(PLAN, ["operations.warm_up_s=5 min", "operations.restart_s=10 min"])
    assert (whole.operations.restart_s, whole.operations.warm_up_s) == (600.0, None)
    parts = apply_overrides(whole, ["operations.detection_s=1 min", "operations.by_hand_share=5 %"])
    assert parts.operations.restart_s is None
    assert (parts.operations.detection_s, parts.operations.by_hand_share) == (60.0, 0.05)
    rate = apply_overrides(PLAN, ["operations.chip_mtbf_hours=50k"])
    assert (
        apply_overrides(rate, ["operations.failures_per_1000_server_days=3..5"]).operations.chip_mtbf_hours
        is None
    )


def test_pools_are_named_by_index_or_id() -> None:
    plan = apply_overrides(TWO_POOLS, ["cluster.pools[a100.80].chips=8", "cluster.pools[0].count=5"])
    assert [(pool.count, pool.chips) for pool in plan.cluster.pools] == [(5, None), (None, 8)]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("tokens=3", "tokens: unknown key; did you mean 'workload.tokens'?"),
        ("count=3", "count: unknown key; did you mean 'cluster.pools.count'?"),
        ("cluster.pools[0].cuont=3", "cluster.pools[0].cuont: unknown key; did you mean 'count'?"),
        ("cluster.pool.count=3", "cluster.pool: unknown key; did you mean 'pools'?"),
        ("cluster.pools[trian].count=3", "cluster.pools[trian]: no such entry; did you mean 'train'?"),
        (
            "cluster.pools.count=3",
            "cluster.pools: has 2 entries; expected one named, such as",
        ),
        ("cluster.pools[9].count=3", "cluster.pools[9]: expected a number from 0 to 2"),
        ("cluster.pools[99999999999].count=3", "cluster.pools[99999999999]: no such entry"),
        ("workload.tokens[0]=3", "workload.tokens[0]: is not a list"),
        ("workload.tokens", '"workload.tokens": expected KEY=VALUE, such as workload.tokens=2T'),
        ("=3", '"=3": expected KEY=VALUE'),
        ("", '"": expected KEY=VALUE'),
        ("a..b=3", "a..b: is no key of a plan"),
        ("\x1b[2J=3", "\N{REPLACEMENT CHARACTER}[2J: is no key of a plan"),
        ("a." * 5000 + "=3", "a.a.a."),
        ("site.pue.x=3", "site.pue.x: unknown key"),
        ("name=" + "x" * 30_000, "name: is longer than 20,000 characters"),
    ],
)
def test_mistakes_in_the_key_are_named(override: str, expected: str) -> None:
    with pytest.raises(PlanError) as caught:
        apply_overrides(TWO_POOLS, [override])
    assert str(caught.value).startswith(f"--set {expected}")
    assert first_unsafe(str(caught.value)) is None
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("workload.tokens=x", '--set: workload.tokens = "x": is not a quantity'),
        ("workload.tokens=nan", "--set: workload.tokens = nan: is not finite"),
        ("workload.tokens=" + "9" * 5000, '--set: workload.tokens = "9999'),
        ("workload.precision=bf17", "--set: workload.precision = \"bf17\": expected 'bf16'"),
        ("cluster.pools[0].count=0.5", "--set: cluster.pools[0].count = 0.5: expected a whole number"),
        ("cluster.pools=", "--set: cluster.pools: is missing"),
        ("cluster.pools[2].count=3", "--set: cluster.pools[2].id: is missing"),
        ("name=", "--set: name: is missing"),
        ("name=\x1b", "--set: name = "),
        ("site=[[[[", '--set: site = "[[[[": expected a table'),
    ],
)
def test_mistakes_in_the_value_are_named(override: str, expected: str) -> None:
    with pytest.raises(PlanError) as caught:
        apply_overrides(TWO_POOLS, [override])
    assert str(caught.value).startswith(expected)
    assert first_unsafe(str(caught.value)) is None
