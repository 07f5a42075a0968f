"""Encoders beside a language model, from the tables that describe them: those whose parts are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from planner.imports.shapes import Table

#: Channels of an image.
_COLOURS = 3
#: No key of an encoder is larger.
_LARGEST = 10**7


def read_encoder(config: Mapping[str, Any], key: str, hidden: int) -> Table | None:
    """Return the encoder of a table of a configuration; None where its parts are not all known.

    Parameters
    ----------
    config
        The whole configuration, of which some keys speak of the encoder.
    key
        The encoder's table.
    hidden
        Width of the decoder, to which the encoder's output is projected.
    """
    inner = config[key]
    read = _KNOWN.get(str(inner.get("model_type")))
    if key != "vision_config" or read is None:
        return None
    try:
        return read(config, inner, hidden)
    except (KeyError, TypeError, ValueError):
        return None


def _whole(table: Mapping[str, Any], key: str) -> int:
    """Return a count; raise where there is none."""
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LARGEST:
        raise ValueError(key)
    return value


def _layer_keys(inner: Mapping[str, Any], layers: str) -> Table:
    return {
        "kind": "vision",
        "layers": _whole(inner, layers),
        "hidden": _whole(inner, "hidden_size"),
        "feed_forward_width": _whole(inner, "intermediate_size"),
    }


def _gemma_3(config: Mapping[str, Any], inner: Mapping[str, Any], hidden: int) -> Table:
    """Return SigLIP with Gemma 3's projection of pooled patches."""
    own, patch = _whole(inner, "hidden_size"), _whole(inner, "patch_size")
    patches = (_whole(inner, "image_size") // patch) ** 2
    tokens = _whole(config, "mm_tokens_per_image")
    embedding = own * _COLOURS * patch**2 + own + patches * own
    return {
        **_layer_keys(inner, "num_hidden_layers"),
        "patches": patches,
        "patches_per_token": patches // tokens,
        # embeddings, the last normalisation, the projection with its own
        "other_parameters": embedding + 2 * own + own * hidden + own,
    }


def _gemma_4(_config: Mapping[str, Any], inner: Mapping[str, Any], hidden: int) -> Table:
    """Return Gemma 4's encoder, whose layers are gated."""
    own, pooled = _whole(inner, "hidden_size"), _whole(inner, "pooling_kernel_size") ** 2
    embedding = own * _COLOURS * _whole(inner, "patch_size") ** 2
    return {
        **_layer_keys(inner, "num_hidden_layers"),
        "is_gated": True,
        "has_bias": False,
        "normalisation": "rms",
        "patches": _whole(inner, "default_output_length") * pooled,
        "patches_per_token": pooled,
        # patches, positions by row and column, projection
        "other_parameters": embedding + 2 * _whole(inner, "position_embedding_size") * own + own * hidden,
    }


def _qwen_3(_config: Mapping[str, Any], inner: Mapping[str, Any], hidden: int) -> Table:
    """Return Qwen3's encoder, whose patches are merged, and from some layers handed to the decoder's."""
    own, merged = _whole(inner, "hidden_size"), _whole(inner, "spatial_merge_size") ** 2
    patch = _COLOURS * _whole(inner, "temporal_patch_size") * _whole(inner, "patch_size") ** 2
    positions, out = _whole(inner, "num_position_embeddings"), _whole(inner, "out_hidden_size")
    if out != hidden:
        raise ValueError("out_hidden_size")
    wide = merged * own
    projection = wide * wide + wide + wide * out + out
    handed = len(inner.get("deepstack_visual_indexes") or ())
    return {
        **_layer_keys(inner, "depth"),
        "patches": positions,
        "patches_per_token": merged,
        "other_parameters": patch * own
        + own
        + positions * own
        + (projection + 2 * own)
        + handed * (projection + 2 * wide),
    }


#: By the encoder's own `model_type`.
_KNOWN: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], int], Table]] = MappingProxyType(
    {
        "siglip_vision_model": _gemma_3,
        "gemma4_vision": _gemma_4,
        "qwen3_vl": _qwen_3,
        "qwen3_vl_moe": _qwen_3,
        "qwen3_5": _qwen_3,
        "qwen3_5_moe": _qwen_3,
    }
)
