"""Training on one pool: the layout of each phase, its step, and the time that all phases take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.domain.architecture import Architecture
from planner.domain.plan import Plan, Recompute, Schedule
from planner.engine.architecture import training_flops_per_token
from planner.engine.arrays import FloatArray
from planner.engine.estimate import LayoutEstimate, estimate_layout
from planner.engine.goodput import Goodput, ReliabilityInputs, goodput
from planner.engine.inputs import WorkloadInputs
from planner.engine.layouts import COLUMNS, as_layouts
from planner.engine.search import Found, Machine, search
from planner.engine.uncertainty import standard_draws, uniform_draws
from planner.engine.work import model_work
from planner.planning.engine_inputs import (
    FittedStack,
    architecture_inputs,
    chip_inputs,
    drops_unused_recompute,
    held_gradient_bytes,
    network_inputs,
    stack_constants,
)
from planner.planning.grid import RECOMPUTE, LayoutSpace, layout_space
from planner.planning.resolve import LOW_PRECISIONS, ResolvedPool
from planner.planning.result import LayoutChoice
from planner.units import SECONDS_PER_HOUR, Span

Cancelled = Callable[[], bool]

#: Spread of the logarithm of a chip's mean time between interruptions, where a plan does not know its own:
#: from 8,000 h (1,024 A100 of a research cluster, 7.9 h) to 50,700 h (16,384 H100, 3.1 h) is two of these
#: to either side.
MTBF_LOG_SPREAD = 0.45
#: A cluster that fails faster than it restarts is shown as hopeless, not as infinite.
LOWEST_GOODPUT = 0.01


@dataclass(frozen=True, slots=True)
class PhaseWorkload:
    """One phase with everything filled in."""

    tokens: float | Span
    sequence_length: int
    global_batch_sequences: int


@dataclass(frozen=True, slots=True)
class PhaseTraining:
    """One phase on one pool."""

    workload: PhaseWorkload
    layout: LayoutChoice
    estimate: LayoutEstimate
    found: Found
    #: tokens of the phase, at the middle and (draws,)
    tokens: float
    token_draws: FloatArray

    @property
    def step_tokens(self) -> float:
        """Tokens of one step."""
        return float(self.workload.global_batch_sequences * self.workload.sequence_length)


@dataclass(frozen=True, slots=True)
class Training:
    """All phases on one pool; `seconds` are calendar time, goodput included."""

    phases: tuple[PhaseTraining, ...]
    goodput: Goodput
    #: (draws,) [-]
    goodput_draws: FloatArray
    fitted: FittedStack
    seconds: float
    second_draws: FloatArray

    @property
    def main(self) -> PhaseTraining:
        """The phase that trains most tokens: whose step and layout are shown."""
        return max(self.phases, key=lambda phase: phase.tokens)

    @property
    def tokens(self) -> float:
        """Tokens of all phases."""
        return sum(phase.tokens for phase in self.phases)


@dataclass(frozen=True, slots=True)
class NoTraining:
    """Why a pool cannot run the plan, and how far it is from it."""

    workload: PhaseWorkload
    found: Found
    usable_bytes: float
    space: LayoutSpace


def phase_workloads(plan: Plan) -> tuple[PhaseWorkload, ...]:
    """Return the plan's phases; a plan without phases has one."""
    workload = plan.workload
    if not workload.phases:
        assert workload.tokens is not None  # the model's validator: tokens or phases
        return (PhaseWorkload(workload.tokens, workload.sequence_length, workload.global_batch_sequences),)
    return tuple(
        PhaseWorkload(
            phase.tokens,
            phase.sequence_length or workload.sequence_length,
            phase.global_batch_sequences or workload.global_batch_sequences,
        )
        for phase in workload.phases
    )


def machine_of(pool: ResolvedPool, plan: Plan) -> tuple[Machine, FittedStack]:
    """Return what the engine is told of a pool."""
    fitted = stack_constants(pool.stacks, pool.chip.generation)
    machine = Machine(
        chip=chip_inputs(pool, plan.workload.precision), network=network_inputs(pool), stack=fitted.constants
    )
    return machine, fitted


def reliability_of(plan: Plan) -> ReliabilityInputs:
    """Return how often the plan's cluster fails; the engine's defaults where it does not say."""
    default = ReliabilityInputs()
    operations = plan.operations
    return ReliabilityInputs(
        chip_mtbf_s=(operations.chip_mtbf_hours or 0) * SECONDS_PER_HOUR or default.chip_mtbf_s,
        restart_s=operations.restart_s if operations.restart_s is not None else default.restart_s,
        checkpoint_s=default.checkpoint_s,
    )


def train(
    plan: Plan, architecture: Architecture, pool: ResolvedPool, *, cancelled: Cancelled
) -> Training | NoTraining:
    """Return the training of all phases on one pool, or why there is none."""
    machine, fitted = machine_of(pool, plan)
    phases = []
    for index, workload in enumerate(phase_workloads(plan)):
        outcome = _train_phase(plan, architecture, pool, machine, fitted, workload, index, cancelled)
        if isinstance(outcome, NoTraining):
            return outcome
        phases.append(outcome)
    chips = max(phase.layout.chips_used for phase in phases)
    reliability = reliability_of(plan)
    good = goodput(float(chips), reliability)
    share = max(float(good.goodput), LOWEST_GOODPUT)
    spread = MTBF_LOG_SPREAD if plan.operations.chip_mtbf_hours is None else 0.0
    between = np.asarray(reliability.chip_mtbf_s) * np.exp(spread * standard_draws(["mtbf"])["mtbf"])
    drawn = goodput(float(chips), replace(reliability, chip_mtbf_s=between)).goodput
    share_draws = np.maximum(drawn, LOWEST_GOODPUT)
    seconds = sum(phase.tokens / phase.step_tokens * _seconds(phase.estimate) for phase in phases)
    draws = sum(
        (phase.token_draws / phase.step_tokens * phase.estimate.step_draws for phase in phases),
        start=np.zeros(1),
    )
    return Training(
        tuple(phases), good, share_draws, fitted, seconds / share, np.asarray(draws / share_draws)
    )


def _seconds(estimate: LayoutEstimate) -> float:
    return float(np.ravel(estimate.step.total)[0])


def _train_phase(
    plan: Plan,
    architecture: Architecture,
    pool: ResolvedPool,
    machine: Machine,
    fitted: FittedStack,
    workload: PhaseWorkload,
    index: int,
    cancelled: Cancelled,
) -> PhaseTraining | NoTraining:
    space = layout_space(
        plan,
        architecture,
        fuses_tensor_collectives=pool.stacks[0].fuses_tensor_collectives,
        drops_unused_recompute=drops_unused_recompute(pool.stacks[0]),
        chips=pool.chips,
        domain_chips=float(machine.network.domain_chips),
        batch=workload.global_batch_sequences,
        sequence=workload.sequence_length,
    )
    inputs = WorkloadInputs(
        sequence_length=float(workload.sequence_length),
        global_batch_sequences=float(workload.global_batch_sequences),
        is_low_precision=float(plan.workload.precision in LOW_PRECISIONS),
        held_gradient_bytes=held_gradient_bytes(pool.stacks[0], plan.workload.precision),
    )
    work = model_work(architecture_inputs(architecture), inputs)
    found = search(work, space.grid, machine, inputs, cancelled=cancelled, fixed=space.fixed)
    if len(found.rows) == 0:
        usable = float(machine.chip.memory_bytes)
        return NoTraining(workload, found, usable, space)
    layouts = as_layouts(found.rows[:1].T.copy(), **space.fixed)
    residual = fitted.residuals.of(is_stated=True, is_mixture=architecture.mixture is not None)
    estimate = estimate_layout(work, layouts, machine, inputs, fitted.log_spreads, residual)
    layout = layout_choice(found.rows[0], space, workload.global_batch_sequences)
    middle, draws = amount_draws(workload.tokens, f"workload.phases[{index}].tokens")
    return PhaseTraining(workload, layout, estimate, found, middle, draws)


def amount_draws(amount: float | Span, name: str) -> tuple[float, FloatArray]:
    """Return the middle of an amount and its draws: uniform over a span, else the amount itself."""
    if isinstance(amount, Span):
        return amount.middle, amount.low + (amount.high - amount.low) * uniform_draws(name)
    return amount, np.array([amount])


def layout_choice(row: FloatArray, space: LayoutSpace, batch: int) -> LayoutChoice:
    """Return a candidate as people read it."""
    value = {name: float(row[position]) for position, name in enumerate(COLUMNS)}
    degree = {name: int(value[name]) for name in COLUMNS if not name.startswith("recompute")}
    again = (value["recompute_attention"], value["recompute_layers"])
    recompute: Recompute = next((name for name, pair in RECOMPUTE.items() if pair == again), "none")
    inferred: Schedule = "interleaved" if degree["virtual_stages"] > 1 else "1f1b"
    per_step = degree["data"] * degree["microbatch"]
    return LayoutChoice(
        tp=degree["tensor"],
        cp=degree["context"],
        ep=degree["expert"],
        pp=degree["pipeline"],
        vpp=degree["virtual_stages"],
        dp=degree["data"],
        microbatch=degree["microbatch"],
        zero=degree["zero"],
        recompute=recompute,
        schedule=space.schedule or inferred,
        microbatches=-(-batch // per_step),
        chips_used=degree["tensor"] * degree["context"] * degree["pipeline"] * degree["data"],
        origin="given" if space.is_given else "searched",
    )


def flops_per_token(
    architecture: Architecture, sequence_length: int, *, causal: bool, with_prediction: bool = True
) -> float:
    """Return model FLOPs of one training token by a convention. [FLOP]."""
    inputs = architecture_inputs(architecture)
    return float(
        training_flops_per_token(
            inputs, float(sequence_length), causal=causal, with_prediction=with_prediction
        )
    )
