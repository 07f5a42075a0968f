"""The splits of a post-training's chips, each in its update's best layout; other layouts of the first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.estimate.verdicts import infeasible_reasons
from planner.exploring.layouts import pinned
from planner.planning.layout_choice import LayoutChoice
from planner.planning.post_training_plan import PostPhase, post_phase
from planner.planning.resolve import ResolvedPlan, ResolvedPool, resolve
from planner.planning.training import PhaseTraining, post_trainings, trained_phase


@dataclass(frozen=True, slots=True, eq=False)
class RankedSplit:
    """One way: which chips generate, which learn and how, and what a step takes. [s]."""

    #: the pool that generates and the one that learns; the same of one pool
    rollout_pool: str
    update_pool: str
    rollout_chips: int
    update_chips: int
    choice: LayoutChoice
    step_s: float
    #: of the side that generates, of the one that learns, and what both wait for
    rollout_s: float
    update_s: float

    #: whether each side has chips of its own
    is_split: bool

    @property
    def sides(self) -> tuple[str, str]:
        """The chips of both sides: those that generate, and those that learn."""
        if self.rollout_pool == self.update_pool:
            return f"{self.rollout_chips:,}", f"{self.update_chips:,}" if self.is_split else "the same"
        return f"{self.rollout_chips:,} {self.rollout_pool}", f"{self.update_chips:,} {self.update_pool}"

    @property
    def words(self) -> str:
        """The split in words."""
        generate, learn = self.sides
        return f"{generate} generate, {learn} learn" if self.is_split else f"{generate} in turns"


@dataclass(frozen=True, slots=True, eq=False)
class SplitRanking:
    """Every split in its best layout, the shortest step first; behind them other layouts of the first."""

    plan: Plan
    splits: tuple[RankedSplit, ...]
    #: why there is none
    reasons: tuple[str, ...]
    #: splits that fit, of those that were tried
    fitting: int
    tried: int
    seconds: float

    def with_pinned(self, place: int) -> Plan:
        """Return the plan with one of the splits and its layout given whole, by its place from 0."""
        chosen = self.splits[place]
        spec = self.plan.post_training
        if len(self.plan.cluster.pools) > 1:
            spec = spec.model_copy(update={"rollout_pool": chosen.rollout_pool})
        elif spec.pools == "split":
            spec = spec.model_copy(update={"rollout_chips": chosen.rollout_chips})
        return pinned(self.plan.model_copy(update={"post_training": spec}), chosen.choice, None)


def rank_splits(
    plan: Plan, catalog: Catalog, *, top: int = 10, cancelled: Callable[[], bool] = lambda: False
) -> SplitRanking:
    """Return the `top` best splits and layouts of a plan of post-training.

    Raises
    ------
    PlanError, ProfileError
        As of `estimate_plan`.
    """
    began = time.perf_counter()
    resolved = resolve(plan, catalog)
    stated = plan.post_training.rollout_pool
    found: list[list[RankedSplit]] = []
    reasons: list[str] = []
    fitting = tried = 0
    for pool in resolved.pools:
        if stated == pool.pool.id:
            # it generates, as the plan says
            continue
        able, unable = post_trainings(resolved, pool, cancelled, top)
        fitting, tried = fitting + len(able), tried + len(able) + len(unable)
        for outcome in unable:
            reasons += infeasible_reasons(pool, outcome)
        for post, phase in able:
            found.append(list(_in_layouts(resolved, pool, post, phase)))
    found.sort(key=lambda layouts: layouts[0].step_s)
    ranked = [layouts[0] for layouts in found] + (found[0][1:] if found else [])
    told = () if found else tuple(dict.fromkeys(reasons))
    return SplitRanking(plan, tuple(ranked[:top]), told, fitting, tried, time.perf_counter() - began)


def _in_layouts(
    resolved: ResolvedPlan, pool: ResolvedPool, post: PostPhase, phase: PhaseTraining
) -> Iterator[RankedSplit]:
    rollouts = post.rollout_pool or pool
    for row in phase.found.rows:
        one = trained_phase(phase.workload, phase.job, phase.found, row)
        whole = post_phase(
            resolved,
            pool if post.update_chips == pool.chips else _part(pool, post.update_chips),
            one.job,
            one.layouts,
            one.estimate,
            rollouts=rollouts,
            rollout_chips=post.rollout_chips,
        )
        step = whole.found.step
        yield RankedSplit(
            rollouts.pool.id,
            pool.pool.id,
            post.rollout_chips,
            post.update_chips,
            one.layout,
            whole.median_s,
            float(np.ravel(step.rollout)[0]),
            float(np.ravel(step.log_prob + step.reference + step.reward + step.update)[0]),
            post.is_split,
        )


def _part(pool: ResolvedPool, chips: int) -> ResolvedPool:

    return replace(pool, chips=chips, systems=chips / pool.system.chips_per_system)
