"""The shape of a model by the arguments of Megatron-LM, which NeMo's configurations name alike."""

from __future__ import annotations

import re
from typing import Any

from planner.errors import ProfileError
from planner.files.values import shown_value
from planner.imports.family import Family
from planner.imports.layer_words import everywhere
from planner.imports.reading import Reading
from planner.imports.shapes import Table

#: What a shape cannot be read without.
_NEEDED = ("layers", "hidden", "heads", "vocabulary")
_GATED = frozenset({"swiglu", "fast-swiglu", "geglu", "fast-geglu", "reglu", "fast-reglu"})
_RMS = frozenset({"rmsnorm", "te_rmsnorm"})
#: Arguments that give layers a shape which is not read: none of them may be taken for nothing.
_OF_SHAPE = re.compile(
    r"(is_)?hybrid.*|mamba.*|linear_(attention|conv|key|value|num).*|experimental_attention.*|window_(size|attn).*"
    r"|retro.*|heterogeneous.*|.*_hyper_connection.*|engram.*|(dsa|csa)_.*|chunked_attention.*"
    r"|attention_chunk.*|encoder_num_layers|decoder_num_layers|num_layers_per_dataset|moe_layer_pattern|use_mup"
)
_LAYERS_OF_LIST = re.compile(r"\[([01](?:,[01])*)\](?:\*([0-9]{1,5}))?")
_MOST_LAYERS = 10_000


def has_shape(reading: Reading) -> bool:
    """Return whether a configuration says enough of a model to be one."""
    return all(reading.value(name) is not None for name in _NEEDED)


def is_of_shape(key: str) -> bool:
    """Return whether an argument gives the model a shape, though it is not read."""
    return _OF_SHAPE.fullmatch(key) is not None


def shape_keys(flat: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the arguments without those that others switch off, lists of layers written out.

    Raises
    ------
    ProfileError
        Where the layers of experts are not written as a list that is known.
    """
    kept = dict(flat)
    if flat.get("group_query_attention") is False:
        kept.pop("num_query_groups", None)
    if not flat.get("multi_latent_attention"):
        for key in ("q_lora_rank", "kv_lora_rank", "qk_head_dim", "qk_pos_emb_head_dim", "v_head_dim"):
            kept.pop(key, None)
    frequency = flat.get("moe_layer_freq")
    if isinstance(frequency, str):
        kept["moe_layer_freq"] = _written_out(frequency, where)
    return kept


def _written_out(text: str, where: str) -> list[int]:
    """Return the layers of such as `([0]*3+[1]*58)`."""
    terms = text.replace(" ", "").strip("()").split("+")
    layers: list[int] = []
    for term in terms:
        found = _LAYERS_OF_LIST.fullmatch(term)
        if found is None or len(layers) > _MOST_LAYERS:
            raise ProfileError(
                f"{where}: moe_layer_freq = {shown_value(text)}: expected a number, or such as ([0]*3+[1]*58)"
            )
        layers += [int(digit) for digit in found[1].split(",")] * min(int(found[2] or 1), _MOST_LAYERS)
    return layers


def _width(reading: Reading) -> int:
    """Return the width: four times the hidden size, or two thirds of that where it is gated."""
    hidden = reading.whole("hidden")
    usual = int(hidden * 4 * 2 / 3) // 64 * 64 if _is_gated(reading) else 4 * hidden
    return reading.whole("width", usual)


def _is_gated(reading: Reading) -> bool:
    activation = reading.text("activation")
    return reading.flag("swiglu") or (activation or "").lower() in _GATED


def _more(reading: Reading, table: Table) -> Table:
    """Return what flags say: gates, normalisations, biases, positions and tied embeddings."""
    has_biases = reading.flag("bias", otherwise=not reading.flag("disable_bias_linear"))
    has_qkv_bias = reading.flag("add_qkv_bias") or has_biases
    bias = {"query_key_value": has_qkv_bias, "attention_output": has_biases, "feed_forward": has_biases}
    is_untied = reading.flag("untie_embeddings_and_output_weights")
    kind = (reading.text("position_embedding_type") or "learned_absolute").lower()
    normalisation = (reading.text("normalization") or "layernorm").lower()
    more: Table = {
        "is_gated": _is_gated(reading),
        "normalisation": "rms" if normalisation in _RMS else "layer",
        "has_tied_embeddings": reading.flag("share_embeddings_and_output_weights", otherwise=not is_untied),
        "bias": {key: True for key, value in bias.items() if value},
        "learned_positions": reading.whole("positions") if kind == "learned_absolute" else 0,
    }
    if "latent_attention" in table:
        # the normalisations of what is compressed, which latent attention has anyway
        more["has_query_key_norm"] = False
    if reading.flag("moe_router_enable_expert_bias"):
        more["mixture"] = {"has_router_bias": True}
    return more


MEGATRON = Family(
    spellings={
        "heads": ("num_attention_heads",),
        "width": ("ffn_hidden_size",),
        "key_value_heads": ("num_query_groups",),
        "head_dimension": ("kv_channels",),
        "experts": ("num_experts", "num_moe_experts"),
        "active_experts": ("moe_router_topk",),
        "expert_width": ("moe_ffn_hidden_size",),
        "shared_width": ("moe_shared_expert_intermediate_size",),
        "routing_groups_limit": ("moe_router_group_topk",),
        "n_group": ("moe_router_num_groups",),
        "has_query_key_norm": ("qk_layernorm",),
        "attention_bias": ("add_qkv_bias",),
        "prediction_layers": ("mtp_num_layers",),
        "qk_nope_head_dim": ("qk_head_dim",),
        "qk_rope_head_dim": ("qk_pos_emb_head_dim",),
    },
    tokens=everywhere("full"),
    is_mixture=True,
    width=_width,
    more=_more,
)
