"""A published step of post-training: what was run, and what its step and its phases took."""

from typing import Annotated, Final

from pydantic import Field

from planner.domain.base import Model, SafeText
from planner.domain.post_training import PostTraining, WorkloadKind
from planner.domain.ranges import Range
from planner.domain.run import RowFile, Run, RunTier

#: The kind whose step is the training engine's alone: it is scored apart from those with a rollout or pairs.
FINE_TUNING: Final = "fine-tuning"

PhaseSeconds = Annotated[float, Range(1e-6, 1e9, "what was measured took some time")]
Rate = Annotated[float, Range(1e-9, 1e12, "what was measured is more than nothing")]


class MeasuredStep(Model):
    """What a source says of a step; a phase that is absent is unknown."""

    step_s: PhaseSeconds | None = None
    rollout_s: PhaseSeconds | None = None
    log_prob_s: PhaseSeconds | None = None
    reference_s: PhaseSeconds | None = None
    update_s: PhaseSeconds | None = None
    #: what the updating side of an asynchronous run waits, which is no phase
    wait_for_rollout_s: PhaseSeconds | None = None
    #: tokens of prompts and responses over the step's time and all chips; the step is computed from it
    #: where it is absent
    tokens_per_s_per_chip: Rate | None = None
    samples_per_s: Rate | None = None


class PostTrainingRun(Run):
    """One `[[run]]` of `profiles/rl_runs/<source>.toml`; `sequence_length` is the mean of a step's."""

    tier: RunTier = "B"
    kind: WorkloadKind = "reinforcement"
    post_training: PostTraining = Field(default_factory=PostTraining)
    measured: MeasuredStep = Field(default_factory=MeasuredStep)
    #: names the runs that it is a pair of: the same job, synchronous and asynchronous, or split two ways
    pair: SafeText | None = None
    #: why it is not scored, as the end of a sentence
    inexpressible: SafeText | None = None


class PostTrainingFile(RowFile[PostTrainingRun]):
    """A file of post-training runs."""
