"""A line by which a plan's cluster is accepted: what is tested, expected, and lost where it is missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.acceptance.effects import Cost, Part
from planner.acceptance.tools import Tool
from planner.engine.collective_words import Collective
from planner.planning.expected_rates import Expected

#: node: of every node; group: of every group of the layout; whole: of the cluster at once.
Where = Literal["node", "group", "whole"]
#: Before the ids of the lines of a pool that generates, which are those of the pool that learns.
ROLLOUT_PREFIX = "rollout-"
#: What is that many times more or less than expected was written in another unit. [-]
MOST_TIMES = 100.0
Unit = Literal["FLOP/s", "B/s", "tokens/s", "tokens", "failures", "share"]


@dataclass(frozen=True, slots=True)
class Sample:
    """How much is measured, and what both sides risk by it."""

    text: str
    #: of the base value that both sides sign; until then, of what is expected
    threshold_share: float
    #: by the sample alone, against a base value that both sides signed
    seller_risk: float
    buyer_risk: float
    #: chance that a sound system fails before: the base value is only expected then
    unsigned_risk: float
    #: whether both risks are kept
    keeps_both: bool

    @property
    def has_risks(self) -> bool:
        """Whether chance decides: a count of everything has no sample."""
        return self.seller_risk > 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the schedule."""

    id: str
    title: str
    part: Part
    where: Where
    unit: Unit
    #: None where no public tool is known
    tool: Tool | None
    #: None: nobody knows, and the vendor is asked
    expected: Expected | None
    #: None where nothing is expected
    sample: Sample | None
    cost: Cost
    #: why the job needs it
    why: str
    #: whose systems are tested, where those of several pools are
    pool: str | None = None
    #: of a collective
    size_bytes: float | None = None
    ranks: float | None = None
    nodes: float | None = None
    collective: Collective | None = None
    #: of a soak
    hours: float | None = None
    #: what somebody wrote: in the line's unit, and what follows
    agreed_threshold: float | None = None
    pays: str | None = None
    #: what a seller promises, in the line's unit
    promised: float | None = None
    #: the threshold is the most that may be: failures
    is_ceiling: bool = False

    @property
    def threshold(self) -> float | None:
        """What has to be reached, as agreed or as suggested; None where nobody can say."""
        if self.agreed_threshold is not None:
            return self.agreed_threshold
        if self.expected is None or self.sample is None:
            return None
        return self.expected.rate * self.sample.threshold_share

    def may_come_to(self, amount: float) -> bool:
        """Return whether an amount may be the line's: what is far from what is expected has another unit."""
        if self.expected is None or self.unit in ("failures", "share"):
            return True
        return 1.0 / MOST_TIMES <= amount / self.expected.rate <= MOST_TIMES

    @property
    def is_asked(self) -> bool:
        """Whether the vendor has to be asked: nobody measured such a thing, or nothing is expected at all."""
        return self.expected is None or self.expected.grounding == "engine"
