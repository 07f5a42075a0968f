"""One offer over some months: its lines, the work that it delivers, and what is not known of either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import numpy as np

from planner.domain.plan import Plan
from planner.engine.arrays import FloatArray
from planner.estimate.result import Estimate
from planner.ledger.ledger import cents
from planner.ledger.lines import BOUGHT, State
from planner.quantities.figure import Figure, known
from planner.quotes.months import days_in
from planner.units import SECONDS_PER_DAY

OfferKind = Literal["purchase", "reservation", "rental"]
CAPITAL = "capital"
SERVERS = "servers"
RENT = "rent_a_year"
#: Every line that an offer may have, in the order in which it is told.
LINES = (RENT, *dict.fromkeys(kind.id for kind in BOUGHT if kind.paid != "in the end"), "egress", CAPITAL)
#: What multiplies to the work of an offer, in the order in which it is told.
FACTORS: Mapping[str, str] = {
    "rate": "raw rate",
    "goodput": "goodput",
    "in_use": "share of the time in use",
    "setup": "setup time",
    "debugging": "debugging time",
}


@dataclass(frozen=True, slots=True, eq=False)
class OfferLine:
    """One line of an offer over the months."""

    id: str
    group: str
    short: str
    state: State
    #: over the months; nothing where it is unknown
    figure: Figure
    #: in words what is missing, or what stands in
    note: str
    #: what it usually comes to, where it is unknown [money]
    likely: float = 0.0
    #: what it comes to for one of its price, where that is the same whoever sells; None: the seller's own
    for_one: FloatArray | None = None

    @property
    def amount(self) -> Decimal | None:
        """What it comes to at the medians; None where it is unknown."""
        value = self.figure.p50
        return None if value is None else cents(value)


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """An offer with what it costs and does in the months of the comparison."""

    label: str
    plan: Plan
    estimate: Estimate
    kind: OfferKind
    #: over which it is held against others
    months: float
    #: months of its commitment; None: none
    term: float | None
    #: months that are paid
    paid: float
    lines: tuple[OfferLine, ...]
    #: by the names of `FACTORS`: tokens/s, shares, and the days that its setup leaves
    factors: Mapping[str, Figure]
    #: why it cannot be held against the others; nothing where it can
    reasons: tuple[str, ...]
    #: what is paid before it trains [money]
    at_start: Figure = field(default_factory=lambda: known(0.0))
    #: what must be paid whether or not it is used: what is paid at the start, and all terms begun [money]
    committed: Figure = field(default_factory=lambda: known(0.0))

    @property
    def money(self) -> Figure:
        """What its known lines come to. [money]."""
        amounts = [line.figure.values for line in self.lines if line.figure.is_known]
        return Figure(sum(amounts, np.zeros(1)))

    @property
    def amount(self) -> Decimal:
        """The sum of its known lines, to the cent."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))

    @property
    def work(self) -> Figure:
        """The tokens that it trains; what is unknown of setup and debugging takes nothing."""
        work = np.array([float(SECONDS_PER_DAY)])
        for factor in self.factors.values():
            work = work * factor.values
        return Figure(work)

    @property
    def step_samples(self) -> float | None:
        """Samples of one step of post-training; None of other plans."""
        figures = self.estimate.figures
        is_of_steps = figures is not None and self.plan.workload.is_post_training
        return figures.p50("post_training.sequences") if figures is not None and is_of_steps else None

    @property
    def step_tokens(self) -> float | None:
        """Tokens that such a step learns from, as its rate counts them."""
        figures, samples = self.estimate.figures, self.step_samples
        if figures is None or samples is None:
            return None
        epochs, sequence = (figures.number(it) for it in ("post_training.epochs", "workload.sequence_length"))
        return samples * epochs * sequence

    @property
    def sample_tokens(self) -> float | None:
        """The same of one of its samples."""
        tokens, samples = self.step_tokens, self.step_samples
        return None if tokens is None or not samples else tokens / samples

    @property
    def lost(self) -> dict[str, Figure]:
        """What is paid for time in which nothing is trained, by what takes it, one after the other. [money].

        The setup takes its share of the months, debugging a share of the rest, and goodput a share of what is
        left then. What is unknown takes nothing, and is without a value.
        """
        left, found = self.money.values, {}
        for name in ("setup", "debugging", "goodput") if self.factors else ():
            factor = self.factors[name]
            kept = factor.values / days_in(self.months) if name == "setup" else factor.values
            found[name] = Figure(left * (1 - kept), factor.gaps)
            left = left * kept
        return found

    @property
    def missing(self) -> tuple[str, ...]:
        """What applies and is unknown: lines without a price, the likely heaviest first, and lost time."""
        lines = sorted(
            (line for line in self.lines if line.state == "unknown"), key=lambda line: -line.likely
        )
        lost = [FACTORS[name] for name, factor in self.factors.items() if not factor.is_known]
        return (*(line.short for line in lines), *lost)

    @property
    def assumed(self) -> tuple[str, ...]:
        """What stands in for figures that are not known, by name."""
        figures = (*(line.figure for line in self.lines), *self.factors.values())
        texts = (gap.text for figure in figures for gap in figure.gaps if gap.kind == "assumed")
        return tuple(dict.fromkeys(texts))

    @property
    def is_complete(self) -> bool:
        """Whether nothing that applies is unknown."""
        return not self.missing

    @property
    def has_main_price(self) -> bool:
        """Whether its machines or their rent have a price, beside which the others are small."""
        return all(line.state != "unknown" for line in self.lines if line.id in (SERVERS, RENT))

    @property
    def priced_share(self) -> float | None:
        """The known lines over them and what the others usually come to; None without its main price."""
        priced, likely = float(self.amount), sum(line.likely for line in self.lines)
        return priced / (priced + likely) if self.has_main_price and priced + likely > 0 else None
