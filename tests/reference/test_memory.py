"""Memory against what was published: activation recomputation, ZeRO, and the peaks of the BLOOM sweep."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import load_catalog
from planner.catalog.runs import load_runs
from planner.domain.run import Run
from planner.domain.stack import Stack
from planner.engine.activations import activation_bytes_per_token
from planner.engine.inputs import ArchitectureInputs, ChipInputs, Layouts, WorkloadInputs
from planner.engine.memory import memory_parts
from planner.engine.sharding import sharing_ranks, state_bytes
from planner.engine.work import FLOAT_BYTES, HALF_BYTES, ModelWork, model_work
from planner.planning.stack import stack_chain
from planner.planning.workload import workload_inputs

#: The four models of Korthikanti et al. (arXiv 2205.05198), table 3: heads, hidden size, layers, and the
#: pipeline and virtual stages of its throughput runs; 2,048 tokens, eight-fold tensor parallelism.
MODELS = {
    "22B": (64, 6144, 48),
    "175B": (96, 12288, 96),
    "530B": (128, 20480, 105),
    "1T": (160, 25600, 128),
}
SEQUENCE = 2048


@functools.cache
def work_of(name: str) -> ModelWork:
    heads, hidden, layers = MODELS[name]
    shape = ArchitectureInputs(
        layers=float(layers),
        hidden=float(hidden),
        heads=float(heads),
        key_value_heads=float(heads),
        head_dimension=hidden / heads,
        feed_forward_width=4.0 * hidden,
        is_gated=0.0,
        vocabulary=51200.0,
        has_tied_embeddings=1.0,
        vectors_per_norm=2.0,
    )
    return model_work(shape, WorkloadInputs(sequence_length=float(SEQUENCE), global_batch_sequences=64.0))


def kept(name: str, *, tensor: float = 8.0, sequence_parallel: bool, selective: bool) -> float:
    layout = Layouts(
        tensor=tensor,
        pipeline=1.0,
        data=1.0,
        microbatch=1.0,
        is_sequence_parallel=float(sequence_parallel),
        recompute_attention=float(selective),
    )
    # kernels of 2022 write the attention scores
    workload = WorkloadInputs(sequence_length=float(SEQUENCE), global_batch_sequences=64.0, writes_scores=1.0)
    return float(activation_bytes_per_token(work_of(name), layout, workload).kept)


@pytest.mark.parametrize("name", MODELS)
def test_activations_are_those_of_table_2(name: str) -> None:
    heads, hidden, _ = MODELS[name]
    scores = 5 * heads * SEQUENCE / hidden
    cases = {
        (False, False): 10 + 24 / 8 + scores / 8,
        (True, False): 34 / 8 + scores / 8,
        (False, True): 10 + 24 / 8,
        (True, True): 34 / 8,
    }
    for (sequence_parallel, selective), factor in cases.items():
        found = kept(name, sequence_parallel=sequence_parallel, selective=selective)
        assert found == pytest.approx(hidden * factor, rel=1e-12)


@pytest.mark.parametrize(("name", "saved"), [("175B", 0.70), ("530B", 0.65)])
def test_selective_recomputation_saves_what_the_paper_says(name: str, saved: float) -> None:
    # section 5: 70 % for GPT-3 (5as/h = 80) and 65 % for MT-NLG (64)
    without = kept(name, tensor=1.0, sequence_parallel=False, selective=False)
    with_it = kept(name, tensor=1.0, sequence_parallel=False, selective=True)
    assert 1 - with_it / without == pytest.approx(saved, abs=0.01)


@pytest.mark.parametrize("name", MODELS)
def test_both_techniques_together_save_about_five_times(name: str) -> None:
    # abstract: "reduces activation memory by 5x"; section 6.1: to under 20 % of the baseline
    baseline = kept(name, sequence_parallel=False, selective=False)
    both = kept(name, sequence_parallel=True, selective=True)
    assert 4.9 < baseline / both < 6.5


def test_zero_saves_what_its_figure_1_says() -> None:
    # Rajbhandari et al. (arXiv 1910.02054), figure 1: 7.5B parameters on 64 chips, 120 GB without, 31.4 GB
    # with the optimizer sharded. Its gradients take two bytes; ours are accumulated in four.
    parameters, shards = np.array(7.5e9), np.array(64.0)

    def states(zero: float) -> list[float]:
        ranks = sharing_ranks(np.array(zero), shards)
        bytes_each = (HALF_BYTES, FLOAT_BYTES, 12.0)
        return [
            float(state_bytes(each, parameters, shared_by, np.array(0.0), np.array(1.0)))
            for each, shared_by in zip(bytes_each, ranks, strict=True)
        ]

    _, _, whole = states(0.0)
    weights, _, sharded = states(1.0)
    assert (whole - sharded) / 1e9 == pytest.approx(120 - 31.4, abs=0.1)
    two_byte_gradients = weights
    assert (weights + sharded + two_byte_gradients) / 1e9 == pytest.approx(31.4, abs=0.1)
    weights, gradients, optimizer = states(3.0)
    assert (weights + optimizer + gradients / 2) / 1e9 == pytest.approx(1.9, abs=0.05)


# -- 38 rows of 384 A100 with their peaks: what the estimate says, and how far off it is --------------------


@functools.cache
def sweep() -> tuple[Run, ...]:
    return tuple(
        run
        for run in load_runs().runs
        if run.source_key == "bloom-sweep" and run.result.peak_memory_bytes is not None
    )


@functools.cache
def a100() -> ChipInputs:
    memory = load_catalog(include_user=False).chips["a100-80-sxm"].profile.memory
    assert memory.capacity_bytes is not None
    return ChipInputs(
        matmul_peak_flops_per_s=312e12,
        attention_peak_flops_per_s=312e12,
        memory_bytes=memory.capacity_bytes.value or 0.0,
        memory_bandwidth_bytes_per_s=2e12,
    )


@functools.cache
def stack() -> Stack:
    return load_catalog(include_user=False).stacks["cuda-megatron-deepspeed"].profile


def predicted_bytes(run: Run) -> float:
    """Return what an estimate shows as memory per chip."""
    layout = run.layout
    assert run.architecture is not None
    architecture = architecture_inputs(run.architecture)
    catalog = load_catalog(include_user=False)
    workload = workload_inputs(
        stack_chain(stack(), catalog),
        run.precision,
        run.training,
        architecture,
        sequence_length=float(run.sequence_length or 0),
        global_batch_sequences=float(run.global_batch_sequences or 0),
    )
    columns = Layouts(
        tensor=float(layout.tensor or 1),
        pipeline=float(layout.pipeline or 1),
        data=float(layout.data or 1),
        microbatch=float(layout.microbatch or 1),
        zero=float(layout.zero or 0),
        is_sequence_parallel=0.0,
        recompute_layers=1.0,
    )
    work = model_work(architecture, workload)
    parts = memory_parts(work, columns, a100(), workload)
    return float(parts.total)


def test_the_sweep_is_all_there() -> None:
    assert len(sweep()) == 38
    assert all(run.recompute is not None and run.recompute.kind == "full" for run in sweep())


def test_peaks_of_the_sweep_are_as_near_as_recorded() -> None:
    """Recorded, so that it may only shrink.

    What is left: a device's peak holds allocator and library memory that varies, and one row without ZeRO
    holds more than twenty bytes per parameter.
    """
    errors = [
        predicted_bytes(run) / run.result.peak_memory_bytes - 1
        for run in sweep()
        if run.result.peak_memory_bytes
    ]
    assert float(np.mean(np.abs(errors))) < RECORDED_MEAN_ERROR
    assert abs(float(np.mean(errors))) < RECORDED_BIAS


#: 5.5 and 2.5 % while 6 % of the chip were held back: what other sources do not need went into this one.
RECORDED_MEAN_ERROR = 0.09
RECORDED_BIAS = 0.085


def test_a_larger_microbatch_needs_more_within_a_factor_of_what_was_measured() -> None:
    by_layout: dict[tuple[int | None, ...], dict[int, Run]] = {}
    for run in sweep():
        layout = run.layout
        if layout.zero == 1 and run.architecture is not None and run.architecture.layers == 72:
            key = (layout.tensor, layout.pipeline, layout.data)
            by_layout.setdefault(key, {}).setdefault(layout.microbatch or 1, run)
    ratios = []
    for runs in by_layout.values():
        small, large = runs[min(runs)], runs[max(runs)]
        if small is not large:
            measured = (large.result.peak_memory_bytes or 0) - (small.result.peak_memory_bytes or 0)
            ratios.append((predicted_bytes(large) - predicted_bytes(small)) / measured)
    assert len(ratios) >= 6
    assert 0.6 < float(np.median(ratios)) < 1.2
