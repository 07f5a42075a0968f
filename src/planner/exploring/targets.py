"""What a cluster must meet: a deadline or steps a day, power and money, at a stated confidence."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.estimate.money_verdict import budget_quantity
from planner.planning.exchange_rates import in_dollars
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure
from planner.units import DOLLAR, WATTS_PER_MW, ForeignSpan, Span

TargetName = Literal[
    "deadline_days", "finish_by", "steps_per_day", "power_mw", "site.power_cap_mw", "money_usd"
]
TIME_TARGETS: tuple[TargetName, ...] = ("deadline_days", "finish_by")
#: What more systems make better; the others they make worse.
PACE_TARGETS: tuple[TargetName, ...] = (*TIME_TARGETS, "steps_per_day")
#: At which targets may be asked to hold: a share of the outcomes.
CONFIDENCES = (0.5, 0.8, 0.9)
USUAL_CONFIDENCE = 0.8
#: What an answer adds to a plan's name.
_ANSWERED = re.compile(r": [\d,]+ x [^:]+$")
#: What is held against a target by its id; power is held against the others.
_QUANTITIES = {
    "deadline_days": "training_days",
    "finish_by": "finish_date",
    "steps_per_day": "post_training.steps_per_day",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked beside the plan; None: not asked."""

    deadline_days: float | None = None
    finish_by: datetime.date | None = None
    max_mw: float | None = None
    max_usd: float | Span | None = None
    confidence: float = USUAL_CONFIDENCE
    #: of post-training, in place of a deadline or beside one
    steps_per_day: float | None = None

    @property
    def has_pace(self) -> bool:
        """Whether it says how fast: then the plan's own targets do not count."""
        return any(it is not None for it in (self.deadline_days, self.finish_by, self.steps_per_day))


@dataclass(frozen=True, slots=True)
class Limit:
    """One target: the most, of steps a day the fewest, in the unit of what is held against it."""

    name: TargetName
    #: days, day number, steps a day, W or USD
    most: float

    @property
    def is_floor(self) -> bool:
        """Whether it is to be reached, where others are not to be exceeded."""
        return self.name == "steps_per_day"


@dataclass(frozen=True, slots=True)
class Held:
    """A target against an estimate."""

    limit: Limit
    #: at the confidence; None: unknown
    value: float | None
    #: id of the quantity
    quantity: str
    #: what it lacks or leaves out, by name
    without: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether what is known of it is within the limit."""
        return self.over == 0.0

    @property
    def over(self) -> float | None:
        """By how much it exceeds the limit, or falls short of a floor; None where it is unknown."""
        if self.value is None:
            return None
        beyond = self.value - self.limit.most
        return max(-beyond if self.limit.is_floor else beyond, 0.0)

    @property
    def excess(self) -> float:
        """By which share it exceeds the limit, what is unknown before all else. [-]."""
        over = self.over
        return float("inf") if over is None else over / self.limit.most


@dataclass(frozen=True, slots=True)
class Targets:
    """All that must hold, and in which share of the outcomes."""

    limits: tuple[Limit, ...]
    confidence: float = USUAL_CONFIDENCE

    @property
    def time(self) -> Limit:
        """The deadline, the first where there are two."""
        return next(limit for limit in self.limits if limit.name in TIME_TARGETS)

    @property
    def steps_per_day(self) -> float | None:
        """The steps a day that are asked for at least; None where only a deadline is."""
        return next((limit.most for limit in self.limits if limit.name == "steps_per_day"), None)

    def allowed_days(self, plan: Plan) -> float:
        """Return the days that the deadline leaves."""
        start = plan.calendar.start
        if self.time.name == "finish_by" and start is not None:
            return self.time.most - start.toordinal()
        return self.time.most

    def held(self, figures: Figures) -> tuple[Held, ...]:
        """Return every target against an estimate."""
        return tuple(self._held(limit, figures) for limit in self.limits)

    def lateness(self, figures: Figures) -> float:
        """Return the days beyond the tightest deadline, below nothing where it is met."""
        values = (self._held(limit, figures) for limit in self.limits if limit.name in TIME_TARGETS)
        return max(float("inf") if it.value is None else it.value - it.limit.most for it in values)

    def _held(self, limit: Limit, figures: Figures) -> Held:
        identifier = (
            budget_quantity(figures.setting.plan.targets, figures)
            if limit.name == "money_usd"
            else _QUANTITIES.get(limit.name, "power.facility_w")
        )
        figure = figures[identifier]
        value = at_confidence(figure, self.confidence, is_floor=limit.is_floor)
        if value is not None and limit.name == "finish_by":
            value = float(np.ceil(value))
        without = tuple(gap.text for gap in figure.gaps if gap.kind != "assumed")
        return Held(limit, value, identifier, without)


def at_confidence(figure: Figure, confidence: float, *, is_floor: bool = False) -> float | None:
    """Return what a share of the outcomes stays below, the median at least; None where it is unknown.

    At 0.5 and 0.9 it is the band's middle and its end. With `is_floor` it is what that share reaches, the
    median at most.
    """
    middle = figure.p50
    if middle is None or confidence == 0.5:
        return middle
    if is_floor:
        return min(float(np.quantile(figure.draws, 1.0 - confidence)), middle)
    return max(float(np.quantile(figure.draws, confidence)), middle)


def targets_of(plan: Plan, asked: Asked, catalog: Catalog | None = None) -> Targets:
    """Return what must hold: what was asked, without a deadline in it also the plan's own targets.

    A site's power cap holds in any case. A budget in another currency is read at the plan's rate, else at
    that of the plan's day among the catalog's prices, where one is given.

    Raises
    ------
    InputError
        Where there is no deadline at all, or a date and no start to count from, or none before it.
    """
    limits = tuple(_limits(plan, asked, catalog))
    if not any(limit.name in PACE_TARGETS for limit in limits):
        steps = "--steps-per-day N, " if plan.workload.is_post_training else ""
        raise InputError(
            f"no deadline is known: expected {steps}--deadline-days D, --finish-by DATE, "
            f"or targets.finish_by{' or targets.steps_per_day' if steps else ''} in the plan"
        )
    if asked.confidence not in CONFIDENCES:
        raise InputError(f"--confidence {asked.confidence:g}: expected one of 0.5, 0.8, 0.9")
    finish_by = next((limit.most for limit in limits if limit.name == "finish_by"), None)
    if finish_by is not None:
        _check_date(plan.calendar.start, datetime.date.fromordinal(int(finish_by)))
    return Targets(limits, asked.confidence)


def _check_date(start: datetime.date | None, finish_by: datetime.date) -> None:
    if start is None:
        raise InputError("a date to finish by needs a day to count from: expected calendar.start in the plan")
    if finish_by <= start:
        raise InputError(
            f"to finish by {finish_by}: training starts on {start} (calendar.start); expected a later day"
        )


def _limits(plan: Plan, asked: Asked, catalog: Catalog | None) -> Iterator[Limit]:
    own = plan.targets
    has_deadline = asked.has_pace
    finish_by = asked.finish_by if has_deadline else own.finish_by
    steps_per_day = asked.steps_per_day if has_deadline else own.steps_per_day
    power_mw = asked.max_mw if asked.max_mw is not None or has_deadline else own.power_mw
    money_usd = asked.max_usd if asked.max_usd is not None or has_deadline else own.money_usd
    if asked.deadline_days is not None:
        yield Limit("deadline_days", asked.deadline_days)
    if finish_by is not None:
        yield Limit("finish_by", float(finish_by.toordinal()))
    if steps_per_day is not None:
        yield Limit("steps_per_day", steps_per_day)
    if power_mw is not None:
        yield Limit("power_mw", power_mw * WATTS_PER_MW)
    if plan.site.power_cap_mw is not None:
        yield Limit("site.power_cap_mw", plan.site.power_cap_mw * WATTS_PER_MW)
    if money_usd is not None:
        yield Limit("money_usd", _in_dollars(plan, money_usd, catalog))


def _in_dollars(plan: Plan, money: float | Span, catalog: Catalog | None) -> float:
    """Return a budget in US dollars: what clusters are held against before their own prices are read."""
    currency = money.currency if isinstance(money, ForeignSpan) else DOLLAR
    entry = None if catalog is None else catalog.of_kind("prices").get(currency.lower())
    prices = {} if entry is None else {currency.lower(): entry.profile}
    found = in_dollars(plan, prices, money)
    if found is None:
        raise InputError(
            f"targets.money_usd is in {currency}: expected its rate in money.rates, or US dollars"
        )
    return found


def name_of_answer(plan: Plan, systems: str) -> str:
    """Return what the plan of an answer is called: after its plan and what it runs on, no matter how often.

    Parameters
    ----------
    plan
        What was asked about.
    systems
        Such as `92 x DGX H200`.
    """
    return f"{_ANSWERED.sub('', plan.name)}: {systems}"


def plan_of_answer(plan: Plan, targets: Targets, name: str) -> Plan:
    """Return the plan of an answer under a name of its own, with what it was held to as its targets.

    Days that were asked for become the day on which they have passed; where they have no day to count from,
    or do not begin with the plan's start, the notes say what was asked.
    """
    told = {limit.name: limit.most for limit in targets.limits}
    days, finish_by, steps, power, money = (
        told.get(key) for key in ("deadline_days", "finish_by", "steps_per_day", "power_mw", "money_usd")
    )
    start = plan.calendar.start
    if days is not None and start is not None and plan.calendar.is_plain:
        passed = start.toordinal() + float(np.ceil(days))
        finish_by = passed if finish_by is None else min(passed, finish_by)
    elif days is not None:
        asked = f"Asked for: trained within {days:g} days."
        notes = plan.notes if asked in plan.notes else "\n\n".join(filter(None, (plan.notes, asked)))
        plan = plan.model_copy(update={"notes": notes})
    own = plan.targets.model_copy(
        update={
            "finish_by": None if finish_by is None else datetime.date.fromordinal(int(finish_by)),
            "steps_per_day": steps,
            "power_mw": None if power is None else power / WATTS_PER_MW,
            "money_usd": money,
            "money_of": plan.targets.money_of if money is not None else None,
        }
    )
    return plan.model_copy(update={"name": name, "targets": own, "pins": {}})
