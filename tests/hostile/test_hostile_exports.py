"""Texts that mean harm, in every file that leaves the program: they stay text, and nothing of them runs."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.unit.report.spreadsheet import Book

from planner.catalog.catalog import load_catalog
from planner.differences.compare import compare_plans
from planner.differences.diff import diff_plans, side_of
from planner.domain.evidence import Source
from planner.estimate.estimate import estimate_plan
from planner.ledger.ledger import ledger_of
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.report.export import (
    WRITERS,
    Exported,
    exported_bytes,
    exported_comparison,
    exported_diff,
    exported_plan,
)
from planner.report.plan_report import Reported
from planner.text import first_unsafe

#: Formulas, markup, addresses, signs that steer a terminal or turn a text round, and ends of cells and rows.
HARMFUL = (
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r\n=1+1",
    "\uff1d1+1",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "</title><base href=//evil.example>",
    "![x](http://evil.example/a.png) [y](javascript:alert(1)) | a | `b` @team #12",
    "name \u202egpj.exe",
    "bell \x07 escape \x1b[31m null \x00 separator \u2028",
    'a,b;"c"\nd',
    "{{7*7}} ${7*7} &lt;b&gt;",
)
TEXT = " ".join(HARMFUL)


class _Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}


@pytest.fixture(scope="module", params=range(len(HARMFUL) + 1))
def texts(request: pytest.FixtureRequest) -> str:
    """Return each text alone, as it begins a name, and all of them together."""
    index: int = request.param
    return TEXT if index == len(HARMFUL) else HARMFUL[index]


@pytest.fixture(scope="module")
def reported() -> Reported:
    catalog = load_catalog(include_user=False)
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    estimate = estimate_plan(plan, catalog)
    return Reported(plan, estimate, ledger_of(estimate), catalog.sources)


def _with(reported: Reported, text: str) -> Exported:
    """Return a report in which the text stands wherever a file of somebody else can put one."""
    estimate = reported.estimate
    note = replace(estimate.compliance.notes[0], id="X", note=text, title=text, citation=text, source=text)
    pools = tuple(replace(pool, system_name=text, chip_name=text) for pool in estimate.pools)
    uses = tuple(replace(use, origin=text) for use in estimate.profiles)
    lines = tuple(replace(line, note=text, short=text, title=text) for line in reported.ledger.lines)
    return exported_plan(
        Reported(
            # as if it had been read: what a plan's file may hold is narrower
            reported.plan.model_copy(update={"name": text, "notes": text}),
            replace(
                estimate,
                plan_name=text,
                warnings=(text,),
                pools=pools,
                profiles=uses,
                compliance=replace(estimate.compliance, notes=(note,)),
            ),
            replace(reported.ledger, plan_name=text, lines=lines),
            {
                key: Source(title="x", where="y").model_copy(update={"title": text, "where": text})
                for key in reported.sources
            },
        )
    )


@pytest.fixture(scope="module")
def files(reported: Reported, texts: str) -> dict[str, bytes]:
    made = _with(reported, texts)
    return {suffix: exported_bytes(made, suffix) for suffix in WRITERS}


def test_a_page_holds_our_tags_alone(files: dict[str, bytes]) -> None:
    text = files[".html"].decode("utf-8")
    page = _Page(text)
    assert not page.tags & {"script", "img", "base", "iframe", "object", "embed", "form", "input"}
    assert not any(name.startswith("on") for name in page.attributes)
    assert all(address == "data:," or address.startswith("#") for address in page.addresses)
    assert all(first_unsafe(line) is None for line in text.replace("\n", " ").splitlines())


def test_a_spreadsheet_computes_our_formulas_alone(files: dict[str, bytes]) -> None:
    book = Book.read(files[".xlsx"])
    assert book.formulas
    assert all(sheet in ("ledger", "prices") for sheet, _ in book.formulas)
    for formula in book.formulas.values():
        # names of our functions, cells, numbers and signs
        assert re.fullmatch(r'[A-Z0-9a-z!,.()+*/<>=: "-]+', formula)
        assert not re.search(r"HYPERLINK|cmd|evil", formula)
    assert isinstance(book.values["inputs", "A1"], str)
    for value in book.values.values():
        assert not isinstance(value, str) or first_unsafe(value) is None
    with zipfile.ZipFile(io.BytesIO(files[".xlsx"])) as file:
        assert not any(b"<hyperlink" in file.read(name) for name in file.namelist())


def test_csv_holds_no_formula_and_keeps_its_rows(files: dict[str, bytes]) -> None:
    rows = list(csv.reader(io.StringIO(files[".csv"].decode("utf-8"))))
    assert {len(row) for row in rows} == {9}
    for row in rows[1:]:
        for place in (0, 1, 2, 3, 7, 8):
            assert not row[place].startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
            assert first_unsafe(row[place]) is None


#: A span of code, and a tag that is not one of ours.
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_TAG = re.compile(r"(?<!\\)<(?!br>|!-- -->|/?details>|/?summary>)")


def test_markdown_leads_nowhere_and_calls_nobody(files: dict[str, bytes]) -> None:
    for line in files[".md"].decode("utf-8").split("\n"):
        assert first_unsafe(line) is None
        bare = _CODE.sub("", line)
        assert not _TAG.search(bare)
        assert not re.search(r"(?<!\\)\]\(|@team|#12|http:", bare)


def test_json_is_json_and_keeps_the_text_whole(files: dict[str, bytes], texts: str) -> None:
    assert json.loads(files[".json"])["plan"] == texts


@pytest.mark.parametrize("suffix", list(WRITERS))
def test_a_diff_and_a_comparison_of_hostile_names(suffix: str, tmp_path: Path) -> None:
    catalog = load_catalog(include_user=False)
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    other = plan.model_copy(update={"name": TEXT, "notes": TEXT})
    sides = [side_of(TEXT, plan, catalog), side_of("=b", other, catalog)]
    diff = diff_plans(sides[0], sides[1], catalog)
    for made in (exported_diff(diff), exported_comparison(compare_plans(sides))):
        content = exported_bytes(made, suffix)
        if suffix == ".html":
            page = _Page(content.decode("utf-8"))
            assert not page.tags & {"script", "img", "base"}
            assert not any(name.startswith("on") for name in page.attributes)
        elif suffix == ".xlsx":
            assert Book.read(content).formulas == {}
        elif suffix == ".csv":
            cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8"))) for cell in row]
            assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
