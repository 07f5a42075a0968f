"""Tables of nccl-tests and rccl-tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast, get_args

from planner.engine.collective_words import Collective
from planner.printed.lines import PrintedLine
from planner.printed.rows import CollectiveRow

NAME = "nccl-tests or rccl-tests"
_HEADER = re.compile(r"^#\s+size\s+count\s+type\b.*\balgbw\s+busbw\b")
_RANK = re.compile(r"^#\s+Rank\s+\d+\b")
_ROW = re.compile(r"^\s*\d+\s+\d+\s+[a-z]\w*\b")
_STARTED = re.compile(r"\b(all_reduce|all_gather|reduce_scatter|alltoall|broadcast|reduce|sendrecv)_perf\b")
#: Columns before the first time: size, count and type; where the tool prints them also redop and root.
_LEAST_BEFORE = 3
_GIGA = 1e9


def recognises(line: PrintedLine) -> bool:
    """Return whether a line begins such a table."""
    return bool(_HEADER.match(line.text))


def read(lines: Iterable[PrintedLine]) -> Iterator[CollectiveRow]:
    """Yield the rows of one run, out of place.

    Raises
    ------
    FileError
        Where a row is cut or no number, its result was wrong, or a second run begins.
    """
    ranks, collective = 0, None
    before: int | None = None
    checked: int | None = None
    last = -1.0
    for line in lines:
        if started := _STARTED.search(line.text):
            collective = cast("Collective", started.group(1))
            assert collective in get_args(Collective)
        if _RANK.match(line.text):
            ranks += 1
        elif _HEADER.match(line.text):
            if before is not None:
                line.refuse("a second run begins; expected one run a file")
            names = line.text.replace("#wrong", "wrong").lstrip("#").split()
            if "time" not in names:
                line.refuse("has no column time; expected size, count, type, time, algbw and busbw")
            before = names.index("time")
            checked = names.index("wrong") if "wrong" in names else None
        elif before is not None and _ROW.match(line.text):
            row = _row(line, before, checked, collective, ranks or None)
            if row.size_bytes < last:
                line.refuse("the sizes begin anew: a second run; expected one run a file")
            last = row.size_bytes
            yield row


def _row(
    line: PrintedLine, before: int, checked: int | None, collective: Collective | None, ranks: int | None
) -> CollectiveRow:
    fields = line.text.split()
    if not line.is_whole or len(fields) < before + 4 or before < _LEAST_BEFORE:
        line.refuse("the row is cut; expected size, count, type, time, algbw and busbw")
    if checked is not None and len(fields) > checked and fields[checked] not in ("0", "N/A"):
        line.refuse(f"{fields[checked][:20]} values are wrong; expected a result that is right")
    algorithm = line.number_of(fields[before + 1], "algbw")
    bus = line.number_of(fields[before + 2], "busbw")
    size = line.number_of(fields[0], "size")
    return CollectiveRow(line.number, size, algorithm * _GIGA, bus * _GIGA, collective, ranks)
