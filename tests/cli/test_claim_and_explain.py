"""`planner claim` and `planner explain`: output, exit codes, and input that means harm."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from planner.catalog.search_path import built_in_folder
from planner.cli.main import main
from planner.quantities.table import quantity_named

Capture = pytest.CaptureFixture[str]
OWN = ["claim", "--chip", "h100-sxm", "--chips", "1024", "--model", "llama-2-70b"]


def test_a_plausible_claim_is_zero(capsys: Capture) -> None:
    assert main([*OWN, "--tokens", "2T", "--mfu", "40%"]) == 0
    out = capsys.readouterr().out
    assert "PLAUSIBLE" in out
    assert "989 TFLOP/s bf16 dense" in out
    assert "model says" in out
    assert "nearest runs" in out


def test_an_impossible_claim_is_one(capsys: Capture) -> None:
    assert main([*OWN, "--tokens", "2T", "--days", "2"]) == 1
    assert "IMPOSSIBLE" in capsys.readouterr().out


def test_a_claim_as_json(capsys: Capture) -> None:
    assert main([*OWN, "--tokens-per-second", "0.9M", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1
    assert record["verdict"] == "plausible"
    assert record["implied"]["tokens_per_second"] == 9e5
    assert set(record["published"]) == {"class", "scope", "runs", "min", "median", "max"}
    assert record["predicted"]["mfu"]["p10"] <= record["predicted"]["mfu"]["p50"]
    assert len(record["nearest_runs"]) == 3


def test_a_claim_about_parameters_says_what_shape_was_assumed(capsys: Capture) -> None:
    arguments = ["claim", "--chip", "h100-sxm", "--chips", "2k", "--params", "671B", "--active-params", "37B"]
    assert main([*arguments, "--tokens", "14.8T", "--days", "60"]) == 0
    out = capsys.readouterr().out
    assert "* assumed" in out
    assert "shape of the model" in out


def test_what_a_claim_counts_and_tells_can_be_said(capsys: Capture) -> None:
    assert main([*OWN, "--mfu", "40%", "--convention", "6n-full", "--params", "80B", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["implied"]["mfu"] < 0.4
    reasons = " ".join(record["reasons"])
    assert "by 6n-full (and attention in full); its 40.0 % is" in reasons
    assert "it counts parameters of 80B" in reasons
    old = ["claim", "--chip", "h100-sxm", "--chips", "1024", "--model", "gpt3-175b", "--mfu", "40%", "--json"]
    assert main(old) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == []
    assert main([*old, "--original", "--flops-per-token", "1.2T"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert "came later" in record["warnings"][0]
    assert record["implied"]["counted_flops_per_token"] == 1.2e12


def test_shipped_claims_are_listed_and_judged(capsys: Capture) -> None:
    assert main(["claim", "--list"]) == 0
    assert "cloudmatrix-384-exceeds-gb200" in capsys.readouterr().out
    assert main(["claim", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"id", "name", "statement", "claimed", "finding", "notes"} == set(listed[0])
    assert main(["claim", "cloudmatrix-384-exceeds-gb200"]) == 1
    out = capsys.readouterr().out
    assert "TRUE" in out
    assert "FALSE" in out
    assert main(["claim", "PANGU-ultra-135b-mfu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer_is_no"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["claim"], "expected a claim's ID, --list, or a claim of your own"),
        (["claim", "x", "--list"], "expected a claim's ID, --list, or a claim of your own"),
        (["claim", "pangu-ultra-135b-mf"], "did you mean 'pangu-ultra-135b-mfu'?"),
        (["claim", "../../etc/passwd"], "no claim is called"),
        (["claim", "--chips", "8"], "--chip is missing"),
        (["claim", "--chip", "h100-sxm"], "--chips is missing"),
        ([*OWN[:3], "--chips", "8.5", "--params", "7B", "--mfu", "1"], "8.5 is not a whole number"),
        ([*OWN[:3], "--chips", "1e400", "--params", "7B", "--mfu", "1"], "is not finite"),
        ([*OWN[:3], "--chips", "-8", "--params", "7B", "--mfu", "1"], "--chips"),
        ([*OWN, "--mfu", "nan"], "mfu"),
        ([*OWN, "--mfu", "0"], "mfu"),
        ([*OWN, "--days", "10"], "days say nothing without tokens"),
        ([*OWN, "--mfu", "0.4", "--days", "10", "--tokens", "1T"], "expected one of days"),
        ([*OWN, "--mfu", "0.4", "--precision", "bf17"], "did you mean 'bf16'?"),
        ([*OWN, "--mfu", "0.4", "--peak", "989 W"], "peak_flops_per_s"),
        ([*OWN, "--mfu", "0.4", "--convention", "6N"], "flops_convention"),
        ([*OWN, "--mfu", "\x1b[31m40"], "mfu"),
        (["claim", "--chip", "\x1b]0;x\x07", "--chips", "8", "--params", "7B", "--mfu", "0.4"], "chip"),
    ],
)
def test_bad_claims_are_two_with_one_clear_line(arguments: list[str], message: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert "bug" not in err


def test_a_claim_of_ones_own_folder_is_judged_and_a_broken_one_is_named(
    tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "ours"
    (folder / "claims").mkdir(parents=True)
    shutil.copy(built_in_folder() / "claims" / "pangu-ultra-135b-mfu.toml", folder / "claims" / "mine.toml")
    text = (folder / "claims" / "mine.toml").read_text().replace('id = "pangu-ultra-135b-mfu"', 'id = "mine"')
    (folder / "claims" / "mine.toml").write_text(text)
    assert main(["--profiles", str(folder), "claim", "mine"]) == 0
    (folder / "claims" / "mine.toml").write_text(text.replace("mfu = 0.5", "mfo = 0.5"))
    assert main(["--profiles", str(folder), "claim", "mine"]) == 2
    err = capsys.readouterr().err
    assert "mfo" in err
    assert "did you mean 'mfu'?" in err


def test_explain_prints_the_tree_down_to_documents(capsys: Capture) -> None:
    assert main(["explain", "pangu-ultra-135b-910b", "training_days"]) == 0
    out = capsys.readouterr().out
    for expected in (
        "training_days =",
        "= batch x sequence / step_seconds",
        "chips/ascend-910b: peak_dense_flops_per_s.bf16",
        "[VERL]",
        "fitted on",
        "10 s *",
        "PUBLISHED",
        "tokens/s a chip",
    ):
        assert expected in out
    assert "\x1b" not in out


def test_explain_as_json(capsys: Capture) -> None:
    assert main(["explain", "pangu-ultra-135b-910b", "mfu", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["quantity"] == "mfu"
    assert record["tree"]["equation"] == "flops_per_token x tokens_per_second / (chips x peak)"
    assert set(record["tree"]) == {
        "id", "symbol", "name", "value", "unit", "equation", "method", "assumed", "evidence", "inputs",
    }  # fmt: skip
    peak = record["tree"]["inputs"][-1]
    assert peak["evidence"]["where"] == "chips/ascend-910b: peak_dense_flops_per_s.bf16"
    assert set(peak["evidence"]["sources"]) <= set(record["sources"])
    assert record["nearest_runs"][0]["mfu"] > 0


def test_a_branch_that_is_too_deep_is_told_by_its_id_and_has_a_tree_of_its_own(capsys: Capture) -> None:
    assert main(["explain", "pangu-ultra-135b-910b", "training_days"]) == 0
    out = capsys.readouterr().out
    cut_off = re.findall(r"\[([a-z_]+(?:\.[a-z_]+)+)\]", " ".join(out.split()))
    assert "step.parts.compute" in cut_off
    assert "planner explain PLAN ID" in out
    assert {quantity_named(identifier).id for identifier in cut_off} == set(cut_off)
    assert max(len(line) - len(line.lstrip()) for line in out.splitlines()) < 20


def test_what_was_said_in_full_is_not_said_again(capsys: Capture) -> None:
    assert main(["explain", "pangu-ultra-135b-910b", "goodput"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "between = 22,270 s: as above" in out
    assert out.count("engine: SERVER_FAILURES_PER_DAY") == 1


def test_the_finish_date_is_the_start_and_the_days(capsys: Capture) -> None:
    assert main(["explain", "pangu-ultra-135b-910b", "finish_date", "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)["tree"]
    assert main(["estimate", "pangu-ultra-135b-910b", "--json"]) == 0
    estimate = json.loads(capsys.readouterr().out)
    assert tree["date"] == estimate["finish_date"]
    assert tree["equation"] == "start + days"
    start, days = tree["inputs"]
    assert (start["id"], days["id"]) == ("calendar.start", "training_days")
    assert days["value"] == estimate["training_days"]["p50"]
    assert main(["explain", "pangu-ultra-135b-910b", "finish_date"]) == 0
    assert "start = 14 Dec 2026" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        ("trainin_days", "did you mean 'training_days'?"),
        ("step.bubbel", "did you mean 'step.bubble'?"),
        ("optimizer", "expected one of step.parts.optimizer, memory.parts.optimizer"),
        ("\x1b[31m", "no quantity is called"),
        ("", "no quantity is called"),
    ],
)
def test_an_unknown_quantity_names_the_nearest(quantity: str, message: str, capsys: Capture) -> None:
    assert main(["explain", "pangu-ultra-135b-910b", quantity]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "\x1b" not in err


def test_a_bare_part_and_the_keys_of_the_estimate_are_enough(capsys: Capture) -> None:
    for quantity in ("bubble", "energy_mwh", "cost.total", "step.parts.bubble", "Training Days"):
        assert main(["explain", "qwen2-72b-a100", quantity]) == 0, quantity
    assert "cost" in capsys.readouterr().out


def test_an_infeasible_plan_is_one_but_its_model_can_be_explained(plan_file: Path, capsys: Capture) -> None:
    infeasible = ["--set", "model.profile=llama-3.1-405b", "--set", "cluster.pools.count=1"]
    assert main(["explain", str(plan_file), "mfu", *infeasible]) == 1
    assert "memory" in capsys.readouterr().err
    assert main(["explain", str(plan_file), "parameters", *infeasible]) == 0
    assert "405" in capsys.readouterr().out


def test_a_pool_is_named(capsys: Capture) -> None:
    assert main(["explain", "mixed-910b-a100", "tpp", "--pool", "nosuch"]) == 2
    assert "no pool is called" in capsys.readouterr().err


def test_what_all_pools_need_is_explained_by_its_id(capsys: Capture) -> None:
    assert main(["explain", "mixed-910b-a100", "cluster.energy"]) == 0
    assert "all pools" in capsys.readouterr().out
    assert main(["explain", "mixed-910b-a100", "cluster.mfu"]) == 2
    assert "does not add up over pools" in capsys.readouterr().err
