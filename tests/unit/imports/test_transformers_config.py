"""Configurations of Hugging Face transformers: what is refused, what is listed, what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from planner.errors import ProfileError
from planner.imports.layer_words import as_pattern, places_of_mixtures
from planner.imports.transformers_config import read_config

SMALL: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "vocab_size": 100,
}
LINEAR = {
    "model_type": "qwen3_next",
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"model_type": None}, "model_type is missing"),
        ({"model_type": 7}, "model_type = 7: expected a text"),
        ({"model_type": "qwen33"}, "did you mean 'qwen3'?"),
        ({"model_type": "zamba2"}, 'model_type = "zamba2": no profile can say this family'),
        (
            {"layer_types": ["full_attention"] * 3 + ["rwkv"]},
            'layer_types[3] = "rwkv": is no kind of layer',
        ),
        ({"layer_types": ["full_attention"]}, "layer_types = a list: names 1 layers of 4"),
        ({"layer_types": [{}] * 4}, "layer_types[0] = a table: is no kind"),
        ({"layer_types": "full"}, "expected a list"),
        ({"num_local_experts": 8}, "num_local_experts = 8: is not understood in a model of this family"),
        ({"hc_mult": 4}, "hc_mult = 4: is not understood"),
        ({"n_embd": 32}, "n_embd = 32: is not understood"),
        ({"sliding_window": 512}, "sliding_window = 512: is not understood"),
        ({"hidden_size": None}, "hidden_size: is missing"),
        ({"hidden_size": -64}, "hidden_size = -64: expected a whole number from 1"),
        ({"hidden_size": True}, "hidden_size = true: expected a whole number"),
        ({"hidden_size": "64"}, 'hidden_size = "64": expected a whole number'),
        ({"hidden_size": 64.5}, "hidden_size = 64.5: expected a whole number"),
        ({"hidden_size": 10**30}, "hidden_size = a whole number of about 31 digits"),
        ({"hidden_size": 10_000_001, "head_dim": 8}, "as a profile: hidden = 10000001"),
        ({"hidden_size": 65}, "is no divisor of the hidden size 65"),
        ({"intermediate_size": [128, 128, 256, 128]}, "intermediate_size = a list: differs by layer"),
        ({"num_key_value_heads": 3}, "num_key_value_heads = 3: is no divisor of the 4 heads"),
        ({"num_hidden_layers": 10_001}, "num_hidden_layers = 10001: expected at most 10,000 layers"),
        ({"attention_bias": "yes"}, 'attention_bias = "yes": expected true or false'),
        (
            {"model_type": "mixtral", "num_local_experts": 2, "num_experts_per_tok": 3},
            "more than the 2 experts",
        ),
        (
            {"model_type": "kimi_linear", "linear_attn_config": []},
            "linear_attn_config = an empty list: expected",
        ),
        (
            {"model_type": "nemotron_h", "hybrid_override_pattern": "M*X-"},
            'hybrid_override_pattern[2] = "X": is no kind',
        ),
        ({"model_type": "qwen3_next", "layer_types": ["mamba"] * 4}, "mamba_d_state: is missing"),
        ({**LINEAR, "linear_rank": 8}, "linear_rank = 8: is not understood"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_a_profile_is_refused_by_the_name_of_its_key(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        read_config({**SMALL, **keys}, "config.json")
    assert str(refusal.value).startswith("config.json: ")
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_key_that_says_nothing_of_the_cost_is_listed_and_one_switched_off_too() -> None:
    model = read_config({**SMALL, "rope_theta": 1e4, "strange": 3, "num_memory_layers": 0}, "config.json")
    assert model.not_understood == ("strange", "num_memory_layers")


def test_layers_of_several_kinds_become_a_pattern_and_alike_ones_none() -> None:
    hybrid = read_config({**SMALL, **LINEAR, "head_dim": 16}, "config.json")
    assert hybrid.architecture.pattern == ("3 x linear", "full")
    assert read_config(SMALL, "config.json").architecture.pattern == ()
    windowed = read_config({**SMALL, "model_type": "mistral", "sliding_window": 8}, "config.json")
    assert windowed.architecture.pattern == ()
    assert [kind.token for kind in windowed.architecture.kinds] == [("window",)] * 4


def test_mixture_layers_at_odd_places_are_named_one_by_one() -> None:
    experts = {
        "model_type": "qwen3_moe",
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 32,
        "mlp_only_layers": [1],
    }
    shape = read_config({**SMALL, **experts}, "config.json").architecture
    assert [kind.channel for kind in shape.kinds] == ["mixture", "dense", "mixture", "mixture"]
    assert shape.feed_forward_width == SMALL["intermediate_size"]


@pytest.mark.parametrize(("first", "every"), [(0, 1), (3, 1), (0, 2), (1, 2), (2, 4)], ids=str)
def test_places_of_mixtures_say_the_layers_again(first: int, every: int) -> None:
    words = [
        "mixture" if index >= first and (index - first + 1) % every == 0 else "dense" for index in range(16)
    ]
    found = places_of_mixtures(words)
    assert found is not None
    again = [
        "mixture" if index >= found[0] and (index - found[0] + 1) % found[1] == 0 else "dense"
        for index in range(16)
    ]
    assert again == words


def test_a_pattern_counts_runs_and_repeats_its_shortest_period() -> None:
    assert as_pattern(["window"] * 5 + ["full"]) == ["5 x window", "full"]
    assert as_pattern((["window"] * 5 + ["full"]) * 10 + ["window"] * 2) == ["5 x window", "full"]
    assert as_pattern(["full"] * 9) == ["full"]


def test_what_a_model_sees_with_is_left_out_and_said() -> None:
    inner = {key: value for key, value in SMALL.items() if key not in ("model_type", "vocab_size")}
    config = {
        "model_type": "llava",
        "text_config": {**inner, "model_type": "llama"},
        "vision_config": {"hidden_size": 32, "num_experts": 8},
        "image_token_index": 5,
        "projector_hidden_act": "gelu",
        "odd": 1,
    }
    model = read_config(config, "config.json")
    assert model.left_out == ("vision_config",)
    assert model.taken == ("vocabulary = 32000",)
    assert model.not_understood == ("odd",)


def test_a_key_that_may_change_the_cost_beside_the_language_model_is_refused() -> None:
    config = {"model_type": "llava", "text_config": SMALL, "cross_attention_layers": [1, 3]}
    with pytest.raises(ProfileError, match="cross_attention_layers = a list: is not understood"):
        read_config(config, "config.json")


def test_an_encoder_whose_parts_are_known_stands_beside_the_decoder() -> None:
    """As the shipped profiles of Qwen3.5 27B and Gemma 3 27B have theirs."""
    vision = {
        "model_type": "qwen3_5",
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "depth": 27,
        "patch_size": 16,
        "temporal_patch_size": 2,
        "spatial_merge_size": 2,
        "num_position_embeddings": 2304,
        "out_hidden_size": 5120,
    }
    config = {"text_config": {**SMALL, "hidden_size": 5120}, "vision_config": vision}
    (encoder,) = read_config(config, "config.json").architecture.encoders
    assert (encoder.layers, encoder.patches, encoder.patches_per_token) == (27, 2304, 4)
    assert encoder.other_parameters == 49_263_488
    assert read_config(config, "config.json").left_out == ()
    for broken in ({"depth": "27"}, {"depth": True}, {"patch_size": None}, {"out_hidden_size": 64}):
        other = {**config, "vision_config": {**vision, **broken}}
        assert read_config(other, "config.json").left_out == ("vision_config",)
