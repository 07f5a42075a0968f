"""What a plan's cluster is accepted by: both sides' risks, lines agreed on, and what was measured."""

import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.base import Identifier, Model, SafeText
from planner.domain.keys import Key
from planner.domain.ranges import Range

#: What of a step a test is of: the chip's matmuls, its memory, a class of traffic, or the whole step.
ClusterComponent = Literal["matmul", "memory", "tensor", "context", "expert", "pipeline_p2p", "data", "step"]

Risk = Annotated[float, Range(1e-4, 0.5, "no sample is without risk", "a coin would decide as well")]
Amount = Annotated[float, Range(1e-9, 1e24, "what is measured is more than nothing")]
LogSpread = Annotated[float, Range(0.0, 3.0, "nothing scatters by less than nothing")]
LogRatio = Annotated[float, Range(1e-3, 1e3, "what runs reaches some of it")]


class AcceptanceLine(Model):
    """One `[[acceptance.lines]]`: what somebody wrote in place of a suggestion."""

    id: Annotated[
        Identifier,
        Key("line", "Which line of `planner acceptance` it is.", example="data"),
    ]
    #: in the line's own unit, which `planner acceptance` prints
    threshold: Annotated[
        Amount | None,
        Key("threshold", "What both sides agreed on, in the line's unit.", absent="as suggested"),
    ] = None
    #: what a seller promises, in the line's own unit
    promised: Annotated[
        Amount | None,
        Key("promised", "What the seller promises of it, in the line's unit.", absent="nothing is promised"),
    ] = None
    #: what whoever misses it pays, in words of the contract
    pays: Annotated[
        SafeText | None,
        Key(
            "pays", "What follows where it is missed.", absent="nothing is agreed", example="5 % of the price"
        ),
    ] = None


class AcceptedResult(Model):
    """One `[[acceptance.measured]]`: what a line came to, as `planner measured` writes it."""

    line: Annotated[Identifier, Key("line", "Which line it is of.", example="data")]
    component: Annotated[
        ClusterComponent,
        Key(
            "component",
            "What of the cluster it is of; estimates are moved by as much as that matters.",
            answers={
                "matmul": "matrix products on one chip",
                "memory": "reading and writing a chip's memory",
                "tensor": "collectives of a tensor-parallel group",
                "context": "the exchange of keys and values of a context-parallel group",
                "expert": "all-to-all of an expert-parallel group",
                "pipeline_p2p": "sends from one stage to the next",
                "data": "collectives of a data-parallel group",
                "step": "whole steps of the reference training run",
            },
        ),
    ]
    pool: Annotated[
        Identifier | None,
        Key("pool", "The pool whose systems were tested.", absent="the only pool", example="train"),
    ] = None
    measured_over_expected: Annotated[
        LogRatio,
        Key(
            "of expected",
            "What was measured over what was expected.",
            find="The test's result, over the expected value of the line in the acceptance.",
            example="0.93",
        ),
    ]
    log_spread: Annotated[
        LogSpread,
        Key(
            "spread",
            "Of the logarithm of what sound systems reach, as it was expected: 0.1 is a tenth either way.",
            find="The line's band in the acceptance: the logarithm of P90 over P10, over 2.56.",
            example="0.08",
        ),
    ]
    log_error: Annotated[
        LogSpread,
        Key(
            "error",
            "Of the logarithm of what was measured: of the sample's mean. The smaller, the more it says.",
            find="The scatter of the repetitions over the root of how many they were.",
            example="0.01",
        ),
    ]
    date: Annotated[
        datetime.date | None, Key("measured on", "The day on which it was measured.", absent="not said")
    ] = None
    file: Annotated[
        SafeText | None,
        Key("file", "The file that it was read from, in words.", absent="not said", example="hccl_test.log"),
    ] = None


class Acceptance(Model):
    """`[acceptance]`."""

    risk_seller: Annotated[
        Risk,
        Key("seller risk", "Chance that something sound fails its test.", example="0.05"),
    ] = 0.05
    risk_buyer: Annotated[
        Risk,
        Key("buyer risk", "Chance that something a tenth too slow passes its test.", example="0.10"),
    ] = 0.10
    lines: tuple[AcceptanceLine, ...] = Field(default=(), max_length=100)
    measured: tuple[AcceptedResult, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _lines_differ(self) -> Self:
        ids = [line.id for line in self.lines]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"two lines are called '{one}'")
        return self
