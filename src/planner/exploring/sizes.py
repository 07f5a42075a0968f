"""The smallest cluster that meets targets, system by system: answers as they are found, with progress."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.domain.system import System
from planner.errors import PlannerError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.exploring.certificate import Certificate, certified, lower_bound
from planner.exploring.count_search import first_that_meets_all, most_within, smallest_in_time
from planner.exploring.system_plans import SystemPlan, plan_on
from planner.exploring.targets import Held, Targets
from planner.exploring.trials import MOST_CHIPS, Trial, Trials

#: A search begins where so much of the 16-bit peak would be used: what most runs reach. [-]
_USUAL_UTILISATION = 0.35
#: A larger batch is told of where it is faster than the best count by so much, and tried at so many times.
_LEAST_TIMES, _MOST_TIMES = 1.1, 16.0


@dataclass(frozen=True, slots=True)
class Progress:
    """A count that was tried: whoever shows progress says which."""

    system_id: str
    count: int
    #: systems answered so far, of all that are asked about
    answered: int
    asked: int


@dataclass(frozen=True, slots=True, eq=False)
class SystemAnswer:
    """What one system needs, or why it cannot."""

    system_id: str
    system_name: str
    #: the smallest count that meets every target; None where none does
    count: int | None
    chips: int | None
    #: the plan of the answer, or of the nearest that runs; None where nothing does
    plan: Plan | None = None
    estimate: Estimate | None = None
    #: every target against that
    held: tuple[Held, ...] = ()
    certificate: Certificate | None = None
    #: where there is no answer: the limit that binds (a target, `memory`, `profile`), and in a line how
    binds: str | None = None
    short_by: float | None = None
    why: str = ""
    #: the trial of the answer, else the nearest count, which meets all but what binds
    nearest: Trial | None = None
    #: where a limit binds that more systems break: the largest count within it
    within: Trial | None = None
    #: where more systems gain nothing: more of them on a larger batch, which does
    on_larger_batch: Trial | None = None
    changes: tuple[str, ...] = ()
    tried: int = 0

    @property
    def counts(self) -> tuple[int, ...]:
        """The count of each pool, of which there is one; nothing where no count meets every target."""
        return () if self.count is None else (self.count,)

    @property
    def nearest_counts(self) -> tuple[int, ...]:
        """The counts of the answer, else of the nearest; nothing where no count runs."""
        return () if self.nearest is None else self.nearest.counts

    @property
    def is_feasible(self) -> bool:
        """Whether some count meets every target."""
        return self.count is not None

    @property
    def days(self) -> float | None:
        """Days of the answer at the confidence; None where there is none."""
        return self.nearest.days if self.is_feasible and self.nearest is not None else None

    @property
    def order(self) -> tuple[int, float, float]:
        """The best is least: what draws least at the meter; then what misses a target by the least share."""
        figures = self.estimate.figures if self.estimate is not None else None
        power = figures.p50("power.facility_w") if figures is not None else None
        if self.is_feasible:
            return 0, math.inf if power is None else power, float(self.chips or 0)
        return 1, max((held.excess for held in self.held), default=math.inf), 0.0


Step = Progress | SystemAnswer


def _never() -> bool:
    return False


def sizes(
    plan: Plan,
    catalog: Catalog,
    targets: Targets,
    systems: Sequence[str],
    should_stop: Callable[[], bool] = _never,
) -> Iterator[Step]:
    """Yield the smallest cluster of each system that meets the targets, as soon as each is known.

    Parameters
    ----------
    plan
        What is trained, where, and under which site; of one pool. Its count and system are not read.
    catalog
        Where profiles are found.
    targets
        What must hold, and at which confidence.
    systems
        Which systems are asked about, in this order.
    should_stop
        Asked between counts and inside of searches; once true, nothing more is yielded.

    Yields
    ------
    Progress
        After every count that was tried.
    SystemAnswer
        One for each system: also where it cannot be planned, and then why.

    Raises
    ------
    PlanError
        Where the plan has several pools.
    """
    for place, system_id in enumerate(systems):
        search = _answered(plan_on(plan, catalog, system_id), catalog, targets, should_stop)
        for found in search:
            if should_stop():
                return
            yield (
                found if isinstance(found, SystemAnswer) else Progress(system_id, found, place, len(systems))
            )


class Ranked(Protocol):
    """An answer that others are held against."""

    @property
    def order(self) -> tuple[int, float, float]:
        """The best is least."""


_Ranked = TypeVar("_Ranked", bound=Ranked)


def ranked(answers: Iterable[_Ranked]) -> list[_Ranked]:
    """Return answers with the best first: what draws least at the meter; those that cannot come last."""
    return sorted(answers, key=lambda answer: answer.order)


def _answered(
    system: SystemPlan, catalog: Catalog, targets: Targets, should_stop: Callable[[], bool]
) -> Iterator[int | SystemAnswer]:
    """Yield the counts that are tried of one system, and its answer."""
    profile: System = catalog.get("systems", system.system_id).profile
    trials = Trials(system, catalog, targets, should_stop)
    answer = SystemAnswer(profile.id, profile.name, None, None, changes=system.changes)
    try:
        guess = lower_bound(trials, trials.allowed_days, utilisation=_USUAL_UTILISATION).chips
        count = yield from smallest_in_time(trials, math.ceil(guess / trials.chips_per_system))
        if should_stop():
            return
        answer = yield from _judged(answer, trials, count)
    except PlannerError as error:
        answer = replace(answer, binds="profile", why=str(error))
    yield replace(answer, tried=len(trials.tried))


def _judged(answer: SystemAnswer, trials: Trials, count: int | None) -> Generator[int, None, SystemAnswer]:
    """Return the answer where the smallest count that is in time is this one."""
    if count is None:
        return _too_late(answer, trials)
    trial = trials.at(count)
    if not trial.meets_all:
        trial = (yield from first_that_meets_all(trials, trial)) or trial
    if not trial.meets_all:
        return (yield from _over_a_limit(answer, trials, trial))
    leaner = trials.without_idle(trial)
    if leaner is not None and leaner.meets_all:
        answer, trial = replace(answer, changes=(*answer.changes, _given_words(trial, leaner))), leaner
    found = _with_estimate(answer, trials, trial)
    return replace(
        found, count=trial.count, chips=trial.pool.chips, nearest=trial, certificate=certified(trials, trial)
    )


def _given_words(trial: Trial, leaner: Trial) -> str:
    """Return that a layout is given to fewer systems than a search chooses it on, and the batch with it."""
    stated, batch = (one.plan.workload.global_batch_sequences for one in (trial, leaner))
    with_batch = (
        "" if batch == stated else f", with its global batch of {batch:,} sequences in place of {stated:,}"
    )
    return (
        f"strategy: a search chooses this layout from {trial.count:,} systems on, of which it leaves "
        f"{trial.count - leaner.count:,} idle: it is given{with_batch}"
    )


def _with_estimate(answer: SystemAnswer, trials: Trials, trial: Trial) -> SystemAnswer:
    estimate = estimate_plan(trial.plan, trials.catalog)
    return replace(answer, plan=trial.plan, estimate=estimate, held=trial.held)


def _too_late(answer: SystemAnswer, trials: Trials) -> SystemAnswer:
    """Return why no count is in time: what fits takes too long, or nothing runs."""
    able = [trial for trial in trials.tried.values() if trial.runs]
    if able:
        best = min(able, key=lambda trial: trial.days)
        found = _with_estimate(answer, trials, best)
        larger = _on_larger_batch(trials, best)
        return replace(
            found,
            binds=best.targets.time.name,
            short_by=best.late_days,
            nearest=best,
            on_larger_batch=larger,
        )
    largest = max(trials.tried.values(), key=lambda trial: trial.count)
    why = largest.reasons[0] if largest.reasons else ""
    if largest.fits:
        return replace(answer, binds="goodput", why=why)
    short = largest.lacking_bytes
    return replace(answer, binds="memory", short_by=short if math.isfinite(short) else None, why=why)


def _on_larger_batch(trials: Trials, best: Trial) -> Trial | None:
    """Return more systems on a batch that is larger by as much, where that is faster than the best count.

    Data parallelism divides the batch: where its shares are as small as a pipeline takes, more systems idle.
    """
    plan = trials.system.plan
    late = best.days / best.allowed_days if best.allowed_days > 0 else math.inf
    wanted = 2 ** max(math.ceil(math.log2(min(late, _MOST_TIMES))), 1)
    for factor in sorted({wanted, 2}, reverse=True):
        count = best.count * factor
        if plan.workload.phases or count * trials.chips_per_system > MOST_CHIPS or trials.should_stop():
            continue
        batch = plan.workload.global_batch_sequences * factor
        workload = plan.workload.model_copy(update={"global_batch_sequences": batch})
        system = replace(trials.system, plan=plan.model_copy(update={"workload": workload}))
        larger = Trials(system, trials.catalog, trials.targets, trials.should_stop).at(count)
        if larger.runs and larger.days < best.days / _LEAST_TIMES:
            return larger
    return None


def _over_a_limit(answer: SystemAnswer, trials: Trials, trial: Trial) -> Generator[int, None, SystemAnswer]:
    """Return which limit is broken by the smallest count that is in time, and what is within it."""
    missed = trial.missed
    assert missed is not None  # it runs, and does not meet all
    within = None if missed.value is None else (yield from most_within(trials, trial))
    found = _with_estimate(answer, trials, trial)
    return replace(found, binds=missed.limit.name, short_by=missed.over, nearest=trial, within=within)
