"""Scored runs made by hand: a row that is valid, and what a test changes about it."""

from __future__ import annotations

from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.run_import import import_row
from planner.domain.run import Run
from planner.planning.result import Band
from planner.planning.run_cases import RunCase, run_case
from planner.planning.systems import systems_by_chip
from planner.validation.run_scores import ScoredRun

ROW: dict[str, Any] = {
    "id": "made-up",
    "group": "source-one/gpt/a100",
    "tier": "A",
    "model": "GPT",
    "layers": 32,
    "hidden": 4096,
    "ffn_hidden": 16384,
    "heads": 32,
    "vocab": 51200,
    "gated_mlp": False,
    "seq_len": 2048,
    "precision": "bf16",
    "global_batch_sequences": 512,
    "micro_batch": 4,
    "tp": 8,
    "zero_stage": "distributed optimizer",
    "recompute": "none",
    "framework": "Megatron-LM",
    "chip": "a100-80-sxm",
    "chip_count": 64,
    "chips_per_node": 8,
    "source_title": "made up",
}


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


class Maker:
    """Makes runs and scores from the row above and what is changed about it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.systems = systems_by_chip(catalog)

    def run(self, **changes: Any) -> Run:
        run = import_row({**ROW, **changes})
        assert isinstance(run, Run), run
        return run

    def case(self, **changes: Any) -> RunCase:
        case = run_case(self.run(**changes), self.catalog, self.systems)
        assert isinstance(case, RunCase), case
        return case

    def scored(
        self, measured: float | None, predicted: float, *, band: float = 0.1, **changes: Any
    ) -> ScoredRun:
        case = self.case(tokens_per_s_per_chip=measured, **changes)
        ends = Band(predicted * (1 - band), predicted, predicted * (1 + band))
        return ScoredRun(case, ends, is_layout_searched=False, goodput=1.0, contradictions=())


@pytest.fixture(scope="session")
def make(catalog: Catalog) -> Maker:
    return Maker(catalog)
