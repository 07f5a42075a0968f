"""What is held out is never seen: a source's own rates move no prediction of it."""

from __future__ import annotations

from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.catalog.runs import RunSet, load_runs
from planner.domain.run import Run
from planner.errors import InputError
from planner.validation.cross_validation import cross_validate

SOURCES = ("internevo", "korthikanti", "megascale")


@pytest.fixture(scope="module")
def runs() -> tuple[Run, ...]:
    return tuple(run for run in load_runs().runs if run.source_key in SOURCES)


def faster(run: Run, factor: float) -> Run:
    rate = run.result.tokens_per_s_per_chip
    result = run.result.model_copy(update={"tokens_per_s_per_chip": rate and rate * factor})
    return run.model_copy(update={"result": result})


def test_a_source_never_sees_its_own_rates(catalog: Catalog, runs: tuple[Run, ...]) -> None:
    lied = tuple(faster(run, 0.5) if run.source_key == "korthikanti" else run for run in runs)
    plain, moved = (
        {run.case.run.id: run.predicted.p50 for run in cross_validate(RunSet(some), catalog).scored}
        for some in (runs, lied)
    )
    own = [run.id for run in runs if run.source_key == "korthikanti"]
    others = [name for name in plain if name not in own]
    assert own
    assert others
    for name in own:
        assert plain[name] == pytest.approx(moved[name], rel=1e-9)
    assert any(abs(plain[name] / moved[name] - 1.0) > 0.005 for name in others)


def test_progress_names_what_is_held_out(catalog: Catalog, runs: tuple[Run, ...]) -> None:
    said: list[Any] = []
    crossed = cross_validate(RunSet(runs), catalog, progress=lambda *step: said.append(step))
    assert [name for *_, name in said] == sorted(SOURCES)
    assert {run.case.run.source_key for run in crossed.scored} == set(SOURCES)
    assert crossed.shared_chips <= {run.chip for run in crossed.scored}


def test_too_few_runs_are_refused(catalog: Catalog, runs: tuple[Run, ...]) -> None:
    with pytest.raises(InputError, match="needs 20 or more"):
        cross_validate(RunSet(runs[:3]), catalog)
