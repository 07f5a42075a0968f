"""One offer over some months: what each of its lines comes to, and the work that it delivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np

from planner.domain.plan import Plan
from planner.engine.arrays import FloatArray
from planner.estimate.result import Estimate
from planner.ledger.ledger import cents
from planner.ledger.lines import BOUGHT, MACHINES, RENTED, LineKind, State
from planner.quantities.energy import DAYS_PER_YEAR
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure, Gap, unknown
from planner.quantities.money import is_committed
from planner.quantities.operation import MONTHS_PER_YEAR
from planner.quantities.purchase_prices import is_rented
from planner.quantities.table import TABLE
from planner.quotes.months import held_years, paid_months, used_up
from planner.units import SECONDS_PER_DAY

OfferKind = Literal["purchase", "reservation", "rental"]
CAPITAL = "capital"
STAFF = "staff"
BUILDING = "building"
RENT = "rent_a_year"
#: Lines of rented machines that are what another is of bought ones.
_SAME_LINES = {"rent_support": "support"}
#: Every line that an offer may have, in the order in which it is told.
LINES = (RENT, *dict.fromkeys(kind.id for kind in BOUGHT if kind.paid != "in the end"), "egress", CAPITAL)
#: Usual cost of capital a year, by which the weight of a line without a rate is guessed; assumed. [1/year]
USUAL_RATE = 0.08
#: What multiplies to the work of an offer, in the order in which it is told.
FACTORS: Mapping[str, str] = {
    "rate": "raw rate",
    "goodput": "goodput",
    "in_use": "share of the time in use",
    "setup": "setup time",
    "debugging": "debugging time",
}
#: What is left where the setup takes all months: nothing can be divided by nothing. [days]
_LEAST_DAYS = 1e-3


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
    #: what it usually comes to, where it is unknown [USD]
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

    @property
    def money(self) -> Figure:
        """What its known lines come to. [USD]."""
        known = [line.figure.values for line in self.lines if line.figure.is_known]
        return Figure(sum(known, np.zeros(1)))

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
    def lost(self) -> dict[str, Figure]:
        """What is paid for time in which nothing is trained, by what takes it, one after the other. [USD].

        The setup takes its share of the months, debugging a share of the rest, and goodput a share of what is
        left then. What is unknown takes nothing, and is without a value.
        """
        left, found = self.money.values, {}
        for name in ("setup", "debugging", "goodput") if self.factors else ():
            factor = self.factors[name]
            kept = factor.values / _days(self.months) if name == "setup" else factor.values
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
        return all(line.state != "unknown" for line in self.lines if line.id in ("servers", RENT))

    @property
    def priced_share(self) -> float | None:
        """The known lines over them and what the others usually come to; None without its main price."""
        known, likely = float(self.amount), sum(line.likely for line in self.lines)
        return known / (known + likely) if self.has_main_price and known + likely > 0 else None


def offer_of(label: str, plan: Plan, estimate: Estimate, months: float) -> Offer:
    """Return an offer over some months; what cannot run the plan has reasons and neither lines nor work.

    Parameters
    ----------
    label, plan, estimate
        What it is called, and what it offers.
    months
        Over which it is paid and works, > 0.
    """
    figures = estimate.figures
    if figures is None or estimate.has_several_pools:
        several = f"a cluster of {len(estimate.pools)} pools is not estimated as a whole yet"
        reasons = estimate.reasons or (several,)
        kind = _kind(estimate.known)
        return Offer(label, plan, estimate, kind, months, None, months, (), {}, reasons)
    term = figures.setting.pool.pool.rental_months
    factors = _factors(figures, months)
    if factors["setup"].values[0] <= _LEAST_DAYS:
        setup = figures.number("operations.setup_days")
        reasons = (f"its setup of {setup:,.4g} days leaves nothing of {months:,.4g} months",)
        return Offer(label, plan, estimate, _kind(figures), months, term, months, (), {}, reasons)
    lines = tuple(_lines(figures, months))
    paid = paid_months(months, term) if term else months
    offer = Offer(label, plan, estimate, _kind(figures), months, term, paid, lines, factors, ())
    if offer.has_main_price:
        return offer
    main = next(line for line in lines if line.id in ("servers", RENT))
    return replace(offer, reasons=(f"no price of its {main.short}: {main.note}",))


def _days(months: float) -> float:
    """Return the days of so many months of a year. [days]."""
    return months / MONTHS_PER_YEAR * DAYS_PER_YEAR


def _kind(figures: Figures) -> OfferKind:
    if not is_rented(figures.setting):
        return "purchase"
    return "reservation" if is_committed(figures.setting) else "rental"


def _factors(figures: Figures, months: float) -> dict[str, Figure]:
    setup, debugging = (
        _or_nothing(figures[f"operations.{name}"]) for name in ("setup_days", "debugging_share")
    )
    return {
        "rate": figures["tokens_per_second"],
        "goodput": figures["goodput"],
        "in_use": figures["money.earning_share"],
        "setup": Figure(np.maximum(_days(months) - setup.values, _LEAST_DAYS), setup.gaps),
        "debugging": Figure(1 - debugging.values, debugging.gaps),
    }


def _or_nothing(figure: Figure) -> Figure:
    """Return a figure with what it lacks, and nothing in its place."""
    return figure if figure.is_known else Figure(np.zeros(1), figure.gaps)


def _lines(figures: Figures, months: float) -> Iterator[OfferLine]:
    is_bought = not is_rented(figures.setting)
    machines = figures["ledger.servers" if is_bought else "ledger.rent_a_year"].p50 or 0.0
    for kind in BOUGHT if is_bought else RENTED:
        if kind.paid == "in the end":
            # it is in what the lines that are sold use up
            continue
        share = _share(kind, figures, months)
        figure = figures[kind.quantity]
        if figure.is_known:
            figure = Figure(figure.values * share, figure.gaps)
        likely = 0.0 if figure.is_known else kind.weight * machines * share
        if not figure.is_known or figure.values.any():
            identifier = _SAME_LINES.get(kind.id, kind.id)
            line = _line(identifier, kind.group, TABLE[kind.quantity].short, figure, likely)
            # people are paid what they are, whoever sells the machines
            yield replace(line, for_one=np.full(1, share)) if kind.id == STAFF else line
    if is_bought and (capital := _capital(figures, months)).figure.values.any():
        yield capital


def _line(identifier: str, group: str, short: str, figure: Figure, likely: float) -> OfferLine:
    gaps = [gap for gap in figure.gaps if gap.family == "money"]
    state: State = "known"
    if not figure.is_known:
        state = "unknown"
    elif any(gap.kind == "assumed" for gap in gaps):
        state = "assumed"
    return OfferLine(identifier, group, short, state, figure, ", ".join(gap.text for gap in gaps), likely)


def _share(kind: LineKind, figures: Figures, months: float) -> float:
    """Return what the months take of a line: of what is bought its fall in value, of years their number."""
    if kind.paid == "yearly":
        term = figures.setting.pool.pool.rental_months
        is_of_term = term is not None and kind.id in (RENT, "rent_support")
        return (paid_months(months, term) if is_of_term and term else months) / MONTHS_PER_YEAR
    if is_rented(figures.setting):
        return 1.0
    return used_up(months, _life(kind, figures)) * (1 - _left(kind, figures))


def _life(kind: LineKind, figures: Figures) -> float:
    """Return the months over which a line is written off."""
    name = "building_years" if kind.id == BUILDING else "depreciation_years"
    return figures.number(f"money.{name}") * MONTHS_PER_YEAR


def _left(kind: LineKind, figures: Figures) -> float:
    """Return the share of a line that a buyer pays in the end."""
    return figures.number("money.residual_share") if kind.group == MACHINES else 0.0


def _capital(figures: Figures, months: float) -> OfferLine:
    """Return the cost of what is bound in the purchase; unknown without a rate."""
    bound = np.zeros(1)
    for kind in BOUGHT:
        figure = figures[kind.quantity]
        if kind.paid == "once" and figure.is_known:
            bound = bound + figure.values * held_years(months, _life(kind, figures), _left(kind, figures))
    rate = figures["money.discount_rate"]
    likely = 0.0
    if rate.is_known:
        figure = Figure(bound * rate.values)
    else:
        figure = unknown((Gap("unknown", "money", "cost of capital"),))
        likely = float(bound[0]) * USUAL_RATE
    return replace(_line(CAPITAL, CAPITAL, "capital", figure, likely), for_one=bound)
