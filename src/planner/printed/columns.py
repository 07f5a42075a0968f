"""Many steps of a training log at once: a column for what each line says."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from planner.engine.arrays import FloatArray
from planner.printed.rows import StepRow

_EPOCH = datetime.datetime(1970, 1, 1)
#: Of 2026-11-02 09:15:00: how long it is, and what stands where between its digits.
_TIME_LENGTH = 19
_BETWEEN = {4: "-", 7: "-", 10: " T", 13: ":", 16: ":"}
#: The first day that a calendar has. [s since 1970]
_FIRST_S = (datetime.datetime.min - _EPOCH).total_seconds()


@dataclass(frozen=True, slots=True, eq=False)
class StepColumns:
    """Steps in the order of their lines, all of one length; NaN where a line says none."""

    #: as `StepRow` has them
    steps: FloatArray
    seconds: FloatArray
    batch_sequences: FloatArray
    tokens: FloatArray
    tokens_per_s_per_chip: FloatArray
    #: since the beginning of 1970, in no time zone. [s]
    times: FloatArray
    #: the line of a step, by its place; looked for where something is wrong with it
    line_of: Callable[[int], int]

    def __len__(self) -> int:
        return len(self.steps)


def of_rows(rows: Sequence[StepRow]) -> StepColumns:
    """Return rows as columns."""
    return StepColumns(
        _known([row.step for row in rows]),
        _known([row.seconds for row in rows]),
        _known([row.batch_sequences for row in rows]),
        _known([row.tokens for row in rows]),
        _known([row.tokens_per_s_per_chip for row in rows]),
        _known([None if row.time is None else (row.time - _EPOCH).total_seconds() for row in rows]),
        lambda place: rows[place].line,
    )


def _known(values: Iterable[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def line_at(rows: Iterator[StepRow], place: int) -> int:
    """Return the line of the step at a place of steps that are read line by line."""
    return next(islice(rows, place, None)).line


def unknown(count: int) -> FloatArray:
    """Return a column that no line says."""
    return np.full(count, np.nan)


def numbers(texts: Sequence[str]) -> FloatArray:
    """Return a column of numbers as lines say them.

    Raises
    ------
    ValueError
        Where one is none, negative or infinite: whoever reads line by line says which.
    """
    values = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    if not (np.all(values >= 0.0) and np.all(values < np.inf)):
        raise ValueError("expected numbers")
    return values


def times(texts: Sequence[str]) -> FloatArray:
    """Return a column of times that begin as 2026-11-02 09:15:00 does. [s since 1970].

    Raises
    ------
    ValueError
        Where one is none.

    Examples
    --------
    >>> times(["1970-01-01 00:01:00", "1970-01-02T00:00:00.250"]).tolist()
    [60.0, 86400.0]
    """
    if not all(map(str.isascii, texts)):
        raise ValueError("expected times")
    whole = np.array(texts, dtype=f"S{_TIME_LENGTH}")
    letters = whole.view(np.uint8).reshape(len(texts), _TIME_LENGTH)
    for place in range(_TIME_LENGTH):
        expected = _BETWEEN.get(place, "0123456789")
        if not np.isin(letters[:, place], np.frombuffer(expected.encode(), dtype=np.uint8)).all():
            raise ValueError("expected times")
    seconds = whole.astype("M8[s]").astype(np.float64)
    if not np.all(seconds >= _FIRST_S):
        raise ValueError("expected times")
    return np.asarray(seconds)


def time_of(seconds: float) -> datetime.datetime:
    """Return a time of a column.

    Examples
    --------
    >>> time_of(60.0)
    datetime.datetime(1970, 1, 1, 0, 1)
    """
    return _EPOCH + datetime.timedelta(seconds=seconds)
