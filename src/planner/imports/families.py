"""The families of models by `model_type`: a table of what differs from Llama's keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from planner.imports import family_bases as base
from planner.imports import family_parts as part
from planner.imports import shapes
from planner.imports.family import Family
from planner.imports.layer_words import by_period, by_types, every, everywhere

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        # Llama's keys, as many write them
        "llama": base.LLAMA,
        "aquila": base.LLAMA,
        "Yi": base.LLAMA,
        "helium": base.LLAMA,
        "xverse": base.LLAMA,
        "granite": Family(),
        "minicpm": base.MINICPM,
        "minicpm3": base.MINICPM,
        "smollm3": Family(defaults=base.TIED, tokens=base.WINDOWED),
        "internlm": Family(fixed={"bias": {"query_key_value": True, "attention_output": True}}),
        "internlm2": Family(),
        "internlm3": Family(),
        "baichuan": Family(),
        "exaone": Family(),
        **dict.fromkeys(("exaone4", "exaone4_5", "exaone4_5_text"), base.EXAONE_4),
        "seed_oss": Family(defaults={"attention_bias": True}, has_output_bias=False, more=part.output_bias),
        "arcee": Family(fixed=base.PLAIN_MATRICES),
        "apertus": Family(fixed={**base.PLAIN_MATRICES, **base.QUERY_KEY_NORM}, more=part.two_a_layer),
        "PanguEmbedded": Family(harmless=("num_extra_tokens",)),
        "mistral": base.MISTRAL,
        "ministral": base.MISTRAL,
        "ministral3": base.MISTRAL,
        "mixtral": replace(base.MISTRAL, is_mixture=True),
        "phi3": Family(tokens=base.WINDOWED),
        # Qwen
        "qwen": Family(
            fixed=base.QKV_BIAS, width=part.half_width, harmless=("no_bias", "use_dynamic_ntk", "seq_length")
        ),
        "qwen2": base.QWEN_2,
        "qwen2_vl": base.QWEN_2,
        "qwen2_vl_text": base.QWEN_2,
        "qwen2_5_vl": base.QWEN_2,
        "qwen2_5_vl_text": base.QWEN_2,
        "mimo": base.QWEN_2,
        "qwen2_moe": base.QWEN_2_MIXTURE,
        "qwen3": base.QWEN_3,
        "qwen3_vl_text": base.QWEN_3,
        "qwen3_moe": base.QWEN_3_MIXTURE,
        "qwen3_vl_moe_text": base.QWEN_3_MIXTURE,
        "qwen3_next": base.QWEN_3_NEXT,
        "qwen3_5": base.QWEN_3_5,
        "qwen3_5_text": base.QWEN_3_5,
        "qwen3_5_moe": base.QWEN_3_NEXT,
        "qwen3_5_moe_text": base.QWEN_3_NEXT,
        # DeepSeek's keys: latent attention where they have its ranks
        "deepseek": base.DEEPSEEK,
        "deepseek_v2": base.DEEPSEEK,
        "deepseek_v3": base.DEEPSEEK_3,
        "kimi_k2": base.DEEPSEEK_3,
        "deepseek_v32": base.DEEPSEEK_SPARSE,
        "glm_moe_dsa": base.DEEPSEEK_SPARSE,
        "dots1": replace(
            base.DEEPSEEK_3, fixed={"mixture": base.ROUTER_BIAS, **base.QUERY_KEY_NORM}, tokens=base.WINDOWED
        ),
        "pangu_ultra_moe": replace(base.DEEPSEEK_3, spellings=base.PANGU_KEYS, fixed={"norms_per_layer": 4}),
        "kimi_linear": replace(
            base.DEEPSEEK_3,
            tokens=part.kimi_words,
            shapes={"linear": ("linear_attention", shapes.kimi_delta)},
            harmless=("mla_use_nope", "linear_attn_config.kda_layers"),
        ),
        "bailing_moe": base.BAILING,
        "bailing_moe_v2": replace(base.BAILING, fixed={"mixture": base.ROUTER_BIAS, **base.QUERY_KEY_NORM}),
        # GLM
        "glm": Family(defaults={"head_dimension": 128}, has_output_bias=False),
        "glm4": Family(fixed={"norms_per_layer": 4}, defaults={"head_dimension": 128}, has_output_bias=False),
        "glm4v_text": Family(
            fixed={"norms_per_layer": 4}, defaults={"head_dimension": 128}, has_output_bias=False
        ),
        "glm4_moe": base.GLM_MIXTURE,
        "glm4v_moe_text": base.GLM_MIXTURE,
        "glm4_moe_lite": base.GLM_MIXTURE,
        "chatglm": Family(
            has_output_bias=False,
            harmless=(
                "multi_query_attention",
                "post_layer_norm",
                "rmsnorm",
                "classifier_dropout",
                "pre_seq_len",
            ),
        ),
        # Google, Cohere, Ai2, IBM
        "gemma": base.GEMMA,
        "gemma2": base.GEMMA_2,
        "gemma3": base.GEMMA_3,
        "gemma3_text": base.GEMMA_3,
        "gemma4": base.GEMMA_4,
        "gemma4_text": base.GEMMA_4,
        "cohere": base.COHERE,
        "cohere2": base.COHERE_2,
        "olmo": Family(fixed={"norms_per_layer": 0, "norms_outside": 0}, harmless=("clip_qkv",)),
        "olmo2": base.OLMO_2,
        "olmo3": replace(base.OLMO_2, tokens=by_types(every("sliding_window_pattern", "window", usual=4))),
        "olmoe": replace(base.OLMO_2, is_mixture=True),
        "granitemoe": base.GRANITE_MIXTURE,
        "granitemoeshared": base.GRANITE_MIXTURE,
        "granitemoehybrid": replace(base.GRANITE_MIXTURE, width=part.granite_width),
        # mixtures
        "gpt_oss": Family(
            fixed={**base.ALL_BIASES, "mixture": base.ROUTER_BIAS},
            defaults={"attention_bias": True},
            tokens=by_types(every("sliding_window_pattern", "window", usual=2)),
            is_mixture=True,
            more=part.sinks,
        ),
        "llama4": replace(
            base.LLAMA, is_mixture=True, tokens=by_types(part.llama_4_words), more=part.llama_4
        ),
        "llama4_text": replace(
            base.LLAMA, is_mixture=True, tokens=by_types(part.llama_4_words), more=part.llama_4
        ),
        "phimoe": Family(
            fixed={
                "normalisation": "layer",
                "bias": {"query_key_value": True, "attention_output": True, "output_head": True},
            },
            tokens=base.WINDOWED,
            is_mixture=True,
            harmless=("lm_head_bias",),
        ),
        "hunyuan": base.HUNYUAN,
        "hunyuan_v1_moe": base.HUNYUAN,
        "hunyuan_v1_dense": replace(base.HUNYUAN, is_mixture=False),
        "ernie4_5": base.ERNIE,
        "ernie4_5_moe": replace(base.ERNIE, fixed={"mixture": base.ROUTER_BIAS}),
        "minimax_m2": Family(
            fixed={"mixture": base.ROUTER_BIAS},
            spellings={"prediction_layers": ("num_mtp_modules",)},
            tokens=base.MINIMAX_WORDS,
            is_mixture=True,
            more=part.whole_width_norms,
            harmless=("qk_norm_type", "use_mtp", "mtp_transformer_layers", "rotary_dim", "use_routing_bias"),
        ),
        **dict.fromkeys(("minimax_m3", "minimax_m3_vl", "minimax_m3_vl_text"), base.MINIMAX_3),
        **dict.fromkeys(("step3p5", "step3p7"), base.STEP_3),
        "mimo_v2_flash": replace(
            base.DEEPSEEK_3,
            tokens=part.hybrid_numbers,
            more=part.mimo_windows,
            harmless=("add_full_attention_sink_bias", "attention_chunk_size", "hybrid_block_size"),
        ),
        "dbrx": Family(
            attention=part.dbrx_attention,
            width=lambda _: 0,
            more=part.dbrx,
            harmless=("ffn_act_fn", "moe_normalize_expert_weights", "uniform_expert_assignment"),
        ),
        # attention beside state spaces, linear attention and convolutions
        "minimax": base.MINIMAX,
        "minimax_text_01": base.MINIMAX,
        "minimax_m1": base.MINIMAX,
        "jamba": Family(
            tokens=by_period("attn_layer_period", "attn_layer_offset", "full", "mamba-1"),
            shapes={"mamba-1": ("mamba_1", part.jamba_scan)},
            is_mixture=True,
            harmless=("mamba_inner_layernorms",),
        ),
        "falcon_h1": Family(
            tokens=everywhere("full+mamba-2"),
            harmless=(
                "mamba_norm_before_gate",
                "mamba_rms_norm",
                "mamba_use_mlp",
                "mlp_expansion_factor",
                "mamba_expand",
            ),
        ),
        "bamba": base.MAMBA_HYBRID,
        "nemotron_h": base.NEMOTRON_H,
        "lfm2": base.LFM_2,
        "lfm2_moe": replace(base.LFM_2, is_mixture=True, width=lambda reading: reading.whole("width")),
        "mamba": Family(
            defaults=base.TIED,
            spellings={"mamba_width": ("intermediate_size", "d_inner")},
            tokens=everywhere("mamba-1/none"),
            attention=shapes.no_attention,
            width=lambda _: 0,
        ),
        "mamba2": Family(
            spellings={"mamba_heads": ("num_heads",), "mamba_head_dimension": ("head_dim",)},
            defaults=base.TIED,
            tokens=everywhere("mamba-2/none"),
            attention=shapes.no_attention,
            width=lambda _: 0,
        ),
        # before Llama
        "gpt2": Family(
            fixed=base.GPT, defaults=base.TIED, width=part.over_hidden(4), more=part.learned_positions
        ),
        "gpt_bigcode": Family(
            fixed=base.GPT, defaults=base.TIED, width=part.over_hidden(4), more=part.multi_query
        ),
        "gpt_neox": Family(fixed=base.GPT, width=part.over_hidden(4), harmless=("use_parallel_residual",)),
        "gptj": Family(
            fixed={
                **base.GPT,
                "norms_per_layer": 1,
                "bias": {"feed_forward": True, "output_head": True},
            },
            width=part.over_hidden(4),
        ),
        "opt": Family(
            fixed=base.GPT,
            defaults=base.TIED,
            more=part.opt,
            harmless=("do_layer_norm_before", "layerdrop", "enable_bias"),
        ),
        "bloom": Family(
            fixed={**base.GPT, "norms_outside": 2},
            defaults=base.TIED,
            spellings={"hidden": ("n_embed",)},
            width=part.over_hidden(4),
            harmless=("offset_alibi", "n_inner", "apply_residual_connection_post_layernorm", "seq_length"),
        ),
        "falcon": Family(
            fixed={**base.PLAIN_MATRICES, "normalisation": "layer"},
            defaults=base.TIED,
            width=part.over_hidden(4),
            more=part.falcon,
            harmless=("alibi", "num_ln_in_parallel_attn"),
        ),
        "mpt": Family(
            fixed=base.PLAIN_MATRICES,
            defaults=base.TIED,
            attention=part.dbrx_attention,
            width=part.mpt_width,
            harmless=("no_bias", "norm_type", "learned_pos_emb", "init_config", "ffn_config", "fc_type"),
        ),
        "phi": Family(
            fixed={
                **base.GPT,
                "norms_per_layer": 1,
                "bias": {**base.ALL_BIASES["bias"], "output_head": True},
            },
        ),
        "starcoder2": Family(
            fixed={**base.PLAIN_MATRICES, "normalisation": "layer"},
            defaults=base.TIED,
            tokens=base.WINDOWED,
            more=part.biases_everywhere,
            harmless=("mlp_type",),
        ),
        "stablelm": Family(fixed={"normalisation": "layer"}, has_output_bias=False, more=part.parallel_norms),
        "nemotron": Family(fixed={**base.PLAIN_MATRICES, "normalisation": "layer"}),
    }
)
