"""Explains time: days, rates, goodput, the step and each of its exposed parts."""

from __future__ import annotations

from planner.engine.goodput import CHECKPOINT_BYTES_PER_PARAMETER, CHIP_MTBF_HOURS
from planner.estimate.explanation.node import Node
from planner.estimate.explanation.scene import Scene, chosen, constant, typed
from planner.estimate.explanation.step_parts import STEP_PART_NAMES, step_part
from planner.estimate.explanation.work import parameters
from planner.estimate.performance import STEP_PARTS, TRAFFIC, scalar
from planner.planning.training import LOWEST_GOODPUT, PhaseTraining
from planner.units import SECONDS_PER_DAY, SECONDS_PER_HOUR


def training_days(scene: Scene) -> Node:
    """Return the tree of the days from the first to the last step."""
    goodput_node = goodput(scene)
    phases = scene.training.phases
    children: list[Node] = []
    terms = []
    for index, phase in enumerate(phases, start=1):
        key = "workload.tokens" if len(phases) == 1 else f"workload.phases[{index - 1}].tokens"
        children.append(typed(f"tokens_{index}", "training tokens", phase.tokens, "tokens", key))
        children.append(_phase_rate(scene, phase, index))
        terms.append(f"tokens_{index} / rate_{index}")
    equation = f"({' + '.join(terms)}) / (max(goodput, {LOWEST_GOODPUT:g}) x {SECONDS_PER_DAY:g})"
    return Node(
        "training_days",
        "days of training",
        scene.performance.training_days.p50,
        "days",
        equation,
        None,
        (*children, goodput_node),
    )


def _phase_rate(scene: Scene, phase: PhaseTraining, index: int) -> Node:
    if phase is scene.main:
        rate = tokens_per_second(scene)
        return Node(f"rate_{index}", rate.name, rate.value, rate.unit, rate.equation, None, rate.children)
    step_s = scalar(phase.estimate.step.total)
    where = f"workload.phases[{index - 1}]"
    return Node(
        f"rate_{index}",
        f"tokens per second of phase {index}",
        phase.step_tokens / step_s,
        "tokens/s",
        "batch x sequence / step",
        None,
        (
            typed("batch", "sequences of a step", phase.workload.global_batch_sequences, "", where),
            typed("sequence", "sequence length", phase.workload.sequence_length, "tokens", where),
            Node("step", "seconds of a step", step_s, "s", method="as the main phase's, with its own layout"),
        ),
    )


def tokens_per_second(scene: Scene) -> Node:
    """Return the tree of the rate while training runs."""
    workload = scene.main.workload
    return Node(
        "tokens_per_second",
        "tokens per second of all chips while training runs",
        scene.performance.tokens_per_second.p50,
        "tokens/s",
        "batch x sequence / step_seconds",
        None,
        (
            typed(
                "batch",
                "sequences of a step",
                workload.global_batch_sequences,
                "",
                "workload.global_batch_sequences",
            ),
            typed(
                "sequence", "sequence length", workload.sequence_length, "tokens", "workload.sequence_length"
            ),
            step_seconds(scene),
        ),
    )


def tokens_per_second_per_chip(scene: Scene) -> Node:
    """Return the tree of one chip's rate."""
    chips = typed("chips", "chips of the pool", scene.pool.chips, "chips", "cluster.pools")
    return Node(
        "tokens_per_second_per_chip",
        "tokens per second and chip",
        scene.performance.tokens_per_second_per_chip.p50,
        "tokens/s",
        "tokens_per_second / chips",
        None,
        (tokens_per_second(scene), chips),
    )


def step_seconds(scene: Scene) -> Node:
    """Return the tree of one optimizer step: the sum of its exposed parts."""
    return Node(
        "step_seconds",
        "seconds of one step",
        scene.performance.step.seconds,
        "s",
        " + ".join(STEP_PARTS),
        None,
        tuple(step_part(scene, name) for name in STEP_PARTS),
    )


def interconnect(scene: Scene) -> Node:
    """Return the tree of the share of the step that waits for traffic."""
    step = Node("step_seconds", "seconds of one step", scene.performance.step.seconds, "s")
    return Node(
        "interconnect",
        "share of the step that waits for traffic; the bubble is not in it",
        scene.performance.interconnect.fraction,
        "share",
        f"({' + '.join(TRAFFIC)}) / step_seconds",
        None,
        (*(step_part(scene, name) for name in TRAFFIC), step),
    )


def interconnect_class(scene: Scene, name: str) -> Node:
    """Return the tree of one class's share of the step."""
    step = Node("step_seconds", "seconds of one step", scene.performance.step.seconds, "s")
    return Node(
        f"{name}_share",
        f"share of the step that waits for {STEP_PART_NAMES[name]}",
        scene.performance.interconnect.by_class[name],
        "share",
        f"{name} / step_seconds",
        None,
        (step_part(scene, name), step),
    )


def goodput(scene: Scene) -> Node:
    """Return the tree of the share of the time that makes progress."""
    between = _between_interruptions(scene)
    checkpoint = _checkpoint(scene)
    interval = Node(
        "interval",
        "seconds between checkpoints (Daly's optimum, first order)",
        scalar(scene.training.goodput.interval_s),
        "s",
        "max(sqrt(2 x checkpoint x between), 1)",
        None,
        (checkpoint, between),
    )
    return Node(
        "goodput",
        "share of the time that makes progress",
        scene.performance.goodput.p50,
        "share",
        "max(1 - checkpoint / interval - interval / (2 x between) - restart / between, 0)",
        None,
        (checkpoint, interval, between, _restart(scene)),
    )


def _checkpoint(scene: Scene) -> Node:
    name, seconds = "seconds that a checkpoint stops training", float(scene.training.reliability.checkpoint_s)
    rate = scene.resolved.plan.operations.checkpoint_bytes_per_s
    if rate is None:
        return constant("checkpoint", name, seconds, "s", "engine: checkpoint_s")
    note = "16-bit weight, master weight and moments of Adam in single precision (ZeRO, arXiv 1910.02054)"
    bytes_each, where = CHECKPOINT_BYTES_PER_PARAMETER, "engine: CHECKPOINT_BYTES_PER_PARAMETER"
    children = (
        parameters(scene.model),
        constant("bytes_each", "bytes of a checkpoint for each parameter", bytes_each, "B", where, note),
        typed("rate", "rate of a checkpoint", rate, "B/s", "operations.checkpoint_bytes_per_s"),
    )
    return Node("checkpoint", name, seconds, "s", "parameters x bytes_each / rate", None, children)


def _between_interruptions(scene: Scene) -> Node:
    reliability = scene.training.reliability
    hours = float(reliability.chip_mtbf_s) / SECONDS_PER_HOUR
    name = "hours between interruptions of one chip"
    if scene.resolved.plan.operations.chip_mtbf_hours is not None:
        mtbf = typed("mtbf", name, hours, "h", "operations.chip_mtbf_hours")
    else:
        note = "419 unexpected interruptions in 54 days on 16,384 H100 (Llama 3, arXiv 2407.21783, table 5)"
        mtbf = constant("mtbf", name, CHIP_MTBF_HOURS, "h", "engine: CHIP_MTBF_HOURS", note)
    chips = float(max(phase.layout.chips_used for phase in scene.training.phases))
    return Node(
        "between",
        "seconds between interruptions of the job",
        float(reliability.chip_mtbf_s) / chips,
        "s",
        f"mtbf x {SECONDS_PER_HOUR:g} / chips",
        None,
        (mtbf, chosen("chips", "chips that the layout uses", chips, scene, "chips")),
    )


def _restart(scene: Scene) -> Node:
    plan = scene.resolved.plan
    name, seconds = "seconds from a failure to the next step", float(scene.training.reliability.restart_s)
    if plan.operations.restart_s is not None:
        return typed("restart", name, seconds, "s", "operations.restart_s")
    return constant("restart", name, seconds, "s", "engine: restart_s")
