"""What rollout engines and training loops reach: constants fitted on published steps of post-training."""

from typing import Annotated

from pydantic import Field

from planner.domain.base import Model, SafeText
from planner.domain.ranges import Range

Factor = Annotated[float, Range(0.05, 20, "nothing is twenty times faster than it was read")]
Share = Annotated[float, Range(0.001, 1, "some of a rate is reached")]
OverheadSeconds = Annotated[float, Range(1e-6, 3600, "no time is less than none")]
LogSpread = Annotated[float, Range(0.01, 3, "published steps scatter")]
Covered = Annotated[float, Range(0, 1, "a share of rows is none to all of them")]
Error = Annotated[float, Range(0, 1e6, "no error is less than none")]
Number = Annotated[int, Range(0, 1_000_000, "runs are counted")]


class Pace(Model):
    """A rollout engine on a generation of chips: factors on the time of its phases, about 1."""

    rollout: Factor
    update: Factor
    #: published steps behind it, and of how many sources
    runs: Number
    run_sources: Number


class ErrorsOfRows(Model):
    """Errors of some steps whose group no fit saw, as shares."""

    rows: Number
    median: Share
    p90: Error


class HeldOutRows(Model):
    """Errors of rows that no constant saw, beside those of both null models; as shares."""

    rows: Number
    median: Error
    p90: Error
    null_chip_median: Error
    null_model_chip_median: Error
    #: of the 80 % band
    coverage: Covered


class HeldOutErrors(HeldOutRows):
    """Of steps whose group no fit saw, and of what else is told apart."""

    #: of those whose source says how long responses are, and of those where that is assumed; absent of none
    lengths_stated: ErrorsOfRows | None = None
    lengths_assumed: ErrorsOfRows | None = None
    #: of steps of fine-tuning, with their bands and null models of other sources; absent of none
    fine_tuning: HeldOutRows | None = None


class PostTrainingFit(Model):
    """`profiles/post_training.toml`."""

    text: SafeText
    runs: Number
    run_sources: Number
    memory_efficiency: Share
    token_overhead_s: OverheadSeconds
    sequence_overhead_s: OverheadSeconds
    expert_layer_s: OverheadSeconds
    #: of engines without captured graphs alone
    eager_layer_s: OverheadSeconds
    transfer_efficiency: Share
    update_factor: Factor
    step_overhead_s: OverheadSeconds
    #: of a step about the model, by groups that were held out: where its mean length is known, or assumed
    log_spread: LogSpread
    assumed_log_spread: LogSpread
    #: of a step of fine-tuning about the training engine, of whose constants none is fitted to any; absent
    #: before any was seen
    fine_tuning_log_spread: LogSpread | None = None
    #: of one of two steps of one job about what both share, and how many pairs say so; absent of few pairs
    pair_log_spread: LogSpread | None = None
    pairs: Number = 0
    #: absent before any fit
    held_out: HeldOutErrors | None = None
    #: by rollout engine and generation, `vllm:hopper`
    paces: dict[SafeText, Pace] = Field(default_factory=dict, max_length=200)
