"""What searches found is kept by all that was asked; what was stopped, or is old, is searched again."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import pytest
from tests.unit.conftest import MakePlan

from planner.catalog.catalog import Catalog
from planner.engine.grid import Grid
from planner.engine.search import Found, search
from planner.engine.work import ModelWork
from planner.estimate.estimate import estimate_plan
from planner.planning.job import SEARCHES
from planner.planning.kept_searches import KeptSearches

NOTHING = Found(np.zeros((0, 1)), np.zeros(0), 0, 0, None, math.inf, None, math.inf, was_cancelled=False)
MADE = count()


def made(*, was_cancelled: bool = False) -> Found:
    """Return an answer that is another each time."""
    return replace(NOTHING, candidates=next(MADE), was_cancelled=was_cancelled)


def test_the_same_question_is_answered_once_and_another_anew() -> None:
    kept = KeptSearches(9)
    first = kept.found((np.array([1.0, 2.0]), {"a": 1.0}), made)
    assert kept.found((np.array([1.0, 2.0]), {"a": 1.0}), made) is first
    assert kept.found((np.array([1.0, 2.0 + 1e-15]), {"a": 1.0}), made) is not first
    assert kept.found((np.array([1.0, 2.0]), {"a": 2.0}), made) is not first
    kept.clear()
    assert kept.found((np.array([1.0, 2.0]), {"a": 1.0}), made) is not first


@dataclass(frozen=True, slots=True, eq=False)
class One:
    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Two:
    value: object
    other: object = 0.0


def test_dataclasses_are_asked_by_their_class_and_values() -> None:
    kept = KeptSearches(9)
    first = kept.found(Two(One(1.0), np.array([2.0])), made)
    assert kept.found(Two(One(1.0), np.array([2.0])), made) is first
    for other in (
        Two(One(1.5), np.array([2.0])),
        Two(Two(1.0), np.array([2.0])),
        Two(One(1.0), np.array([3.0])),
    ):
        assert kept.found(other, made) is not first
    assert kept.found(One(1.0), made) is not kept.found((1.0,), made)


def test_what_was_stopped_is_not_kept_nor_what_nobody_asked_for_lately() -> None:
    kept = KeptSearches(2)
    stopped = kept.found("a", lambda: made(was_cancelled=True))
    first = kept.found("a", made)
    assert first is not stopped
    second = kept.found("b", made)
    assert kept.found("a", made) is first
    kept.found("c", made)
    assert kept.found("a", made) is first
    assert kept.found("b", made) is not second


def test_what_changes_no_step_is_not_searched_again_and_what_does_is(
    make_plan: MakePlan, world: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[float] = []

    def counted(work: ModelWork, grid: Grid, *others: Any, **how: Any) -> Found:
        searched.append(grid.chips)
        return search(work, grid, *others, **how)

    monkeypatch.setattr("planner.planning.job.search", counted)
    SEARCHES.clear()
    plain = estimate_plan(make_plan(), world)
    first = len(searched)
    assert first > 0
    priced = estimate_plan(make_plan(money={"staff_usd_per_year": 1e6, "place": "own"}), world)
    assert len(searched) == first
    assert priced.candidates == plain.candidates
    assert plain.figures is not None
    assert priced.figures is not None
    assert np.array_equal(plain.figures["training_days"].values, priced.figures["training_days"].values)
    estimate_plan(make_plan(pool={"count": 3}), world)
    assert len(searched) > first
