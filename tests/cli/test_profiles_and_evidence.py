"""`planner profiles` and `planner evidence`: what the screens of profiles and evidence show, in print."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_runs
from planner.planning.uses import plans_using, uses_of_plans
from planner.plans.shipped import list_plans, shipped_plans_folder
from planner.report.profile_listing import Wish, listing, makers, sort_key, sort_keys, states, wanted
from planner.validation.predictions import class_band, nearness, predicted_each, step_shares
from planner.validation.run_scores import ScoredRun

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog(include_user=False)


# Lists


def test_a_list_is_narrowed_and_sorted_by_any_figure(run: Run) -> None:
    found = run("profiles", "list", "chips", "--maker", "huawei", "--sort", "memory bandwidth", "--json")
    assert found.returncode == 0, found.stderr
    records = json.loads(found.stdout)
    assert {record["maker"] for record in records} == {"Huawei"}
    values = [record["sorted_by"]["value"] for record in records]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert values[: len(known)] == known
    text = run("profiles", "list", "chips", "--sort", "memory.bandwidth_bytes_per_s", "--rising").stdout
    assert "memory bandwidth" in text
    assert run("profiles", "list", "systems", "--state", "roadmap", "--json").stdout.count('"roadmap"') > 3
    assert "ascend-910b" in run("profiles", "list", "--search", "generic default").stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["list", "chips", "--sort", "mem"], "expected such as memory capacity"),
        (["list", "chips", "--maker", "nvidai"], "did you mean 'NVIDIA'?"),
        (["list", "chips", "--state", "ancient"], "known are proven, roadmap, sold"),
        (["list", "--sort", "tdp"], "--sort needs the KIND"),
        (["compare", "h100-sxm"], "1 profile named; expected 2 to 6"),
        (["compare", "h100-sxm", "dgx-h100"], "expected profiles of one kind, got chips and systems"),
        (["compare", "h100-sxm", "h100-smx"], "did you mean"),
    ],
)
def test_what_is_not_there_is_one_line_and_two(run: Run, arguments: list[str], expected: str) -> None:
    found = run("profiles", *arguments)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.count("\n") == 1
    assert expected in found.stderr


def test_profiles_stand_side_by_side(run: Run) -> None:
    found = run("profiles", "compare", "h100-sxm", "ascend-910b")
    assert found.returncode == 0
    assert "989 TFLOP/s" in found.stdout
    assert "353.9 TFLOP/s" in found.stdout
    record = json.loads(run("profiles", "compare", "h100-sxm", "ascend-910b", "--json").stdout)
    figures = {figure["key"]: figure for figure in record["figures"]}
    assert figures["tdp_w"]["values"] == [700.0, 400.0]
    assert figures["market"]["values"][0] is None, "unknown stays unknown"
    alike = run("profiles", "compare", "h100-sxm", "h100-sxm")
    assert alike.returncode == 0
    assert "nothing differs" in alike.stdout
    assert "989 TFLOP/s" in alike.stdout


def test_a_profile_names_the_plans_that_use_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(shipped_plans_folder() / "llama-3.1-405b-h100.toml", tmp_path / "ours.toml")
    (tmp_path / "broken.toml").write_text("[")
    monkeypatch.chdir(tmp_path)
    record = json.loads(run("profiles", "show", "h100-sxm", "--json").stdout)
    assert {"ours", "llama-3.1-405b-h100"} <= set(record["used_in"])
    assert f"USED IN  {len(record['used_in'])} of" in run("profiles", "show", "h100-sxm").stdout
    record = json.loads(run("profiles", "show", "h100-sxm-price", "--json").stdout)
    assert record["used_in"][0] == "ours"
    assert "llama-3.1-405b-h100" in record["used_in"][1:]
    assert "used_in" not in json.loads(run("profiles", "show", "us-gp10-ascend", "--json").stdout)


def test_uses_follow_what_a_plan_names(shipped: Catalog) -> None:
    uses = uses_of_plans(list_plans(), shipped)
    for named in (
        ("systems", "atlas-800t-a2"),
        ("chips", "ascend-910b"),
        ("models", "pangu-ultra-135b"),
        ("sites", "ulanqab-cn"),
        ("prices", "atlas-800t-a2-price"),
    ):
        assert "pangu-ultra-135b-910b" in plans_using(named, uses), named
    assert plans_using(("chips", "rubin"), uses) == []
    assert uses_of_plans(list_plans(), shipped, lambda: True) == {}


@pytest.mark.parametrize(
    "kind", ["chips", "systems", "fabrics", "stacks", "models", "sites", "prices", "rules"]
)
def test_every_kind_has_makers_and_every_number_sorts(shipped: Catalog, kind: str) -> None:
    found = listing(kind, shipped)
    assert makers(found)
    for maker in makers(found):
        assert all(one.maker == maker for one in wanted(found, Wish(maker=maker)))
    for state in states(found):
        assert wanted(found, Wish(state=state))
    for key, label in list(sort_keys(found).items())[::5]:
        assert sort_key(found, key) == key
        assert sort_key(found, label)
        both = [wanted(found, Wish(sort=key, is_rising=rises)) for rises in (True, False)]
        assert sorted(one.id for one in both[0]) == sorted(one.id for one in both[1])
        values = [one.figure_value(key) for one in both[0] if one.figure_value(key) is not None]
        assert values == sorted(value for value in values if value is not None)


# Evidence


def test_runs_of_a_source_and_one_in_full(run: Run) -> None:
    found = run("evidence", "--source", "pangu", "--json")
    assert found.returncode == 0, found.stderr
    records = json.loads(found.stdout)["runs"]
    assert records
    assert {record["source"] for record in records} == {"pangu"}
    text = run("evidence", records[0]["id"]).stdout
    for heading in ("SOURCE", "CONFIGURATION", "PREDICTION", "STEP"):
        assert heading in text
    record = json.loads(run("evidence", records[0]["id"], "--json").stdout)
    assert sum(record["step"].values()) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["pangu-ultra-135b-819"], "did you mean"),
        (["--source", "pango"], "did you mean 'pangu'?"),
        (["--chip", "h100"], "--chip"),
        (["--source", "pangu", "--chip", "h100-sxm"], "no published run has all of that"),
    ],
)
def test_runs_that_nobody_published(run: Run, arguments: list[str], expected: str) -> None:
    found = run("evidence", *arguments)
    assert (found.returncode, found.stdout) == (2, "")
    assert expected in found.stderr


def test_predictions_one_at_a_time_are_those_of_all(shipped: Catalog) -> None:
    from planner.catalog.runs import RunSet
    from planner.validation.validation import validate_runs

    runs = tuple(one for one in load_runs().runs if one.source_key in ("pangu", "korthikanti"))
    whole = {one.case.run.id: one.predicted for one in validate_runs(RunSet(runs), shipped).scored}
    each = [one for one in predicted_each(runs, shipped) if isinstance(one, ScoredRun)]
    assert {one.case.run.id: one.predicted for one in each} == whole
    for one in each[:3]:
        assert sum(step_shares(one, shipped).values()) == pytest.approx(1.0, abs=0.01)


def test_the_band_of_a_class_is_that_of_sources_left_out() -> None:
    single = class_band("single", is_mixture=False)
    assert single is not None
    assert single.label == "single, dense"
    assert 1.05 < single.factor < 2.0
    wider = class_band("reference", is_mixture=True)
    assert wider is not None
    assert wider.runs >= 20
    everybody = class_band(None, None)
    assert everybody is not None
    assert everybody.label == "all"


def test_the_nearest_run_to_a_job_is_its_own(shipped: Catalog) -> None:
    from planner.planning.published import JobClass

    runs = tuple(one for one in load_runs().runs if one.source_key in ("pangu", "korthikanti", "megascale"))
    chip = shipped.get("chips", "ascend-910b").profile
    job = JobClass(chip, False, "bf16", 135e9, 8192, 8192)
    distances = nearness(runs, job, shipped)
    assert min(distances, key=lambda name: distances[name]) == "pangu-ultra-135b-8192"
