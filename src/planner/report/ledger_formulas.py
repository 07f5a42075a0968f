"""The ledger as a spreadsheet computes it: cells of prices and quantities, and formulas from them to sums.

Each formula is the quantity's own, printed on cells as `explain` prints it on symbols: there is no second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

from planner.estimate.result import Estimate
from planner.ledger.ledger import Ledger, figures_of_pool
from planner.ledger.lines import Line
from planner.quantities.evaluation import Figures
from planner.quantities.record import Record
from planner.quantities.symbols import Symbol, as_symbol
from planner.quantities.table import TABLE, Way

#: What is computed in the sheet; a figure of training is one of the program.
_LIVE_FAMILY = "money"
_LEDGER = "ledger."
_TERM = "ledger.term_years"
_UNKNOWN = '"unknown"'
#: How the table's arithmetic is written in a spreadsheet.
_SPELLINGS = ((" x ", "*"), ("max(", "MAX("), ("min(", "MIN("), ("sqrt(", "SQRT("), ("exp(", "EXP("))
#: Years of use that the sheet has room for, so that a longer use can be typed in.
_LEAST_YEARS = 10


@dataclass(frozen=True, slots=True)
class PriceCell:
    """A price or quantity to be changed, or where there is a formula a step between them and the lines."""

    id: str
    #: empty: of the whole plan
    pool: str
    title: str
    unit: str
    value: float | None
    #: of the cells of the same sheet; empty: to be typed over
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class LedgerCells:
    """The cells of both sheets; a formula names the cells of prices by the place that they were given."""

    prices: tuple[PriceCell, ...]
    #: each line with the place of its amount among the prices
    lines: tuple[tuple[Line, int], ...]
    #: place of the years of use
    years: int


@dataclass(slots=True)
class _Sheet:
    """Cells in the order in which they are needed: what goes in stands above what is made of it."""

    column: str
    first_row: int
    cells: list[PriceCell] = field(default_factory=list)
    places: dict[tuple[str, str], int] = field(default_factory=dict)

    def place(self, identifier: str, pool: str, figures: Figures) -> int:
        """Return the place of a quantity's cell, made where there is none."""
        made = TABLE[identifier]
        key = identifier, "" if made.scope == "plan" else pool
        if key not in self.places:
            way = made.way(figures.setting)
            formula = self._formula(way, pool, figures) if _is_live(identifier, way) else ""
            record = figures.record(identifier)
            value = figures.p50(identifier)
            self.places[key] = len(self.cells)
            self.cells.append(
                PriceCell(
                    identifier, key[1], made.title, made.unit, value, formula, _source(record, made.title)
                )
            )
        return self.places[key]

    def reference(self, place: int) -> str:
        """Return a cell by its address in its own sheet."""
        return f"{self.column}{self.first_row + place}"

    def _formula(self, way: Way, pool: str, figures: Figures) -> str:
        """Return what a quantity is of other cells; unknown where one is that it cannot do without."""
        cells = {
            symbol: self.reference(self.place(identifier, pool, figures))
            for symbol, identifier in way.inputs.items()
        }
        assert way.formula is not None
        symbols = {
            symbol: Symbol(f"N({cell})" if symbol in way.optional else cell) for symbol, cell in cells.items()
        }
        text = spelled(str(as_symbol(way.formula(**symbols))))
        needed = [cell for symbol, cell in cells.items() if symbol not in way.optional]
        if not needed:
            return f"={text}"
        return f"=IF(COUNT({','.join(needed)})={len(needed)},{text},{_UNKNOWN})"


def _source(record: Record, title: str) -> str:
    """Return where a figure is from, or what it is made of."""
    name = record.name if record.name != title else ""
    where = record.grounds.where if record.grounds is not None else ""
    return "; ".join(filter(None, (name, where))) or record.method or record.equation or ""


def _is_live(identifier: str, way: Way) -> bool:
    is_arithmetic = way.formula is not None and way.method is None and not way.is_over_phases
    return is_arithmetic and TABLE[identifier].family == _LIVE_FAMILY


def spelled(text: str) -> str:
    """Return arithmetic of the table as a spreadsheet writes it.

    Examples
    --------
    >>> spelled("C4 x max(1 - C5 / C6, 0)")
    'C4*MAX(1 - C5 / C6, 0)'
    """
    for ours, theirs in _SPELLINGS:
        text = text.replace(ours, theirs)
    return text


def ledger_cells(estimate: Estimate, ledger: Ledger, column: str, first_row: int) -> LedgerCells:
    """Return the cells behind a ledger, for a column of a sheet from a row on."""
    sheet = _Sheet(column, first_row)
    figures_of = {pool.id: figures_of_pool(estimate, pool) for pool in estimate.pools}
    lines = tuple(
        (line, sheet.place(f"{_LEDGER}{line.id}", line.pool, figures_of[line.pool])) for line in ledger.lines
    )
    years = sheet.place(_TERM, "", estimate.known)
    return LedgerCells(tuple(sheet.cells), lines, years)


def amount_formula(line: Line, cell: str) -> str:
    """Return a line's amount to the cent; a receipt is below zero, as in the ledger."""
    sign = "-" if line.paid == "in the end" else ""
    return f"=IF(ISNUMBER({cell}),{sign}ROUND({cell},2),{_UNKNOWN})"


def sum_formula(amounts: str, paid_column: str, paid: str) -> str:
    """Return the sum of the known lines that are paid once, yearly or in the end."""
    return f'=SUMIF({paid_column},"{paid}",{amounts})'


def cash_years(years: float) -> int:
    """Return for how many years the sheet has rows."""
    return max(math.ceil(years), _LEAST_YEARS)


def cash_formula(year: int, once: str, yearly: str, in_the_end: str, years: str) -> str:
    """Return what is paid in a year: before the first, in it or its part, and what is left at the end."""
    if year == 0:
        return f"={once}+IF({years}<=0,{in_the_end},0)"
    part = f"MAX(0,MIN(1,{years}-{year - 1}))"
    is_last = f"AND({years}>{year - 1},{years}<={year})"
    return f"=ROUND({yearly}*{part},2)+IF({is_last},{in_the_end},0)"


def cash_of(ledger: Ledger, year: int) -> Decimal:
    """Return what a ledger pays in a year; nothing after its last."""
    return ledger.cash[year] if year < len(ledger.cash) else Decimal(0)
