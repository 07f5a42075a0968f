"""The words of an answer about sizes: targets, what binds and by how much, and what proves it."""

from __future__ import annotations

import datetime

from planner.domain.plan import Plan
from planner.estimate.result import Estimate
from planner.exploring.mixes import mix_id
from planner.exploring.sizes import SystemAnswer
from planner.exploring.targets import Held, Limit, Targets
from planner.report import numbers
from planner.report.figures import scales_of
from planner.report.words import SEVERITIES, counted
from planner.units import WATTS_PER_MW

_BINDS = {
    "steps_per_day": "steps a day",
    "deadline_days": "time",
    "finish_by": "time",
    "power_mw": "power",
    "site.power_cap_mw": "site's power cap",
    "money_usd": "money",
    "memory": "memory",
    "goodput": "failures",
    "profile": "not known",
}
#: What a pool's name in front of a reason would say to nobody here.
_POOL_LABEL = "pool '"


def confidence_words(targets: Targets) -> str:
    """Return how sure an answer is to be: `P80`."""
    return f"P{100 * targets.confidence:.0f}"


def systems_words(plan: Plan) -> str:
    """Return the systems of all pools: `4 x atlas-800t-a3 + 4 x dgx-h100`."""
    return mix_id([f"{numbers.count(pool.count)} x {pool.system}" for pool in plan.cluster.pools])


def targets_words(targets: Targets) -> str:
    """Return all that is asked for: `40 steps a day, within 25 MW`."""
    return ", ".join(map(limit_words, targets.limits))


def limit_words(limit: Limit) -> str:
    """Return a target: `within 100 days`."""
    if limit.name == "steps_per_day":
        return f"{numbers.decimal(limit.most, 3)} steps a day"
    if limit.name == "deadline_days":
        return f"within {numbers.decimal(limit.most, 3)} days"
    if limit.name == "finish_by":
        return f"by {numbers.date(datetime.date.fromordinal(int(limit.most)))}"
    if limit.name == "money_usd":
        return f"for {numbers.trimmed(limit.most, numbers.MONEY)}"
    at = "the site's cap of " if limit.name.startswith("site") else ""
    return f"within {at}{numbers.trimmed(limit.most, numbers.POWER)}"


def unit_of_limit(binds: str | None) -> str | None:
    """Return the unit in which `short_by` is told."""
    units = {
        "steps_per_day": "steps/day",
        "power_mw": "MW",
        "site.power_cap_mw": "MW",
        "money_usd": "USD",
        "memory": "B",
    }
    return "days" if binds in ("deadline_days", "finish_by") else units.get(binds or "")


def short_by(answer: SystemAnswer) -> float | None:
    """Return by how much an answer misses, in the unit of the target that binds."""
    return short_in_unit(answer.binds, answer.short_by)


def short_in_unit(binds: str | None, short: float | None) -> float | None:
    """Return by how much a limit is missed in `unit_of_limit`, of what it is by in SI units."""
    is_power = binds in ("power_mw", "site.power_cap_mw")
    return short / WATTS_PER_MW if short is not None and is_power else short


def binds_words(answer: SystemAnswer) -> str:
    """Return which limit binds, in a word or two."""
    return binds_name(answer.binds)


def binds_name(binds: str | None) -> str:
    """Return what a limit is of, in a word or two."""
    return _BINDS.get(binds or "", binds or "")


def short_words(answer: SystemAnswer) -> str:
    """Return by how much it misses; empty where nobody knows."""
    short = answer.short_by
    if short is None:
        return "unknown"
    if answer.binds in ("deadline_days", "finish_by"):
        return f"{numbers.decimal(short, 2)} days"
    scales = {"money_usd": numbers.MONEY, "memory": numbers.BYTES}.get(answer.binds or "", numbers.POWER)
    return numbers.quantity(short, scales)


def why_words(answer: SystemAnswer, targets: Targets) -> str:
    """Return in a line why no count of a system meets the targets."""
    nearest = answer.nearest
    if nearest is None:
        return without_pool(answer.why)
    at = confidence_words(targets)
    systems = counted(nearest.count, "system")
    days = f"{numbers.decimal(nearest.days, 3)} days"
    if answer.binds in ("deadline_days", "finish_by"):
        tried = f"the best count tried, {systems}, takes {days} at {at}"
        return f"{tried}; more gain nothing{_batch_words(answer)}"
    bound = next(held for held in nearest.held if held.limit.name == answer.binds)
    if bound.value is None:
        return f"{systems} would be in time; {binds_words(answer)} unknown: {bound.without[0]}"
    text = f"the fewest in time, {systems}, come to {held_words(bound)}"
    within = answer.within
    if within is None:
        return f"{text}; no count within that limit runs it"
    return f"{text}; within it {numbers.count(within.count)} take {numbers.decimal(within.days, 3)} days"


def _batch_words(answer: SystemAnswer) -> str:
    """Return that the batch limits what more systems gain, and which batch would use them."""
    larger, nearest = answer.on_larger_batch, answer.nearest
    if larger is None or nearest is None:
        return ""
    before, after = (trial.plan.workload.global_batch_sequences for trial in (nearest, larger))
    return (
        f" with a global batch of {numbers.count(before)} sequences: {counted(larger.count, 'system')} "
        f"on one of {numbers.count(after)} would take {numbers.decimal(larger.days, 3)} days"
    )


def without_pool(why: str) -> str:
    """Return a reason without the name of the only pool in front of it."""
    return why.partition("': ")[2] if why.startswith(_POOL_LABEL) else why


def held_words(held: Held) -> str:
    """Return what a target came to: `26 MW of 25 MW`."""
    unit = numbers.MONEY if held.limit.name == "money_usd" else numbers.POWER
    value = numbers.quantity(held.value, unit, 3)
    return f"{value} of {numbers.trimmed(held.limit.most, unit)}"


def below_words(answer: SystemAnswer, targets: Targets) -> str:
    """Return why one system fewer is not enough."""
    certificate = answer.certificate
    assert certificate is not None  # every answer has one
    if certificate.count_below < 1:
        return "there is no smaller count"
    below = f"the best of at most {numbers.count(certificate.count_below)}"
    best = certificate.best_below
    if best is None:
        return f"{below} runs nothing: it does not fit into memory"
    late = numbers.decimal(best.late_days, 2)
    days = numbers.decimal(best.days, 4 if best.late_days < 1.0 else 3)
    if best.late_days <= 0.0:
        missed = best.missed
        over = "" if missed is None else f": {held_words(missed)}"
        return f"{below} is in time and breaks another limit{over}"
    return f"{below} takes {days} days at {confidence_words(targets)}, {late} too many"


def bound_words(answer: SystemAnswer) -> str:
    """Return the bound from arithmetic alone, and what it stands on."""
    certificate = answer.certificate
    assert certificate is not None  # as above
    bound = certificate.lower_bound
    run = bound.best_run
    at = f"{numbers.percent(bound.best_utilisation)} MFU, the best on record of its class ({run})"
    if run is None:
        at = "all of the peak, as no run of its class is on record"
    peak = numbers.quantity(bound.peak_flops_per_s, scales_of("FLOP/s"), 3)
    text = (
        f"at least {counted(bound.chips, 'chip')} by arithmetic: {numbers.count(bound.flops)} FLOP in "
        f"{numbers.decimal(bound.days, 3)} days of {peak} at {at}"
    )
    if answer.chips is not None and answer.chips < bound.chips:
        return f"{text}: the answer is below it, so trust it less"
    return text


def worst_severity(estimate: Estimate) -> str | None:
    """Return the severest of the compliance notes; None where none applies."""
    found = {note.severity for note in estimate.compliance.notes}
    return next((severity for severity in SEVERITIES if severity in found), None)


def compliance_words(estimate: Estimate | None) -> str:
    """Return what compliance says in a word: the worst note, and `?` where a rule waits for input."""
    if estimate is None:
        return ""
    worst = worst_severity(estimate)
    asked = " ?" if estimate.compliance.needs_input else ""
    return (SEVERITIES.get(worst or "") or "no note") + asked


def answer_line(answer: SystemAnswer, targets: Targets) -> str:
    """Return an answer in a line, as it is found."""
    if not answer.is_feasible:
        why = why_words(answer, targets)
        return f"{answer.system_id}: none ({binds_words(answer)}): {why}"
    days = f"{numbers.decimal(answer.days, 3)} days at {confidence_words(targets)}"
    systems, chips = counted(answer.count or 0, "system"), counted(answer.chips or 0, "chip")
    return f"{answer.system_id}: {systems}, {chips}, {days}"
