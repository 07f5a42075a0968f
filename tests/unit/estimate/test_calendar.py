"""How a run is told of in the calendar: in text, as JSON, and as the bar of the app."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from planner.app.drawing.calendar import HEIGHTS, draw_calendar
from planner.app.drawing.pieces import View
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.estimate.calendar import CalendarView
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.terminal import terminal_text

MakePlan = Callable[..., Plan]
START = datetime.date(2027, 1, 4)
SHAPED: dict[str, Any] = {
    "deliveries": [
        {"date": START, "systems": 1},
        {"date": datetime.date(2027, 1, 11), "systems": 1, "slip_days": "0..6"},
    ],
    "stops": [{"date": datetime.date(2027, 1, 6), "days": 2, "name": "cooling"}],
    "runs": [{"name": "benchmark", "days": 1, "priority": 1}],
}
PHASES = {
    "sequence_length": 4096,
    "global_batch_sequences": 64,
    "phases": [{"tokens": 3e10}, {"tokens": 1e10}],
}


@pytest.fixture
def estimated(make_plan: MakePlan, world: Catalog) -> Callable[..., tuple[Plan, Estimate]]:
    def estimate(calendar: dict[str, Any], **more: Any) -> tuple[Plan, Estimate]:
        plan = make_plan(calendar=calendar, operations={"operator": "practised"}, **more)
        return plan, estimate_plan(plan, world)

    return estimate


@pytest.fixture
def shaped(estimated: Callable[..., tuple[Plan, Estimate]]) -> tuple[Plan, Estimate]:
    return estimated(SHAPED, workload=PHASES)


def view_of(estimate: Estimate) -> CalendarView:
    assert estimate.calendar is not None
    return estimate.calendar


def test_a_plan_without_a_date_has_no_calendar(estimated: Callable[..., tuple[Plan, Estimate]]) -> None:
    plan, estimate = estimated({})
    assert estimate.calendar is None
    assert draw_calendar(View(plan, estimate), 80) == []
    assert "CALENDAR" not in terminal_text(estimate_document(estimate))


def test_a_plain_plan_has_its_phases_and_its_end(estimated: Callable[..., tuple[Plan, Estimate]]) -> None:
    _, estimate = estimated({"start": START}, workload=PHASES)
    view, figures = view_of(estimate), estimate.figures
    assert figures is not None
    assert view.is_plain
    assert view.begins.p50 == START.toordinal()
    assert view.ends[-1] == figures.band("finish_date")
    assert view.begins.p50 < view.ends[0].p50 < view.ends[1].p50
    assert "CALENDAR" not in terminal_text(estimate_document(estimate))


def test_deliveries_stops_and_phases_are_told(shaped: tuple[Plan, Estimate]) -> None:
    _, estimate = shaped
    view, figures = view_of(estimate), estimate.figures
    assert figures is not None
    assert view.ends[-1] == figures.band("finish_date")
    assert [one.systems for one in view.deliveries] == [1, 1]
    assert view.deliveries[0].works.p50 == START.toordinal()
    assert (view.deliveries[1].works.p10, view.deliveries[1].works.p90) == pytest.approx(
        (START.toordinal() + 7.6, START.toordinal() + 12.4), abs=1
    )
    text = terminal_text(estimate_document(estimate))
    for told in ("CALENDAR", "promised for 11 Jan 2027", "cooling: 2.0 days", "phase 2", "benchmark"):
        assert told in text
    record = estimate_to_dict(estimate)["calendar"]
    assert record["begins"] == "2027-01-05"
    assert [one["promised"] for one in record["deliveries"]] == ["2027-01-04", "2027-01-11"]
    assert record["phases_end"][-1] == estimate_to_dict(estimate)["finish_dates"]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_bar_lies_on_one_axis(width: int, shaped: tuple[Plan, Estimate]) -> None:
    lines = [line.plain for line in draw_calendar(View(*shaped), width)]
    rows = {line.split(" ")[0]: line[7:] for line in lines[1:4]}
    assert list(rows) == ["fleet", "trains", "done"]
    assert len({len(row) for row in rows.values()}) == 1
    # half of the fleet, then all of it; two phases with a stop in the first; one end
    assert set(rows["fleet"]) <= {HEIGHTS[4], HEIGHTS[8]}
    assert rows["fleet"] == "".join(sorted(rows["fleet"]))
    assert rows["done"].count("┃") == 1
    assert rows["trains"].rstrip()[-1] in "█▓"
    if width >= 40:
        assert {"█", "▓", "·"} <= set(rows["trains"])
        assert "─" in rows["done"]
        # nothing trains behind the median of the end
        assert len(rows["trains"].rstrip()) <= rows["done"].index("┃") + 1


def test_other_teams_wait_for_the_same_deliveries(
    estimated: Callable[..., tuple[Plan, Estimate]], make_plan: MakePlan, world: Catalog
) -> None:
    _, estimate = estimated(SHAPED, workload=PHASES)
    views = {view.team: view.days for view in estimate.teams}
    for team in ("vendor", "reference"):
        operations = {"operator": "practised", "team": team}
        own = estimate_plan(make_plan(calendar=SHAPED, workload=PHASES, operations=operations), world)
        assert own.figures is not None
        assert views[team] == pytest.approx(own.figures.number("training_days"), rel=0.02)


def test_a_delivery_beyond_the_calendar_is_told_as_on_its_last_day(
    estimated: Callable[..., tuple[Plan, Estimate]],
) -> None:
    never = {"date": datetime.date(9999, 12, 31), "systems": 1, "slip_days": 3000}
    _, estimate = estimated({"deliveries": [{"date": START, "systems": 1}, never]})
    assert view_of(estimate).deliveries[1].works.p90 == datetime.date(9999, 12, 31).toordinal()
    assert "31 Dec 9999" in terminal_text(estimate_document(estimate))
    assert estimate_to_dict(estimate)["calendar"]["deliveries"][1]["works"]["p90"] == "9999-12-31"
