"""A plan against its run: rate, goodput and finish date so far, and why they differ from the plan's."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from planner.acceptance.progress import Progress, read_progress
from planner.engine.arrays import FloatArray
from planner.engine.outlook import Outlook, outlook
from planner.engine.uncertainty import band
from planner.files.reading import shown_path
from planner.planning.pilots import refuse_the_impossible
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.units import HOURS_PER_DAY, SECONDS_PER_DAY, middle_of, percent

#: A cause that moves the end by less than this share of the days is none. [-]
_LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a run differs from its plan, and by how many days."""

    name: str
    days: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A plan's forecast and that of its run so far."""

    plan_name: str
    progress: Progress
    tokens_in_all: float
    #: as planned and as it looks now
    planned_days: Band
    days: Band
    planned_rate: Band
    rate: Band
    planned_goodput: Band
    goodput: Band
    #: None where the plan knows no start, or no line of the logs says a time
    planned_finish: Band | None
    finish: Band | None
    causes: tuple[Cause, ...]

    @property
    def share_done(self) -> float:
        """Tokens trained over all. [-]."""
        return min(self.progress.tokens / self.tokens_in_all, 1.0)

    @property
    def gap_days(self) -> float:
        """Days by which it ends later than planned: by the calendar where both ends are known."""
        if self.finish is not None and self.planned_finish is not None:
            return self.finish.p50 - self.planned_finish.p50
        return self.days.p50 - self.planned_days.p50

    @property
    def sentence(self) -> str:
        """Why, in a sentence."""
        gap = self.gap_days
        if not self.causes:
            return f"It runs as planned: {gap:+.1f} days"
        told = "; ".join(f"{cause.text} ({cause.days:+.1f} days)" for cause in self.causes)
        late = "later" if gap > 0 else "earlier"
        return f"It ends {abs(gap):.1f} days {late} than planned: {told}"


def track_logs(
    plan_name: str,
    figures: Figures,
    logs: Iterable[Path],
    cancelled: Callable[[], bool] = lambda: False,
) -> Track:
    """Return a plan's run against it, from its logs in order, as far as they were read until it is cancelled.

    Raises
    ------
    FileError
        As of the logs' readers.
    PlanError
        Where they tell of more than the plan's chips can compute: of another plan.
    """
    phase = figures.of_phase(figures.setting.phase_index).setting.phase
    paths = list(logs)
    progress = read_progress(
        paths,
        sequence_length=float(phase.workload.sequence_length),
        chips=float(phase.layout.chips_used),
        cancelled=cancelled,
    )
    if not figures.setting.plan.workload.is_post_training:
        # a log of another plan, or a batch that is not this one's
        where = shown_path(paths[-1])
        refuse_the_impossible(phase.job, progress.rate / float(phase.layout.chips_used), where)
    return track(plan_name, figures, progress)


def track(plan_name: str, figures: Figures, progress: Progress) -> Track:
    """Return a plan's run against it.

    Parameters
    ----------
    plan_name, figures
        Of the plan that can run.
    progress
        What its logs say.
    """
    draws = max(figures[name].values.size for name in ("tokens_per_second", "goodput", "training_days")) - 1
    tokens = float(sum(middle_of(phase.tokens) for phase in figures.setting.phases))
    left = max(tokens - progress.tokens, 0.0)
    rate, goodput = (_draws(figures, name, draws) for name in ("tokens_per_second", "goodput"))
    found = outlook(
        rate,
        goodput,
        left,
        rate=progress.rate,
        rate_log_error=max(progress.rate_log_error, 0.005),
        goodput=progress.goodput,
        stops=max(float(progress.stops), _expected_stops(figures, progress)),
        stops_per_day=_stops_per_day(figures, progress),
    )
    # days that no steps and failures explain were planned too, and of what is left the same share
    beside = _draws(figures, "training_days", draws) / (tokens / (rate * goodput * SECONDS_PER_DAY))
    ahead = found.days_left * np.maximum(beside, 1.0)
    past = progress.elapsed_days
    spent = (
        past
        if past is not None
        else progress.tokens / progress.rate / SECONDS_PER_DAY / float(np.median(found.goodput))
    )
    days = _band(spent + ahead)
    planned = figures.band("training_days")
    assert planned is not None  # known wherever a plan can run
    finish = None
    if progress.last_time is not None:
        finish = _band(moment(progress.last_time) + ahead)
    return Track(
        plan_name,
        progress,
        tokens,
        planned,
        days,
        _known(figures, "tokens_per_second"),
        _band(found.rate),
        _known(figures, "goodput"),
        _band(found.goodput),
        figures.band("finish_date"),
        finish,
        tuple(_causes(figures, progress, found, planned.p50, days.p50)),
    )


def _expected_stops(figures: Figures, progress: Progress) -> float:
    """Return how many stops the plan has in so long a time."""
    return (progress.elapsed_days or 0.0) * (figures.p50("goodput.failures_per_day") or 0.0)


def _stops_per_day(figures: Figures, progress: Progress) -> float:
    """Return how many stops a day there will be: as seen, the plan counting as much as one of them."""
    planned = figures.p50("goodput.failures_per_day")
    if not planned:
        return progress.stops / (progress.elapsed_days or math.inf)
    return (progress.stops + 1.0) / ((progress.elapsed_days or 0.0) + 1.0 / planned)


def moment(time: datetime.datetime) -> float:
    """Return a time as a day's ordinal with the share of the day that was over."""
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    return time.toordinal() + (time - midnight).total_seconds() / SECONDS_PER_DAY


def _draws(figures: Figures, identifier: str, draws: int) -> FloatArray:
    return np.broadcast_to(figures[identifier].draws, (draws,)) * 1.0


def _band(values: FloatArray) -> Band:
    return Band(*band(values, float(np.median(values))))


def _known(figures: Figures, identifier: str) -> Band:
    found = figures.band(identifier)
    assert found is not None  # known wherever a plan can run
    return found


def _causes(figures: Figures, progress: Progress, found: Outlook, planned: float, days: float) -> list[Cause]:
    """Return what moves the end, the largest first."""
    causes = []
    rate, goodput = figures.number("tokens_per_second"), figures.number("goodput")
    now_rate, now_goodput = float(np.median(found.rate)), float(np.median(found.goodput))
    slower = planned * (rate / now_rate - 1.0)
    word = "slower" if now_rate < rate else "faster"
    causes.append(Cause("steps", slower, f"steps are {percent(abs(now_rate / rate - 1.0), 1)} {word}"))
    lost = planned * (rate / now_rate) * (goodput / now_goodput - 1.0)
    causes += _of_goodput(figures, progress, lost)
    if progress.first_time is not None and (begins := figures.p50("calendar.begins")) is not None:
        late = progress.first_time.toordinal() - begins
        if abs(late) >= 1:
            word = "later" if late > 0 else "earlier"
            causes.append(Cause("start", late, f"it began {abs(late):.0f} days {word}"))
    told = [cause for cause in causes if abs(cause.days) >= _LEAST_SHARE * max(planned, days)]
    return sorted(told, key=lambda cause: -abs(cause.days))


def _of_goodput(figures: Figures, progress: Progress, lost: float) -> list[Cause]:
    """Return how far more stops, and how far longer ones, explain what is lost."""
    elapsed = progress.elapsed_days
    planned_stops, between = figures.p50("goodput.failures_per_day"), figures.p50("goodput.between_s")
    if elapsed is None or not planned_stops or between is None or progress.stops == 0:
        return [
            Cause("goodput", lost, "more of the time makes no progress" if lost > 0 else "less time is lost")
        ]
    often = progress.stops / elapsed / planned_stops
    each = progress.stopped_h / progress.stops
    planned_each = max(1.0 - figures.number("goodput"), 1e-6) * HOURS_PER_DAY / planned_stops
    longer = max(each, 1e-6) / planned_each
    if (often > 1.0) != (longer > 1.0):
        # one makes up for the other: what either does alone would be told of days that nobody loses
        word = "fewer but longer stops" if longer > 1.0 else "more but shorter stops"
        return [Cause("stops", lost, f"{word}, {progress.stops} of {each:.1f} h each")]
    whole = abs(np.log(often)) + abs(np.log(longer))
    share = abs(np.log(often)) / whole if whole > 0 else 0.5
    stops_word, long_word = ("more" if often > 1 else "fewer"), ("longer" if longer > 1 else "shorter")
    return [
        Cause("stops", lost * share, f"{stops_word} stops, {often:.1f} times those planned"),
        Cause("restarts", lost * (1 - share), f"{long_word} restarts, {each:.1f} h each"),
    ]


def expected_tokens(figures: Figures, day: float) -> tuple[float, float, float]:
    """Return the tokens that a plan has trained by a day: P10, middle and P90."""
    band_days = _known(figures, "training_days")
    tokens = float(sum(middle_of(phase.tokens) for phase in figures.setting.phases))
    shares = [min(day / end, 1.0) for end in (band_days.p90, band_days.p50, band_days.p10)]
    return tokens * shares[0], tokens * shares[1], tokens * shares[2]
