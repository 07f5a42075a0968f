"""Matrices of nvbandwidth: copies between hosts and chips, between chips, and inside one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from planner.printed.lines import PrintedLine
from planner.printed.rows import CopyRow

NAME = "nvbandwidth"
_VERSION = re.compile(r"^nvbandwidth Version:")
_RUNNING = re.compile(r"^Running (\w+)\.")
_TITLE = re.compile(r"^memcpy .*bandwidth \(GB/s\)")
_COLUMNS = re.compile(r"^\s*\d+(\s+\d+)*\s*$")
_ROW = re.compile(r"^\s*\d+\s+(N/A|\d)")
_GIGA = 1e9


def recognises(line: PrintedLine) -> bool:
    """Return whether a line is of its output."""
    return bool(_VERSION.match(line.text) or _TITLE.match(line.text))


def read(lines: Iterable[PrintedLine]) -> Iterator[CopyRow]:
    """Yield every pair that was copied between.

    Raises
    ------
    FileError
        Where a row is cut, or holds what is no number.
    """
    test, columns = "", None
    is_open = False
    for line in lines:
        if running := _RUNNING.match(line.text):
            test, columns, is_open = running.group(1), None, False
        elif _TITLE.match(line.text):
            columns, is_open = None, True
        elif is_open and columns is None and _COLUMNS.match(line.text):
            columns = line.text.split()
        elif is_open and columns is not None and _ROW.match(line.text):
            source, *values = line.text.split()
            if not line.is_whole or len(values) != len(columns):
                line.refuse(f"the row is cut; expected {len(columns)} values")
            for target, text in zip(columns, values, strict=True):
                if text != "N/A":
                    rate = line.number_of(text, "the bandwidth")
                    yield CopyRow(line.number, test, source, target, rate * _GIGA)
        elif not line.text.strip():
            is_open = False
