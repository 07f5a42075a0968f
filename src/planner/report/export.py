"""A document as a file of the kind that its name asks for: a page, a spreadsheet, Markdown, CSV or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import FileError
from planner.files.reading import shown_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.differences.compare import Comparison
    from planner.differences.diff import PlanDiff
    from planner.exploring.axes import Axis
    from planner.exploring.sizes import SystemAnswer
    from planner.exploring.sweeps import Point
    from planner.exploring.targets import Targets
    from planner.quotes.promises import PromisedWork
    from planner.report.document import Document
    from planner.report.long_rows import LongRow
    from planner.report.plan_report import Reported


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """What may be written to a file, each form made when it is the one that is asked for."""

    document: Callable[[], Document]
    #: as `--json` prints it
    record: Callable[[], object]
    #: of documents that are more in a spreadsheet than their texts
    workbook: Callable[[], bytes] | None = None
    rows: Callable[[], Iterable[LongRow]] | None = None
    #: of what has a table of its own as CSV
    csv: Callable[[], str] | None = None


def _html(made: Exported) -> bytes:
    from planner.report.html import html_text

    return html_text(made.document()).encode("utf-8")


def _markdown(made: Exported) -> bytes:
    from planner.report.markdown import markdown_text

    return markdown_text(made.document()).encode("utf-8")


def _csv(made: Exported) -> bytes:
    if made.csv is not None:
        return made.csv().encode("utf-8")
    from planner.report.csv_text import csv_text
    from planner.report.long_rows import document_rows

    rows = document_rows(made.document()) if made.rows is None else made.rows()
    return csv_text(rows).encode("utf-8")


def _json(made: Exported) -> bytes:
    from planner.report.estimate_json import json_text

    return json_text(made.record()).encode("utf-8")


def _workbook(made: Exported) -> bytes:
    from planner.report.workbook import document_workbook

    return document_workbook(made.document()) if made.workbook is None else made.workbook()


#: How a file is written, by the end of its name.
WRITERS: dict[str, Callable[[Exported], bytes]] = {
    ".html": _html,
    ".xlsx": _workbook,
    ".md": _markdown,
    ".csv": _csv,
    ".json": _json,
}


#: What each of them is.
KINDS: dict[str, str] = {
    ".html": "a page that prints: what a committee reads",
    ".xlsx": "a spreadsheet whose ledger follows the prices typed into it",
    ".md": "Markdown, for a pull request",
    ".csv": "every value in a row of its own",
    ".json": "every value under its stable key",
}


def exported_suffix(path: Path) -> str:
    """Return the kind of file that a name asks for.

    Raises
    ------
    FileError
        Where it asks for none that is written, naming those that are.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise FileError(
            f"{shown_path(path)}: is no name of a file that is written; "
            f"expected one that ends in {', '.join(WRITERS)}"
        )
    return suffix


def exported_bytes(made: Exported, suffix: str) -> bytes:
    """Return what a file of a kind holds."""
    return WRITERS[suffix](made)


def exported_plan(reported: Reported) -> Exported:
    """Return a plan's report in all its forms."""

    def document() -> Document:
        from planner.report.plan_report import plan_report

        return plan_report(reported)

    def record() -> object:
        from planner.report.estimate_json import estimate_to_dict

        return estimate_to_dict(reported.estimate)

    def workbook() -> bytes:
        from planner.report.plan_workbook import plan_workbook

        return plan_workbook(reported)

    def rows() -> Iterable[LongRow]:
        from planner.report.plan_rows import plan_rows

        return plan_rows(reported)

    return Exported(document, record, workbook, rows)


def exported_diff(diff: PlanDiff) -> Exported:
    """Return a diff in all its forms."""

    def document() -> Document:
        from planner.report.diff_document import diff_document

        return diff_document(diff)

    def record() -> object:
        from planner.report.diff_json import diff_to_dict

        return diff_to_dict(diff)

    return Exported(document, record)


def exported_comparison(comparison: Comparison, promised: Sequence[PromisedWork | None] = ()) -> Exported:
    """Return a comparison in all its forms; `promised` is what each plan's seller promises."""

    def document() -> Document:
        from planner.report.compare_document import comparison_document

        return comparison_document(comparison, promised)

    def record() -> object:
        from planner.report.compare_json import comparison_to_dict

        return comparison_to_dict(comparison, promised)

    return Exported(document, record)


def exported_sizes(name: str, answers: Sequence[SystemAnswer], targets: Targets, seconds: float) -> Exported:
    """Return the smallest clusters of systems in all forms; `seconds` is what finding them took."""

    def document() -> Document:
        from planner.report.size_document import size_document

        return size_document(name, answers, targets)

    def record() -> object:
        from planner.report.size_json import sizes_to_dict

        return sizes_to_dict(name, answers, targets, seconds)

    return Exported(document, record)


def exported_sweep(name: str, axes: Sequence[Axis], points: Sequence[Point]) -> Exported:
    """Return a sweep in all its forms."""

    def document() -> Document:
        from planner.report.sweep_document import sweep_document

        return sweep_document(name, axes, points)

    def record() -> object:
        from planner.report.sweep_json import sweep_to_dict

        return sweep_to_dict(name, axes, points)

    def csv() -> str:
        from planner.report.sweep_json import sweep_csv

        return sweep_csv(axes, points)

    return Exported(document, record, csv=csv)
