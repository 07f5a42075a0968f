"""Parameter counts and FLOPs of GPT-3, Llama 3.1 405B and DeepSeek-V3, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.engine.architecture import layer_parameters, mixture_layers, parameter_counts
from planner.engine.attention import attention_flops_per_token, mean_context
from planner.engine.flops import recomputed_flops_per_token, training_flops_per_token
from planner.engine.inputs import ArchitectureInputs

H, L, S, V = 12288, 96, 2048, 51200


@pytest.fixture
def few() -> ArchitectureInputs:
    """Return two dense layers of width 4 and two mixtures: four experts 6 wide and a shared one 1 wide."""
    return ArchitectureInputs(
        layers=4.0,
        hidden=4.0,
        heads=2.0,
        key_value_heads=1.0,
        head_dimension=2.0,
        feed_forward_width=8.0,
        vocabulary=10.0,
        experts=4.0,
        active_experts=2.0,
        expert_width=6.0,
        shared_width=1.0,
        first_dense_layers=2.0,
    )


def test_a_gpt_layer_holds_twelve_squares_of_the_hidden_size(gpt3: ArchitectureInputs) -> None:
    part = layer_parameters(gpt3)
    assert float(part.attention_matmul) == 4 * H**2
    assert float(part.feed_forward_matmul) == 8 * H**2
    # two layer norms of a gain and a bias each
    assert float(part.norm_vectors) == 4 * H


def test_gpt3_counts_its_layers_its_tied_embedding_and_its_last_norm(gpt3: ArchitectureInputs) -> None:
    counts = parameter_counts(gpt3)
    assert float(counts.total) == L * (12 * H**2 + 4 * H) + V * H + 2 * H
    assert float(counts.active) == float(counts.total)
    # the number that Megatron-LM's benchmarks of this shape count: 174,575,321,088
    assert float(counts.active_matmul) == 174_575_321_088
    assert float(counts.prediction) == 0


def test_biases_norms_and_positions_are_counted(gpt3: ArchitectureInputs) -> None:
    biased = replace(
        gpt3,
        has_query_key_value_bias=1.0,
        has_attention_output_bias=1.0,
        has_feed_forward_bias=1.0,
        has_output_head_bias=1.0,
        has_query_key_norm=1.0,
        learned_positions=2048.0,
        other_parameters=7.0,
    )
    # per layer: 3h (queries, keys, values) + h (output) + 4h + h (feed-forward) + 2 x 128 (norms)
    more = L * (9 * H + 256) + V + 2048 * H + 7
    assert float(parameter_counts(biased).total) - float(parameter_counts(gpt3).total) == more


def test_llama_405b_by_hand(llama_405b: ArchitectureInputs) -> None:
    part = layer_parameters(llama_405b)
    # queries and output 16384^2 each, keys and values 16384 x 1024 each
    assert float(part.attention_matmul) == 570_425_344
    assert float(part.feed_forward_matmul) == 3 * 16384 * 53248 == 2_617_245_696
    # 126 (570425344 + 2617245696 + 2 x 16384) + 2 x 128256 x 16384 + 16384
    assert float(parameter_counts(llama_405b).total) == 405_853_388_800


def test_deepseek_v3_by_hand(deepseek_v3: ArchitectureInputs) -> None:
    part = layer_parameters(deepseek_v3)
    query = 7168 * 1536 + 1536 * 128 * (128 + 64)
    key_value = 7168 * (512 + 64) + 512 * 128 * (128 + 128)
    output = 128 * 128 * 7168
    assert float(part.attention_matmul) == query + key_value + output == 187_105_280
    assert float(part.expert_matmul) == 3 * 7168 * 2048 == 44_040_192
    assert float(part.router) == 256 * (7168 + 1)
    assert float(mixture_layers(deepseek_v3)) == 58
    counts = parameter_counts(deepseek_v3)
    assert float(counts.total) == 671_026_419_200
    # "671B total parameters, of which 37B are activated for each token"
    assert float(counts.active) / 1e9 == pytest.approx(37.5, abs=0.6)


def test_a_dense_feed_forward_and_its_experts_are_told_apart(small_mixture: ArchitectureInputs) -> None:
    every_other = replace(small_mixture, mixture_layer_every=2.0)
    assert float(mixture_layers(every_other)) == 4
    assert float(mixture_layers(replace(small_mixture, first_dense_layers=3.0))) == 5
    assert float(mixture_layers(replace(small_mixture, experts=0.0))) == 0
    counts = parameter_counts(small_mixture)
    # 14 of 16 experts of 3 x 1024 x 1024 rest, in each of 8 layers
    assert float(counts.total - counts.active) == 8 * 14 * 3 * 1024**2


def test_a_mixture_of_few_elements_by_hand(few: ArchitectureInputs) -> None:
    # attention 48, norms 8, router 16, shared 3 x 4 x 1, four experts of 3 x 4 x 6
    sparse = 48 + 8 + 16 + 12 + 4 * 72
    assert float(parameter_counts(few).total) == 2 * 152 + 2 * sparse + 40 + 40 + 4
    # a gate of the shared expert; biases of two ways up and one down: 16 an expert, 20 a dense layer
    gated = replace(few, has_shared_gate=1.0)
    assert float(parameter_counts(gated).total - parameter_counts(few).total) == 2 * 4
    biased = replace(few, has_feed_forward_bias=1.0)
    assert float(parameter_counts(biased).total - parameter_counts(few).total) == 2 * 20 + 2 * 4 * 16
    # of which a token uses two experts'
    assert float(parameter_counts(biased).active - parameter_counts(few).active) == 2 * 20 + 2 * 2 * 16


def test_a_prediction_module_is_a_last_layer_with_its_projection(few: ArchitectureInputs) -> None:
    # from twice the hidden size, and three norms
    modules = replace(few, multi_token_prediction_layers=2.0)
    assert float(parameter_counts(modules).prediction) == 2 * (372 + 2 * 4 * 4 + 3 * 4)
    dense = replace(modules, experts=0.0)
    assert float(parameter_counts(dense).prediction) == 2 * (152 + 2 * 4 * 4 + 3 * 4)


def test_the_last_mixture_layer_may_find_no_room(few: ArchitectureInputs) -> None:
    assert float(mixture_layers(replace(few, layers=9.0, mixture_layer_every=2.0))) == 3
    assert float(mixture_layers(replace(few, layers=1.0))) == 0
    assert float(mixture_layers(replace(few, experts=1.0))) == 2


def test_latent_queries_may_have_no_rank(deepseek_v3: ArchitectureInputs) -> None:
    direct = layer_parameters(replace(deepseek_v3, query_rank=0.0))
    through = layer_parameters(deepseek_v3)
    saved = 7168 * 128 * 192 - (7168 * 1536 + 1536 * 128 * 192)
    assert float(direct.attention_matmul - through.attention_matmul) == saved
    # a norm less, of the rank
    assert float(through.attention_vectors - direct.attention_vectors) == 1536


def test_training_flops_are_those_of_narayanan(gpt3: ArchitectureInputs) -> None:
    # Megatron-LM (arXiv 2104.04473) counts with recomputation 96 B s l h^2 (1 + s/6h + V/16lh);
    # without it, three passes of four in the layers: 72 B s l h^2 (1 + s/6h + V/12lh)
    expected = 72 * L * H**2 * (1 + S / (6 * H) + V / (12 * L * H))
    assert float(training_flops_per_token(gpt3, S, causal=False)) == pytest.approx(expected, rel=1e-12)
    forward_again = 24 * L * H**2 + 2 * L * H * S
    assert float(recomputed_flops_per_token(gpt3, S, 0.0, 1.0)) == pytest.approx(forward_again, rel=1e-12)


def test_attention_is_12lhds_in_full_and_half_of_it_causal(gpt3: ArchitectureInputs) -> None:
    full = training_flops_per_token(gpt3, S, causal=False)
    causal = training_flops_per_token(gpt3, S, causal=True)
    # PaLM, appendix B: 12 L H Q T, and half of that
    assert float(full - causal) == 6 * L * H * S
    assert float(full) - 6 * float(parameter_counts(gpt3).active_matmul) == 12 * L * H * S


def test_selective_recomputation_runs_only_attention_again(gpt3: ArchitectureInputs) -> None:
    # scores and their sum: 2 x 2 h S, halved by the causal mask
    assert float(recomputed_flops_per_token(gpt3, S, 1.0, 0.0)) == L * 2 * H * S
    assert float(recomputed_flops_per_token(gpt3, S, 0.0, 0.0)) == 0


def test_llama_405b_took_its_published_flops(llama_405b: ArchitectureInputs) -> None:
    # The Llama 3 Herd of Models: 3.8e25 FLOPs for 15.6T tokens; it does not say whether attention counts
    flops = 15.6e12 * float(training_flops_per_token(llama_405b, 8192, causal=True))
    assert flops == pytest.approx(3.8e25, rel=0.05)


def test_latent_attention_multiplies_keys_and_values_of_different_width(
    deepseek_v3: ArchitectureInputs,
) -> None:
    flops = attention_flops_per_token(deepseek_v3, 4096, causal=False)
    assert float(flops) == 2 * 128 * (192 + 128) * 4096


def test_prediction_modules_train_but_are_no_part_of_the_model(deepseek_v3: ArchitectureInputs) -> None:
    with_module = training_flops_per_token(deepseek_v3, 4096, causal=True)
    without = training_flops_per_token(deepseek_v3, 4096, causal=True, with_prediction=False)
    counts = parameter_counts(deepseek_v3)
    attention = 3 * float(attention_flops_per_token(deepseek_v3, 4096, causal=True))
    assert float(with_module - without) == 6 * float(counts.prediction_active_matmul) + attention
    # one mixture layer with 8 of its experts, the projection from 2h to h, and the shared head
    sparse = 187_105_280 + 256 * 7169 + 9 * 44_040_192
    assert float(counts.prediction_active_matmul) == sparse + 2 * 7168**2 + 129_280 * 7168


def test_a_window_meets_fewer_keys(small: ArchitectureInputs) -> None:
    windowed = replace(small, window=1024.0)
    # the first 1,024 queries meet half of the window on average
    assert float(mean_context(windowed, 4096, causal=True)) == 1024 - 1024**2 / 8192
    alternating = replace(windowed, window_full_every=2.0)
    assert float(mean_context(alternating, 4096, causal=True)) == (2048 + 896) / 2
    every_layer_full = replace(windowed, window_full_every=1.0)
    assert float(mean_context(every_layer_full, 4096, causal=True)) == 2048
    assert float(mean_context(windowed, 1024, causal=True)) == 512


def test_shapes_broadcast_as_columns() -> None:
    shapes = ArchitectureInputs(
        layers=np.array([2.0, 4.0]),
        hidden=np.array([64.0, 128.0]),
        heads=2.0,
        key_value_heads=2.0,
        head_dimension=np.array([32.0, 64.0]),
        feed_forward_width=np.array([256.0, 512.0]),
        is_gated=0.0,
    )
    total = parameter_counts(shapes).active_matmul
    assert total.tolist() == [2 * 12 * 64**2, 4 * 12 * 128**2]
