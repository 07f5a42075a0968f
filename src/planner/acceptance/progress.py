"""What a training has done so far, read from its logs in one pass: tokens, steps, stops and their hours."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from planner.engine.arrays import BoolArray, FloatArray
from planner.errors import FileError
from planner.files.reading import shown_path
from planner.printed.columns import StepColumns, time_of
from planner.printed.reading import stream_steps
from planner.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

#: A gap between two lines that is longer than so many of their steps, and than a minute, is a stop.
_STOP_STEPS = 10.0
_STOP_LEAST_S = 60.0
#: Lines whose usual step is reckoned at once: over more, what is kept of the first would vanish.
_AT_ONCE = 512
#: Days between two points of a plot.
_WEEK_DAYS = 7
#: Of the mean step's memory: each line moves it by so much. [-]
_MEMORY = 0.02


@dataclass(frozen=True, slots=True)
class Week:
    """What was done until a moment, for a plot."""

    day: datetime.date
    tokens: float


@dataclass(frozen=True, slots=True)
class Progress:
    """A training so far."""

    #: without those that were trained again after a restart
    tokens: float
    last_step: int
    #: of lines that say a time; None where none does
    first_time: datetime.datetime | None
    last_time: datetime.datetime | None
    #: tokens per second while steps ran, and the spread of its mean
    rate: float
    rate_log_error: float
    stops: int
    #: hours in which nothing ran, and steps that were run again
    stopped_h: float
    steps_again: int
    weeks: tuple[Week, ...]

    @property
    def elapsed_days(self) -> float | None:
        """Days from the first line to the last; None where no line says a time."""
        if self.first_time is None or self.last_time is None:
            return None
        days = (self.last_time - self.first_time).total_seconds() / SECONDS_PER_DAY
        return days if days > 0 else None

    @property
    def goodput(self) -> float | None:
        """Share of the elapsed time that made progress; None where nobody knows how long it was."""
        days = self.elapsed_days
        return None if days is None else min(self.tokens / (self.rate * days * SECONDS_PER_DAY), 1.0)


def read_progress(
    paths: Iterable[Path],
    *,
    sequence_length: float,
    chips: float,
    cancelled: Callable[[], bool] = lambda: False,
) -> Progress:
    """Return what logs say of one training, in the order of the files.

    Once it is cancelled, what was read until then is told: nobody looks at it.

    Raises
    ------
    FileError
        As of their readers; where there is no step, or no line says what a step trains on.
    """
    reader = _Reader(sequence_length, chips)
    where = ""
    for path in paths:
        where = shown_path(path)
        for columns in stream_steps(path):
            if len(columns):
                reader.take(columns, where)
            if cancelled():
                break
    return reader.progress(where)


def trained_of(
    columns: StepColumns, where: str, *, sequence_length: float, chips: float
) -> tuple[FloatArray, FloatArray]:
    """Return the tokens and the seconds of one step of each line.

    Raises
    ------
    FileError
        Where a line says neither a rate nor what a step trains on and how long it took.
    """
    said = np.nan_to_num(columns.tokens)
    tokens = np.where(said > 0, said, np.nan_to_num(columns.batch_sequences) * sequence_length)
    seconds = np.nan_to_num(columns.seconds)
    rate = np.nan_to_num(columns.tokens_per_s_per_chip) * chips
    is_silent = (rate <= 0) & ((tokens <= 0) | (seconds <= 0))
    if is_silent.any():
        line = columns.line_of(int(np.argmax(is_silent)))
        raise FileError(
            f"{where}: line {line}: says no time and tokens; expected a rate, or seconds with a batch"
        )
    by_rate = np.divide(tokens, rate, out=np.ones_like(rate), where=(rate > 0) & (tokens > 0))
    seconds = np.where(seconds > 0, seconds, by_rate)
    return np.where(tokens > 0, tokens, rate * seconds), seconds


def error_of_mean(spread: float, steps: int) -> float:
    """Return how far the mean rate of a run's steps is off, where single ones scatter by a spread. [-].

    Steps of one run follow each other: a tenth of them are independent. Assumed.
    """
    return spread / math.sqrt(max(steps / 10.0, 1.0))


@dataclass(slots=True)
class _Reader:
    """Adds steps up; holds no more than a point a week."""

    sequence_length: float
    chips: float
    tokens: float = 0.0
    last: float | None = None
    furthest: float = -1.0
    again: float = 0.0
    stops: int = 0
    stopped_s: float = 0.0
    #: since the beginning of 1970. [s]
    first_time: float | None = None
    last_time: float | None = None
    step_s: float | None = None
    #: sums of the rates of lines, and of their squares
    count: int = 0
    seconds: float = 0.0
    trained: float = 0.0
    rates: float = 0.0
    squares: float = 0.0
    weeks: list[Week] = field(default_factory=list)

    def take(self, columns: StepColumns, where: str) -> None:
        """Add lines that follow each other."""
        tokens, seconds = trained_of(columns, where, sequence_length=self.sequence_length, chips=self.chips)
        steps = columns.steps
        before = np.concatenate([[np.nan if self.last is None else self.last], steps[:-1]])
        # of the very first line nobody knows what it follows
        is_back = steps <= before
        counted = np.where(steps > before, steps - before, 1.0)
        furthest = np.maximum.accumulate(np.concatenate([[self.furthest], steps]))
        is_again = steps <= furthest[:-1]
        fresh = np.where(is_again, 0.0, steps - np.maximum(furthest[:-1], steps - counted))
        done = self.tokens + np.cumsum(tokens * fresh)
        self._time(columns.times, seconds, counted, is_back, done)
        rates = tokens / seconds
        self.again += float(np.sum(counted[is_again]))
        self.tokens, self.furthest, self.last = float(done[-1]), float(furthest[-1]), float(steps[-1])
        self.count += len(columns)
        self.seconds += float(np.sum(seconds))
        self.trained += float(np.sum(tokens))
        self.rates += float(np.sum(rates))
        self.squares += float(np.sum(rates**2))

    def _time(
        self,
        times: FloatArray,
        seconds: FloatArray,
        counted: FloatArray,
        is_back: BoolArray,
        done: FloatArray,
    ) -> None:
        """Add what the times say: stops, how long each was, and the weeks."""
        usual = self._usual_step(seconds)
        said = ~np.isnan(times)
        self.stops += int(np.sum(is_back & ~said))
        times, seconds, counted = (one[said] for one in (times, seconds, counted))
        if not len(times):
            return
        if self.first_time is None:
            self.first_time = float(times[0] - seconds[0] * counted[0])
        last = np.nan if self.last_time is None else self.last_time
        gaps = np.diff(times, prepend=last) - seconds * counted
        # the first line of all comes after no gap
        is_stop = ~np.isnan(gaps) & (
            is_back[said] | (gaps > np.maximum(_STOP_STEPS * usual[said], _STOP_LEAST_S))
        )
        self.stops += int(np.sum(is_stop))
        self.stopped_s += float(np.sum(np.maximum(gaps[is_stop], 0.0)))
        self.last_time = float(times[-1])
        self._weeks(np.floor(times / SECONDS_PER_DAY), done[said])

    def _usual_step(self, seconds: FloatArray) -> FloatArray:
        """Return of each line what steps took before it: each line moves it by a little."""
        usual = np.empty_like(seconds)
        before = float(seconds[0]) if self.step_s is None else self.step_s
        for start in range(0, len(seconds), _AT_ONCE):
            some = seconds[start : start + _AT_ONCE]
            kept = (1.0 - _MEMORY) ** np.arange(1.0, len(some) + 1.0)
            after = kept * (before + np.cumsum(_MEMORY * some / kept))
            usual[start : start + _AT_ONCE] = np.concatenate([[before], after[:-1]])
            before = float(after[-1])
        self.step_s = before
        return usual

    def _weeks(self, days: FloatArray, done: FloatArray) -> None:
        place = 0
        while place < len(days):
            if self.weeks:
                is_week = days[place:] >= _day(self.weeks[-1].day) + _WEEK_DAYS
                if not is_week.any():
                    return
                place += int(np.argmax(is_week))
            self.weeks.append(Week(time_of(days[place] * SECONDS_PER_DAY).date(), float(done[place])))
            place += 1

    def progress(self, where: str) -> Progress:
        """Return the sum.

        Raises
        ------
        FileError
            Where there was no line at all.
        """
        if self.count == 0:
            raise FileError(f"{where}: holds no step; expected a training log")
        mean = self.rates / self.count
        spread = max(self.squares / self.count - mean**2, 0.0) ** 0.5 / mean
        weeks = list(self.weeks)
        first, last = (None if one is None else time_of(one) for one in (self.first_time, self.last_time))
        if last is not None and weeks[-1].day != last.date():
            weeks.append(Week(last.date(), self.tokens))
        return Progress(
            self.tokens,
            int(self.furthest),
            first,
            last,
            self.trained / self.seconds,
            error_of_mean(spread, self.count),
            self.stops,
            self.stopped_s / SECONDS_PER_HOUR,
            int(self.again),
            tuple(weeks),
        )


def weeks_between(progress: Progress) -> Iterator[tuple[float, float]]:
    """Yield days since the first line and the tokens until then."""
    if progress.first_time is not None:
        first = progress.first_time.date()
        yield from ((float((week.day - first).days), week.tokens) for week in progress.weeks)


def _day(day: datetime.date) -> float:
    """Return a day as days since the beginning of 1970."""
    return float((day - datetime.date(1970, 1, 1)).days)
