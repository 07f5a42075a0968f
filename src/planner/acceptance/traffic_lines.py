"""What a layout sends: collectives with their ranks, stride and messages, as a tool would time them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.domain.plan_acceptance import ClusterComponent
from planner.engine.arrays import at_median
from planner.engine.collective_words import Collective
from planner.engine.data_exchange import stage_parameters
from planner.engine.work import HALF_BYTES
from planner.planning.training import PhaseTraining


@dataclass(frozen=True, slots=True)
class Sent:
    """One class of traffic of a step, as one collective."""

    component: ClusterComponent
    title: str
    collective: Collective
    ranks: float
    #: neighbouring ranks lie so many chips apart
    stride: float
    message_bytes: float
    #: seconds of a step that wait for it, and its share of the step
    exposed_s: float
    share: float
    #: what it is for, as the end of a sentence
    purpose: str


def sent_by(phase: PhaseTraining) -> Iterator[Sent]:
    """Yield each class of traffic that a phase's layout has."""
    layout, work, terms = phase.layout, phase.job.work, phase.estimate.step.terms
    tokens, hidden = at_median(terms.tokens), at_median(work.hidden)
    activations = tokens * HALF_BYTES * hidden
    sharded = bool(np.ravel(np.asarray(phase.layouts.is_sequence_parallel))[0])
    if layout.tp > 1:
        yield _sent(
            phase,
            "tensor",
            "tensor parallelism",
            "all_gather" if sharded else "all_reduce",
            layout.tp,
            1,
            activations,
            "activations of every layer and microbatch go through it",
        )
    if layout.cp > 1:
        message = tokens * HALF_BYTES * at_median(work.key_value_width) / layout.tp
        purpose = "keys and values of every layer go once around it"
        yield _sent(
            phase, "context", "context parallelism", "sendrecv", layout.cp, layout.tp, message, purpose
        )
    if layout.ep > 1:
        copies = (
            tokens * HALF_BYTES * at_median(work.expert_hidden) * at_median(work.active_experts) / layout.tp
        )
        purpose = "every token goes to its experts and back by it"
        yield _sent(phase, "expert", "expert parallelism", "alltoall", layout.ep, layout.etp, copies, purpose)
    if layout.pp > 1:
        stride = layout.tp * layout.cp * layout.dp
        purpose = "activations go from stage to stage by it"
        yield _sent(
            phase, "pipeline_p2p", "pipeline stages", "sendrecv", 2, stride, activations / layout.tp, purpose
        )
    ranks = layout.dp * layout.cp
    if ranks > 1:
        dense, _ = stage_parameters(work, phase.layouts, terms.layers)
        bucket = (
            at_median(dense)
            / max(at_median(terms.layers), 1.0)
            * at_median(np.asarray(phase.job.machine.stack.gradient_bytes))
        )
        shards = (
            min(float(np.ravel(np.asarray(phase.layouts.shard_ranks))[0]), ranks) if layout.zero else ranks
        )
        collective: Collective = "reduce_scatter" if layout.zero else "all_reduce"
        purpose = "gradients of every layer are reduced by it"
        yield _sent(phase, "data", "data parallelism", collective, shards, layout.tp, bucket, purpose)


def _sent(
    phase: PhaseTraining,
    component: ClusterComponent,
    title: str,
    collective: Collective,
    ranks: float,
    stride: float,
    message_bytes: float,
    purpose: str,
) -> Sent:
    step = phase.estimate.step
    exposed = at_median(getattr(step, component))
    share = exposed / at_median(step.total)
    return Sent(
        component, title, collective, float(ranks), float(stride), message_bytes, exposed, share, purpose
    )
