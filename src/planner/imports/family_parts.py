"""Parts of single families that are more than a key and its value."""

from __future__ import annotations

from collections.abc import Callable

from planner.imports import shapes
from planner.imports.layer_words import (
    LayerWords,
    by_numbers,
    by_pattern_letters,
    by_places,
    every,
    everywhere,
    words_of,
)
from planner.imports.reading import Reading
from planner.imports.shapes import Table


def over_hidden(factor: int) -> Callable[[Reading], int]:
    """Return the rule of a feed-forward part so many times as wide as the model, unless a key says it."""
    return lambda reading: reading.whole("width", factor * reading.whole("hidden"))


def half_width(reading: Reading) -> int:
    """Return the width where the file counts both halves of a gated part (Qwen)."""
    return reading.whole("width") // 2


def rounded_width(reading: Reading) -> int:
    """Return the width that LFM2 makes of its key: two thirds, times a factor, up to a multiple."""
    width = reading.whole("width")
    factor = reading.number("block_ffn_dim_multiplier", 1.0)
    step = reading.whole("block_multiple_of", 256)
    if not reading.flag("block_auto_adjust_ff_dim", otherwise=True):
        return width
    return -(-int(factor * int(2 * width / 3)) // step) * step


def whole_width_norms(reading: Reading, table: Table) -> Table:
    """Return queries and keys normalised over all heads together, a weight for each dimension (OLMo 2)."""
    if not reading.flag("has_query_key_norm", otherwise=True):
        return {}
    weights = (table["heads"] + table["key_value_heads"]) * table["head_dimension"]
    return {"has_query_key_norm": False, "other_parameters": table["layers"] * weights}


def two_a_layer(_reading: Reading, table: Table) -> Table:
    """Return the two numbers of each layer's activation (Apertus)."""
    return {"other_parameters": 2 * table["layers"]}


def sinks(_reading: Reading, table: Table) -> Table:
    """Return the number that each head of each layer attends to beside the tokens (gpt-oss)."""
    return {"other_parameters": table["layers"] * table["heads"]}


def mimo_windows(reading: Reading, table: Table) -> Table:
    """Return MiMo-V2's windowed layers, which have heads of their own, and their sinks."""
    heads, key_values = reading.value("swa_num_attention_heads"), reading.value("swa_num_key_value_heads")
    own = {
        "heads": None if heads is None else reading.whole("swa_num_attention_heads"),
        "key_value_heads": None if key_values is None else reading.whole("swa_num_key_value_heads"),
        "head_dimension": reading.whole("swa_head_dim", table["head_dimension"]),
        "value_dimension": reading.whole("swa_v_head_dim", table.get("value_dimension", 0), least=0),
    }
    differs = {key: value for key, value in own.items() if value and value != table.get(key)}
    windowed = sum(word == "window" for word in hybrid_numbers(reading, table["layers"]))
    has_sinks = reading.flag("add_swa_attention_sink_bias")
    others = windowed * (own["heads"] or table["heads"]) if has_sinks else 0
    return {"window": table.get("window", {}) | differs, "other_parameters": others}


def hybrid_numbers(reading: Reading, layers: int) -> LayerWords:
    """Return what `hybrid_layer_pattern` says: 1 a window, 0 every earlier token."""
    return by_numbers("hybrid_layer_pattern", {0: "full", 1: "window"}, every("hybrid_block_size", "window"))(
        reading, layers
    )


def kimi_words(reading: Reading, layers: int) -> LayerWords:
    """Return which layers of Kimi Linear attend to everything; they are counted from 1."""
    return by_places("full_attn_layers", "full", "linear", first=1)(
        reading.table("linear_attn_config"), layers
    )


def llama_4_words(reading: Reading, layers: int) -> LayerWords:
    """Return Llama 4's layers: those without positions see everything, the others their chunk."""
    period = reading.whole("no_rope_layer_interval", 4)
    numbers = reading.wholes("no_rope_layers")
    if not numbers:
        return ["full" if (index + 1) % period == 0 else "chunk" for index in range(layers)]
    return by_numbers("no_rope_layers", {0: "full", 1: "chunk"}, every("no_rope", "chunk"))(reading, layers)


def llama_4(reading: Reading, table: Table) -> Table:
    """Return what Llama 4 adds: its chunks, a shared expert, and the width of its dense layers."""
    mixture = table.get("mixture")
    own: Table = {"chunk_length": reading.whole("attention_chunk_size", 8192)}
    reading.value("has_query_key_norm")
    if mixture is None:
        return own
    shared = {"shared_experts": 1, "shared_width": mixture["expert_width"]}
    width = reading.whole("intermediate_size_mlp", 0, least=0)
    dense = width if mixture.get("layer_every", 1) > 1 or mixture.get("first_dense_layers") else 0
    return own | {"mixture": mixture | shared, "feed_forward_width": dense}


def gemma_4(reading: Reading, table: Table) -> Table:
    """Return what Gemma 4 adds: full layers with heads of their own, and experts beside the dense part."""
    heads = reading.whole("num_global_key_value_heads", 0, least=0)
    are_values = reading.flag("attention_k_eq_v")
    own: Table = {
        "head_dimension": reading.whole("global_head_dim", 512),
        "keys_are_values": are_values,
        "key_value_heads": heads if heads and are_values else table["key_value_heads"],
        "window": table.get("window", {})
        | {"key_value_heads": table["key_value_heads"], "head_dimension": table["head_dimension"]}
        | ({"keys_are_values": False} if are_values else {}),
    }
    reading.value("vocab_size_per_layer_input")
    if not reading.flag("enable_moe_block"):
        for name in ("experts", "active_experts", "expert_width"):
            reading.value(name)
        return own
    # the dense part runs beside the experts, as a shared expert does
    width = reading.whole("width")
    mixture = shapes.mixture(reading) | {"shared_experts": 1, "shared_width": width}
    return own | {"mixture": mixture, "feed_forward_width": 0, "norms_per_layer": 7}


def falcon(reading: Reading, table: Table) -> Table:
    """Return Falcon's norms, heads and biases, which three generations do differently."""
    is_new = reading.flag("new_decoder_architecture")
    is_parallel = reading.flag("parallel_attn", otherwise=True)
    has_one = reading.flag("multi_query", otherwise=True) and not is_new
    has_bias = reading.flag("attention_bias")
    return {
        "key_value_heads": 1 if has_one else table["key_value_heads"],
        "norms_per_layer": 1 if is_parallel and not is_new else 2,
        "bias": dict.fromkeys(("query_key_value", "attention_output", "feed_forward"), has_bias),
    }


def multi_query(reading: Reading, table: Table) -> Table:
    """Return one head of keys and values where the file says so (StarCoder)."""
    has_one = reading.flag("multi_query", otherwise=True)
    return {"key_value_heads": 1 if has_one else table["heads"]} | learned_positions(reading, table)


def learned_positions(reading: Reading, _table: Table) -> Table:
    """Return a learned embedding of each position."""
    return {"learned_positions": reading.whole("positions")}


def opt(reading: Reading, table: Table) -> Table:
    """Return OPT's positions, two more than it says; an embedding of another width cannot be said."""
    if reading.whole("word_embed_proj_dim", table["hidden"]) != table["hidden"]:
        reading.refuse("word_embed_proj_dim", f"expected the hidden size, {table['hidden']:,}")
    return {"learned_positions": reading.whole("positions") + 2}


def parallel_norms(reading: Reading, _table: Table) -> Table:
    """Return one normalisation a layer where attention and feed-forward part share it (StableLM)."""
    return {"norms_per_layer": 1} if reading.flag("use_parallel_residual") else {}


def biases_everywhere(reading: Reading, _table: Table) -> Table:
    """Return biases of all projections where the file says so (StarCoder 2)."""
    has_bias = reading.flag("attention_bias", otherwise=True)
    return {"bias": dict.fromkeys(("query_key_value", "attention_output", "feed_forward"), has_bias)}


def output_bias(reading: Reading, table: Table) -> Table:
    """Return a bias of attention's output where the file says so apart (Seed-OSS)."""
    return {"bias": table.get("bias", {}) | {"attention_output": reading.flag("attention_out_bias")}}


def dbrx_attention(reading: Reading) -> Table:
    """Return attention where its table holds the heads of keys and values (DBRX, MPT)."""
    inner = reading.table("attn_config")
    heads, hidden = reading.whole("heads"), reading.whole("hidden")
    if hidden % heads:
        reading.refuse("heads", f"is no divisor of the hidden size {hidden}")
    for name in ("alibi", "alibi_bias_max", "attn_uses_sequence_id", "prefix_lm", "qk_ln", "attn_type"):
        value = inner.value(name)
        if (name == "prefix_lm" and value) or (name == "attn_type" and value == "multiquery_attention"):
            inner.refuse(name, "is not known")
    own = inner.whole("kv_n_heads", heads)
    return {"heads": heads, "key_value_heads": own, "head_dimension": hidden // heads}


def dbrx(reading: Reading, _table: Table) -> Table:
    """Return DBRX's experts, which a table of their own describes."""
    inner = reading.table("ffn_config")
    return {
        "feed_forward_width": 0,
        "mixture": {
            "experts": inner.whole("moe_num_experts"),
            "active_experts": inner.whole("moe_top_k"),
            "expert_width": inner.whole("ffn_hidden_size"),
        },
    }


def mpt_width(reading: Reading) -> int:
    """Return MPT's width, a multiple of the hidden size."""
    return int(reading.number("expansion_ratio", 4.0) * reading.whole("hidden"))


def granite_width(reading: Reading) -> int:
    """Return the width of Granite 4's dense part, which it calls that of shared experts."""
    return reading.whole("shared_width", reading.whole("width"))


def nemotron_words(reading: Reading, layers: int) -> LayerWords:
    """Return Nemotron-H's layers of one block, by their names or letters."""
    named = reading.items("layers_block_type")
    if named is None:
        return by_pattern_letters(reading, layers)
    words = {"mamba": "mamba-2/none", "attention": "full/none", "mlp": "none/dense", "moe": "none/mixture"}
    return words_of(reading, "layers_block_type", named, layers, words)


def nemotron_layers(reading: Reading) -> int:
    """Return Nemotron-H's layers, which a file that names each may leave uncounted."""
    named = reading.items("layers_block_type") or reading.text("hybrid_override_pattern") or ()
    return reading.whole("layers", len(named) or None)


def sparse_words(reading: Reading, layers: int) -> LayerWords:
    """Return which layers choose their keys, and which take those of an earlier one (GLM-5.2)."""
    alike = reading.items("layer_types")
    if alike is not None:
        words_of(reading, "layer_types", alike, layers, {"deepseek_sparse_attention": "sparse"})
    named = reading.items("indexer_types")
    every_so_often = reading.whole("index_topk_freq", 1)
    for name in ("index_skip_topk_offset", "index_share_for_mtp_iteration", "index_topk_pattern"):
        reading.value(name)
    if named is not None:
        return words_of(reading, "indexer_types", named, layers, {"full": "sparse", "shared": "chosen"})
    if every_so_often > 1:
        reading.refuse("index_topk_freq", "expected indexer_types, which say what each layer does")
    return ["sparse"] * layers


def block_sparse_words(reading: Reading, layers: int) -> LayerWords:
    """Return which layers of MiniMax-M3 see only the blocks that their indexer chooses."""
    inner = reading.table("sparse_attention_config")
    return by_numbers("sparse_attention_freq", {0: "full", 1: "sparse"}, everywhere("full"))(inner, layers)


def block_sparse(reading: Reading) -> Table:
    """Return MiniMax-M3's indexer: it chooses blocks, here counted as the keys in them."""
    inner = reading.table("sparse_attention_config")
    for name in ("sparse_disable_index_value", "sparse_init_block", "sparse_local_block"):
        inner.value(name)
    for name in ("sparse_score_type", "use_sparse_attention"):
        inner.value(name)
    return {
        "index_heads": inner.whole("sparse_num_index_heads"),
        "index_dimension": inner.whole("sparse_index_dim"),
        "top_k": inner.whole("sparse_topk_blocks") * inner.whole("sparse_block_size"),
    }


def jamba_scan(reading: Reading) -> Table:
    """Return Jamba's selective scan, whose step, input and output are normalised."""
    return shapes.mamba_1(reading) | {"has_norms": True}
