"""What was measured for a plan: pilots and tests of its systems, and by how much they moved the days."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np

from planner.domain.plan_acceptance import AcceptedResult, ClusterComponent
from planner.engine.step import TRAFFIC
from planner.engine.uncertainty import band
from planner.planning.components import elasticity
from planner.planning.machine_parts import generates_for
from planner.planning.pilots import PilotStep
from planner.planning.resolve import ResolvedPlan
from planner.planning.training import PhaseTraining
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.pilots import planned_rates, results_of, shift_of
from planner.quantities.post_training import PHASES
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
    #: its step, as measured and as predicted. [s]
    measured_s: float
    predicted_s: float
    #: of post-training, and of it on chips of their own, those that generate
    is_whole_step: bool = False
    rollout_chips: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedView:
    """One pilot that nobody has measured yet: what is expected of it, and what it would say."""

    number: int
    chips: int
    rollout_chips: int | None
    #: its step. [s]
    step_s: Band
    #: of post-training, its phases at the medians by what they are called; how each scatters is unknown. [s]
    phases_s: dict[str, float]
    #: of the logarithm of measured over expected, what the plan would have too
    share: float
    #: days of the plan, now, and once it came out as expected
    days: Band
    days_then: Band
    #: of post-training the plan's step, the same way. [s]
    plan_step_s: Band | None
    plan_step_then_s: Band | None


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
    planned: tuple[PlannedView, ...]
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
    if not training.pilots and not training.planned and not results:
        return None
    shares = shift_of(main).shares if training.pilots or results else np.zeros(0)
    views = (
        PilotView(
            step.place + 1,
            step.pilot.chips,
            step.pilot.date,
            step.measured,
            step.predicted,
            float(share),
            float(step.seconds(step.measured)),
            float(step.seconds(step.predicted)),
            step.phases is not None,
            step.rollout_chips,
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
    planned = tuple(_planned_view(figures, main, step) for step in training.planned)
    return PilotEffect(tuple(views), tuple(accepted), planned, days, without_pilots)


def _planned_view(figures: Figures, main: Setting, step: PilotStep) -> PlannedView:
    """Return what a pilot would say: the plan with it, had it come out as it is expected to."""
    setting = figures.setting
    training = setting.trained
    rates = planned_rates(main, step)
    seconds = step.seconds(rates)
    measured = (*training.pilots, replace(step, measured=float(rates[0])))
    then = Figures(
        replace(
            main_setting(setting.resolved, setting.pool, replace(training, pilots=measured)),
            joined=setting.joined,
        )
    )
    shares = shift_of(then.of_phase(setting.phase_index).setting).shares
    days, days_then = figures.band("training_days"), then.band("training_days")
    assert days is not None  # known wherever a layout trains
    assert days_then is not None
    plan_steps = [one.band("post_training.forecast_step_s") for one in (figures, then)]
    return PlannedView(
        step.place + 1,
        step.pilot.chips,
        step.rollout_chips,
        Band(*band(seconds[1:], float(seconds[0]))),
        _phases_s(step),
        float(shares[len(training.pilots)]),
        days,
        days_then,
        *plan_steps,
    )


def _phases_s(step: PilotStep) -> dict[str, float]:
    """Return the phases of a step of post-training that take any time, in their order."""
    if step.phases is None:
        return {}
    found = {name: float(np.ravel(getattr(step.phases, name))[0]) for name in PHASES}
    return {name: seconds for name, seconds in found.items() if seconds > 0.0}


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
        if float(np.ravel(idle)[0]) <= NOTHING * post.median_s:
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
            check = (
                "its lengths, its prompts and whether its seconds are those of a whole step"
                if view.is_whole_step
                else "its batch, its layout and whether its rate is that of one chip"
            )
            found.append(f"pilot {view.number} is {times:.1f} times {word} than predicted: check {check}")
    return found
