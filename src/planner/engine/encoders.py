"""Encoders: stacks beside the decoder that make tokens of its sequence from images or sound."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EncoderInputs:
    """A stack of transformer layers over patches; flags are 0 or 1."""

    layers: float
    hidden: float
    #: width of all heads together, which need not be the hidden size
    attention_width: float
    feed_forward_width: float
    is_gated: float
    has_bias: float
    #: learned vectors of the hidden size in one normalisation: 1 (RMS) or 2 (layer)
    vectors_per_norm: float
    #: embedding of patches and positions, and the projection to the decoder
    other_parameters: float
    #: patches that attend to each other: those of one image, or of a window of it
    patches: float
    #: patches that run for each token of the decoder's sequence, in the mean; 0: the training is text alone
    patches_per_token: float

    @property
    def layer_matmul(self) -> float:
        """Multiplying parameters of one layer. [-]."""
        matrices = 2.0 + self.is_gated
        return 4.0 * self.hidden * self.attention_width + matrices * self.hidden * self.feed_forward_width

    @property
    def parameters(self) -> float:
        r"""All parameters. [-].

        .. math:: P = L (4 h w + n h f + P_{norms} + P_{biases}) + P_{other}

        Examples
        --------
        One layer of width 4 with two matrices of 4 x 8, two RMS norms, and 10 parameters beside it.

        >>> tiny = EncoderInputs(layers=1, hidden=4, attention_width=4, feed_forward_width=8, is_gated=0,
        ...                      has_bias=0, vectors_per_norm=1, other_parameters=10, patches=16,
        ...                      patches_per_token=0)
        >>> tiny.parameters
        146.0
        """
        norms = 2.0 * self.vectors_per_norm * self.hidden
        ways_up = (1.0 + self.is_gated) * self.feed_forward_width
        biases = self.has_bias * (3.0 * self.attention_width + 2.0 * self.hidden + ways_up)
        return self.layers * (self.layer_matmul + norms + biases) + self.other_parameters

    @property
    def matmul_per_token(self) -> float:
        """Multiplying parameters of all layers, times the patches that run for one token. [-]."""
        return self.patches_per_token * self.layers * self.layer_matmul

    @property
    def attention_flops_per_token(self) -> float:
        r"""Forward FLOPs of attention in all layers, for one token of the decoder. [FLOP].

        .. math:: F = r L\,4 w S

        with :math:`r` patches a token and :math:`S` patches that attend to each other, both ways.

        References
        ----------
        .. [1] Dosovitskiy et al., An Image is Worth 16x16 Words (arXiv 2010.11929), section 3.1.
        """
        return self.patches_per_token * self.layers * 4.0 * self.attention_width * self.patches


@dataclass(frozen=True, slots=True, eq=False)
class EncoderWork:
    """What encoders add to the mean layer of the decoder, per token: they are spread over its layers."""

    matmul: float
    width_terms: float
    attention_flops: float
    #: blocks, of the decoder's hidden size
    blocks: float
    query_key_value_width: float
    attention_output_width: float
    #: as of a feed-forward part that is gated as the decoder's is
    feed_forward_width: float
    #: held
    parameters: float


def encoder_work(
    encoders: tuple[EncoderInputs, ...], layers: float, hidden: float, is_gated: float
) -> EncoderWork:
    """Return what the encoders that run add to the mean layer of the decoder.

    That their layers lie evenly over the stages of a pipeline, as tuned trainings place them, and that they
    are sharded as the decoder's are, is assumed.

    Parameters
    ----------
    encoders : tuple of EncoderInputs
        Those that run for no token are neither computed nor held. [-]
    layers, hidden, is_gated : float
        Of the decoder. [-]

    Returns
    -------
    EncoderWork
        Per token and layer of the decoder.

    Examples
    --------
    Four patches a token through one layer of 128 parameters, beside two layers of the decoder.

    >>> tiny = EncoderInputs(layers=1, hidden=4, attention_width=4, feed_forward_width=8, is_gated=0,
    ...                      has_bias=0, vectors_per_norm=1, other_parameters=10, patches=16,
    ...                      patches_per_token=4)
    >>> work = encoder_work((tiny,), 2.0, 8.0, 0.0)
    >>> work.matmul, work.attention_flops, work.blocks, work.parameters
    (256.0, 512.0, 2.0, 73.0)
    """
    running = [encoder for encoder in encoders if encoder.patches_per_token > 0]
    shares = [encoder.patches_per_token * encoder.layers / layers for encoder in running]
    pairs = list(zip(shares, running, strict=True))

    return EncoderWork(
        matmul=sum(encoder.matmul_per_token / layers for encoder in running),
        width_terms=sum(share * (4.0 + encoder.is_gated) * encoder.hidden for share, encoder in pairs),
        attention_flops=sum(encoder.attention_flops_per_token / layers for encoder in running),
        blocks=sum(share * 2.0 * encoder.hidden / hidden for share, encoder in pairs),
        query_key_value_width=sum(share * 3.0 * encoder.attention_width for share, encoder in pairs),
        attention_output_width=sum(share * encoder.attention_width for share, encoder in pairs),
        feed_forward_width=sum(
            share * encoder.feed_forward_width * (2.0 + encoder.is_gated) / (2.0 + is_gated)
            for share, encoder in pairs
        ),
        parameters=sum(encoder.parameters / layers for encoder in running),
    )
