"""A pilot of a plan: one step that the team measures itself, before it signs for the whole cluster."""

import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Seconds
from planner.domain.base import Identifier, Model, SafeText
from planner.domain.keys import Key
from planner.domain.plan_strategy import Strategy
from planner.domain.plan_workload import BatchSequences, SequenceLength
from planner.domain.post_training import Prompts
from planner.domain.ranges import Range

PilotChips = Annotated[int, Range(1, 100_000_000, "a step is measured on a chip")]
PilotLayers = Annotated[int, Range(1, 100_000, "a model has a layer")]
Rate = Annotated[float, Range(1e-6, 1e12, "what was measured is more than nothing")]
StepSeconds = Annotated[Seconds, Range(1e-6, 1e7, "a step takes some time", "a step takes minutes at most")]

#: Keys of a pilot that only post-training has.
PILOT_OF_STEPS = ("rollout_chips", "prompts_per_step")


class Pilot(Model):
    """One `[[pilot]]`: the plan's model and software, timed on some chips of one of its pools."""

    chips: Annotated[
        PilotChips,
        Key(
            "chips",
            "On how many chips the step was timed: one node of the pool's chips speaks for all of them.",
            find="Your own measurement.",
            example="8",
        ),
    ]
    pool: Annotated[
        Identifier | None,
        Key(
            "pool",
            "The pool whose chips they were.",
            absent="the only pool; of post-training the one that learns",
            example="train",
        ),
    ] = None
    rollout_chips: Annotated[
        PilotChips | None,
        Key(
            "rollouts",
            "Of post-training on chips of their own, how many generated beside those that learned.",
            absent="in proportion to the plan's",
            example="16",
        ),
    ] = None
    prompts_per_step: Annotated[
        Prompts | None,
        Key(
            "prompts",
            "Of post-training, prompts of one step of the pilot.",
            absent="in proportion to the plan's, by the chips that learn",
            example="64",
        ),
    ] = None
    global_batch_sequences: Annotated[
        BatchSequences,
        Key("batch", "Sequences of the step that was timed, over all its chips.", example="64"),
    ]
    #: absent: the plan's
    sequence_length: Annotated[
        SequenceLength | None,
        Key("sequence", "Tokens of one sequence of the pilot.", absent="the plan's", example="4,096"),
    ] = None
    #: layers of the plan's model that it ran, where the whole model does not fit on so few chips
    layers: Annotated[
        PilotLayers | None,
        Key(
            "layers",
            "How many layers of the model the pilot ran, where the whole does not fit on so few chips.",
            absent="all",
            example="4",
        ),
    ] = None
    tokens_per_s_per_chip: Annotated[
        Rate | None,
        Key(
            "rate",
            "Tokens per second of each chip, as your training log shows them.",
            absent="the step's seconds say it",
            find="The steady part of a log: without compiling, warming up and saving.",
            example="9,500",
            rivals=("step_s",),
        ),
    ] = None
    #: neither a rate nor this: the pilot is planned, and told what it would say
    step_s: Annotated[
        StepSeconds | None,
        Key(
            "step",
            "Seconds of one optimizer step, in place of the rate; of post-training, of a whole step.",
            absent="the rate says it; without either the pilot is not measured yet",
            example="27.6",
            rivals=("tokens_per_s_per_chip",),
        ),
    ] = None
    #: how it was laid out; what is left out is searched
    layout: Strategy = Field(default_factory=Strategy)
    date: Annotated[
        datetime.date | None,
        Key("date", "The day on which it was measured.", absent="not said", example="2026-11-02"),
    ] = None
    notes: Annotated[
        SafeText,
        Key("notes", "What whoever reads it should know: the node, the version of the software."),
    ] = ""

    @model_validator(mode="after")
    def _is_timed_once(self) -> Self:
        if self.tokens_per_s_per_chip is not None and self.step_s is not None:
            raise ValueError(
                "expected what was measured once: tokens_per_s_per_chip = ... or step_s = ..., not both"
            )
        return self

    @property
    def is_planned(self) -> bool:
        """Whether nobody measured it yet."""
        return self.tokens_per_s_per_chip is None and self.step_s is None

    def rate(self, tokens: float) -> float | None:
        """Return the measured rate of steps of so many tokens; None: not measured. [tokens/s per chip]."""
        if self.step_s is not None:
            return tokens / (self.step_s * self.chips)
        return self.tokens_per_s_per_chip
