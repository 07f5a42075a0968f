"""A plausible shape for a model of which only the parameter counts are known."""

from __future__ import annotations

import math

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture, MixtureOfExperts
from planner.engine.architecture import parameter_counts
from planner.errors import InputError

#: Hidden size over layers: the medians of the shipped models, dense ones (128) and mixtures (99), each made
#: the shape of its own counts, lie about it on either side. [-]
HIDDEN_PER_LAYER = 110.0
HEAD_DIMENSION = 128
KEY_VALUE_HEADS = 8
VOCABULARY = 128_000
#: Routed experts that a token uses beside one shared expert, as in most models since 2024.
ACTIVE_EXPERTS = 8
SMALLEST_PARAMETERS = 1e7
LARGEST_PARAMETERS = 1e15
#: Expert counts that expert parallelism can divide, of few and of many experts.
EXPERT_STEP, MANY_EXPERTS_STEP = 8, 32
MOST_EXPERTS = 10_000
#: Widths that tensor parallelism and matmul kernels can divide; finer where a width is narrow.
WIDTH_STEP, NARROW_WIDTH_STEP, NARROW_WIDTH = 128, 16, 4096
#: Spread of the logarithm of the days by a plausible shape about those by the true one: of 54 dense models
#: and 37 mixtures on two systems, at sequences of 4,096 (`tests/reference/test_plausible_shapes.py`). [-]
DENSE_SHAPE_LOG_SPREAD = 0.10
MIXTURE_SHAPE_LOG_SPREAD = 0.28


def assumed_shape_log_spread(*, is_mixture: bool) -> float:
    """Return by how much the days of an assumed shape scatter about those of the true one. [-]."""
    return MIXTURE_SHAPE_LOG_SPREAD if is_mixture else DENSE_SHAPE_LOG_SPREAD


def plausible_architecture(parameters: float, active_parameters: float | None = None) -> Architecture:
    """Return a shape of so many parameters, to 2 %, in proportions that published models have.

    Dense: gated feed-forward and grouped queries, as Llama; with fewer active parameters a mixture of eight
    active experts and a shared one in every layer, whose widths make both counts.

    Raises
    ------
    InputError
        Where no such model can be thought of.
    """
    active = parameters if active_parameters is None else active_parameters
    if not SMALLEST_PARAMETERS <= active <= parameters <= LARGEST_PARAMETERS:
        raise InputError(
            f"parameters {parameters:.3g} ({active:.3g} active): "
            f"expected active <= all, between {SMALLEST_PARAMETERS:.0e} and {LARGEST_PARAMETERS:.0e}"
        )
    hidden, layers = _proportions(active)
    heads = max(hidden // HEAD_DIMENSION, 1)
    key_value = max(head for head in range(1, min(KEY_VALUE_HEADS, heads) + 1) if heads % head == 0)
    attention = 2 * hidden * hidden + 2 * hidden * key_value * HEAD_DIMENSION
    vocabulary = min(VOCABULARY, max(int(active / (8 * hidden)), 1000))
    left = max(active - 2 * vocabulary * hidden, active / 2) / layers - attention
    width = max(left / (3 * hidden), HEAD_DIMENSION)
    is_mixture = active < parameters
    mixture = _mixture((parameters - active) / layers, hidden, width) if is_mixture else None
    return Architecture(
        layers=layers,
        hidden=hidden,
        heads=heads,
        key_value_heads=key_value,
        head_dimension=HEAD_DIMENSION,
        feed_forward_width=0 if mixture else _width(width),
        vocabulary=vocabulary,
        mixture=mixture,
    )


def _mixture(inactive: float, hidden: int, width: float) -> MixtureOfExperts:
    """Return experts of which the active ones are `width` wide together, and the others hold `inactive`.

    So many experts as make those of about equal width with the shared one; then the width of a routed one is
    what the inactive parameters need, and the shared one has what is left of the active width.
    """
    equal = width / (ACTIVE_EXPERTS + 1)
    wanted = ACTIVE_EXPERTS + inactive / (3 * hidden * equal)
    step = EXPERT_STEP if wanted < 2 * MANY_EXPERTS_STEP else MANY_EXPERTS_STEP
    # up, not to the nearest: the routed ones are then the narrower, and something is left for the shared one
    experts = math.ceil(wanted / step) * step
    if experts > MOST_EXPERTS:
        raise InputError(
            "parameters: no model uses so few of so many; expected more active ones, "
            f"for at most {MOST_EXPERTS:,} experts"
        )
    own = _width(inactive / (3 * hidden * max(experts - ACTIVE_EXPERTS, 1)))
    return MixtureOfExperts(
        experts=experts,
        active_experts=ACTIVE_EXPERTS,
        expert_width=own,
        shared_experts=1,
        shared_width=_width(width - ACTIVE_EXPERTS * own),
    )


def _proportions(active: float) -> tuple[int, int]:
    """Return hidden size and layers: a layer holds about twelve times the hidden size squared."""
    hidden = (HIDDEN_PER_LAYER * active / 12.0) ** (1.0 / 3.0)
    step = 1024 if hidden >= 4096 else 256
    size = _rounded(hidden, step)
    return size, _rounded(active / (12.0 * size * size), 8 if active > 5e9 else 2)


def _width(value: float) -> int:
    return _rounded(value, WIDTH_STEP if value > NARROW_WIDTH else NARROW_WIDTH_STEP)


def _rounded(value: float, step: int) -> int:
    return max(round(value / step), 1) * step


def architecture_words(architecture: Architecture) -> str:
    """Return a shape in words, with what it counts."""
    counts = parameter_counts(architecture_inputs(architecture))
    text = f"{architecture.layers} layers of hidden size {architecture.hidden:,}"
    mixture = architecture.mixture
    if mixture is not None:
        text += f", {mixture.active_experts} of {mixture.experts} experts"
    total, active = float(counts.total) / 1e9, float(counts.active) / 1e9
    return f"{text}: {total:.4g}B parameters" + (f", {active:.4g}B active" if mixture is not None else "")
