"""How far a training lies beyond what published runs cover, and how much wider its band is for it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from planner.engine.architecture import parameter_counts
from planner.engine.inputs import ArchitectureInputs

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


def beyond_the_data(
    architecture: ArchitectureInputs, *, sequence_length: float, chips: float
) -> tuple[Beyond, ...]:
    """Return the ends beyond which a training lies."""
    return tuple(_beyond(architecture, sequence_length, chips))


def _beyond(architecture: ArchitectureInputs, sequence_length: float, chips: float) -> Iterator[Beyond]:
    active = float(parameter_counts(architecture).active)
    if sequence_length > LONGEST_SEQUENCE:
        yield Beyond("tokens of a sequence", LONGEST_SEQUENCE, sequence_length)
    if chips > MOST_CHIPS:
        yield Beyond("chips", MOST_CHIPS, chips)
    if active < FEWEST_PARAMETERS:
        yield Beyond("parameters in use", FEWEST_PARAMETERS, active)


def band_stretch(beyond: tuple[Beyond, ...]) -> float:
    """Return how much wider than usual a rate scatters about its prediction. [-].

    Examples
    --------
    Two doublings beyond an end double the variance.

    >>> round(band_stretch((Beyond("chips", 4096.0, 16384.0),)), 3)
    1.414
    """
    return math.sqrt(1.0 + VARIANCE_PER_DOUBLING * sum(end.doublings for end in beyond))
