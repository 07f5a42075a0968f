"""A tornado against full estimates of the changed plan, and what it says of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.moved import with_figures
from planner.catalog.pinning import used_values
from planner.domain.plan import Plan
from planner.errors import InfeasibleError, InputError
from planner.estimate.estimate import estimate_plan
from planner.exploring.kept_layout import kept_layout
from planner.exploring.question import DAYS, Question, number_named
from planner.exploring.sensitivity import Tornado, tornado
from planner.exploring.steps import Step, steps_of
from planner.exploring.streams import Spread, rank_correlation
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.setting import Setting

SAVED = Path(__file__).parents[3] / "saved_plans"
LATE = [
    "calendar.deliveries=[{date=2026-12-20, systems=64}, {date=2027-02-01, systems=64, slip_days='0..60'}]",
    "calendar.acceptance_days=5..20",
]
#: Ends nearer to each other than this share of the wider one may change places: the same within rounding.
TIE = 0.02


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(SAVED / "qwen2-72b-a100.toml")


def asked(plan: Plan, catalog: Catalog, of: str = DAYS, *overrides: str) -> Question:
    return Question(apply_overrides(plan, overrides), catalog, number_named(of))


@pytest.fixture(scope="module")
def by_quarters(plan: Plan, catalog: Catalog) -> Tornado:
    """Return the tornado of the days in steps of a quarter; it is some hundred estimates."""
    return tornado(asked(plan, catalog), step=0.25)


def spreads(found: Tornado) -> dict[str, Spread]:
    return {swing.of.name: swing.of for swing in found.swings if isinstance(swing.of, Spread)}


def figure(of: Spread, end: str) -> dict[str, float]:
    return {leaf.id: getattr(leaf, end) for leaf in of.leaves}


def with_constant(setting: Setting, catalog: Catalog, name: str, factor: float) -> Catalog:
    """Return the catalog with a constant of the plan's stack times a factor."""
    stack = next(one for one in setting.pool.stacks if name in one.constants)
    key = f"constants.{name}"
    median, mark, spread = str(used_values("stacks", stack)[key]).partition(" ~")
    return with_figures(catalog, "stacks", stack.id, {key: f"{float(median) * factor!r}{mark}{spread}"})


#: Of figures that are drawn, the plan's key that says the same, and a factor to its unit.
KEYS: Mapping[str, tuple[str, float]] = {
    "goodput.snapshot_s": ("operations.checkpoint_s", 1.0),
    "goodput.by_hand_share": ("operations.by_hand_share", 1.0),
    "goodput.by_hand_s": ("operations.by_hand_s", 1.0),
    "goodput.detection_s": ("operations.detection_s", 1.0),
    "goodput.diagnosis_s": ("operations.diagnosis_s", 1.0),
    "goodput.replacement_s": ("operations.replacement_s", 1.0),
    "goodput.warm_up_s": ("operations.warm_up_s", 1.0),
    "goodput.hidden_share": ("operations.hidden_share", 1.0),
    "goodput.own_failures_per_day": ("operations.own_failures_per_day", 1.0),
    "goodput.maintenance": ("operations.maintenance_share", 1.0),
    "goodput.counted_failures_per_day": ("operations.failures_per_1000_server_days", 1000.0),
    "price.system_usd": ("cluster.pools.price_usd", 1.0),
    "price.space_usd_per_kw_month": ("money.space_usd_per_kw_month", 1.0),
}


def re_estimated(question: Question, of: Spread, setting: Setting) -> tuple[float, float] | None:
    """Return the quantity by full estimates with an input at both of its ends; None where no key says it."""
    ends: list[float] = []
    for end in ("low", "high"):
        values = figure(of, end)
        if of.name == "operations.operator" or (values and set(values) <= set(KEYS)):
            sets = [f"{KEYS[name][0]}={value * KEYS[name][1]!r}" for name, value in values.items()]
            changed, its = apply_overrides(question.plan, sets), question.catalog
        elif of.name == "workload.phases[0].tokens":
            # a range of tokens is evenly likely
            low, high = 6.5e12, 7.5e12
            value = low + (high - low) * (0.1 if end == "low" else 0.9)
            changed, its = apply_overrides(question.plan, [f"workload.tokens={value!r}"]), question.catalog
        elif list(values) == [f"stack.{of.name}"]:
            now = getattr(setting.phase.estimate.constants, of.name)
            (value,) = values.values()
            changed, its = (
                question.plan,
                with_constant(setting, question.catalog, of.name, float(value / now[0])),
            )
        else:
            return None
        estimate = estimate_plan(changed, its)
        ends.append(float(estimate.figure(question.quantity.id).values[0]))
    return ends[0], ends[1]


@pytest.mark.parametrize(("of", "least"), [(DAYS, 14), ("cost.total", 14), ("goodput", 3)])
def test_signs_and_order_are_those_of_full_estimates(
    plan: Plan, catalog: Catalog, of: str, least: int
) -> None:
    """In the layout that was chosen, and with the spares that are bought: both are settled beforehand."""
    question = asked(plan, catalog, of, "workload.tokens=6.5T..7.5T", "operations.warm_spares=9")
    layout = kept_layout(question.estimate())
    question = question.with_set(*layout)
    found = tornado(question, step=0.0)
    figures = question.estimate().figures
    assert figures is not None
    nothing = 2e-4 * found.middle
    widths: list[tuple[str, float]] = []
    for name, spread in spreads(found).items():
        ends = re_estimated(question, spread, figures.setting)
        if ends is None:
            continue
        for told, full in zip((spread.low, spread.high), ends, strict=True):
            assert told - found.middle == pytest.approx(full - found.middle, rel=1e-3, abs=nothing / 10), name
        widths.append((name, max(*ends, found.middle) - min(*ends, found.middle)))
    assert len(widths) >= least
    for (name, wider), (other, narrower) in pairwise(widths):
        assert wider >= narrower * (1 - TIE), (name, other)


def test_a_step_is_a_full_estimate_with_the_key_set(
    plan: Plan, catalog: Catalog, by_quarters: Tornado
) -> None:
    question, found = asked(plan, catalog), by_quarters
    steps = {swing.of.name: swing.of for swing in found.swings if isinstance(swing.of, Step)}
    tokens = steps["workload.tokens"]
    assert (tokens.less.value, tokens.value, tokens.more.value) == pytest.approx((5.25e12, 7e12, 8.75e12))
    for move in (tokens.less, tokens.more):
        alone = question.with_set(f"workload.tokens={move.value!r}").estimate()
        assert move.result == alone.figure(DAYS).values[0]
    # a batch is divided by its layout: it is doubled and halved
    batch = steps["workload.global_batch_sequences"]
    assert (batch.less.value, batch.more.value) == (batch.value / 2, batch.value * 2)
    peak = next(step for name, step in steps.items() if name.endswith("peak_dense_flops_per_s.bf16"))
    assert peak.less.result is not None
    assert peak.more.result is not None
    assert peak.less.result > found.middle > peak.more.result


@pytest.mark.parametrize(
    "name", ["llama-3.1-405b-h100", pytest.param("pangu-ultra-moe-718b-910b", marks=pytest.mark.exhaustive)]
)
def test_better_chips_and_networks_lead_to_no_slower_layout(catalog: Catalog, name: str) -> None:
    """Though layouts are chosen by what people run too: nobody has to give up the one of before."""
    question = asked(load_plan(SAVED / f"{name}.toml"), catalog)
    joint = question.estimate()
    middle = joint.figure(DAYS).p50
    assert middle is not None
    ends = {
        step.name: (step.less.result, step.more.result)
        for step in steps_of(question, joint)
        if step.kind in {"chips", "systems", "fabrics"} and step.key.endswith(("bytes", "per_s", "per_host"))
    }
    assert any("memory" in one for one in ends)
    for one, (less, more) in ends.items():
        assert more is None or more <= middle * (1 + 1e-9), one
        assert less is None or less >= middle * (1 - 1e-9), one


def test_what_is_assumed_where_the_plan_says_nothing_is_moved_too(plan: Plan, catalog: Catalog) -> None:
    question = asked(plan, catalog, "cost.total")
    assert question.plan.money.earning_share is None
    steps = steps_of(question, question.estimate())
    assumed = next(step for step in steps if step.name == "money.earning_share")
    assert (assumed.less.value, assumed.value, assumed.more.value) == pytest.approx((0.72, 0.8, 0.88))
    for move in (assumed.less, assumed.more):
        alone = question.with_set(f"money.earning_share={move.value!r}").estimate()
        assert move.result == alone.figure("cost.total").values[0]


def test_inputs_are_sorted_by_how_far_they_move_it(by_quarters: Tornado) -> None:
    found = by_quarters
    widths = [swing.width for swing in found.swings]
    assert widths == sorted(widths, reverse=True)
    assert len(widths) >= 20
    assert widths[-1] > 0
    # what moves nothing is told by name, once
    names = [swing.of.name for swing in found.swings]
    assert len(set(names)) == len(names)
    assert not set(names) & set(found.still)
    assert "money.depreciation_years" in found.still


def test_ranks_of_joint_draws_go_with_the_swings(plan: Plan, catalog: Catalog) -> None:
    found = tornado(asked(plan, catalog), step=0.0)
    widest = [swing for swing in found.swings if isinstance(swing.of, Spread)][:5]
    for swing in widest:
        assert isinstance(swing.of, Spread)
        assert np.sign(swing.of.rank_correlation) == np.sign(swing.of.high - swing.of.low)
    every = [swing.of.rank_correlation for swing in found.swings if isinstance(swing.of, Spread)]
    assert 0.7 < sum(rank**2 for rank in every) < 1.3


def test_equal_draws_share_the_mean_of_their_ranks() -> None:
    # by hand: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4
    first, second = np.array([5.0, 7.0, 7.0, 9.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(first, second) == pytest.approx(4.5 / np.sqrt(4.5 * 5.0))
    assert rank_correlation(second, -second) == -1.0
    assert rank_correlation(np.ones(1), second) == 0.0


def test_an_estimate_is_the_same_after_a_tornado(plan: Plan, catalog: Catalog) -> None:
    before = estimate_plan(plan, catalog).figure(DAYS).values
    tornado(asked(plan, catalog), step=0.0)
    assert np.array_equal(estimate_plan(plan, catalog).figure(DAYS).values, before)


@pytest.mark.parametrize(
    ("name", "of", "overrides", "expected"),
    [
        ("qwen2-72b-a100", "finish_date", LATE, "calendar.acceptance"),
        ("deepseek-v3-h800", DAYS, [], "scheduled_expert_overlap"),
        ("mixed-910b-a100", "cost.total", [], "operations.operator"),
        ("pangu-ultra-moe-718b-cloudmatrix", DAYS, [], "expert_efficiency"),
    ],
)
def test_whatever_a_plan_draws_is_in_its_tornado(
    catalog: Catalog, name: str, of: str, overrides: list[str], expected: str
) -> None:
    found = tornado(asked(load_plan(SAVED / f"{name}.toml"), catalog, of, *overrides), step=0.0)
    assert expected in spreads(found)
    assert found.band.p10 < found.middle < found.band.p90


def test_a_measured_step_takes_what_it_measured_out_of_the_tornado(plan: Plan, catalog: Catalog) -> None:
    pilot = "pilot=[{chips=64, tokens_per_s_per_chip=370, date=2026-11-01, global_batch_sequences=64}]"
    without, measured = (tornado(asked(plan, catalog, DAYS, *more), step=0.0) for more in ((), (pilot,)))
    first, second = (spreads(found)["residual"] for found in (without, measured))
    assert second.high - second.low < first.high - first.low


@pytest.mark.parametrize(
    ("of", "overrides", "error", "told"),
    [
        ("dais", [], InputError, "no quantity is called"),
        ("strategy.schedule", [], InputError, "is told in words"),
        (DAYS, ["cluster.pools.count=1"], InfeasibleError, "the plan cannot run: pool 'train': memory"),
        ("finish_date", ["calendar.start="], InfeasibleError, "finish_date is unknown: calendar.start"),
    ],
)
def test_what_has_no_tornado_says_why(
    plan: Plan, catalog: Catalog, of: str, overrides: list[str], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        tornado(asked(plan, catalog, of, *overrides))
