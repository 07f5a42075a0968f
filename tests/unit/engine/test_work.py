"""The work of an average layer by hand: dense, mixture and latent shapes of a few elements."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from planner.engine.architecture import parameter_counts
from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
from planner.engine.work import ModelWork, active_experts_width, model_work, total_parameters

WORKLOAD = WorkloadInputs(sequence_length=8.0, global_batch_sequences=1.0)


@pytest.fixture
def tiny() -> ArchitectureInputs:
    """Return four layers of width 4: two heads of 2 on one of keys and values, a gated part 8 wide."""
    return ArchitectureInputs(
        layers=4.0,
        hidden=4.0,
        heads=2.0,
        key_value_heads=1.0,
        head_dimension=2.0,
        feed_forward_width=8.0,
        vocabulary=10.0,
    )


def test_documents_of_half_a_sequence_halve_its_attention_and_nothing_else(tiny: ArchitectureInputs) -> None:
    whole = model_work(tiny, WORKLOAD)
    packed = model_work(tiny, replace(WORKLOAD, document_tokens=4.0))
    assert float(packed.attention_flops) == float(whole.attention_flops) / 2
    assert float(packed.mean_context) == 2.0
    others = {field.name for field in fields(ModelWork)} - {"attention_flops", "mean_context"}
    assert all(getattr(packed, name) == getattr(whole, name) for name in others)
    # a document that is longer than the sequence is cut
    assert model_work(tiny, replace(WORKLOAD, document_tokens=9.0)).mean_context == whole.mean_context


@pytest.fixture
def mixture(tiny: ArchitectureInputs) -> ArchitectureInputs:
    """Return the same with two dense layers and two of four experts 6 wide, and a shared one 1 wide."""
    return replace(
        tiny, experts=4.0, active_experts=2.0, expert_width=6.0, shared_width=1.0, first_dense_layers=2.0
    )


@pytest.fixture
def latent(tiny: ArchitectureInputs) -> ArchitectureInputs:
    """Return the same with latent attention: query rank 5, key-value rank 6, heads of 3 + 1 and 2."""
    return replace(
        tiny,
        is_latent=1.0,
        query_rank=5.0,
        key_value_rank=6.0,
        nope_dimension=3.0,
        rope_dimension=1.0,
        value_dimension=2.0,
    )


def values(work: ModelWork, *names: str) -> list[float]:
    return [float(getattr(work, name)) for name in names]


def test_a_dense_layer(tiny: ArchitectureInputs) -> None:
    work = model_work(tiny, WORKLOAD)
    # queries and output 4 x 4, keys and values 4 x 2; three matrices 4 x 8; two norms of 4
    assert values(work, "dense_parameters", "layer_parameters") == [48 + 96, 48 + 96 + 8]
    # queries 4, keys and values 2 each
    widths = ("query_key_value_width", "attention_output_width", "key_value_width")
    assert values(work, *widths) == [8, 4, 4]
    assert values(work, "feed_forward_width", "routed_width", "other_kept_width") == [8, 0, 0]
    # one width of 4 each for queries-keys-values, output, and three matrices
    assert values(work, "dense_width_terms") == [5 * 4]
    # scores and sums of two heads of 2 + 2 with 4 keys in the mean
    assert values(work, "mean_context", "attention_flops") == [4, 2 * 2 * 4 * 4]
    assert values(work, "head_parameters", "embedding_parameters") == [40, 40]
    assert not work.has_experts


def test_a_plain_block_has_two_matrices(tiny: ArchitectureInputs) -> None:
    work = model_work(replace(tiny, is_gated=0.0), WORKLOAD)
    assert values(work, "dense_parameters", "dense_width_terms", "is_gated") == [48 + 64, 4 * 4, 0]


def test_an_average_layer_is_half_a_mixture(mixture: ArchitectureInputs) -> None:
    work = model_work(mixture, WORKLOAD)
    assert work.has_experts
    assert values(work, "mixture_share") == [0.5]
    # the shared expert has 3 x 4 x 1 parameters, the router 4 x 4
    assert values(work, "dense_parameters") == [48 + 0.5 * 96 + 0.5 * (12 + 16)]
    assert values(work, "expert_parameters", "expert_width_terms", "expert_width") == [72, 12, 6]
    assert values(work, "feed_forward_width", "routed_width") == [0.5 * 8 + 0.5 * 1, 0.5 * 2 * 6]
    assert values(work, "layer_expert_parameters") == [0.5 * 4 * 72]
    # every layer has feed-forward matrices that all tokens pass: the dense ones or the shared expert's
    assert values(work, "dense_width_terms") == [8 + 12]
    without_shared = model_work(replace(mixture, shared_width=0.0), WORKLOAD)
    assert values(without_shared, "dense_width_terms") == [8 + 0.5 * 12]
    assert float(active_experts_width(mixture)) == 12


def test_latent_attention(latent: ArchitectureInputs) -> None:
    work = model_work(latent, WORKLOAD)
    # down to the ranks and up again: 4 x 5 + 5 x 8 and 4 x (6 + 1) + 6 x 10, and 4 x 4 back
    assert values(work, "dense_parameters") == [60 + 88 + 16 + 96]
    # without a rank, queries are projected in one step of 4 x 8
    direct = model_work(replace(latent, query_rank=0.0), WORKLOAD)
    assert values(direct, "dense_parameters") == [32 + 88 + 16 + 96]
    # queries and keys of 2 x (3 + 1), values of 2 x 2; ring attention passes the rank and the rotated part
    widths = ("query_key_value_width", "attention_output_width", "key_value_width", "other_kept_width")
    assert values(work, *widths) == [8 + 8 + 4, 4, 6 + 1, 5 + 6]
    # a norm of each rank
    assert values(work, "layer_parameters") == [60 + 88 + 16 + 96 + 8 + 11]


def test_learned_positions_are_held_with_the_embedding(tiny: ArchitectureInputs) -> None:
    work = model_work(replace(tiny, learned_positions=8.0), WORKLOAD)
    assert values(work, "embedding_parameters", "head_parameters") == [40 + 32, 40]


def test_all_layers_together_are_the_model(mixture: ArchitectureInputs) -> None:
    work = model_work(mixture, WORKLOAD)
    # two dense layers of 152, two mixtures of 56 + 28 + 4 x 72, and 40 at either end
    assert float(total_parameters(work)) == 2 * 152 + 2 * 372 + 80
    tied = model_work(replace(mixture, has_tied_embeddings=1.0), WORKLOAD)
    assert float(total_parameters(tied)) == 2 * 152 + 2 * 372 + 40
    # the last norm stands outside
    assert float(parameter_counts(mixture).total) == 2 * 152 + 2 * 372 + 80 + 4


def test_biases_belong_to_the_layer(mixture: ArchitectureInputs) -> None:
    biased = replace(
        mixture, has_feed_forward_bias=1.0, has_query_key_value_bias=1.0, has_attention_output_bias=1.0
    )
    more = model_work(biased, WORKLOAD), model_work(mixture, WORKLOAD)
    # queries, keys and values 8 and output 4; two ways up 8 wide and one down to 4, in half of the layers
    assert float(more[0].layer_parameters - more[1].layer_parameters) == 12 + 0.5 * 20
    # of four experts in half of the layers, two ways up 6 wide and one down to 4
    assert float(more[0].layer_expert_parameters - more[1].layer_expert_parameters) == 0.5 * 4 * 16
