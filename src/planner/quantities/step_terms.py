"""Terms of a step: what the engine works out of model, layout and machine before its formulas add it up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from planner.engine.step import StepTerms
from planner.quantities.leaves import Leaf
from planner.quantities.model import shape_gaps
from planner.quantities.setting import Setting
from planner.quantities.table import leaf
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
        gaps=shape_gaps(setting),
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
    "step.element_again_s",
    "seconds of a layer's norms and activations that are not kept but made again, one microbatch",
    "s",
    lambda terms: terms.element_again,
    "their bytes over the memory rate; 0 where all are kept",
    {**_MEMORY_RATE, **_TOKENS},
)
_term(
    "step.host_wait_s",
    "seconds of a layer's way to the host and back, beside its work, one microbatch",
    "s",
    lambda terms: terms.host_wait,
    "what is offloaded over the link's rate, less the work that hides it; 0 where nothing is",
    {**_TOKENS},
)
_term(
    "step.launch_s",
    "seconds in which the host starts the kernels of a layer, all passes of one microbatch",
    "s",
    lambda terms: terms.launch,
    "of a mixture's layer so much a pass, and of one that runs eagerly, where nothing captured them; else 0",
    {
        "mixture_host": "stack.mixture_host_s",
        "eager_host": "stack.eager_host_s",
        "layers_again": "strategy.layers_again",
    },
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
    f"copies of a token as the dispatcher sends them, of the busiest rank: {_COLLECTIVE}",
    {
        "expert": "strategy.ep",
        "expert_load_spread": "stack.expert_load_spread",
        **_TIERS,
        **_TOKENS,
    },
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
    "step.expert_overlap",
    "share of expert-parallel traffic that compute hides",
    "share",
    lambda terms: terms.expert_overlap,
    "the scheduled share where a schedule runs the exchange beside other work, and it is the larger",
    {"plain": "stack.expert_overlap", "scheduled": "stack.scheduled_expert_overlap"},
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
    "step.backward_matmul",
    "products of a matmul's backward pass",
    "",
    lambda terms: terms.backward_matmul,
    "2, or 1 where weights stand still",
    {},
)
_term(
    "step.update_bytes",
    "bytes that the optimizer moves for one parameter",
    "B",
    lambda terms: terms.update_bytes,
    "gradient, states each way and weight; gradient and weight where the states lie on the host",
    {},
)
_term(
    "step.update_flops",
    "operations of matmuls with which the optimizer makes one parameter's step",
    "FLOP",
    lambda terms: terms.update_flops,
    "Muon's five Newton-Schulz steps of every matrix of a layer, over all parameters; else none",
    {},
)
_term(
    "step.update_rate",
    "rate of those matmuls",
    "FLOP/s",
    lambda terms: terms.update_rate,
    "16-bit peak x efficiency, less for a narrow model",
    {"peak": "chip.half_peak_flops_per_s", "matmul_efficiency": "stack.matmul_efficiency"},
)
_term(
    "step.memory_rate",
    "rate at which the optimizer's update moves",
    "B/s",
    lambda terms: terms.memory_rate,
    "bandwidth x efficiency of the chip's memory, or the link to the host",
    _MEMORY_RATE,
)
