"""Plan files: round trips, versions, and never over somebody else's change."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest

from planner.domain.plan import Plan
from planner.errors import ConflictError, FileError, PlanError
from planner.files.canonical import canonical_hash
from planner.plans.plan_file import dump_plan, file_state, load_plan, open_plan, plan_text, save_plan

TEXT = '''\
schema_version = 1
name = "Pangu"
notes = """
one
two"""
as_of = 2026-11-22

[model]
profile = "pangu-ultra-135b"

[workload]
tokens = "13.2T"
global_batch_sequences = 4096

[[cluster.pools]]
id = "train"
system = "atlas-800t-a2"
count = 1024
price_usd = "200 k USD..300 k USD"

[strategy]
tensor = 8

[site]
profile = "ulanqab-cn"
pue = "1.1..1.3"
power_cap_mw = 6.0

[calendar]
start = 2026-12-14

[parties]
buyer_country = "CN"

[targets]
money_usd = "60 M USD"

[pins]
"chips/ascend-910b" = { hash = "0123456789abcdef" }
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(TEXT)
    return path


def test_the_canonical_text_is_written_back_unchanged(path: Path) -> None:
    plan = load_plan(path)
    assert plan.workload.tokens == 13.2e12
    assert plan.as_of == datetime.date(2026, 11, 22)
    assert plan_text(plan) == TEXT


def test_what_is_at_its_default_is_left_out(path: Path) -> None:
    path.write_text(TEXT + "\n[operations]\n[release]\n[money]\ndepreciation_years = 4\n")
    assert plan_text(load_plan(path)) == TEXT
    assert list(dump_plan(load_plan(path)))[:3] == ["schema_version", "name", "notes"]


@pytest.mark.parametrize(
    "pool",
    [
        'price_usd = "1..2k USD"',
        'price_usd = "500 USD..2k"',
        "price_usd = 1e-7",
        "price_usd = 123456.789012345",
        'rental_usd_per_chip_hour = "0.1..0.30000000000000004"',
        "chips = 7",
    ],
)
def test_a_saved_plan_loads_as_it_was(tmp_path: Path, pool: str) -> None:
    text = TEXT.replace('price_usd = "200 k USD..300 k USD"', pool)
    if "chips" in pool:
        text = text.replace("count = 1024", "")
    path = tmp_path / "a.toml"
    path.write_text(text)
    plan = load_plan(path)
    save_plan(path, plan, file_state(path))
    assert load_plan(path) == plan
    assert canonical_hash(load_plan(path)) == canonical_hash(plan)


def test_two_phases_and_an_architecture_survive(tmp_path: Path) -> None:
    plan = Plan.model_validate(
        {
            "name": "x",
            "model": {
                "architecture": {
                    "layers": 2,
                    "hidden": 8,
                    "heads": 2,
                    "key_value_heads": 1,
                    "head_dimension": 4,
                    "feed_forward_width": 16,
                    "vocabulary": 100,
                    "mixture": {"experts": 4, "active_experts": 2, "expert_width": 4},
                }
            },
            "workload": {"phases": [{"tokens": "1T"}, {"tokens": 5, "sequence_length": 8}]},
            "cluster": {
                "pools": [{"id": "a", "system": "s", "count": 1}, {"id": "b", "system": "t", "chips": 2}]
            },
        }
    )
    save_plan(tmp_path / "a.toml", plan, None)
    assert load_plan(tmp_path / "a.toml") == plan


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2", "schema_version = 2: written by a newer planner; expected 1"),
        ("0", "schema_version = 0: expected 1"),
        ('"1"', 'schema_version = "1": expected 1'),
        ("true", "schema_version = true: expected 1"),
        ("nan", "schema_version = nan: expected 1"),
    ],
)
def test_other_versions_are_refused(path: Path, version: str, expected: str) -> None:
    path.write_text(TEXT.replace("schema_version = 1", f"schema_version = {version}"))
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    assert str(caught.value) == f"{path}: {expected}"


def test_a_plan_without_a_version_is_of_the_first(path: Path) -> None:
    path.write_text(TEXT.replace("schema_version = 1\n", ""))
    assert load_plan(path).schema_version == 1


def test_an_open_plan_knows_its_file(path: Path) -> None:
    opened = open_plan(path)
    assert (opened.path, opened.state, opened.has_comments) == (path, file_state(path), False)
    path.write_text("# remark\n" + TEXT)
    assert open_plan(path).has_comments
    assert file_state(path) != opened.state
    assert file_state(path.with_name("none")) is None


def test_saving_returns_the_new_state(path: Path) -> None:
    opened = open_plan(path)
    changed = opened.plan.model_copy(update={"name": "other"})
    state = save_plan(path, changed, opened.state)
    assert state == file_state(path)
    assert load_plan(path).name == "other"
    assert save_plan(path, opened.plan, state) == opened.state


def test_a_change_by_somebody_else_is_never_overwritten(path: Path) -> None:
    opened = open_plan(path)
    path.write_text(TEXT + "# theirs\n")
    with pytest.raises(ConflictError, match="changed since it was opened; nothing was overwritten"):
        save_plan(path, opened.plan, opened.state)
    assert path.read_text().endswith("# theirs\n")
    with pytest.raises(ConflictError, match="exists already; nothing was overwritten"):
        save_plan(path, opened.plan, None)
    path.unlink()
    with pytest.raises(ConflictError, match="was removed since it was opened; nothing was written"):
        save_plan(path, opened.plan, opened.state)
    assert not path.exists()


def test_a_missing_folder_is_said(tmp_path: Path, path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written: no such folder"):
        save_plan(tmp_path / "none" / "a.toml", load_plan(path), None)


def test_the_text_is_toml_in_the_same_values(path: Path) -> None:
    assert tomllib.loads(plan_text(load_plan(path))) == tomllib.loads(TEXT)
