"""Tables of perftest's ib_write_bw and its like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from planner.printed.lines import PrintedLine
from planner.printed.rows import PortRow

NAME = "ib_write_bw"
_HEADER = re.compile(r"^\s*#bytes\s+#iterations\s+BW peak\[([^\]]+)\]\s+BW average\[([^\]]+)\]")
_ROW = re.compile(r"^\s*\d+\s+\d+")
#: Of its units, in bytes a second: MB are binary there, as its manual says.
_UNITS = {"Gb/sec": 1e9 / 8, "MB/sec": 2.0**20, "MiB/sec": 2.0**20}


def recognises(line: PrintedLine) -> bool:
    """Return whether a line begins such a table."""
    return bool(_HEADER.match(line.text))


def read(lines: Iterable[PrintedLine]) -> Iterator[PortRow]:
    """Yield the rows; several tables are several ports.

    Raises
    ------
    FileError
        Where a row is cut, or its unit is none that is known.
    """
    unit: float | None = None
    for line in lines:
        if header := _HEADER.match(line.text):
            name = header.group(2)
            if name not in _UNITS:
                line.refuse(f"BW average is in {name[:20]}; expected {' or '.join(_UNITS)}")
            unit = _UNITS[name]
        elif unit is not None and _ROW.match(line.text):
            fields = line.text.split()
            if not line.is_whole or len(fields) < 4:
                line.refuse("the row is cut; expected #bytes, #iterations, BW peak and BW average")
            size, rate = line.number_of(fields[0], "#bytes"), line.number_of(fields[3], "BW average")
            yield PortRow(line.number, size, rate * unit)
