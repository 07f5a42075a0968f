"""From the shapes of token mixers beside attention, as a file holds them, to the engine's records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from planner.domain.architecture import Architecture
from planner.engine.mixers import (
    ConvolutionInputs,
    LinearAttentionInputs,
    MixerInputs,
    SelectiveScanInputs,
    StateSpaceInputs,
)


def _linear(shape: Architecture) -> MixerInputs:
    linear = shape.linear_attention
    assert linear is not None  # the model's validator: the pattern names it
    is_delta = linear.rule == "delta"
    return LinearAttentionInputs(
        key_heads=float(linear.key_heads),
        value_heads=float(linear.value_heads),
        key_dimension=float(linear.key_dimension),
        value_dimension=float(linear.value_dimension),
        convolution=float(linear.convolution),
        chunk=float(linear.chunk),
        is_delta=float(is_delta),
        has_head_decay=float(linear.decay == "head"),
        has_channel_decay=float(linear.decay == "channel"),
        decay_rank=float(linear.decay_rank),
        gate_rank=float(linear.gate_rank),
        norm_width=float(
            linear.value_dimension * (linear.value_heads if linear.normalises_whole_width else 1)
        ),
    )


def _mamba_2(shape: Architecture) -> MixerInputs:
    mamba = shape.mamba_2
    assert mamba is not None  # the model's validator: the pattern names it
    return StateSpaceInputs(
        heads=float(mamba.heads),
        head_dimension=float(mamba.head_dimension),
        groups=float(mamba.groups),
        state=float(mamba.state),
        convolution=float(mamba.convolution),
        chunk=float(mamba.chunk),
        has_convolution_bias=float(mamba.has_convolution_bias),
        has_projection_bias=float(mamba.has_projection_bias),
    )


def _mamba_1(shape: Architecture) -> MixerInputs:
    mamba = shape.mamba_1
    assert mamba is not None  # the model's validator: the pattern names it
    return SelectiveScanInputs(
        width=float(mamba.width),
        state=float(mamba.state),
        step_rank=float(mamba.step_rank),
        convolution=float(mamba.convolution),
        has_norms=float(mamba.has_norms),
    )


def _convolution(shape: Architecture) -> MixerInputs:
    convolution = shape.short_convolution
    assert convolution is not None  # the model's validator: the pattern names it
    return ConvolutionInputs(taps=float(convolution.taps))


#: By the word of a pattern.
MIXERS: Mapping[str, Callable[[Architecture], MixerInputs]] = MappingProxyType(
    {"linear": _linear, "mamba-2": _mamba_2, "mamba-1": _mamba_1, "convolution": _convolution}
)
