"""What a thread does for the Explore screen: one thing after the other, a piece at a time, news of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import cast

from planner.app.exploration import MOVED, Exploration, News, Piece, Work
from planner.app.runner import Job
from planner.catalog.catalog import Catalog
from planner.errors import PlannerError
from planner.estimate.money_verdict import budget_quantity
from planner.exploring.curve import Measure, Sized, curve, more_of
from planner.exploring.question import Question
from planner.exploring.sensitivity import Tornado, tornadoes
from planner.exploring.sizes import Progress, SystemAnswer, sizes
from planner.exploring.system_plans import plan_on
from planner.exploring.targets import Targets
from planner.exploring.trials import Trials
from planner.planning.resolve import resolve
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting
from planner.quantities.table import TABLE

Stop = Callable[[], bool]
#: What ranking and plots show of each answer, beside its count.
_SHOWN = ("training_days", "finish_date", "power.facility_w", "cost.capex", "cost.total")


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
        elif isinstance(piece, SystemAnswer):
            forget_what_no_pane_shows(piece)
        job.tell(hear, (work, of, piece))
    return False


def forget_what_no_pane_shows(answer: SystemAnswer) -> None:
    """Work out what is shown of an answer, and drop all other draws: a ranking of many systems holds them."""
    for trial in (answer.nearest, answer.within, answer.on_larger_batch):
        if trial is not None:
            trial.forget()
    estimate = answer.estimate
    if estimate is None or answer.plan is None:
        return
    if estimate.known is not estimate.figures:
        estimate.known.forget()
    if estimate.figures is not None:
        shown = (*_SHOWN, budget_quantity(answer.plan.targets, estimate.figures))
        for identifier in shown:
            estimate.figures[identifier]
        estimate.figures.forget(*shown)


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
) -> Iterator[Progress | SystemAnswer]:
    assert exploration.targets is not None  # else it is not due
    left = exploration.unanswered()
    return sizes(exploration.plan, catalog, exploration.targets, left, should_stop)


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
