"""The model and the job: parameters, tokens, and the FLOPs that thresholds count."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add

import numpy as np

from planner.engine.architecture import (
    dense_layers,
    mixture_layers,
    model_parameters,
)
from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.attention import score_widths
from planner.engine.flops import flops_per_token
from planner.planning.shape import Shape
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf
from planner.quantities.record import Grounds, of_profile
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.quantities.units import Unit


def shape_gaps(setting: Setting) -> tuple[Gap, ...]:
    """Return what is assumed of the model's shape: all of it, where the plan knows its parameters alone."""
    if not setting.resolved.has_assumed_shape:
        return ()
    return (Gap("assumed", "other", "shape of the model (assumed from the parameter count)"),)


def of_shape(value: ArrayLike, setting: Setting, name: str) -> Leaf:
    """Return a number of the model's shape, with the evidence of its profile."""
    model = setting.resolved.model
    if setting.resolved.has_assumed_shape:
        grounds = Grounds("assumed", "plan: model.parameters", (), "a plausible shape of so many parameters")
    elif model is None:
        grounds = Grounds("plan", "plan: model.architecture")
    else:
        grounds = of_profile(model, "architecture", model.architecture_evidence)
    return Leaf(np.array([float(value)]), grounds, name, shape_gaps(setting))


def _of_shape(identifier: str, title: str, unit: Unit, get: Callable[[Shape], ArrayLike]) -> None:
    @leaf(identifier, title, unit, scope="plan")
    def read(setting: Setting) -> Leaf:
        inputs = setting.shape.inputs
        name = "" if inputs.has_attention_alone else _OF_KINDS.get(identifier, "")
        if inputs.encoders:
            name = _WITH_ENCODERS.get(identifier, name)
        return of_shape(get(setting.shape), setting, name)


#: What is called otherwise where something else than attention mixes tokens.
_OF_KINDS = {
    "model.common": "token mixers and norms of a layer, in the mean over the kinds of layers",
    "model.attention_layers": "layers, prediction modules included",
}
_WITH_ENCODERS = {
    "model.outside": "embedding and output head, learned positions, last norm and biases, encoders",
    "model.active_matmul": "weights that multiply each token, output head included, encoders as they run",
    "model.layers_matmul": "weights of the layers that multiply each token, encoders as they run",
}
_SHAPE: dict[str, tuple[str, Unit, Callable[[Shape], ArrayLike]]] = {
    "layers": ("layers", "", lambda shape: shape.inputs.layers),
    "heads": ("attention heads", "", lambda shape: shape.inputs.heads),
    "score_widths": (
        "width of a head's query and value together",
        "",
        lambda shape: score_widths(shape.inputs),
    ),
    "vocabulary": ("words of the vocabulary", "", lambda shape: shape.inputs.vocabulary),
    "attention_layers": (
        "layers with attention, prediction modules included",
        "",
        lambda shape: np.add(shape.inputs.layers, shape.inputs.multi_token_prediction_layers),
    ),
    "common": ("attention and norms of a layer", "parameters", lambda shape: shape.layer.common),
    "dense_layers": ("layers without experts", "", lambda shape: dense_layers(shape.inputs)),
    "feed_forward": (
        "feed-forward part of a layer without experts",
        "parameters",
        lambda shape: shape.layer.feed_forward,
    ),
    "mixture_layers": ("layers with experts", "", lambda shape: mixture_layers(shape.inputs)),
    "experts": ("routed experts of a layer", "", lambda shape: shape.inputs.experts),
    "active_experts": ("routed experts that a token uses", "", lambda shape: shape.inputs.active_experts),
    "expert": ("one routed expert", "parameters", lambda shape: shape.layer.expert),
    "shared": ("router and shared experts of a layer", "parameters", lambda shape: shape.layer.shared),
    "outside": (
        "embedding and output head, learned positions, last norm and biases",
        "parameters",
        lambda shape: shape.counts.outside,
    ),
    "active_matmul": (
        "weights that multiply each token, output head included",
        "parameters",
        lambda shape: shape.counts.active_matmul,
    ),
    "prediction_matmul": (
        "weights of the prediction modules",
        "parameters",
        lambda shape: shape.counts.prediction_active_matmul,
    ),
    "layers_matmul": (
        "weights of the layers that multiply each token",
        "parameters",
        lambda shape: shape.counts.active_matmul - shape.counts.output_head,
    ),
}
for _name, (_title, _unit, _get) in _SHAPE.items():
    _of_shape(f"model.{_name}", _title, _unit, _get)


_PARAMETERS = {
    "layers": "model.layers",
    "common": "model.common",
    "dense_layers": "model.dense_layers",
    "feed_forward": "model.feed_forward",
    "mixture_layers": "model.mixture_layers",
    "experts": "model.experts",
    "expert": "model.expert",
    "shared": "model.shared",
    "outside": "model.outside",
}
quantity(
    "facts.parameters",
    "parameters",
    "parameters",
    _PARAMETERS,
    scope="plan",
    form="number",
    aliases=("parameters",),
)(model_parameters)
quantity(
    "facts.active_parameters",
    "active parameters: those that one token uses",
    "parameters",
    {**_PARAMETERS, "experts": "model.active_experts"},
    short="active parameters",
    scope="plan",
    form="number",
    aliases=("active_parameters",),
)(model_parameters)


@quantity(
    "facts.tokens",
    "training tokens of all phases",
    "tokens",
    {"tokens": "workload.tokens"},
    short="tokens",
    scope="plan",
    form="number",
    is_of_job=True,
    is_over_phases=True,
    aliases=("tokens",),
)
def tokens(*phases: FloatArray) -> FloatArray:
    """Return the tokens that the plan trains on. [-]."""
    return reduce(add, phases)


@quantity(
    "facts.training_flops",
    "training FLOPs (6N + causal attention, no recomputation)",
    "FLOP",
    {"flops": "phase_flops"},
    short="training FLOPs",
    scope="plan",
    form="number",
    is_of_job=True,
    is_over_phases=True,
    aliases=("training_flops",),
)
def training_flops(*phases: FloatArray) -> FloatArray:
    """Return what thresholds on training compute count. [FLOP]."""
    return reduce(add, phases)


@quantity(
    "phase_flops",
    "training FLOPs of one phase",
    "FLOP",
    {"tokens": "workload.tokens", "flops_per_token": "flops_per_token.of_the_model"},
    scope="phase",
)
def phase_flops(tokens: FloatArray, flops_per_token: FloatArray) -> FloatArray:
    """Return what one phase adds to them. [FLOP]."""
    return tokens * flops_per_token


@leaf(
    "model.no_prediction",
    "nothing: prediction modules are not counted",
    "",
    method="thresholds on training compute being about the model alone",
    scope="plan",
)
def nothing(_: Setting) -> Leaf:
    """Return that thresholds count no prediction modules."""
    return Leaf(np.zeros(1))


quantity(
    "flops_per_token.of_the_model",
    "FLOPs of one training token, prediction modules not counted",
    "FLOP",
    {
        "matmul": "model.active_matmul",
        "prediction": "model.no_prediction",
        "attention_layers": "model.layers",
        "attention": "model.attention_flops",
    },
    scope="phase",
)(flops_per_token)
