"""One step: its exposed parts, each by the engine's own formula of the engine's terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from planner.engine import host_parts, parts
from planner.quantities.leaves import Leaf
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity


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
        "backward": "step.backward_matmul",
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
    "step.element_passes_s",
    "seconds of a layer's element-wise work, all passes of one microbatch",
    parts.memory_bound_passes_s,
    {
        "element_wise": "step.element_wise_s",
        "element_again": "step.element_again_s",
        "layers_again": "strategy.layers_again",
        "host_wait": "step.host_wait_s",
    },
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
        "overlap": "step.expert_overlap",
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
_formula(
    "step.device_layer_s",
    "seconds of one layer and microbatch, before it waits for its host",
    parts.layer_s,
    {**_LAYER, "memory_bound": "step.element_passes_s"},
)
_formula(
    "step.launch_wait_s",
    "seconds in which a layer waits for the host that starts its kernels, one microbatch",
    host_parts.launch_wait_s,
    {"device_layer": "step.device_layer_s", "launch": "step.launch_s"},
)
_formula(
    "step.memory_bound_layer_s",
    "seconds of a layer's element-wise work and its wait for the host, one microbatch",
    host_parts.waited_s,
    {"element_passes": "step.element_passes_s", "launch_wait": "step.launch_wait_s"},
)
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

_WHOLE = {"smooth": "step.smooth_s", "jitter": "step.parts.jitter"}


def _has_no_pilots(setting: Setting) -> bool:
    return not setting.trained.pilots and not setting.plan.acceptance.measured


quantity(
    "step.modelled_s",
    "seconds of one step by the engine, which knows of no pilot: the sum of its parts",
    "s",
    _WHOLE,
    short="step without pilots",
    scope="phase",
    form="number",
)(parts.step_s)
quantity(
    "step.seconds",
    "seconds of one step",
    "s",
    _WHOLE,
    short="step",
    scope="phase",
    when=_has_no_pilots,
    form="number",
    better="less",
    aliases=("step", "step_seconds"),
    is_told_by_phase=True,
)(parts.step_s)


@leaf("step.phase", "phase whose step is told: the one that trains most tokens", "", form="part")
def phase(setting: Setting) -> Leaf:
    """Return the number of that phase; where there are several it has to be said."""
    if not setting.is_whole:
        return Leaf(None, name="a single phase")
    return Leaf(np.array([setting.phase_index + 1.0]), method="the phases being counted from one")


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
            "update_bytes": "step.update_bytes",
            "memory_rate": "step.memory_rate",
            "update_flops": "step.update_flops",
            "update_rate": "step.update_rate",
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
