"""What token mixers other than attention cost: linear attention, state spaces, short convolutions.

They carry a state along the sequence, so that what one token costs does not grow with its length. Kernels
compute them in chunks: within a chunk by products of matrices, as attention would, from chunk to chunk by the
state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

#: A scan and a convolution multiply elements, on units that reach a small part of the rate of matrix units:
#: they run as attention does over so few keys. Assumed. [-]
ELEMENT_WISE_CHUNK = 16.0
#: Elements that pass through memory for each one of a chunk's state, written and read in each direction, in
#: single precision, counted in elements of 16 bit; assumed. [-]
STATE_PASSES = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class MixerCosts:
    """What one token costs in one layer of a token mixer. [-] unless said."""

    #: parameters that multiply activations, and all others
    matmul: float
    vectors: float
    #: sum over the matrices that tensor parallelism shards of parameters over sharded width
    width_terms: float
    #: widths of what the projections in return, of what the projection out reads, and of what else the
    #: backward pass needs
    input_width: float
    output_width: float
    kept_width: float
    #: elements that pass through memory in element-wise work, one way
    element_width: float
    #: forward, beside the projections. [FLOP]
    flops: float
    #: tokens that are computed together
    chunk: float
    #: elements of the state that one sequence carries
    state: float
    #: parts that tensor parallelism shards, each of them whole
    shards: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearAttentionInputs:
    """Linear attention with decay: gated delta rule, Kimi delta, lightning; flags are 0 or 1."""

    key_heads: float
    value_heads: float
    key_dimension: float
    value_dimension: float
    #: taps of the convolution over queries, keys and values; 0: none
    convolution: float
    chunk: float
    #: whether a new value replaces what the state holds for its key, rather than being added
    is_delta: float
    #: learned decay: none of its own, one a head, or one a channel of the keys
    has_head_decay: float
    has_channel_decay: float
    #: ranks of the projections of a channel's decay, and of the output gate; 0: not compressed
    decay_rank: float
    gate_rank: float
    #: width of the normalisation of the output
    norm_width: float

    def costs(self, hidden: float) -> MixerCosts:
        r"""Return what one token costs.

        .. math::
            F = H_v \left(c (3 d_k + 2 d_v) + 6 d_k d_v + c^2 / 3\right),\quad
            F_{without\ delta} = H_v \left(c (d_k + d_v) + 4 d_k d_v\right)

        with :math:`H_v` heads, chunks of :math:`c` tokens and keys and values :math:`d_k, d_v` wide.

        Notes
        -----
        Within a chunk, half of it in the mean: the products of queries and keys, and the sum of values; by
        the state: reading and writing it. The delta rule multiplies keys with keys besides, inverts that
        triangle of :math:`c^2`, applies it to keys and values, and takes off what the state holds.

        References
        ----------
        .. [1] Yang et al., Gated Delta Networks (arXiv 2412.06464), section 3.3: the chunks of the gated
           delta rule.
        .. [2] Qin et al., Lightning Attention-2 (arXiv 2401.04658), section 3.2: within and between chunks.
        .. [3] Kimi Team, Kimi Linear (arXiv 2510.26692), section 3: a decay for each channel.

        Examples
        --------
        Two heads of width 2, chunks of 4, with the delta rule: 2 x (4 x 10 + 24 + 16/3).

        >>> tiny = LinearAttentionInputs(key_heads=2, value_heads=2, key_dimension=2, value_dimension=2,
        ...                              convolution=0, chunk=4, is_delta=1, has_head_decay=1,
        ...                              has_channel_decay=0, decay_rank=0, gate_rank=0, norm_width=2)
        >>> costs = tiny.costs(hidden=4)
        >>> round(costs.flops, 3), costs.matmul, costs.vectors
        (138.667, 96.0, 6.0)
        """
        keys, values = self.key_heads * self.key_dimension, self.value_heads * self.value_dimension
        decays = self.value_heads * self.key_dimension
        mixed = 2.0 * keys + values
        gate = self.gate_rank * (hidden + values) if self.gate_rank else hidden * values
        channels = self.decay_rank * (hidden + decays) if self.decay_rank else hidden * decays
        heads = (self.is_delta + self.has_head_decay) * self.value_heads
        state = self.value_heads * self.key_dimension * self.value_dimension
        within = self.value_heads * self.chunk * (self.key_dimension + self.value_dimension) + 4.0 * state
        delta = self.value_heads * self.chunk * (2.0 * self.key_dimension + self.value_dimension)
        delta = delta + 2.0 * state + self.value_heads * self.chunk**2 / 3.0
        return MixerCosts(
            matmul=hidden * (mixed + values + heads) + gate + self.has_channel_decay * channels,
            vectors=self.convolution * mixed
            + self.norm_width
            + 2.0 * self.has_head_decay * self.value_heads
            + self.has_channel_decay * (self.value_heads + decays),
            width_terms=2.0 * hidden,
            input_width=mixed + values,
            output_width=values,
            # what the convolution reads, what the output's normalisation reads, the triangle of the chunk
            kept_width=(mixed if self.convolution else 0.0)
            + values
            + self.is_delta * self.value_heads * self.chunk,
            element_width=2.0 * mixed + 3.0 * values + STATE_PASSES * state / self.chunk,
            flops=within + self.is_delta * delta,
            chunk=self.chunk,
            state=state,
            shards=math.gcd(int(self.key_heads), int(self.value_heads)),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateSpaceInputs:
    """A state space with scalar decay (Mamba-2)."""

    heads: float
    head_dimension: float
    #: heads that share what is written to the state and read from it
    groups: float
    state: float
    convolution: float
    chunk: float
    has_convolution_bias: float
    has_projection_bias: float

    def costs(self, hidden: float) -> MixerCosts:
        r"""Return what one token costs.

        .. math:: F = c (G N + H P) + 4 H N P

        with :math:`H` heads of width :math:`P`, states of :math:`N` elements a channel, :math:`G` groups and
        chunks of :math:`c` tokens.

        References
        ----------
        .. [1] Dao and Gu, Transformers are SSMs (arXiv 2405.21060), section 6: the four steps of a chunk;
           section 7.1: the block's projections.

        Examples
        --------
        Two heads of width 4 with states of 3 in one group, chunks of 2: 2 x 11 + 4 x 24.

        >>> tiny = StateSpaceInputs(heads=2, head_dimension=4, groups=1, state=3, convolution=4, chunk=2,
        ...                         has_convolution_bias=1, has_projection_bias=0)
        >>> costs = tiny.costs(hidden=4)
        >>> costs.flops, costs.matmul, costs.vectors
        (118.0, 128.0, 84.0)
        """
        width, shared = self.heads * self.head_dimension, self.groups * self.state
        convolved = width + 2.0 * shared
        projected = width + convolved + self.heads
        state = width * self.state
        return MixerCosts(
            matmul=hidden * projected + width * hidden,
            # decay, skip and step bias of each head, and the gated normalisation
            vectors=(self.convolution + self.has_convolution_bias) * convolved
            + 3.0 * self.heads
            + width
            + self.has_projection_bias * (projected + hidden),
            width_terms=2.0 * hidden,
            input_width=projected,
            output_width=width,
            # the fused kernel computes again what it does not read from its input
            kept_width=0.0,
            element_width=2.0 * convolved + 3.0 * width + STATE_PASSES * state / self.chunk,
            flops=self.chunk * (shared + width) + 4.0 * state,
            chunk=self.chunk,
            state=state,
            shards=int(self.heads),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectiveScanInputs:
    """A selective scan with a decay of each element of the state (Mamba)."""

    width: float
    state: float
    #: rank of the step's projection
    step_rank: float
    convolution: float
    #: whether step, input and output matrices are normalised (Jamba)
    has_norms: float

    def costs(self, hidden: float) -> MixerCosts:
        r"""Return what one token costs.

        .. math:: F = 7 D N

        with :math:`D` channels of :math:`N` elements: decay, input and state of each, and its part of the
        output.

        References
        ----------
        .. [1] Gu and Dao, Mamba (arXiv 2312.00752), sections 3.3 and 3.4: the scan, which keeps no state for
           the backward pass but computes it again, and the block.

        Examples
        --------
        Eight channels of two elements, a step of rank 1.

        >>> tiny = SelectiveScanInputs(width=8, state=2, step_rank=1, convolution=4, has_norms=0)
        >>> costs = tiny.costs(hidden=4)
        >>> costs.flops, costs.matmul, costs.vectors
        (112.0, 144.0, 72.0)
        """
        selected = self.step_rank + 2.0 * self.state
        return MixerCosts(
            matmul=3.0 * hidden * self.width + self.width * (selected + self.step_rank),
            # taps and bias of the convolution, bias of the step, decay and skip
            vectors=self.width * (self.convolution + 1.0)
            + self.width * (self.state + 2.0)
            + self.has_norms * selected,
            width_terms=2.0 * hidden,
            input_width=2.0 * self.width,
            output_width=self.width,
            # what the scan reads beside its input, and its steps
            kept_width=2.0 * self.width + selected,
            element_width=7.0 * self.width,
            flops=7.0 * self.width * self.state,
            chunk=ELEMENT_WISE_CHUNK,
            state=self.width * self.state,
            shards=int(self.width),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConvolutionInputs:
    """A short convolution between two gates (LFM2)."""

    taps: float

    def costs(self, hidden: float) -> MixerCosts:
        r"""Return what one token costs.

        .. math:: F = 2 n h

        with :math:`n` taps over the hidden size :math:`h`.

        References
        ----------
        .. [1] Liquid AI, LFM2 Technical Report (arXiv 2511.23404), section 2: the gated short convolution.

        Examples
        --------
        >>> costs = ConvolutionInputs(taps=3).costs(hidden=4.0)
        >>> costs.flops, costs.matmul, costs.vectors
        (24.0, 64.0, 12.0)
        """
        return MixerCosts(
            matmul=4.0 * hidden * hidden,
            vectors=self.taps * hidden,
            width_terms=2.0 * hidden,
            input_width=3.0 * hidden,
            output_width=hidden,
            kept_width=hidden,
            element_width=6.0 * hidden,
            flops=2.0 * self.taps * hidden,
            chunk=ELEMENT_WISE_CHUNK,
            state=self.taps * hidden,
            shards=int(hidden),
        )


MixerInputs: TypeAlias = LinearAttentionInputs | StateSpaceInputs | SelectiveScanInputs | ConvolutionInputs
