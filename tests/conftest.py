"""Fixtures that several folders of tests share."""

from __future__ import annotations

import datetime
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from planner.planning.result import (
    Band,
    Classification,
    ComplianceNote,
    ComplianceReport,
    Cost,
    Estimate,
    FinishDate,
    Interconnect,
    LayoutChoice,
    Memory,
    NeedsInput,
    Performance,
    PoolEstimate,
    Power,
    ProfileUse,
    Step,
    TargetVerdict,
    Utilisation,
)

# How long a first example takes says how busy the machine is, not whether the code is right.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path,
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Keep `--doctest-modules` to the product: a file here holds tests or is not collected at all."""
    is_test = file_path.name.startswith("test_")
    return [found for found in (yield) if is_test and type(found) is pytest.Module]


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


@pytest.fixture
def example_performance() -> Performance:
    return Performance(
        layout=LayoutChoice(
            tp=8,
            cp=1,
            ep=1,
            pp=8,
            vpp=6,
            dp=128,
            microbatch=1,
            zero=1,
            recompute="selective",
            schedule="interleaved",
            microbatches=32,
            chips_used=8192,
            origin="searched",
        ),
        training_days=Band(82.1, 90.2, 102.4),
        tokens_per_second=Band(1.49e6, 1.694e6, 1.861e6),
        tokens_per_second_per_chip=Band(182.0, 206.8, 227.2),
        mfu=Utilisation(Band(0.44, 0.501, 0.55), "causal attention", 353.9e12, "bf16"),
        mfu_full_attention=Utilisation(Band(0.45, 0.512, 0.561), "full attention", 353.9e12, "bf16"),
        hfu=Utilisation(Band(0.47, 0.53, 0.58), "causal attention with recomputation", 353.9e12, "bf16"),
        goodput=Band(0.9, 0.94, 0.97),
        step=Step(
            9.4,
            {
                "compute": 5.922,
                "memory_bound": 0.846,
                "tensor": 0.752,
                "context": 0.0,
                "expert": 0.0,
                "pipeline_p2p": 0.188,
                "data": 0.376,
                "bubble": 0.658,
                "optimizer": 0.094,
                "jitter": 0.564,
            },
        ),
        interconnect=Interconnect(
            0.14, {"tensor": 0.08, "data": 0.04, "pipeline_p2p": 0.02}, {"scale_up": 0.09, "scale_out": 0.05}
        ),
        memory=Memory(
            52.3e9,
            64e9,
            {
                "weights": 4.2e9,
                "gradients": 0.0,
                "optimizer": 12.6e9,
                "activations": 29.8e9,
                "logits": 0.2e9,
                "buffers": 0.0,
                "reserve": 5.5e9,
            },
        ),
        power=Power(
            Band(2.5e6, 2.6e6, 2.7e6),
            Band(3.7e6, 3.9e6, 4.1e6),
            Band(4.8e6, 5.1e6, 5.5e6),
            5.9e6,
            {"chips": 2.6e6, "hosts": 0.9e6, "network": 0.3e6, "storage": 0.1e6, "cooling": 1.2e6},
            ("optics: no figure for this fabric",),
        ),
        energy_mwh=Band(9800.0, 11_040.0, 12_500.0),
        carbon_t=Band(5700.0, 6420.0, 7300.0),
        water_m3=None,
        joules_per_token=Band(2.7, 3.01, 3.4),
        cost=Cost(
            Band(140e6, 160e6, 185e6),
            Band(0.7e6, 0.8e6, 0.95e6),
            Band(33e6, 38e6, 45e6),
            Band(2.5, 2.88, 3.4),
            ("fabric roce-200g",),
        ),
        finish_date=FinishDate(
            datetime.date(2027, 3, 6), datetime.date(2027, 3, 14), datetime.date(2027, 3, 26)
        ),
        runner_up=0.014,
    )


@pytest.fixture
def example_estimate(example_performance: Performance) -> Estimate:
    """A whole estimate by hand, in the proportions of a real one."""
    return Estimate(
        plan_name="Pangu Ultra 135B on 8,192 Ascend 910B",
        is_feasible=True,
        reasons=(),
        warnings=("the band rests on a datasheet prior: no published run on this stack",),
        performance=example_performance,
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
                is_roadmap=False,
                performance=example_performance,
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
        facts={
            "parameters": 135e9,
            "active_parameters": 135e9,
            "tokens": 13.2e12,
            "training_flops": 1.09e25,
        },
    )
