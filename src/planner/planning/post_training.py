"""From `[post_training]` of a plan or a run to the engine: who generates, who learns, one step of both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from planner.domain.post_training import PostTraining
from planner.domain.post_training_fit import PostTrainingFit
from planner.engine.arrays import FloatArray
from planner.engine.decoding import DecodingConstants, Replica, counts_of
from planner.engine.inputs import ArchitectureInputs, ChipInputs, NetworkInputs, StackConstants
from planner.engine.post_training import (
    Between,
    PostTrainingStep,
    UpdateTimes,
    forward_s,
    post_training_step,
    swap_s,
    transfer_s,
)
from planner.engine.precisions import DATATYPE_BITS, PRECISIONS, USUAL_PRECISION
from planner.engine.recipe import HOST_LINK_SHARE
from planner.engine.response_lengths import ResponseLengths, response_lengths
from planner.engine.rollout import RolloutTimes, RolloutWork, rollout_times
from planner.engine.work import ModelWork
from planner.errors import InfeasibleError, PlanError
from planner.planning.sample_lengths import Lengths, learned_sequences, lengths_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTrainingConstants:
    """What rollout engines and training loops reach; priors, of which fitted ones stand in the profiles."""

    decoding: DecodingConstants = field(default_factory=DecodingConstants)
    #: time of an update over that of a pre-training step of as many tokens: lengths differ, batches are cut
    #: anew; assumed. [-]
    update_factor: float = 1.3
    #: of a step, data, rewards, logging and checks; assumed. [s]
    step_overhead_s: float = 10.0
    #: of a port's rate, what a transfer of weights reaches: 0.08 to 0.4 (verl, docs/advance/fully_async.md:
    #: 4.4 to 15.8 s for 30B parameters, 23.7 to 58.6 for 235B, with ports of 50 GB/s). [-]
    transfer_efficiency: float = 0.2
    #: spread of the logarithm of a step about the model, where lengths are known and where they are assumed
    log_spread: float = 0.35
    assumed_log_spread: float = 0.6
    #: of one of several steps of one job about what they share; None: nobody knows that they share anything
    pair_log_spread: float | None = None


def constants_of(fit: PostTrainingFit, pace: str) -> PostTrainingConstants:
    """Return the constants of a rollout engine on a generation of chips, `vllm:hopper`; else of any."""
    own = fit.paces.get(pace)
    rollout, update = (own.rollout, own.update) if own else (1.0, 1.0)
    return PostTrainingConstants(
        decoding=DecodingConstants(
            memory_efficiency=fit.memory_efficiency / rollout,
            matmul_efficiency=float(DecodingConstants().matmul_efficiency) / rollout,
            token_overhead_s=fit.token_overhead_s * rollout,
            sequence_overhead_s=fit.sequence_overhead_s * rollout,
            expert_layer_s=fit.expert_layer_s * rollout,
            eager_layer_s=fit.eager_layer_s * rollout,
        ),
        update_factor=fit.update_factor * update,
        step_overhead_s=fit.step_overhead_s,
        transfer_efficiency=fit.transfer_efficiency,
        log_spread=fit.log_spread,
        assumed_log_spread=fit.assumed_log_spread,
        pair_log_spread=fit.pair_log_spread,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Generating:
    """The chips that generate."""

    chips: float
    chip: ChipInputs
    network: NetworkInputs
    stack: StackConstants
    precision: str | None = None
    #: chips of one copy of the model; None: searched
    tensor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Updating:
    """The chips that learn, by a step of the training engine."""

    #: one optimizer step, at the medians and over draws, its sequences, and of it the optimizer's part. [s]
    step_s: FloatArray
    optimizer_s: FloatArray
    batch_sequences: float
    #: share of the layers that the step runs again. [-]
    again: float
    #: passes over the weights that the backward one costs: two, or one where they stand still. [-]
    backward: float
    #: weights, gradients and optimizer states of a chip. [B]
    states_bytes: float
    host_bytes_per_s: float
    #: one port, over which weights leave. [B/s]
    link_bytes_per_s: float
    #: of all lines between two pools together. [B/s]
    shared_bytes_per_s: float = math.inf


@dataclass(frozen=True, slots=True, eq=False)
class PostTrained:
    """One step, with the rollout behind it and how many chips a generating copy of the model has."""

    step: PostTrainingStep
    rollout: RolloutTimes
    lengths: Lengths
    tensor: float
    samples: float
    #: optimizer steps of one step. [-]
    updates: float
    is_split: bool
    #: all weights, as the side that generates holds them. [B]
    weights_bytes: float


def post_trained(
    spec: PostTraining,
    architecture: ArchitectureInputs,
    work: ModelWork,
    generating: Generating | None,
    updating: Updating,
    constants: PostTrainingConstants,
) -> PostTrained:
    """Return one step; `generating` is None where pairs are read and nothing is generated.

    Raises
    ------
    PlanError
        Where the plan does not say how many samples a step has.
    InfeasibleError
        Where no copy of the model fits the chips that generate.
    """
    samples = spec.samples_per_step
    if samples is None:
        raise PlanError("post_training.prompts_per_step: is not said; expected a number such as 512")
    lengths = lengths_of(spec, generates=generating is not None)
    is_split = float(spec.pools == "split")
    rollout, tensor = _rolled(spec, architecture, work, generating, samples, lengths, constants)
    sequences = float(learned_sequences(spec, generates=generating is not None) or 0)
    learns = updates_of(spec, architecture, updating, sequences, constants, generates=generating is not None)
    weights = float(counts_of(architecture).total) * _bytes_of(generating)
    between = Between(
        transfer=np.maximum(
            transfer_s(weights, updating.link_bytes_per_s, constants.transfer_efficiency),
            weights / updating.shared_bytes_per_s,
        ),
        swap=swap_s(updating.states_bytes, updating.host_bytes_per_s, HOST_LINK_SHARE),
        overhead=constants.step_overhead_s,
    )
    step = post_training_step(
        rollout,
        learns,
        between,
        is_split=is_split,
        staleness=spec.staleness,
        parts=float(spec.update_parts),
        goes_on=float(spec.partial_rollouts),
        overlaps_environment=float(spec.overlaps_environment),
    )
    return PostTrained(
        step,
        rollout,
        lengths,
        tensor,
        sequences,
        spec.epochs * sequences / updating.batch_sequences,
        bool(is_split),
        weights,
    )


def updates_of(
    spec: PostTraining,
    architecture: ArchitectureInputs,
    updating: Updating,
    sequences: float,
    constants: PostTrainingConstants,
    *,
    generates: bool,
) -> UpdateTimes:
    """Return what the learning side does of a step of so many sequences."""
    steps = sequences / updating.batch_sequences
    total = float(counts_of(architecture).total)
    once = forward_s(updating.step_s, updating.optimizer_s, updating.again, updating.backward)
    forward = constants.update_factor * steps * once
    critic = float(spec.critic != "none")

    def beside(kind: str, parameters: float | None) -> FloatArray:
        share = 0.0 if kind == "none" else (parameters or total) / total
        return np.asarray(forward * share)

    return UpdateTimes(
        # pairs are held against the reference's alone
        log_prob=np.asarray(forward * (float(generates and spec.log_probs == "computed") + critic)),
        reference=beside(spec.reference, spec.reference_parameters),
        reward=beside(spec.reward, spec.reward_parameters),
        update=np.asarray(constants.update_factor * spec.epochs * steps * updating.step_s * (1.0 + critic)),
    )


def _bytes_of(generating: Generating | None) -> float:
    name = (generating.precision if generating else None) or USUAL_PRECISION
    return DATATYPE_BITS[PRECISIONS[name].datatype] / 8.0


def _rolled(
    spec: PostTraining,
    architecture: ArchitectureInputs,
    work: ModelWork,
    generating: Generating | None,
    samples: float,
    lengths: Lengths,
    constants: PostTrainingConstants,
) -> tuple[RolloutTimes, float]:
    """Return the rollout over the best degree of tensor parallelism, and that degree."""
    if generating is None:
        nothing = np.zeros(())
        return RolloutTimes(*(nothing,) * 9), 1.0
    degrees = np.array(_degrees(generating))
    replica = Replica(
        architecture=architecture,
        tensor=degrees,
        weight_bytes=_bytes_of(generating),
        chip=generating.chip,
        network=generating.network,
        stack=generating.stack,
        constants=_engine_of(spec, constants.decoding),
    )
    rollout = RolloutWork(
        samples=float(samples),
        samples_per_prompt=float(spec.samples_per_prompt),
        # beside one that learns, samples of as many steps are begun as may be old
        steps_in_flight=max(spec.staleness, 1.0) if spec.pools == "split" else 1.0,
        prompt_tokens=lengths.prompt,
        responses=_responses(lengths.response, lengths.longest, lengths.shape),
        tokens_per_step=spec.tokens_per_step,
        environment_s=spec.environment_s * spec.turns,
        overlaps_environment=float(spec.overlaps_environment),
    )
    found = rollout_times(replica, np.maximum(np.floor(generating.chips / degrees), 1.0), work, rollout)
    totals = np.atleast_1d(found.total)
    best = int(np.argmin(totals))
    if not np.isfinite(totals[best]):
        pinned = "" if generating.tensor is None else f".rollout_tensor = {generating.tensor:,.0f}"
        raise InfeasibleError(
            f"post_training{pinned}: no copy of the model with one sample of {lengths.sequence:,.0f} tokens "
            f"fits into {max(degrees):,.0f} chips; it takes more of them, or a rollout in fewer bits"
        )
    columns = {
        name: np.asarray(np.broadcast_to(np.atleast_1d(getattr(found, name)), totals.shape)[best])
        for name in RolloutTimes.__slots__
    }
    return replace(found, **columns), float(degrees[best])


def _engine_of(spec: PostTraining, constants: DecodingConstants) -> DecodingConstants:
    """Return an engine's constants as a recipe sets it: sequences at once, with or without graphs."""
    most = constants.most_live if spec.rollout_sequences is None else float(spec.rollout_sequences)
    return replace(constants, most_live=most, is_eager=float(spec.rollout_eager))


@lru_cache(maxsize=512)
def _responses(mean: float, longest: float, shape: float) -> ResponseLengths:
    """Return a distribution; a fit asks for the same ones thousands of times."""
    return response_lengths(mean, longest, shape)


def _degrees(generating: Generating) -> Sequence[float]:
    """Return the degrees of tensor parallelism to try: that which is said, or powers of two."""
    if generating.tensor is not None:
        if generating.tensor > generating.chips:
            raise PlanError(
                f"post_training.rollout_tensor = {generating.tensor:,.0f}: expected the "
                f"{generating.chips:,.0f} chips that generate, or fewer"
            )
        return [generating.tensor]
    most = int(math.log2(max(min(generating.chips, 64.0), 1.0)))
    return [2.0**power for power in range(most + 1)]
