"""Times of matmuls, attention, experts and element-wise work, one term at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.engine.compute import (
    LayerTimes,
    head_time_s,
    layer_times,
    matmul_rate_flops_per_s,
    tile_share,
)
from planner.engine.inputs import (
    SCORE_BYTES,
    ArchitectureInputs,
    ChipInputs,
    Layouts,
    StackConstants,
    WorkloadInputs,
)
from planner.engine.work import ModelWork, model_work

PEAK, H, S, V = 100e12, 12288, 2048, 51200
TOKENS = np.array(2048.0)
Stack = Callable[..., StackConstants]
Times = Callable[..., LayerTimes]


@pytest.fixture
def times(work: ModelWork, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack) -> Times:
    def make(
        stack: StackConstants | None = None, memory: float = np.inf, writes: float = 0.0, **columns: float
    ) -> LayerTimes:
        layout = Layouts(**{"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, **columns})
        there = replace(chip, memory_bandwidth_bytes_per_s=memory)
        one = replace(workload, writes_scores=writes)
        return layer_times(work, TOKENS, layout, there, stack or ideal(), one)

    return make


def test_matmuls_at_the_peak(times: Times) -> None:
    assert float(times().matmul) == pytest.approx(2 * S * 12 * H**2 / PEAK)
    assert float(times(tensor=8.0).matmul) == pytest.approx(2 * S * 12 * H**2 / 8 / PEAK)
    assert float(times().experts) == 0


def test_efficiency_and_saturation_divide_the_rate(
    work: ModelWork, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    half = ideal(matmul_efficiency=0.5)
    assert float(matmul_rate_flops_per_s(work, chip, half, workload)) == pytest.approx(PEAK / 2)
    saturating = ideal(hidden_half_size=float(H))
    assert float(matmul_rate_flops_per_s(work, chip, saturating, workload)) == pytest.approx(PEAK / 2)
    low = replace(workload, is_low_precision=1.0)
    slower = ideal(low_precision_efficiency=0.8)
    assert float(matmul_rate_flops_per_s(work, chip, slower, low)) == pytest.approx(0.8 * PEAK)
    assert float(matmul_rate_flops_per_s(work, chip, slower, workload)) == PEAK


def test_sharded_matmuls_lose_by_their_width(times: Times, ideal: Stack) -> None:
    # four square matrices (three of queries, keys, values over 3h; one over h) and two of 4h: width terms
    # of 2h for attention and 2h for the feed-forward part, times the half size
    lossy = ideal(width_half_size=128.0)
    extra = float(times(lossy, tensor=8.0).matmul - times(tensor=8.0).matmul)
    assert extra == pytest.approx(2 * S * 128 * 4 * H / PEAK)


def test_weights_are_moved_once_a_pass(times: Times, ideal: Stack) -> None:
    moving = ideal(weight_traffic_bytes=4.0)
    extra = float(times(moving, memory=1e12).matmul - times(memory=1e12).matmul)
    assert extra == pytest.approx(12 * H**2 * 4 / 1e12)


def test_attention_by_hand(times: Times, ideal: Stack) -> None:
    # causal: 2 x 2 x h x S/2 per token
    expected = S * 2 * H * S / PEAK
    assert float(times().attention) == pytest.approx(expected)
    assert float(times(tensor=4.0).attention) == pytest.approx(expected / 4)
    # heads as wide as the reference: at any half width the rate stays
    assert float(times(ideal(attention_half_head=64.0)).attention) == pytest.approx(expected)
    # half of the rate at a mean context of S/2
    assert float(times(ideal(attention_half_context=S / 2)).attention) == pytest.approx(2 * expected)
    # of each of 96 S scores a token, two products and a softmax write and read two bytes
    unfused = times(ideal(score_traffic_bytes=SCORE_BYTES), memory=1e12, writes=1.0)
    assert float(unfused.attention) == pytest.approx(expected + S * 8 * 96 * S / 1e12)
    with_dropout = times(ideal(score_traffic_bytes=13.0), memory=1e12, writes=1.0)
    assert float(with_dropout.attention) == pytest.approx(expected + S * 13 * 96 * S / 1e12)
    # a fused kernel writes none, whatever they would take
    assert float(times(ideal(score_traffic_bytes=13.0), memory=1e12).attention) == pytest.approx(expected)


def test_element_wise_work_moves_bytes(times: Times, ideal: Stack) -> None:
    # outside: 16h; inside: two passes over the 4h of the activation function; positions are learned
    outside, inside = 16 * H, 2 * 2 * 4 * H
    assert float(times(memory=1e12).memory_bound) == pytest.approx(S * (outside + inside) / 1e12)
    sharded = times(memory=1e12, tensor=8.0)
    assert float(sharded.memory_bound) == pytest.approx(S * (outside + inside) / 8 / 1e12)
    whole = times(memory=1e12, tensor=8.0, is_sequence_parallel=0.0)
    assert float(whole.memory_bound) == pytest.approx(S * (outside + inside / 8) / 1e12)
    assert float(times(ideal(memory_efficiency=0.5), memory=1e12).memory_bound) == pytest.approx(
        2 * S * (outside + inside) / 1e12
    )


def test_what_is_not_kept_is_made_again(times: Times) -> None:
    assert float(times(memory=1e12).element_again) == 0
    # two norms of 4h bytes; two passes over the 4h of the activation function
    norms, activation = 8 * H, 2 * 2 * 4 * H
    assert float(times(memory=1e12, drops_norms=1.0).element_again) == pytest.approx(S * norms / 1e12)
    again = times(memory=1e12, tensor=8.0, drops_norms=1.0, drops_activations=1.0).element_again
    assert float(again) == pytest.approx(S * (norms + activation) / 8 / 1e12)
    every_second = times(memory=1e12, keeps_second_matmuls=1.0).element_again
    assert float(every_second) == pytest.approx(S * (norms + activation) / 1e12)


def test_the_host_takes_its_time_once_a_layer(times: Times, ideal: Stack) -> None:
    assert float(times(ideal(layer_overhead_s=1e-3)).memory_bound) == pytest.approx(1e-3)
    # routing overhead waits for experts, of which this model has none
    assert float(times(ideal(routing_overhead_s=1e-3, expert_overhead_s=1e-3)).memory_bound) == 0


def test_low_precision_casts_move_more_bytes(
    work: ModelWork, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0)
    there = replace(chip, memory_bandwidth_bytes_per_s=1e12)
    low = replace(workload, is_low_precision=1.0)
    same = layer_times(work, TOKENS, layout, there, ideal(), workload)
    cast = layer_times(work, TOKENS, layout, there, ideal(), low)
    assert float(cast.memory_bound - same.memory_bound) == pytest.approx(S * 4 * 7 * H / 1e12)


def test_experts_multiply_what_is_routed_to_them(
    small_mixture: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    work = model_work(small_mixture, workload)

    def experts(stack: StackConstants, memory: float = np.inf, **columns: float) -> float:
        layout = Layouts(**{"tensor": 1.0, "pipeline": 1.0, "data": 16.0, "microbatch": 1.0, **columns})
        there = replace(chip, memory_bandwidth_bytes_per_s=memory)
        return float(layer_times(work, TOKENS, layout, there, stack, workload).experts)

    multiply = 2 * S * 2 * 3 * 1024**2 / PEAK
    assert experts(ideal()) == pytest.approx(multiply)
    assert experts(ideal(expert_efficiency=0.5)) == pytest.approx(2 * multiply)
    # whoever holds fewer experts gets as many tokens, but moves fewer weights
    moving = ideal(weight_traffic_bytes=4.0)
    assert experts(moving, 1e12) - multiply == pytest.approx(16 * 3 * 1024**2 * 4 / 1e12)
    assert experts(moving, 1e12, expert=16.0) - multiply == pytest.approx(3 * 1024**2 * 4 / 1e12)


def test_the_head_multiplies_once_and_each_prediction_module_again(
    gpt3: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0)

    def head(modules: float, memory: float = np.inf) -> float:
        work = model_work(replace(gpt3, multi_token_prediction_layers=modules), workload)
        there = replace(chip, memory_bandwidth_bytes_per_s=memory)
        return float(head_time_s(work, TOKENS, layout, there, ideal(), workload))

    assert head(0.0) == pytest.approx(2 * S * V * H / PEAK)
    assert head(2.0) == pytest.approx(3 * head(0.0))
    # the loss passes three times over the logits in single precision
    assert head(0.0, 1e12) - head(0.0) == pytest.approx(12 * S * V / 1e12)


def test_the_last_wave_of_tiles_costs_a_matmul_the_same_whatever_its_rows(times: Times, ideal: Stack) -> None:
    idle = 1e6
    for tensor in (1.0, 8.0):
        extra = times(ideal(wave_idle_outputs=idle), tensor=tensor).matmul - times(tensor=tensor).matmul
        # queries, keys and values and the way up read h; the ways back what is left of h and 4 h
        assert float(extra) == pytest.approx(2 * idle * (2 * H + 5 * H / tensor) / PEAK)


def test_experts_of_fixed_capacity_wait_for_no_router(
    deepseek_v3: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    stack = ideal(routing_overhead_s=1e-3, expert_overhead_s=1e-4)
    work = model_work(deepseek_v3, workload)
    layout = Layouts(tensor=1.0, pipeline=1.0, data=8.0, microbatch=1.0)
    waiting = layer_times(work, TOKENS, layout, chip, stack, workload).memory_bound
    fixed = replace(layout, expert_capacity=1.0)
    steady = layer_times(work, TOKENS, fixed, chip, stack, workload).memory_bound
    share, experts = float(work.mixture_share), float(work.experts)
    assert float(waiting - steady) == pytest.approx(share * (1e-3 + experts * 1e-4))


def test_a_fixed_capacity_computes_what_stays_empty_and_at_the_rate_of_dense_matmuls(
    small_mixture: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    work, stack = model_work(small_mixture, workload), ideal(expert_efficiency=0.5)
    layout = Layouts(tensor=1.0, pipeline=1.0, data=16.0, microbatch=1.0)

    def experts(capacity: float) -> float:
        there = replace(layout, expert_capacity=capacity)
        return float(layer_times(work, TOKENS, there, chip, stack, workload).experts)

    dense = 2 * S * 2 * 3 * 1024**2 / PEAK
    assert experts(0.0) == pytest.approx(2 * dense)
    assert experts(1.0) == pytest.approx(dense)
    assert experts(1.25) == pytest.approx(1.25 * dense)


def test_eager_element_wise_work_moves_its_bytes_several_times(times: Times, ideal: Stack) -> None:
    stack = ideal(eager_traffic=2.5)
    fused = float(times(stack, memory=1e12).memory_bound)
    assert float(times(stack, memory=1e12, is_eager=1.0).memory_bound) == pytest.approx(2.5 * fused)


def test_gated_blocks_rotate_queries_and_keys(
    gpt3: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0)
    there = replace(chip, memory_bandwidth_bytes_per_s=1e12)

    def moved(is_gated: float) -> float:
        work = model_work(replace(gpt3, is_gated=is_gated), workload)
        return float(layer_times(work, TOKENS, layout, there, ideal(), workload).memory_bound)

    # a gate adds a pass over the 4h of the feed-forward width, rotation two over the 3h of attention
    assert moved(1.0) - moved(0.0) == pytest.approx(S * 2 * (4 * H + 2 * 3 * H) / 1e12)


def test_narrow_heads_attend_more_slowly(
    gpt3: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0)
    narrow = replace(gpt3, heads=192.0, key_value_heads=192.0, head_dimension=64.0)

    def attention(model: ArchitectureInputs) -> float:
        work = model_work(model, workload)
        return float(
            layer_times(work, TOKENS, layout, chip, ideal(attention_half_head=64.0), workload).attention
        )

    # of heads of 128, 64 / (64 + 64) over 128 / (128 + 64)
    assert attention(narrow) == pytest.approx(attention(gpt3) * (2 / 3) / (1 / 2))


def test_a_width_that_fills_no_whole_tiles_computes_the_rest_for_nothing() -> None:
    shares = tile_share(np.array([256.0, 2880.0, 4096.0, 1.0]))
    assert shares == pytest.approx([1.0, 2880 / 3072, 1.0, 1 / 256])


def test_ranks_inside_a_chip_narrow_what_tensor_parallelism_shards(
    work: ModelWork, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    lossy, cores = ideal(width_half_size=128.0), replace(chip, ranks_per_chip=2.0)

    def matmul(there: ChipInputs, tensor: float) -> float:
        layout = Layouts(tensor=tensor, pipeline=1.0, data=1.0, microbatch=1.0)
        return float(layer_times(work, TOKENS, layout, there, lossy, workload).matmul)

    # half as wide on each of the two cores: as much is lost again
    assert matmul(cores, 8.0) - matmul(chip, 8.0) == pytest.approx(2 * S * 128 * 4 * H / PEAK)
    # unsharded, the cores share the tokens instead
    assert matmul(cores, 1.0) == matmul(chip, 1.0)


def test_a_compiler_drops_the_way_down_of_a_layer_that_it_runs_again(times: Times) -> None:
    # 4 of the 12 h^2 of a layer
    assert float(times(drops_unused_recompute=1.0).dropped) == pytest.approx(2 * S * 4 * H**2 / PEAK)
    assert float(times().dropped) == 0


def test_a_head_that_stands_still_has_no_gradient(
    work: ModelWork, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    layout = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)

    def seconds(memory: float, trains_all: float) -> float:
        there = replace(chip, memory_bandwidth_bytes_per_s=memory)
        one = replace(workload, trains_all=trains_all)
        return float(head_time_s(work, TOKENS, layout, there, ideal(), one))

    product = 2 * S * H * V / PEAK
    # of three products two are left, and what the loss moves is the same
    assert seconds(np.inf, 1.0) == pytest.approx(product)
    assert seconds(np.inf, 0.0) == pytest.approx(2 / 3 * product)
    assert seconds(1e12, 1.0) - seconds(1e12, 0.0) == pytest.approx(product / 3)
