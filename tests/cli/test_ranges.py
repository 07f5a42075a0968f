"""Every number of a file has its range: no impossible one passes, and none that passes stops on a bug."""

from __future__ import annotations

import copy
import datetime
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import pytest
import tomli_w
from pydantic import BaseModel, TypeAdapter, ValidationError

from planner.catalog.catalog import load_catalog
from planner.catalog.kinds import KINDS
from planner.cli.main import main
from planner.domain.base import Model
from planner.domain.claim import TrainingStatement
from planner.domain.first_prediction import FirstPredictions
from planner.domain.plan import Plan
from planner.domain.ranges import Range
from planner.domain.run import Run

#: What no key may take as it stands, and what must be fine for the key where it passes.
EDGES = (0, -1)
#: What the same range refuses: the first test of this file tries both sides of each, and no number.
MORE_EDGES = (1e308, float("nan"), True)
#: Numbers that no range belongs to: a version has one value, and a pin repeats what a profile may say.
WITHOUT_RANGE = {"schema_version", "values"}
PROFILE_MODELS = [
    kind.model_class
    for name, kind in KINDS.items()
    # their conditions and examples are read by a validator of their own, which has its own tests
    if name not in ("rules", "country_groups")
]

Field = tuple[str, Any, tuple[Any, ...]]


@pytest.fixture(scope="module", autouse=True)
def one_catalog() -> Iterator[None]:
    """Let all commands have one catalog: each would list and read the same profiles again."""
    catalog = load_catalog(include_user=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.catalog.catalog.load_catalog", lambda _folders: catalog)
        yield


def leaves(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield the plain types in an annotation, each with what is annotated to it on the way."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from leaves(inner, (*metadata, *more))
    elif get_origin(annotation) in (Union, types.UnionType, tuple, list, dict):
        for inner in get_args(annotation):
            yield from leaves(inner, metadata)
    elif not isinstance(annotation, TypeVar):
        yield annotation, metadata


def numbers(model: type[BaseModel], before: str = "") -> Iterator[Field]:
    """Yield the dotted path, the annotation and the metadata of every number below a model."""
    for name, info in model.model_fields.items():
        path = f"{before}.{name}".lstrip(".")
        whole = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        for leaf, metadata in leaves(whole):
            if isinstance(leaf, type) and issubclass(leaf, BaseModel):
                yield from numbers(leaf, path)
            elif leaf in (int, float):
                yield path, whole, metadata


@pytest.mark.parametrize(
    "model",
    [Plan, Run, TrainingStatement, FirstPredictions, *PROFILE_MODELS],
    ids=lambda model: model.__name__,
)
def test_every_number_of_a_file_has_a_range(model: type[BaseModel]) -> None:
    found = list(numbers(model))
    for path, annotation, metadata in found:
        if path.rpartition(".")[2] in WITHOUT_RANGE:
            continue
        ranges = [item for item in metadata if isinstance(item, Range)]
        assert ranges, f"{model.__name__}.{path} has no range"
        check = TypeAdapter(annotation, config=Model.model_config).validate_python
        for item in ranges:
            assert item.low < item.high
            assert item.because
            assert item.high_because
        least, most = max(item.low for item in ranges), min(item.high for item in ranges)
        for value in (least - max(1e-6, abs(least) * 0.01), most * 1.01 + 1, True, float("nan")):
            with pytest.raises(ValidationError):
                check(value)
    if model in (Plan, Run):
        assert len(found) > 25


PLAN: dict[str, Any] = {
    "name": "x",
    "model": {"profile": "llama-2-7b"},
    "workload": {"tokens": "1T"},
    "cluster": {"pools": [{"id": "train", "system": "dgx-h100", "count": 4}]},
    "site": {"profile": "abilene-us"},
    "targets": {},
}
ARCHITECTURE: dict[str, Any] = {
    "layers": 8,
    "hidden": 1024,
    "heads": 8,
    "key_value_heads": 8,
    "head_dimension": 128,
    "feed_forward_width": 4096,
    "vocabulary": 32_000,
    "latent_attention": {
        "query_rank": 512,
        "key_value_rank": 128,
        "rope_dimension": 64,
        "nope_dimension": 64,
        "value_dimension": 128,
    },
    "mixture": {"experts": 8, "active_experts": 2, "expert_width": 1024},
    "pattern": ["latent", "window", "chunk", "sparse", "linear", "mamba-2", "mamba-1", "convolution"],
    "window": {"window": 1024},
    "chunk_length": 1024,
    "sparse_attention": {"index_heads": 8, "index_dimension": 64, "top_k": 512},
    "linear_attention": {"key_heads": 8, "value_heads": 8, "key_dimension": 64, "value_dimension": 64},
    "mamba_2": {"heads": 8, "head_dimension": 64, "groups": 1, "state": 64},
    "mamba_1": {"width": 2048, "state": 16, "step_rank": 64},
    "short_convolution": {"taps": 3},
    "encoders": [
        {"kind": "vision", "layers": 2, "hidden": 64, "feed_forward_width": 256, "patches": 256}
        | {"tokens_share": 0.25}
    ],
}
DAY = datetime.date(2027, 1, 4)
#: An entry of each list of the calendar.
CALENDAR: dict[str, dict[str, Any]] = {
    "deliveries": {"date": DAY, "systems": 4},
    "stops": {"date": DAY, "days": 1},
    "runs": {"name": "another", "days": 1},
}
#: An entry of each list of what the cluster is accepted by.
ACCEPTANCE: dict[str, dict[str, Any]] = {
    "lines": {"id": "data"},
    "measured": {
        "line": "data",
        "component": "data",
        "measured_over_expected": 1.0,
        "log_spread": 0.1,
        "log_error": 0.01,
    },
}
#: What stands where a key stands that would exclude it.
RIVALS = {
    "samples": "steps",
    "chips": "count",
    "tokens_per_s_per_chip": "step_s",
    "tokens": "phases",
    "phases": "tokens",
}


def plan_with(path: str, value: Any) -> dict[str, Any]:
    """Return the tables of a plan with one number set, in the first entry of each list on the way."""
    data = copy.deepcopy(PLAN)
    if path.startswith("model.architecture"):
        data["model"] = {"architecture": copy.deepcopy(ARCHITECTURE)}
    if path.startswith("workload.phases"):
        del data["workload"]["tokens"]
        data["workload"]["phases"] = [{"tokens": "1T"}]
    if path.startswith("pilot"):
        data["pilot"] = [{"chips": 8, "global_batch_sequences": 64, "step_s": 10.0}]
    for name, accepted in ACCEPTANCE.items():
        if path.startswith(f"acceptance.{name}"):
            data["acceptance"] = {name: [dict(accepted)]}
    if path.startswith("post_training"):
        data["workload"] = {"kind": "reinforcement"}
        data["post_training"] = {"prompts_per_step": 64, "steps": 10, "max_response_tokens": 4096}
    if path.startswith("offers"):
        data["offers"] = [{"name": "another", "promises": [{"id": "data"}]}]
    for name, entry in CALENDAR.items():
        if path.startswith(f"calendar.{name}"):
            data["calendar"] = {"start": DAY, name: [dict(entry)]}
    table: Any = data
    *outer, last = path.split(".")
    for part in outer:
        table = table.setdefault(part, {})
        table = table[0] if isinstance(table, list) else table
    table.pop(RIVALS.get(last, ""), None)
    table[last] = value
    return data


PLAN_NUMBERS = {
    path: [item for item in metadata if isinstance(item, Range)]
    for path, _, metadata in numbers(Plan)
    if not path.startswith(("pins", "schema_version"))
}


@pytest.mark.parametrize("edges", [EDGES, pytest.param(MORE_EDGES, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("path", sorted(PLAN_NUMBERS))
def test_a_number_of_a_plan_is_refused_in_a_line_or_is_fine(
    path: str, edges: tuple[float, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.toml"
    key = path.rpartition(".")[2]
    for value in edges:
        file.write_text(tomli_w.dumps(plan_with(path, value)), encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            code = main(["estimate", str(file)])
        told = capsys.readouterr().err
        if code == 2:
            assert told.count("\n") == 1, told
            assert f"{file}: " in told
            assert key in told
            assert "expected" in told
        else:
            assert code in (0, 1), told
            # a range that goes below zero says so
            allowed = ("0", "-1") if min(item.low for item in PLAN_NUMBERS[path]) < 0 else ("0",)
            assert repr(value) in allowed, f"{path} = {value} passes"


@pytest.mark.parametrize("end", ["high", pytest.param("low", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("path", sorted(PLAN_NUMBERS))
def test_an_end_of_a_range_stops_on_no_bug(
    path: str, end: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.toml"
    for value in (getattr(item, end) for item in PLAN_NUMBERS[path]):
        file.write_text(tomli_w.dumps(plan_with(path, value)), encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            code = main(["estimate", str(file)])
        told = capsys.readouterr().err
        assert code in (0, 1, 2), f"{path} = {value}: {told}"
