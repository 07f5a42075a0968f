"""From an architecture as a file holds it to the engine's numbers."""

from __future__ import annotations

from planner.domain.architecture import Architecture, LatentAttention, MixtureOfExperts
from planner.engine.inputs import ArchitectureInputs


def architecture_inputs(shape: Architecture) -> ArchitectureInputs:
    """Return the engine's record of one architecture."""
    latent = _latent(shape.latent_attention)
    mixture = _mixture(shape.mixture)
    window = shape.window
    return ArchitectureInputs(
        layers=float(shape.layers),
        hidden=float(shape.hidden),
        heads=float(shape.heads),
        key_value_heads=float(shape.key_value_heads),
        head_dimension=float(shape.head_dimension),
        feed_forward_width=float(shape.feed_forward_width),
        is_gated=float(shape.is_gated),
        vocabulary=float(shape.vocabulary),
        has_tied_embeddings=float(shape.has_tied_embeddings),
        learned_positions=float(shape.learned_positions),
        vectors_per_norm=1.0 if shape.normalisation == "rms" else 2.0,
        norms_per_layer=float(shape.norms_per_layer),
        norms_outside=float(shape.norms_outside),
        has_query_key_norm=float(shape.has_query_key_norm),
        has_query_key_value_bias=float(shape.bias.query_key_value),
        has_attention_output_bias=float(shape.bias.attention_output),
        has_feed_forward_bias=float(shape.bias.feed_forward),
        has_output_head_bias=float(shape.bias.output_head),
        window=float(window.window) if window else 0.0,
        window_full_every=float(window.full_every) if window else 0.0,
        multi_token_prediction_layers=float(shape.multi_token_prediction_layers),
        other_parameters=float(shape.other_parameters),
        **latent,
        **mixture,
    )


def _latent(latent: LatentAttention | None) -> dict[str, float]:
    if latent is None:
        return {}
    return {
        "is_latent": 1.0,
        "query_rank": float(latent.query_rank),
        "key_value_rank": float(latent.key_value_rank),
        "rope_dimension": float(latent.rope_dimension),
        "nope_dimension": float(latent.nope_dimension),
        "value_dimension": float(latent.value_dimension),
    }


def _mixture(mixture: MixtureOfExperts | None) -> dict[str, float]:
    if mixture is None:
        return {}
    numbers = {
        "experts": float(mixture.experts),
        "active_experts": float(mixture.active_experts),
        "expert_width": float(mixture.expert_width),
        "shared_width": float(mixture.shared_width or mixture.shared_experts * mixture.expert_width),
        "first_dense_layers": float(mixture.first_dense_layers),
        "mixture_layer_every": float(mixture.layer_every),
        "has_router_bias": float(mixture.has_router_bias),
        "has_shared_gate": float(mixture.has_shared_gate),
    }
    if mixture.routing_groups_limit is not None:
        numbers["routing_groups_limit"] = float(mixture.routing_groups_limit)
    return numbers
