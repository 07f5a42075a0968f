"""What is behind a line of the schedule: its threshold as a tree of base value, sample, risks and cost."""

from __future__ import annotations

from collections.abc import Iterator

from planner.acceptance.lines import Line
from planner.acceptance.sampling import SLOW_BY, TOO_OFTEN
from planner.acceptance.schedule import Schedule
from planner.errors import InputError
from planner.estimate.explain import Explanation
from planner.estimate.result import Estimate
from planner.files.values import shown_value, suggestion
from planner.planning.expected_rates import Grounding
from planner.quantities.evaluation import Figures
from planner.quantities.record import Grounds, GroundsKind, Record
from planner.quantities.units import Unit
from planner.units import percent

#: Before the id of a line, where a number of an estimate is asked for.
LINE_PREFIX = "acceptance."
_KINDS: dict[Grounding, GroundsKind] = {
    "curve": "measured",
    "carried": "derived",
    "engine": "assumed",
    "plan": "plan",
}
#: Numbers of the estimate that lines which the plan itself answers rest on.
_BEHIND: dict[str, tuple[str, ...]] = {
    "reference": ("tokens_per_second",),
    "soak": ("goodput.failures_per_day",),
    "rollout-cache": ("post_training.live",),
    "rollout-transfer": ("post_training.parts.transfer",),
    "rollout-reference": ("post_training.rollout_side_s",),
    "availability": ("spares.in_repair", "spares.of_servers", "spares.servers"),
}


def explain_line(estimate: Estimate, schedule: Schedule, identifier: str) -> Explanation:
    """Return the tree behind a line's threshold.

    Parameters
    ----------
    estimate, schedule
        Of the plan, and what its cluster is accepted by.
    identifier
        The line's, behind `acceptance.`

    Raises
    ------
    InputError
        Where the job needs no such line.
    """
    name = identifier.removeprefix(LINE_PREFIX)
    line = schedule.line(name)
    if line is None:
        ids = [one.id for one in schedule.lines]
        near = suggestion(name, ids) or f"; expected one of {', '.join(ids)}"
        raise InputError(f"{LINE_PREFIX}{shown_value(name)}: the schedule has no such line{near}")
    whole = estimate.whole_pool
    assert whole is not None  # as the schedule asked
    assert whole.figures is not None
    # where lines are of two pools, days and money are those of both
    figures = estimate.figures if line.pool is not None and estimate.figures is not None else whole.figures
    record = _threshold(line, schedule, figures)
    return Explanation(estimate.plan_name, record.id, line.pool or whole.id, record, (), figures.setting)


def _threshold(line: Line, schedule: Schedule, figures: Figures) -> Record:
    what = "at most so many" if line.is_ceiling else "least that passes"
    return Record(
        "threshold",
        f"{what} of {line.title}",
        line.threshold,
        _unit(line),
        equation=None if line.agreed_threshold is not None or line.threshold is None else "base x share",
        method="what both sides agreed on" if line.agreed_threshold is not None else None,
        children=tuple(_parts(line, schedule, figures)),
        grounds=Grounds("plan", f"plan: acceptance.lines, {line.id}") if line.agreed_threshold else None,
        id=f"{LINE_PREFIX}{line.id}",
    )


def _parts(line: Line, schedule: Schedule, figures: Figures) -> Iterator[Record]:
    yield _base(line, figures)
    sample = line.sample
    if sample is not None:
        risk = "the seller's risk: no more than it of what is sound fails"
        yield Record(
            "share",
            "threshold over base value",
            sample.threshold_share,
            "",
            method=f"{risk if sample.has_risks else 'what the plan needs'}; {sample.text}",
            children=()
            if not sample.has_risks
            else (
                Record(
                    "seller_risk",
                    "seller's risk that was asked for",
                    schedule.risk_seller,
                    "share",
                    grounds=Grounds("plan", "plan: acceptance.risk_seller"),
                ),
            ),
        )
    if sample is not None and sample.has_risks:
        found = (
            f"more than {TOO_OFTEN:g} times as often" if line.is_ceiling else f"slower by {percent(SLOW_BY)}"
        )
        yield Record(
            "buyer_risk",
            f"chance that what is {found} passes",
            sample.buyer_risk,
            "share",
            method="the scatter of what is slow, about the threshold",
        )
        yield Record(
            "unsigned_risk",
            "chance that something sound fails as long as the base value is only expected",
            sample.unsigned_risk,
            "share",
            method="the band of the base value and the scatter of the sample together",
        )
    days = figures.record("training_days", "days")
    yield Record(
        "days_of_a_percent",
        "days that a missing percent costs",
        line.cost.days,
        "days",
        method=f"the plan in the same layout with its {line.part.replace('_p2p', '')} a percent worse",
        children=(days,),
    )
    if line.cost.usd is not None:
        yield Record(
            "money_of_a_percent", "money that it costs", line.cost.usd, "USD", method="the ledger of both"
        )
    if line.cost.cut is not None:
        yield Record(
            "cut_of_a_percent",
            "cut of the price, or of the rent, that makes up for it",
            line.cost.cut,
            "share",
            method="the price at which the run costs what it did",
        )


def _base(line: Line, figures: Figures) -> Record:
    expected = line.expected
    if expected is None:
        return Record("base", "what sound systems reach: nobody knows, ask the vendor", None, _unit(line))
    behind = tuple(figures.record(one, one.rsplit(".", 1)[-1]) for one in _BEHIND.get(line.id, ()))
    where = "plan: operations" if expected.grounding == "plan" else "profiles/collectives"
    return Record(
        "base",
        "what sound systems reach, until both sides sign what these do",
        expected.rate,
        _unit(line),
        method=expected.basis,
        children=behind,
        grounds=None if behind else Grounds(_KINDS[expected.grounding], where, expected.sources),
    )


def _unit(line: Line) -> Unit:
    return "" if line.unit == "failures" else line.unit
