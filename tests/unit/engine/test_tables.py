"""The engine's tables: every record has its source, and the words of plans and runs are the tables' own."""

from __future__ import annotations

from typing import get_args

import pytest

from planner.domain import plan_strategy, plan_workload, run
from planner.engine.precisions import DATATYPE_BITS, PLAN_PRECISIONS, PRECISIONS, USUAL_PRECISION, Datatype
from planner.engine.recompute import PARTS, RECOMPUTE
from planner.engine.schedules import SCHEDULES, plainest_schedule


def test_every_record_names_its_source() -> None:
    for table in (SCHEDULES, RECOMPUTE, PARTS, PRECISIONS):
        assert all(record.citation for record in table.values())


def test_plans_and_runs_may_say_what_the_tables_hold() -> None:
    assert get_args(plan_strategy.Schedule) == tuple(SCHEDULES)
    assert get_args(plan_strategy.Recompute) == tuple(RECOMPUTE)
    assert get_args(plan_workload.Precision) == PLAN_PRECISIONS
    assert get_args(run.RunPrecision) == tuple(PRECISIONS)
    assert get_args(run.RecomputeKind) == (*RECOMPUTE, "partial")
    assert get_args(run.RecomputePart) == tuple(PARTS)
    assert set(DATATYPE_BITS) == set(get_args(Datatype))


def test_schedules_against_one_forward_one_backward() -> None:
    found = {name: (record.bubble_share, record.in_flight_more) for name, record in SCHEDULES.items()}
    # zero bubble leaves a third of the bubble at the same memory (Qi et al., table 2, ZB-H1)
    assert found == found | {
        "1f1b": (1, 0),
        "interleaved": (1, 0),
        "zero-bubble": (pytest.approx(1 / 3), 0),
        "dualpipe": (pytest.approx(1 / 6), 1),
    }
    assert (plainest_schedule(1), plainest_schedule(2)) == ("1f1b", "interleaved")


def test_what_a_mode_runs_again() -> None:
    assert {name: mode.shares for name, mode in RECOMPUTE.items()} == {
        "none": (0, 0),
        "selective": (1, 0),
        "parts": (0, 0),
        "matmuls": (0, 0),
        "full": (0, 1),
    }
    searched = [mode.shares for mode in RECOMPUTE.values() if not mode.columns]
    assert len(set(searched)) == len(searched), "a candidate's shares say which mode it is"


def test_precisions_below_16_bit() -> None:
    low = {name for name, record in PRECISIONS.items() if record.is_low}
    assert low == {"fp8", "mxfp8", "int8", "fp4", "nvfp4"}
    assert {name for name in PRECISIONS if name not in PLAN_PRECISIONS} == {"int8"}
    assert {name for name, record in PRECISIONS.items() if record.gradient_bytes} == {"fp16"}
    assert USUAL_PRECISION == "bf16"
