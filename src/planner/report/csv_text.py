"""Writes rows in long form as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from planner.report.long_rows import LongRow
from planner.text import safe

#: What spreadsheets begin a formula with, in the forms of full width too.
FORMULA_SIGNS = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")
_MORE_SIGNS = ("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")


def csv_text(rows: Iterable[LongRow]) -> str:
    """Return the rows below their names; a number is written in full, and what is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LongRow._fields)
    for row in rows:
        writer.writerow(_cell(value) for value in row)
    return text.getvalue()


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else repr(float(value)).removesuffix(".0")


def harmless(text: str) -> str:
    """Return a text in one line, behind an apostrophe where a spreadsheet would compute it.

    Examples
    --------
    >>> harmless("=1+1"), harmless("train"), harmless(" -2 days")
    ("'=1+1", 'train', "'-2 days")
    """
    line = safe(" ".join(text.split()))
    return f"'{line}" if line.startswith((*FORMULA_SIGNS, *_MORE_SIGNS)) else line
