"""What was asked, what the plan says, and what holds at a confidence."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from tests.unit.conftest import MakePlan

from planner.catalog.catalog import load_catalog
from planner.domain.plan_calendar import Calendar
from planner.errors import InputError
from planner.exploring.targets import Asked, Held, Limit, at_confidence, plan_of_answer, targets_of
from planner.quantities.figure import Figure
from planner.units import ANY_MONEY, parse_span

CATALOG = load_catalog(include_user=False)
OWN: dict[str, Any] = {
    "targets": {"finish_by": datetime.date(2027, 4, 1), "power_mw": 6},
    "calendar": {"start": "2027-01-04"},
}


def test_the_plans_own_targets_count_where_no_deadline_is_asked(make_plan: MakePlan) -> None:
    plan = make_plan(site={"power_cap_mw": 8}, **OWN)
    own = targets_of(plan, Asked(max_usd=1e6), CATALOG)
    assert {limit.name: limit.most for limit in own.limits} == {
        "finish_by": datetime.date(2027, 4, 1).toordinal(),
        "power_mw": 6e6,
        "site.power_cap_mw": 8e6,
        "money_usd": 1e6,
    }
    assert own.allowed_days(plan) == 87
    asked = targets_of(plan, Asked(deadline_days=50), CATALOG)
    assert [limit.name for limit in asked.limits] == ["deadline_days", "site.power_cap_mw"]


def test_a_deadline_is_needed_and_a_date_needs_a_start(make_plan: MakePlan) -> None:
    with pytest.raises(InputError, match="no deadline is known: expected --deadline-days"):
        targets_of(make_plan(), Asked(max_mw=3), CATALOG)
    with pytest.raises(InputError, match=r"expected calendar\.start in the plan"):
        targets_of(make_plan(), Asked(finish_by=datetime.date(2027, 4, 1)), CATALOG)
    with pytest.raises(InputError, match=r"--confidence 0\.7: expected one of"):
        targets_of(make_plan(), Asked(deadline_days=3, confidence=0.7), CATALOG)


def test_a_day_before_the_first_is_no_deadline(make_plan: MakePlan) -> None:
    plan = make_plan(calendar={"start": datetime.date(2027, 4, 1)})
    with pytest.raises(InputError, match=r"2027-04-01: training starts on 2027-04-01 .*expected a later day"):
        targets_of(plan, Asked(finish_by=datetime.date(2027, 4, 1)), CATALOG)
    assert targets_of(plan, Asked(finish_by=datetime.date(2027, 4, 2)), CATALOG).allowed_days(plan) == 1.0


def test_a_confidence_is_a_share_of_the_draws() -> None:
    figure = Figure(np.concatenate([[50.0], np.arange(101.0)]))
    assert [at_confidence(figure, share) for share in (0.5, 0.8, 0.9)] == [50.0, 80.0, 90.0]
    assert figure.band is not None
    assert at_confidence(figure, 0.9) == figure.band.p90


def test_the_plan_of_an_answer_keeps_what_it_was_held_to(make_plan: MakePlan) -> None:
    plan = make_plan(**OWN)
    targets = targets_of(plan, Asked(finish_by=datetime.date(2027, 5, 1), max_usd=2e6), CATALOG)
    saved = plan_of_answer(plan, targets, "ours")
    assert saved.name == "ours"
    assert saved.targets.finish_by == datetime.date(2027, 5, 1)
    assert (saved.targets.power_mw, saved.targets.money_usd) == (None, 2e6)


def test_days_that_were_asked_become_a_day_or_a_note(make_plan: MakePlan) -> None:
    plan = make_plan(**OWN)
    assert plan.calendar.start is not None
    targets = targets_of(plan, Asked(deadline_days=99.5), CATALOG)
    saved = plan_of_answer(plan, targets, "ours")
    assert saved.targets.finish_by == plan.calendar.start + datetime.timedelta(100)
    assert saved.notes == plan.notes

    without = plan.model_copy(update={"calendar": Calendar()})
    for _ in range(2):  # asked again of its own answer, it says so once
        without = plan_of_answer(without, targets_of(without, Asked(deadline_days=99.5), CATALOG), "ours")
    assert without.targets.finish_by is None
    assert without.notes.count("trained within 99.5 days") == 1


def test_a_budget_in_another_currency_is_read_at_the_rate_of_the_plan_else_at_that_of_its_day(
    make_plan: MakePlan,
) -> None:
    def most(**money: Any) -> float:
        budget = parse_span("8M EUR", ANY_MONEY)
        plan = make_plan(as_of=datetime.date(2026, 1, 1), money=money, **OWN)
        (limit,) = (
            it for it in targets_of(plan, Asked(max_usd=budget), CATALOG).limits if it.name == "money_usd"
        )
        return limit.most

    assert most(rates={"EUR": 0.8}) == pytest.approx(10e6)
    # 0.925754 EUR for a dollar on 2024-02-02, of prices/eur
    assert most() == pytest.approx(8e6 / 0.925754)
    with pytest.raises(InputError, match=r"targets\.money_usd is in XTS: expected its rate in money\.rates"):
        targets_of(make_plan(**OWN), Asked(max_usd=parse_span("8M XTS", ANY_MONEY)), CATALOG)


def test_steps_of_a_day_are_a_floor_and_of_post_training_alone(make_plan: MakePlan) -> None:
    floor = Limit("steps_per_day", 40.0)
    held = [Held(floor, value, "post_training.steps_per_day") for value in (30.0, 40.0, 50.0, None)]
    assert [one.is_met for one in held] == [False, True, True, False]
    assert [one.over for one in held] == [10.0, 0.0, 0.0, None]
    assert held[0].excess == 0.25
    kind: dict[str, Any] = {
        "workload": {"kind": "preference", "tokens": None},
        "post_training": {"prompts_per_step": 8, "steps": 9, "max_response_tokens": 99},
    }
    plan = make_plan(**kind, targets={"steps_per_day": 12, "power_mw": 3})
    own = targets_of(plan, Asked(), CATALOG)
    assert (own.steps_per_day, [limit.name for limit in own.limits]) == (12.0, ["steps_per_day", "power_mw"])
    asked = targets_of(plan, Asked(steps_per_day=5.0), CATALOG)
    assert [(limit.name, limit.most) for limit in asked.limits] == [("steps_per_day", 5.0)]
    assert plan_of_answer(plan, asked, "answer").targets.steps_per_day == 5.0
    with pytest.raises(InputError, match=r"--steps-per-day N, .* or targets\.steps_per_day in the plan"):
        targets_of(make_plan(**kind), Asked(), CATALOG)
    with pytest.raises(ValueError, match=r"steps_per_day is of kind = .*; expected finish_by, of 'pre"):
        make_plan(targets={"steps_per_day": 12})
