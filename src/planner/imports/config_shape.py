"""From a configuration's keys, as its family reads them, to the tables of an architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.imports.family import Family
from planner.imports.layer_words import LayerWords, as_pattern, channel_words, places_of_mixtures
from planner.imports.reading import Reading
from planner.imports.shapes import OF_WORDS, Table, mixture

#: More layers than any model has, and few enough to be named one by one.
_MOST_LAYERS = 10_000


def config_shape(reading: Reading, family: Family) -> Table:
    """Return the tables of `[architecture]`, only what differs from the usual.

    Raises
    ------
    ProfileError
        Where a key that the shape needs is missing or holds what it cannot.
    """
    layers = family.layers(reading)
    if layers > _MOST_LAYERS:
        reading.refuse("layers", f"expected at most {_MOST_LAYERS:,} layers")
    table: Table = {"layers": layers, "hidden": reading.whole("hidden"), **family.attention(reading)}
    table |= {"feed_forward_width": 0, "vocabulary": reading.whole("vocabulary"), **_flags(reading, family)}
    words = _token_words(reading, family, table)
    table |= _channels(reading, family, words)
    table |= _token_shapes(reading, family, words)
    table = _merged(table, family.fixed)
    if family.more is not None:
        table = _merged(table, family.more(reading, table))
    # a mixture's fixed facts say nothing where there is none
    if "experts" not in table.get("mixture", {}):
        table.pop("mixture", None)
    return table


def _flags(reading: Reading, family: Family) -> Table:
    """Return what a flag says of the whole model."""
    has_bias = reading.flag("attention_bias")
    bias = {
        "query_key_value": has_bias,
        "attention_output": has_bias and family.has_output_bias,
        "feed_forward": reading.flag("feed_forward_bias"),
    }
    flags: Table = {
        "has_tied_embeddings": reading.flag("is_tied"),
        "has_query_key_norm": reading.flag("has_query_key_norm"),
        "multi_token_prediction_layers": reading.whole("prediction_layers", 0, least=0),
        "bias": {key: value for key, value in bias.items() if value},
    }
    return {key: value for key, value in flags.items() if value}


def _token_words(reading: Reading, family: Family, table: Table) -> LayerWords:
    words = family.tokens(reading, table["layers"])
    # without keys of its own latent attention is what `full` is called where the model has it
    return ["latent" if word == "full" and "latent_attention" in table else word for word in words]


def _channels(reading: Reading, family: Family, words: LayerWords) -> Table:
    """Return the feed-forward parts, and name in `words` what no rule of places says of them."""
    experts = reading.value("experts") if family.is_mixture else None
    if family.is_mixture and (experts == 0 or experts is None):
        channel_words(reading, len(words))
        _note_unused(reading)
    if not experts:
        is_named = all("/" in word for word in words)
        has_dense = not is_named or any(word.endswith("/dense") for word in words)
        return {"feed_forward_width": family.width(reading) if has_dense else 0}
    table = mixture(reading)
    named = [word.partition("/")[2] for word in words]
    if any(named):
        dense = "dense" in named
    else:
        kinds = channel_words(reading, len(words))
        dense = "dense" in kinds
        places = places_of_mixtures(kinds)
        if places is None:
            words[:] = [f"{word}/{kind}" for word, kind in zip(words, kinds, strict=True)]
        else:
            first, every = places
            table |= {"first_dense_layers": first} if first else {}
            table |= {"layer_every": every} if every > 1 else {}
    if not dense:
        reading.value("width")
    return {"feed_forward_width": family.width(reading) if dense else 0, "mixture": table}


def _note_unused(reading: Reading) -> None:
    """Count the keys of experts as read in a model of such a family that has none."""
    for name in ("active_experts", "expert_width", "shared_experts", "shared_width", "moe_latent_size"):
        reading.value(name)
    for name in ("routing_groups_limit", "n_group"):
        reading.value(name)


def _token_shapes(reading: Reading, family: Family, words: LayerWords) -> Table:
    """Return the pattern, where the layers are not all alike, and the shape of each kind in it."""
    found: Table = {}
    distinct = set(words)
    used = {token for word in distinct for token in word.partition("/")[0].split("+")}
    for word, (key, shape) in {**OF_WORDS, **family.shapes}.items():
        if word in used:
            found[key] = shape(reading)
    if distinct - {"full", "latent", "window", "sparse"} or len(distinct) > 1:
        found["pattern"] = as_pattern(words)
    return found


def _merged(table: Table, more: Mapping[str, Any]) -> Table:
    """Return the tables with `more` over them; tables inside are merged, and numbers of others added."""
    merged = dict(table)
    for key, value in more.items():
        before = merged.get(key)
        merged[key] = before | value if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
