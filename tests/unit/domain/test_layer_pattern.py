"""Patterns of layers: what they say of each layer, and what is refused."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture
from planner.domain.layer_pattern import LayerKind, layer_kinds
from planner.engine.architecture import dense_layers, mixture_layers

SHAPE: dict[str, Any] = {
    "layers": 8,
    "hidden": 64,
    "heads": 4,
    "key_value_heads": 2,
    "head_dimension": 16,
    "feed_forward_width": 128,
    "vocabulary": 100,
}
MIXTURE = {"experts": 4, "active_experts": 2, "expert_width": 32, "first_dense_layers": 1}
LINEAR = {"key_heads": 2, "value_heads": 4, "key_dimension": 16, "value_dimension": 16}
LATENT = {
    "query_rank": 0,
    "key_value_rank": 8,
    "rope_dimension": 4,
    "nope_dimension": 12,
    "value_dimension": 16,
}


def shape(**changes: Any) -> Architecture:
    return Architecture.model_validate(SHAPE | changes)


def test_a_pattern_repeats_and_ends_where_the_layers_do() -> None:
    kinds = layer_kinds(["2 x window", "full"], 8)
    assert [kind.token[0] for kind in kinds] == [*["window", "window", "full"] * 2, "window", "window"]
    assert layer_kinds(["full+mamba-2/none"], 1) == (LayerKind(("full", "mamba-2"), "none"),)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (
            ["rwkv"],
            "'rwkv' is no token mixer; expected full, window, chunk, latent, sparse, chosen, linear, ",
        ),
        (["full/wide"], "'wide' is no channel mixer; expected dense, mixture, none"),
        (["0 x full"], "'0 x full' is no kind of layer; expected such as 'full', '3 x linear' or "),
        (["Full"], "'Full' is no kind of layer"),
        (["full+window"], "'full+window' has a token mixer twice; expected one attention at most"),
        (["none/none"], "'none/none' is a layer that mixes nothing"),
        (["none+full"], "'none+full' is a layer that mixes nothing, or nothing beside something"),
        (["9 x full"], "holds more layers than the 8 of the model"),
        (["linear"], "names linear layers; expected linear_attention, their shape"),
        (["full/mixture"], "names mixture layers; expected mixture, their shape"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: list[str], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        shape(pattern=pattern)


def test_a_shape_that_no_layer_has_is_refused() -> None:
    with pytest.raises(ValidationError, match="linear_attention: no layer is of that kind"):
        shape(linear_attention=LINEAR)
    with pytest.raises(ValidationError, match="latent_attention: no layer is of that kind"):
        shape(latent_attention=LATENT, pattern=["full"])
    with pytest.raises(ValidationError, match=r"window\.full_every: the pattern says which layers are full"):
        shape(window={"window": 4, "full_every": 2}, pattern=["window", "full"])
    with pytest.raises(ValidationError, match="feed_forward_width is 0 in a model with dense layers"):
        shape(mixture=MIXTURE, feed_forward_width=0, pattern=["full/dense", "full/mixture"])


def test_a_pattern_of_one_kind_is_the_plain_shape() -> None:
    assert repr(architecture_inputs(shape(pattern=["full"]))) == repr(architecture_inputs(shape()))
    assert architecture_inputs(shape(latent_attention=LATENT, pattern=["latent"])).kinds == ()


def test_channels_are_mixed_by_place_unless_the_pattern_says_it() -> None:
    mixed = shape(mixture=MIXTURE, linear_attention=LINEAR, pattern=["3 x linear", "full"])
    assert Counter(mixed.kinds) == {
        LayerKind(("linear",), "dense"): 1,
        LayerKind(("linear",), "mixture"): 5,
        LayerKind(("full",), "mixture"): 2,
    }
    inputs = architecture_inputs(mixed)
    assert (float(dense_layers(inputs)), float(mixture_layers(inputs))) == (1, 7)
    # the rule of a model without a pattern: every second one after the first, were it one in two
    plain = shape(mixture=MIXTURE | {"layer_every": 2})
    assert [kind.channel for kind in plain.kinds] == ["dense", *["dense", "mixture"] * 3, "dense"]
    assert float(mixture_layers(architecture_inputs(plain))) == 3


def test_a_layer_of_one_block_has_half_of_the_norms() -> None:
    mamba = {"heads": 4, "head_dimension": 32, "groups": 1, "state": 16}
    split = architecture_inputs(shape(mamba_2=mamba, pattern=["mamba-2/none", "none/dense", "2 x full/none"]))
    assert [float(kind.norms_per_layer) for kind in split.kinds] == [1, 1, 1]
    assert [float(kind.layers) for kind in split.kinds] == [2, 2, 4]
    assert [float(kind.has_attention) for kind in split.kinds] == [0, 0, 1]


def test_windowed_layers_may_have_heads_of_their_own() -> None:
    window = {"window": 4, "key_value_heads": 4, "head_dimension": 8}
    windowed, full = architecture_inputs(shape(window=window, pattern=["window", "full"])).kinds
    assert (windowed.window, windowed.key_value_heads, windowed.head_dimension) == (4, 4, 8)
    assert (full.window, full.key_value_heads, full.head_dimension) == (0, 2, 16)


def test_chosen_keys_are_latent_where_the_model_is() -> None:
    sparse = {"index_heads": 2, "index_dimension": 8, "top_k": 4}
    assert architecture_inputs(shape(sparse_attention=sparse)).is_latent == 0
    both = architecture_inputs(shape(sparse_attention=sparse, latent_attention=LATENT))
    assert (both.is_latent, both.top_k, both.kinds) == (1, 4, ())
    grouped = shape(sparse_attention=sparse, latent_attention=LATENT, pattern=["full", "sparse"])
    assert [kind.is_latent for kind in architecture_inputs(grouped).kinds] == [0, 1]
