"""What a job holds on the fullest chip, each part by the engine's own formula, and the chip's memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from planner.engine.activations import activation_bytes, layer_bytes_per_token
from planner.engine.memory import (
    buffer_bytes,
    gradient_bytes,
    logit_bytes,
    replaced_bytes,
)
from planner.engine.memory_terms import MemoryTerms
from planner.engine.sharding import state_bytes
from planner.quantities.leaves import Leaf, constant, of_figure
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.quantities.units import Unit


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
    "parameters of layers on the fullest chip, before ZeRO, routed experts not counted",
    "parameters",
    lambda terms: terms.dense,
    "its stage's layers over the tensor-parallel chips",
    _SPLIT,
)
_term(
    "end_parameters",
    "parameters of embedding and head on the fullest chip, before ZeRO",
    "parameters",
    lambda terms: terms.ends,
    "the first stage's embedding, the last one's head, over the tensor-parallel chips",
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
for _kind, _words, _get in (
    ("dense", "of layers, routed experts not counted", lambda terms: terms.trained_dense),
    ("expert", "of routed experts", lambda terms: terms.trained_experts),
    ("end", "of embedding and head", lambda terms: terms.trained_ends),
):
    _term(
        f"trained_{_kind}_parameters",
        f"trained parameters {_words} on the fullest chip, before ZeRO",
        "parameters",
        _get,
        "all of them, or adapters beside them",
        {"all": f"memory.{_kind}_parameters"},
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


def _bytes_each(name: str, title: str, get: Callable[[MemoryTerms], Any], note: str) -> None:
    @leaf(f"memory.{name}_bytes", title, "B", scope="phase")
    def read(setting: Setting) -> Leaf:
        return constant(float(get(setting.phase.estimate.memory)), "plan: training, else the stack's", note)


_NONE_ON_HOST = "0 where it lies in the host's memory"
_bytes_each(
    "weight",
    "bytes of one weight of a layer",
    lambda terms: terms.weight_bytes,
    "16 bit, or as quantised; 0 where the shard of a weight is its master copy",
)
_bytes_each(
    "end_weight", "bytes of one weight of embedding and head", lambda terms: terms.end_weight_bytes, "16 bit"
)
_bytes_each("gradient", "bytes of one gradient", lambda terms: terms.gradient_bytes, _NONE_ON_HOST)
_bytes_each(
    "optimizer",
    "bytes of the optimizer's state, per parameter of a layer",
    lambda terms: terms.optimizer_bytes,
    f"master weight and moments; {_NONE_ON_HOST}",
)
_bytes_each(
    "end_optimizer",
    "bytes of the optimizer's state, per parameter of embedding and head",
    lambda terms: terms.end_optimizer_bytes,
    f"master weight and moments; {_NONE_ON_HOST}",
)
for _name, (_words, _, _) in _STATES.items():
    _part = "optimizer" if _name == "optimizer" else f"{_name}s"
    _trained = "" if _name == "weight" else "trained_"
    # of gradients, those that take no other's place are a part
    _is_part = _name != "gradient"
    quantity(
        f"memory.parts.{_part}" if _is_part else "memory.all_gradients",
        f"bytes of {_words}" if _is_part else f"bytes of {_words}, once all are there",
        "B",
        {
            "each": f"memory.{_name}_bytes",
            "dense": f"memory.{_trained}dense_parameters",
            "dense_ranks": f"memory.{_name}_ranks",
            "experts": f"memory.{_trained}expert_parameters",
            "expert_ranks": f"memory.expert_{_name}_ranks",
            "end_each": f"memory.{'' if _name == 'gradient' else 'end_'}{_name}_bytes",
            "ends": f"memory.{_trained}end_parameters",
        },
        short=_words if _is_part else f"all {_words}",
        scope="phase",
        form="part" if _is_part else "inner",
        aliases=(f"memory.{_part}",) if _is_part else (),
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


_term(
    "logit_each_bytes",
    "bytes of the logit of one token and entry of the vocabulary",
    "B",
    lambda terms: terms.logit_bytes,
    "as the loss holds it",
    {},
)
_term(
    "head_gradient_bytes",
    "bytes of the head's gradient while the loss is at work",
    "B",
    lambda terms: terms.head_gradient,
    "whole and in 16 bit, as the loss makes it, beside the one that is held",
    {"tensor": "strategy.tp"},
)
quantity(
    "memory.parts.logits",
    "bytes of logits of the last stage",
    "B",
    {
        "tokens": "memory.logit_tokens",
        "vocabulary": "model.vocabulary",
        "tensor": "strategy.tp",
        "each": "memory.logit_each_bytes",
        "head_gradient": "memory.head_gradient_bytes",
    },
    short="logits",
    scope="phase",
    form="part",
    aliases=("memory.logits",),
)(logit_bytes)
_WHILE = "1 where a step of one microbatch makes its gradients anew and"
_term(
    "replaces_kept",
    "share of what layers keep that gradients take the place of",
    "",
    lambda terms: terms.replaces_kept,
    f"{_WHILE} frees layer by layer",
    {},
)
_term(
    "replaces_logits",
    "share of the logits that gradients take the place of",
    "",
    lambda terms: terms.replaces_logits,
    f"{_WHILE} frees the logits before",
    {},
)
quantity(
    "memory.replaced_bytes",
    "bytes of gradients that take the place of what the backward pass has freed",
    "B",
    {
        "gradients": "memory.all_gradients",
        "activations": "memory.parts.activations",
        "logits": "memory.parts.logits",
        "replaces_kept": "memory.replaces_kept",
        "replaces_logits": "memory.replaces_logits",
    },
    scope="phase",
)(replaced_bytes)
quantity(
    "memory.parts.gradients",
    "bytes of gradients",
    "B",
    {"gradients": "memory.all_gradients", "replaced": "memory.replaced_bytes"},
    short="gradients",
    scope="phase",
    form="part",
    aliases=("memory.gradients",),
)(gradient_bytes)
_term(
    "gathered_bytes",
    "bytes of weights that sharding gathers for use, with a layer's gradient",
    "B",
    lambda terms: terms.gathered,
    "two layers' weights, as the stack's sharding does",
    {"zero": "strategy.zero"},
)
_term(
    "staying_bytes",
    "bytes of buckets of collectives, and of embedding and head where they stay gathered",
    "B",
    lambda terms: terms.stays,
    "as the stack's sharding does",
    {"zero": "strategy.zero"},
)
_term(
    "working_bytes",
    "bytes that the layer at work needs besides",
    "B",
    lambda terms: terms.working,
    "what it computes again, and the gradients of half of what it needs",
    {"tokens": "step.tokens", "layers_again": "strategy.layers_again"},
)
_term(
    "step_bytes",
    "bytes that the optimizer's step takes besides",
    "B",
    lambda terms: terms.step,
    "the stack's own, of the parameters that the rank updates",
    {},
)
quantity(
    "memory.parts.buffers",
    "bytes of gathered weights and the layer at work, or what more the optimizer's step takes",
    "B",
    {
        "gathered": "memory.gathered_bytes",
        "working": "memory.working_bytes",
        "stays": "memory.staying_bytes",
        "step": "memory.step_bytes",
        "activations": "memory.parts.activations",
        "logits": "memory.parts.logits",
        "replaced": "memory.replaced_bytes",
        "replaces_kept": "memory.replaces_kept",
    },
    short="buffers",
    scope="phase",
    form="part",
    aliases=("memory.buffers",),
)(buffer_bytes)
