"""Targets as they are typed: dates, days, power, money and how sure."""

from __future__ import annotations

import datetime

import pytest

from planner.app.flows.targets import asked_of, texts_of
from planner.cli.inputs import load_named_plan
from planner.errors import InputError
from planner.exploring.targets import Asked

TYPED = {"by": "", "power": "", "money": "", "sure": "80 %"}


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ({"by": "2027-07-01", "power": "25 MW"}, Asked(finish_by=datetime.date(2027, 7, 1), max_mw=25.0)),
        ({"by": "1 Jul 2027", "sure": "90 %"}, Asked(finish_by=datetime.date(2027, 7, 1), confidence=0.9)),
        ({"by": "200 days"}, Asked(deadline_days=200.0)),
        ({"by": "1,000d", "money": "60M", "sure": "50 %"}, Asked(1000.0, None, None, 60e6, 0.5)),
    ],
)
def test_what_is_typed_is_asked_and_written_back(typed: dict[str, str], asked: Asked) -> None:
    assert asked_of(TYPED | typed) == asked
    plan = load_named_plan("qwen2-72b-a100")
    assert asked_of(texts_of(plan, asked)) == asked


@pytest.mark.parametrize(
    ("by", "words"),
    [("0 days", "no time at all"), ("1.2.3 days", "neither a date nor days"), ("soon", "is not a date")],
)
def test_what_is_no_deadline_says_what_is_expected(by: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        asked_of(TYPED | {"by": by})


def test_the_plan_s_own_targets_stand_there_first() -> None:
    plan = load_named_plan("pangu-ultra-135b-910b")
    texts = texts_of(plan, Asked())
    assert texts["by"] == "2027-06-30"
    assert asked_of(texts).max_mw == plan.targets.power_mw


def test_steps_a_day_are_typed_where_the_plan_counts_steps() -> None:
    plan = load_named_plan("grpo-qwen3-30b-a3b-h100")
    asked = Asked(steps_per_day=40.0, max_mw=2.0)
    texts = texts_of(plan, asked)
    assert texts["steps"] == "40"
    assert asked_of(texts) == asked
    assert "steps" not in texts_of(load_named_plan("qwen2-72b-a100"), Asked())
    with pytest.raises(InputError, match="many"):
        asked_of(texts | {"steps": "many"})
