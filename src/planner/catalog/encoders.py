"""From an encoder as a file holds it to the engine's record."""

from __future__ import annotations

from planner.domain.encoder import Encoder
from planner.engine.encoders import EncoderInputs


def encoder_inputs(encoder: Encoder) -> EncoderInputs:
    """Return the engine's record of one encoder, with how often it runs."""
    return EncoderInputs(
        layers=float(encoder.layers),
        hidden=float(encoder.hidden),
        attention_width=float(encoder.attention_width or encoder.hidden),
        feed_forward_width=float(encoder.feed_forward_width),
        is_gated=float(encoder.is_gated),
        has_bias=float(encoder.has_bias),
        vectors_per_norm=1.0 if encoder.normalisation == "rms" else 2.0,
        other_parameters=float(encoder.other_parameters),
        patches=float(encoder.patches),
        patches_per_token=float(encoder.patches_per_token) * encoder.tokens_share,
    )
