"""The one translation from profiles and plans to what the engine is told."""

from __future__ import annotations

import math

from planner.domain.architecture import Architecture
from planner.engine.inputs import ArchitectureInputs


def architecture_inputs(architecture: Architecture) -> ArchitectureInputs:
    """Return the architecture as the engine's floats."""
    latent = architecture.latent_attention
    mixture = architecture.mixture
    window = architecture.window
    return ArchitectureInputs(
        layers=float(architecture.layers),
        hidden=float(architecture.hidden),
        heads=float(architecture.heads),
        key_value_heads=float(architecture.key_value_heads),
        head_dimension=float(architecture.head_dimension),
        feed_forward_width=float(architecture.feed_forward_width),
        is_gated=float(architecture.is_gated),
        vocabulary=float(architecture.vocabulary),
        has_tied_embeddings=float(architecture.has_tied_embeddings),
        learned_positions=float(architecture.learned_positions),
        vectors_per_norm=1.0 if architecture.normalisation == "rms" else 2.0,
        norms_per_layer=float(architecture.norms_per_layer),
        norms_outside=float(architecture.norms_outside),
        has_query_key_norm=float(architecture.has_query_key_norm),
        has_query_key_value_bias=float(architecture.bias.query_key_value),
        has_attention_output_bias=float(architecture.bias.attention_output),
        has_feed_forward_bias=float(architecture.bias.feed_forward),
        has_output_head_bias=float(architecture.bias.output_head),
        is_latent=float(latent is not None),
        query_rank=float(latent.query_rank) if latent else 0.0,
        key_value_rank=float(latent.key_value_rank) if latent else 0.0,
        rope_dimension=float(latent.rope_dimension) if latent else 0.0,
        nope_dimension=float(latent.nope_dimension) if latent else 0.0,
        value_dimension=float(latent.value_dimension) if latent else 0.0,
        experts=float(mixture.experts) if mixture else 0.0,
        active_experts=float(mixture.active_experts) if mixture else 0.0,
        expert_width=float(mixture.expert_width) if mixture else 0.0,
        shared_width=float(mixture.shared_width) if mixture else 0.0,
        first_dense_layers=float(mixture.first_dense_layers) if mixture else 0.0,
        mixture_layer_every=float(mixture.layer_every) if mixture else 1.0,
        routing_groups_limit=float(mixture.routing_groups_limit or math.inf) if mixture else math.inf,
        has_router_bias=float(mixture.has_router_bias) if mixture else 0.0,
        has_shared_gate=float(mixture.has_shared_gate) if mixture else 0.0,
        window=float(window.window) if window else 0.0,
        window_full_every=float(window.full_every) if window else 0.0,
        multi_token_prediction_layers=float(architecture.multi_token_prediction_layers),
        other_parameters=float(architecture.other_parameters),
    )
