"""The pattern of a model's layers: what mixes the tokens of each kind, and what mixes its channels.

A pattern is a list that repeats until the layers are filled, for example `["3 x linear", "full"]`. Each entry
is `[<count> x ]<token mixer>[+<token mixer>][/<channel mixer>]`; several token mixers of one layer work side
by side. Without a channel mixer a layer has the model's own: the dense feed-forward part, or a mixture by its
place, as the table of the mixture says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple


class Words(NamedTuple):
    """What one word of a pattern says, and the key of the architecture that gives its shape."""

    words: str
    key: str | None


#: Of a layer's token mixers. Attention words differ by what a query sees.
TOKEN_MIXERS = MappingProxyType(
    {
        "full": Words("attention to every earlier token", None),
        "window": Words("attention within a sliding window", "window"),
        "chunk": Words("attention within chunks of the sequence", "chunk_length"),
        "latent": Words("multi-head latent attention to every earlier token", "latent_attention"),
        "sparse": Words("attention to the keys that an indexer chooses", "sparse_attention"),
        "chosen": Words("attention to the keys that an earlier layer's indexer chose", "sparse_attention"),
        "linear": Words("linear attention: gated delta rule, lightning, ...", "linear_attention"),
        "mamba-2": Words("a state space with scalar decay", "mamba_2"),
        "mamba-1": Words("a selective scan", "mamba_1"),
        "convolution": Words("a short convolution between two gates", "short_convolution"),
        "none": Words("nothing: the layer mixes channels alone", None),
    }
)
#: Those that are attention, of which a layer has one at most: the one that sees most first.
ATTENTION = ("full", "latent", "sparse", "chosen", "chunk", "window")
#: Of a layer's channel mixers.
CHANNEL_MIXERS = ("dense", "mixture", "none")

_ENTRY = re.compile(r"(?:(?P<count>[1-9][0-9]{0,4}) x )?(?P<token>[a-z0-9+-]+)(?:/(?P<channel>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class LayerKind:
    """What one layer does; no channel word: the model's own by the layer's place."""

    token: tuple[str, ...]
    channel: str | None


def layer_kinds(pattern: Sequence[str], layers: int) -> tuple[LayerKind, ...]:
    """Return the kind of each layer of a pattern.

    Raises
    ------
    ValueError
        Where an entry is no kind of layer, or the pattern is longer than the model.
    """
    once: list[LayerKind] = []
    for entry in pattern:
        count, kind = _parsed(entry)
        if len(once) + count > layers:
            raise ValueError(f"pattern: holds more layers than the {layers:,} of the model")
        once += [kind] * count
    return tuple(once[index % len(once)] for index in range(layers))


def _parsed(entry: str) -> tuple[int, LayerKind]:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ValueError(
            f"pattern: '{entry}' is no kind of layer; expected such as 'full', '3 x linear' or 'mamba-2/none'"
        )
    token = tuple(found["token"].split("+"))
    channel = found["channel"]
    for word in token:
        if word not in TOKEN_MIXERS:
            raise ValueError(f"pattern: '{word}' is no token mixer; expected {', '.join(TOKEN_MIXERS)}")
    if channel is not None and channel not in CHANNEL_MIXERS:
        raise ValueError(f"pattern: '{channel}' is no channel mixer; expected {', '.join(CHANNEL_MIXERS)}")
    if len(set(token)) < len(token) or sum(word in ATTENTION for word in token) > 1:
        raise ValueError(f"pattern: '{entry}' has a token mixer twice; expected one attention at most")
    if "none" in token and (len(token) > 1 or channel == "none"):
        raise ValueError(f"pattern: '{entry}' is a layer that mixes nothing, or nothing beside something")
    return int(found["count"] or 1), LayerKind(token, channel)
