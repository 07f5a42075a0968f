"""Memory by hand: Korthikanti's activation formulas, ZeRO's bytes per parameter, and the fullest stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from planner.engine.inputs import ArchitectureInputs, ChipInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.memory import (
    OPTIMIZER_STATE_BYTES,
    RESERVED_SHARE,
    MemoryParts,
    activation_bytes_per_token,
    memory_parts,
    state_bytes,
)
from planner.engine.sharding import sharing_ranks
from planner.engine.work import FLOAT_BYTES, HALF_BYTES, ModelWork, model_work, total_parameters

H, HEADS, S, V, LAYERS = 12288, 96, 2048, 51200, 96
Stack = Callable[..., StackConstants]


def kept(work: ModelWork, stack: StackConstants, **columns: float) -> tuple[float, float]:
    layout = Layouts(**{"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, **columns})
    whole, recomputed = activation_bytes_per_token(work, layout, stack)
    return float(whole), float(recomputed)


def test_a_layer_keeps_34_and_the_scores(work: ModelWork, ideal: Stack) -> None:
    # sbh (34 + 5as/h), per token: equation 1
    unfused = ideal(score_traffic_bytes=8.0)
    assert kept(work, unfused)[0] == pytest.approx(H * (34 + 5 * HEADS * S / H))


@pytest.mark.parametrize("tensor", [2, 4, 8])
def test_tensor_parallelism_leaves_ten_whole(work: ModelWork, ideal: Stack, tensor: int) -> None:
    # sbh (10 + 24/t + 5as/ht): equation 2
    unfused = ideal(score_traffic_bytes=8.0)
    expected = H * (10 + 24 / tensor + 5 * HEADS * S / (H * tensor))
    assert kept(work, unfused, tensor=float(tensor), is_sequence_parallel=0.0)[0] == pytest.approx(expected)


@pytest.mark.parametrize("tensor", [1, 2, 4, 8])
def test_sequence_parallelism_divides_everything(work: ModelWork, ideal: Stack, tensor: int) -> None:
    # sbh/t (34 + 5as/h): equation 4; with the attention core recomputed 34 sbh/t: equation 6
    unfused = ideal(score_traffic_bytes=8.0)
    assert kept(work, unfused, tensor=float(tensor))[0] == pytest.approx(
        H / tensor * (34 + 5 * HEADS * S / H)
    )
    selective = kept(work, unfused, tensor=float(tensor), recompute_attention=1.0)[0]
    assert selective == pytest.approx(34 * H / tensor)
    # a fused kernel never writes the scores
    assert kept(work, ideal(), tensor=float(tensor))[0] == selective


def test_full_recomputation_keeps_two(work: ModelWork, ideal: Stack) -> None:
    assert kept(work, ideal())[1] == 2 * H
    assert kept(work, ideal(), tensor=8.0)[1] == 2 * H / 8
    assert kept(work, ideal(), tensor=8.0, is_sequence_parallel=0.0)[1] == 2 * H


def test_a_gated_grouped_block_by_the_same_rules(llama_405b: ArchitectureInputs, ideal: Stack) -> None:
    work = model_work(llama_405b, WorkloadInputs(sequence_length=8192.0, global_batch_sequences=1.0))
    # two norm inputs and two matmul inputs; q, k, v, attention's output; gate, up and their product
    expected = 8 * 16384 + 2 * (16384 + 2 * 1024 + 16384) + 2 * 3 * 53248
    assert kept(work, ideal())[0] == expected


@pytest.mark.parametrize(
    ("zero", "weights", "gradients", "optimizer"),
    [(0, 2, 4, 12), (1, 2, 4, 12 / 8), (2, 2, 4 / 8, 12 / 8), (3, 2 / 8, 4 / 8, 12 / 8)],
)
def test_zero_shards_eighteen_bytes_a_parameter(
    zero: int, weights: float, gradients: float, optimizer: float
) -> None:
    parameters, nothing, alone = np.array(1000.0), np.array(0.0), np.array(1.0)
    ranks = sharing_ranks(np.array(float(zero)), np.array(8.0))
    for each, shared_by, expected in zip(
        (HALF_BYTES, FLOAT_BYTES, OPTIMIZER_STATE_BYTES), ranks, (weights, gradients, optimizer), strict=True
    ):
        assert float(state_bytes(each, parameters, shared_by, nothing, alone)) == 1000 * expected
        assert float(state_bytes(each, nothing, alone, parameters, shared_by)) == 1000 * expected


Parts = Callable[..., MemoryParts]


@pytest.fixture
def parts(work: ModelWork, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack) -> Parts:
    def make(stack: StackConstants | None = None, **columns: float) -> MemoryParts:
        layout = {"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, "zero": 0.0, **columns}
        return memory_parts(work, Layouts(**layout), chip, stack or ideal(), workload)

    return make


def test_parts_sum_to_the_total(parts: Parts) -> None:
    found = parts(tensor=8.0, pipeline=8.0, data=4.0, zero=1.0)
    named = [field.name for field in fields(MemoryParts) if field.name not in ("total", "usable")]
    assert sum(float(getattr(found, name)) for name in named) == pytest.approx(float(found.total))


def test_one_chip_holds_the_whole_model(parts: Parts, work: ModelWork) -> None:
    found = parts()
    parameters = float(total_parameters(work))
    assert float(found.weights) == pytest.approx(2 * parameters)
    assert float(found.gradients) == pytest.approx(4 * parameters)
    assert float(found.optimizer) == pytest.approx(12 * parameters)
    # what every layer keeps, and the gradients of what the one at work kept
    assert float(found.activations) == pytest.approx((LAYERS + 1) * S * H * 34)
    # logits in 16 bit and in single precision, each with its gradient
    assert float(found.logits) == S * V * 12


def test_an_untied_head_and_learned_positions_are_held_once(
    gpt3: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0, zero=0.0)
    untied = model_work(replace(gpt3, has_tied_embeddings=0.0, learned_positions=2048.0), workload)
    found = memory_parts(untied, layout, chip, ideal(), workload)
    assert float(found.weights) == pytest.approx(2 * float(total_parameters(untied)))
    assert float(total_parameters(untied)) > float(total_parameters(model_work(gpt3, workload)))


def test_the_first_stage_holds_a_pipeline_of_microbatches(parts: Parts) -> None:
    # 12 layers of 8 microbatches: as much as all 96 layers of one
    found = parts(pipeline=8.0)
    assert float(found.activations) == pytest.approx((12 * 8 + 1) * S * H * 34)
    assert float(found.logits) == 0
    interleaved = parts(pipeline=8.0, virtual_stages=3.0)
    assert float(interleaved.activations) == pytest.approx(((1 + 7 / 24) * 12 * 8 + 1) * S * H * 34)


def test_the_last_stage_counts_where_it_is_the_fullest(parts: Parts) -> None:
    # one microbatch in all: the first stage holds no more of them than the last, which adds the logits
    found = parts(pipeline=2.0, data=64.0)
    assert float(found.logits) == S * V * 12


def test_recomputed_layers_keep_their_input_and_one_is_alive(parts: Parts) -> None:
    found = parts(recompute_layers=1.0)
    assert float(found.activations) == pytest.approx(S * H * (LAYERS * 2 + 2 * 34))
    half = parts(recompute_layers=0.5)
    assert float(half.activations) == pytest.approx(S * H * (LAYERS * (0.5 * 2 + 0.5 * 34) + 2 * 34))


def test_gradients_take_the_bytes_that_the_workload_says(
    work: ModelWork, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0, zero=0.0)
    found = memory_parts(work, layout, chip, ideal(), replace(workload, held_gradient_bytes=2.0))
    assert float(found.gradients) == pytest.approx(2 * float(total_parameters(work)))


def test_degrees_divide_what_they_shard(parts: Parts) -> None:
    whole, tensor, data = parts(), parts(tensor=8.0), parts(data=8.0, zero=3.0)
    assert float(tensor.weights) == pytest.approx(float(whole.weights) / 8)
    assert float(tensor.activations) == pytest.approx(float(whole.activations) / 8)
    assert float(data.weights) == pytest.approx(float(whole.weights) / 8)
    assert float(data.optimizer) == pytest.approx(float(whole.optimizer) / 8)
    context = parts(context=2.0)
    assert float(context.activations) == pytest.approx(float(whole.activations) / 2)


def test_sharded_weights_are_gathered_two_layers_at_a_time(parts: Parts) -> None:
    more = float(parts(data=8.0, zero=3.0).buffers) - float(parts(data=8.0, zero=2.0).buffers)
    assert more == pytest.approx(2 * 2 * (12 * H**2 + 4 * H))


def test_expert_parallelism_shards_only_experts(
    small_mixture: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    work = model_work(small_mixture, workload)

    def weights(expert: float, data: float = 8.0) -> float:
        layout = Layouts(tensor=1.0, pipeline=1.0, data=data, microbatch=1.0, zero=0.0, expert=expert)
        return float(memory_parts(work, layout, chip, ideal(), workload).weights)

    # 8 layers of 16 experts of 3 x 1024 x 1024, in two bytes
    experts = 2 * 8 * 16 * 3 * 1024**2
    assert weights(1.0) - weights(8.0) == pytest.approx(experts * 7 / 8)
    assert weights(1.0) == pytest.approx(2 * float(total_parameters(work)))


def test_experts_optimizer_is_shared_by_their_own_replicas(
    small_mixture: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    work = model_work(small_mixture, workload)

    def optimizer(expert: float) -> float:
        layout = Layouts(tensor=1.0, pipeline=1.0, data=8.0, microbatch=1.0, zero=1.0, expert=expert)
        return float(memory_parts(work, layout, chip, ideal(), workload).optimizer)

    # an eighth of the experts on each chip without a replica, or all of them in eight shards: the same
    assert optimizer(8.0) == pytest.approx(optimizer(1.0))
    assert optimizer(1.0) == pytest.approx(12 * float(total_parameters(work)) / 8)


def test_a_share_of_the_memory_is_kept_back(parts: Parts, chip: ChipInputs) -> None:
    assert float(parts().usable) == pytest.approx(80e9 * (1 - RESERVED_SHARE))
    assert 0.05 <= RESERVED_SHARE <= 0.08
