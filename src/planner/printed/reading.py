"""Which tool printed a file, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from planner.errors import FileError
from planner.files.reading import shown_path
from planner.printed import csv_steps, hccl_test, ib_write_bw, nccl_tests, nvbandwidth
from planner.printed.lines import PrintedLine, printed_lines
from planner.printed.rows import Row, StepRow
from planner.printed.training_logs import FORMATS

#: A tool says what it is in so many lines; before them launchers talk.
_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of printed output."""

    name: str
    recognises: Callable[[PrintedLine], bool]
    read: Callable[[Iterable[PrintedLine]], Iterator[Row]]


#: In the order in which they are tried: a log's line is told before a header of a CSV.
READERS: tuple[Reader, ...] = (
    Reader(nccl_tests.NAME, nccl_tests.recognises, nccl_tests.read),
    Reader(hccl_test.NAME, hccl_test.recognises, hccl_test.read),
    Reader(nvbandwidth.NAME, nvbandwidth.recognises, nvbandwidth.read),
    Reader(ib_write_bw.NAME, ib_write_bw.recognises, ib_write_bw.read),
    *(Reader(one.name, one.recognises, one.read) for one in FORMATS if one.name == "NeMo"),
    *(Reader(one.name, one.recognises, one.read) for one in FORMATS if one.name != "NeMo"),
    Reader(csv_steps.NAME, csv_steps.recognises, csv_steps.read),
)


def reader_of(path: Path) -> Reader:
    """Return what reads a file.

    Raises
    ------
    FileError
        Where no tool prints such lines.
    """
    for line in islice(printed_lines(path), _LOOKED_AT):
        for reader in READERS:
            if reader.recognises(line):
                return reader
    names = ", ".join(reader.name for reader in READERS)
    raise FileError(f"{shown_path(path)}: line 1: no tool prints such lines; expected the output of {names}")


def read_printed(path: Path) -> tuple[str, tuple[Row, ...]]:
    """Return which tool printed a file, and all that it says.

    Raises
    ------
    FileError
        As of its reader; nothing is half read. Where there is no row at all.
    """
    reader = reader_of(path)
    rows = tuple(reader.read(printed_lines(path)))
    if not rows:
        raise FileError(f"{shown_path(path)}: holds no row of {reader.name}; expected what it measured")
    return reader.name, rows


def stream_steps(path: Path) -> Iterator[StepRow]:
    """Yield the steps of a training log, however long it is.

    Raises
    ------
    FileError
        As of its reader, or where it is no training log.
    """
    reader = reader_of(path)
    for row in reader.read(printed_lines(path)):
        if not isinstance(row, StepRow):
            raise FileError(f"{shown_path(path)}: is of {reader.name}; expected a training log")
        yield row
