"""A plan's calendar through an estimate: deliveries, acceptance, stops, ramp, other runs, and phases."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.quantities.evaluation import Figures

MakePlan = Callable[..., Plan]
Calendar = dict[str, Any]
START = datetime.date(2027, 1, 4)
#: Long enough for all that is delivered to matter, on two systems of eight chips.
WORKLOAD = {"tokens": 3e10, "sequence_length": 4096, "global_batch_sequences": 64}


@pytest.fixture
def figures(make_plan: MakePlan, world: Catalog) -> Callable[..., Figures]:
    """Return the figures of a plan with a calendar."""

    def estimate(calendar: Calendar, **more: Any) -> Figures:
        plan = make_plan(calendar=calendar, **{"workload": WORKLOAD, **more})
        found = estimate_plan(plan, world).figures
        assert found is not None
        return found

    return estimate


def delivery(days: float, systems: int = 1, **more: Any) -> dict[str, Any]:
    return {"date": START + datetime.timedelta(days), "systems": systems, **more}


def end(found: Figures) -> float:
    """Return the days from the plan's start to the end."""
    return found.number("finish_date") - START.toordinal()


def test_one_delivery_is_the_plain_plan(figures: Callable[..., Figures]) -> None:
    plain, one = figures({"start": START}), figures({"deliveries": [delivery(0, 2)]})
    for name in ("finish_date", "training_days", "fleet_days", "chip_hours", "energy_mwh", "cost.total"):
        if not plain[name].is_known:
            continue
        assert np.allclose(one[name].values, plain[name].values, rtol=1e-9, atol=0), name


def test_two_deliveries_on_one_day_are_one_in_any_order(figures: Callable[..., Figures]) -> None:
    one = figures({"deliveries": [delivery(3, 3)]}, pool={"count": 3})
    first, second = delivery(3, 1, slip_days="0..20"), delivery(3, 2, slip_days="0..20")
    parts = figures({"deliveries": [first, second]}, pool={"count": 3})
    swapped = figures({"deliveries": [second, first]}, pool={"count": 3})
    assert np.array_equal(parts["finish_date"].values, swapped["finish_date"].values)
    plain = figures({"deliveries": [delivery(3, 1), delivery(3, 2)]}, pool={"count": 3})
    assert np.allclose(plain["training_days"].values, one["training_days"].values, rtol=1e-9)


def test_a_later_delivery_never_ends_earlier(figures: Callable[..., Figures]) -> None:
    ends = [
        figures({"deliveries": [delivery(0), delivery(later, slip_days="0..10")]})["finish_date"].values
        for later in (0, 1, 5, 30, 200)
    ]
    for earlier, later in pairwise(ends):
        assert np.all(later >= earlier - 1e-6)
    # half of the cluster for the first weeks costs less than waiting for the other half
    assert (
        end(figures({"deliveries": [delivery(30, 2)]}))
        > ends[3][0] - START.toordinal()
        > ends[0][0] - START.toordinal()
    )


def test_the_first_half_trains_until_the_second_is_there(figures: Callable[..., Figures]) -> None:
    alone, both = figures({"start": START}, pool={"count": 1}), figures({"start": START})
    found = figures({"deliveries": [delivery(0), delivery(5)]})
    half, whole = (one.number("training_days") for one in (alone, both))
    assert found.number("training_days") == pytest.approx(5 + whole * (1 - 5 / half), rel=1e-9)
    bound = 5 / 2 + whole * (1 - 5 / half)
    assert found.number("fleet_days") == pytest.approx(bound, rel=1e-9)
    assert found.number("chip_hours") == pytest.approx(16 * 24 * bound, rel=1e-9)


def test_acceptance_and_burn_in_come_before_the_first_step(figures: Callable[..., Figures]) -> None:
    told = {"deliveries": [delivery(0, 2)], "acceptance_days": "10..20", "burn_in_days": 7}
    found = figures(told)
    begins = found["calendar.begins"]
    assert begins.p50 == START.toordinal() + 22
    assert (begins.draws.min(), begins.draws.max()) == pytest.approx(
        (START.toordinal() + 17, START.toordinal() + 27), abs=0.1
    )
    assert found.number("training_days") == pytest.approx(figures({"start": START}).number("training_days"))
    # a start that is later holds
    late = START + datetime.timedelta(60)
    assert figures({**told, "start": late}).number("calendar.begins") == late.toordinal()


def test_stops_ramp_and_other_runs_move_the_end(figures: Callable[..., Figures]) -> None:
    plain = end(figures({"start": START}))
    stop = {"date": START + datetime.timedelta(1), "days": 4}
    assert end(figures({"start": START, "stops": [stop]})) == pytest.approx(plain + 4)
    ramp = {"start": START, "ramp_days": 6, "ramp_share": 0.5}
    assert end(figures(ramp)) == pytest.approx(plain + 3)
    before = {"name": "another", "days": 30}
    shared = {"start": START, "runs": [before]}
    assert end(figures(shared)) == pytest.approx(plain + 30)
    assert figures(shared).number("training_days") == pytest.approx(plain)
    assert end(figures({**shared, "priority": 1})) == pytest.approx(plain)
    # what is ready a day later waits
    later = {**before, "ready": START + datetime.timedelta(1)}
    assert end(figures({"start": START, "runs": [later]})) == pytest.approx(plain)


def test_a_ramp_needs_no_date(figures: Callable[..., Figures]) -> None:
    plain, ramp = figures({}), figures({"ramp_days": 6, "ramp_share": 0.5})
    assert ramp.number("training_days") == pytest.approx(plain.number("training_days") + 3)
    assert not ramp["finish_date"].is_known
    assert not ramp["calendar.begins"].is_known


def test_a_phase_split_in_two_changes_nothing(figures: Callable[..., Figures]) -> None:
    calendar = {"deliveries": [delivery(0), delivery(5)], "stops": [{"date": START, "days": 1}]}

    def found(*tokens: float) -> Figures:
        workload = {key: value for key, value in WORKLOAD.items() if key != "tokens"}
        phases = [{"tokens": each} for each in tokens]
        return figures(calendar, workload={**workload, "phases": phases})

    whole, split = found(2e10, 1e10), found(2e10, 5e9, 5e9)
    assert np.allclose(split["training_days"].values, whole["training_days"].values, rtol=1e-9)
    days = sum(phase.number("phase_days") for phase in split.phases())
    assert days == pytest.approx(split.number("training_days"), rel=1e-9)


def test_a_phase_may_have_its_own_layout(figures: Callable[..., Figures]) -> None:
    workload = {key: value for key, value in WORKLOAD.items() if key != "tokens"}
    own = {"tokens": 1e10, "layout": {"tensor": 4}}
    found = figures({"start": START}, workload={**workload, "phases": [{"tokens": 1e10}, own]})
    first, second = found.phases()
    assert second.number("strategy.tp") == 4
    assert first.number("strategy.tp") != 4


def test_the_record_of_the_days_says_how_they_come_about(figures: Callable[..., Figures]) -> None:
    record = figures({"deliveries": [delivery(0), delivery(5)]}).record("training_days")
    assert record.method is not None
    assert "piece by piece" in record.method
    assert [child.symbol for child in record.children] == ["rate", "goodput", "campaign", "begins"]


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ({"deliveries": [delivery(0, 1)]}, "1 systems of pool 'train'; expected the 2"),
        ({"deliveries": [delivery(0, 2, pool="other")]}, "no such pool; expected one of train"),
    ],
)
def test_deliveries_that_are_not_the_pools_are_refused(
    calendar: Calendar, message: str, figures: Callable[..., Figures]
) -> None:
    with pytest.raises(PlanError, match=message):
        figures(calendar)


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ({"start": START, "acceptance_days": 5}, "acceptance_days: expected"),
        ({"stops": [{"date": START, "days": 1}]}, "stops: expected start"),
        ({"runs": [{"name": "another", "days": 1}]}, "runs: expected start"),
    ],
)
def test_what_has_nothing_to_count_from_is_refused(
    calendar: Calendar, message: str, make_plan: MakePlan
) -> None:
    with pytest.raises(Exception, match=message):
        make_plan(calendar=calendar)
