"""A job whose memory somebody measured: its peak, that it ran, or that it ran out of memory."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from planner.domain.amounts import Bytes
from planner.domain.base import SafeText
from planner.domain.ranges import Range
from planner.domain.run import RowFile, Run, RunTier

#: A peak was read; the job is said to run; it is said to have run out of memory.
MemoryKind = Literal["peak", "ran", "oom"]
#: What counted: tensors, the allocator's blocks, the driver, or a compiler; absent where nobody says.
Instrument = Literal["allocated", "reserved", "driver", "compiler"]


class MemoryCase(Run):
    """One `[[case]]` of `profiles/memory_runs/<source>.toml`: a run with what was seen of its memory."""

    tier: RunTier = "B"
    kind: MemoryKind
    #: names the neighbour that it is to be read with: one ran, the other ran out
    pair: SafeText | None = None
    #: of one chip
    peak_bytes: Annotated[Bytes, Range(1, 1e15, "a job holds something")] | None = None
    instrument: Instrument | None = None
    #: whose peak it is, in words
    rank: SafeText | None = None
    #: what of its recipe no key says, as the end of a sentence: it is not scored
    inexpressible: SafeText | None = None

    @model_validator(mode="after")
    def _peak_is_one(self) -> Self:
        if (self.kind == "peak") != (self.peak_bytes is not None):
            raise ValueError("peak_bytes belongs to a case of kind 'peak', and only to it")
        return self


class MemoryFile(RowFile[MemoryCase]):
    """A file of memory cases."""
