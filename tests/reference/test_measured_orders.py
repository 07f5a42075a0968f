"""Orders and ratios that were measured on one machine: what changes alone is predicted to change as much.

A source's level is nobody's but its own; what one option does beside another on the same machine is physics.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.runs import load_runs
from planner.validation.run_prediction import CaseColumns
from planner.validation.run_preparation import completed_cases, prepare, shipped_stack

#: Measured on one H200 (profiles/runs/measured-options.toml): an option, what it is held against, and how far
#: the predicted ratio of their steps may lie from the measured one.
OPTIONS = [
    ("measured-1b-muon-h200-sxm", "measured-1b-h200-sxm", 0.2),
    ("measured-3b-muon-h200-sxm", "measured-3b-h200-sxm", 0.25),
    ("measured-8b-pure-muon-h200-sxm", "measured-8b-pure-bf16-h200-sxm", 0.25),
    ("measured-1b-adafactor-h200-sxm", "measured-1b-h200-sxm", 0.1),
    ("measured-3b-adafactor-h200-sxm", "measured-3b-h200-sxm", 0.1),
    ("measured-8b-pure-adafactor-h200-sxm", "measured-8b-pure-bf16-h200-sxm", 0.1),
    ("measured-1b-adamw-foreach-h200-sxm", "measured-1b-h200-sxm", 0.05),
    ("measured-1b-gradients-bf16-h200-sxm", "measured-1b-h200-sxm", 0.05),
    ("measured-3b-gradients-bf16-h200-sxm", "measured-3b-h200-sxm", 0.07),
    ("measured-1b-lora-attention-h200-sxm", "measured-1b-lora-h200-sxm", 0.06),
    ("measured-3b-lora-attention-h200-sxm", "measured-3b-lora-h200-sxm", 0.06),
    ("measured-8b-lora-attention-h200-sxm", "measured-8b-lora-h200-sxm", 0.06),
    ("measured-1b-element-wise-h200-sxm", "measured-1b-h200-sxm", 0.03),
    ("measured-1b-eager-element-wise-h200-sxm", "measured-1b-eager-h200-sxm", 0.09),
    ("measured-1b-full-h200-sxm", "measured-1b-h200-sxm", 0.05),
    ("measured-8b-lora-full-h200-sxm", "measured-8b-lora-h200-sxm", 0.05),
]
#: Of one machine each, fastest first.
ORDERS = {
    "expert parallelism of GPT-OSS-20B on eight B300": (
        "halo-gptoss20b-ep1-b4",
        "halo-gptoss20b-ep2-b4",
        "halo-gptoss20b-ep8-b4",
    ),
    "the same without recomputation": ("halo-gptoss20b-ep1-b4-nogc", "halo-gptoss20b-ep8-b4-nogc"),
    "tensor parallelism of Qwen3-14B on eight Ascend 910B": (
        "scaletorch-qwen3-14b-tp4dp2",
        "scaletorch-qwen3-14b-tp8",
    ),
}


#: Steps of one to four million tokens, nearly all attention, and how far from them a forecast may lie. [-]
LONGEST = ("trl1m-8b-1m", "trl1m-8b-4m-32", "trl1m-30b-a3b-1m", "trl1m-32b-1m")
LONGEST_TOLERANCE = 0.35
#: What the hosts of one source take for a pass over an eager layer: its models of 0.6B take 8.1 ms a layer
#: and microbatch at tensor degree 4, forward and backward, and its 8B ones 8.2 ms at degree 8. No other on
#: Ascend tells of it, so that no stack's constant may hold it. [s]
SCALETORCH_HOST_S = 8.2e-3 / 3.0


@pytest.fixture(scope="module")
def rates() -> dict[str, tuple[float, float]]:
    """Return the measured and the predicted rate of each run, by its id."""
    catalog = load_catalog(include_user=False)
    asked = {name for pair in OPTIONS for name in pair[:2]}.union(*ORDERS.values(), LONGEST)
    runs = [run for run in load_runs().runs if run.id in asked]
    found = {}
    for case in completed_cases(prepare(runs, catalog).cases, catalog):
        columns = CaseColumns.of([case])
        constants = shipped_stack(case, catalog).constants
        if case.run.source_key == "scaletorch":
            constants = replace(constants, eager_host_s=SCALETORCH_HOST_S)
        step = columns.step(constants).total
        rate = float(columns.tokens_per_step()[0]) / (float(step.ravel()[0]) * case.chips)
        found[case.run.id] = (case.measured or math.nan, rate)
    assert found.keys() == asked
    return found


@pytest.mark.parametrize(("option", "base", "tolerance"), OPTIONS)
def test_an_option_takes_as_much_longer_as_measured(
    rates: dict[str, tuple[float, float]], option: str, base: str, tolerance: float
) -> None:
    measured, predicted = (rates[base][which] / rates[option][which] for which in (0, 1))
    assert predicted == pytest.approx(measured, abs=tolerance * measured)


@pytest.mark.parametrize("name", ORDERS)
def test_layouts_come_in_the_measured_order(rates: dict[str, tuple[float, float]], name: str) -> None:
    measured, predicted = ([rates[run][which] for run in ORDERS[name]] for which in (0, 1))
    assert measured == sorted(measured, reverse=True)
    assert predicted == sorted(predicted, reverse=True)


@pytest.mark.parametrize("name", LONGEST)
def test_attention_alone_is_near_what_was_measured(rates: dict[str, tuple[float, float]], name: str) -> None:
    if not load_catalog(include_user=False).stacks["cuda"].profile.kernels:
        pytest.skip("the stacks were fitted before kernels had generations")
    measured, predicted = rates[name]
    assert predicted == pytest.approx(measured, rel=LONGEST_TOLERANCE)
