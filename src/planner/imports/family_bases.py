"""What families of models share, by whose example others are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planner.imports import family_parts as part
from planner.imports import shapes
from planner.imports.family import Family
from planner.imports.layer_words import (
    by_numbers,
    by_places,
    by_types,
    every,
    everywhere,
    letters_of_windows,
    windows,
)

QUERY_KEY_NORM = {"has_query_key_norm": True}
QKV_BIAS = {"bias": {"query_key_value": True}}
ROUTER_BIAS = {"has_router_bias": True}
PLAIN_MATRICES = {"is_gated": False}
ALL_BIASES = {"bias": {"query_key_value": True, "attention_output": True, "feed_forward": True}}
#: GPT-2 and its kin: two matrices, normalisations with a bias, biases everywhere.
GPT: dict[str, Any] = {"is_gated": False, "normalisation": "layer", **ALL_BIASES}
TIED = {"is_tied": True}
WINDOWED = by_types(windows())

LLAMA = Family(
    nested_defaults={
        "hidden": 4096,
        "width": 11008,
        "layers": 32,
        "heads": 32,
        "vocabulary": 32_000,
    }
)
MISTRAL = Family(
    tokens=WINDOWED,
    nested_defaults={
        "hidden": 4096,
        "width": 14336,
        "layers": 32,
        "heads": 32,
        "key_value_heads": 8,
        "vocabulary": 32_000,
    },
)
QWEN_2 = Family(
    fixed=QKV_BIAS,
    tokens=WINDOWED,
    nested_defaults={
        "hidden": 4096,
        "width": 22016,
        "layers": 32,
        "heads": 32,
        "key_value_heads": 32,
        "vocabulary": 151_936,
    },
)
QWEN_2_MIXTURE = replace(
    QWEN_2, is_mixture=True, fixed={**QKV_BIAS, "mixture": {"has_shared_gate": True}}, nested_defaults={}
)
QWEN_3 = Family(fixed=QUERY_KEY_NORM, defaults={"head_dimension": 128}, tokens=WINDOWED)
QWEN_3_MIXTURE = replace(QWEN_3, is_mixture=True)
QWEN_3_NEXT = Family(
    fixed={**QUERY_KEY_NORM, "has_output_gate": True, "mixture": {"has_shared_gate": True}},
    defaults={"head_dimension": 256},
    tokens=by_types(every("full_attention_interval", "linear", usual=4)),
    is_mixture=True,
    harmless=("attn_output_gate", "mamba_ssm_dtype", "mtp_use_dedicated_embeddings"),
)
QWEN_3_5 = replace(QWEN_3_NEXT, fixed={**QUERY_KEY_NORM, "has_output_gate": True}, is_mixture=False)
DEEPSEEK = Family(is_mixture=True, harmless=("num_experts_per_group",))
DEEPSEEK_3 = replace(DEEPSEEK, fixed={"mixture": ROUTER_BIAS})
DEEPSEEK_SPARSE = replace(DEEPSEEK_3, tokens=part.sparse_words)
GLM_MIXTURE = replace(DEEPSEEK_3, has_output_bias=False)
COHERE = Family(
    fixed={"norms_per_layer": 1},
    defaults={**TIED, "has_query_key_norm": False},
    more=part.whole_width_norms,
)
GEMMA = Family(defaults={**TIED, "head_dimension": 256})
GEMMA_2 = replace(
    GEMMA, fixed={"norms_per_layer": 4}, tokens=by_types(every("sliding_window_pattern", "window", usual=2))
)
GEMMA_3 = replace(
    GEMMA,
    fixed={"norms_per_layer": 4, **QUERY_KEY_NORM},
    tokens=by_types(every("sliding_window_pattern", "window", usual=6)),
    nested_defaults={
        "hidden": 2304,
        "width": 9216,
        "layers": 26,
        "heads": 8,
        "key_value_heads": 4,
        "vocabulary": 262_208,
        "window": 4096,
    },
)
GEMMA_4 = replace(
    GEMMA_3,
    tokens=by_types(every("sliding_window_pattern", "window", usual=6)),
    nested_defaults={
        **GEMMA_3.nested_defaults,
        "layers": 30,
        "vocabulary": 262_144,
        "window": 512,
    },
    more=part.gemma_4,
)
OLMO_2 = Family(more=part.whole_width_norms)
GRANITE_MIXTURE = Family(is_mixture=True)
HUNYUAN = Family(
    defaults={"has_query_key_norm": True},
    is_mixture=True,
    harmless=(
        "anyres_pooling_size",
        "cla_share_factor",
        "use_mixed_mlp_moe",
        "org_vocab_size",
        "num_media_embeds",
        "dense_list",
        "moe_layer_num_skipped",
        "norm_type",
        "position_embedding_xdrope",
        "add_classification_head",
        "class_num",
        "pool_type",
        "moe_random_routing_dropped_token",
        "moe_drop_tokens",
        "group_limited_greedy",
    ),
)
ERNIE = Family(
    defaults=TIED,
    is_mixture=True,
    harmless=("compression_ratio", "micro_batch_size", "use_moe", "weight_share_add_bias"),
)
MINIMAX_WORDS = by_types(by_numbers("attn_type_list", {0: "linear", 1: "full"}, everywhere("full")))
MINIMAX = Family(
    tokens=MINIMAX_WORDS,
    is_mixture=True,
    shapes={"linear": ("linear_attention", shapes.lightning)},
    harmless=("postnorm", "shared_moe_mode", "layernorm_mlp_beta", "layernorm_full_attention_beta"),
)
MAMBA_HYBRID = Family(
    tokens=by_types(by_places("attn_layer_indices", "full", "mamba-2")),
    harmless=("attn_rotary_emb",),
)
NEMOTRON_H = Family(
    fixed=PLAIN_MATRICES,
    layers=part.nemotron_layers,
    tokens=part.nemotron_words,
    is_mixture=True,
    harmless=(
        "mtp_hybrid_override_pattern",
        "mtp_layers_block_type",
        "time_step_rank",
        "expand",
        "mamba_ssm_cache_dtype",
        "num_logits_to_keep",
        "moe_shared_expert_overlap",
    ),
)
LFM_2 = Family(
    fixed=QUERY_KEY_NORM,
    defaults=TIED,
    spellings={"width": ("block_ff_dim",)},
    tokens=by_types(by_places("full_attn_idxs", "full", "convolution")),
    width=part.rounded_width,
    harmless=(
        "conv_dim",
        "conv_dim_out",
        "block_dim",
        "block_ff_dim",
        "conv_use_xavier_init",
        "block_mlp_init_scale",
        "block_use_swiglu",
        "block_use_xavier_init",
        "block_norm_eps",
    ),
)
PANGU_KEYS = {
    "q_lora_rank": ("attention_q_lora_dim",),
    "kv_lora_rank": ("attention_kv_lora_dim",),
    "qk_nope_head_dim": ("attention_qk_dim",),
    "qk_rope_head_dim": ("attention_qk_rope_dim",),
    "v_head_dim": ("attention_v_dim",),
    "experts": ("num_routed_experts",),
    "prediction_layers": ("num_mtp_layers",),
}
MINIMAX_3 = Family(
    fixed={"mixture": ROUTER_BIAS},
    spellings={
        "width": ("dense_intermediate_size",),
        "expert_width": ("moe_intermediate_size", "intermediate_size"),
    },
    tokens=part.block_sparse_words,
    shapes={"sparse": ("sparse_attention", part.block_sparse)},
    is_mixture=True,
    harmless=("qk_norm_type", "use_gemma_norm", "num_mtp_modules", "intermediate_size"),
)
STEP_3 = Family(
    fixed={"mixture": ROUTER_BIAS},
    spellings={"shared_width": ("share_expert_dim",)},
    tokens=WINDOWED,
    is_mixture=True,
    harmless=("use_moe_router_bias",),
)
MINICPM = Family(defaults=TIED, harmless=("dim_model_base", "scale_depth", "scale_emb"))
EXAONE_4 = Family(fixed=QUERY_KEY_NORM, tokens=by_types(letters_of_windows), harmless=("mtp_share_layers",))
BAILING = replace(
    DEEPSEEK_3, tokens=WINDOWED, harmless=("norm_head", "norm_softmax", "use_expert_bias", "multi_gate")
)
COHERE_2 = replace(
    COHERE,
    tokens=by_types(every("sliding_window_pattern", "window", usual=4)),
    harmless=(
        "layer_switch",
        "order_of_interleaved_layers",
        "use_embedding_sharing",
        "use_gated_activation",
        "use_parallel_block",
        "use_parallel_embedding",
    ),
)
