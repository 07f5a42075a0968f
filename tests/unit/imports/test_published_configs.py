"""The shape keys of published `config.json` files, with the parameters that their repositories count.

Facts, written down key by key; keys that say nothing of the shape are left out, but for a few that must be
passed over. Counts are those of the weights that the page of the model shows, or its report where that shows
encoders and prediction modules with them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from planner.catalog.architecture import architecture_inputs, architecture_of
from planner.catalog.catalog import load_catalog
from planner.engine.architecture import parameter_counts
from planner.errors import PlannerError
from planner.imports.families import FAMILIES
from planner.imports.refused_families import REFUSED
from planner.imports.transformers_config import read_config

TOLERANCE = 0.01


class Published(NamedTuple):
    """A configuration, and what its model is published to hold. [-]."""

    id: str
    parameters: float
    config: dict[str, Any]


def _keys(text: str, **more: Any) -> dict[str, Any]:
    """Return `key=value` words as a table; numbers are whole."""
    words = (word.partition("=") for word in text.split())
    return {key: int(value) if value.lstrip("-").isdigit() else value for key, _, value in words} | more


_JAMBA = "attn_layer_period=8 attn_layer_offset=4 expert_layer_period=2 expert_layer_offset=1"
_MAMBA_2 = (
    "mamba_num_heads=128 mamba_head_dim=64 n_groups=8 ssm_state_size=128 conv_kernel=4 chunk_size=128"
    " expand=2"
)
_NEMOTRON_8B = "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-"
_GRANITE_TINY = (
    ["mamba"] * 5 + ["attention"] + ["mamba"] * 9 + ["attention"] + ["mamba"] * 9 + ["attention"]
) + (["mamba"] * 9 + ["attention"] + ["mamba"] * 4)

PUBLISHED = (
    Published(
        "meta-llama/Llama-3.1-8B",
        8_030_261_248,
        _keys(
            "model_type=llama hidden_size=4096 intermediate_size=14336 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=128256"
            " max_position_embeddings=131072 pretraining_tp=1",
            tie_word_embeddings=False,
            attention_bias=False,
            mlp_bias=False,
            rope_theta=500000.0,
            rope_scaling={"factor": 8.0, "rope_type": "llama3"},
            rms_norm_eps=1e-5,
            eos_token_id=128001,
            architectures=["LlamaForCausalLM"],
        ),
    ),
    Published(
        "mistralai/Mistral-7B-v0.1",
        7_241_732_096,
        _keys(
            "model_type=mistral hidden_size=4096 intermediate_size=14336 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=32000 sliding_window=4096",
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "mistralai/Mixtral-8x7B-v0.1",
        46_702_792_704,
        _keys(
            "model_type=mixtral hidden_size=4096 intermediate_size=14336 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=32000 num_local_experts=8"
            " num_experts_per_tok=2",
            sliding_window=None,
            router_aux_loss_coef=0.02,
            output_router_logits=False,
        ),
    ),
    Published(
        "Qwen/Qwen2.5-72B",
        72_706_203_648,
        _keys(
            "model_type=qwen2 hidden_size=8192 intermediate_size=29568 num_hidden_layers=80"
            " num_attention_heads=64 num_key_value_heads=8 vocab_size=152064"
            " max_window_layers=80 sliding_window=131072",
            use_sliding_window=False,
            tie_word_embeddings=False,
            use_mrope=False,
        ),
    ),
    Published(
        "Qwen/Qwen1.5-MoE-A2.7B",
        14_315_784_192,
        _keys(
            "model_type=qwen2_moe hidden_size=2048 intermediate_size=5632"
            " moe_intermediate_size=1408 shared_expert_intermediate_size=5632"
            " num_hidden_layers=24 num_attention_heads=16 num_key_value_heads=16"
            " vocab_size=151936 num_experts=60 num_experts_per_tok=4 decoder_sparse_step=1"
            " max_window_layers=21 sliding_window=32768",
            use_sliding_window=False,
            norm_topk_prob=False,
        ),
    ),
    Published(
        "Qwen/Qwen3-8B",
        8_190_735_360,
        _keys(
            "model_type=qwen3 hidden_size=4096 intermediate_size=12288 num_hidden_layers=36"
            " num_attention_heads=32 num_key_value_heads=8 head_dim=128 vocab_size=151936"
            " max_window_layers=36",
            sliding_window=None,
            use_sliding_window=False,
            attention_bias=False,
        ),
    ),
    Published(
        "Qwen/Qwen3-30B-A3B",
        30_532_122_624,
        _keys(
            "model_type=qwen3_moe hidden_size=2048 intermediate_size=6144"
            " moe_intermediate_size=768 num_hidden_layers=48 num_attention_heads=32"
            " num_key_value_heads=4 head_dim=128 vocab_size=151936 num_experts=128"
            " num_experts_per_tok=8 decoder_sparse_step=1 max_window_layers=48",
            mlp_only_layers=[],
            norm_topk_prob=True,
            sliding_window=None,
            use_sliding_window=False,
        ),
    ),
    Published(
        "Qwen/Qwen3-Next-80B-A3B",
        79_674_391_296,
        _keys(
            "model_type=qwen3_next hidden_size=2048 intermediate_size=5120"
            " moe_intermediate_size=512 shared_expert_intermediate_size=512 num_hidden_layers=48"
            " num_attention_heads=16 num_key_value_heads=2 head_dim=256 vocab_size=151936"
            " num_experts=512 num_experts_per_tok=10 decoder_sparse_step=1"
            " full_attention_interval=4 linear_conv_kernel_dim=4 linear_key_head_dim=128"
            " linear_num_key_heads=16 linear_num_value_heads=32 linear_value_head_dim=128",
            mlp_only_layers=[],
            partial_rotary_factor=0.25,
        ),
    ),
    Published(
        "google/gemma-7b",
        8_537_680_896,
        _keys(
            "model_type=gemma hidden_size=3072 intermediate_size=24576 num_hidden_layers=28"
            " num_attention_heads=16 num_key_value_heads=16 head_dim=256 vocab_size=256000",
            hidden_activation=None,
        ),
    ),
    Published(
        "google/gemma-2-9b",
        9_241_705_984,
        _keys(
            "model_type=gemma2 hidden_size=3584 intermediate_size=14336 num_hidden_layers=42"
            " num_attention_heads=16 num_key_value_heads=8 head_dim=256 vocab_size=256000"
            " sliding_window=4096 query_pre_attn_scalar=256 sliding_window_size=4096",
            attn_logit_softcapping=50.0,
            cache_implementation="hybrid",
        ),
    ),
    Published(
        "google/gemma-3-27b-it",
        27_432_406_640,
        _keys(
            "model_type=gemma3 boi_token_index=255999 image_token_index=262144 mm_tokens_per_image=256",
            text_config=_keys(
                "model_type=gemma3_text hidden_size=5376 intermediate_size=21504"
                " num_hidden_layers=62 num_attention_heads=32 num_key_value_heads=16"
                " head_dim=128 query_pre_attn_scalar=168 sliding_window=1024",
            ),
            vision_config=_keys(
                "model_type=siglip_vision_model hidden_size=1152 intermediate_size=4304 image_size=896"
                " patch_size=14 num_attention_heads=16 num_hidden_layers=27",
                vision_use_head=False,
            ),
        ),
    ),
    Published(
        "microsoft/Phi-3-mini-4k-instruct",
        3_821_079_552,
        _keys(
            "model_type=phi3 hidden_size=3072 intermediate_size=8192 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=32 vocab_size=32064 sliding_window=2047"
        ),
    ),
    Published(
        "microsoft/phi-2",
        2_779_683_840,
        _keys(
            "model_type=phi hidden_size=2560 intermediate_size=10240 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=32 vocab_size=51200",
            qk_layernorm=False,
        ),
    ),
    Published(
        "microsoft/Phi-3.5-MoE-instruct",
        41_873_153_344,
        _keys(
            "model_type=phimoe hidden_size=4096 intermediate_size=6400 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=32064 num_local_experts=16"
            " num_experts_per_tok=2 sliding_window=131072",
            attention_bias=True,
            lm_head_bias=True,
            input_jitter_noise=0.01,
        ),
    ),
    Published(
        "openai/gpt-oss-20b",
        20_914_757_184,
        _keys(
            "model_type=gpt_oss hidden_size=2880 intermediate_size=2880 num_hidden_layers=24"
            " num_attention_heads=64 num_key_value_heads=8 head_dim=64 vocab_size=201088"
            " num_local_experts=32 num_experts_per_tok=4 experts_per_token=4 sliding_window=128"
            " initial_context_length=4096",
            layer_types=["sliding_attention", "full_attention"] * 12,
            attention_bias=True,
            swiglu_limit=7.0,
            quantization_config={"quant_method": "mxfp4"},
        ),
    ),
    Published(
        "deepseek-ai/DeepSeek-V2-Lite",
        15_706_484_224,
        _keys(
            "model_type=deepseek_v2 hidden_size=2048 intermediate_size=10944"
            " moe_intermediate_size=1408 num_hidden_layers=27 num_attention_heads=16"
            " num_key_value_heads=16 vocab_size=102400 n_routed_experts=64 n_shared_experts=2"
            " num_experts_per_tok=6 first_k_dense_replace=1 moe_layer_freq=1 n_group=1"
            " topk_group=1 kv_lora_rank=512 qk_nope_head_dim=128 qk_rope_head_dim=64"
            " v_head_dim=128 topk_method=greedy",
            q_lora_rank=None,
            routed_scaling_factor=1.0,
        ),
    ),
    Published(
        "deepseek-ai/DeepSeek-V3",
        671_026_419_200,
        _keys(
            "model_type=deepseek_v3 hidden_size=7168 intermediate_size=18432"
            " moe_intermediate_size=2048 num_hidden_layers=61 num_attention_heads=128"
            " num_key_value_heads=128 vocab_size=129280 n_routed_experts=256 n_shared_experts=1"
            " num_experts_per_tok=8 first_k_dense_replace=3 moe_layer_freq=1 n_group=8"
            " topk_group=4 kv_lora_rank=512 q_lora_rank=1536 qk_nope_head_dim=128"
            " qk_rope_head_dim=64 v_head_dim=128 topk_method=noaux_tc num_nextn_predict_layers=1",
        ),
    ),
    Published(
        "deepseek-ai/DeepSeek-V3.2-Exp",
        671.88e9,
        _keys(
            "model_type=deepseek_v32 hidden_size=7168 intermediate_size=18432"
            " moe_intermediate_size=2048 num_hidden_layers=61 num_attention_heads=128"
            " num_key_value_heads=128 vocab_size=129280 n_routed_experts=256 n_shared_experts=1"
            " num_experts_per_tok=8 first_k_dense_replace=3 moe_layer_freq=1 n_group=8"
            " topk_group=4 kv_lora_rank=512 q_lora_rank=1536 qk_nope_head_dim=128"
            " qk_rope_head_dim=64 v_head_dim=128 index_head_dim=128 index_n_heads=64"
            " index_topk=2048",
        ),
    ),
    Published(
        "moonshotai/Kimi-K2-Instruct",
        1_026_408_232_448,
        _keys(
            "model_type=kimi_k2 hidden_size=7168 intermediate_size=18432"
            " moe_intermediate_size=2048 num_hidden_layers=61 num_attention_heads=64"
            " num_key_value_heads=64 vocab_size=163840 n_routed_experts=384 n_shared_experts=1"
            " num_experts_per_tok=8 first_k_dense_replace=1 moe_layer_freq=1 n_group=1"
            " topk_group=1 kv_lora_rank=512 q_lora_rank=1536 qk_nope_head_dim=128"
            " qk_rope_head_dim=64 v_head_dim=128 num_nextn_predict_layers=0",
        ),
    ),
    Published(
        "moonshotai/Kimi-Linear-48B-A3B-Instruct",
        49_122_681_728,
        _keys(
            "model_type=kimi_linear hidden_size=2304 intermediate_size=9216"
            " moe_intermediate_size=1024 num_hidden_layers=27 num_attention_heads=32"
            " num_key_value_heads=32 head_dim=72 vocab_size=163840 num_experts=256"
            " num_shared_experts=1 num_experts_per_token=8 first_k_dense_replace=1"
            " moe_layer_freq=1 num_expert_group=1 topk_group=1 kv_lora_rank=512"
            " qk_nope_head_dim=128 qk_rope_head_dim=64 v_head_dim=128 num_nextn_predict_layers=0",
            q_lora_rank=None,
            mla_use_nope=True,
            linear_attn_config={
                "full_attn_layers": [4, 8, 12, 16, 20, 24, 27],
                "kda_layers": [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26],
                "head_dim": 128,
                "num_heads": 32,
                "short_conv_kernel_size": 4,
            },
        ),
    ),
    Published(
        "zai-org/GLM-4.5-Air (without its prediction module)",
        106.85e9,
        _keys(
            "model_type=glm4_moe hidden_size=4096 intermediate_size=10944"
            " moe_intermediate_size=1408 num_hidden_layers=46 num_attention_heads=96"
            " num_key_value_heads=8 head_dim=128 vocab_size=151552 n_routed_experts=128"
            " n_shared_experts=1 num_experts_per_tok=8 first_k_dense_replace=1 n_group=1"
            " topk_group=1 num_nextn_predict_layers=1",
            attention_bias=True,
            use_qk_norm=False,
        ),
    ),
    Published(
        "THUDM/glm-4-9b",
        9_399_951_360,
        _keys(
            "model_type=chatglm hidden_size=4096 ffn_hidden_size=13696 num_layers=40"
            " num_attention_heads=32 multi_query_group_num=2 kv_channels=128"
            " padded_vocab_size=151552 vocab_size=151552 seq_length=131072",
            add_bias_linear=False,
            add_qkv_bias=True,
            multi_query_attention=True,
            rmsnorm=True,
            post_layer_norm=True,
            original_rope=True,
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "THUDM/GLM-4-9B-0414",
        9_400_279_040,
        _keys(
            "model_type=glm4 hidden_size=4096 intermediate_size=13696 num_hidden_layers=40"
            " num_attention_heads=32 num_key_value_heads=2 head_dim=128 vocab_size=151552",
            attention_bias=True,
        ),
    ),
    Published(
        "MiniMaxAI/MiniMax-Text-01",
        456_089_655_296,
        _keys(
            "model_type=minimax_text_01 hidden_size=6144 intermediate_size=9216"
            " num_hidden_layers=80 num_attention_heads=64 num_key_value_heads=8 head_dim=128"
            " vocab_size=200064 num_local_experts=32 num_experts_per_tok=2"
            " shared_intermediate_size=0 layernorm_mlp_beta=1 rotary_dim=64",
            attn_type_list=([0] * 7 + [1]) * 10,
            postnorm=True,
        ),
    ),
    Published(
        "MiniMaxAI/MiniMax-M2",
        228_689_764_864,
        _keys(
            "model_type=minimax_m2 hidden_size=3072 intermediate_size=1536 num_hidden_layers=62"
            " num_attention_heads=48 num_key_value_heads=8 head_dim=128 vocab_size=200064"
            " num_local_experts=256 num_experts_per_tok=8 shared_intermediate_size=0"
            " num_mtp_modules=3 mtp_transformer_layers=1 qk_norm_type=per_layer rotary_dim=64",
            attn_type_list=[1] * 62,
            use_mtp=True,
            use_qk_norm=True,
            use_routing_bias=True,
        ),
    ),
    Published(
        "ai21labs/Jamba-v0.1",
        51_570_323_328,
        _keys(
            "model_type=jamba hidden_size=4096 intermediate_size=14336 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=65536 num_experts=16"
            " num_experts_per_tok=2 mamba_d_state=16 mamba_d_conv=4 mamba_expand=2"
            f" mamba_dt_rank=256 {_JAMBA}",
            mamba_conv_bias=True,
            mamba_proj_bias=False,
        ),
    ),
    Published(
        "tiiuae/Falcon-H1-34B-Base",
        33_642_516_224,
        _keys(
            "model_type=falcon_h1 hidden_size=5120 intermediate_size=21504 num_hidden_layers=72"
            " num_attention_heads=20 num_key_value_heads=4 head_dim=128 vocab_size=261120"
            " mamba_d_ssm=4096 mamba_n_heads=32 mamba_d_head=128 mamba_n_groups=2"
            " mamba_d_state=256 mamba_d_conv=4 mamba_chunk_size=128 mamba_expand=2",
            mamba_conv_bias=True,
            mamba_proj_bias=False,
            mamba_rms_norm=False,
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "nvidia/Nemotron-H-8B-Base-8K",
        8_100_000_000,
        _keys(
            "model_type=nemotron_h hidden_size=4096 intermediate_size=21504"
            " num_hidden_layers=52 num_attention_heads=32 num_key_value_heads=8 head_dim=128"
            f" vocab_size=131072 {_MAMBA_2}",
            hybrid_override_pattern=_NEMOTRON_8B,
            use_bias=False,
            use_conv_bias=True,
            mamba_proj_bias=False,
        ),
    ),
    Published(
        "ibm-granite/granite-3.1-8b-base",
        8_170_848_256,
        _keys(
            "model_type=granite hidden_size=4096 intermediate_size=12800 num_hidden_layers=40"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=49155",
            tie_word_embeddings=True,
            attention_multiplier=0.0078125,
            logits_scaling=16.0,
        ),
    ),
    Published(
        "ibm-granite/granite-4.0-h-tiny",
        6_939_037_248,
        _keys(
            "model_type=granitemoehybrid hidden_size=1536 intermediate_size=512"
            " shared_intermediate_size=1024 num_hidden_layers=40 num_attention_heads=12"
            " num_key_value_heads=4 vocab_size=100352 num_local_experts=64 num_experts_per_tok=6"
            " mamba_n_heads=48 mamba_d_head=64 mamba_n_groups=1 mamba_d_state=128 mamba_d_conv=4"
            " mamba_expand=2 mamba_chunk_size=256",
            layer_types=_GRANITE_TINY,
            tie_word_embeddings=True,
        ),
    ),
    Published(
        "LiquidAI/LFM2-1.2B",
        1_170_340_608,
        _keys(
            "model_type=lfm2 hidden_size=2048 block_ff_dim=12288 num_hidden_layers=16"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=65536 conv_L_cache=3"
            " block_multiple_of=256 conv_dim=2048",
            block_auto_adjust_ff_dim=True,
            block_ffn_dim_multiplier=1.0,
            conv_bias=False,
            full_attn_idxs=[2, 5, 8, 10, 12, 14],
        ),
    ),
    Published(
        "state-spaces/mamba-2.8b-hf",
        2_768_345_600,
        _keys(
            "model_type=mamba hidden_size=2560 intermediate_size=5120 num_hidden_layers=64"
            " state_size=16 time_step_rank=160 conv_kernel=4 expand=2 vocab_size=50280",
            use_bias=False,
            use_conv_bias=True,
        ),
    ),
    Published(
        "AntonV/mamba2-2.7b-hf",
        2_702_599_680,
        _keys(
            "model_type=mamba2 hidden_size=2560 num_hidden_layers=64 state_size=128"
            " num_heads=80 head_dim=64 n_groups=1 conv_kernel=4 expand=2 chunk_size=256"
            " vocab_size=50288",
            tie_word_embeddings=True,
        ),
    ),
    Published(
        "allenai/OLMo-2-1124-7B",
        7_298_617_344,
        _keys(
            "model_type=olmo2 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=32 vocab_size=100352"
        ),
    ),
    Published(
        "allenai/OLMoE-1B-7B-0924",
        6_919_161_856,
        _keys(
            "model_type=olmoe hidden_size=2048 intermediate_size=1024 num_hidden_layers=16"
            " num_attention_heads=16 num_key_value_heads=16 vocab_size=50304 num_experts=64"
            " num_experts_per_tok=8",
            clip_qkv=None,
        ),
    ),
    Published(
        "tencent/Hunyuan-A13B-Instruct",
        80_393_183_232,
        _keys(
            "model_type=hunyuan_v1_moe hidden_size=4096 intermediate_size=3072"
            " num_hidden_layers=32 num_attention_heads=32 num_key_value_heads=8 head_dim=128"
            " vocab_size=128167 num_experts=64",
            moe_topk=[8] * 32,
            moe_intermediate_size=[3072] * 32,
            num_shared_expert=[1] * 32,
            use_mixed_mlp_moe=True,
            use_cla=False,
            tie_word_embeddings=True,
            use_qk_norm=True,
        ),
    ),
    Published(
        "baidu/ERNIE-4.5-300B-A47B-Base-PT",
        300_000_000_000,
        _keys(
            "model_type=ernie4_5_moe hidden_size=8192 intermediate_size=28672"
            " moe_intermediate_size=3584 num_hidden_layers=54 num_attention_heads=64"
            " num_key_value_heads=8 vocab_size=103424 moe_num_experts=64 moe_k=8"
            " moe_num_shared_experts=0 moe_layer_start_index=3 moe_layer_end_index=53"
            " moe_layer_interval=1",
            use_bias=False,
            moe_capacity=[64, 64, 64],
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "inclusionAI/Ling-1T",
        1_000_000_000_000,
        _keys(
            "model_type=bailing_moe hidden_size=8192 intermediate_size=18432"
            " moe_intermediate_size=2048 num_hidden_layers=80 num_attention_heads=64"
            " num_key_value_heads=8 head_dim=128 vocab_size=157184 num_experts=256"
            " num_shared_experts=1 num_experts_per_tok=8 first_k_dense_replace=4 n_group=8"
            " topk_group=4 num_nextn_predict_layers=0",
            use_bias=False,
            use_qkv_bias=False,
            use_qk_norm=True,
        ),
    ),
    Published(
        "meta-llama/Llama-4-Scout-17B-16E (its language model)",
        107_770_000_000,
        _keys(
            "model_type=llama4 image_token_index=200092",
            text_config=_keys(
                "model_type=llama4_text hidden_size=5120 intermediate_size=8192"
                " intermediate_size_mlp=16384 num_hidden_layers=48 num_attention_heads=40"
                " num_key_value_heads=8 head_dim=128 vocab_size=202048 num_local_experts=16"
                " num_experts_per_tok=1 interleave_moe_layer_step=1 attention_chunk_size=8192",
                no_rope_layers=[1, 1, 1, 0] * 12,
                use_qk_norm=True,
                for_llm_compressor=False,
            ),
            vision_config=_keys("model_type=llama4_vision_model hidden_size=1408 num_hidden_layers=34"),
        ),
    ),
    Published(
        "meta-llama/Llama-4-Maverick-17B-128E (its language model)",
        400_710_000_000,
        _keys(
            "model_type=llama4",
            text_config=_keys(
                "model_type=llama4_text hidden_size=5120 intermediate_size=8192"
                " intermediate_size_mlp=16384 num_hidden_layers=48 num_attention_heads=40"
                " num_key_value_heads=8 head_dim=128 vocab_size=202048 num_local_experts=128"
                " num_experts_per_tok=1 interleave_moe_layer_step=2 attention_chunk_size=8192",
                use_qk_norm=False,
            ),
            vision_config=_keys("model_type=llama4_vision_model hidden_size=1408"),
        ),
    ),
    Published(
        "XiaomiMiMo/MiMo-V2-Flash",
        309_000_000_000,
        _keys(
            "model_type=mimo_v2_flash hidden_size=4096 intermediate_size=16384"
            " moe_intermediate_size=2048 num_hidden_layers=48 num_attention_heads=64"
            " num_key_value_heads=4 head_dim=192 v_head_dim=128 swa_num_attention_heads=64"
            " swa_num_key_value_heads=8 swa_head_dim=192 swa_v_head_dim=128 vocab_size=152576"
            " n_routed_experts=256 num_experts_per_tok=8 sliding_window=128"
            " sliding_window_size=128 n_group=1 topk_group=1",
            hybrid_layer_pattern=[0, 1, 1, 1, 1, 0] + [1, 1, 1, 1, 1, 0] * 7,
            moe_layer_freq=[0] + [1] * 47,
            add_swa_attention_sink_bias=True,
            add_full_attention_sink_bias=False,
            n_shared_experts=None,
        ),
    ),
    Published(
        "ByteDance-Seed/Seed-OSS-36B-Base",
        36_151_104_512,
        _keys(
            "model_type=seed_oss hidden_size=5120 intermediate_size=27648 num_hidden_layers=64"
            " num_attention_heads=80 num_key_value_heads=8 head_dim=128 vocab_size=155136",
            attention_bias=True,
            attention_out_bias=False,
            mlp_bias=False,
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "HuggingFaceTB/SmolLM3-3B",
        3_075_098_624,
        _keys(
            "model_type=smollm3 hidden_size=2048 intermediate_size=11008 num_hidden_layers=36"
            " num_attention_heads=16 num_key_value_heads=4 vocab_size=128256"
            " no_rope_layer_interval=4 max_window_layers=28",
            no_rope_layers=[1, 1, 1, 0] * 9,
            layer_types=["full_attention"] * 36,
            use_sliding_window=False,
            sliding_window=None,
        ),
    ),
    Published(
        "LGAI-EXAONE/EXAONE-4.0-32B",
        32_003_200_000,
        _keys(
            "model_type=exaone4 hidden_size=5120 intermediate_size=27392 num_hidden_layers=64"
            " num_attention_heads=40 num_key_value_heads=8 head_dim=128 vocab_size=102400"
            " sliding_window_pattern=LLLG sliding_window=4096",
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "swiss-ai/Apertus-8B-2509",
        8_053_338_176,
        _keys(
            "model_type=apertus hidden_size=4096 intermediate_size=21504 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=131072 hidden_act=xielu",
            qk_norm=True,
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "internlm/internlm2-7b",
        7_737_708_544,
        _keys(
            "model_type=internlm2 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32"
            " num_attention_heads=32 num_key_value_heads=8 vocab_size=92544",
            bias=False,
        ),
    ),
    Published(
        "Qwen/Qwen-7B",
        7_721_324_544,
        _keys(
            "model_type=qwen hidden_size=4096 intermediate_size=22016 num_hidden_layers=32"
            " num_attention_heads=32 kv_channels=128 vocab_size=151936 seq_length=8192",
            no_bias=True,
            use_dynamic_ntk=True,
        ),
    ),
    Published(
        "CohereForAI/c4ai-command-r-v01",
        34_980_831_232,
        _keys(
            "model_type=cohere hidden_size=8192 intermediate_size=22528 num_hidden_layers=40"
            " num_attention_heads=64 num_key_value_heads=64 vocab_size=256000",
            use_qk_norm=False,
            logit_scale=0.0625,
        ),
    ),
    Published(
        "databricks/dbrx-base",
        131_596_523_520,
        _keys(
            "model_type=dbrx d_model=6144 n_heads=48 n_layers=40 vocab_size=100352 max_seq_len=32768",
            attn_config={"clip_qkv": 8, "kv_n_heads": 8, "rope_theta": 500000},
            ffn_config={"ffn_hidden_size": 10752, "moe_jitter_eps": 0, "moe_num_experts": 16, "moe_top_k": 4},
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "bigcode/starcoder2-15b",
        15_957_889_024,
        _keys(
            "model_type=starcoder2 hidden_size=6144 intermediate_size=24576"
            " num_hidden_layers=40 num_attention_heads=48 num_key_value_heads=4 vocab_size=49152"
            " sliding_window=4096",
            use_bias=True,
            tie_word_embeddings=False,
            mlp_type="default",
            norm_type="layer_norm",
        ),
    ),
    Published(
        "stabilityai/stablelm-2-1_6b",
        1_644_515_328,
        _keys(
            "model_type=stablelm hidden_size=2048 intermediate_size=5632 num_hidden_layers=24"
            " num_attention_heads=32 num_key_value_heads=32 vocab_size=100352",
            use_qkv_bias=True,
            partial_rotary_factor=0.25,
        ),
    ),
    Published(
        "openai-community/gpt2",
        124_439_808,
        _keys("model_type=gpt2 n_embd=768 n_layer=12 n_head=12 n_positions=1024 n_ctx=1024 vocab_size=50257"),
    ),
    Published(
        "EleutherAI/gpt-j-6b",
        6_050_882_784,
        _keys(
            "model_type=gptj n_embd=4096 n_layer=28 n_head=16 n_positions=2048 rotary_dim=64"
            " vocab_size=50400",
            n_inner=None,
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "EleutherAI/pythia-6.9b",
        6_857_302_016,
        _keys(
            "model_type=gpt_neox hidden_size=4096 intermediate_size=16384 num_hidden_layers=32"
            " num_attention_heads=32 vocab_size=50432",
            tie_word_embeddings=False,
            use_parallel_residual=True,
        ),
    ),
    Published(
        "facebook/opt-6.7b",
        6_658_473_984,
        _keys(
            "model_type=opt hidden_size=4096 ffn_dim=16384 num_hidden_layers=32"
            " num_attention_heads=32 vocab_size=50272 max_position_embeddings=2048"
            " word_embed_proj_dim=4096",
            do_layer_norm_before=True,
        ),
    ),
    Published(
        "bigscience/bloom-7b1",
        7_069_016_064,
        _keys(
            "model_type=bloom n_embed=4096 n_layer=30 num_attention_heads=32 vocab_size=250880"
            " n_inner=null offset_alibi=100 seq_length=2048",
            n_inner=None,
        ),
    ),
    Published(
        "tiiuae/falcon-7b",
        6_921_720_704,
        _keys(
            "model_type=falcon hidden_size=4544 num_hidden_layers=32 num_attention_heads=71 vocab_size=65024",
            multi_query=True,
            parallel_attn=True,
            new_decoder_architecture=False,
            bias=False,
            alibi=False,
        ),
    ),
    Published(
        "mosaicml/mpt-7b",
        6_649_286_656,
        _keys(
            "model_type=mpt d_model=4096 n_heads=32 n_layers=32 expansion_ratio=4"
            " vocab_size=50432 max_seq_len=2048 norm_type=low_precision_layernorm",
            no_bias=True,
            attn_config={"alibi": True, "attn_type": "multihead_attention", "attn_impl": "torch"},
        ),
    ),
    Published(
        "Qwen/Qwen3.5-397B-A17B",
        397e9,
        _keys(
            "model_type=qwen3_5_moe image_token_id=248056",
            text_config=_keys(
                "model_type=qwen3_5_moe_text hidden_size=4096 moe_intermediate_size=1024"
                " shared_expert_intermediate_size=1024 num_hidden_layers=60 num_attention_heads=32"
                " num_key_value_heads=2 head_dim=256 vocab_size=248320 num_experts=512 num_experts_per_tok=10"
                " full_attention_interval=4 linear_conv_kernel_dim=4 linear_key_head_dim=128"
                " linear_num_key_heads=16 linear_num_value_heads=64 linear_value_head_dim=128"
                " mtp_num_hidden_layers=1",
                layer_types=(["linear_attention"] * 3 + ["full_attention"]) * 15,
                attn_output_gate=True,
                mamba_ssm_dtype="float32",
            ),
            vision_config=_keys(
                "model_type=qwen3_5_moe hidden_size=1152 intermediate_size=4304 depth=27 num_heads=16"
                " patch_size=16 temporal_patch_size=2 spatial_merge_size=2 num_position_embeddings=2304"
                " out_hidden_size=4096",
                deepstack_visual_indexes=[],
            ),
            tie_word_embeddings=False,
        ),
    ),
    Published(
        "google/gemma-4-26B-A4B (its language model)",
        25.2e9,
        _keys(
            "model_type=gemma4",
            text_config=_keys(
                "model_type=gemma4_text hidden_size=2816 intermediate_size=2112 moe_intermediate_size=704"
                " num_hidden_layers=30 num_attention_heads=16 num_key_value_heads=8 head_dim=256"
                " global_head_dim=512 num_global_key_value_heads=2 num_experts=128 top_k_experts=8"
                " vocab_size=262144 sliding_window=1024 hidden_size_per_layer_input=0 num_kv_shared_layers=0",
                layer_types=(["sliding_attention"] * 5 + ["full_attention"]) * 5,
                attention_k_eq_v=True,
                enable_moe_block=True,
            ),
            vision_config={"model_type": "gemma4_vision"},
        ),
    ),
)

#: What a key may hold that it should not.
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    1.5,
    "\x1b[31m",
    [],
    [[1]],
    [{}],
    {"a": 1},
    ["x"] * 4,
)
#: Of all keys with all of these, those that the default form tries.
SAMPLE = 29
#: Configurations of which nobody publishes a count: they make the shipped profile of that id.
SHIPPED = (
    (
        "minimax-m3",
        _keys(
            "model_type=minimax_m3 hidden_size=6144 intermediate_size=3072 dense_intermediate_size=12288"
            " shared_intermediate_size=3072 num_hidden_layers=60 num_attention_heads=64 num_key_value_heads=4"
            " head_dim=128 vocab_size=200064 num_local_experts=128 num_experts_per_tok=4 n_shared_experts=1"
            " num_nextn_predict_layers=1 num_mtp_modules=7 qk_norm_type=per_head rotary_dim=64",
            moe_layer_freq=[0] * 3 + [1] * 57,
            use_qk_norm=True,
            use_routing_bias=True,
            sparse_attention_config={
                "sparse_attention_freq": [0] * 3 + [1] * 57,
                "sparse_num_index_heads": 4,
                "sparse_index_dim": 128,
                "sparse_block_size": 128,
                "sparse_topk_blocks": 16,
                "use_sparse_attention": True,
            },
        ),
    ),
    (
        "glm-5.2",
        _keys(
            "model_type=glm_moe_dsa hidden_size=6144 intermediate_size=12288 moe_intermediate_size=2048"
            " num_hidden_layers=78 num_attention_heads=64 num_key_value_heads=64 head_dim=192"
            " vocab_size=154880 n_routed_experts=256 n_shared_experts=1 num_experts_per_tok=8"
            " first_k_dense_replace=3 moe_layer_freq=1 n_group=1 topk_group=1 kv_lora_rank=512"
            " q_lora_rank=2048 qk_head_dim=256 qk_nope_head_dim=192 qk_rope_head_dim=64 v_head_dim=256"
            " index_head_dim=128 index_n_heads=32 index_topk=2048 index_topk_freq=4 index_skip_topk_offset=3"
            " num_nextn_predict_layers=1 topk_method=noaux_tc",
            indexer_types=["full"] * 3 + ["shared"] * 3 + (["full"] + ["shared"] * 3) * 18,
            mlp_layer_types=["dense"] * 3 + ["sparse"] * 75,
            index_share_for_mtp_iteration=True,
            indexer_rope_interleave=True,
        ),
    ),
)


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.id)
def test_a_published_configuration_counts_what_is_published(published: Published) -> None:
    model = read_config(published.config, "config.json")
    counts = parameter_counts(architecture_inputs(model.architecture))
    assert float(counts.total) == pytest.approx(published.parameters, rel=TOLERANCE)
    assert len(model.not_understood) <= 2


def test_the_table_knows_many_families_and_takes_none_for_one_that_is_refused() -> None:
    assert len(FAMILIES) >= 80
    assert not set(FAMILIES) & set(REFUSED)
    assert len({published.config["model_type"] for published in PUBLISHED}) >= 40


@pytest.mark.parametrize(("identifier", "config"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_a_configuration_makes_the_profile_that_is_shipped(identifier: str, config: dict[str, Any]) -> None:
    own = read_config(config, "config.json").architecture
    shipped = architecture_of(load_catalog().models[identifier].profile)
    assert own.kinds == shipped.kinds
    assert parameter_counts(architecture_inputs(own)).total == pytest.approx(
        float(parameter_counts(architecture_inputs(shipped)).total)
    )


def broken_configs() -> list[dict[str, Any]]:
    """Return every published configuration with every key broken in every way."""
    configs = [published.config for published in PUBLISHED]
    return [{**config, key: value} for config in configs for key in config for value in HOSTILE]


@pytest.mark.parametrize("step", [SAMPLE, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_a_broken_configuration_is_read_or_refused_in_one_line(step: int) -> None:
    refusals = []
    for config in broken_configs()[::step]:
        try:
            read_config(config, "config.json")
        except PlannerError as error:
            refusals.append(str(error))
    assert len(refusals) > 100
    assert not [line for line in refusals if not line.isprintable()]
