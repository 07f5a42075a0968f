"""What a measured step is worth: runs of left-out sources, predicted with another run of theirs as pilot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.team import TEAMS, Team
from planner.engine.estimate import RESIDUAL_STREAM
from planner.engine.uncertainty import band, standard_draws
from planner.planning.pilots import TimedStep, log_rate_shift
from planner.planning.stack import ResidualSpreads
from planner.quantities.figure import Band
from planner.validation.left_out import LeftOutRun
from planner.validation.run_scores import pinball


@dataclass(frozen=True, slots=True)
class Widths:
    """What runs of left-out sources scatter by, by class of teams."""

    residuals: Mapping[Team, ResidualSpreads]
    within: Mapping[Team, ResidualSpreads]


@dataclass(frozen=True, slots=True)
class PilotErrors:
    """Errors of some runs, each the mean over its pilots."""

    mean_abs: float
    #: each source counting once
    by_source: float
    coverage: float
    #: of the logarithm
    pinball: float


@dataclass(frozen=True, slots=True)
class PilotGain:
    """What pilots make of the errors of some runs."""

    #: which runs are whose pilots, and who ran them
    name: str
    sources: int
    runs: int
    without: PilotErrors
    measured: PilotErrors


def _same_kind(run: LeftOutRun, pilot: LeftOutRun) -> bool:
    return run.case.is_mixture == pilot.case.is_mixture


def _same_job(run: LeftOutRun, pilot: LeftOutRun) -> bool:
    lengths = (float(each.case.workload.sequence_length) for each in (run, pilot))
    return run.case.run.model == pilot.case.run.model and len(set(lengths)) == 1


#: A pilot of whatever the source ran, and one of the very model and length, on other chips or laid out
#: otherwise: what a team measures that knows what it plans.
PILOTS: tuple[tuple[str, Callable[[LeftOutRun, LeftOutRun], bool]], ...] = (
    ("any run of the source", _same_kind),
    ("a run of its model and length", _same_job),
)


def pilot_gains(runs: Sequence[LeftOutRun], widths_of: Callable[[str], Widths]) -> Iterator[PilotGain]:
    """Yield what pilots gain, each run of a source in turn the pilot of its others.

    `widths_of` returns what runs of all other sources than the named one scatter by.
    """
    for name, is_pilot in PILOTS:
        scored = list(_scored(runs, widths_of, is_pilot))
        for team in (None, *TEAMS):
            some = [(run, errors) for run, errors in scored if team in (None, run.team)]
            if some:
                yield _gain(name if team is None else f"  {team}", some)


def _scored(
    runs: Sequence[LeftOutRun],
    widths_of: Callable[[str], Widths],
    is_pilot: Callable[[LeftOutRun, LeftOutRun], bool],
) -> Iterator[tuple[LeftOutRun, np.ndarray]]:
    """Yield each run that has a pilot, with its errors without and with one, the mean over its pilots."""
    members: dict[str, list[LeftOutRun]] = {}
    for run in runs:
        members.setdefault(run.source, []).append(run)
    for source, own in members.items():
        widths = widths_of(source)
        for run in own:
            pilots = [pilot for pilot in own if pilot is not run and is_pilot(run, pilot)]
            if pilots:
                without = run.band(widths.residuals[run.team])
                measured = [_errors(run, with_pilot(run, pilot, widths)) for pilot in pilots]
                yield run, np.array([_errors(run, without), np.mean(measured, axis=0)])


def with_pilot(run: LeftOutRun, pilot: LeftOutRun, widths: Widths) -> Band:
    """Return a run's rate with its band, once its pilot was measured."""
    is_mixture = run.case.is_mixture
    residual = run.stretch * widths.residuals[run.team].of(is_mixture=is_mixture)
    within = run.stretch * widths.within[run.team].of(is_mixture=is_mixture)
    step = _timed(run)
    shift = log_rate_shift(step, residual, within, [(_timed(pilot), pilot.case.measured or pilot.rate)])
    draws = len(step.log_rates) - 1
    scatter = -residual * standard_draws([RESIDUAL_STREAM], draws)[RESIDUAL_STREAM]
    rates = np.exp(step.log_rates + np.concatenate([[0.0], scatter]) + shift.values)
    return Band(*band(rates[1:], float(rates[0])))


def _timed(run: LeftOutRun) -> TimedStep:
    return TimedStep(np.log(run.rates), float(run.case.workload.sequence_length))


def _errors(run: LeftOutRun, told: Band) -> tuple[float, float, float]:
    """Return a prediction's size of error, whether the band holds the rate, and the band's loss."""
    measured = run.case.measured or told.p50
    is_inside = told.p10 <= measured <= told.p90
    return abs(told.p50 / measured - 1.0), float(is_inside), pinball(told, measured)


def _gain(name: str, scored: Sequence[tuple[LeftOutRun, np.ndarray]]) -> PilotGain:
    sources: dict[str, list[np.ndarray]] = {}
    for run, errors in scored:
        sources.setdefault(run.source, []).append(errors[:, 0])
    by_row = np.mean([errors for _, errors in scored], axis=0)
    by_source = np.mean([np.mean(own, axis=0) for own in sources.values()], axis=0)
    without, measured = (
        PilotErrors(float(row[0]), float(source), float(row[1]), float(row[2]))
        for row, source in zip(by_row, by_source, strict=True)
    )
    return PilotGain(name, len(sources), len(scored), without, measured)
