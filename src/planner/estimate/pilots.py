"""A plan's pilots: what each was told and measured, and by how much they moved the days."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.pilots import shift_of
from planner.quantities.setting import main_setting

#: A pilot that is off by more than this factor is more often a slip than a machine. Assumed: some two and a
#: half times what single teams scatter by.
DOUBTFUL = 2.5


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
class PilotEffect:
    """What the pilots on a pool did to its training."""

    pilots: tuple[PilotView, ...]
    #: days of training, had nobody measured anything
    days_without: Band


def pilot_effect(figures: Figures) -> PilotEffect | None:
    """Return what the pilots did to a pool's figures; None where there is none."""
    setting = figures.setting
    training = setting.trained
    if not training.pilots:
        return None
    main = figures.of_phase(setting.phase_index).setting
    views = (
        PilotView(
            step.place + 1, step.pilot.chips, step.pilot.date, step.measured, step.predicted, float(share)
        )
        for step, share in zip(training.pilots, shift_of(main).shares[: len(training.pilots)], strict=True)
    )
    unmeasured = main_setting(setting.resolved, setting.pool, training.without_pilots)
    days = Figures(unmeasured).band("training_days")
    assert days is not None  # known wherever a layout trains
    return PilotEffect(tuple(views), days)


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
