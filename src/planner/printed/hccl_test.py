"""Tables of hccl_test, which prints size over time and no bus bandwidth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from planner.printed.lines import PrintedLine
from planner.printed.rows import CollectiveRow

NAME = "hccl_test"
_HEADER = re.compile(r"data_size\s*\(Bytes\).*\balg_bandwidth\s*\(GB/s\)", re.IGNORECASE)
_ROW = re.compile(r"^\s*\d+\s*\|")
_GIGA = 1e9


def recognises(line: PrintedLine) -> bool:
    """Return whether a line begins such a table."""
    return bool(_HEADER.search(line.text))


def read(lines: Iterable[PrintedLine]) -> Iterator[CollectiveRow]:
    """Yield the rows of one run.

    Raises
    ------
    FileError
        Where a row is cut or no number, its result was wrong, or a second run begins.
    """
    is_open, last = False, -1.0
    for line in lines:
        if _HEADER.search(line.text):
            if is_open:
                line.refuse("a second run begins; expected one run a file")
            is_open = True
        elif is_open and _ROW.match(line.text):
            fields = [field.strip() for field in line.text.split("|")]
            if not line.is_whole or len(fields) < 3 or not fields[2]:
                line.refuse("the row is cut; expected data_size, aveg_time and alg_bandwidth")
            if "fail" in line.text.lower():
                line.refuse("its check failed; expected a result that is right")
            size = line.number_of(fields[0], "data_size")
            if size < last:
                line.refuse("the sizes begin anew: a second run; expected one run a file")
            last = size
            rate = line.number_of(fields[2], "alg_bandwidth")
            yield CollectiveRow(line.number, size, rate * _GIGA, None)
