"""A plain CSV of steps: `step`, `seconds` or `time`, and `tokens` or a rate, by the names of its header."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator

import numpy as np

from planner.printed.columns import StepColumns, line_at, numbers, of_rows, times, unknown
from planner.printed.lines import Block, PrintedLine
from planner.printed.rows import StepRow
from planner.printed.training_logs import time_of

NAME = "CSV"
_NAMES = ("step", "seconds", "time", "tokens", "tokens_per_s_per_chip", "batch_sequences")


def recognises(line: PrintedLine) -> bool:
    """Return whether a line is such a header."""
    names = [name.strip().lower() for name in line.text.split(",")]
    return "step" in names and any(name in names for name in ("seconds", "time", "tokens_per_s_per_chip"))


def blocks(blocks: Iterable[Block]) -> Iterator[StepColumns]:
    """Yield the steps of each block.

    Raises
    ------
    FileError
        As line by line.
    """
    header: PrintedLine | None = None
    for block in blocks:
        found = None if header is None else _columns(block, header)
        if found is None:
            found = of_rows(list(read(_behind(header, block))))
        if header is None:
            header = next((line for line in block.lines() if not _is_silent(line)), None)
        yield found


def _behind(header: PrintedLine | None, block: Block) -> Iterator[PrintedLine]:
    """Yield a block's lines, the file's header before them."""
    if header is not None:
        yield header
    yield from block.lines()


def _columns(block: Block, header: PrintedLine) -> StepColumns | None:
    """Return the steps of a block behind the header's; None where it is to be read line by line."""
    text = block.text.replace("\r\n", "\n")
    if not block.is_whole or any(mark in text for mark in ('"', "#", "\r")):
        return None
    names = _header(header)
    lines = text.split("\n")
    lines.pop()
    # a blank line has no comma, and a header has one at least
    if any(line.count(",") != len(names) - 1 for line in lines):
        return None
    fields = text[:-1].replace("\n", ",").split(",")
    try:
        step, seconds, time, tokens, rate, batch = (
            (times if name == "time" else numbers)(fields[names.index(name) :: len(names)])
            if name in names
            else unknown(len(lines))
            for name in _NAMES
        )
    except ValueError:
        return None
    return StepColumns(
        np.trunc(step),
        seconds,
        batch,
        tokens,
        rate,
        time,
        lambda place: line_at(read(_behind(header, block)), place),
    )


def _is_silent(line: PrintedLine) -> bool:
    return not line.text.strip() or line.text.startswith("#")


def read(lines: Iterable[PrintedLine]) -> Iterator[StepRow]:
    """Yield the steps; a last line that was cut in the middle is none.

    Raises
    ------
    FileError
        Where the header names a column that is unknown, or a row has another number of columns.
    """
    places: list[int | None] | None = None
    count = 0
    for line in lines:
        text = line.text
        if _is_silent(line):
            continue
        if places is None:
            names = _header(line)
            count = len(names)
            places = [names.index(name) if name in names else None for name in _NAMES]
            continue
        if not line.is_whole:
            # what a file was cut in may lack a digit as well as a column
            return
        # quotes are rare, and what reads them slow
        fields = next(csv.reader([text])) if '"' in text else text.split(",")
        if len(fields) != count:
            line.refuse(f"has {len(fields)} columns; expected {count}")
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
