"""Hybrids against dense models of their size by hand: attention costs what the layers that have it cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.catalog.architecture import architecture_inputs, architecture_of
from planner.catalog.catalog import load_catalog
from planner.engine.attention import attention_flops_per_token, other_mixing_flops
from planner.engine.compute import layer_times
from planner.engine.flops import training_flops_per_token
from planner.engine.inputs import ArchitectureInputs, ChipInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.work import model_work

LENGTH = 131_072
CHIP = ChipInputs(
    matmul_peak_flops_per_s=1e15,
    attention_peak_flops_per_s=1e15,
    memory_bytes=80e9,
    memory_bandwidth_bytes_per_s=3e12,
)
#: Layers with attention, all layers, heads, and the width of a head's query and value together.
HYBRIDS = {
    "qwen3-next-80b-a3b": (12, 48, 16, 2 * 256),
    "nemotron-h-56b": (10, 118, 64, 2 * 128),
    "minimax-m1": (10, 80, 64, 2 * 128),
}


def inputs(name: str) -> ArchitectureInputs:
    return architecture_inputs(architecture_of(load_catalog(include_user=False).get("models", name).profile))


@pytest.mark.parametrize(("name", "shape"), HYBRIDS.items())
def test_attention_at_128k_is_that_of_the_layers_that_attend(
    name: str, shape: tuple[int, int, int, int]
) -> None:
    attending, layers, heads, widths = shape
    hybrid = inputs(name)
    # the same model with attention in every layer
    dense = replace(hybrid, kinds=())
    one = 2 * heads * widths * LENGTH / 2
    assert layers * float(attention_flops_per_token(dense, LENGTH, causal=True)) == layers * one
    states = float(other_mixing_flops(hybrid, LENGTH, causal=True))
    scores = float(attention_flops_per_token(hybrid, LENGTH, causal=True)) - states
    assert layers * scores == pytest.approx(attending * one, rel=1e-12)
    # what stands in its place is a small part, and does not grow with the length
    assert states == pytest.approx(float(other_mixing_flops(hybrid, 4096, causal=True)), rel=1e-12)
    assert states < 0.05 * one
    # and its time is less by the same ratio
    workload = WorkloadInputs(sequence_length=float(LENGTH), global_batch_sequences=1.0)
    alone = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)
    without_states = replace(model_work(hybrid, workload), state_flops=np.array(0.0))
    mixed, full = (
        float(layer_times(work, np.array(8192.0), alone, CHIP, StackConstants(), workload).attention)
        for work in (without_states, model_work(dense, workload))
    )
    assert mixed / full == pytest.approx(attending / layers, rel=1e-12)


def test_the_flops_of_nemotron_h_by_hand() -> None:
    state = 256 * 64
    mamba = 8192 * (2 * state + 2 * 8 * 256 + 256) + state * 8192
    attention = 8192 * (64 + 2 * 8) * 128 + 64 * 128 * 8192
    matmul = 54 * mamba + 54 * 2 * 8192 * 32_768 + 10 * attention + 131_072 * 8192
    # chunks of 128: within them by groups and heads, and the state written and read
    scan = 128 * (8 * 256 + state) + 4 * state * 256
    scores = 2 * 64 * 256 * LENGTH / 2
    expected = 6 * matmul + 3 * (54 * scan + 10 * scores)
    assert float(training_flops_per_token(inputs("nemotron-h-56b"), LENGTH)) == pytest.approx(expected)


def test_gemma_3_counts_its_layers_and_no_share_of_them() -> None:
    # 62 layers, of which every sixth is full: ten of them
    kinds = {float(kind.window): float(kind.layers) for kind in inputs("gemma-3-27b").kinds}
    assert kinds == {1024.0: 52.0, 0.0: 10.0}
