"""What every step trains on: the phases of a plan, and a batch as the engine takes it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from planner.domain.plan import Plan
from planner.domain.plan_strategy import Strategy
from planner.domain.stack import Stack
from planner.domain.training import TrainingRecipe
from planner.engine.attention import met_tokens
from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
from planner.engine.precisions import PRECISIONS, USUAL_PRECISION
from planner.planning.sample_lengths import learned_sequences, lengths_of, steps_of
from planner.planning.training_recipe import recipe_inputs
from planner.units import Span


@dataclass(frozen=True, slots=True)
class PhaseWorkload:
    """One phase with everything filled in."""

    tokens: float | Span
    sequence_length: int
    global_batch_sequences: int
    #: its own layout; None: the plan's
    strategy: Strategy | None = None
    #: share of the batch by which it may move
    batch_flex: float = 0.0
    #: mean length of what a sequence is packed of; None: of one document
    document_tokens: int | None = None

    @property
    def met_tokens(self) -> float:
        """The length over which attention looks."""
        return float(met_tokens(self.sequence_length, self.document_tokens or math.inf))


def phase_workloads(plan: Plan) -> tuple[PhaseWorkload, ...]:
    """Return the plan's phases; a plan without phases has one, as has post-training, which counts steps."""
    workload = plan.workload
    if workload.is_post_training:
        return (_post_training(plan),)
    if not workload.phases:
        assert workload.tokens is not None  # `resolve` asked whether the plan says it
        whole = PhaseWorkload(workload.tokens, workload.sequence_length, workload.global_batch_sequences)
        return (replace(whole, batch_flex=workload.batch_flex, document_tokens=workload.document_tokens),)
    return tuple(
        PhaseWorkload(
            phase.tokens,
            phase.sequence_length or workload.sequence_length,
            phase.global_batch_sequences or workload.global_batch_sequences,
            phase.layout,
            workload.batch_flex,
            workload.document_tokens,
        )
        for phase in workload.phases
    )


def _post_training(plan: Plan) -> PhaseWorkload:
    """Return what updates of post-training learn from: samples of the mean length, in all epochs."""
    spec = plan.post_training
    generates = plan.workload.kind == "reinforcement"
    sequence = max(round(lengths_of(spec, generates=generates).sequence), 1)
    learned = learned_sequences(spec, generates=generates)
    steps = steps_of(spec)
    # `resolve` asked whether the plan says them
    assert learned is not None
    assert steps is not None
    return PhaseWorkload(
        float(steps * spec.epochs * learned * sequence),
        sequence,
        min(plan.workload.global_batch_sequences, learned),
    )


def workload_inputs(
    stacks: Sequence[Stack],
    precision: str | None,
    recipe: TrainingRecipe,
    architecture: ArchitectureInputs,
    *,
    sequence_length: float,
    global_batch_sequences: float,
    document_tokens: float | None = None,
    features: Collection[str] = (),
) -> WorkloadInputs:
    """Return what every step trains on, and how: by a recipe, under a stack (its chain), at a precision."""
    return WorkloadInputs(
        sequence_length=sequence_length,
        global_batch_sequences=global_batch_sequences,
        document_tokens=document_tokens or math.inf,
        is_low_precision=float(PRECISIONS[precision or USUAL_PRECISION].is_low),
        **recipe_inputs(recipe, stacks, architecture, precision, features),
    )
