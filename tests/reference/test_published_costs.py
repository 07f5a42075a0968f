"""Published costs of clusters and runs against the ledger, at prices of their time."""

from __future__ import annotations

import datetime
from functools import cache
from typing import NamedTuple

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.plans.plan_file import plan_from_data
from planner.quantities.evaluation import Figures


class PublishedRun(NamedTuple):
    """What a run cost, amortised with servers and interconnect, and with energy.

    From Epoch AI, training-cost-trends, model_costs_updated.csv (2026-04).
    """

    model: str
    tokens: float
    sequence: int
    batch: int
    system: str
    chips: int
    site: str
    day: datetime.date
    cost_usd: float


RUNS = (
    PublishedRun(
        "llama-3.1-405b",
        15.6e12,
        8192,
        2048,
        "dgx-h100",
        16_384,
        "iowa-us",
        datetime.date(2024, 6, 1),
        73_415_549,
    ),
    PublishedRun(
        "bloom-176b", 366e9, 2048, 2048, "dgx-a100", 384, "paris-fr", datetime.date(2022, 3, 1), 1_314_373
    ),
    PublishedRun(
        "llama-2-70b", 2e12, 4096, 1024, "dgx-a100", 2_048, "iowa-us", datetime.date(2023, 6, 1), 2_052_848
    ),
    PublishedRun(
        "gpt3-175b", 300e9, 2048, 992, "dgx-a100", 992, "iowa-us", datetime.date(2022, 1, 1), 980_802
    ),
    PublishedRun(
        "mt-nlg-530b", 270e9, 2048, 1920, "dgx-a100", 4_480, "iowa-us", datetime.date(2021, 10, 1), 4_201_441
    ),
    PublishedRun(
        "nemotron-4-340b",
        9e12,
        4096,
        2304,
        "dgx-h100",
        6_144,
        "iowa-us",
        datetime.date(2024, 1, 1),
        28_477_168,
    ),
)
#: It was rented at AWS: the published sum is near 7 M chip-hours at 3 USD, far above what owning costs.
FALCON = PublishedRun(
    "falcon-180b", 3.5e12, 2048, 2048, "hgx-a100-40", 4_096, "iowa-us", datetime.date(2023, 6, 1), 21_256_881
)
#: Nodes, switches and connectors of a cost sheet of 2024-08 (H100 Freakonomics), without its facility.
PURCHASES = {16_384: 704e6, 1_024: 44e6}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def figures_of(run: PublishedRun, **money: float) -> Figures:
    plan = plan_from_data(
        {
            "name": run.model,
            "as_of": run.day,
            "model": {"profile": run.model},
            "workload": {
                "tokens": run.tokens,
                "sequence_length": run.sequence,
                "global_batch_sequences": run.batch,
            },
            "cluster": {"pools": [{"id": "all", "system": run.system, "chips": run.chips}]},
            "site": {"profile": run.site},
            "operations": {"team": "reference"},
            "money": money,
        },
        where=run.model,
    )
    figures = estimate_plan(plan, catalog()).figures
    assert figures is not None
    return figures


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.model)
def test_a_run_costs_what_was_published(run: PublishedRun) -> None:
    assert figures_of(run).number("cost.total") == pytest.approx(run.cost_usd, rel=1 / 3)


def test_runs_cost_what_was_published_within_a_sixth_in_the_mean() -> None:
    errors = [figures_of(run).number("cost.total") / run.cost_usd - 1 for run in RUNS]
    assert sum(map(abs, errors)) / len(errors) < 1 / 6


def test_a_rented_run_costs_its_rent() -> None:
    owned = figures_of(FALCON)
    assert owned.number("cost.total") < 0.7 * FALCON.cost_usd
    rent = owned.number("rent.asked_usd_per_chip_hour") * owned.number("chip_hours")
    assert rent == pytest.approx(FALCON.cost_usd, rel=0.3)


@pytest.mark.parametrize("chips", PURCHASES)
def test_a_purchase_costs_what_a_cost_sheet_says(chips: int) -> None:
    run = PublishedRun(
        "llama-2-7b", 1e12, 4096, 16_384, "dgx-h100", chips, "iowa-us", datetime.date(2026, 11, 22), 0
    )
    figures = figures_of(run)
    bought = figures.number("ledger.servers") + figures.number("ledger.network_all")
    assert bought == pytest.approx(PURCHASES[chips], rel=0.15)
