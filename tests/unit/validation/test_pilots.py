"""A pilot helps where a source's runs go together, and is not believed where they don't."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.planning.run_cases import RunCase
from planner.validation.bands import residual_spreads, within_spreads
from planner.validation.left_out import NORMAL_80, LeftOutRun
from planner.validation.pilots import Widths, pilot_gains, with_pilot
from planner.validation.run_preparation import prepare

RATE = 3000.0
Sources = Callable[[float, float], list[LeftOutRun]]


@pytest.fixture
def case(catalog: Catalog, read_runs: Any) -> RunCase:
    (found,) = prepare(read_runs({"result__tokens_per_s_per_chip": RATE}).runs, catalog).cases
    return found


@pytest.fixture
def sources(case: RunCase) -> Sources:
    """Return runs of 40 single teams, two each, that scatter so far between sources and within them."""

    def make(between: float, within: float) -> list[LeftOutRun]:
        random = np.random.default_rng(7)
        runs = []
        for number in range(40):
            level = between * random.standard_normal()
            own = case.run.source.model_copy(update={"team": "single"})
            run = case.run.model_copy(update={"group": f"source-{number}/x", "source": own})
            for error in level + within * random.standard_normal(2):
                runs.append(LeftOutRun(replace(case, run=run), np.full(401, RATE * math.exp(error))))
        return runs

    return make


def test_spreads_within_sources_are_those_of_their_pairs(sources: Sources) -> None:
    apart, together = sources(0.3, 0.1), sources(0.3, 0.0)
    assert 0.07 < within_spreads(apart)["single"].dense < 0.13
    assert within_spreads(together)["single"].dense == pytest.approx(0.0)
    # nobody of the class, no mixture: what all have
    assert within_spreads(apart)["vendor"].mixtures == pytest.approx(within_spreads(apart)["vendor"].dense)


@pytest.mark.parametrize(("between", "within", "gains"), [(0.3, 0.05, True), (0.02, 0.2, False)])
def test_a_pilot_gains_by_what_sources_share(
    sources: Sources, between: float, within: float, gains: bool
) -> None:
    runs = sources(between, within)
    widths = Widths(residual_spreads(runs), within_spreads(runs))
    found = {gain.name: gain for gain in pilot_gains(runs, lambda _: widths)}
    everything = found["any run of the source"]
    assert (everything.sources, everything.runs) == (40, 80)
    assert found["  single"].runs == 80
    ratio = everything.measured.mean_abs / everything.without.mean_abs
    assert ratio < 0.5 if gains else 0.95 < ratio < 1.3
    assert 0.7 < everything.measured.coverage < 0.95


def test_the_band_with_a_pilot_is_narrower_and_about_its_error(sources: Sources) -> None:
    runs = sources(0.3, 0.1)
    widths = Widths(residual_spreads(runs), within_spreads(runs))
    run, pilot = runs[0], runs[1]
    before, after = run.band(widths.residuals["single"]), with_pilot(run, pilot, widths)
    assert math.log(after.p90 / after.p10) < 0.7 * math.log(before.p90 / before.p10)
    share = math.log(before.p50 / after.p50) / pilot.log_error
    total, within = widths.residuals["single"].dense, widths.within["single"].dense
    assert share == pytest.approx(1.0 - (within / total) ** 2, abs=0.05)
    assert NORMAL_80 * total > 0.3
