"""Scored runs made by hand: one that is valid, and what a test changes about it."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import RunSet, load_runs
from planner.domain.run import Run
from planner.planning.run_cases import RunCase, run_case
from planner.planning.systems import systems_by_chip
from planner.quantities.figure import Band
from planner.validation.run_scores import ScoredRun

#: As a run file holds it.
RUN: dict[str, Any] = tomllib.loads("""
id = "made-up"
group = "source-one/gpt/a100"
tier = "A"
model = "GPT"
sequence_length = 2048
global_batch_sequences = 512
precision = "bf16"
layout = { tensor = 8, microbatch = 4, zero = 1 }
recompute = { kind = "none" }
software = { framework = "megatron", name = "Megatron-LM" }
hardware = { chip = "a100-80-sxm", platform = "cuda", chip_count = 64, chips_per_host = 8 }
source = { title = "made up" }

[architecture]
layers = 32
hidden = 4096
heads = 32
key_value_heads = 32
head_dimension = 128
feed_forward_width = 16384
is_gated = false
vocabulary = 51200
normalisation = "layer"
""")

ReadRuns = Callable[..., RunSet[Run]]


def changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run above with keys changed: `a__b` is key b of table a, and None takes a key away."""
    data = copy.deepcopy(RUN)
    for path, value in changes.items():
        *tables, key = path.split("__")
        table = data
        for name in tables:
            table = table.setdefault(name, {})
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return data


@pytest.fixture
def read_runs(tmp_path: Path) -> ReadRuns:
    """Return what writes runs to a file, each the run above with some changes, and reads that file."""

    def read(*runs: Mapping[str, Any]) -> RunSet[Run]:
        path = tmp_path / "made-up.toml"
        path.write_bytes(tomli_w.dumps({"run": [changed(run) for run in runs]}).encode())
        return load_runs(path)

    return read


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


class Maker:
    """Makes runs and scores from the run above and what is changed about it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.systems = systems_by_chip(catalog)

    def run(self, **changes: Any) -> Run:
        return Run.model_validate(changed(changes))

    def case(self, **changes: Any) -> RunCase:
        case = run_case(self.run(**changes), self.catalog, self.systems)
        assert isinstance(case, RunCase), case
        return case

    def scored(
        self, measured: float | None, predicted: float, *, band: float = 0.1, **changes: Any
    ) -> ScoredRun:
        case = self.case(result__tokens_per_s_per_chip=measured, **changes)
        ends = Band(predicted * (1 - band), predicted, predicted * (1 + band))
        return ScoredRun(case, ends, is_layout_searched=False, goodput=1.0, contradictions=())


@pytest.fixture(scope="session")
def make(catalog: Catalog) -> Maker:
    return Maker(catalog)
