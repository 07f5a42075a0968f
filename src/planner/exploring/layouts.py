"""The best parallel layouts of a plan side by side: what each loses, and what the plan's pins cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.domain.plan_strategy import Strategy
from planner.engine.arrays import FloatArray
from planner.engine.step import STEP_PARTS
from planner.estimate.best_published import BestOfClass, best_of_class
from planner.estimate.verdicts import infeasible_reasons
from planner.planning.layout_choice import DEGREES, WORDS, LayoutChoice
from planner.planning.practice import against
from planner.planning.resolve import ResolvedPlan, ResolvedPool, resolve
from planner.planning.training import NoTraining, PhaseTraining, Training, train, trained_phase
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting

#: Keys of a strategy that a layout says, and what the layout calls them.
_SAID = DEGREES | {word: word for word in WORDS}
Cancelled = Callable[[], bool]


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, eq=False)
class RankedLayout:
    """One layout: what a plan comes to in it, and what it loses against the one that comes first."""

    choice: LayoutChoice
    #: the plan's figures in this layout
    figures: Figures
    step_s: float
    #: exposed parts of one step, which sum to it. [s]
    parts: Mapping[str, float]
    #: its step over the first's, less one; below nothing where people's practice spoke against it. [-]
    longer: float
    #: what each part takes more than in the first. [s]
    loses: Mapping[str, float]
    #: what of it people run less gladly than what comes first
    seldom: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LayoutRanking:
    """The best layouts of a plan, or why there are none."""

    plan: Plan
    #: best first; none where the reasons say why
    layouts: tuple[RankedLayout, ...]
    reasons: tuple[str, ...]
    candidates: int
    feasible: int
    seconds: float
    #: position of the phase that they are of, of several; None of a plan without phases
    phase: int | None = None
    #: what the plan pins of a searched layout, by key of its strategy
    pins: Mapping[str, int | str] | None = None
    #: the plan's own layout, where it gives one whole: the others are then what a search finds instead
    own: RankedLayout | None = None
    #: the layout that a search finds without the pins, where that is another one
    unpinned: RankedLayout | None = None
    #: the layout with the shortest step, where people's practice put others before it
    fastest: RankedLayout | None = None
    best_published: BestOfClass | None = None

    def with_pinned(self, place: int) -> Plan:
        """Return the plan with one of the layouts given whole, by its place from 0."""
        return pinned(self.plan, self.layouts[place].choice, self.phase)


def rank_layouts(
    plan: Plan, catalog: Catalog, *, top: int = 10, cancelled: Cancelled = _never
) -> LayoutRanking:
    """Return the `top` best layouts of a plan's one pool.

    Of several phases they are those of the one that trains most tokens; the others keep their own. Of a plan
    that gives its layout whole they are what a search finds instead, and its own stands beside them.

    Raises
    ------
    PlanError, ProfileError
        Where the plan names what does not exist, or a profile lacks a figure that the estimate needs.
    """
    began = time.perf_counter()
    if plan.workload.is_post_training:
        reason = (
            f"workload.kind = '{plan.workload.kind}': layouts are ranked by an optimizer step alone; "
            "`planner optimize` ranks the splits of the chips with the update's layouts"
        )
        return LayoutRanking(plan, (), (reason,), 0, 0, time.perf_counter() - began)
    if len(plan.cluster.pools) > 1:
        reason = (
            f"the cluster has {len(plan.cluster.pools)} pools, and layouts are ranked of one: "
            "expected a plan of one pool"
        )
        return LayoutRanking(plan, (), (reason,), 0, 0, time.perf_counter() - began)
    resolved = resolve(plan, catalog)
    main = main_setting(resolved, resolved.pools[0]).phase_index
    phase = main if plan.workload.phases else None
    strategy = _strategy(plan, phase)
    # what takes tokens to their experts is no part of a layout
    free = _with_strategy(plan, Strategy(dispatcher=strategy.dispatcher), phase)
    is_given = strategy.mode == "given"
    searched = _Trained.of(free if is_given else plan, catalog, main, top, cancelled)
    ranking = _ranking(plan, phase, searched)
    if is_given:
        own = _Trained.of(plan, catalog, main, 1, cancelled)
        ranking = replace(ranking, own=searched.beside(own))
    else:
        pins = {
            key: value
            for key in (*_SAID, "recompute_layers")
            if (value := getattr(strategy, key)) is not None
        }
        ranking = replace(ranking, pins=pins)
        if pins:
            ranking = _without_pins(ranking, searched, _Trained.of(free, catalog, main, 1, cancelled))
    return replace(ranking, seconds=time.perf_counter() - began)


def _without_pins(ranking: LayoutRanking, searched: _Trained, free: _Trained) -> LayoutRanking:
    """Return a ranking with what a search without the plan's pins finds, where that is another layout."""
    if isinstance(free.outcome, NoTraining):
        return ranking
    if isinstance(searched.outcome, NoTraining):
        fits = f"without what the plan pins it fits: {free.first.layout.words}"
        return replace(ranking, reasons=(*ranking.reasons, fits))
    other = searched.beside(free)
    is_same = other is None or other.choice == searched.first.layout
    return replace(ranking, unpinned=None if is_same else other)


def pinned(plan: Plan, choice: LayoutChoice, phase: int | None) -> Plan:
    """Return a plan that gives a layout whole: its own, or that of one of its phases."""
    given = {key: getattr(choice, name) for key, name in _SAID.items()}
    given["recompute_layers"] = choice.recompute_layers or None
    strategy = _strategy(plan, phase).model_copy(update={"mode": "given", **given})
    return _with_strategy(plan, strategy, phase)


def _strategy(plan: Plan, phase: int | None) -> Strategy:
    own = None if phase is None else plan.workload.phases[phase].layout
    return own or plan.strategy


def _with_strategy(plan: Plan, strategy: Strategy, phase: int | None) -> Plan:
    if phase is None:
        return plan.model_copy(update={"strategy": strategy})
    phases = list(plan.workload.phases)
    phases[phase] = phases[phase].model_copy(update={"layout": strategy})
    workload = plan.workload.model_copy(update={"phases": tuple(phases)})
    return plan.model_copy(update={"workload": workload})


@dataclass(frozen=True, slots=True, eq=False)
class _Trained:
    """A plan trained on its pool, and the phase whose layouts are ranked."""

    resolved: ResolvedPlan
    pool: ResolvedPool
    outcome: Training | NoTraining
    main: int

    @classmethod
    def of(cls, plan: Plan, catalog: Catalog, main: int, keep: int, cancelled: Cancelled) -> _Trained:
        """Return a plan trained, with so many of the best layouts of each phase."""
        resolved = resolve(plan, catalog)
        (pool,) = resolved.pools
        return cls(resolved, pool, train(resolved, pool, cancelled=cancelled, keep=keep), main)

    @property
    def training(self) -> Training:
        """The training of a plan that can run."""
        assert isinstance(self.outcome, Training)
        return self.outcome

    @property
    def first(self) -> PhaseTraining:
        """The phase in the layout that comes first."""
        return self.training.phases[self.main]

    def ranked(self, row: FloatArray) -> RankedLayout:
        """Return a candidate of the phase's grid beside the one that comes first."""
        first = self.first
        practice = first.job.practice
        seldom = () if practice is None else against(practice, row, first.found.rows[0])
        return self._beside(trained_phase(first.workload, first.job, first.found, row), seldom)

    def beside(self, other: _Trained) -> RankedLayout | None:
        """Return the layout of the same plan under other pins beside this one's; None where it cannot run."""
        if isinstance(self.outcome, NoTraining) or isinstance(other.outcome, NoTraining):
            return None
        return self._beside(other.first, ())

    def _beside(self, phase: PhaseTraining, seldom: tuple[str, ...]) -> RankedLayout:
        phases = list(self.training.phases)
        phases[self.main] = phase
        training = replace(self.training, phases=tuple(phases))
        (step_s, parts), (first_s, first_parts) = _step(phase), _step(self.first)
        return RankedLayout(
            choice=phase.layout,
            figures=Figures(main_setting(self.resolved, self.pool, training)),
            step_s=step_s,
            parts=parts,
            longer=step_s / first_s - 1.0,
            loses={name: seconds - first_parts[name] for name, seconds in parts.items()},
            seldom=seldom,
        )


def _step(phase: PhaseTraining) -> tuple[float, dict[str, float]]:
    """Return a step and its parts at the medians, as the model computes them. [s]."""
    step = phase.estimate.step
    parts = {name: float(np.ravel(getattr(step, name))[0]) for name in STEP_PARTS}
    return float(np.ravel(step.total)[0]), parts


def _ranking(plan: Plan, phase: int | None, trained: _Trained) -> LayoutRanking:
    if isinstance(trained.outcome, NoTraining):
        found = trained.outcome.found
        reasons = infeasible_reasons(trained.pool, trained.outcome)
        return LayoutRanking(plan, (), reasons, found.candidates, found.feasible, 0.0, phase)
    found = trained.first.found
    is_passed_over = found.fastest_row is not None and not any(
        np.array_equal(row, found.fastest_row) for row in found.rows
    )
    return LayoutRanking(
        plan=plan,
        layouts=tuple(trained.ranked(row) for row in found.rows),
        reasons=(),
        candidates=found.candidates,
        feasible=found.feasible,
        seconds=0.0,
        phase=phase,
        fastest=trained.ranked(found.fastest_row)
        if is_passed_over and found.fastest_row is not None
        else None,
        best_published=best_of_class(trained.pool, trained.resolved.architecture),
    )
