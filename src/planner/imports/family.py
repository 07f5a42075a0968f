"""What a family of models (`model_type`) adds to the keys of its configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.imports import shapes
from planner.imports.layer_words import TokenRule, by_types, everywhere
from planner.imports.reading import Reading
from planner.imports.shapes import Shape, Table

#: From the keys and the architecture so far to what else it has.
More = Callable[[Reading, Table], Table]


def plain_layers(reading: Reading) -> int:
    """Return the layers as the file has them."""
    return reading.whole("layers")


def plain_width(reading: Reading) -> int:
    """Return the width of the dense feed-forward part as the file has it."""
    return reading.whole("width")


@dataclass(frozen=True)
class Family:
    """How the configurations of one family are read: what differs from Llama's."""

    #: of the architecture, where no key says it
    fixed: Mapping[str, Any] = field(default_factory=dict)
    #: values of keys that the family's programs take where a file has none
    defaults: Mapping[str, Any] = field(default_factory=dict)
    #: the same where the table lies inside that of a larger model, which leaves out what is usual
    nested_defaults: Mapping[str, Any] = field(default_factory=dict)
    #: keys of this family by the names of `spellings.SPELLINGS`, before those that are usual
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: the token mixer of each layer
    tokens: TokenRule = field(default_factory=lambda: by_types(everywhere("full")))
    attention: Shape = shapes.attention
    #: in place of `shapes.OF_WORDS`
    shapes: Mapping[str, tuple[str, Shape]] = field(default_factory=dict)
    #: layers may hold experts
    is_mixture: bool = False
    layers: Callable[[Reading], int] = plain_layers
    width: Callable[[Reading], int] = plain_width
    #: a bias of attention is one of its output too
    has_output_bias: bool = True
    more: More | None = None
    #: keys that say nothing of the cost in this family
    harmless: tuple[str, ...] = ()
