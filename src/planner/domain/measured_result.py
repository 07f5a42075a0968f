"""A file of results: what the lines of a schedule came to, written by hand."""

import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from planner.domain.amounts import BytesPerSecond, FlopsPerSecond
from planner.domain.base import Identifier, Model, SafeText
from planner.domain.ranges import Range

Amount = Annotated[float, Range(0.0, 1e24, "nothing measures less than nothing")]
Spread = Annotated[float, Range(0.0, 1.0, "nothing scatters by less than nothing")]
SampleSize = Annotated[int, Range(1, 10_000_000, "what was measured was measured once")]
Hours = Annotated[float, Range(1e-3, 1e5, "a soak takes some time")]


class MeasuredResult(Model):
    """One `[[measured]]`."""

    line: Identifier
    #: in the line's unit; several are those of nodes, groups or repetitions
    bytes_per_s: BytesPerSecond | tuple[BytesPerSecond, ...] | None = None
    flops_per_s: FlopsPerSecond | tuple[FlopsPerSecond, ...] | None = None
    tokens_per_s: Amount | tuple[Amount, ...] | None = None
    #: of the memory for keys and values: how many it holds
    tokens: Amount | tuple[Amount, ...] | None = None
    share: Amount | tuple[Amount, ...] | None = None
    #: of a soak: what stopped the job, in so many hours
    failures: Amount | None = None
    hours: Hours | None = None
    #: where one value is the mean of a sample: its standard deviation as a share, and its size
    spread: Spread | None = None
    samples: SampleSize | None = None
    tool: SafeText | None = None
    version: SafeText | None = None
    date: datetime.date | None = None
    notes: SafeText | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if sum(one is not None for one in self._said) != 1:
            raise ValueError(
                "expected one of bytes_per_s, flops_per_s, tokens_per_s, tokens, share and failures, as was "
                "measured"
            )
        if (self.failures is None) != (self.hours is None):
            raise ValueError("failures: expected hours too, in which they were counted")
        return self

    @property
    def _said(self) -> tuple[float | tuple[float, ...] | None, ...]:
        """All amounts, of which one is said."""
        return (
            self.bytes_per_s,
            self.flops_per_s,
            self.tokens_per_s,
            self.tokens,
            self.share,
            self.failures,
        )

    @property
    def unit(self) -> str:
        """The unit of the lines that it may be of."""
        if self.failures is not None:
            return "failures"
        if self.share is not None:
            return "share"
        if self.flops_per_s is not None:
            return "FLOP/s"
        if self.tokens is not None:
            return "tokens"
        return "tokens/s" if self.tokens_per_s is not None else "B/s"

    @property
    def values(self) -> tuple[float, ...]:
        """What was measured, in SI."""
        said = next(one for one in self._said if one is not None)
        return said if isinstance(said, tuple) else (said,)


class MeasuredResults(Model):
    """`results.toml`."""

    measured: tuple[MeasuredResult, ...] = Field(min_length=1, max_length=1000)
