"""The smallest count of a system that is in time: a bracket, then every count below it that may be."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

from planner.exploring.replica_axis import Families
from planner.exploring.targets import TIME_TARGETS
from planner.exploring.trials import MOST_CHIPS, Trial, Trials

#: A bracket is narrow enough where its ends are that near.
_NARROW = 1.03
#: By how much the days over the step differ between neighbouring layouts; more where counts are few, and
#: where days are no multiple of the steps.
_MARGIN = 0.015
_MARGIN_OF_FEW = 0.15
_MARGIN_OF_CALENDARS = 0.25
_FEW = 64
#: How far below a count that is in time others may be, layouts being chosen by more than their step.
_WINDOW = 1.35
#: How far apart counts of a first look are, and a little more.
_APART = 2.2
#: Days of the best count tried, over those allowed, from which on none between is looked for.
_NEARLY = 1.12
#: Counts between those of a first look that are tried, the most promising first.
_MOST_BETWEEN = 64
#: Where the best of counts that are all late is looked for, beside the best of the first look.
_BESIDE = (0.7, 0.85, 1.2, 1.4)
#: More systems that gain less than this, so often in a row, gain nothing.
_LEAST_GAIN = 0.01
_MOST_STALLS = 3
#: Counts that are tried for the largest within a limit.
_MOST_LOOKS = 12

#: Counts as they are tried; the count found at the end, None where none is in time.
Search = Generator[int, None, int | None]


@dataclass(frozen=True, slots=True)
class Bracket:
    """A count that is in time, and the largest below it that was tried and is not."""

    low: int
    high: int


def smallest_in_time(trials: Trials, guess: int) -> Search:
    """Yield counts as they are tried and return the smallest that is in time; None where none is.

    Days over counts go up and down by what people's practice prefers and batches divide, so that a bracket
    alone proves nothing: of all counts below it at which anything changes, those whose predicted step may be
    in time are tried too. The best of at most n systems, which is what is asked for, falls with n.
    """
    bracket = yield from _bracket(trials, guess)
    if bracket is None:
        bracket = yield from _between(trials)
    if bracket is None:
        return None
    bracket = yield from _narrowed(trials, bracket)
    return (yield from _first_below(trials, bracket))


def _most(trials: Trials) -> int:
    system_chips = trials.chips_per_system
    return max(MOST_CHIPS // system_chips, 1)


def _bracket(trials: Trials, guess: int) -> Generator[int, None, Bracket | None]:
    most = _most(trials)
    count, low = min(max(guess, 1), most), 0
    stalls, least = 0, math.inf
    while True:
        trial = trials.at(count)
        yield count
        if trial.is_in_time:
            return Bracket(low, count)
        low = count
        if math.isfinite(trial.days):
            stalls = stalls + 1 if trial.days > least * (1.0 - _LEAST_GAIN) else 0
            least = min(least, trial.days)
        if count >= most or stalls >= _MOST_STALLS:
            return None
        growth = min(trial.days / trial.allowed_days * 1.01, 2.0) if trial.allowed_days > 0 else 2.0
        count = min(max(math.ceil(count * max(growth, 1.05)), count + 1), most)


def _between(trials: Trials) -> Generator[int, None, Bracket | None]:
    """Look for a count in time near the best of those tried, where none of these is: days have a least."""
    bracket = yield from _beneath(trials)
    if bracket is not None:
        return bracket
    able = [trial for trial in trials.tried.values() if trial.runs]
    if not able:
        return None
    best = min(able, key=lambda trial: trial.days)
    for factor in _BESIDE:
        count = max(round(best.count * factor), 1)
        is_in_time = trials.at(count).is_in_time
        yield count
        if is_in_time:
            return Bracket(0, count)
    if best.days > best.allowed_days * _NEARLY:
        return None
    families = [Families.near(job) for _, job, _ in best.phases]
    low, high = max(math.floor(best.count / _APART), 1), min(math.ceil(best.count * _APART), _most(trials))
    promising = _promising(trials, best, families, low, high)
    for _, count in sorted(promising)[:_MOST_BETWEEN]:
        trial = trials.at(count)
        yield count
        if trial.is_in_time:
            return Bracket(0, count)
    return None


def _beneath(trials: Trials) -> Generator[int, None, Bracket | None]:
    """Halve the smallest count tried while that gains: a first guess may lie beyond the least days."""
    while (smallest := min(trials.tried)) > 1:
        least = min(trial.days for trial in trials.tried.values())
        trial = trials.at(smallest // 2)
        yield trial.count
        if trial.is_in_time:
            return Bracket(0, trial.count)
        # what does not fit fits on fewer still less; what fails too often to get on may on fewer
        is_worse = trial.days >= least * (1.0 - _LEAST_GAIN) if math.isfinite(least) else not trial.fits
        if is_worse:
            return None
    return None


def _narrowed(trials: Trials, bracket: Bracket) -> Generator[int, None, Bracket]:
    low, high = bracket.low, bracket.high
    is_by_trend = True
    while high - low > 1 and high > low * _NARROW:
        trend = round(high * trials.at(high).days / trials.at(high).allowed_days)
        middle = math.isqrt(low * high) if low else high // 2
        count = trend if is_by_trend else middle
        is_by_trend = not is_by_trend
        count = min(max(count, low + 1), high - 1)
        trial = trials.at(count)
        yield count
        if trial.is_in_time:
            high = count
        else:
            low = count
    return Bracket(low, high)


def _first_below(trials: Trials, bracket: Bracket) -> Generator[int, None, int]:
    """Try every count up to the bracket's upper end that may be in time, the smallest first."""
    best = trials.at(bracket.high)
    high = bracket.high
    families = [Families.near(job) for _, job, _ in best.phases]
    while True:
        low = max(math.floor(high / _WINDOW), 1)
        for _, count in _promising(trials, best, families, low, high):
            trial = trials.at(count)
            yield count
            if trial.is_in_time:
                best = trial
                break
        # where the window's own beginning is in time, smaller ones may be
        if best.count > low or best.count == 1:
            return best.count
        high = best.count


def _promising(
    trials: Trials, best: Trial, families: list[Families], low: int, high: int
) -> list[tuple[float, int]]:
    """Return the counts below `high` that may be in time, rising, each with its predicted days before it."""
    per_system = trials.chips_per_system
    counts = sorted(set().union(*(each.counts(per_system, low, high) for each in families)) | {low})
    counts = [count for count in counts if count < high]
    chips = [count * per_system for count in counts]
    steps = [each.seconds(chips) for each in families]
    predicted = [
        sum(best.steps_of(place) * step[index] for place, step in enumerate(steps))
        for index in range(len(counts))
    ]
    margin = _MARGIN_OF_FEW if high <= _FEW else _MARGIN
    if not best.plan.calendar.is_plain:
        margin = _MARGIN_OF_CALENDARS
    days_per_second = best.days / best.chosen_s
    most = best.allowed_days * (1.0 + margin)
    found = ((seconds * days_per_second, count) for count, seconds in zip(counts, predicted, strict=True))
    return [(days, count) for days, count in found if days <= most]


#: What of money is a sum over the time of training too, and may fall where more systems are quicker.
MONEY_OF_TIME = ("cost.total", "cost.life", "cost.first_year")


def first_that_meets_all(trials: Trials, trial: Trial) -> Generator[int, None, Trial | None]:
    """Yield counts above one that is in time and return the first trial that meets all; None where none does.

    Power and a purchase grow with the count, so that more systems meet them no better; only what a run costs
    may fall where one system more makes all of them quicker.
    """
    if any(held.quantity not in MONEY_OF_TIME for held in trial.held if not held.is_met):
        return None
    families = [Families.near(job) for _, job, _ in trial.phases]
    high = math.ceil(trial.count * _WINDOW)
    per_system = trials.chips_per_system
    counts = sorted(set().union(*(each.counts(per_system, trial.count + 1, high) for each in families)))
    for count in counts:
        tried = trials.at(count)
        yield count
        if tried.meets_all:
            return tried
    return None


def most_within(trials: Trials, trial: Trial) -> Generator[int, None, Trial | None]:
    """Yield counts and return the largest trial that breaks no limit but the deadline; None: none runs."""
    tried = trial
    for _ in range(_MOST_LOOKS):
        others = [held for held in tried.held if held.limit.name not in TIME_TARGETS]
        if all(held.is_met for held in others):
            return tried
        # fewer systems draw a little more each: a share may have to be taken more than once
        shares = [held.limit.most / held.value for held in others if held.value]
        count = min(math.floor(tried.count * min([*shares, 1.0])), tried.count - 1)
        if count < 1:
            return None
        tried = trials.at(count)
        yield count
        if not tried.runs:
            return None
    return None
