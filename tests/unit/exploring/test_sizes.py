"""The smallest clusters: against trying every count, with what proves them, as they are found."""

from __future__ import annotations

import pytest
from tests.unit.exploring.small_cases import Case, random_case

from planner.catalog.catalog import Catalog, load_catalog
from planner.cli.inputs import load_named_plan
from planner.estimate.estimate import estimate_plan
from planner.exploring.sizes import Progress, SystemAnswer, ranked, sizes
from planner.exploring.system_plans import plan_on
from planner.exploring.targets import Asked, targets_of
from planner.plans.overrides import apply_overrides
from planner.report.size_words import why_words


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


#: Cases of the reduced and of the whole form.
FEW, MANY = 4, 200


def answer_of(case: Case, catalog: Catalog) -> SystemAnswer:
    """Return the answer to a case."""
    (answer,) = (
        step
        for step in sizes(case.plan, catalog, case.targets, [case.system_id])
        if isinstance(step, SystemAnswer)
    )
    return answer


@pytest.mark.parametrize(
    "seed",
    [*range(FEW), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(FEW, MANY))],
)
def test_the_answer_is_that_of_trying_every_count(catalog: Catalog, seed: int) -> None:
    case = random_case(seed, catalog)
    answer = answer_of(case, catalog)
    # a layout that leaves whole systems idle is given to those that it runs on
    is_given = answer.plan is not None and answer.plan.strategy.mode == "given"
    if case.expected is None:
        assert answer.count is None or answer.count > len(case.is_met) or is_given
        assert answer.is_feasible or answer.binds is not None
        return
    assert answer.count is not None
    assert answer.count == case.expected or (is_given and answer.count < case.expected)
    certificate = answer.certificate
    assert certificate is not None
    assert certificate.count_below == answer.count - 1
    below = certificate.best_below
    assert below is None or not below.meets_all
    assert certificate.lower_bound.chips >= 1
    assert answer.estimate is not None
    assert answer.estimate.figures is not None
    figures = answer.estimate.figures
    assert all(held.is_met for held in case.targets.held(figures))
    # no system of the answer is idle
    per_system = (answer.chips or 0) // answer.count
    assert figures.number("strategy.chips_used") > (answer.count - 1) * per_system


def test_a_batch_that_stays_makes_days_a_staircase(catalog: Catalog) -> None:
    plan = load_named_plan("qwen2-72b-910b")

    def days(count: int, flex: float) -> float:
        changed = [f"cluster.pools.count={count}", f"workload.batch_flex={flex}"]
        figures = estimate_plan(apply_overrides(plan, changed), catalog).figures
        assert figures is not None
        return figures.number("training_days")

    stairs = [days(count, 0.0) for count in (160, 200, 255, 256)]
    assert stairs[0] == pytest.approx(stairs[1]) == pytest.approx(stairs[2])
    assert stairs[3] < 0.7 * stairs[2]
    # a batch that moves is a slope: 1,600 and 2,040 chips are worth more than 1,280
    slope = [days(count, 0.05) for count in (160, 200, 255, 256)]
    assert slope[1] < 0.85 * slope[0]
    assert slope[2] == pytest.approx(slope[3], rel=0.02)


def test_answers_come_as_they_are_found_and_can_be_stopped(catalog: Catalog) -> None:
    case = random_case(0, catalog)
    steps = list(sizes(case.plan, catalog, case.targets, ["gaudi3-8", "dgx-h100"]))
    assert [type(step) for step in steps if isinstance(step, SystemAnswer)] == [SystemAnswer] * 2
    first = steps[0]
    assert isinstance(first, Progress)
    assert (first.system_id, first.answered, first.asked) == ("gaudi3-8", 0, 2)
    seen: list[object] = []
    for step in sizes(case.plan, catalog, case.targets, ["gaudi3-8", "dgx-h100"], lambda: len(seen) >= 2):
        seen.append(step)
    assert len(seen) == 2
    assert not any(isinstance(step, SystemAnswer) for step in seen)


def test_what_binds_is_told_with_the_count_that_is_within_it(catalog: Catalog) -> None:
    plan = load_named_plan("llama-3.1-405b-h100")
    targets = targets_of(plan, Asked(deadline_days=100, max_mw=12), catalog)
    systems = ["dgx-h100", "gb200-nvl72", "dgx-1-v100", "trn3-ultraserver"]
    answers = [step for step in sizes(plan, catalog, targets, systems) if isinstance(step, SystemAnswer)]
    told = {answer.system_id: answer for answer in answers}
    hopper = told["dgx-h100"]
    assert (hopper.count, hopper.binds) == (None, "power_mw")
    assert hopper.nearest is not None
    assert hopper.nearest.is_in_time
    assert hopper.short_by is not None
    assert hopper.within is not None
    assert not hopper.within.is_in_time
    assert hopper.within.count < hopper.nearest.count
    volta = told["dgx-1-v100"]
    assert volta.binds == "deadline_days"
    best, larger = volta.nearest, volta.on_larger_batch
    assert best is not None
    assert larger is not None
    assert 1.1 * larger.days < best.days
    times = larger.count // best.count
    batches = [trial.plan.workload.global_batch_sequences for trial in (best, larger)]
    assert (larger.count, batches[1]) == (times * best.count, times * batches[0])
    why = why_words(volta, targets)
    assert f"more gain nothing with a global batch of {batches[0]:,} sequences" in why
    assert f"{larger.count:,} systems on one of {batches[1]:,}" in why
    assert told["trn3-ultraserver"].binds == "profile"
    assert "scale_out_bytes_per_s" in told["trn3-ultraserver"].why
    order = [answer.system_id for answer in ranked(answers)]
    assert order[-1] == "trn3-ultraserver"


def test_a_layout_that_leaves_systems_idle_is_given_to_those_that_it_runs_on(catalog: Catalog) -> None:
    plan = apply_overrides(load_named_plan("qwen2-72b-910b"), ["calendar.start="])
    targets = targets_of(plan, Asked(deadline_days=60.0), catalog)
    *_, answer = sizes(plan, catalog, targets, ["atlas-800t-a2"])
    assert isinstance(answer, SystemAnswer)
    assert answer.count is not None
    assert answer.plan is not None
    assert answer.estimate is not None
    assert answer.estimate.figures is not None
    assert answer.plan.strategy.mode == "given"
    assert answer.chips == answer.estimate.figures.number("strategy.chips_used")
    assert all(held.is_met for held in targets.held(answer.estimate.figures))
    (said,) = (line for line in answer.changes if "idle" in line)
    chosen_from = int(said.split("from ")[1].split()[0].replace(",", ""))
    assert chosen_from > answer.count
    searched = apply_overrides(plan, [f"cluster.pools.count={chosen_from}"])
    figures = estimate_plan(searched, catalog).figures
    assert figures is not None
    assert figures.number("strategy.chips_used") == answer.chips


def test_however_short_the_deadline_the_least_days_are_told(catalog: Catalog) -> None:
    """A deadline of half a day asks arithmetic for so many chips that failures eat what they gain."""
    plan = load_named_plan("llama-3.1-405b-h100")

    def least_days(deadline_days: float) -> float:
        targets = targets_of(plan, Asked(deadline_days=deadline_days), catalog)
        *_, answer = sizes(plan, catalog, targets, ["dgx-h100"])
        assert isinstance(answer, SystemAnswer)
        assert answer.count is None
        assert answer.nearest is not None
        return answer.nearest.days

    assert least_days(0.5) == pytest.approx(least_days(30.0), rel=0.01)


def test_a_plan_on_another_system_says_what_changed(catalog: Catalog) -> None:
    plan = load_named_plan("deepseek-v3-h800")
    own, other = plan_on(plan, catalog, "dgx-h800"), plan_on(plan, catalog, "atlas-800t-a2")
    assert own.at(7).cluster.pools[0].count == 7
    assert own.plan.strategy.expert == plan.strategy.expert
    assert other.plan.strategy.expert is None
    assert other.plan.cluster.pools[0].stack is None
    assert any("stack" in line for line in other.changes)
    assert any("was chosen for another system" in line for line in other.changes)
