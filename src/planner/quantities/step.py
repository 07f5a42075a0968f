"""One step: its exposed parts, each by the engine's own formula, down to the engine's terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from planner.engine import parts
from planner.engine.step import StepTerms
from planner.quantities.leaves import Leaf
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.quantities.units import Unit

_TOKENS = {"tokens": "step.tokens"}
_STACK_COMPUTE = {
    "peak": "chip.peak_flops_per_s",
    "sustained_share": "chip.sustained_share",
    "matmul_efficiency": "stack.matmul_efficiency",
    "low_precision_efficiency": "stack.low_precision_efficiency",
    "expert_efficiency": "stack.expert_efficiency",
}
_ATTENTION = {
    "peak": "chip.half_peak_flops_per_s",
    "sustained_share": "chip.sustained_share",
    "attention_efficiency": "stack.attention_efficiency",
}
_MEMORY_RATE = {
    "memory_bandwidth": "chip.memory_bandwidth_bytes_per_s",
    "memory_efficiency": "stack.memory_efficiency",
}
_TIERS = {
    "scale_up": "network.scale_up_bytes_per_s",
    "scale_up_efficiency": "stack.scale_up_efficiency",
    "scale_out": "network.scale_out_bytes_per_s",
    "scale_out_efficiency": "stack.scale_out_efficiency",
}
_COLLECTIVE = "bytes over the slower tier, shared by a host's ranks, and the latency of each step"


def _term(
    identifier: str,
    title: str,
    unit: Unit,
    get: Callable[[StepTerms], Any],
    method: str,
    inputs: Mapping[str, str],
) -> None:
    @leaf(identifier, title, unit, method=method, inputs=inputs, scope="phase")
    def read(setting: Setting) -> Any:
        return get(setting.phase.estimate.step.terms)


_term(
    "step.tokens",
    "tokens of a microbatch on one chip",
    "tokens",
    lambda terms: terms.tokens,
    "sequences of a microbatch x their length, over the chips that share a sequence",
    {
        "microbatch": "strategy.microbatch",
        "sequence": "workload.sequence_length",
        "context": "strategy.cp",
    },
)


@leaf("step.layers", "layers of the stage that sets the pace", "", scope="phase")
def slowest_layers(setting: Setting) -> Leaf:
    """Return the layers of the slowest stage, and which that is."""
    terms = setting.phase.estimate.step.terms
    is_last = bool(terms.last_is_slowest.ravel()[0])
    name = "layers of the slowest stage, the last, which has the head" if is_last else ""
    return Leaf(
        terms.layers.ravel() * 1.0,
        name=name or "layers of the slowest stage, which is not the last",
        method="the model's layers over stages and virtual stages, rounded up",
    )


_term(
    "step.all_layers",
    "layers of the model, prediction modules included",
    "",
    lambda terms: terms.all_layers,
    "as the architecture has them",
    {"layers": "model.layers"},
)
_term(
    "step.matmul_s",
    "seconds of a layer's matmuls, forward, one microbatch",
    "s",
    lambda terms: terms.matmul,
    "2 x tokens x weights over peak x efficiency, less where narrow, small or no whole tiles; moving them",
    {**_STACK_COMPUTE, **_TOKENS},
)
_term(
    "step.dropped_s",
    "seconds of a layer's last matmul, where the compiler does not run it again",
    "s",
    lambda terms: terms.dropped,
    "its share of the matmuls: nothing needs it",
    {"matmul": "step.matmul_s"},
)
_term(
    "step.attention_s",
    "seconds of a layer's attention, forward, one microbatch",
    "s",
    lambda terms: terms.attention,
    "attention FLOPs over peak x efficiency, less for short context or narrow heads",
    {**_ATTENTION, **_TOKENS, "flops": "model.attention_flops"},
)
_term(
    "step.element_wise_s",
    "seconds of a layer's element-wise work, forward, one microbatch",
    "s",
    lambda terms: terms.element_wise,
    "bytes of norms, residuals, rotation, activation, routing over the memory rate, and the host",
    {**_MEMORY_RATE, "layer_overhead": "stack.layer_overhead_s", **_TOKENS},
)
_term(
    "step.head_s",
    "seconds of output head and loss, forward, one microbatch",
    "s",
    lambda terms: terms.head,
    "its matmul over peak x efficiency, and the logits over the memory rate",
    {"peak": "chip.half_peak_flops_per_s", "matmul_efficiency": "stack.matmul_efficiency", **_MEMORY_RATE},
)
_term(
    "step.slowest_head_s",
    "seconds of output head and loss on the slowest stage, forward and backward",
    "s",
    lambda terms: terms.slowest_head,
    "as head_passes where the slowest stage is the last one; else nothing",
    {"head_passes": "step.head_passes_s"},
)
_term(
    "step.tensor_pass_s",
    "seconds of a layer's tensor-parallel collectives, one pass and microbatch",
    "s",
    lambda terms: terms.tensor_pass,
    _COLLECTIVE,
    {"tensor": "strategy.tp", **_TIERS, **_TOKENS},
)
_term(
    "step.ring_s",
    "seconds of a layer's keys and values once around the ring, one microbatch",
    "s",
    lambda terms: terms.ring,
    _COLLECTIVE,
    {"context": "strategy.cp", **_TIERS, **_TOKENS},
)
_term(
    "step.expert_pass_s",
    "seconds of a layer's dispatch to experts and back, one pass and microbatch",
    "s",
    lambda terms: terms.expert_pass,
    _COLLECTIVE,
    {"expert": "strategy.ep", **_TIERS, **_TOKENS},
)
_term(
    "step.transfer_s",
    "seconds of one microbatch's activations to the next stage",
    "s",
    lambda terms: terms.transfer,
    "bytes over the tier between stages, plus its latency",
    {
        "scale_up": "network.scale_up_bytes_per_s",
        "scale_out": "network.scale_out_bytes_per_s",
        "point_to_point_efficiency": "stack.point_to_point_efficiency",
        **_TOKENS,
    },
)
_term(
    "step.tensor_overlap",
    "share of tensor-parallel traffic that compute hides",
    "share",
    lambda terms: terms.tensor_overlap,
    "the fused share where the stack fuses matmuls with their collectives, and it is the larger",
    {"plain": "stack.tensor_overlap", "fused": "stack.fused_tensor_overlap"},
)
_term(
    "step.pipeline_overlap",
    "share of the transfers that compute hides",
    "share",
    lambda terms: terms.pipeline_overlap,
    "the stack's share where transfers overlap with compute at all",
    {"overlap": "stack.pipeline_overlap"},
)
_term(
    "step.idle_microbatches",
    "microbatch times that the pipeline idles",
    "",
    lambda terms: terms.idle,
    "(stages - 1) / virtual stages, and of that what the schedule leaves",
    {"pipeline": "strategy.pp", "virtual_stages": "strategy.vpp", "schedule": "strategy.schedule"},
)
_term(
    "step.moved_s",
    "seconds of one exchange of gradients and parameters, before anything hides it",
    "s",
    lambda terms: terms.moved,
    f"gradients reduced and parameters gathered (with ZeRO-3 twice): {_COLLECTIVE}",
    {"data": "strategy.dp", "zero": "strategy.zero", **_TIERS},
)
_term(
    "step.exchanges",
    "exchanges of a step: one, with ZeRO-3 one a microbatch",
    "",
    lambda terms: terms.exchanges,
    "by the ZeRO stage",
    {"zero": "strategy.zero", "microbatches": "strategy.microbatches"},
)
_term(
    "step.compute_once_s",
    "seconds of compute beside one exchange",
    "s",
    lambda terms: terms.compute_once,
    "one microbatch on the stage with most layers, less what hides context traffic",
    {"matmul_passes": "step.matmul_passes_s", "attention_passes": "step.attention_passes_s"},
)
_term(
    "step.data_overlap",
    "share of that compute under which the exchange hides",
    "share",
    lambda terms: terms.data_overlap,
    "the stack's share where collectives overlap with compute at all",
    {"overlap": "stack.data_overlap"},
)
_term(
    "step.updated",
    "parameters that one chip's optimizer updates",
    "parameters",
    lambda terms: terms.updated,
    "those that it holds, over the ranks that ZeRO shards the optimizer's state by",
    {"tensor": "strategy.tp", "pipeline": "strategy.pp", "data": "strategy.dp", "zero": "strategy.zero"},
)
_term(
    "step.memory_rate",
    "rate of a chip's memory that element-wise work reaches",
    "B/s",
    lambda terms: terms.memory_rate,
    "bandwidth x efficiency",
    _MEMORY_RATE,
)


def _formula(identifier: str, title: str, formula: Callable[..., Any], inputs: Mapping[str, str]) -> None:
    quantity(identifier, title, "s", inputs, scope="phase")(formula)


_formula(
    "step.matmul_passes_s",
    "seconds of a layer's matmuls, all passes of one microbatch",
    parts.matmul_passes_s,
    {
        "matmul": "step.matmul_s",
        "dropped": "step.dropped_s",
        "layers_again": "strategy.layers_again",
        "matmul_again": "strategy.matmul_again",
    },
)
_formula(
    "step.attention_passes_s",
    "seconds of a layer's attention, all passes of one microbatch",
    parts.attention_passes_s,
    {
        "attention": "step.attention_s",
        "layers_again": "strategy.layers_again",
        "attention_again": "strategy.attention_again",
    },
)
_formula(
    "step.memory_bound_layer_s",
    "seconds of a layer's element-wise work, all passes of one microbatch",
    parts.memory_bound_passes_s,
    {"element_wise": "step.element_wise_s", "layers_again": "strategy.layers_again"},
)
_formula(
    "step.head_passes_s",
    "seconds of output head and loss, forward and backward, one microbatch",
    parts.head_passes_s,
    {"head": "step.head_s"},
)
_formula(
    "step.tensor_layer_s",
    "seconds of a layer's tensor-parallel traffic that nothing hides, one microbatch",
    parts.exposed_passes_s,
    {
        "one_pass": "step.tensor_pass_s",
        "layers_again": "strategy.layers_again",
        "overlap": "step.tensor_overlap",
    },
)
_formula(
    "step.ring_passes_s",
    "seconds of a layer's ring traffic, all passes of one microbatch",
    parts.ring_passes_s,
    {"ring": "step.ring_s", "layers_again": "strategy.layers_again"},
)
_formula(
    "step.ring_hidden_s",
    "seconds of it that attention hides",
    parts.ring_hidden_s,
    {
        "ring_passes": "step.ring_passes_s",
        "attention_passes": "step.attention_passes_s",
        "overlap": "stack.context_overlap",
    },
)
_formula(
    "step.context_layer_s",
    "seconds of a layer's ring traffic that nothing hides, one microbatch",
    parts.ring_exposed_s,
    {"ring_passes": "step.ring_passes_s", "ring_hidden": "step.ring_hidden_s"},
)
_formula(
    "step.expert_layer_s",
    "seconds of a layer's expert-parallel traffic that nothing hides, one microbatch",
    parts.exposed_passes_s,
    {
        "one_pass": "step.expert_pass_s",
        "layers_again": "strategy.layers_again",
        "overlap": "stack.expert_overlap",
    },
)
_LAYER = {
    "matmul_passes": "step.matmul_passes_s",
    "attention_passes": "step.attention_passes_s",
    "memory_bound": "step.memory_bound_layer_s",
    "tensor": "step.tensor_layer_s",
    "context": "step.context_layer_s",
    "expert": "step.expert_layer_s",
}
_formula("step.layer_s", "seconds of one layer and microbatch, traffic included", parts.layer_s, _LAYER)
_formula(
    "step.mean_stage_s",
    "seconds of one microbatch on the mean stage",
    parts.mean_stage_s,
    {
        "all_layers": "step.all_layers",
        "layer": "step.layer_s",
        "head": "step.head_passes_s",
        "pipeline": "strategy.pp",
    },
)
_formula(
    "step.data_hidden_s",
    "seconds of one exchange that compute hides",
    parts.data_hidden_s,
    {
        "moved": "step.moved_s",
        "exposed_share": "stack.data_exposed_share",
        "overlap": "step.data_overlap",
        "compute_once": "step.compute_once_s",
    },
)
quantity(
    "step.doublings",
    "how often one host doubles to all of them",
    "",
    {"chips": "strategy.chips_used", "host_chips": "system.chips_per_host"},
    scope="phase",
)(parts.doublings)

quantity(
    "step.seconds",
    "seconds of one step",
    "s",
    {"smooth": "step.smooth_s", "jitter": "step.parts.jitter"},
    short="step",
    scope="phase",
    form="number",
    better="less",
    aliases=("step", "step_seconds"),
)(parts.step_s)
_PASSES = {"microbatches": "strategy.microbatches", "layers": "step.layers"}
_PARTS: dict[str, tuple[str, str, Callable[..., Any], Mapping[str, str]]] = {
    "compute": (
        "matmuls and attention",
        "compute",
        parts.compute_s,
        {
            **_PASSES,
            "matmul_passes": "step.matmul_passes_s",
            "attention_passes": "step.attention_passes_s",
            "head": "step.slowest_head_s",
        },
    ),
    "memory_bound": (
        "element-wise work, bound by memory, and the host's overhead",
        "memory-bound",
        parts.over_layers_s,
        {**_PASSES, "layer": "step.memory_bound_layer_s"},
    ),
    "tensor": (
        "tensor-parallel traffic",
        "tensor parallel",
        parts.over_layers_s,
        {**_PASSES, "layer": "step.tensor_layer_s"},
    ),
    "context": (
        "context-parallel traffic",
        "context parallel",
        parts.over_layers_s,
        {**_PASSES, "layer": "step.context_layer_s"},
    ),
    "expert": (
        "expert-parallel traffic",
        "expert parallel",
        parts.over_layers_s,
        {**_PASSES, "layer": "step.expert_layer_s"},
    ),
    "pipeline_p2p": (
        "transfers between pipeline stages",
        "pipeline sends",
        parts.transfers_s,
        {
            "microbatches": "strategy.microbatches",
            "virtual_stages": "strategy.vpp",
            "transfer": "step.transfer_s",
            "overlap": "step.pipeline_overlap",
        },
    ),
    "data": (
        "gradient and parameter traffic",
        "data parallel",
        parts.data_s,
        {"moved": "step.moved_s", "hidden": "step.data_hidden_s", "exchanges": "step.exchanges"},
    ),
    "bubble": (
        "the pipeline's filling and draining",
        "pipeline bubble",
        parts.bubble_s,
        {
            "idle": "step.idle_microbatches",
            "mean_stage": "step.mean_stage_s",
            "transfer": "step.transfer_s",
            "virtual_stages": "strategy.vpp",
        },
    ),
    "optimizer": (
        "the optimizer's update and what every step loses",
        "optimizer",
        parts.optimizer_s,
        {
            "updated": "step.updated",
            "memory_rate": "step.memory_rate",
            "step_overhead": "stack.step_overhead_s",
            "doublings": "step.doublings",
        },
    ),
    "jitter": (
        "stragglers and jitter",
        "jitter",
        parts.jitter_s,
        {"smooth": "step.smooth_s", "loss": "stack.jitter_per_doubling", "doublings": "step.doublings"},
    ),
}
for _name, (_words, _short, _function, _inputs) in _PARTS.items():
    quantity(
        f"step.parts.{_name}",
        f"seconds of a step for {_words}",
        "s",
        _inputs,
        short=_short,
        scope="phase",
        form="part",
        aliases=(f"step.{_name}",),
    )(_function)
_formula(
    "step.smooth_s",
    "seconds of a step without stragglers",
    parts.smooth_s,
    {name: f"step.parts.{name}" for name in _PARTS if name != "jitter"},
)
