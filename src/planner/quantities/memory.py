"""Memory of the fullest chip: its parts, each by the engine's own formula, and the chip's capacity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from planner.engine.arrays import FloatArray
from planner.engine.memory import (
    OPTIMIZER_STATE_BYTES,
    RESERVED_SHARE,
    RUNTIME_BYTES,
    MemoryTerms,
    activation_bytes,
    buffer_bytes,
    held_bytes,
    layer_bytes_per_token,
    logit_bytes,
    reserved_bytes,
    state_bytes,
)
from planner.engine.work import HALF_BYTES
from planner.quantities.leaves import Leaf, constant, of_figure
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.quantities.units import Unit

_PARTS = ("weights", "gradients", "optimizer", "activations", "logits", "buffers")


@quantity(
    "memory.per_chip_bytes",
    "memory of the fullest chip",
    "B",
    {"held": "memory.held_bytes", "reserve": "memory.parts.reserve"},
    short="chip memory",
    scope="phase",
    form="number",
    better="neither",
    aliases=("memory", "memory_per_chip_bytes"),
)
def per_chip(held: FloatArray, reserve: FloatArray) -> FloatArray:
    """Return what the fullest chip needs. [B]."""
    return held + reserve


@leaf(
    "memory.capacity_bytes",
    "memory that a chip has",
    "B",
    short="capacity",
    scope="pool",
    form="number",
    aliases=("memory.capacity",),
)
def capacity(setting: Setting) -> Leaf:
    """Return the chip's memory."""
    return of_figure(setting.pool.chip, "memory.capacity_bytes")


def _term(
    name: str,
    title: str,
    unit: Unit,
    get: Callable[[MemoryTerms], Any],
    method: str,
    inputs: Mapping[str, str],
) -> None:
    @leaf(f"memory.{name}", title, unit, method=method, inputs=inputs, scope="phase")
    def read(setting: Setting) -> Any:
        return get(setting.phase.estimate.memory)


_SPLIT = {"tensor": "strategy.tp", "pipeline": "strategy.pp", "virtual_stages": "strategy.vpp"}
_SHARDS = {"data": "strategy.dp", "zero": "strategy.zero"}
_term(
    "layers",
    "layers of the fullest stage",
    "",
    lambda terms: terms.layers,
    "the first stage's, or the last one's where that holds more",
    {"layers": "model.layers", **_SPLIT},
)
_term(
    "dense_parameters",
    "parameters on the fullest chip, before ZeRO, routed experts not counted",
    "parameters",
    lambda terms: terms.dense,
    "its stage's layers with embedding or head, over the tensor-parallel chips",
    _SPLIT,
)
_term(
    "expert_parameters",
    "parameters of routed experts on the fullest chip, before ZeRO",
    "parameters",
    lambda terms: terms.experts,
    "its stage's experts over the expert-parallel chips",
    {"pipeline": "strategy.pp", "expert": "strategy.ep"},
)
_BY_ZERO = "1, or all that ZeRO shards over from its stage on"
_STATES: dict[str, tuple[str, Callable[[MemoryTerms], Any], Callable[[MemoryTerms], Any]]] = {
    "weight": ("weights", lambda terms: terms.weight_ranks, lambda terms: terms.expert_weight_ranks),
    "gradient": ("gradients", lambda terms: terms.gradient_ranks, lambda terms: terms.expert_gradient_ranks),
    "optimizer": (
        "optimizer states",
        lambda terms: terms.optimizer_ranks,
        lambda terms: terms.expert_optimizer_ranks,
    ),
}
for _name, (_words, _ranks, _expert_ranks) in _STATES.items():
    _term(f"{_name}_ranks", f"ranks that share the {_words}", "", _ranks, _BY_ZERO, _SHARDS)
    _term(
        f"expert_{_name}_ranks",
        f"ranks that share the {_words} of routed experts",
        "",
        _expert_ranks,
        _BY_ZERO,
        {**_SHARDS, "expert": "strategy.ep"},
    )


@leaf("memory.gradient_bytes", "bytes of one gradient", "B", scope="phase")
def gradient_bytes(setting: Setting) -> Leaf:
    """Return in how many bytes the stack holds a gradient."""
    note = "four where they are accumulated in single precision, two in fp16, or as the stack says"
    return constant(float(setting.phase.estimate.memory.gradient_bytes), "stack: held_gradient_bytes", note)


def _bytes_each(name: str, title: str, value: float, note: str) -> None:
    @leaf(f"memory.{name}_bytes", title, "B", scope="plan")
    def read(_: Setting) -> Leaf:
        return constant(value, "engine: memory", note)


_bytes_each("weight", "bytes of one weight", HALF_BYTES, "16 bit")
_bytes_each(
    "optimizer",
    "bytes of the optimizer's state, per parameter",
    OPTIMIZER_STATE_BYTES,
    "master weight and two moments in single precision (ZeRO, arXiv 1910.02054, section 3)",
)
for _name, (_words, _, _) in _STATES.items():
    _part = "optimizer" if _name == "optimizer" else f"{_name}s"
    quantity(
        f"memory.parts.{_part}",
        f"bytes of {_words}",
        "B",
        {
            "each": f"memory.{_name}_bytes",
            "dense": "memory.dense_parameters",
            "dense_ranks": f"memory.{_name}_ranks",
            "experts": "memory.expert_parameters",
            "expert_ranks": f"memory.expert_{_name}_ranks",
        },
        short=_words,
        scope="phase",
        form="part",
        aliases=(f"memory.{_part}",),
    )(state_bytes)

_term(
    "in_flight",
    "microbatches whose activations the fullest stage holds",
    "",
    lambda terms: terms.in_flight,
    "by the schedule: on the first stage one a stage, interleaved more",
    {"pipeline": "strategy.pp", "virtual_stages": "strategy.vpp", "schedule": "strategy.schedule"},
)
_KEPT = "what matmuls and activations read (Korthikanti 2022), over the tensor-parallel chips"
_term(
    "kept_per_token",
    "bytes that a layer keeps of one token",
    "B",
    lambda terms: terms.kept,
    _KEPT,
    {"tensor": "strategy.tp"},
)
_term(
    "kept_recomputed_per_token",
    "bytes that a layer keeps of one token where it runs again whole",
    "B",
    lambda terms: terms.kept_recomputed,
    "its input alone",
    {"tensor": "strategy.tp"},
)
_term(
    "working_per_token",
    "bytes of one token in the layer at work",
    "B",
    lambda terms: terms.working,
    "the gradients of what it kept, and what it computed again",
    {"kept": "memory.kept_per_token", "layers_again": "strategy.layers_again"},
)
quantity(
    "memory.layer_per_token",
    "bytes that the mean layer keeps of one token",
    "B",
    {
        "kept": "memory.kept_per_token",
        "kept_recomputed": "memory.kept_recomputed_per_token",
        "layers_again": "strategy.layers_again",
    },
    scope="phase",
)(layer_bytes_per_token)
quantity(
    "memory.parts.activations",
    "bytes of activations",
    "B",
    {
        "tokens": "step.tokens",
        "in_flight": "memory.in_flight",
        "layers": "memory.layers",
        "layer_bytes": "memory.layer_per_token",
        "working": "memory.working_per_token",
    },
    short="activations",
    scope="phase",
    form="part",
    aliases=("memory.activations",),
)(activation_bytes)
_term(
    "logit_tokens",
    "tokens whose logits the fullest chip holds",
    "tokens",
    lambda terms: terms.logit_tokens,
    "those of a microbatch on the last stage, none on the first",
    {"tokens": "step.tokens"},
)


@leaf(
    "memory.run_time_bytes",
    "bytes of context, collective library and workspaces",
    "B",
    scope="plan",
)
def run_time_bytes(_: Setting) -> Leaf:
    """Return what the run time keeps on every chip."""
    return constant(RUNTIME_BYTES, "engine: RUNTIME_BYTES")


@leaf("memory.reserved_share", "share of the memory that is kept free", "share", scope="plan")
def reserved_share(_: Setting) -> Leaf:
    """Return what allocator, library buffers and fragmentation keep."""
    return constant(RESERVED_SHARE, "engine: RESERVED_SHARE")


quantity(
    "memory.parts.logits",
    "bytes of logits of the last stage",
    "B",
    {"tokens": "memory.logit_tokens", "vocabulary": "model.vocabulary", "tensor": "strategy.tp"},
    short="logits",
    scope="phase",
    form="part",
    aliases=("memory.logits",),
)(logit_bytes)
_term(
    "gathered_bytes",
    "bytes of weights that ZeRO-3 gathers for use",
    "B",
    lambda terms: terms.gathered,
    "two layers' weights",
    {"zero": "strategy.zero"},
)
quantity(
    "memory.parts.buffers",
    "bytes of buffers of the run time, and weights that are gathered",
    "B",
    {"gathered": "memory.gathered_bytes", "run_time": "memory.run_time_bytes"},
    short="buffers",
    scope="phase",
    form="part",
    aliases=("memory.buffers",),
)(buffer_bytes)
quantity(
    "memory.parts.reserve",
    "bytes of reserve for allocator and fragmentation",
    "B",
    {"capacity": "memory.capacity_bytes", "reserved": "memory.reserved_share"},
    short="reserve",
    scope="phase",
    form="part",
    aliases=("memory.reserve",),
)(reserved_bytes)
quantity(
    "memory.held_bytes",
    "bytes that the fullest chip holds, without the reserve",
    "B",
    {name: f"memory.parts.{name}" for name in _PARTS},
    scope="phase",
)(held_bytes)
