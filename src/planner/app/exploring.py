"""What a thread does for the Explore screen: one thing after the other, a piece at a time, news of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from planner.app.exploration import MOVED, Answered, Exploration, News, Piece, Work
from planner.app.runner import Job
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import PlannerError
from planner.estimate.estimate import estimate_plan
from planner.estimate.money_verdict import budget_quantity
from planner.exploring.curve import Measure, Sized, curve, more_of, sized_of
from planner.exploring.question import Question
from planner.exploring.sensitivity import Tornado, tornadoes
from planner.exploring.sizes import Progress, SystemAnswer, sizes
from planner.exploring.system_plans import plan_on
from planner.exploring.targets import Targets
from planner.exploring.trials import Trials
from planner.planning.resolve import resolve
from planner.quantities.evaluation import Figures
from planner.quantities.setting import Setting, main_setting
from planner.quantities.table import TABLE

Stop = Callable[[], bool]
#: What the ranking and the table show of each answer, beside its count and days.
_SHOWN = ("power.facility_w", "cost.capex", "cost.total")


#: So long after a key the work waits, so that its echo has the interpreter to itself; at most so long.
_ECHO_S, _MOST_WAIT_S = 0.04, 0.2


class GivesWay:
    """Lets the work wait while somebody presses keys: two threads of Python share one interpreter."""

    def __init__(self) -> None:
        self.until = 0.0

    def touch(self) -> None:
        """Say that a key came just now, in the screen's thread."""
        self.until = time.monotonic() + _ECHO_S

    def wait(self) -> None:
        """Wait until its echo should be there, in the worker's thread."""
        end = time.monotonic() + _MOST_WAIT_S
        while (left := min(self.until, end) - time.monotonic()) > 0.0:
            time.sleep(left)


def explore(
    exploration: Exploration,
    catalog: Catalog,
    job: Job,
    hear: Callable[[News], None],
    gives_way: GivesWay,
) -> bool:
    """Find out what is due, in the worker's thread, and tell each piece; return whether nothing is left.

    What somebody looks at changes what is due next, between any two pieces. What was begun goes on later.
    """
    exploration.aim(catalog)
    if not exploration.systems:
        own = [pool.system for pool in exploration.plan.cluster.pools if pool.system is not None]
        exploration.systems = tuple(dict.fromkeys([*own, *catalog.systems]))
    under_way: dict[tuple[Work, str], Iterator[Piece]] = {}
    # the screen keeps what is done once it has heard of it
    ended: set[tuple[Work, str]] = set()

    def should_stop() -> bool:
        gives_way.wait()
        return job.is_cancelled()

    while not should_stop():
        key = exploration.due(ended)
        if key is None:
            return True
        work, of = key
        if key not in under_way:
            under_way[key] = _BEGUN[work](exploration, catalog, of, should_stop)
        try:
            piece: Piece = next(under_way[key], None)
        except PlannerError as error:
            piece = str(error)
        if job.is_cancelled():
            break
        if piece is None or isinstance(piece, str):
            ended.add(key)
        job.tell(hear, (work, of, piece))
    return False


def answered(answer: SystemAnswer, catalog: Catalog, targets: Targets) -> Answered:
    """Return an answer with what is drawn of it, rid of all else: a ranking of many systems holds them.

    What a page asks of it beyond that is worked out again then.
    """
    below = None if answer.certificate is None else answer.certificate.best_below
    for trial in (answer.nearest, answer.within, answer.on_larger_batch, below):
        if trial is not None:
            # what keeps one that is in time from being an answer is told, and takes all its figures
            if trial.is_in_time:
                _ = trial.held
            trial.forget()
    estimate, plan = answer.estimate, answer.plan
    if estimate is None or estimate.figures is None or plan is None:
        return Answered(answer)
    figures, sized = estimate.figures, None
    if answer.count is not None and answer.chips is not None:
        sized = sized_of(figures, answer.system_id, answer.count, answer.chips, plan, targets)
        for identifier in _SHOWN:
            figures[identifier]
    figures.forget(*_SHOWN, again=partial(_setting_again, plan, catalog))
    return Answered(answer, sized)


def _setting_again(plan: Plan, catalog: Catalog) -> Setting:
    figures = estimate_plan(plan, catalog).figures
    assert figures is not None  # it could run
    return figures.setting


def curve_pieces(
    exploration: Exploration, catalog: Catalog, of: str, should_stop: Stop
) -> Iterator[Sized | bool]:
    """Yield the sizes of a system's curve as they are found; False for each that cannot run."""
    targets = exploration.targets
    trials = Trials(plan_on(exploration.plan, catalog, of), catalog, targets or Targets(()), should_stop)
    for sized in curve(trials, exploration.around, targets):
        # a piece all the same, so that others have their turn
        yield sized if sized is not None else False


def _ranking(
    exploration: Exploration, catalog: Catalog, _of: str, should_stop: Stop
) -> Iterator[Progress | Answered]:
    targets = exploration.targets
    assert targets is not None  # else it is not due
    for step in sizes(exploration.plan, catalog, targets, exploration.unanswered(), should_stop):
        yield step if isinstance(step, Progress) else answered(step, catalog, targets)


def _more(exploration: Exploration, catalog: Catalog, _of: str, should_stop: Stop) -> Iterator[Sized | bool]:
    targets = exploration.targets
    assert targets is not None  # as above
    for answer in list(exploration.answers.values()):
        if answer.count is None or answer.system_id in exploration.more:
            continue
        system = plan_on(exploration.plan, catalog, answer.system_id)
        trials = Trials(system, catalog, targets, should_stop)
        for sized in more_of(trials, answer.count, targets):
            yield sized if sized is not None else False


def _tornado(exploration: Exploration, catalog: Catalog, of: str, should_stop: Stop) -> Iterator[Tornado]:
    plan = exploration.plan
    identifier = MOVED.get(cast("Measure", of))
    if identifier is None:
        resolved = resolve(plan, catalog)
        figures = Figures(main_setting(resolved, resolved.pools[0]))
        identifier = budget_quantity(plan.targets, figures)
    yield from tornadoes(Question(plan, catalog, TABLE[identifier], should_stop))


_BEGUN: dict[Work, Callable[[Exploration, Catalog, str, Stop], Iterator[Piece]]] = {
    "curve": curve_pieces,
    "ranking": _ranking,
    "more": _more,
    "tornado": _tornado,
}
