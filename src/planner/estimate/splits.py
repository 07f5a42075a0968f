"""How a plan's pools train together: every way with its days, and the one that is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.engine.arrays import FloatArray
from planner.estimate.failures import LEAST_GOODPUT
from planner.planning.components import results_on
from planner.planning.mixed import Joined, Split, refuse_splits_elsewhere
from planner.planning.mixed_splits import NoSplit, Outcome, alone, joint_trainings, rollout_beside
from planner.planning.pool_link import Link, link_of
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting

#: What each way is called.
SPLIT_WORDS: dict[Split, str] = {
    "data": "shares of the batch",
    "pipeline": "stages of one pipeline",
    "alone": "the faster pool alone",
    "rollout": "one generates, the other learns",
}


@dataclass(frozen=True, slots=True, eq=False)
class SplitView:
    """One way in which the pools of a plan train."""

    split: Split
    #: of the whole plan in this way; None where it cannot be, and why
    figures: Figures | None
    reason: str = ""
    is_chosen: bool = False

    @property
    def days(self) -> float:
        """Days of training at the medians."""
        return float("inf") if self.figures is None else self.figures.number("training_days")

    @property
    def loss(self) -> float | None:
        """Share of the sum of the pools' rates that is lost; None where one of them has none."""
        return None if self.figures is None else self.figures.p50("split.loss")

    @property
    def joined(self) -> Joined | None:
        """Which pools take part, with what share; None where it cannot be."""
        return None if self.figures is None else self.figures.setting.joined


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """All ways of a plan of several pools, as they are told."""

    views: tuple[SplitView, ...]
    #: which the plan says; None where it leaves it open
    stated: Split | None
    link: Link
    #: what is computed otherwise in one pool than in another, in words; none where all agree
    numerics: tuple[str, ...] = ()

    @property
    def is_stated(self) -> bool:
        """Whether the plan says which."""
        return self.stated is not None

    @property
    def chosen(self) -> SplitView | None:
        """The one that is taken; None where none can be."""
        return next((view for view in self.views if view.is_chosen), None)


def splits_of(
    resolved: ResolvedPlan,
    outcomes: Sequence[Outcome],
    figures: Sequence[Figures | None],
    *,
    cancelled: Callable[[], bool],
) -> Splits:
    """Return every way in which the plan's pools train, the best of each, with the one that is taken.

    Parameters
    ----------
    resolved
        The plan.
    outcomes, figures
        Every pool with its training of all the work, and its figures; None where it has none.
    cancelled
        As of `Job.search`.

    Raises
    ------
    PlanError
        Where a phase or a pilot states a split.
    """
    refuse_splits_elsewhere(resolved.plan)
    link = link_of(resolved, [pool for pool, _ in outcomes])
    if resolved.plan.workload.is_post_training:
        return _rollout_splits(resolved, outcomes, figures, link)
    ways = joint_trainings(resolved, outcomes, link, cancelled=cancelled)
    views = [_view(resolved, way, outcomes, figures) for way in ways]
    fastest = _fastest(figures)
    if fastest is None:
        views.append(SplitView("alone", None, "no pool can run the plan by itself"))
    else:
        views.append(_view(resolved, alone(outcomes, fastest, link), outcomes, figures))
    stated = resolved.plan.strategy.split
    open_ = [view for view in views if view.figures is not None and stated in ("auto", view.split)]
    best = min(open_, key=_end, default=None)
    marked = tuple(replace(view, is_chosen=view is best) for view in views)
    return Splits(
        marked, None if stated == "auto" else stated, link, _numerics([pool for pool, _ in outcomes])
    )


def _rollout_splits(
    resolved: ResolvedPlan,
    outcomes: Sequence[Outcome],
    figures: Sequence[Figures | None],
    link: Link,
) -> Splits:
    """Return both ways in which one of two pools generates, as far as the other can learn."""
    stated = resolved.plan.post_training.rollout_pool
    views = []
    for pool, training in outcomes:
        if training is None:
            views.append(SplitView("rollout", None, f"pool '{pool.pool.id}' cannot learn"))
            continue
        views.append(_view(resolved, rollout_beside(training, pool, outcomes, link), outcomes, figures))
    open_ = [
        view
        for view in views
        if view.joined is not None and stated in (None, view.joined.members[1].pool.pool.id)
    ]
    best = min(open_, key=_end, default=None)
    marked = tuple(replace(view, is_chosen=view is best) for view in views)
    numerics = _numerics([pool for pool, _ in outcomes])
    return Splits(marked, "rollout" if stated is not None else None, link, numerics)


def _fastest(figures: Sequence[Figures | None]) -> int | None:
    """Return the pool that would finish first by itself; None where none can."""
    able = [(one.number("training_days"), place) for place, one in enumerate(figures) if one is not None]
    return min(able, default=(0.0, None))[1]


def _end(view: SplitView) -> float:
    """Return when a training is done: the day, or where there is none, after how many."""
    assert view.figures is not None
    end = view.figures.p50("finish_date")
    return view.figures.number("training_days") if end is None else end


def _view(
    resolved: ResolvedPlan,
    way: Joined | NoSplit,
    outcomes: Sequence[Outcome],
    figures: Sequence[Figures | None],
) -> SplitView:
    if isinstance(way, NoSplit):
        return SplitView(way.split, None, way.reason)
    whole = whole_figures(resolved, way, outcomes, figures)
    if whole.number("goodput") < LEAST_GOODPUT:
        return SplitView(way.split, None, "together they fail faster than they restart")
    return SplitView(way.split, whole)


def whole_figures(
    resolved: ResolvedPlan,
    joined: Joined,
    outcomes: Sequence[Outcome],
    figures: Sequence[Figures | None],
) -> Figures:
    """Return the figures of a whole plan whose pools train in one way."""
    if len(joined.members) > 1:
        joined = replace(joined, speeds=_speeds(resolved, joined), ideal_s=_ideal(joined, outcomes, figures))
    leader = joined.members[joined.pace_setter if len(joined.members) > 1 else 0]
    is_own = len(joined.members) == 1 or joined.generates
    training = leader.training if is_own else leader.training.without_pilots
    setting = replace(main_setting(resolved, leader.pool, training), joined=joined)
    found = Figures(setting)
    by_themselves = [
        own or Figures(main_setting(resolved, pool)) for (pool, _), own in zip(outcomes, figures, strict=True)
    ]
    found.kept("pools by themselves", lambda: by_themselves)
    return found


def _speeds(resolved: ResolvedPlan, joined: Joined) -> tuple[tuple[FloatArray, ...], ...]:
    """Return what each member's own pilots make of its rate, phase by phase; nothing where there are none."""
    measured = resolved.plan.acceptance.measured
    if joined.generates or not any(
        member.training.pilots or results_on(member.training.phases[0], member.pool.pool.id, measured)
        for member in joined.members
    ):
        # a step of post-training is one, of both pools
        return ()
    members = [Figures(main_setting(resolved, one.pool, one.training)) for one in joined.members]
    phases = range(len(joined.members[0].training.phases))
    return tuple(tuple(own.of_phase(place)["pilot.speed"].values for place in phases) for own in members)


def _ideal(
    joined: Joined, outcomes: Sequence[Outcome], figures: Sequence[Figures | None]
) -> tuple[FloatArray, ...]:
    """Return the step of each phase at which the members' own rates would add up."""
    own = [
        next(found for (pool, _), found in zip(outcomes, figures, strict=True) if pool is member.pool)
        for member in joined.members
    ]
    able = [one for one in own if one is not None]
    if len(able) < len(own):
        return ()
    found = []
    for place in range(len(joined.members[0].training.phases)):
        # a batch that flexes is each pool's own: it is sequences of a second that add up, not steps
        phases = [one.of_phase(place) for one in able]
        rates = [
            one.setting.phase.workload.global_batch_sequences / one["step.seconds"].values for one in phases
        ]
        found.append(np.asarray(joined.batch(place) / sum(rates)))
    return tuple(found)


def _numerics(pools: Sequence[ResolvedPool]) -> tuple[str, ...]:
    """Return what differs between pools that makes their sums differ in the last bits, or more."""
    found = []
    for name, values in (
        ("platforms", [pool.stacks[0].platform for pool in pools]),
        ("frameworks", [pool.stacks[0].framework for pool in pools]),
        ("chips", [pool.chip.generation for pool in pools]),
    ):
        unlike = list(dict.fromkeys(values))
        if len(unlike) > 1:
            found.append(f"{name} ({', '.join(unlike)})")
    return tuple(found)
