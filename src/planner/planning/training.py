"""Training on one pool: the layout of each phase, its step, and the time that all phases take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture
from planner.domain.plan import Plan
from planner.engine.architecture import parameter_counts, training_flops_per_token
from planner.engine.arrays import FloatArray
from planner.engine.estimate import LayoutEstimate
from planner.engine.goodput import Goodput, ReliabilityInputs, checkpoint_stall_s, goodput
from planner.engine.inputs import Layouts
from planner.engine.layouts import COLUMNS
from planner.engine.recompute import RECOMPUTE
from planner.engine.schedules import plainest_schedule
from planner.engine.search import Found
from planner.engine.uncertainty import standard_draws, uniform_draws
from planner.planning.job import Job, job_of_plan
from planner.planning.layout_space import LayoutSpace
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.result import LayoutChoice
from planner.planning.stack import FittedStack
from planner.planning.workload import PhaseWorkload, phase_workloads
from planner.units import SECONDS_PER_HOUR, Span

Cancelled = Callable[[], bool]

#: Spread of the logarithm of a chip's mean time between interruptions, where a plan does not know its own:
#: from 8,000 h (1,024 A100 of a research cluster, 7.9 h) to 50,700 h (16,384 H100, 3.1 h) is two of these
#: to either side.
MTBF_LOG_SPREAD = 0.45
#: A cluster that fails faster than it restarts is shown as hopeless, not as infinite.
LOWEST_GOODPUT = 0.01


@dataclass(frozen=True, slots=True)
class PhaseTraining:
    """One phase on one pool."""

    workload: PhaseWorkload
    #: what the engine was told, and the one layout that it chose
    job: Job
    layouts: Layouts
    #: the same layout as people read it
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
    reliability: ReliabilityInputs
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
    job: Job
    found: Found


def reliability_of(plan: Plan, parameters: float) -> ReliabilityInputs:
    """Return how often the plan's cluster fails and what that costs; the engine's defaults where it is mute.

    `parameters` are the model's, all of which a checkpoint holds.
    """
    default = ReliabilityInputs()
    operations = plan.operations
    rate = operations.checkpoint_bytes_per_s
    return ReliabilityInputs(
        chip_mtbf_s=(operations.chip_mtbf_hours or 0) * SECONDS_PER_HOUR or default.chip_mtbf_s,
        restart_s=operations.restart_s if operations.restart_s is not None else default.restart_s,
        checkpoint_s=default.checkpoint_s if rate is None else float(checkpoint_stall_s(parameters, rate)),
    )


def train(resolved: ResolvedPlan, pool: ResolvedPool, *, cancelled: Cancelled) -> Training | NoTraining:
    """Return the training of all phases on one pool, or why there is none.

    Raises
    ------
    PlanError
        Where a profile lacks a figure that the estimate needs, or what the plan pins contradicts itself.
    """
    phases = []
    for index, workload in enumerate(phase_workloads(resolved.plan)):
        outcome = _train_phase(workload, job_of_plan(resolved, pool, workload), index, cancelled)
        if isinstance(outcome, NoTraining):
            return outcome
        phases.append(outcome)
    return _training(tuple(phases), resolved.plan)


def _training(phases: tuple[PhaseTraining, ...], plan: Plan) -> Training:
    chips = float(max(phase.layout.chips_used for phase in phases))
    reliability = reliability_of(plan, float(parameter_counts(phases[0].job.architecture).total))
    good = goodput(chips, reliability)
    share = max(float(good.goodput), LOWEST_GOODPUT)
    spread = MTBF_LOG_SPREAD if plan.operations.chip_mtbf_hours is None else 0.0
    between = np.asarray(reliability.chip_mtbf_s) * np.exp(spread * standard_draws(["mtbf"])["mtbf"])
    drawn = goodput(chips, replace(reliability, chip_mtbf_s=between)).goodput
    share_draws = np.maximum(drawn, LOWEST_GOODPUT)
    seconds = sum(
        phase.tokens / phase.step_tokens * float(np.ravel(phase.estimate.step.total)[0]) for phase in phases
    )
    draws = sum(
        (phase.token_draws / phase.step_tokens * phase.estimate.step_draws for phase in phases),
        start=np.zeros(1),
    )
    return Training(
        phases=phases,
        reliability=reliability,
        goodput=good,
        goodput_draws=share_draws,
        fitted=phases[0].job.fitted,
        seconds=seconds / share,
        second_draws=np.asarray(draws / share_draws),
    )


def _train_phase(
    workload: PhaseWorkload, job: Job, index: int, cancelled: Cancelled
) -> PhaseTraining | NoTraining:
    found = job.search(cancelled=cancelled)
    if len(found.rows) == 0:
        return NoTraining(workload, job, found)
    layouts = job.space.layouts(found.rows[0])
    middle, draws = amount_draws(workload.tokens, f"workload.phases[{index}].tokens")
    return PhaseTraining(
        workload=workload,
        job=job,
        layouts=layouts,
        layout=layout_choice(found.rows[0], job.space, workload.global_batch_sequences),
        estimate=job.estimate(layouts),
        found=found,
        tokens=middle,
        token_draws=draws,
    )


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
    recompute = next(name for name, mode in RECOMPUTE.items() if mode.shares == again)
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
        schedule=space.schedule or plainest_schedule(degree["virtual_stages"]),
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
