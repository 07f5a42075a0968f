"""A plain CSV of steps: `step`, `seconds` or `time`, and `tokens` or a rate, by the names of its header."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator

from planner.printed.lines import PrintedLine
from planner.printed.rows import StepRow
from planner.printed.training_logs import time_of

NAME = "CSV"
_NAMES = ("step", "seconds", "time", "tokens", "tokens_per_s_per_chip", "batch_sequences")


def recognises(line: PrintedLine) -> bool:
    """Return whether a line is such a header."""
    names = [name.strip().lower() for name in line.text.split(",")]
    return "step" in names and any(name in names for name in ("seconds", "time", "tokens_per_s_per_chip"))


def read(lines: Iterable[PrintedLine]) -> Iterator[StepRow]:
    """Yield the steps; a last line that was cut in the middle is none.

    Raises
    ------
    FileError
        Where the header names a column that is unknown, or a row has another number of columns.
    """
    places: list[int | None] | None = None
    columns = 0
    for line in lines:
        text = line.text
        if not text.strip() or text.startswith("#"):
            continue
        if places is None:
            names = _header(line)
            columns = len(names)
            places = [names.index(name) if name in names else None for name in _NAMES]
            continue
        # quotes are rare, and what reads them slow
        fields = next(csv.reader([text])) if '"' in text else text.split(",")
        if len(fields) != columns:
            if not line.is_whole:
                return
            line.refuse(f"has {len(fields)} columns; expected {columns}")
        said = [None if place is None else fields[place] for place in places]
        step = _number(line, said[0], "step")
        if step is None:
            line.refuse("has no step; expected a number such as 100")
        yield StepRow(
            line.number,
            int(step),
            _number(line, said[1], "seconds"),
            _number(line, said[5], "batch_sequences"),
            _number(line, said[3], "tokens"),
            _number(line, said[4], "tokens_per_s_per_chip"),
            _time(line, said[2]),
        )


def _header(line: PrintedLine) -> list[str]:
    names = [name.strip().lower() for name in line.text.split(",")]
    unknown = [name for name in names if name not in _NAMES]
    if unknown or not recognises(line):
        line.refuse(f"expected a header of {', '.join(_NAMES)}, step and one of seconds and time at least")
    return names


def _number(line: PrintedLine, text: str | None, name: str) -> float | None:
    if text is None or not (bare := text.strip()):
        return None
    return line.number_of(bare, name)


def _time(line: PrintedLine, text: str | None) -> datetime.datetime | None:
    if text is None or not (bare := text.strip()):
        return None
    found = time_of(bare)
    if found is None:
        line.refuse(f"time is '{bare[:20]}'; expected such as 2026-11-02 09:15:00")
    return found
