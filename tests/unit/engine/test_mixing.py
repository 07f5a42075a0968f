"""Layers of several kinds by hand: states, chunks, windows, indexers, and layers of one block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pytest

from planner.engine.activations import activation_bytes_per_token
from planner.engine.architecture import dense_layers, layer_parameters, mixture_layers, parameter_counts
from planner.engine.attention import attention_flops_per_token, index_flops, mean_context, other_mixing_flops
from planner.engine.compute import layer_times
from planner.engine.experts import expert_layer_time
from planner.engine.inputs import (
    ArchitectureInputs,
    ChipInputs,
    Layouts,
    NetworkInputs,
    StackConstants,
    WorkloadInputs,
)
from planner.engine.mixers import LinearAttentionInputs, StateSpaceInputs
from planner.engine.mixing import shardable_heads
from planner.engine.traffic import context_layer_time, tensor_layer_time
from planner.engine.work import model_work

WORKLOAD = WorkloadInputs(sequence_length=8.0, global_batch_sequences=1.0)
Ideal: TypeAlias = Callable[..., StackConstants]
ALONE = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)


@pytest.fixture
def attention() -> ArchitectureInputs:
    """Return two layers of width 4 that attend and have a gated part 8 wide."""
    return ArchitectureInputs(
        layers=2.0,
        hidden=4.0,
        heads=2.0,
        key_value_heads=1.0,
        head_dimension=2.0,
        feed_forward_width=8.0,
        vocabulary=10.0,
    )


@pytest.fixture
def state() -> StateSpaceInputs:
    return StateSpaceInputs(
        heads=2.0,
        head_dimension=4.0,
        groups=1.0,
        state=3.0,
        convolution=4.0,
        chunk=2.0,
        has_convolution_bias=1.0,
        has_projection_bias=0.0,
    )


@pytest.fixture
def hybrid(attention: ArchitectureInputs, state: StateSpaceInputs) -> ArchitectureInputs:
    """Return six layers: two that attend, three of a state alone, one of a feed-forward part alone."""
    bare = replace(attention, feed_forward_width=0.0, norms_per_layer=1.0, has_attention=0.0)
    return replace(
        attention,
        layers=6.0,
        kinds=(
            attention,
            replace(bare, layers=3.0, mixers=(state,)),
            replace(bare, layers=1.0, feed_forward_width=8.0),
        ),
    )


def test_the_parameters_are_those_of_each_kind(hybrid: ArchitectureInputs) -> None:
    assert float(dense_layers(hybrid)) == 3
    assert float(mixture_layers(hybrid)) == 0
    # attention 48; a state's projections 4 x 24 and 8 x 4; three matrices of 4 x 8; a norm of 4 a block
    assert float(layer_parameters(hybrid).attention_matmul) == pytest.approx((2 * 48 + 3 * 128) / 6)
    total = 2 * (48 + 8) + 3 * (128 + 84 + 4) + 4 + 3 * 96
    assert float(parameter_counts(hybrid).total) == pytest.approx(total + 40 + 40 + 4, rel=1e-14)
    assert float(parameter_counts(hybrid).active_matmul) == pytest.approx(2 * 48 + 3 * 128 + 3 * 96 + 40)


def test_flops_are_those_of_each_kind(hybrid: ArchitectureInputs) -> None:
    # two of six layers attend to 4 keys in the mean: 2 x 2 x 4 x 4; three compute a state: 118
    assert float(mean_context(hybrid, 8, causal=True)) == pytest.approx(4 * 2 / 6)
    assert float(attention_flops_per_token(hybrid, 8, causal=True)) == pytest.approx((2 * 64 + 3 * 118) / 6)
    # a state costs the same at any length
    assert float(other_mixing_flops(hybrid, 8000, causal=True)) == pytest.approx(3 * 118 / 6)


def test_attention_at_128k_falls_by_the_share_of_layers_that_attend(hybrid: ArchitectureInputs) -> None:
    dense = replace(hybrid, kinds=())
    sparse = float(mean_context(hybrid, 131_072, causal=True))
    assert sparse / float(mean_context(dense, 131_072, causal=True)) == pytest.approx(2 / 6)


def test_the_work_of_the_mean_layer(hybrid: ArchitectureInputs) -> None:
    work = model_work(hybrid, WORKLOAD)
    # five of six layers mix tokens, three mix channels
    assert float(work.blocks) == pytest.approx(5 / 6 + 3 / 6)
    assert float(work.attention_share) == pytest.approx(2 / 6)
    assert float(work.attention_flops) == pytest.approx(2 / 6 * 64)
    assert float(work.state_flops) == pytest.approx(3 / 6 * 118)
    # what the rate depends on is that of the layers that attend
    assert float(work.mean_context) == 4
    assert float(work.head_width) == 2
    assert float(work.state_chunk) == 2
    # queries, keys and values 8; what a state's projection gives 24
    assert float(work.query_key_value_width) == pytest.approx((2 * 8 + 3 * 24) / 6)
    assert float(work.attention_output_width) == pytest.approx((2 * 4 + 3 * 8) / 6)
    assert float(work.key_value_width) == pytest.approx(2 / 6 * 4)
    assert float(work.feed_forward_width) == pytest.approx(3 / 6 * 8)
    assert float(work.state_elements) == pytest.approx(3 / 6 * 24)
    # of each block its norm's and its matmul's input, of the rest what matmuls and activations read
    found = activation_bytes_per_token(work, ALONE, WORKLOAD)
    inside = 2 * (float(work.query_key_value_width) + float(work.attention_output_width) + 3 * 4)
    assert float(found.kept) == pytest.approx(4 * float(work.blocks) * 4 + inside)
    assert float(found.kept_recomputed) == 2 * 4


def test_a_state_runs_as_attention_over_a_chunk_would(
    attention: ArchitectureInputs, state: StateSpaceInputs, chip: ChipInputs, ideal: Ideal
) -> None:
    alone = replace(attention, has_attention=0.0, mixers=(state,))
    stack = ideal(attention_half_context=6.0)
    times = layer_times(model_work(alone, WORKLOAD), np.array(1e6), ALONE, chip, stack, WORKLOAD)
    # 118 FLOPs a token at a quarter of the peak: chunks of 2 over 2 + 6
    assert float(times.attention) == pytest.approx(1e6 * 118 / 25e12)


def test_a_layer_of_one_block_moves_half_of_the_tensor_traffic(
    attention: ArchitectureInputs, network: NetworkInputs, ideal: Ideal
) -> None:
    half = replace(attention, kinds=(replace(attention, feed_forward_width=0.0),))
    layout = replace(ALONE, tensor=2)
    whole, one = (
        float(tensor_layer_time(model_work(shape, WORKLOAD), np.array(8.0), layout, network, ideal()).seconds)
        for shape in (attention, half)
    )
    assert one == pytest.approx(whole / 2)


def test_a_state_goes_on_once_a_sequence(
    attention: ArchitectureInputs, state: StateSpaceInputs, network: NetworkInputs, ideal: Ideal
) -> None:
    alone = model_work(replace(attention, has_attention=0.0, mixers=(state,)), WORKLOAD)
    layout = replace(ALONE, context=2, microbatch=3)
    found = context_layer_time(alone, np.array(12.0), layout, network, ideal())
    # 8 x 3 elements of each of three sequences, in single precision, once
    assert float(found.seconds) == pytest.approx(3 * 4 * 24 / 100e9)


def test_the_delta_rule_by_hand() -> None:
    kimi = LinearAttentionInputs(
        key_heads=32.0,
        value_heads=32.0,
        key_dimension=128.0,
        value_dimension=128.0,
        convolution=4.0,
        chunk=64.0,
        is_delta=1.0,
        has_head_decay=0.0,
        has_channel_decay=1.0,
        decay_rank=128.0,
        gate_rank=128.0,
        norm_width=128.0,
    )
    costs = kimi.costs(2304.0)
    # queries, keys, values and output of 4,096; the rate of each head; decay and gate through a rank of 128
    assert costs.matmul == 4 * 2304 * 4096 + 2304 * 32 + 2 * 128 * (2304 + 4096)
    assert costs.vectors == 4 * 3 * 4096 + 128 + 32 + 4096
    assert costs.flops == pytest.approx(32 * (64 * 5 * 128 + 6 * 128**2 + 64**2 / 3))


def test_chunks_windows_and_indexers_see_less(attention: ArchitectureInputs) -> None:
    chunked = replace(attention, chunk=4.0)
    assert float(mean_context(chunked, 8, causal=True)) == 2
    assert float(mean_context(chunked, 4, causal=False)) == 4
    sparse = replace(attention, top_k=2.0, index_heads=1.0, index_dimension=2.0)
    # of 8 keys 2, the first query one: 2 - 4 / 16
    assert float(mean_context(sparse, 8, causal=True)) == 1.75
    assert float(index_flops(sparse, 8, causal=True)) == pytest.approx(4 * (4 + 3.5) / 3)
    # the indexer: queries 4 x 2 from the hidden state, a key of 2 and a weight of its head, a norm of 2
    more = layer_parameters(sparse).common - layer_parameters(attention).common
    assert float(more) == 4 * 2 + 4 * (2 + 1) + 4


def test_chosen_keys_are_read_in_their_latent_form(deepseek_v3: ArchitectureInputs) -> None:
    sparse = replace(deepseek_v3, top_k=2048.0, index_heads=64.0, index_dimension=128.0)
    keys = 2048 - 2048**2 / (2 * 131_072)
    scores = 2 * 128 * (2 * 512 + 64) * keys
    indexer = 2 * 64 * 128 * (65_536 + 2 * keys) / 3
    found = attention_flops_per_token(sparse, 131_072, causal=True)
    assert float(found) == pytest.approx(scores + indexer)
    # its queries come from the compressed ones
    more = layer_parameters(sparse).attention_matmul - layer_parameters(deepseek_v3).attention_matmul
    assert float(more) == 1536 * 64 * 128 + 7168 * (128 + 64)


def test_gates_values_of_another_width_and_keys_that_are_values(attention: ArchitectureInputs) -> None:
    def matmul(**changes: Any) -> float:
        return float(layer_parameters(replace(attention, **changes)).attention_matmul)

    assert matmul(has_output_gate=1.0) == 48 + 4 * 4
    assert matmul(keys_are_values=1.0) == 48 - 4 * 2
    # values of 3: 4 x 3 of them, and an output of 6 x 4
    assert matmul(value_dimension=3.0) == 4 * 4 + 4 * 2 + 4 * 3 + 6 * 4
    assert float(attention_flops_per_token(replace(attention, value_dimension=3.0), 8, causal=True)) == 80


def test_queries_and_keys_are_normalised_by_head_or_together(attention: ArchitectureInputs) -> None:
    by_head = replace(attention, has_query_key_norm=1.0)
    assert float(layer_parameters(by_head).attention_vectors) == 2 * 2
    # two heads of queries and one of keys, 2 wide each
    together = replace(by_head, normalises_heads_together=1.0)
    assert float(layer_parameters(together).attention_vectors) == (2 + 1) * 2


def test_experts_of_a_narrower_state(
    small_mixture: ArchitectureInputs, network: NetworkInputs, ideal: Ideal
) -> None:
    narrow = replace(small_mixture, expert_hidden=256.0)
    # a quarter of each expert, and the ways down to it and up again
    more = parameter_counts(narrow).total - parameter_counts(small_mixture).total
    assert float(more) == 8 * (2 * 1024 * 256 - 16 * 3 * 768 * 1024)
    layout = replace(ALONE, data=4, expert=4)
    wide, less = (
        float(expert_layer_time(model_work(shape, WORKLOAD), np.array(8.0), layout, network, ideal()).seconds)
        for shape in (small_mixture, narrow)
    )
    assert less == pytest.approx(wide / 4)


def test_a_tensor_degree_divides_the_heads_of_all_kinds(hybrid: ArchitectureInputs) -> None:
    assert shardable_heads(hybrid) == 2
    assert shardable_heads(replace(hybrid, kinds=hybrid.kinds[1:])) == 2
    assert shardable_heads(replace(hybrid, heads=3.0, kinds=())) == 3
