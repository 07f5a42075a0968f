"""The shapes of token mixers: what is not plain attention of the model's own heads."""

from typing import Annotated, Literal

from planner.domain.base import Model
from planner.domain.ranges import Range

Heads = Annotated[int, Range(1, 100_000, "a mixer has a head")]
Width = Annotated[int, Range(1, 10_000_000, "a mixer has a width")]
State = Annotated[int, Range(1, 100_000, "a channel has a state")]
Chunk = Annotated[int, Range(1, 1_000_000, "a token is computed with itself")]
Taps = Annotated[int, Range(1, 1_000, "a convolution has a tap")]


class LatentAttention(Model):
    """Multi-head latent attention (DeepSeek-V2): low-rank queries, keys and values."""

    #: 0 where queries are not compressed
    query_rank: Annotated[int, Range(0, 100_000, "0 says that queries are not compressed")]
    key_value_rank: Annotated[int, Range(1, 100_000, "keys and values have a rank")]
    rope_dimension: Annotated[int, Range(0, 10_000, "0 says that no position is rotated")]
    nope_dimension: Annotated[int, Range(1, 10_000, "keys have a part without positions")]
    value_dimension: Annotated[int, Range(1, 10_000, "a value has a dimension")]


class WindowedAttention(Model):
    """Attention that sees only a window, with a full-attention layer every so often.

    Its heads are the model's own; what differs in windowed layers is said here.
    """

    window: Annotated[int, Range(1, 100_000_000, "a token sees itself")]
    #: one layer in that many is full; 0: none is, or a pattern says which
    full_every: Annotated[int, Range(0, 1_000, "0 says that no layer is full")] = 0
    heads: Heads | None = None
    key_value_heads: Heads | None = None
    head_dimension: Width | None = None
    value_dimension: Width | None = None
    keys_are_values: bool | None = None


class SparseAttention(Model):
    """Attention to the keys that an indexer chooses for each query (DeepSeek-V3.2)."""

    index_heads: Heads
    index_dimension: Width
    #: keys that a query attends to
    top_k: Annotated[int, Range(1, 100_000_000, "a query sees a key")]


class LinearAttention(Model):
    """Linear attention with decay and an output gate: gated delta net, Kimi delta, lightning, ..."""

    #: delta: a new value replaces what the state holds for its key; add: it is added
    rule: Literal["delta", "add"] = "delta"
    key_heads: Heads
    value_heads: Heads
    key_dimension: Width
    value_dimension: Width
    #: learned by head (gated delta net), by channel of the keys (Kimi delta), or fixed (lightning)
    decay: Literal["head", "channel", "fixed"] = "head"
    #: of a decay by channel; 0: not compressed
    decay_rank: Annotated[int, Range(0, 100_000, "0 says that it is not compressed")] = 0
    #: of the output gate; 0: not compressed
    gate_rank: Annotated[int, Range(0, 100_000, "0 says that it is not compressed")] = 0
    #: taps of the convolution over queries, keys and values; 0: none
    convolution: Annotated[int, Range(0, 1_000, "0 says that nothing is convolved")] = 4
    #: the output is normalised over all heads together rather than in each
    normalises_whole_width: bool = False
    #: tokens that the kernel computes together; 64 of the delta rule's, by flash-linear-attention
    chunk: Chunk = 64


class Mamba2(Model):
    """A state space with scalar decay: the Mamba-2 block."""

    heads: Heads
    head_dimension: Width
    #: heads that share what is written to the state and read from it
    groups: Heads
    #: elements of the state of one channel
    state: State
    convolution: Taps = 4
    #: tokens that the kernel computes together; 256 by mamba-ssm
    chunk: Chunk = 256
    has_convolution_bias: bool = True
    has_projection_bias: bool = False


class Mamba1(Model):
    """A selective scan with a decay of each element of the state: the Mamba block."""

    #: channels: usually twice the hidden size
    width: Width
    state: State
    #: rank of the step's projection
    step_rank: Width
    convolution: Taps = 4
    #: step, input and output of the state are normalised (Jamba)
    has_norms: bool = False


class ShortConvolution(Model):
    """A short convolution between two gates (LFM2)."""

    taps: Taps
