"""An encoder's shape: a stack beside the decoder, for images or sound."""

from typing import Annotated, Literal

from planner.domain.amounts import Fraction
from planner.domain.base import Model
from planner.domain.ranges import Range


class Encoder(Model):
    """A stack of layers that makes tokens of the decoder's sequence from patches of images or sound."""

    kind: Literal["vision", "audio"]
    layers: Annotated[int, Range(1, 100_000, "an encoder has a layer")]
    hidden: Annotated[int, Range(1, 1_000_000, "a layer has a width")]
    #: width of all heads together, where it is not the hidden size
    attention_width: Annotated[int, Range(1, 1_000_000, "attention has a width")] | None = None
    feed_forward_width: Annotated[int, Range(1, 10_000_000, "a layer has a feed-forward part")]
    is_gated: bool = False
    has_bias: bool = True
    normalisation: Literal["rms", "layer"] = "layer"
    #: patches that attend to each other: those of one image, or of a window of it
    patches: Annotated[int, Range(1, 10_000_000, "an image has a patch")]
    #: patches that become one token of the decoder
    patches_per_token: Annotated[int, Range(1, 100_000, "a token is made from a patch")] = 1
    #: embedding of patches and positions, and the projection to the decoder
    other_parameters: Annotated[int, Range(0, 1_000_000_000_000, "0 says that there are no others")] = 0
    #: of the sequence's tokens, those that it makes; 0: the training is on text alone, and the encoder is
    #: neither run nor held
    tokens_share: Fraction = 0.0
