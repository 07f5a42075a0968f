"""What was measured for a plan: pilots and tests of its systems, and by how much they moved the days."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np

from planner.domain.plan_acceptance import AcceptedResult, ClusterComponent
from planner.engine.step import TRAFFIC
from planner.planning.components import elasticity
from planner.planning.machine_parts import generates_for
from planner.planning.resolve import ResolvedPlan
from planner.planning.training import PhaseTraining
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.pilots import results_of, shift_of
from planner.quantities.setting import Setting, main_setting

#: A pilot that is off by more than this factor is more often a slip than a machine. Assumed: some two and a
#: half times what single teams scatter by.
DOUBTFUL = 2.5
#: A share of a test's error that is told as nothing. [-]
NOTHING = 5e-4


@dataclass(frozen=True, slots=True)
class PilotView:
    """One pilot beside what the engine says of it."""

    #: from 1, as people count
    number: int
    chips: int
    date: datetime.date | None
    #: tokens per second and chip
    measured: float
    predicted: float
    #: of the logarithm of measured over predicted, what the plan has too
    share: float


@dataclass(frozen=True, slots=True)
class AcceptedView:
    """One test of the plan's systems beside what was expected of it."""

    #: from 1, as people count
    number: int
    line: str
    component: ClusterComponent
    #: whose systems they were; None: the only pool's
    pool: str | None
    #: whether that pool generates for one that learns
    generates: bool
    over_expected: float
    #: of the logarithm of measured over expected, what the plan's rate has too
    share: float
    #: why that is nothing; empty where it is something
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PilotEffect:
    """What was measured for a pool did to its training."""

    pilots: tuple[PilotView, ...]
    accepted: tuple[AcceptedView, ...]
    #: days of training, had nobody measured anything
    days_without: Band
    #: the same, had nobody timed a pilot: what was tested stays
    days_without_pilots: Band


def pilot_effect(figures: Figures) -> PilotEffect | None:
    """Return what was measured did to some figures; None where nothing was."""
    setting = figures.setting
    training = setting.trained
    main = figures.of_phase(setting.phase_index).setting
    results = results_of(main)
    if not training.pilots and not results:
        return None
    shares = shift_of(main).shares
    views = (
        PilotView(
            step.place + 1, step.pilot.chips, step.pilot.date, step.measured, step.predicted, float(share)
        )
        for step, share in zip(training.pilots, shares[: len(training.pilots)], strict=True)
    )
    accepted = (
        _accepted_view(main, number, result, float(share))
        for number, (result, share) in enumerate(zip(results, shares[len(training.pilots) :], strict=True), 1)
    )
    untested = replace(
        setting.resolved,
        plan=setting.plan.model_copy(
            update={"acceptance": setting.plan.acceptance.model_copy(update={"measured": ()})}
        ),
    )
    days, without_pilots = (_days_without(setting, resolved) for resolved in (untested, setting.resolved))
    return PilotEffect(tuple(views), tuple(accepted), days, without_pilots)


def _days_without(setting: Setting, resolved: ResolvedPlan) -> Band:
    """Return the days of a training that no pilot was timed for."""
    unmeasured = main_setting(resolved, setting.pool, setting.trained.without_pilots)
    days = Figures(replace(unmeasured, joined=setting.joined)).band("training_days")
    assert days is not None  # known wherever a layout trains
    return days


def _accepted_view(main: Setting, number: int, result: AcceptedResult, share: float) -> AcceptedView:
    is_nothing = abs(share) < NOTHING
    return AcceptedView(
        number,
        result.line,
        result.component,
        result.pool,
        generates_for(main.phase.post, result.pool),
        result.measured_over_expected,
        0.0 if is_nothing else share,
        _why_nothing(main.phase, result) if is_nothing else "",
    )


def _why_nothing(phase: PhaseTraining, result: AcceptedResult) -> str:
    """Return why a step does not go with what was tested."""
    post, component = phase.post, result.component
    generates = generates_for(post, result.pool)
    if generates and component in TRAFFIC and component != "tensor":
        return "chips that generate send none of it"
    if post is not None and post.rollout_pool is not None:
        # whoever never waits hides all that the other does
        idle = post.found.step.idle_update if generates else post.found.step.idle_rollout
        if float(np.ravel(idle)[0]) <= 0.0:
            does, other = ("generate", "learn") if generates else ("learn", "generate")
            return f"those that {does} wait for those that {other}"
        if elasticity(phase, component, result.pool) >= NOTHING:
            return "a step waits for the other pool once the tests before it count"
    return "a step waits for none of it"


def pilot_warnings(effect: PilotEffect | None) -> list[str]:
    """Return which pilots are too far off to be a machine's doing."""
    found = []
    for view in effect.pilots if effect else ():
        ratio = view.measured / view.predicted
        times, word = max(ratio, 1.0 / ratio), "faster" if ratio > 1.0 else "slower"
        if times > DOUBTFUL:
            found.append(
                f"pilot {view.number} is {times:.1f} times {word} than predicted: check its batch, its "
                "layout and whether its rate is that of one chip"
            )
    return found
