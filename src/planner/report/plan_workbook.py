"""A plan as a spreadsheet: what it says, what it comes to, and a ledger that follows a changed price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.ledger.lines import Line
from planner.report.ledger_formulas import (
    LedgerCells,
    amount_formula,
    cash_formula,
    cash_of,
    cash_years,
    ledger_cells,
    sum_formula,
)
from planner.report.long_rows import LongRow
from planner.report.plan_report import Reported
from planner.report.plan_rows import plan_rows
from planner.report.workbook import FIRST_ROW, Formula, Sheet, SheetRow, Styled, workbook_bytes

#: Where each sheet has what the other names.
_PRICES, _VALUE_COLUMN = "prices", "D"
_AMOUNT_COLUMN, _PAID_COLUMN = "E", "D"
_PAID = ("once", "yearly", "in the end")
_SUMS = {
    "once": "purchase: once, before training",
    "yearly": "a year of use",
    "in the end": "left in the end",
}
#: Which rows of the long form make up which sheet.
_SECTIONS = {
    "inputs": ("plan", "input"),
    "estimate": ("target", "estimate"),
    "notes": ("warning", "note", "ahead", "needs input"),
    "sources": ("figure", "document", "profile"),
}
_LAYOUT = "strategy."
_UNKNOWN = "unknown"


def plan_workbook(reported: Reported) -> bytes:
    """Return the sheets of a plan as the bytes of a file."""
    return workbook_bytes(plan_sheets(reported), reported.estimate.compliance.as_of)


def plan_sheets(reported: Reported) -> list[Sheet]:
    """Return the sheets of a plan."""
    rows = list(plan_rows(reported))
    name = reported.plan.name
    layout = [row for row in rows if row.section == "estimate" and row.row.startswith(_LAYOUT)]
    of_section = {
        sheet: [row for section in sections for row in rows if row.section == section and row not in layout]
        for sheet, sections in _SECTIONS.items()
    }
    cells = ledger_cells(reported.estimate, reported.ledger, _VALUE_COLUMN, FIRST_ROW)
    return [
        _inputs_sheet(name, of_section["inputs"]),
        _figures_sheet("estimate", name, of_section["estimate"], "figures of the program; they do not move"),
        _ledger_sheet(reported, cells),
        _prices_sheet(name, cells),
        _figures_sheet("layout", name, layout, "how the job is laid out over the chips"),
        _texts_sheet("notes", name, of_section["notes"], "planning information, not legal advice"),
        _texts_sheet("sources", name, of_section["sources"], "what the figures rest on, the weakest first"),
    ]


def _inputs_sheet(name: str, rows: Iterable[LongRow]) -> Sheet:
    shown = tuple(
        (row.title, row.text if row.value is None else row.value, row.row, row.text) for row in rows
    )
    remark = "what the plan says; * holds because it says nothing else"
    return Sheet("inputs", name, ("input", "value", "key", "as written"), shown, (22, 40, 40, 24), remark)


def _figures_sheet(sheet: str, name: str, rows: Iterable[LongRow], remark: str) -> Sheet:
    header = ("figure", "pool", "median", "P10", "P90", "unit", "text", "id")
    shown = tuple(
        (row.title, row.column, row.value, row.p10, row.p90, row.unit, row.text, row.row) for row in rows
    )
    return Sheet(sheet, name, header, shown, (56, 12, 20, 20, 20, 12, 40, 34), remark)


def _texts_sheet(sheet: str, name: str, rows: Iterable[LongRow], remark: str) -> Sheet:
    header = ("kind", "id", "of", "title", "text", "value", "unit")
    shown = tuple(
        (row.section, row.row, row.column, row.title, row.text, row.value, row.unit) for row in rows
    )
    return Sheet(sheet, name, header, shown, (12, 36, 14, 44, 70, 18, 12), remark)


def _prices_sheet(name: str, cells: LedgerCells) -> Sheet:
    header = ("price or quantity", "pool", "unit", "value", "from", "id")
    remark = "change a blue cell, or fill in one that is empty: the ledger follows; black cells are computed"
    rows = tuple(
        (
            cell.title,
            cell.pool,
            cell.unit,
            Formula(cell.formula, _UNKNOWN if cell.value is None else cell.value)
            if cell.formula
            else Styled(cell.value, "input"),
            cell.source,
            cell.id,
        )
        for cell in cells.prices
    )
    return Sheet(_PRICES, name, header, rows, (60, 12, 14, 22, 60, 34), remark)


def _ledger_sheet(reported: Reported, cells: LedgerCells) -> Sheet:
    header = ("line", "group", "pool", "paid", "amount", "P10", "P90", "state", "made of", "remark")
    remark = (
        "amounts follow the sheet 'prices'; what has no price is in no sum; power, energy and spares are "
        "figures of the program"
    )
    rows = (*(_line_row(line, place) for line, place in cells.lines), *_sum_rows(reported, cells))
    widths = (44, 14, 12, 12, 22, 20, 20, 12, 44, 44)
    return Sheet("ledger", reported.plan.name, header, rows, widths, remark)


def _line_row(line: Line, place: int) -> SheetRow:
    cell = f"{_PRICES}!{_VALUE_COLUMN}{FIRST_ROW + place}"
    ends = line.band
    amount = _UNKNOWN if line.amount is None else float(line.amount)
    return (
        line.title,
        line.group,
        line.pool,
        line.paid,
        Styled(Formula(amount_formula(line, cell), amount), "money"),
        Styled(None if ends is None else ends.p10, "money"),
        Styled(None if ends is None else ends.p90, "money"),
        line.state,
        line.basis,
        line.note,
    )


def _sum_rows(reported: Reported, cells: LedgerCells) -> Iterator[SheetRow]:
    """Yield the sums below the lines, and what is paid in each year."""
    ledger = reported.ledger
    last = FIRST_ROW + len(cells.lines) - 1
    amounts = f"{_AMOUNT_COLUMN}{FIRST_ROW}:{_AMOUNT_COLUMN}{last}"
    paid_column = f"{_PAID_COLUMN}{FIRST_ROW}:{_PAID_COLUMN}{last}"
    yield ()
    first_sum = last + 2
    for paid in _PAID:
        formula = Formula(sum_formula(amounts, paid_column, paid), float(ledger.total(paid)))
        yield _sum_row(_SUMS[paid], ledger.currency, formula)
    once, yearly, in_the_end = (f"{_AMOUNT_COLUMN}{first_sum + place}" for place in range(len(_PAID)))
    yield ()
    years = f"{_PRICES}!{_VALUE_COLUMN}{FIRST_ROW + cells.years}"
    first_year = first_sum + len(_PAID) + 1
    count = cash_years(ledger.years) + 1
    for year in range(count):
        formula = Formula(cash_formula(year, once, yearly, in_the_end, years), float(cash_of(ledger, year)))
        yield (f"cash of year {year}", "", "", ledger.currency, Styled(formula, "money"))
    total = f"=SUM({_AMOUNT_COLUMN}{first_year}:{_AMOUNT_COLUMN}{first_year + count - 1})"
    yield _sum_row("all years", ledger.currency, Formula(total, float(ledger.life)))


def _sum_row(label: str, currency: str, formula: Formula) -> SheetRow:
    return (Styled(label, "head"), "", "", currency, Styled(formula, "sum"))
