"""The keys of published configurations: how each is spelled, and those that say nothing of a model's cost.

The first spelling that a file has is the one that counts. A name without an entry is spelled as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "layers": ("num_hidden_layers", "num_layers", "n_layer", "n_layers"),
        "hidden": ("hidden_size", "n_embd", "d_model"),
        "heads": ("num_attention_heads", "n_head", "n_heads", "num_heads"),
        "key_value_heads": (
            "num_key_value_heads",
            "num_kv_heads",
            "num_query_groups",
            "multi_query_group_num",
            "n_head_kv",
        ),
        "head_dimension": ("head_dim", "attention_head_dim", "kv_channels"),
        "value_dimension": ("v_head_dim",),
        "width": ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff"),
        "vocabulary": ("padded_vocab_size", "vocab_size", "embedding_size"),
        "positions": ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "n_ctx"),
        "is_tied": ("tie_word_embeddings", "tie_embedding"),
        "attention_bias": ("attention_bias", "use_bias", "qkv_bias", "add_qkv_bias", "use_qkv_bias", "bias"),
        "feed_forward_bias": ("mlp_bias", "use_mlp_bias", "add_bias_linear"),
        "has_query_key_norm": ("use_qk_norm", "qk_layernorm", "use_qk_layernorm", "qk_norm"),
        "window": ("sliding_window", "sliding_window_size"),
        "experts": ("num_experts", "n_routed_experts", "num_local_experts", "moe_num_experts"),
        "active_experts": (
            "num_experts_per_tok",
            "num_experts_per_token",
            "experts_per_token",
            "moe_k",
            "moe_topk",
            "moe_top_k",
            "top_k_experts",
            "num_selected_experts",
        ),
        "expert_width": ("moe_intermediate_size", "expert_ffn_hidden_size"),
        "shared_experts": (
            "n_shared_experts",
            "num_shared_experts",
            "num_shared_expert",
            "moe_num_shared_experts",
        ),
        "shared_width": (
            "shared_expert_intermediate_size",
            "moe_shared_expert_intermediate_size",
            "shared_intermediate_size",
        ),
        "first_dense_layers": ("first_k_dense_replace", "num_dense_layers", "moe_layer_start_index"),
        "layer_every": (
            "moe_layer_interval",
            "decoder_sparse_step",
            "expert_layer_period",
            "interleave_moe_layer_step",
        ),
        "routing_groups_limit": ("topk_group",),
        "prediction_layers": ("num_nextn_predict_layers", "mtp_num_hidden_layers", "mtp_num_layers"),
        "mamba_heads": ("mamba_num_heads", "mamba_n_heads"),
        "mamba_head_dimension": ("mamba_head_dim", "mamba_d_head"),
        "mamba_groups": ("mamba_n_groups", "n_groups"),
        "mamba_state": ("mamba_d_state", "ssm_state_size", "state_size"),
        "mamba_convolution": ("mamba_d_conv", "conv_kernel", "mamba_conv_kernel"),
        "mamba_chunk": ("mamba_chunk_size", "chunk_size"),
        "mamba_expand": ("mamba_expand", "expand"),
        "mamba_step_rank": ("mamba_dt_rank", "time_step_rank"),
        "mamba_convolution_bias": ("mamba_conv_bias", "use_conv_bias"),
        "mamba_projection_bias": ("mamba_proj_bias", "mamba_use_bias"),
        "taps": ("conv_L_cache", "conv_l_cache"),
        "stated_parameters": ("num_parameters", "n_parameters", "total_parameters", "num_params", "n_params"),
    }
)

#: Keys that say nothing of a model's cost, by what they speak of.
_HARMLESS_BY_SUBJECT: Mapping[str, str] = MappingProxyType(
    {
        "who wrote the file": (
            r"_.*|architectures|auto_map|model_type|name_or_path|.*version|tokenizer_class|prefix"
        ),
        "tokens": (
            r"ignore_index|.*token(s|_ids?|_index|_idx)?|.*_token_id.*|.*chat_template.*|pad_(to|vocab).*|template"
            r"|.*system_message.*"
        ),
        "positions": (
            r".*rope.*|.*rotary.*|.*_theta|max_position.*|max_seq.*|n_positions|seq_length|n_ctx"
            r"|max_length|model_max_length|.*context_length|original_max.*|.*_freq_base|use_mrope"
            r"|alibi.*|.*yarn.*"
        ),
        "numerics": (
            r".*dtype|bf16|fp16|fp32|.*_eps|.*epsilon|.*fp32.*|.*float32.*|quantization.*|compression_config|bits"
            r"|.*softmax.*|.*upcast.*|.*_layernorm|.*rms_norm|norm_type|.*reorder.*|slow_but_exact"
            r"|pretraining_tp|.*_fusion|fuse.*"
        ),
        "scales": (
            r".*scal(e|ing|ar|e_factor).*|.*multiplier.*|.*softcap.*|.*_cap|.*clip.*|.*_limit|.*_alpha"
            r"|.*_beta|attn_temperature.*|temperature|.*_scale_.*|resid.*|.*residual.*"
        ),
        "activations": (r"hidden_act.*|.*_act|.*activation.*|.*_func"),
        "initial values": (r".*initializer.*|init_.*|.*_init|.*xavier.*"),
        "the time step of a scan": (
            r"(mamba_)?(dt|time_step)_(min|max|floor|limit|scale|rank_.*|init.*)"
            r"|time_step_(limit|floor|min|max|rank_.*)|mamba_dt_.*|use_mamba_kernels|mamba_ssm_.*"
            r"|norm_before_gate"
        ),
        "chance and losses": (
            r".*dropout.*|.*_pdrop|.*_drop|.*_prob|.*_coeff?|.*aux_loss.*|.*_loss.*|.*jitter.*|seed"
            r"|.*z_loss.*|seq_aux|attention_probs.*|layerdrop"
        ),
        "how experts are chosen": (
            r"norm_topk.*|topk_method|scoring.*|n_group|num_expert_groups?|.*renormalize.*|.*router_.*"
            r"|use_(routing|expert)_bias|score_.*|.*_renorm|ep_size|moe_(use|capacity|group|multimodal|aux|with|orthogonal|norm|token|drop|random)_?.*|moe_gate.*|.*route_.*|moe_router.*"
        ),
        "what comes out": (
            r"output_.*|return_dict.*|.*logits?.*|summary_.*|id2label|label2id|problem_type|num_labels"
            r"|task_specific_params|finetuning_task|torchscript|pruned_heads|keys_to_ignore.*|top_[kp]"
            r"|do_sample|num_beam.*|early_stopping|m(in|ax)_new.*|min_length|.*no_repeat_ngram_size|remove_invalid.*|repetition_.*|typical_p|length_penalty|.*_penalty|bad_words.*"
            r"|forced_.*|suppress_.*"
        ),
        "how it is run": (
            r"use_cache|.*cache_imp.*|is_(encoder_)?decoder|add_cross_attention|tie_encoder_decoder"
            r"|.*attn_impl.*|use_(flash|mem|flex|triton).*|use_.*kernels?|causal|is_causal"
            r"|.*sequence_parallel.*|.*gradient.*|use_bidirectional_attention|chunk_size_feed_forward"
            r"|embd_.*|.*_training.*|no_rope.*"
        ),
    }
)
_HARMLESS = re.compile("|".join(f"(?:{pattern})" for pattern in _HARMLESS_BY_SUBJECT.values()))
#: Words of keys that speak of a shape: not understood, such a key may change what the model costs.
_COSTLY = re.compile(
    "|".join(
        (
            r"expert|moe|mixture|mlp|ffn|intermediate|width|expansion",
            r"mixer|mamba|ssm|conv|linear|state_size|recurren|lru|delta|kernel|xlstm|rwkv",
            r"window|sparse|rank|lora|index|compress|latent|shared|share_|use_cla|cross_attention|attn_type",
            r"attention_type|attn_cfg|sink|memory|chunk",
            r"layer_types?|block_type|blocks?_|_blocks?\b|pattern|layers\b|depth|period|interval|offset|freq|groups?\b",
            r"heads?\b|_dims?\b|dimension|_sizes?\b|_config\b|vocab|codebook|ngram|engram",
            r"n_embd|d_model|hc_|hyper|altup|laurel|per_layer|parallel_|loop|repeat",
        )
    )
)


def is_harmless(key: str) -> bool:
    """Return whether a key is known to say nothing of what a model costs.

    Examples
    --------
    >>> is_harmless("rope_theta"), is_harmless("num_memory_layers")
    (True, False)
    """
    return _HARMLESS.fullmatch(key) is not None


def is_costly(key: str) -> bool:
    """Return whether a key, not understood, may change what a model costs."""
    return _COSTLY.search(key) is not None
