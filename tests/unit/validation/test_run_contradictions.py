"""A run that disagrees with itself is named with what disagrees; one that does not is not."""

from __future__ import annotations

from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.validation.run_contradictions import contradictions
from planner.validation.validation import validate_runs

#: A run whose figures agree.
SOUND = {"hardware__peak_bf16_flops_per_s": "312 TFLOP/s", "result__tokens_per_s_per_chip": 3000.0}
PEAK = {"hardware__peak_used_flops_per_s": "312 TFLOP/s", "result__flops_convention": "6n"}
MIXTURE = {"experts": 4, "active_experts": 2, "expert_width": 4096}

CONTRADICTORY: dict[str, tuple[dict[str, Any], str]] = {
    "faster-than-its-chip": ({"result__tokens_per_s_per_chip": 9000.0}, "wrong by its own arithmetic"),
    "flops-beyond-its-chip": (
        {"result__flops_per_s_per_chip": "400 TFLOP/s"},
        "400 TFLOP/s on a chip of 312",
    ),
    "utilisation-of-another-rate": (
        {**PEAK, "result__mfu": 0.9, "result__rate_from": "throughput"},
        "published is 0.900",
    ),
    "step-of-another-rate": ({"result__iteration_s": 9.0}, "iteration_s gives"),
    "step-of-another-total": (
        {"result__tokens_per_s_per_chip": None, "result__tokens_per_s": 192e3, "result__iteration_s": 9.0},
        "the published throughput 3000",
    ),
    "layout-of-another-cluster": ({"layout__data": 4}, "is not 64 ranks"),
    "layout-that-does-not-divide": (
        {"layout__tensor": 5, "layout__pipeline": 3},
        "does not divide 64 ranks",
    ),
    "layout-that-leaves-chips-idle": (
        {"layout__tensor": 3, "layout__data": 21},
        "tp x pp x cp = 3 leaves 1 of 64 ranks idle",
    ),
    "more-stages-than-layers": (
        {"layout__tensor": 1, "layout__pipeline": 64},
        "pp 64 is more than the 32 layers",
    ),
    "more-expert-ranks-than-experts": (
        {"layout__expert": 8, "architecture__mixture": MIXTURE},
        "ep 8 is more than the 4 experts",
    ),
    "more-data-ranks-than-sequences": (
        {"layout__data": 8, "layout__microbatch": None, "global_batch_sequences": 4},
        "dp 8 is more than the global batch of 4",
    ),
    "fewer-microbatches-than-stages": (
        {"layout__data": 4, "layout__pipeline": 2, "layout__microbatch": 4, "global_batch_sequences": 16},
        "fewer microbatches (1) than stages (2): what is called a microbatch may be the batch of a data rank",
    ),
    "batch-of-another-size": (
        {"layout__data": 8, "global_batch_sequences": 500},
        "500 is not a multiple of dp 8 x microbatch 4",
    ),
}


@pytest.mark.parametrize("name", CONTRADICTORY)
def test_a_run_that_disagrees_with_itself_is_named_with_the_reason(
    catalog: Catalog, read_runs: Any, name: str
) -> None:
    changes, said = CONTRADICTORY[name]
    validation = validate_runs(read_runs({"id": name, **SOUND, **changes}), catalog)
    assert validation.skipped == ()
    (run,) = validation.scored
    assert any(said in text for text in run.contradictions), run.contradictions


def test_a_run_that_agrees_with_itself_is_not_named(make: Any) -> None:
    step_s = 512 * 2048 / 64 / 3000.0
    sound = {**SOUND, "layout__data": 8, "result__iteration_s": step_s, "result__tokens_per_s": 192e3}
    assert contradictions(make.run(**sound)) == ()


def test_a_step_time_is_not_held_against_what_a_whole_run_gave(make: Any) -> None:
    whole = {**SOUND, "result__rate_from": "whole-run", "result__iteration_s": 5.0}
    assert contradictions(make.run(**whole)) == ()


def test_what_a_file_says_itself_is_not_said_twice(make: Any) -> None:
    said = "dp 4 x tp x pp x cp 8 is not 64 ranks"
    assert contradictions(make.run(layout__data=4, contradictions=[said])) == (said,)


def test_a_utilisation_that_the_rate_does_not_give_is_named(make: Any) -> None:
    stated = {**PEAK, "result__tokens_per_s_per_chip": 3000.0, "result__rate_from": "throughput"}
    agreeing = 3000.0 * 6 * (32 * (4 * 4096**2 + 2 * 4096 * 16384) + 4096 * 51200) / 312e12
    assert contradictions(make.run(result__mfu=round(agreeing, 3), **stated)) == ()
    assert "published is 0.300" in contradictions(make.run(result__mfu=0.3, **stated))[0]
