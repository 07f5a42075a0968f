"""From an estimate to an offer: what the months take of each line, and what they leave to work in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planner.domain.plan import Plan
from planner.estimate.result import Estimate
from planner.ledger.lines import BOUGHT, MACHINES, RENTED, LineKind, State
from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure, Gap, unknown
from planner.quantities.money import is_committed
from planner.quantities.purchase_prices import is_rented
from planner.quantities.table import TABLE
from planner.quotes.months import days_in, held_years, paid_months, used_up
from planner.quotes.offer import CAPITAL, RENT, SERVERS, Offer, OfferKind, OfferLine
from planner.units import MONTHS_PER_YEAR

_STAFF = "staff"
_BUILDING = "building"
_RENT_SUPPORT = "rent_support"
#: Lines of rented machines that are what another is of bought ones.
_SAME_LINES = {_RENT_SUPPORT: "support"}
#: Usual cost of capital a year, by which the weight of a line without a rate is guessed; assumed. [1/year]
_USUAL_RATE = 0.08
#: What is left where the setup takes all months: nothing can be divided by nothing. [days]
_LEAST_DAYS = 1e-3


def in_currency(offer: Offer, rate: ExchangeRate) -> Offer:
    """Return an offer of which all money is in another currency than US dollars."""
    if rate is NO_EXCHANGE:
        return offer
    lines = (
        replace(
            line,
            figure=_times(line.figure, rate.per_usd),
            likely=line.likely * rate.per_usd,
            for_one=None if line.for_one is None else line.for_one * rate.per_usd,
        )
        for line in offer.lines
    )
    return replace(
        offer,
        lines=tuple(lines),
        at_start=_times(offer.at_start, rate.per_usd),
        committed=_times(offer.committed, rate.per_usd),
    )


def _times(figure: Figure, factor: float) -> Figure:
    return Figure(figure.values * factor, figure.gaps)


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
    mixture = _mixed_terms(plan)
    if figures is None or mixture:
        reasons = estimate.reasons or (mixture,)
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
    at_start, committed = _owed(figures, paid if term else 0.0)
    offer = Offer(
        label,
        plan,
        estimate,
        _kind(figures),
        months,
        term,
        paid,
        lines,
        factors,
        (),
        at_start,
        committed,
    )
    if offer.has_main_price:
        return offer
    main = next(line for line in lines if line.id in (SERVERS, RENT))
    return replace(offer, reasons=(f"no price of its {main.short}: {main.note}",))


def _mixed_terms(plan: Plan) -> str:
    """Return why the pools of a plan are no one offer; empty where they are: what they cost adds up."""
    pools = plan.cluster.pools
    if len({pool.rental_usd_per_chip_hour is None for pool in pools}) > 1:
        return "it buys some of its pools and rents others: each is an offer of its own"
    if len({pool.rental_months for pool in pools}) > 1:
        return "its pools are reserved for different terms: each is an offer of its own"
    return ""


def _owed(figures: Figures, committed_months: float) -> tuple[Figure, Figure]:
    """Return what is paid at the start, and what is owed from then on, of what is known. [USD]."""
    kinds = RENTED if is_rented(figures.setting) else BOUGHT
    once = [figures[kind.quantity] for kind in kinds if kind.paid == "once"]
    at_start = sum((one.values for one in once if one.is_known), np.zeros(1))
    terms = [figures[kind.quantity] for kind in RENTED if kind.paid == "yearly"] if committed_months else []
    years = committed_months / MONTHS_PER_YEAR
    later = sum((one.values * years for one in terms if one.is_known), np.zeros(1))
    return Figure(at_start), Figure(at_start + later)


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
        "setup": Figure(np.maximum(days_in(months) - setup.values, _LEAST_DAYS), setup.gaps),
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
            yield replace(line, for_one=np.full(1, share)) if kind.id == _STAFF else line
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
        is_of_term = term is not None and kind.id in (RENT, _RENT_SUPPORT)
        return (paid_months(months, term) if is_of_term and term else months) / MONTHS_PER_YEAR
    if is_rented(figures.setting):
        return 1.0
    return used_up(months, _life(kind, figures)) * (1 - _left(kind, figures))


def _life(kind: LineKind, figures: Figures) -> float:
    """Return the months over which a line is written off."""
    name = "building_years" if kind.id == _BUILDING else "depreciation_years"
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
        likely = float(bound[0]) * _USUAL_RATE
    return replace(_line(CAPITAL, CAPITAL, "capital", figure, likely), for_one=bound)
