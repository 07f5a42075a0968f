"""Memory by hand: Korthikanti's activation formulas, ZeRO's bytes per parameter, and the fullest stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from planner.engine.activations import activation_bytes_per_token
from planner.engine.inputs import ArchitectureInputs, ChipInputs, Layouts, WorkloadInputs
from planner.engine.memory import MemoryParts, memory_parts
from planner.engine.sharding import sharing_ranks, state_bytes
from planner.engine.work import FLOAT_BYTES, HALF_BYTES, ModelWork, model_work, total_parameters

H, HEADS, S, V, LAYERS = 12288, 96, 2048, 51200, 96
#: Of the moments and the master weight of Adam in single precision.
OPTIMIZER_STATE_BYTES = 12.0
WORKLOAD = WorkloadInputs(sequence_length=float(S), global_batch_sequences=64.0)
#: The same, where attention writes its scores.
UNFUSED = replace(WORKLOAD, writes_scores=1.0)


def kept(work: ModelWork, workload: WorkloadInputs = WORKLOAD, **columns: float) -> tuple[float, float]:
    layout = Layouts(**{"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, **columns})
    found = activation_bytes_per_token(work, layout, workload)
    return float(found.kept), float(found.kept_recomputed)


def test_a_layer_keeps_34_and_the_scores(work: ModelWork) -> None:
    # sbh (34 + 5as/h), per token: equation 1
    assert kept(work, UNFUSED)[0] == pytest.approx(H * (34 + 5 * HEADS * S / H))


@pytest.mark.parametrize("tensor", [2, 4, 8])
def test_tensor_parallelism_leaves_ten_whole(work: ModelWork, tensor: int) -> None:
    # sbh (10 + 24/t + 5as/ht): equation 2
    expected = H * (10 + 24 / tensor + 5 * HEADS * S / (H * tensor))
    assert kept(work, UNFUSED, tensor=float(tensor), is_sequence_parallel=0.0)[0] == pytest.approx(expected)


@pytest.mark.parametrize("tensor", [1, 2, 4, 8])
def test_sequence_parallelism_divides_everything(work: ModelWork, tensor: int) -> None:
    # sbh/t (34 + 5as/h): equation 4; with the attention core recomputed 34 sbh/t: equation 6
    assert kept(work, UNFUSED, tensor=float(tensor))[0] == pytest.approx(
        H / tensor * (34 + 5 * HEADS * S / H)
    )
    selective = kept(work, UNFUSED, tensor=float(tensor), recompute_attention=1.0)[0]
    assert selective == pytest.approx(34 * H / tensor)
    # a fused kernel writes none
    assert kept(work, tensor=float(tensor))[0] == selective


def test_full_recomputation_keeps_two(work: ModelWork) -> None:
    assert kept(work)[1] == 2 * H
    assert kept(work, tensor=8.0)[1] == 2 * H / 8
    assert kept(work, tensor=8.0, is_sequence_parallel=0.0)[1] == 2 * H


def test_a_gated_grouped_block_by_the_same_rules(llama_405b: ArchitectureInputs) -> None:
    work = model_work(llama_405b, WorkloadInputs(sequence_length=8192.0, global_batch_sequences=1.0))
    # two norm inputs and two matmul inputs; q, k, v, attention's output; gate, up and their product
    expected = 8 * 16384 + 2 * (16384 + 2 * 1024 + 16384) + 2 * 3 * 53248
    assert kept(work)[0] == expected


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
def parts(work: ModelWork, chip: ChipInputs, workload: WorkloadInputs) -> Parts:
    def make(**columns: float) -> MemoryParts:
        layout = {"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, "zero": 0.0, **columns}
        return memory_parts(work, Layouts(**layout), chip, workload)

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
    assert float(found.activations) == pytest.approx(LAYERS * S * H * 34)
    # a plain loss; what the layer at work needs besides is less, and comes after the logits are gone
    assert float(found.logits) == S * V * 12
    assert float(found.buffers) == 0


def test_an_untied_head_and_learned_positions_are_held_once(
    gpt3: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0, zero=0.0)
    untied = model_work(replace(gpt3, has_tied_embeddings=0.0, learned_positions=2048.0), workload)
    found = memory_parts(untied, layout, chip, workload)
    assert float(found.weights) == pytest.approx(2 * float(total_parameters(untied)))
    assert float(total_parameters(untied)) > float(total_parameters(model_work(gpt3, workload)))


def test_the_first_stage_holds_a_pipeline_of_microbatches(parts: Parts) -> None:
    # 12 layers of 8 microbatches: as much as all 96 layers of one
    found = parts(pipeline=8.0)
    assert float(found.activations) == pytest.approx(12 * 8 * S * H * 34)
    assert float(found.logits) == 0
    # the gradients of the layer at work
    assert float(found.buffers) == pytest.approx(float(WORKLOAD.working_gradients) * S * H * 34)
    interleaved = parts(pipeline=8.0, virtual_stages=3.0)
    assert float(interleaved.activations) == pytest.approx((1 + 7 / 24) * 12 * 8 * S * H * 34)


def test_the_last_stage_counts_where_it_is_the_fullest(parts: Parts) -> None:
    # one microbatch in all: the first stage holds no more of them than the last, which adds the logits
    found = parts(pipeline=2.0, data=64.0)
    assert float(found.logits) == S * V * 12


def test_recomputed_layers_keep_their_input_and_one_is_alive(parts: Parts) -> None:
    found = parts(recompute_layers=1.0, pipeline=2.0)
    assert float(found.activations) == pytest.approx(S * H * LAYERS * 2)
    assert float(found.buffers) == pytest.approx(S * H * (1 + float(WORKLOAD.working_gradients)) * 34)
    half = parts(recompute_layers=0.5, pipeline=2.0)
    assert float(half.activations) == pytest.approx(S * H * LAYERS * (0.5 * 2 + 0.5 * 34))


def test_gradients_take_the_bytes_that_the_workload_says(
    work: ModelWork, chip: ChipInputs, workload: WorkloadInputs
) -> None:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=1.0, zero=0.0)
    found = memory_parts(work, layout, chip, replace(workload, held_gradient_bytes=2.0))
    assert float(found.gradients) == pytest.approx(2 * float(total_parameters(work)))


def test_degrees_divide_what_they_shard(parts: Parts) -> None:
    whole, tensor, data = parts(), parts(tensor=8.0), parts(data=8.0, zero=3.0)
    assert float(tensor.weights) == pytest.approx(float(whole.weights) / 8)
    assert float(tensor.activations) == pytest.approx(float(whole.activations) / 8)
    assert float(data.weights) == pytest.approx(float(whole.weights) / 8)
    assert float(data.optimizer) == pytest.approx(float(whole.optimizer) / 8)
    context = parts(context=2.0)
    assert float(context.activations) == pytest.approx(float(whole.activations) / 2)


def test_sharded_weights_are_gathered_two_layers_at_a_time(work: ModelWork, chip: ChipInputs) -> None:
    less = with_recipe(work, chip, logit_bytes=0.0, gathered_layers=0.0)
    more = float(with_recipe(work, chip, logit_bytes=0.0).buffers - less.buffers)
    assert more == pytest.approx(2 * 2 * (12 * H**2 + 4 * H))


def test_expert_parallelism_shards_only_experts(
    small_mixture: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs
) -> None:
    work = model_work(small_mixture, workload)

    def weights(expert: float, data: float = 8.0) -> float:
        layout = Layouts(tensor=1.0, pipeline=1.0, data=data, microbatch=1.0, zero=0.0, expert=expert)
        return float(memory_parts(work, layout, chip, workload).weights)

    # 8 layers of 16 experts of 3 x 1024 x 1024, in two bytes
    experts = 2 * 8 * 16 * 3 * 1024**2
    assert weights(1.0) - weights(8.0) == pytest.approx(experts * 7 / 8)
    assert weights(1.0) == pytest.approx(2 * float(total_parameters(work)))


def test_experts_optimizer_is_shared_by_their_own_replicas(
    small_mixture: ArchitectureInputs, chip: ChipInputs, workload: WorkloadInputs
) -> None:
    work = model_work(small_mixture, workload)

    def optimizer(expert: float) -> float:
        layout = Layouts(tensor=1.0, pipeline=1.0, data=8.0, microbatch=1.0, zero=1.0, expert=expert)
        return float(memory_parts(work, layout, chip, workload).optimizer)

    # an eighth of the experts on each chip without a replica, or all of them in eight shards: the same
    assert optimizer(8.0) == pytest.approx(optimizer(1.0))
    assert optimizer(1.0) == pytest.approx(12 * float(total_parameters(work)) / 8)


def test_what_software_does_not_see_is_not_used(parts: Parts, workload: WorkloadInputs) -> None:
    assert float(parts().usable) == pytest.approx(80e9 * (1 - float(workload.hidden_share)))


def with_recipe(work: ModelWork, chip: ChipInputs, **recipe: float) -> MemoryParts:
    layout = Layouts(tensor=1.0, pipeline=1.0, data=8.0, microbatch=1.0, zero=3.0)
    return memory_parts(work, layout, chip, replace(WORKLOAD, **recipe))


def test_adapters_alone_have_states(work: ModelWork, chip: ChipInputs) -> None:
    found = with_recipe(work, chip, trains_all=0.0, adapter_parameters=1e6)
    parameters = float(total_parameters(work))
    assert float(found.weights) == pytest.approx(2 * parameters / 8)
    assert float(found.gradients) == pytest.approx(4 * LAYERS * 1e6 / 8)
    assert float(found.optimizer) == pytest.approx(12 * LAYERS * 1e6 / 8)


def test_a_shard_that_is_the_master_is_held_once(work: ModelWork, chip: ChipInputs) -> None:
    found = with_recipe(work, chip, shard_is_master=1.0)
    states = float(found.weights + found.gradients + found.optimizer)
    assert states == pytest.approx(16 * float(total_parameters(work)) / 8)
    pure = with_recipe(work, chip, shard_is_master=1.0, master_bytes=0.0, moment_bytes=4.0)
    assert float(pure.weights) == pytest.approx(2 * float(total_parameters(work)) / 8)


def test_what_lies_on_the_host_is_not_on_the_chip(work: ModelWork, chip: ChipInputs) -> None:
    whole = with_recipe(work, chip)
    states = with_recipe(work, chip, holds_optimizer=0.0)
    assert float(states.optimizer) == 0
    assert float(states.gradients) == float(whole.gradients)
    weights = with_recipe(work, chip, holds_weights=0.0, holds_optimizer=0.0)
    assert float(weights.weights + weights.gradients + weights.optimizer) == 0
    kept_half = with_recipe(work, chip, holds_activations=0.5)
    assert float(kept_half.activations) == pytest.approx(float(whole.activations) / 2)


def test_the_step_counts_where_it_takes_more(work: ModelWork, chip: ChipInputs) -> None:
    found = with_recipe(work, chip, step_bytes=8.0)
    step = 8 * float(total_parameters(work)) / 8
    beside = float(found.activations + found.logits + found.buffers)
    assert beside == pytest.approx(max(step, float(found.activations + found.logits)))
    some = with_recipe(work, chip, step_bytes=8.0, step_parameters=1e9)
    assert float(some.buffers) <= float(found.buffers)


def test_a_part_that_runs_again_is_not_kept(llama_405b: ArchitectureInputs, chip: ChipInputs) -> None:
    workload = WorkloadInputs(sequence_length=8192.0, global_batch_sequences=1.0)
    work = model_work(llama_405b, workload)
    hidden, keys, width = 16384, 1024, 53248
    whole = kept(work)[0]
    assert whole - kept(work, drops_norms=1.0)[0] == 4 * hidden
    assert whole - kept(work, drops_activations=1.0)[0] == 2 * width
    assert whole - kept(work, drops_feed_forward=1.0)[0] == 6 * width
    # torchtitan: the input, half of what the projections give, attention's result, half of the feed-forward's
    second = kept(work, keeps_second_matmuls=1.0)[0]
    assert second == 2 * (hidden + hidden + keys + hidden + width)
