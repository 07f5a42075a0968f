"""Explains each exposed part of a step by the engine's own terms of it."""

from __future__ import annotations

from collections.abc import Callable

from planner.domain.evidence import value_of
from planner.engine.compute import LayerTimes, head_time_s, layer_times
from planner.engine.parts import BACKWARD_ATTENTION, BACKWARD_MATMUL
from planner.engine.step_cut import step_cut
from planner.engine.traffic import expert_layer_time, pipeline_transfer_time, tensor_layer_time
from planner.engine.work import microbatch_tokens
from planner.estimate.explanation.node import Node
from planner.estimate.explanation.scene import Scene, chosen, field, fitted, of_profile
from planner.estimate.explanation.tiers import bandwidths, scale_out, scale_up
from planner.estimate.performance import scalar
from planner.planning.chip import half_precision_peak, matmul_peak_flops_per_s

STEP_PART_NAMES = {
    "compute": "matmuls and attention",
    "memory_bound": "element-wise work, bound by memory, and the host's overhead",
    "tensor": "tensor-parallel traffic",
    "context": "context-parallel traffic",
    "expert": "expert-parallel traffic",
    "pipeline_p2p": "transfers between pipeline stages",
    "data": "gradient and parameter traffic",
    "bubble": "the pipeline's filling and draining",
    "optimizer": "the optimizer's update and what every step loses",
    "jitter": "stragglers and jitter",
}

_UNUSED = "nothing: the layout has no such parallelism"


def step_part(scene: Scene, name: str) -> Node:
    """Return the tree of one exposed part of the step."""
    value = scene.performance.step.parts[name]
    equation, method, children = _PARTS[name](scene) if value else (None, _UNUSED, ())
    return Node(
        name, f"seconds of a step for {STEP_PART_NAMES[name]}", value, "s", equation, method, children
    )


_Parts = tuple[str | None, str | None, tuple[Node, ...]]


def _microbatches(scene: Scene) -> Node:
    value = scalar(step_cut(scene.work, scene.layout, scene.workload).microbatches)
    return chosen("microbatches", "microbatches of one pipeline in a step", value, scene)


def _layers(scene: Scene) -> tuple[Node, bool]:
    """Return the layers of the stage that sets the pace, and whether that is the last, with the head."""
    plan = step_cut(scene.work, scene.layout, scene.workload)
    first, last = scalar(plan.stage_layers), scalar(plan.last_stage_layers)
    passes = scalar(plan.microbatches)
    target = scene.performance.step.parts["compute"]
    layer, head = _layer_compute_s(scene), _head_s(scene)
    is_last = abs(passes * (last * layer + head) - target) <= abs(passes * first * layer - target)
    name = "layers of the slowest stage" + (", the last, which has the head" if is_last else "")
    return chosen("layers", name, last if is_last else first, scene), is_last


def _again(scene: Scene) -> float:
    return float(scene.layout.recompute_layers)


def _layer_compute_s(scene: Scene) -> float:
    forward, again = _forward(scene), _again(scene)
    attention_again = max(again, float(scene.layout.recompute_attention))
    matmul = scalar(forward.matmul + forward.experts) * (1 + BACKWARD_MATMUL + again)
    matmul -= again * scalar(forward.dropped)
    return matmul + scalar(forward.attention) * (1 + BACKWARD_ATTENTION + attention_again)


def _head_s(scene: Scene) -> float:
    tokens = microbatch_tokens(scene.work, scene.layout.microbatch, scene.layout.context)
    return (1 + BACKWARD_MATMUL) * scalar(
        head_time_s(scene.work, tokens, scene.layout, scene.machine.chip, scene.machine.stack)
    )


def _tokens(scene: Scene) -> Node:
    tokens = scalar(microbatch_tokens(scene.work, scene.layout.microbatch, scene.layout.context))
    return chosen("tokens", "tokens of a microbatch on one chip", tokens, scene, "tokens")


def _memory_rate(scene: Scene) -> tuple[Node, Node]:
    chip = scene.pool.chip
    return (
        field("memory_bandwidth", "memory bandwidth of a chip", chip, "memory.bandwidth_bytes_per_s", "B/s"),
        fitted("memory_efficiency", "share of it that element-wise work reaches", "memory_efficiency", scene),
    )


def _forward(scene: Scene) -> LayerTimes:
    tokens = microbatch_tokens(scene.work, scene.layout.microbatch, scene.layout.context)
    machine = scene.machine
    return layer_times(scene.work, tokens, scene.layout, machine.chip, machine.stack, scene.workload)


def _compute(scene: Scene) -> _Parts:
    layers, is_last = _layers(scene)
    again = _again(scene)
    attention_again = max(again, float(scene.layout.recompute_attention))
    dropped = again * scalar(_forward(scene).dropped)
    less = f" - dropped x {again:g}" if dropped else ""
    equation = (
        f"microbatches x (layers x (matmul x {1 + BACKWARD_MATMUL + again:g}{less} + "
        f"attention x {1 + BACKWARD_ATTENTION + attention_again:g})"
    )
    children = [_microbatches(scene), layers, _matmul(scene), _attention(scene)]
    if dropped:
        name = "seconds of a layer's last matmul, which the compiler does not run again"
        children.append(
            Node("dropped", name, scalar(_forward(scene).dropped), "s", method="nothing needs it")
        )
    if is_last:
        equation += " + head"
        name = "seconds of output head and loss, forward and backward, one microbatch"
        method = "its matmul over peak x efficiency, and the logits over the memory"
        children.append(Node("head", name, _head_s(scene), "s", method=method))
    return f"{equation})", None, tuple(children)


def _matmul(scene: Scene) -> Node:
    forward, chip = _forward(scene), scene.pool.chip
    _, datatype = matmul_peak_flops_per_s(chip, scene.resolved.plan.workload.precision)
    shares = {"matmul_efficiency": "share of the peak that large matmuls reach"}
    if float(scene.workload.is_low_precision) > 0:
        shares["low_precision_efficiency"] = "of that, share that is left below 16 bit"
    if scalar(forward.experts) > 0:
        shares["expert_efficiency"] = "of that, share that experts' matmuls reach"
    path = f"peak_dense_flops_per_s.{datatype}"
    return Node(
        "matmul",
        "seconds of a layer's matmuls, forward, one microbatch",
        scalar(forward.matmul + forward.experts),
        "s",
        method="2 x tokens x weights over peak x efficiency, less where narrow, small or no whole tiles; and "
        "moving them",
        children=(
            field("peak", f"dense {datatype} peak", chip, path, "FLOP/s"),
            *_sustained(scene),
            *(fitted(target, name, target, scene) for target, name in shares.items()),
            _tokens(scene),
        ),
    )


def _sustained(scene: Scene) -> tuple[Node, ...]:
    """Return what a cap on the chip's power leaves of its peak, where it has one."""
    if value_of(scene.pool.chip.sustained_share) is None:
        return ()
    name = "share of the peak that the cap on the chip's power leaves"
    return (field("sustained_share", name, scene.pool.chip, "sustained_share", ""),)


def _attention(scene: Scene) -> Node:
    chip = scene.pool.chip
    _, datatype = half_precision_peak(chip)
    path, target = f"peak_dense_flops_per_s.{datatype}", "attention_efficiency"
    return Node(
        "attention",
        "seconds of a layer's attention, forward, one microbatch",
        scalar(_forward(scene).attention),
        "s",
        method="attention FLOPs over peak x efficiency, less for short context or narrow heads",
        children=(
            field("peak", f"dense {datatype} peak", chip, path, "FLOP/s"),
            *_sustained(scene),
            fitted(target, "share of the peak that attention reaches", target, scene),
        ),
    )


def _memory_bound(scene: Scene) -> _Parts:
    layers, _ = _layers(scene)
    one = Node(
        "one_pass",
        "seconds of a layer's element-wise work, forward, one microbatch",
        scalar(_forward(scene).memory_bound),
        "s",
        method="bytes of norms, residuals, rotation, activation, routing over the memory rate, and the host",
        children=(
            *_memory_rate(scene),
            fitted(
                "layer_overhead",
                "host seconds that no kernel hides, per layer",
                "layer_overhead_s",
                scene,
                "s",
            ),
            _tokens(scene),
        ),
    )
    equation = f"microbatches x layers x one_pass x {1 + BACKWARD_MATMUL + _again(scene):g}"
    return equation, None, (_microbatches(scene), layers, one)


def _traffic(scene: Scene, name: str, seconds: float, what: str) -> Node:
    return Node(
        f"{name}_pass",
        f"seconds of a layer's {what}, one pass and microbatch",
        seconds,
        "s",
        method="bytes over the slower tier, shared by a host's ranks, and the latency of each step",
        children=(*bandwidths(scene), _tokens(scene)),
    )


def _tensor(scene: Scene) -> _Parts:
    layers, _ = _layers(scene)
    tokens = microbatch_tokens(scene.work, scene.layout.microbatch, scene.layout.context)
    machine = scene.machine
    one = tensor_layer_time(scene.work, tokens, scene.layout, machine.network, machine.stack)
    has_fused = scene.pool.stacks[0].fuses_tensor_collectives
    fused, plain = float(machine.stack.fused_tensor_overlap), float(machine.stack.tensor_overlap)
    target = "fused_tensor_overlap" if has_fused and fused >= plain else "tensor_overlap"
    children = (
        _microbatches(scene),
        layers,
        _traffic(scene, "tensor", scalar(one.seconds), f"collectives over {scene.main.layout.tp} chips"),
        fitted("overlap", "share that compute hides", target, scene),
    )
    return f"microbatches x layers x tensor_pass x {2 + _again(scene):g} x (1 - overlap)", None, children


def _expert(scene: Scene) -> _Parts:
    layers, _ = _layers(scene)
    tokens = microbatch_tokens(scene.work, scene.layout.microbatch, scene.layout.context)
    machine = scene.machine
    one = expert_layer_time(scene.work, tokens, scene.layout, machine.network, machine.stack)
    children = (
        _microbatches(scene),
        layers,
        _traffic(
            scene, "expert", scalar(one.seconds), f"dispatch and combine over {scene.main.layout.ep} chips"
        ),
        fitted("overlap", "share that compute hides", "expert_overlap", scene),
    )
    return f"microbatches x layers x expert_pass x {2 + _again(scene):g} x (1 - overlap)", None, children


def _context(scene: Scene) -> _Parts:
    layers, _ = _layers(scene)
    children = (
        _microbatches(scene),
        layers,
        chosen("context", "chips that share a sequence", scene.main.layout.cp, scene),
        fitted("overlap", "share of attention under which it hides", "context_overlap", scene),
        *bandwidths(scene),
    )
    return None, "keys and values once around the ring each pass, less what attention hides", children


def _pipeline(scene: Scene) -> _Parts:
    tokens = microbatch_tokens(scene.work, scene.layout.microbatch, scene.layout.context)
    machine = scene.machine
    one = pipeline_transfer_time(scene.work, tokens, scene.layout, machine.network, machine.stack)
    efficiency = fitted(
        "point_to_point_efficiency",
        "share of the rate that transfers reach",
        "point_to_point_efficiency",
        scene,
    )
    transfer = Node(
        "transfer",
        "seconds of one microbatch's activations to the next stage",
        scalar(one.seconds),
        "s",
        method="bytes over the tier between stages, plus its latency",
        children=(scale_up(scene), scale_out(scene), efficiency),
    )
    children = (
        _microbatches(scene),
        chosen("virtual_stages", "virtual stages of a chip", scene.main.layout.vpp, scene),
        transfer,
        fitted("overlap", "share that compute hides", "pipeline_overlap", scene),
    )
    return "2 x microbatches x virtual_stages x transfer x (1 - overlap)", None, children


def _data(scene: Scene) -> _Parts:
    layout = scene.main.layout
    children = (
        chosen("data", "data-parallel ranks", layout.dp, scene),
        chosen("zero", "ZeRO stage", layout.zero, scene),
        fitted("overlap", "share of compute under which it hides", "data_overlap", scene),
        fitted("exposed", "share that nothing hides", "data_exposed_share", scene),
        *bandwidths(scene),
    )
    method = "gradients reduced, parameters gathered once a step (ZeRO-3: each microbatch), less what hides"
    return None, method, children


def _bubble(scene: Scene) -> _Parts:
    plan = step_cut(scene.work, scene.layout, scene.workload)
    idle = scalar(plan.bubble_microbatches)
    bubble = scene.performance.step.parts["bubble"]
    layout = scene.main.layout
    grounds = f"(pipeline - 1) / virtual stages, as schedule '{layout.schedule}' leaves it"
    share = float(scene.layout.bubble_share)
    idle_node = Node(
        "idle",
        f"microbatch times that the pipeline idles ({grounds})",
        idle,
        "",
        f"(pipeline - 1) / virtual_stages x {share:.17g}",
        None,
        (
            chosen("pipeline", "pipeline stages", layout.pp, scene),
            chosen("virtual_stages", "virtual stages of a chip", layout.vpp, scene),
        ),
    )
    stage = Node(
        "stage",
        "seconds of one microbatch through the mean stage, transfers included",
        bubble / idle if idle else 0.0,
        "s",
        method="compute, memory-bound work and traffic of a stage's layers, forward and backward",
    )
    return "idle x stage", None, (idle_node, stage)


def _optimizer(scene: Scene) -> _Parts:
    children = (
        *_memory_rate(scene),
        fitted("step_overhead", "seconds that every step loses", "step_overhead_s", scene, "s"),
    )
    return None, "30 bytes per updated parameter over the memory rate, plus what every step loses", children


def _jitter(scene: Scene) -> _Parts:
    parts = scene.performance.step.parts
    smooth = Node(
        "smooth", "seconds of all other parts", sum(v for k, v in parts.items() if k != "jitter"), "s",
        method="their sum",
    )  # fmt: skip
    layout = scene.main.layout
    per_host = float(scene.machine.network.host_chips)
    hosts = Node(
        "hosts",
        "hosts",
        layout.chips_used / per_host,
        "",
        "chips / chips_per_host",
        None,
        (
            chosen("chips", "chips that the layout uses", layout.chips_used, scene, "chips"),
            Node(
                "chips_per_host",
                "chips of a host",
                per_host,
                "",
                grounds=of_profile(scene.pool.system, "chips_per_host", None),
            ),
        ),
    )
    loss = fitted("loss", "loss per doubling of the hosts", "jitter_per_doubling", scene)
    return "smooth x loss x log2(max(hosts, 1))", None, (smooth, loss, hosts)


_PARTS: dict[str, Callable[[Scene], _Parts]] = {
    "compute": _compute,
    "memory_bound": _memory_bound,
    "tensor": _tensor,
    "context": _context,
    "expert": _expert,
    "pipeline_p2p": _pipeline,
    "data": _data,
    "bubble": _bubble,
    "optimizer": _optimizer,
    "jitter": _jitter,
}
