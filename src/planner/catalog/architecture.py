"""From an architecture as a file holds it to the engine's numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from planner.catalog.encoders import encoder_inputs
from planner.catalog.token_mixers import MIXERS
from planner.domain.architecture import Architecture, LanguageModel, MixtureOfExperts
from planner.domain.layer_pattern import ATTENTION, LayerKind
from planner.engine.inputs import ArchitectureInputs
from planner.errors import ProfileError

#: A layer that mixes tokens and channels has two blocks, each with its normalisations.
BLOCKS = 2.0


def architecture_of(model: LanguageModel) -> Architecture:
    """Return a model's architecture.

    Raises
    ------
    ProfileError
        Where no shape of the schema is that model: it is refused by name, and never costed as another.
    """
    if model.architecture is None:
        raise ProfileError(f"{model.name} cannot be estimated: {model.inexpressible_because}")
    return model.architecture


def architecture_inputs(shape: Architecture) -> ArchitectureInputs:
    """Return the engine's record of one architecture, with its kinds of layers where they differ."""
    plain = _plain_inputs(shape)
    if not shape.pattern and shape.sparse_attention is None:
        return plain
    counted = Counter(shape.kinds)
    kinds = tuple(_kind_inputs(shape, plain, kind, layers) for kind, layers in counted.items())
    if len(kinds) == 1 and kinds[0].norms_per_layer == plain.norms_per_layer:
        return replace(kinds[0], encoders=plain.encoders)
    # the model's own attention is the one that sees most
    tokens = {word: kind.token for kind in counted for word in kind.token}
    own = next((tokens[word] for word in ATTENTION if word in tokens), None)
    return replace(_with_token_mixers(shape, plain, own) if own else plain, kinds=kinds)


def _plain_inputs(shape: Architecture) -> ArchitectureInputs:
    """Return the shape without its pattern: as if every layer had the model's own attention."""
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
        normalises_heads_together=float(shape.normalises_heads_together),
        has_query_key_value_bias=float(shape.bias.query_key_value),
        has_attention_output_bias=float(shape.bias.attention_output),
        has_feed_forward_bias=float(shape.bias.feed_forward),
        has_output_head_bias=float(shape.bias.output_head),
        has_output_gate=float(shape.has_output_gate),
        keys_are_values=float(shape.keys_are_values),
        window=float(window.window) if window else 0.0,
        window_full_every=float(window.full_every) if window else 0.0,
        multi_token_prediction_layers=float(shape.multi_token_prediction_layers),
        other_parameters=float(shape.other_parameters),
        encoders=tuple(encoder_inputs(encoder) for encoder in shape.encoders),
        **_values(shape),
        **_mixture(shape.mixture),
    )


def _kind_inputs(
    shape: Architecture, plain: ArchitectureInputs, kind: LayerKind, layers: int
) -> ArchitectureInputs:
    """Return one kind of layers as a model of its own."""
    blocks = (kind.token != ("none",)) + (kind.channel != "none")
    record = replace(
        _with_token_mixers(shape, plain, kind.token),
        layers=float(layers),
        norms_per_layer=float(plain.norms_per_layer) * blocks / BLOCKS,
        first_dense_layers=0.0,
        mixture_layer_every=1.0,
        encoders=(),
    )
    if kind.channel != "dense":
        record = replace(record, feed_forward_width=0.0)
    if kind.channel != "mixture":
        record = replace(record, experts=0.0, active_experts=0.0, expert_width=0.0, shared_width=0.0)
    return record


def _with_token_mixers(
    shape: Architecture, plain: ArchitectureInputs, token: tuple[str, ...]
) -> ArchitectureInputs:
    """Return the shape with some words of the pattern as every layer's token mixers."""
    attention = next((word for word in token if word in ATTENTION), None)
    record = replace(
        plain,
        window=0.0,
        window_full_every=0.0,
        has_attention=float(attention is not None),
        mixers=tuple(MIXERS[word](shape) for word in token if word in MIXERS),
    )
    if attention == "full":
        value = float(shape.value_dimension or 0)
        record = replace(record, is_latent=0.0, query_rank=0.0, value_dimension=value)
    return replace(record, **_REACH[attention](shape)) if attention in _REACH else record


def _windowed(shape: Architecture) -> dict[str, Any]:
    """Return what differs where attention sees a window: that, and heads that are not the model's own."""
    window = shape.window
    assert window is not None  # the model's validator: the pattern names it
    others = ("heads", "key_value_heads", "head_dimension", "value_dimension", "keys_are_values")
    said = {name: getattr(window, name) for name in others}
    return {
        "window": float(window.window),
        **{name: float(value) for name, value in said.items() if value is not None},
    }


def _sparse(shape: Architecture) -> dict[str, Any]:
    sparse = shape.sparse_attention
    assert sparse is not None  # the model's validator: the pattern names it
    return {
        "top_k": float(sparse.top_k),
        "index_heads": float(sparse.index_heads),
        "index_dimension": float(sparse.index_dimension),
    }


#: What a query sees, by the word of the pattern; every earlier token where it is none of these.
_REACH: Mapping[str | None, Callable[[Architecture], dict[str, Any]]] = MappingProxyType(
    {
        "window": _windowed,
        "chunk": lambda shape: {"chunk": float(shape.chunk_length or 0)},
        "sparse": _sparse,
        "chosen": lambda shape: {"top_k": _sparse(shape)["top_k"]},
    }
)


def _values(shape: Architecture) -> dict[str, Any]:
    """Return the width of values, and what makes attention latent where it is."""
    latent = shape.latent_attention
    if latent is None:
        return {"value_dimension": float(shape.value_dimension or 0)}
    return {
        "is_latent": 1.0,
        "query_rank": float(latent.query_rank),
        "key_value_rank": float(latent.key_value_rank),
        "rope_dimension": float(latent.rope_dimension),
        "nope_dimension": float(latent.nope_dimension),
        "value_dimension": float(latent.value_dimension),
    }


def _mixture(mixture: MixtureOfExperts | None) -> dict[str, Any]:
    if mixture is None:
        return {}
    numbers = {
        "experts": float(mixture.experts),
        "active_experts": float(mixture.active_experts),
        "expert_width": float(mixture.expert_width),
        "expert_hidden": float(mixture.latent_width or 0),
        "shared_width": float(mixture.shared_width or mixture.shared_experts * mixture.expert_width),
        "first_dense_layers": float(mixture.first_dense_layers),
        "mixture_layer_every": float(mixture.layer_every),
        "has_router_bias": float(mixture.has_router_bias),
        "has_shared_gate": float(mixture.has_shared_gate),
    }
    if mixture.routing_groups_limit is not None:
        numbers["routing_groups_limit"] = float(mixture.routing_groups_limit)
    return numbers
