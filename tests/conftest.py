"""Fixtures that several folders of tests share."""

from __future__ import annotations

import datetime
import gc
import os
import sys
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.unraisableexception import gc_collect_iterations_key
from hypothesis import HealthCheck, settings

from planner.domain.plan import Plan
from planner.estimate.result import Estimate, PoolEstimate, TargetVerdict
from planner.files.compiled import open_compiled
from planner.planning.compliance_result import (
    Classification,
    ComplianceNote,
    ComplianceReport,
    NeedsInput,
)
from planner.planning.resolve import ProfileUse, ResolvedPlan
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band, Figure, Gap, GapFamily, known, unknown
from planner.quantities.setting import Setting

# How long a first example takes says how busy the machine is, not whether the code is right.
# Half the examples that Hypothesis takes by itself: each run of the suite draws others.
settings.register_profile(
    "any machine", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# Where the environment has Python keep nothing of what it compiles, every process that a test starts compiles
# all sources anew: longer than what most of them do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# As commands do (`planner.cli.process`): threads of linear algebra take a core each while they wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Python looks through what lives after every 700 new objects, a quarter of the time of the app's tests.
gc.set_threshold(400_000)


def pytest_configure(config: pytest.Config) -> None:
    """Look for what was never closed once at the end, not five times over: each takes a second or more."""
    config.stash[gc_collect_iterations_key] = 1


def pytest_collection_finish() -> None:
    """Look no more through what was loaded to find the tests, which all stays."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path,
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Keep `--doctest-modules` to the product: a file here holds tests or is not collected at all."""
    is_test = file_path.name.startswith("test_")
    return [found for found in (yield) if is_test and type(found) is pytest.Module]


@pytest.fixture(scope="session", autouse=True)
def kept_cache(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Share one cache of validated files: reading profiles and runs anew takes most of many a test."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        open_compiled()
        yield folder


GP10 = ComplianceNote(
    id="US-GP10-910B",
    severity="block",
    subject="chip_use",
    pool="train",
    note="US guidance names this chip: using it anywhere may breach General Prohibition 10.",
    citation="15 CFR 736.2(b)(10)",
    status="in_force",
    effective_from=datetime.date(2025, 5, 13),
    effective_to=None,
    source="BIS guidance of May 2025",
    evidence="primary-quoted",
    is_stale=False,
    title="General Prohibition 10",
)
EU_NOTIFY = ComplianceNote(
    id="EU-GPAI-1E25",
    severity="notify",
    subject="model_compute",
    pool=None,
    note="Above 1e25 FLOP a model placed on the EU market is presumed to carry systemic risk.",
    citation="Regulation (EU) 2024/1689, art. 51",
    status="in_force",
    effective_from=None,
    effective_to=None,
    source="EUR-Lex",
    evidence="primary",
    is_stale=True,
)


#: A figure by hand: with its band or its draws, a number, words, or None where it is unknown.
Given = Figure | Band | float | str | None
MakeFigures = Callable[[Mapping[str, Given]], Figures]


_ONE_POOL = {"pools": [{"id": "train"}]}


class GivenFigures(Figures):
    """Figures by hand: nothing is evaluated, and what is not given is unknown."""

    def __init__(self, given: Mapping[str, Given]) -> None:
        self.given = given
        plan = Plan.model_validate({"name": "by hand", "model": {}, "workload": {}, "cluster": _ONE_POOL})
        nothing: Any = None
        super().__init__(Setting(ResolvedPlan(plan, nothing, None, None, (), ()), nothing))

    def __getitem__(self, identifier: str) -> Figure:
        told = self.given.get(identifier)
        if isinstance(told, Band):
            return banded(told)
        if told is None or isinstance(told, str):
            return unknown((Gap("unknown", "other", identifier),))
        return told if isinstance(told, Figure) else known(told)

    def words(self, identifier: str) -> str | None:
        told = self.given.get(identifier)
        return told if isinstance(told, str) else None

    def phases(self) -> tuple[Figures, ...]:
        return ()


def banded(band: Band, family: GapFamily = "other", *left_out: str) -> Figure:
    """Return a figure of two draws at each end of its band, and what its sum was made without."""
    values = np.array([band.p50, band.p10, band.p10, band.p90, band.p90])
    return Figure(values, tuple(Gap("left out", family, text) for text in left_out))


def day(year: int, month: int, of_month: int) -> float:
    return float(datetime.date(year, month, of_month).toordinal())


EXAMPLE: dict[str, Given] = {
    "strategy.tp": 8.0,
    "strategy.cp": 1.0,
    "strategy.ep": 1.0,
    "strategy.pp": 8.0,
    "strategy.vpp": 6.0,
    "strategy.dp": 128.0,
    "strategy.microbatch": 1.0,
    "strategy.zero": 1.0,
    "strategy.recompute": "selective",
    "strategy.schedule": "interleaved",
    "strategy.microbatches": 32.0,
    "strategy.chips_used": 8192.0,
    "strategy.origin": "searched",
    "strategy.runner_up": 0.014,
    "training_days": Band(82.1, 90.2, 102.4),
    "finish_date": Band(day(2027, 3, 6), day(2027, 3, 14), day(2027, 3, 26)),
    "tokens_per_second": Band(1.49e6, 1.694e6, 1.861e6),
    "tokens_per_second_per_chip": Band(182.0, 206.8, 227.2),
    "mfu": Band(0.44, 0.501, 0.55),
    "mfu.convention": "causal attention",
    "mfu.peak_flops_per_s": 353.9e12,
    "mfu.peak_datatype": "bf16",
    "mfu_full_attention": Band(0.45, 0.512, 0.561),
    "mfu_full_attention.convention": "full attention",
    "mfu_full_attention.peak_flops_per_s": 353.9e12,
    "mfu_full_attention.peak_datatype": "bf16",
    "hfu": Band(0.47, 0.53, 0.58),
    "hfu.convention": "causal attention with recomputation",
    "hfu.peak_flops_per_s": 353.9e12,
    "hfu.peak_datatype": "bf16",
    "goodput": Band(0.9, 0.94, 0.97),
    "goodput.between_s": Band(13_000.0, 22_300.0, 36_700.0),
    "goodput.failures": Band(180.0, 330.0, 610.0),
    "goodput.interval_s": 660.0,
    "goodput.checkpoint_s": 10.0,
    "goodput.wait_s": 510.0,
    "goodput.reload_s": 300.0,
    "goodput.by_hand": 0.03,
    "goodput.by_hand_s": 7200.0,
    "goodput.lost_s": 630.0,
    "spares.servers": 20.0,
    "spares.in_repair": 13.6,
    "spares.missing_share": 0.0,
    "campaign.days": Band(0.0, 0.9, 8.1),
    "step.seconds": 9.4,
    "step.modelled_s": 9.4,
    "step.parts.compute": 5.922,
    "step.parts.memory_bound": 0.846,
    "step.parts.tensor": 0.752,
    "step.parts.context": 0.0,
    "step.parts.expert": 0.0,
    "step.parts.pipeline_p2p": 0.188,
    "step.parts.data": 0.376,
    "step.parts.bubble": 0.658,
    "step.parts.optimizer": 0.094,
    "step.parts.jitter": 0.564,
    "interconnect_overhead.fraction": 0.14,
    "interconnect_overhead.by_class.tensor": 0.08,
    "interconnect_overhead.by_class.pipeline_p2p": 0.02,
    "interconnect_overhead.by_class.data": 0.04,
    "interconnect_overhead.by_tier.scale_up": 0.09,
    "interconnect_overhead.by_tier.scale_out": 0.05,
    "memory.per_chip_bytes": 52.3e9,
    "memory.capacity_bytes": 64e9,
    "memory.usable_bytes": 64e9,
    "memory.share": 52.3 / 64,
    "memory.parts.weights": 4.2e9,
    "memory.parts.gradients": 0.0,
    "memory.parts.optimizer": 12.6e9,
    "memory.parts.activations": 29.8e9,
    "memory.parts.logits": 0.2e9,
    "memory.parts.buffers": 0.0,
    "memory.parts.overhead": 5.5e9,
    "power.chips_w": Band(2.5e6, 2.6e6, 2.7e6),
    "power.it_w": Band(3.7e6, 3.9e6, 4.1e6),
    "power.facility_w": banded(Band(4.8e6, 5.1e6, 5.5e6), "power", "optics: no figure for this fabric"),
    "power.peak_facility_w": 5.9e6,
    "power.parts.chips": 2.6e6,
    "power.parts.hosts": 0.9e6,
    "power.parts.network": 0.3e6,
    "power.parts.storage": 0.1e6,
    "power.parts.cooling": 1.2e6,
    "energy_mwh": Band(9800.0, 11_040.0, 12_500.0),
    "carbon_t": Band(5700.0, 6420.0, 7300.0),
    "joules_per_token": Band(2.7, 3.01, 3.4),
    "cost.currency": "USD",
    "cost.capex": Band(140e6, 160e6, 185e6),
    "cost.opex": Band(0.7e6, 0.8e6, 0.95e6),
    "cost.total": banded(Band(33e6, 38e6, 45e6), "money", "fabric roce-200g"),
    "cost.per_million_tokens": Band(2.5, 2.88, 3.4),
    "facts.parameters": 135e9,
    "facts.active_parameters": 135e9,
    "facts.tokens": 13.2e12,
    "facts.training_flops": 1.09e25,
}


@pytest.fixture
def make_figures() -> MakeFigures:
    """Return a maker of the example's figures with some of them changed."""
    return lambda changes: GivenFigures({**EXAMPLE, **changes})


@pytest.fixture
def example_figures(make_figures: MakeFigures) -> Figures:
    return make_figures({})


@pytest.fixture
def example_estimate(example_figures: Figures) -> Estimate:
    """A whole estimate by hand, in the proportions of a real one."""
    return Estimate(
        plan_name="Pangu Ultra 135B on 8,192 Ascend 910B",
        is_feasible=True,
        reasons=(),
        warnings=("the band rests on a datasheet prior: no published run on this stack",),
        known=example_figures,
        figures=example_figures,
        pools=(
            PoolEstimate(
                id="train",
                system_id="atlas-800t-a2",
                system_name="Atlas 800T A2",
                chip_id="ascend-910b",
                chip_name="Ascend 910B",
                chips=8192,
                systems=1024.0,
                fabric_id="roce-200g",
                stack_id="cann-mindspeed",
                maturity="proven",
                known=example_figures,
                figures=example_figures,
            ),
        ),
        targets=(
            TargetVerdict("finish_by", "met", "14 Mar 2027 is 18 days before 1 Apr 2027"),
            TargetVerdict("money_usd", "missed", "38 M USD is 8 M USD above 30 M USD"),
        ),
        compliance=ComplianceReport(
            as_of=datetime.date(2026, 11, 22),
            notes=(EU_NOTIFY, GP10),
            needs_input=(
                NeedsInput(
                    "buyer.parent_country", ("US-LIC-A-D5", "US-LIC-HQ"), "parties.buyer_parent_country"
                ),
            ),
            classifications=(Classification("train", "Ascend 910B", "3A090.a", 5662.4, 8.5),),
        ),
        candidates=12_345,
        seconds=0.41,
        profiles=(
            ProfileUse("chips", "ascend-910b", "ab12cd34", "built-in"),
            ProfileUse("systems", "atlas-800t-a2", "ab12cd35", "built-in"),
            ProfileUse("sites", "ulanqab-cn", "ab12cd36", "user"),
        ),
    )
