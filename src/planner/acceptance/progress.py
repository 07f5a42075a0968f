"""What a training has done so far, read from its logs in one pass: tokens, steps, stops and their hours."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from planner.errors import FileError
from planner.files.reading import shown_path
from planner.printed.reading import stream_steps
from planner.printed.rows import StepRow
from planner.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

#: A gap between two lines that is longer than so many of their steps, and than a minute, is a stop.
_STOP_STEPS = 10.0
_STOP_LEAST_S = 60.0
#: Lines between two looks at whether somebody still waits.
_LOOK_EVERY = 10_000
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
        for row in stream_steps(path):
            reader.take(row, where)
            if reader.count % _LOOK_EVERY == 0 and cancelled():
                break
    return reader.progress(where)


@dataclass(slots=True)
class _Reader:
    """Adds lines up; holds no more than a point a week."""

    sequence_length: float
    chips: float
    tokens: float = 0.0
    last: StepRow | None = None
    furthest: int = -1
    again: int = 0
    stops: int = 0
    stopped_s: float = 0.0
    first_time: datetime.datetime | None = None
    last_time: datetime.datetime | None = None
    step_s: float | None = None
    #: sums of the rates of lines, and of their squares
    count: int = 0
    seconds: float = 0.0
    trained: float = 0.0
    rates: float = 0.0
    squares: float = 0.0
    weeks: list[Week] = field(default_factory=list)

    def take(self, row: StepRow, where: str) -> None:
        """Add one line."""
        tokens, seconds = self._of_step(row, where)
        steps = 1
        if self.last is not None and row.step > self.last.step:
            steps = row.step - self.last.step
        is_back = self.last is not None and row.step <= self.last.step
        if row.step <= self.furthest:
            self.again += steps
        else:
            fresh = row.step - max(self.furthest, row.step - steps)
            self.tokens += tokens * fresh
            self.furthest = row.step
        self._time(row, seconds, steps, is_back=is_back)
        self.count += 1
        self.seconds += seconds
        self.trained += tokens
        self.rates += tokens / seconds
        self.squares += (tokens / seconds) ** 2
        self.step_s = seconds if self.step_s is None else self.step_s + _MEMORY * (seconds - self.step_s)
        self.last = row

    def _of_step(self, row: StepRow, where: str) -> tuple[float, float]:
        """Return the tokens and seconds of one step of a line."""
        tokens = row.tokens or (row.batch_sequences or 0.0) * self.sequence_length
        if row.tokens_per_s_per_chip:
            rate = row.tokens_per_s_per_chip * self.chips
            seconds = row.seconds or (tokens / rate if tokens else 1.0)
            return tokens or rate * seconds, seconds
        if tokens and row.seconds:
            return tokens, row.seconds
        raise FileError(
            f"{where}: line {row.line}: says no time and tokens; expected a rate, or seconds with a batch"
        )

    def _time(self, row: StepRow, seconds: float, steps: int, *, is_back: bool) -> None:
        if row.time is None:
            self.stops += is_back
            return
        if self.last_time is not None:
            gap = (row.time - self.last_time).total_seconds() - seconds * steps
            if is_back or gap > max(_STOP_STEPS * (self.step_s or seconds), _STOP_LEAST_S):
                self.stops += 1
                self.stopped_s += max(gap, 0.0)
        else:
            self.first_time = row.time - datetime.timedelta(seconds=seconds * steps)
        self.last_time = row.time
        day = row.time.date()
        if not self.weeks or (day - self.weeks[-1].day).days >= 7:
            self.weeks.append(Week(day, self.tokens))

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
        if self.last_time is not None and weeks[-1].day != self.last_time.date():
            weeks.append(Week(self.last_time.date(), self.tokens))
        return Progress(
            self.tokens,
            self.furthest,
            self.first_time,
            self.last_time,
            self.trained / self.seconds,
            # steps of one run follow each other: a tenth of them are independent. Assumed.
            spread / max(self.count / 10.0, 1.0) ** 0.5,
            self.stops,
            self.stopped_s / SECONDS_PER_HOUR,
            self.again,
            tuple(weeks),
        )


def weeks_between(progress: Progress) -> Iterator[tuple[float, float]]:
    """Yield days since the first line and the tokens until then."""
    if progress.first_time is not None:
        first = progress.first_time.date()
        yield from ((float((week.day - first).days), week.tokens) for week in progress.weeks)
