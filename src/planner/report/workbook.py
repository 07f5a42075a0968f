"""Writes sheets as a spreadsheet file: text is always text, whatever it begins with; numbers are numbers."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from planner.report.document import Document, Heading, Paragraph, plain
from planner.report.long_rows import LongRow, document_rows
from planner.text import safe

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

#: Of the kinds of cells, by the name that sheets ask for them.
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "font_color": "#1F4E79"},
    "head": {"bold": True, "bottom": 1, "font_color": "#1F4E79", "valign": "top", "indent": 1},
    "text": {"text_wrap": True, "valign": "top", "align": "left", "indent": 1},
    "number": {"num_format": "[>=1000]#,##0;[>=0.001]0.####;General", "valign": "top"},
    "money": {"num_format": "#,##0.00;-#,##0.00;0.00", "valign": "top"},
    "sum": {"num_format": "#,##0.00;-#,##0.00;0.00", "bold": True, "top": 1},
    # by convention what may be typed over is blue
    "input": {"num_format": "#,##0.######", "font_color": "#0000FF", "bg_color": "#FFF8DC", "valign": "top"},
}
#: The widest column that is still read. [characters]
_WIDEST = 70
#: Height of a line in points, and as many of them as a spreadsheet still scrolls by.
_LINE_HEIGHT, _MOST_LINES = 15, 20
#: The first day of a spreadsheet's calendar that every program agrees on.
_EPOCH = datetime.date(1980, 1, 1)


class Formula(NamedTuple):
    """A formula with its value, which programs show that do not compute."""

    text: str
    value: float | str


class Styled(NamedTuple):
    """A value in a format of its own."""

    value: Value
    style: str


Value = str | float | int | Formula | None
SheetRow = Sequence["Value | Styled"]


class Sheet(NamedTuple):
    """A sheet: what is said above, names of columns, and rows."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    #: characters of each column
    widths: tuple[int, ...]
    remark: str = ""

    @property
    def first_row(self) -> int:
        """The row of the first of its rows, as a spreadsheet counts them."""
        return FIRST_ROW


#: Title, remark and names stand above.
FIRST_ROW = 5


def workbook_bytes(sheets: Iterable[Sheet], as_of: datetime.date | None = None) -> bytes:
    """Return sheets as the bytes of an XLSX file; the same sheets make the same bytes."""
    # read when a file is asked for: no other command waits for it
    import xlsxwriter

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        day = as_of or _EPOCH
        book.set_properties({"created": datetime.datetime(day.year, day.month, day.day)})
        formats = {name: book.add_format(kind) for name, kind in FORMATS.items()}
        for sheet in sheets:
            _add_sheet(book, sheet, formats)
    return target.getvalue()


def _add_sheet(book: Workbook, sheet: Sheet, formats: dict[str, Format]) -> None:
    page = book.add_worksheet(sheet.name)
    page.write_string(0, 0, safe(sheet.title), formats["title"])
    if sheet.remark:
        page.write_string(1, 0, safe(sheet.remark))
    for column, name in enumerate(sheet.header):
        page.write_string(FIRST_ROW - 2, column, safe(name), formats["head"])
    for place, width in enumerate(sheet.widths):
        page.set_column(place, place, min(width, _WIDEST))
    for number, row in enumerate(sheet.rows, start=FIRST_ROW - 1):
        if (lines := _lines(row, sheet.widths)) > 1:
            page.set_row(number, lines * _LINE_HEIGHT)
        for column, value in enumerate(row):
            _write(page, number, column, value, formats)
    page.freeze_panes(FIRST_ROW - 1, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _lines(row: SheetRow, widths: Sequence[int]) -> int:
    """Return in how many lines the longest text of a row wraps."""
    texts = zip((it.value if isinstance(it, Styled) else it for it in row), widths, strict=False)
    counts = (
        math.ceil(len(text) / max(min(width, _WIDEST), 1)) for text, width in texts if isinstance(text, str)
    )
    return min(max(counts, default=1), _MOST_LINES)


def _write(page: Worksheet, row: int, column: int, given: Value | Styled, formats: dict[str, Format]) -> None:
    value, style = given if isinstance(given, Styled) else (given, "")
    if value is None:
        page.write_blank(row, column, None, formats[style or "text"])
    elif isinstance(value, Formula):
        page.write_formula(row, column, value.text, formats[style or "number"], value.value)
    elif isinstance(value, str):
        page.write_string(row, column, safe(" ".join(value.split())), formats[style or "text"])
    else:
        page.write_number(row, column, value, formats[style or "number"])


_ROW_WIDTHS = (24, 34, 18, 44, 18, 18, 18, 12, 70)


def rows_sheet(name: str, title: str, rows: Iterable[LongRow]) -> Sheet:
    """Return rows in long form as a sheet."""
    return Sheet(name, title, LongRow._fields, tuple(rows), _ROW_WIDTHS)


def document_workbook(document: Document) -> bytes:
    """Return any document as a spreadsheet: its values in long form, by section."""
    first = document.blocks[0] if document.blocks else None
    title = ""
    if isinstance(first, Heading):
        title = " ".join(filter(None, (first.title, plain(first.aside))))
    elif isinstance(first, Paragraph):
        title = plain(first.text)
    return workbook_bytes([rows_sheet("values", title, document_rows(document))])
