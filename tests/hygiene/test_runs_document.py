"""`docs/runs.md` holds what it promises: an example that is read and predicted, and every key there is."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from planner.catalog.catalog import load_catalog
from planner.catalog.run_rate import published_rate
from planner.catalog.runs import load_runs
from planner.domain.architecture import Architecture
from planner.domain.run import Run, RunHardware, RunLayout, RunRecompute, RunResult, RunSoftware, RunSource
from planner.domain.training import TrainingRecipe
from planner.validation.validation import validate_runs

DOCUMENT = (Path(__file__).parents[2] / "docs" / "runs.md").read_text(encoding="utf-8")
TABLES: dict[str, type[BaseModel]] = {
    "`[[run]]`": Run,
    "`architecture`": Architecture,
    "`layout`": RunLayout,
    "`recompute`": RunRecompute,
    "`software`": RunSoftware,
    "`training`": TrainingRecipe,
    "`hardware`": RunHardware,
    "`result`": RunResult,
    "`source`": RunSource,
}
#: Read from older files and used by nothing: named in the document's last paragraph.
UNUSED = {"parameters_total", "scaling", "offloads_activations", "energy_j"}


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def table_rows(heading: str) -> list[list[str]]:
    section = DOCUMENT.partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def parts(annotation: Any) -> list[Any]:
    """Return the types that an annotation is made of."""
    if get_origin(annotation) in (Union, types.UnionType, tuple, Annotated):
        return [part for inner in get_args(annotation) for part in parts(inner)]
    return [annotation]


def test_the_example_is_read_and_predicted(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    file = tmp_path / "our-runs.toml"
    file.write_text(example, encoding="utf-8")
    runs = load_runs(file)
    assert runs.skipped == ()
    validation = validate_runs(runs, load_catalog(include_user=False))
    assert validation.skipped == ()
    (run,) = validation.scored
    assert not run.is_layout_searched
    assert run.contradictions == ()
    assert run.measured == pytest.approx(512 * 8192 / 3.1 / 256)
    # what an honest example of a tuned run gives
    assert run.error is not None
    assert abs(run.error) < 0.2


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_is_named_and_no_other(heading: str) -> None:
    known = set(TABLES[heading].model_fields) - UNUSED
    named = {key for row in table_rows(heading) for key in quoted(row[0])}
    assert named - ({"document"} if heading == "`source`" else set()) == known


@pytest.mark.parametrize("heading", TABLES)
def test_every_choice_and_every_key_of_an_inner_table_is_named(heading: str) -> None:
    fields = TABLES[heading].model_fields
    for row in table_rows(heading):
        for key in quoted(row[0]) & fields.keys():
            if key == "flops_convention" or (heading == "`[[run]]`" and "see below" in row[2]):
                continue
            for part in parts(fields[key].annotation):
                if get_origin(part) is Literal:
                    assert quoted(row[1]) == set(get_args(part)), key
                elif isinstance(part, type) and issubclass(part, BaseModel):
                    assert quoted(row[1]) == set(part.model_fields), key


def test_what_nothing_reads_is_said() -> None:
    last = DOCUMENT.rstrip().rpartition("\n\n")[2]
    assert {name.rpartition(".")[2] for name in quoted(last)} == UNUSED


def test_every_convention_is_explained() -> None:
    section = DOCUMENT.partition("| `flops_convention` | FLOPs")[2].partition("\n\n")[0]
    named = {
        name for line in section.splitlines() for name in quoted(line.split("|")[1] if "|" in line else "")
    }
    (choices,) = (
        get_args(part)
        for part in parts(RunResult.model_fields["flops_convention"].annotation)
        if get_origin(part) is Literal
    )
    assert named == set(choices)


def test_every_row_of_what_is_computed_names_a_key_that_gives_a_rate() -> None:
    section = DOCUMENT.partition("| from | needs besides")[2].partition("\n\n")[0]
    figures = {
        "flops_per_s_per_chip": 1e14, "flops_per_s": 1e17, "mfu": 0.4, "hfu": 0.4, "tokens_total": 1e12,
    }  # fmt: skip
    base = next(run for run in load_runs().runs if run.id == "llama3-herd-405b-8192")
    rows = [line.strip("|").split("|") for line in section.splitlines()[2:]]
    assert len(rows) == 8
    for row in rows:
        (key,), (basis,) = quoted(row[0]), quoted(row[2])
        found: dict[str, Any] = {key: figures.get(key, 10.0), "chip_hours": 1e6}
        if key == "hfu":
            found["flops_convention"] = "hardware-full-recompute"
        rate = published_rate(base.model_copy(update={"result": RunResult.model_validate(found)}))
        assert rate is not None
        assert rate.basis == basis, key
