"""A plan as a spreadsheet: its formulas come to the ledger's sums, and follow what is typed into it."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.report.spreadsheet import Book, Value

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.ledger.ledger import ledger_of
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import list_plans
from planner.report.plan_report import Reported
from planner.report.plan_workbook import plan_sheets, plan_workbook

Make = Callable[..., Reported]
PLANS = {path.stem: path for path in list_plans()}
SHEETS = ["inputs", "estimate", "ledger", "prices", "layout", "notes", "sources"]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def report_of(catalog: Catalog) -> Make:
    """Return a plan's report, made once for all tests that want the same."""
    made: dict[tuple[str, ...], Reported] = {}

    def make(name: str, *changes: str) -> Reported:
        key = (name, *changes)
        if key not in made:
            plan: Plan = load_plan(PLANS[name])
            plan = apply_overrides(plan, list(changes)) if changes else plan
            estimate = estimate_plan(plan, catalog)
            made[key] = Reported(plan, estimate, ledger_of(estimate), catalog.sources)
        return made[key]

    return make


def _row(book: Book, sheet: str, column: str, text: str) -> int:
    address = next(where for where, value in book.column(sheet, column).items() if value == text)
    return int(re.sub(r"\D", "", address))


def _sums(book: Book) -> dict[str, Value]:
    """Return what the ledger's sheet comes to, by the words before each sum."""
    rows = {
        str(text): book.compute("ledger", f"E{address[1:]}")
        for address, text in book.column("ledger", "A").items()
    }
    return {text: value for text, value in rows.items() if value is not None}


def _expected(reported: Reported) -> dict[str, float]:
    ledger = reported.ledger
    sums = {
        "purchase: once, before training": ledger.total("once"),
        "a year of use": ledger.total("yearly"),
        "left in the end": ledger.total("in the end"),
        "all years": ledger.life,
        **{f"cash of year {year}": paid for year, paid in enumerate(ledger.cash)},
    }
    return {name: float(value) for name, value in sums.items()}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("pangu-ultra-135b-910b", ()),
        ("mixed-910b-a100", ()),
        (
            "qwen2-72b-a100",
            (
                "money.storage_usd=1M",
                "money.racks_usd_per_kw=900",
                "money.installation_share=0.03",
                "money.residual_share=0.2",
                "money.depreciation_years=3.5",
                "money.support_share=0.04",
                "money.place=building",
            ),
        ),
        ("qwen2-72b-a100", ("cluster.pools.rental_usd_per_chip_hour=2", "money.storage_usd=1M")),
    ],
)
def test_the_formulas_come_to_what_the_ledger_says(
    name: str, changes: tuple[str, ...], report_of: Make
) -> None:
    reported = report_of(name, *changes)
    book = Book.read(plan_workbook(reported))
    assert {sheet for sheet, _ in book.values} == set(SHEETS)
    assert len(book.formulas) > 20
    # what a program shows that does not compute is what one that computes comes to
    for place in book.formulas:
        written, computed = book.values[place], book.compute(*place)
        assert computed == (
            written if isinstance(written, str) else pytest.approx(written, rel=1e-12, abs=1e-9)
        )
    sums = _sums(book)
    for text, expected in _expected(reported).items():
        assert sums[text] == pytest.approx(expected, abs=0.004), text
    for line in reported.ledger.lines:
        if line.amount is not None and not reported.estimate.has_several_pools:
            assert sums[line.title] == pytest.approx(float(line.amount), abs=0.004)


def test_a_changed_price_and_a_filled_in_one_move_the_sums(report_of: Make, catalog: Catalog) -> None:
    before = report_of("pangu-ultra-135b-910b")
    book = Book.read(plan_workbook(before))
    price, storage = (
        _row(book, "prices", "F", identifier) for identifier in ("price.system_usd", "money.storage_usd")
    )
    book.set("prices", f"D{price}", 300_000.0)
    book.set("prices", f"D{storage}", 2_000_000.0)
    changes = ("cluster.pools.price_usd=300000", "money.storage_usd=2000000")
    after = report_of("pangu-ultra-135b-910b", *changes)
    sums, expected = _sums(book), _expected(after)
    # what the price of a system moves is its spares, its network and all that is a share of the equipment
    assert expected["purchase: once, before training"] > _expected(before)["purchase: once, before training"]
    for text, value in expected.items():
        assert sums[text] == pytest.approx(value, rel=1e-9), text


def test_a_longer_use_is_paid_in_more_years(report_of: Make) -> None:
    book = Book.read(plan_workbook(report_of("pangu-ultra-135b-910b")))
    book.set("prices", f"D{_row(book, 'prices', 'F', 'ledger.term_years')}", 6.5)
    sums = _sums(book)
    year = sums["cash of year 1"]
    assert isinstance(year, float)
    assert sums["cash of year 6"] == year
    assert sums["cash of year 7"] == pytest.approx(year / 2, abs=0.01)
    assert sums["cash of year 8"] == 0.0


def test_what_is_unknown_is_no_number_and_no_sum_waits_for_it(report_of: Make) -> None:
    reported = report_of("pangu-ultra-135b-910b")
    sheets = {sheet.name: sheet for sheet in plan_sheets(reported)}
    missing = {line.title for line in reported.ledger.missing}
    rows = {str(row[0]): row for row in sheets["ledger"].rows if row}
    assert missing
    for title in missing:
        assert "unknown" in str(rows[title][4])
        assert rows[title][5] is None or "None" in str(rows[title][5])


def test_a_plan_that_cannot_run_has_its_sheets_too(report_of: Make) -> None:
    reported = report_of("llama-3.1-405b-h100", "cluster.pools.count=1")
    assert not reported.estimate.is_feasible
    book = Book.read(plan_workbook(reported))
    assert "feasible" in book.column("inputs", "C").values()
    assert any("memory" in str(value) for value in book.column("inputs", "B").values())


def test_the_same_plan_makes_the_same_bytes_and_text_is_text(report_of: Make) -> None:
    reported = report_of("qwen2-72b-a100", "money.storage_usd=1M")
    hostile = reported.plan.model_copy(update={"name": "=1+1", "notes": "@SUM(A1)\n+2"})
    reported = replace(reported, plan=hostile)
    content = plan_workbook(reported)
    assert content == plan_workbook(reported)
    book = Book.read(content)
    assert book.values["inputs", "A1"] == "=1+1"
    assert not any(sheet == "inputs" for sheet, _ in book.formulas)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = file.namelist()
        assert not any("external" in name or "vba" in name for name in names)
        assert not any(b"hyperlink" in file.read(name) for name in names if "sheet" in name)


def test_libreoffice_computes_the_same_sums(report_of: Make, tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here")
    reported = report_of("pangu-ultra-135b-910b")
    # without the values that we wrote it must compute all of them
    path = tmp_path / "bare.xlsx"
    path.write_bytes(_without_values(plan_workbook(reported)))
    command = [office, f"-env:UserInstallation=file://{tmp_path}/home", "--headless"]
    # the third sheet, as shown
    command += [
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,3",
    ]
    done = subprocess.run(
        [*command, "--outdir", str(tmp_path), str(path)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    sheets = list(tmp_path.glob("*.csv"))
    assert sheets, done.stdout + done.stderr
    rows = csv.reader(io.StringIO(sheets[0].read_text(encoding="utf-8")))
    shown = {row[0]: row[4].replace(",", "") for row in rows if len(row) > 4}
    for label, value in _expected(reported).items():
        assert float(shown[label]) == pytest.approx(value, abs=0.004), label


def _without_values(content: bytes) -> bytes:
    """Return a file without what was written beside its formulas."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("xl/worksheets/"):
                data = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", data)
            new.writestr(name, data)
    return target.getvalue()
