"""The best layouts of a plan: their order, what each loses, what pins cost, and a plan with one of them."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.domain.plan_strategy import Strategy
from planner.estimate.best_published import BestOfClass
from planner.estimate.estimate import estimate_plan
from planner.exploring.layouts import LayoutRanking, rank_layouts
from planner.report.optimize_document import optimize_document, published_words
from planner.report.optimize_json import ranking_to_dict
from planner.report.terminal import terminal_text


@functools.cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan(**strategy: object) -> Plan:
    return Plan.model_validate(
        {
            "name": "small",
            "model": {"profile": "llama-3-70b"},
            "workload": {"tokens": 1e12, "sequence_length": 4096, "global_batch_sequences": 512},
            "cluster": {"pools": [{"id": "a", "system": "dgx-h100", "count": 32, "stack": "cuda-megatron"}]},
            "strategy": strategy,
        }
    )


@functools.cache
def searched() -> LayoutRanking:
    return rank_layouts(plan(), catalog(), top=6)


def test_the_first_is_the_estimates_layout_with_its_days() -> None:
    first = searched().layouts[0]
    figures = estimate_plan(plan(), catalog()).figures
    assert figures is not None
    assert first.figures.number("training_days") == figures.number("training_days")
    assert first.choice.tp == figures.number("strategy.tp")
    assert first.longer == 0.0
    assert set(first.loses.values()) == {0.0}


def test_parts_sum_to_the_step_and_losses_to_what_it_is_longer_by() -> None:
    ranking = searched()
    assert len(ranking.layouts) == 6
    first = ranking.layouts[0]
    for layout in ranking.layouts:
        assert sum(layout.parts.values()) == pytest.approx(layout.step_s)
        assert sum(layout.loses.values()) == pytest.approx(layout.step_s - first.step_s, abs=1e-9)
        assert layout.longer == pytest.approx(layout.step_s / first.step_s - 1)
    assert len({layout.choice.words for layout in ranking.layouts}) == 6


def test_what_is_faster_than_the_first_says_why_it_was_passed_over() -> None:
    ranking = searched()
    faster = [layout for layout in (*ranking.layouts, ranking.fastest) if layout and layout.longer < 0]
    assert all(layout.seldom for layout in faster)


def test_a_plan_with_a_layout_pinned_comes_to_what_the_ranking_said() -> None:
    ranking = searched()
    told = ranking.layouts[3]
    found = estimate_plan(ranking.with_pinned(3), catalog()).figures
    assert found is not None
    assert found.words("strategy.origin") == "given"
    assert found.number("step.seconds") == pytest.approx(told.figures.number("step.seconds"))
    assert found.number("memory.share") == pytest.approx(told.figures.number("memory.share"))


def test_a_given_layout_stands_beside_what_a_search_finds() -> None:
    given = searched().with_pinned(2)
    ranking = rank_layouts(given, catalog(), top=6)
    assert [layout.choice.words for layout in ranking.layouts] == [
        layout.choice.words for layout in searched().layouts
    ]
    assert ranking.own is not None
    assert ranking.own.longer == pytest.approx(searched().layouts[2].longer)
    # pinning another one replaces the layout that was given
    again = ranking.with_pinned(0)
    assert again.strategy.tensor == searched().layouts[0].choice.tp


def test_chips_that_idle_in_the_first_are_told() -> None:
    thirty_three = plan().cluster.pools[0].model_copy(update={"count": 33})
    cluster = plan().cluster.model_copy(update={"pools": (thirty_three,)})
    workload = plan().workload.model_copy(update={"batch_flex": 0.0})
    uneven = plan().model_copy(update={"cluster": cluster, "workload": workload})
    told = [
        " ".join(terminal_text(optimize_document(ranking)).split())
        for ranking in (searched(), rank_layouts(uneven, catalog(), top=2))
    ]
    assert "held back" not in told[0]
    assert "held back pool 'a': 8 of 264 chips are idle" in told[1]


def test_pins_are_told_with_what_they_cost() -> None:
    ranking = rank_layouts(plan(tensor=8, recompute="full"), catalog(), top=3)
    assert ranking.pins == {"tensor": 8, "recompute": "full"}
    assert {(layout.choice.tp, layout.choice.recompute) for layout in ranking.layouts} == {(8, "full")}
    assert ranking.unpinned is not None
    assert ranking.unpinned.longer < 0
    told = terminal_text(optimize_document(ranking), width=100)
    assert "tensor = 8, recompute = full; without them tensor " in told


def test_pins_that_leave_no_layout_are_told_so() -> None:
    ranking = rank_layouts(plan(tensor=1, pipeline=1, recompute="none"), catalog())
    assert ranking.layouts == ()
    assert ranking.reasons[-1].startswith("without what the plan pins it fits: tensor ")


def test_of_several_phases_the_main_ones_layouts_are_ranked_and_pinned_alone() -> None:
    phases = [{"tokens": 1e11, "sequence_length": 8192}, {"tokens": 9e11}]
    whole = plan().model_dump(exclude_defaults=True)
    whole["workload"] = {"global_batch_sequences": 512, "phases": phases}
    phased = Plan.model_validate(whole)
    ranking = rank_layouts(phased, catalog(), top=2)
    assert ranking.phase == 1
    changed = ranking.with_pinned(1)
    assert changed.strategy == Strategy()
    assert [phase.layout and phase.layout.mode for phase in changed.workload.phases] == [None, "given"]
    found = estimate_plan(changed, catalog()).figures
    assert found is not None
    days = ranking.layouts[1].figures.number("training_days")
    assert found.number("training_days") == pytest.approx(days)


def test_what_cannot_run_and_what_has_several_pools_says_so() -> None:
    small = plan()
    pools = small.cluster.pools
    tiny = small.model_copy(
        update={
            "cluster": small.cluster.model_copy(update={"pools": (pools[0].model_copy(update={"count": 1}),)})
        }
    )
    ranking = rank_layouts(tiny, catalog())
    assert ranking.layouts == ()
    assert "memory" in ranking.reasons[0]
    second = pools[0].model_copy(update={"id": "b"})
    both = small.model_copy(update={"cluster": small.cluster.model_copy(update={"pools": (*pools, second)})})
    assert "2 pools" in rank_layouts(both, catalog()).reasons[0]


def test_json_is_finite_and_names_every_layout_whole() -> None:
    record = ranking_to_dict(searched())
    assert list(record)[:7] == ["schema", "plan", "reasons", "layouts", "candidates", "feasible", "seconds"]
    assert record["candidates"] >= record["feasible"] >= 6
    for layout in record["layouts"]:
        numbers = [*layout["step"]["parts"].values(), layout["longer"], layout["memory"]["share"]]
        assert np.isfinite(numbers).all()
        assert layout["strategy"]["chips_used"] <= 256


@pytest.mark.parametrize(
    ("mfu", "told"),
    [
        (0.40, "the first comes to 40 %"),
        (0.52, "above it"),
        (0.60, "20 % above it: nobody has published as much"),
    ],
)
def test_what_beats_the_best_published_by_more_than_a_tenth_says_so(mfu: float, told: str) -> None:
    words = published_words(BestOfClass(0.5, "a run", "dense models on hopper"), mfu)
    assert words.endswith(told)


def test_no_shipped_class_is_beaten_by_a_tenth_without_a_word() -> None:
    ranking = searched()
    best = ranking.best_published
    assert best is not None
    mfu = ranking.layouts[0].figures.number("mfu")
    told = terminal_text(optimize_document(ranking), width=100)
    assert ("nobody has published as much" in told) == (mfu > 1.1 * best.mfu)
