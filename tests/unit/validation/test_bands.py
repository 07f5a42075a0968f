"""Bands are as wide as sources that were left out scatter, by who ran them, shrunk where few are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.engine.uncertainty import standard_draws
from planner.planning.run_cases import RunCase
from planner.planning.stack import ResidualSpreads
from planner.validation.bands import residual_spreads
from planner.validation.left_out import NORMAL_80, LeftOutRun, dealt_folds
from planner.validation.run_preparation import prepare


@pytest.fixture
def case(catalog: Catalog, read_runs: Any) -> RunCase:
    (found,) = prepare(read_runs({"result__tokens_per_s_per_chip": 3000.0}).runs, catalog).cases
    return found


def left_out(case: RunCase, source: str, team: str, log_error: float, constants: float = 0.0) -> LeftOutRun:
    own = case.run.source.model_copy(update={"team": team})
    run = case.run.model_copy(update={"group": f"{source}/x", "source": own})
    moved = RunCase(**{name: getattr(case, name) for name in case.__slots__} | {"run": run})
    rate = 3000.0 * math.exp(log_error)
    spread = constants * standard_draws(["constants"])["constants"]
    return LeftOutRun(moved, rate * np.exp(np.concatenate([[0.0], spread])))


def many(case: RunCase, team: str, size: float, sources: int, constants: float = 0.0) -> list[LeftOutRun]:
    return [
        left_out(case, f"{team}-{number}", team, size * (-1) ** number, constants)
        for number in range(sources)
    ]


def test_each_class_of_teams_gets_the_width_of_its_own(case: RunCase) -> None:
    spreads = residual_spreads(many(case, "vendor", 0.1, 60) + many(case, "single", 0.4, 60))
    assert 0.1 < NORMAL_80 * spreads["vendor"].dense < 0.14
    assert 0.37 < NORMAL_80 * spreads["single"].dense <= 0.4 + 1e-9


def test_few_sources_keep_near_what_all_scatter_by(case: RunCase) -> None:
    few, lots = (
        residual_spreads(many(case, "vendor", 0.1, number) + many(case, "single", 0.4, 60))
        for number in (2, 60)
    )
    assert few["vendor"].dense > 1.5 * lots["vendor"].dense
    # nobody of the class, no mixture: that of all
    assert few["reference"].dense == few["reference"].mixtures == pytest.approx(0.4 / NORMAL_80)


def test_what_the_constants_spread_by_is_not_counted_twice(case: RunCase) -> None:
    spreads = residual_spreads(many(case, "single", 0.4, 60, constants=0.1))
    assert math.hypot(spreads["single"].dense, 0.1) == pytest.approx(0.4 / NORMAL_80, rel=1e-3)
    band = left_out(case, "other", "single", 0.0, constants=0.1).band(
        ResidualSpreads(spreads["single"].dense, 1)
    )
    assert math.log(band.p90 / band.p50) == pytest.approx(0.4, rel=1e-3)


def test_the_rows_of_one_source_weigh_little_more_than_one_row(case: RunCase) -> None:
    flood = [left_out(case, "flood", "single", 0.01)] * 100
    spreads = residual_spreads(many(case, "single", 0.4, 60) + flood)
    assert NORMAL_80 * spreads["single"].dense == pytest.approx(0.4)


def test_no_fold_has_all_of_a_kind_and_a_source_is_in_one(case: RunCase) -> None:
    runs = many(case, "vendor", 0.1, 6) + many(case, "single", 0.1, 6) + many(case, "single", 0.2, 6)
    folds = dealt_folds([run.case for run in runs], 3)
    assert {fold for fold, run in zip(folds, runs, strict=True) if run.team == "vendor"} == set(folds)
    assert folds[6:12] == folds[12:]
