"""`planner export`, and `--to` of other commands: files by the end of their names, never over another."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SUFFIXES = (".html", ".xlsx", ".md", ".csv", ".json")


def _is_whole(path: Path) -> bool:
    """Return whether a file is of the kind that its name says, to its end."""
    content = path.read_bytes()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return file.testzip() is None and "xl/workbook.xml" in file.namelist()
    text = content.decode("utf-8")
    if path.suffix == ".json":
        return bool(json.loads(text)["schema"] == 1)
    begin, end = {
        ".html": ("<!DOCTYPE html>", "</html>\n"),
        ".md": ("### ", "|\n"),
        ".csv": ("section,row,column,", "\n"),
    }[path.suffix]
    return text.startswith(begin) and text.endswith(end)


def test_a_plan_is_written_in_every_form(run: Run, plan_file: Path, tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        path = tmp_path / f"out{suffix}"
        process = run("export", str(plan_file), "--to", str(path))
        assert process.returncode == 0, process.stderr
        assert process.stdout == f"{path}\n"
        assert process.stderr == f"planner: wrote {path}\n"
        assert _is_whole(path), suffix
    record = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    shown = json.loads(run("estimate", str(plan_file), "--json").stdout)
    assert {**record, "seconds": 0} == {**shown, "seconds": 0}
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    days = next(row for row in rows if row["row"] == "training_days")
    assert float(days["value"]) == record["training_days"]["p50"]
    assert float(days["p90"]) == record["training_days"]["p90"]
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    for use in record["profiles"]:
        assert use["hash"] in page
    for heading in ("Targets", "Compliance", "Ledger", "Inputs", "What it rests on", "Profiles"):
        assert f">{heading}<" in page or heading == "Targets"


@pytest.mark.parametrize("command", ["diff", "compare"])
def test_two_plans_are_written_in_every_form(run: Run, plan_file: Path, tmp_path: Path, command: str) -> None:
    other = tmp_path / "other.toml"
    text = plan_file.read_text(encoding="utf-8")
    other.write_text(text.replace("count = 4", "count = 8"), encoding="utf-8")
    for suffix in SUFFIXES:
        path = tmp_path / f"out{suffix}"
        process = run(command, str(plan_file), str(other), "--to", str(path))
        assert process.returncode == 0, process.stderr
        assert process.stdout == f"{path}\n"
        content = path.read_bytes()
        if suffix == ".json":
            assert json.loads(content) == json.loads(
                run(command, str(plan_file), str(other), "--json").stdout
            )
        elif suffix == ".md":
            assert content.decode() == run(command, str(plan_file), str(other), "--markdown").stdout
        else:
            assert content
    refused = run(command, str(plan_file), str(other), "--to", "x.html", "--json")
    assert refused.returncode == 2
    assert "not allowed with" in refused.stderr


def test_a_file_that_is_there_stays_unless_it_shall_go(run: Run, plan_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    path.write_text("mine", encoding="utf-8")
    process = run("export", str(plan_file), "--to", str(path))
    assert process.returncode == 2
    assert process.stderr == f"planner: {path}: exists already; nothing was overwritten (--replace does)\n"
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("export", str(plan_file), "--to", str(path), "--replace").returncode == 0
    assert path.read_text(encoding="utf-8").startswith("### A small plan")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("out")] == ["out.md"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "out.pdf",
            "out.pdf: is no name of a file that is written; expected one that ends in .html, .xlsx, .md",
        ),
        ("out", "out: is no name of a file that is written; expected one that ends in .html"),
        ("no/out.html", "no/out.html: cannot be written: no such folder"),
        ("folder.html", "folder.html: cannot be written: it is a folder"),
        ("x" * 300 + ".html", "cannot be written"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_told_at_once(
    run: Run, plan_file: Path, tmp_path: Path, name: str, line: str
) -> None:
    (tmp_path / "folder.html").mkdir()
    for command in (("export", "no-such-plan"), ("diff", "no-such-plan", "nor-this")):
        process = run(*command, "--to", name)
        assert process.returncode == 2
        assert line in process.stderr
        assert process.stderr.count("\n") == 1


def test_a_plan_that_cannot_run_is_written_and_the_answer_is_no(
    run: Run, plan_file: Path, tmp_path: Path
) -> None:
    changes = ("--set", "model.profile=llama-3.1-405b", "--set", "cluster.pools.count=1")
    for suffix in SUFFIXES:
        path = tmp_path / f"out{suffix}"
        process = run("export", str(plan_file), *changes, "--to", str(path))
        assert process.returncode == 1, process.stderr
        assert suffix == ".xlsx" or "memory: the leanest of" in path.read_text(encoding="utf-8")


def test_a_page_and_an_estimate_read_no_library_of_spreadsheets(plan_file: Path) -> None:
    code = (
        "import sys; from planner.cli.main import main; "
        f"main(['export', {str(plan_file)!r}, '--to', 'out.html']); main(['estimate', {str(plan_file)!r}]); "
        "print(sorted(name for name in sys.modules if name.startswith(('xlsxwriter', 'textual', 'aiohttp'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("size", "--deadline-days", "500"), "systems"),
        (("sweep", "--vary", "cluster.pools.count=2,4"), "points"),
    ],
)
def test_answers_and_sweeps_are_written_in_every_form(
    run: Run, plan_file: Path, tmp_path: Path, command: tuple[str, ...], told: str
) -> None:
    name, *options = command
    for suffix in SUFFIXES:
        path = tmp_path / f"{name}{suffix}"
        process = run(name, str(plan_file), *options, "--to", str(path))
        assert process.returncode in (0, 1), process.stderr
        assert process.stdout == f"{path}\n"
    printed = run(name, str(plan_file), *options, "--json").stdout
    written = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert written[told] == json.loads(printed)[told]
    markdown = run(name, str(plan_file), *options, "--markdown").stdout
    assert (tmp_path / f"{name}.md").read_text(encoding="utf-8") == markdown
    refused = run(name, str(plan_file), *options, "--to", str(tmp_path / f"{name}.md"))
    assert (refused.returncode, "exists already" in refused.stderr) == (2, True)


def test_a_plan_of_an_answer_is_no_report(run: Run, plan_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "answer.toml"
    process = run("size", str(plan_file), "--deadline-days", "500", "--to", str(path), "--json")
    assert json.loads(process.stdout)["systems"]
    assert path.exists() == (process.returncode == 0)
    refused = run("size", str(plan_file), "--deadline-days", "5", "--to", "x.html", "--system", "dgx-h100")
    assert refused.returncode == 2
    assert "expected --to FILE.toml" in refused.stderr
