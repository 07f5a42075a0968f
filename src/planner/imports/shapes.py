"""The tables of an architecture, each read from the keys of a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from planner.imports.reading import Reading

Table = dict[str, Any]
Shape = Callable[[Reading], Table]


def without_none(table: Mapping[str, Any]) -> Table:
    """Return a table without what is unknown."""
    return {key: value for key, value in table.items() if value is not None}


def latent_attention(reading: Reading) -> Table:
    """Return multi-head latent attention (DeepSeek-V2) with the model's heads."""
    nope = reading.whole("qk_nope_head_dim")
    heads = reading.whole("heads")
    # keys that latent attention does without
    for name in ("key_value_heads", "head_dimension", "qk_head_dim"):
        reading.value(name)
    return {
        "heads": heads,
        "key_value_heads": heads,
        "head_dimension": nope,
        "latent_attention": {
            "query_rank": reading.whole("q_lora_rank", 0, least=0),
            "key_value_rank": reading.whole("kv_lora_rank"),
            "rope_dimension": reading.whole("qk_rope_head_dim", 0, least=0),
            "nope_dimension": nope,
            "value_dimension": reading.whole("v_head_dim", reading.whole("hidden") // heads),
        },
    }


def grouped_attention(reading: Reading) -> Table:
    """Return attention of heads that share keys and values."""
    heads, hidden = reading.whole("heads"), reading.whole("hidden")
    dimension = reading.value("head_dimension")
    if dimension is None and hidden % heads:
        reading.refuse("heads", f"is no divisor of the hidden size {hidden}, and there is no head_dim")
    key_value_heads = reading.whole("key_value_heads", heads)
    if heads % key_value_heads:
        reading.refuse("key_value_heads", f"is no divisor of the {heads} heads")
    own = reading.whole("head_dimension", hidden // heads)
    values = reading.whole("value_dimension", own)
    return {
        "heads": heads,
        "key_value_heads": key_value_heads,
        "head_dimension": own,
        **({"value_dimension": values} if values != own else {}),
    }


def attention(reading: Reading) -> Table:
    """Return latent attention where the file has its ranks, and grouped attention otherwise."""
    is_latent = reading.value("kv_lora_rank") is not None
    return latent_attention(reading) if is_latent else grouped_attention(reading)


def no_attention(_reading: Reading) -> Table:
    """Return heads that no layer uses, for a model without attention."""
    return {"heads": 1, "key_value_heads": 1, "head_dimension": 1}


def mixture(reading: Reading) -> Table:
    """Return the routed experts with those that are shared."""
    experts, width = reading.whole("experts"), reading.value("expert_width")
    active = reading.whole("active_experts")
    if active > experts:
        reading.refuse("active_experts", f"is more than the {experts} experts")
    own = reading.whole("width") if width is None else reading.whole("expert_width")
    shared = reading.whole("shared_experts", 0, least=0)
    shared_width = reading.whole("shared_width", 0, least=0)
    limit = reading.whole("routing_groups_limit", 0, least=0)
    groups = reading.whole("n_group", 0, least=0)
    table = {
        "experts": experts,
        "active_experts": active,
        "expert_width": own,
        "shared_experts": shared or int(shared_width > 0) or None,
        "shared_width": shared_width or shared * own or None,
        "latent_width": reading.whole("moe_latent_size", 0, least=0) or None,
        # a limit of all groups is none
        "routing_groups_limit": limit if 1 <= limit < groups else None,
    }
    return without_none(table)


def window(reading: Reading) -> Table:
    """Return a sliding window whose layers have the model's own heads."""
    return {"window": reading.whole("window")}


def sparse(reading: Reading) -> Table:
    """Return attention to the keys that an indexer chooses (DeepSeek-V3.2)."""
    return {
        "index_heads": reading.whole("index_n_heads"),
        "index_dimension": reading.whole("index_head_dim"),
        "top_k": reading.whole("index_topk"),
    }


def gated_delta(reading: Reading) -> Table:
    """Return the gated delta net of Qwen3-Next."""
    return {
        "key_heads": reading.whole("linear_num_key_heads"),
        "value_heads": reading.whole("linear_num_value_heads"),
        "key_dimension": reading.whole("linear_key_head_dim"),
        "value_dimension": reading.whole("linear_value_head_dim"),
        "convolution": reading.whole("linear_conv_kernel_dim", 4),
    }


def kimi_delta(reading: Reading) -> Table:
    """Return Kimi delta attention: a decay by channel, compressed as its output gate is."""
    inner = reading.table("linear_attn_config")
    heads, dimension = inner.whole("num_heads"), inner.whole("head_dim")
    return {
        "key_heads": heads,
        "value_heads": heads,
        "key_dimension": dimension,
        "value_dimension": dimension,
        "decay": "channel",
        "decay_rank": dimension,
        "gate_rank": dimension,
        "convolution": inner.whole("short_conv_kernel_size", 4, least=0),
    }


def lightning(reading: Reading) -> Table:
    """Return lightning attention (MiniMax-Text-01): the model's heads, each with keys of its own."""
    shape = grouped_attention(reading)
    return {
        "rule": "add",
        "key_heads": shape["heads"],
        "value_heads": shape["heads"],
        "key_dimension": shape["head_dimension"],
        "value_dimension": shape["head_dimension"],
        "decay": "fixed",
        "convolution": 0,
        "normalises_whole_width": True,
        "chunk": reading.whole("block_size", 256),
    }


def mamba_2(reading: Reading) -> Table:
    """Return the Mamba-2 block; its width is that of its heads together."""
    hidden = reading.whole("hidden")
    width = reading.value("mamba_d_ssm")
    inner = reading.whole("mamba_d_ssm") if width else int(reading.number("mamba_expand", 2.0) * hidden)
    heads = reading.value("mamba_heads")
    dimension = reading.value("mamba_head_dimension")
    # Bamba and Granite write "auto" where the width says it
    known = None if dimension in (None, "auto") else reading.whole("mamba_head_dimension")
    number = reading.whole("mamba_heads") if heads is not None else max(inner // (known or 64), 1)
    own = known or max(inner // number, 1)
    if not own * number <= 100 * hidden:
        reading.refuse("mamba_heads", "together are far wider than the model")
    return {
        "heads": number,
        "head_dimension": own,
        "groups": reading.whole("mamba_groups", 1),
        "state": reading.whole("mamba_state"),
        "convolution": reading.whole("mamba_convolution", 4),
        "chunk": reading.whole("mamba_chunk", 256),
        "has_convolution_bias": reading.flag("mamba_convolution_bias", otherwise=True),
        "has_projection_bias": reading.flag("mamba_projection_bias"),
    }


def mamba_1(reading: Reading) -> Table:
    """Return the selective scan of Mamba and Jamba."""
    hidden = reading.whole("hidden")
    rank = reading.value("mamba_step_rank")
    # the scan's shape has these as they usually are
    for name in ("mamba_convolution_bias", "mamba_projection_bias", "attention_bias"):
        reading.value(name)
    inner = int(reading.number("mamba_expand", 2.0) * hidden)
    return {
        "width": reading.whole("mamba_width", inner),
        "state": reading.whole("mamba_state", 16),
        "step_rank": -(-hidden // 16) if rank in (None, "auto") else reading.whole("mamba_step_rank"),
        "convolution": reading.whole("mamba_convolution", 4),
    }


def short_convolution(reading: Reading) -> Table:
    """Return the short convolution of LFM2."""
    reading.value("conv_bias")
    return {"taps": reading.whole("taps")}


#: The key of the architecture that gives the shape of a word of the pattern, and what reads it.
OF_WORDS: Mapping[str, tuple[str, Shape]] = MappingProxyType(
    {
        "window": ("window", window),
        "sparse": ("sparse_attention", sparse),
        "linear": ("linear_attention", gated_delta),
        "mamba-2": ("mamba_2", mamba_2),
        "mamba-1": ("mamba_1", mamba_1),
        "convolution": ("short_convolution", short_convolution),
    }
)
