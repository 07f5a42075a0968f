"""What printed output says, whichever tool printed it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import NamedTuple

from planner.engine.collective_words import Collective


@dataclass(frozen=True, slots=True)
class CollectiveRow:
    """One message of a timed collective."""

    line: int
    size_bytes: float
    #: [B/s]; bus is None where the tool prints size over time alone
    algorithm_bytes_per_s: float
    bus_bytes_per_s: float | None
    #: as far as the output says
    collective: Collective | None = None
    ranks: int | None = None


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One copy between a host and a chip, two chips, or inside one."""

    line: int
    test: str
    source: str
    target: str
    bytes_per_s: float


@dataclass(frozen=True, slots=True)
class PortRow:
    """One message size of a port's test."""

    line: int
    size_bytes: float
    bytes_per_s: float


class StepRow(NamedTuple):
    """One optimizer step, or several together, of a training log; a log may have millions."""

    line: int
    #: counted as the trainer does
    step: int
    #: of one step; None where the line says a rate alone
    seconds: float | None = None
    #: sequences of one step
    batch_sequences: float | None = None
    #: tokens of one step, where the line says them
    tokens: float | None = None
    tokens_per_s_per_chip: float | None = None
    time: datetime.datetime | None = None


Row = CollectiveRow | CopyRow | PortRow | StepRow
