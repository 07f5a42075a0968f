"""What a thread does for the Explore screen: one thing after the other, a piece at a time, news of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from planner.app.exploration import MOVED, Answer, Answered, Exploration, News, Piece, Work
from planner.app.runner import Job
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import PlannerError
from planner.estimate.estimate import estimate_plan
from planner.estimate.money_verdict import budget_quantity
from planner.exploring.curve import Measure, Sized, Sizes, SystemSizes, curve, more_of, sized_of
from planner.exploring.mixes import mix_id, systems_of_mix
from planner.exploring.pools_in_step import PoolsInStep
from planner.exploring.post_answers import TOLD_OF_SIZES, PostSize
from planner.exploring.post_sizes import PostSizes
from planner.exploring.post_systems import crossed, on_systems, post_training_sizes, star_of
from planner.exploring.question import Question
from planner.exploring.sensitivity import Tornado, tornadoes
from planner.exploring.sizes import Progress, sizes
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
        plan = exploration.plan
        own = [pool.system for pool in plan.cluster.pools if pool.system is not None]
        systems = tuple(dict.fromkeys([*own, *catalog.systems]))
        exploration.systems = (
            tuple(map(mix_id, star_of(plan, systems))) if exploration.is_post_training else systems
        )
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


def answered(answer: Answer, catalog: Catalog, targets: Targets) -> Answered:
    """Return an answer with what is drawn of it, rid of all else: a ranking of many systems holds them.

    What a page asks of it beyond that is worked out again then.
    """
    estimate, plan, sized = answer.estimate, answer.plan, None
    figures = None if estimate is None else estimate.figures
    shown = TOLD_OF_SIZES if isinstance(answer, PostSize) else _SHOWN
    if figures is not None and plan is not None and answer.counts and answer.chips is not None:
        sized = sized_of(figures, answer.system_id, answer.counts, answer.chips, plan, targets)
        for identifier in shown:
            figures[identifier]
    if isinstance(answer, PostSize):
        return Answered(answer.lean(*shown), sized)
    below = None if answer.certificate is None else answer.certificate.best_below
    for trial in (answer.nearest, answer.within, answer.on_larger_batch, below):
        if trial is not None:
            # what keeps one that is in time from being an answer is told, and takes all its figures
            if trial.is_in_time:
                _ = trial.held
            trial.forget()
    if figures is not None and plan is not None:
        figures.forget(*shown, again=partial(_setting_again, plan, catalog))
    return Answered(answer, sized)


def _setting_again(plan: Plan, catalog: Catalog) -> Setting:
    figures = estimate_plan(plan, catalog).figures
    assert figures is not None  # it could run
    return figures.setting


def curve_pieces(
    exploration: Exploration, catalog: Catalog, of: str, should_stop: Stop
) -> Iterator[Sized | bool]:
    """Yield the sizes of a system's curve as they are found; False for each that cannot run."""
    base, targets = exploration.base, exploration.targets
    sizes_of = _sizes_of(exploration, catalog, of, base, should_stop)
    for sized in curve(sizes_of, max(base), targets):
        # a piece all the same, so that others have their turn
        yield sized if sized is not None else False


def _sizes_of(
    exploration: Exploration, catalog: Catalog, of: str, base: tuple[int, ...], should_stop: Stop
) -> Sizes:
    """Return the sizes of a system, or of the pools of post-training in the proportion of some counts."""
    plan, targets = exploration.plan, exploration.targets
    held = targets or Targets(())
    if exploration.is_post_training:
        mixed, _ = on_systems(plan, catalog, systems_of_mix(of))
        return PoolsInStep(PostSizes(mixed, catalog, held, should_stop), base, targets)
    return SystemSizes(Trials(plan_on(plan, catalog, of), catalog, held, should_stop), targets)


def _ranking(
    exploration: Exploration, catalog: Catalog, _of: str, should_stop: Stop
) -> Iterator[Progress | Answered]:
    plan, targets, left = exploration.plan, exploration.targets, exploration.unanswered()
    assert targets is not None  # else it is not due
    steps: Iterator[Progress | Answer] = (
        _mixes(exploration, catalog, targets, left, should_stop)
        if exploration.is_post_training
        else sizes(plan, catalog, targets, left, should_stop)
    )
    for step in steps:
        yield step if isinstance(step, Progress) else answered(step, catalog, targets)


def _mixes(
    exploration: Exploration, catalog: Catalog, targets: Targets, left: list[str], should_stop: Stop
) -> Iterator[PostSize]:
    """Yield the answers of mixes of systems; where all are answered, the best of each pool together."""
    plan = exploration.plan
    found = {mix: answer for mix, answer in exploration.answers.items() if isinstance(answer, PostSize)}
    while True:
        mixes = [systems_of_mix(mix) for mix in left]
        for answer in post_training_sizes(plan, catalog, targets, mixes, should_stop):
            yield answer
            found[answer.system_id] = answer
        asked = exploration.systems
        others = crossed([found[mix] for mix in asked if mix in found])
        left = [mix for mix in map(mix_id, others) if mix not in asked]
        if not left or should_stop():
            return
        exploration.systems = (*asked, *left)


def _more(exploration: Exploration, catalog: Catalog, _of: str, should_stop: Stop) -> Iterator[Sized | bool]:
    for answer in list(exploration.answers.values()):
        if not answer.counts or answer.system_id in exploration.more:
            continue
        sizes_of = _sizes_of(exploration, catalog, answer.system_id, answer.counts, should_stop)
        for sized in more_of(sizes_of, max(answer.counts)):
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
