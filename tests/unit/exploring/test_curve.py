"""A plan against the size of its cluster: each point an estimate, the targets inside the picture."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.cli.inputs import load_named_plan
from planner.estimate.estimate import estimate_plan
from planner.exploring.curve import Sized, SystemSizes, curve, limits_of, more_of
from planner.exploring.system_plans import plan_on
from planner.exploring.targets import Asked, Targets, at_confidence, name_of_answer, targets_of
from planner.exploring.trials import Trials

SYSTEM = "dgx-a100"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def points(catalog: Catalog, around: int, asked: Asked | None) -> list[Sized]:
    plan = load_named_plan("qwen2-72b-a100")
    targets = None if asked is None else targets_of(plan, asked)
    trials = Trials(plan_on(plan, catalog, SYSTEM), catalog, targets or Targets(()), lambda: False)
    return [sized for sized in curve(SystemSizes(trials, targets), around, targets) if sized is not None]


def test_the_first_point_is_the_count_that_is_asked_for_and_each_is_an_estimate(catalog: Catalog) -> None:
    found = points(catalog, 128, None)
    assert found[0].count == 128
    counts = [sized.count for sized in found]
    assert len(counts) == len(set(counts)) > 10
    assert {32, 64, 256, 512} <= set(counts)
    for sized in found[:3]:
        figures = estimate_plan(sized.plan, catalog).figures
        assert figures is not None
        assert sized.bands["days"] == figures.band("training_days")
        assert sized.bands["power"] == figures.band("power.facility_w")
        assert sized.bands["money"] == figures.band("cost.capex")
        assert sized.meets_all is None


def test_it_reaches_as_far_as_the_deadline(catalog: Catalog) -> None:
    """From counts of which two doublings are far too late, and from one that is in time even halved twice."""
    asked = Asked(deadline_days=60.0, max_mw=100.0)
    for around in (64, 8192):
        found = points(catalog, around, asked)
        days = [value for sized in found if (value := sized.sure["days"]) is not None]
        assert min(days) <= 60.0 < max(days), around
        assert {sized.meets_all for sized in found} == {True, False}
    sized = found[0]
    figures = estimate_plan(sized.plan, catalog).figures
    assert figures is not None
    assert sized.sure["days"] == at_confidence(figures["training_days"], 0.8)


def test_a_date_counts_days_from_the_start(catalog: Catalog) -> None:
    plan = load_named_plan("pangu-ultra-135b-910b")
    targets = targets_of(plan, Asked())
    assert plan.calendar.start is not None
    assert plan.targets.finish_by is not None
    days = (plan.targets.finish_by - plan.calendar.start).days
    assert [value for _, value in limits_of(targets, plan, "days")] == [days]
    trials = Trials(plan_on(plan, catalog, "atlas-800t-a2"), catalog, targets, lambda: False)
    sizes = SystemSizes(trials, targets)
    sized = next(curve(sizes, 1024, targets))
    assert sized is not None
    figures = estimate_plan(sized.plan, catalog).figures
    assert figures is not None
    finish, band = figures["finish_date"].band, sized.bands["days"]
    assert finish is not None
    assert band is not None
    assert band.p90 == pytest.approx(finish.p90 - plan.calendar.start.toordinal())
    more = [it for it in more_of(sizes, 1000) if it is not None]
    assert [it.count for it in more] == [1250, 1500, 2000, 3000]


def test_an_answer_of_an_answer_is_called_after_the_plan() -> None:
    plan = load_named_plan("qwen2-72b-a100").model_copy(update={"name": "Vela: first try"})
    once = name_of_answer(plan, "92 x DGX H200 (8 x H200)")
    assert once == "Vela: first try: 92 x DGX H200 (8 x H200)"
    again = plan.model_copy(update={"name": once})
    assert name_of_answer(again, "1,024 x Atlas") == "Vela: first try: 1,024 x Atlas"
