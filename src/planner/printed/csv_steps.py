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
    names: list[str] | None = None
    for line in lines:
        if not line.text.strip() or line.text.startswith("#"):
            continue
        if names is None:
            names = _header(line)
            continue
        fields = next(csv.reader([line.text]))
        if len(fields) != len(names):
            if not line.is_whole:
                return
            line.refuse(f"has {len(fields)} columns; expected {len(names)}")
        said = dict(zip(names, (field.strip() for field in fields), strict=True))
        yield StepRow(
            line.number,
            int(line.number_of(said["step"], "step")),
            _number(line, said, "seconds"),
            _number(line, said, "batch_sequences"),
            _number(line, said, "tokens"),
            _number(line, said, "tokens_per_s_per_chip"),
            _time(line, said),
        )


def _header(line: PrintedLine) -> list[str]:
    names = [name.strip().lower() for name in line.text.split(",")]
    unknown = [name for name in names if name not in _NAMES]
    if unknown or not recognises(line):
        line.refuse(f"expected a header of {', '.join(_NAMES)}, step and one of seconds and time at least")
    return names


def _number(line: PrintedLine, said: dict[str, str], name: str) -> float | None:
    return line.number_of(said[name], name) if said.get(name) else None


def _time(line: PrintedLine, said: dict[str, str]) -> datetime.datetime | None:
    text = said.get("time")
    if not text:
        return None
    found = time_of(text)
    if found is None:
        line.refuse(f"time is '{text[:20]}'; expected such as 2026-11-02 09:15:00")
    return found
