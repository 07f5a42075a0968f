"""Which tool printed a file, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from planner.errors import FileError
from planner.files.reading import shown_path
from planner.printed import csv_steps, hccl_test, ib_write_bw, mlperf, nccl_tests, nvbandwidth
from planner.printed.columns import StepColumns
from planner.printed.lines import Block, PrintedLine, printed_blocks, printed_lines
from planner.printed.rows import Row
from planner.printed.training_logs import FORMATS

#: A tool says what it is in so many lines; before them launchers talk.
_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of printed output."""

    name: str
    recognises: Callable[[PrintedLine], bool]
    read: Callable[[Iterable[PrintedLine]], Iterator[Row]]
    #: of training logs, which may be long
    blocks: Callable[[Iterable[Block]], Iterator[StepColumns]] | None = None


#: In the order in which they are tried: a log's line is told before a header of a CSV.
READERS: tuple[Reader, ...] = (
    Reader(nccl_tests.NAME, nccl_tests.recognises, nccl_tests.read),
    Reader(hccl_test.NAME, hccl_test.recognises, hccl_test.read),
    Reader(nvbandwidth.NAME, nvbandwidth.recognises, nvbandwidth.read),
    Reader(ib_write_bw.NAME, ib_write_bw.recognises, ib_write_bw.read),
    *(Reader(one.name, one.recognises, one.read, one.blocks) for one in FORMATS),
    Reader(mlperf.NAME, mlperf.recognises, mlperf.read, mlperf.blocks),
    Reader(csv_steps.NAME, csv_steps.recognises, csv_steps.read, csv_steps.blocks),
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


def stream_steps(path: Path) -> Iterator[StepColumns]:
    """Yield the steps of a training log, however long it is, many at a time.

    Raises
    ------
    FileError
        As of its reader, or where it is no training log.
    """
    reader = reader_of(path)
    if reader.blocks is None:
        raise FileError(f"{shown_path(path)}: is of {reader.name}; expected a training log")
    yield from reader.blocks(printed_blocks(path))
