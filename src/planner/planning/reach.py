"""How far a training lies beyond what published runs cover, and how much wider its band is for it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.domain.months import month_of, years_between
from planner.domain.stack import Stack
from planner.engine.architecture import ParameterCounts

#: Ends beyond which few sources have runs: of 662 runs of 95 sources, 34 of 13 have longer sequences, 11 of 5
#: more chips and 32 of 13 fewer parameters in use.
LONGEST_SEQUENCE = 8192.0
MOST_CHIPS = 4096.0
FEWEST_PARAMETERS = 1e9
#: Of the variance that runs of left-out sources have, what each doubling beyond an end adds. Held out, the
#: band of longer sequences then holds 85 % of the runs (65 without), of more chips 73 (64), of smaller models
#: 78 (72), and each end lowers the pinball loss of all; 1 and more per doubling was no better. A factor for
#: chips or frameworks of few sources gained nothing beside the spread of their own constants.
VARIANCE_PER_DOUBLING = 0.5
#: The same of each year by which the software is newer than any that was measured. Fits to the runs before a
#: day predict those after it (six days from 2024 to 2026): against fits without the run's source alone, the
#: variance is 1.2 times as large in the first two years and 1.4 in the third. Progress itself held out as no
#: slope (docs/terms_tried.md), so that the middle stays where it is.
VARIANCE_PER_YEAR = 0.2


@dataclass(frozen=True, slots=True)
class Beyond:
    """An end of what is covered, and where a training lies beyond it."""

    #: what it is of, in words
    name: str
    end: float
    value: float

    @property
    def doublings(self) -> float:
        """How often one must double to come from the one to the other."""
        return abs(math.log2(self.value / self.end))

    @property
    def variance(self) -> float:
        """What it adds to the variance of runs among others, as a share of that."""
        return VARIANCE_PER_DOUBLING * self.doublings

    @property
    def words(self) -> str:
        """What lies beyond, and beyond what."""
        return f"{self.value:,.0f} {self.name} lie beyond what most published runs cover, {self.end:,.0f}"


@dataclass(frozen=True, slots=True)
class Later:
    """Software that is newer than what was measured."""

    #: the newest month that published runs on the stack have
    known: str
    planned: str
    stack_id: str

    @property
    def variance(self) -> float:
        """What it adds to the variance of runs among others, as a share of that."""
        return VARIANCE_PER_YEAR * years_between(self.known, self.planned)

    @property
    def words(self) -> str:
        """What lies beyond, and beyond what."""
        return (
            f"software of {self.planned} is newer than what published runs on stack '{self.stack_id}' have, "
            f"{self.known}"
        )


#: Why a rate scatters wider than those of runs among others.
Reach = Beyond | Later


def known_release(stacks: Sequence[Stack]) -> str | None:
    """Return the newest release that published runs on a stack have, else on its parents; None: no run."""
    return next((stack.newest_release for stack in stacks if stack.newest_release is not None), None)


def later_software(
    stacks: Sequence[Stack], release: str | None, start: datetime.date | None
) -> tuple[Later, ...]:
    """Return that a plan's software is newer than what was measured, where it is.

    `release` is what the plan says, without which its `start` counts: by then there is newer software.
    """
    known = known_release(stacks)
    planned = release or (month_of(start) if start is not None else None)
    if known is None or planned is None or years_between(known, planned) <= 0.0:
        return ()
    return (Later(known, planned, stacks[0].id),)


def beyond_the_data(counts: ParameterCounts, *, sequence_length: float, chips: float) -> tuple[Beyond, ...]:
    """Return the ends beyond which a training lies."""
    return tuple(_beyond(float(counts.active), sequence_length, chips))


def _beyond(active: float, sequence_length: float, chips: float) -> Iterator[Beyond]:
    if sequence_length > LONGEST_SEQUENCE:
        yield Beyond("tokens of a sequence", LONGEST_SEQUENCE, sequence_length)
    if chips > MOST_CHIPS:
        yield Beyond("chips", MOST_CHIPS, chips)
    if active < FEWEST_PARAMETERS:
        yield Beyond("parameters in use", FEWEST_PARAMETERS, active)


def band_stretch(beyond: tuple[Reach, ...]) -> float:
    """Return how much wider than usual a rate scatters about its prediction. [-].

    Examples
    --------
    Two doublings beyond an end double the variance.

    >>> round(band_stretch((Beyond("chips", 4096.0, 16384.0),)), 3)
    1.414
    """
    return math.sqrt(1.0 + sum(end.variance for end in beyond))
