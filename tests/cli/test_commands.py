"""The commands as functions, with a hand-made estimate in place of the engine's."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic_core import SchemaError

from planner.cli.main import command_name, main, split_folders
from planner.cli.new import new_file
from planner.domain.parties import Parties
from planner.domain.plan import Targets
from planner.errors import InfeasibleError, InputError
from planner.plans.beginning import empty_plan
from planner.plans.plan_file import load_plan, save_plan

Capture = pytest.CaptureFixture[str]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_estimate_prints_text(plan_file: Path, estimates: types.SimpleNamespace, capsys: Capture) -> None:
    assert main(["estimate", str(plan_file)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Pangu Ultra 135B")
    assert "\x1b" not in out
    assert err == ""


def test_estimate_prints_json(plan_file: Path, estimates: types.SimpleNamespace, capsys: Capture) -> None:
    assert main(["estimate", "--json", str(plan_file)]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == 1


def test_set_changes_the_plan(plan_file: Path, estimates: types.SimpleNamespace) -> None:
    assert main(["estimate", str(plan_file), "--set", "workload.tokens=2T", "--set", "name=Other"]) == 0
    assert estimates.plans[0].workload.tokens == 2e12
    assert estimates.plans[0].name == "Other"


def test_a_plan_that_is_only_begun_is_told_what_it_lacks(plan_file: Path, capsys: Capture) -> None:
    without = ["--set", "cluster.pools[0].count=", "--set", "model.profile="]
    assert main(["estimate", str(plan_file), *without]) == 2
    lines = capsys.readouterr().err.splitlines()
    end = "is missing; no estimate does without it"
    assert [line.partition(".toml: ")[2] for line in lines] == [
        f"model.profile: {end}",
        f"cluster.pools[train].count: {end}",
    ]
    save_plan(Path("begun.toml"), empty_plan("Begun"), None)
    assert main(["check", "begun.toml"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 4


def test_infeasible_is_one(plan_file: Path, estimates: types.SimpleNamespace, capsys: Capture) -> None:
    estimates.answer = dataclasses.replace(
        estimates.answer, is_feasible=False, reasons=("memory is short",), figures=None
    )
    assert main(["estimate", str(plan_file)]) == 1
    assert "memory is short" in capsys.readouterr().out
    assert main(["check", str(plan_file)]) == 1
    estimates.answer = InfeasibleError("nothing fits")
    assert main(["estimate", str(plan_file)]) == 1
    assert capsys.readouterr().err == "planner: nothing fits\n"


def test_without_a_terminal_a_plan_is_printed(
    plan_file: Path, estimates: types.SimpleNamespace, capsys: Capture
) -> None:
    assert main([str(plan_file)]) == 0
    assert "ONE STEP" in capsys.readouterr().out


def test_a_plan_is_found_by_name(plan_file: Path, estimates: types.SimpleNamespace) -> None:
    assert main(["estimate", "small"]) == 0
    plan_file.with_name("saved_plans").mkdir()
    plan_file.rename(plan_file.with_name("saved_plans") / "shelved.toml")
    assert main(["estimate", "shelved"]) == 0
    assert len(estimates.plans) == 2


def test_check_says_what_a_plan_lacks(
    plan_file: Path, estimates: types.SimpleNamespace, capsys: Capture
) -> None:
    assert main(["check", str(plan_file)]) == 0
    out = capsys.readouterr().out
    for expected in ("valid", "calendar.start", "site.profile", "fabric roce-200g", "buyer_parent_country"):
        assert expected in out


def test_new_writes_a_plan_and_never_over_one(plan_file: Path, capsys: Capture) -> None:
    assert main(["new", "Our first try", "--from", str(plan_file)]) == 0
    assert capsys.readouterr().out == "our-first-try.toml\n"
    written = load_plan(Path("our-first-try.toml"))
    assert written.name == "Our first try"
    assert written.as_of is not None
    assert written.cluster == load_plan(plan_file).cluster
    before = Path("our-first-try.toml").read_bytes()
    assert main(["new", "Our first try", "--from", str(plan_file)]) == 2
    assert Path("our-first-try.toml").read_bytes() == before
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("Our first try", "our-first-try.toml", "Our first try"),
        ("plans/mine", "plans/mine.toml", "mine"),
        ("mine.toml", "mine.toml", "mine"),
        ("../mine.v2.toml", "../mine.v2.toml", "mine.v2"),
        ("Our first try " * 8, "our-first-try-" * 7 + "our-first-try.toml", "Our first try " * 8),
    ],
)
def test_a_name_becomes_a_file(text: str, path: str, name: str) -> None:
    assert new_file(text) == (Path(path), name)


def test_a_name_too_long_for_a_file_is_refused_with_the_limit(capsys: Capture) -> None:
    assert main(["new", "x" * 300]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "the file's name is 305 bytes long; expected at most 255 bytes" in err
    assert not list(Path().glob("x*"))


def test_new_starts_from_a_shipped_plan() -> None:
    assert main(["new", "mine"]) == 0
    written = load_plan(Path("mine.toml"))
    assert written.model.profile == "pangu-ultra-135b"
    assert (written.notes, written.targets, written.parties) == ("", Targets(), Parties())


def test_a_bug_is_one_line_with_the_place_of_its_report(
    plan_file: Path, estimates: types.SimpleNamespace, capsys: Capture
) -> None:
    estimates.answer = ZeroDivisionError("oh")
    assert main(["estimate", str(plan_file)]) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    report = Path(err.partition("a report is in ")[2].strip())
    assert "ZeroDivisionError: oh" in report.read_text(encoding="utf-8")


def test_a_hostile_message_stays_one_plain_line(
    plan_file: Path, estimates: types.SimpleNamespace, capsys: Capture
) -> None:
    estimates.answer = InputError("bad \x1b]0;title\x07\nsecond line")
    assert main(["estimate", str(plan_file)]) == 2
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert err.count("\n") == 1


def test_interrupt_is_quiet(
    plan_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, estimates: types.SimpleNamespace
) -> None:
    def interrupt(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("planner.cli.estimate.run", interrupt)
    assert main(["estimate", str(plan_file)]) == 130
    assert capsys.readouterr().err == ""

    def interrupt_a_validator(_arguments: object) -> int:
        # as pydantic's core tells of an interrupt of its own
        raise SchemaError('Error building "model" validator:\n  KeyboardInterrupt: ')

    monkeypatch.setattr("planner.cli.estimate.run", interrupt_a_validator)
    assert main(["estimate", str(plan_file)]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["estmate"], "did you mean 'estimate'?"),
        (["estimate"], "PLAN"),
        (["estimate", "no-such-plan"], "no-such-plan: no such file or saved plan"),
        (["estimate", "."], ".: is a folder; expected a plan's file"),
        (["estimate", ""], '"": no such file or saved plan'),
        (["rules", "test", "nothing.json"], "planner: nothing.json: no such file"),
        (
            ["estimate", "qwen2-72b-a100", "--set", "site.power_cap_mw=4..8"],
            '"4..8": is a range; expected a power',
        ),
        (["estimate", "x.toml", "--jsn"], "--jsn"),
        (["profiles"], "ACTION"),
        (["profiles", "show", "acsend-910b"], "did you mean 'ascend-910b'? 'ascend' for 'acsend'"),
        (["profiles", "list", "chps"], "did you mean 'chips'?"),
        (["profiles", "show", "chips", "a", "b"], "expected ID, or KIND and ID"),
        (["--profiles"], "names no folder"),
        ([], "no terminal"),
        (["new", "///"], "names no file"),
        (["new", "?!"], "names no file"),
        (["new", ".toml"], "names no file"),
        (["estimate", "nul\x00byte"], "no such file"),
    ],
)
def test_bad_input_is_one_clear_line_and_two(arguments: list[str], expected: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("planner: ")
    assert err.count("\n") == 1
    assert expected in err
    assert "bug" not in err


def test_a_broken_key_names_file_key_and_what_was_expected(plan_file: Path, capsys: Capture) -> None:
    plan_file.write_text(plan_file.read_text().replace("tokens =", "tokns ="), encoding="utf-8")
    assert main(["estimate", str(plan_file)]) == 2
    err = capsys.readouterr().err
    assert "small.toml" in err
    assert "tokns" in err
    assert "'tokens'" in err


def test_profiles_check_gives_one_line_per_problem(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "profiles"
    (folder / "chips").mkdir(parents=True)
    (folder / "chips" / "mine.toml").write_text('id = "mine"\nname = 3\n', encoding="utf-8")
    assert main(["profiles", "check", str(folder)]) == 2
    out = capsys.readouterr().out
    assert "mine.toml" in out
    assert "Traceback" not in out


@pytest.mark.parametrize("what", ["absent", "file"])
@pytest.mark.parametrize(
    "command",
    [["profiles", "list"], ["claim", "--list"], ["estimate", "PLAN"], ["check", "PLAN"], ["rules", "list"]],
)
def test_a_folder_that_was_named_and_is_not_there_is_bad_input(
    run: Run, tmp_path: Path, plan_file: Path, what: str, command: list[str]
) -> None:
    (tmp_path / "file").touch()
    arguments = [str(plan_file) if argument == "PLAN" else argument for argument in command]
    found = run(*arguments, "--profiles", str(tmp_path / what))
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.count("\n") == 1
    assert f"{tmp_path / what}: " in found.stderr


def test_profiles_folders_may_be_named_anywhere() -> None:
    assert split_folders(["--profiles", "a", "estimate", "p", "--profiles=b"]) == (
        [Path("a"), Path("b")],
        ["estimate", "p"],
    )
    assert split_folders(["--", "--profiles", "a"]) == ([], ["--", "--profiles", "a"])


def test_a_first_word_that_is_no_command_is_a_plan() -> None:
    assert command_name(["profiles", "list"]) == "profiles"
    assert command_name(["my.toml"]) == "open"
    assert command_name([]) == "open"


def test_show_prints_figures_with_their_rivals(capsys: Capture) -> None:
    assert main(["profiles", "show", "chip", "ascend-910b"]) == 0
    out = capsys.readouterr().out
    assert "353.9 TFLOP/s" in out
    assert "x wrong" in out
    assert main(["profiles", "show", "ascend-910b", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["kind"] == "chips"
    figures = {figure["key"]: figure for figure in record["figures"]}
    assert figures["peak_dense_flops_per_s.bf16"]["value"] == pytest.approx(353.9e12)
    assert figures["tdp_w"]["text"] == "400 W"


def test_list_and_sources_print_tables_and_json(capsys: Capture) -> None:
    assert main(["profiles", "list", "chips"]) == 0
    assert "ascend-910b" in capsys.readouterr().out
    assert main(["profiles", "list", "--json"]) == 0
    kinds = {record["kind"] for record in json.loads(capsys.readouterr().out)}
    assert {"chips", "systems", "sites"} <= kinds
    assert main(["profiles", "sources", "--json"]) == 0
    assert all(record["title"] for record in json.loads(capsys.readouterr().out))
