"""A claim in circulation: what it states in numbers, who says so, and what better sources say."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.base import Identifier, Model, Profile, SafeText
from planner.domain.evidence import Evidence
from planner.domain.plan import Precision
from planner.domain.quantities import Count, FlopsPerSecond, Fraction
from planner.engine.precisions import USUAL_PRECISION

#: What reading the sources came to.
SourceVerdict = Literal[
    "true", "mixed", "plausible", "unsupported", "opinion", "superseded", "contradictory", "false"
]
Positive = Annotated[Count, Field(gt=0, le=1e30)]
PositiveNumber = Annotated[float, Field(gt=0, le=1e12)]


class TrainingStatement(Model):
    """So many chips train such a model at such a rate."""

    chip: Identifier
    chips: int = Field(ge=1, le=100_000_000)
    #: servers, where the claim counts them too
    nodes: int | None = Field(default=None, ge=1, le=100_000_000)
    model: Identifier | None = None
    parameters: Positive | None = None
    #: absent: dense
    active_parameters: Positive | None = None
    tokens: Positive | None = None
    days: PositiveNumber | None = None
    tokens_per_second: Positive | None = None
    #: may be above 1: that is for the judge to say
    mfu: Annotated[Fraction, Field(gt=0, le=100)] | None = None
    joules_per_token: PositiveNumber | None = None
    #: the peak that the stated utilisation is by; absent: the dense peak of the chip's profile
    peak_flops_per_s: Annotated[FlopsPerSecond, Field(gt=0, le=1e24)] | None = None
    sequence_length: int | None = Field(default=None, ge=1, le=100_000_000)
    precision: Precision = USUAL_PRECISION
    #: what the claim leaves open and was filled in, one phrase each
    assumed: tuple[SafeText, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _is_judgeable(self) -> Self:
        if (self.model is None) == (self.parameters is None):
            raise ValueError("expected either a model or parameters, not both")
        if self.active_parameters is not None and self.parameters is None:
            raise ValueError("active_parameters belong to parameters; a model knows its own")
        if self.active_parameters is not None and self.active_parameters > (self.parameters or 0):
            raise ValueError("active_parameters is more than parameters")
        rates = (self.days, self.tokens_per_second, self.mfu, self.joules_per_token)
        if sum(rate is not None for rate in rates) != 1:
            raise ValueError("expected one of days, tokens_per_second, mfu or joules_per_token")
        if self.days is not None and self.tokens is None:
            raise ValueError("days say nothing without tokens")
        if self.peak_flops_per_s is not None and self.mfu is None:
            raise ValueError("a peak belongs to an MFU")
        return self


class ThroughputStatement(Model):
    """One chip reaches such a share of another's training throughput."""

    chip: Identifier
    against: Identifier
    ratio: Annotated[Fraction, Field(gt=0, le=1000)]
    #: the job that the model is asked about: a model on that many chips of either
    model: Identifier
    chips: int = Field(ge=1, le=100_000_000)


class SystemStatement(Model):
    """One system has more of something than another."""

    system: Identifier
    against: Identifier
    quantity: Literal["peak_flops", "peak_flops_per_watt", "peak_flops_per_chip"]
    #: the ratio that is claimed, at least; or about, where `is_about`
    ratio: float = Field(default=1.0, gt=0, le=1e6)
    is_about: bool = False


class Finding(Evidence):
    """What better sources say."""

    verdict: SourceVerdict
    says: SafeText


class Claim(Profile):
    """`profiles/claims/<id>.toml`."""

    statement: SafeText
    #: where it circulates
    claimed: Evidence
    finding: Finding
    training: tuple[TrainingStatement, ...] = Field(default=(), max_length=20)
    throughput: tuple[ThroughputStatement, ...] = Field(default=(), max_length=20)
    systems: tuple[SystemStatement, ...] = Field(default=(), max_length=20)
