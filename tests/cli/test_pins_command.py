"""Pins on the command line: written by `check --pin`, told of by `estimate`, kept by `--pinned`."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.catalog.search_path import built_in_folder
from planner.cli.main import main
from planner.plans.plan_file import load_plan

CHIP = "chips/h100-sxm.toml"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Return a shared folder in which a chip has less memory than the shipped one."""
    folder = tmp_path / "shared"
    (folder / "chips").mkdir(parents=True)
    text = (built_in_folder() / CHIP).read_text(encoding="utf-8")
    assert '"81559 MiB"' in text
    (folder / CHIP).write_text(text.replace('"81559 MiB"', '"70 GB"'), encoding="utf-8")
    return folder


def test_a_plan_is_pinned_once(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(plan_file), "--pin"]) == 0
    assert "pinned" in capsys.readouterr().err
    assert "chips/h100-sxm" in load_plan(plan_file).pins
    before = plan_file.read_bytes()
    assert main(["check", str(plan_file), "--pin"]) == 0
    assert "up to date; nothing was written" in capsys.readouterr().err
    assert plan_file.read_bytes() == before
    assert main(["estimate", str(plan_file), "--pinned"]) == 0
    assert capsys.readouterr().err == ""


def test_a_protected_plan_is_refused_and_what_cannot_be_kept_is_told(
    plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = plan_file.read_bytes()
    plan_file.chmod(0o444)
    assert main(["check", str(plan_file), "--pin"]) == 2
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .endswith(
            f"{plan_file}: is write-protected; nothing was written; expected a file with write permission"
        )
    )
    assert plan_file.read_bytes() == before
    plan_file.chmod(0o644)
    elsewhere = plan_file.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "plan.toml").hardlink_to(plan_file)
    assert main(["check", str(plan_file), "--pin"]) == 0
    assert "could not keep 1 other name of it (hard links)" in capsys.readouterr().err


def test_drift_is_told_and_kept_or_taken(
    plan_file: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", str(plan_file), "--pin"])
    profiles = ["--profiles", str(shared)]
    capsys.readouterr()
    assert main(["estimate", str(plan_file), *profiles]) == 0
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "chips/h100-sxm memory.capacity_bytes 81559 MiB -> 70 GB" in told.err
    assert "of 69.4 GB" in told.out
    assert main(["estimate", str(plan_file), "--pinned", *profiles]) == 0
    kept = capsys.readouterr()
    assert kept.err == ""
    assert "of 84.8 GB" in kept.out
    assert main(["check", str(plan_file), *profiles]) == 0
    checked = capsys.readouterr().out
    assert "DRIFT" in checked
    assert "memory.capacity_bytes 81559 MiB -> 70 GB" in checked
    assert main(["check", str(plan_file), "--pin", *profiles]) == 0
    assert "memory.capacity_bytes 81559 MiB -> 70 GB" in capsys.readouterr().err
    assert main(["check", str(plan_file), *profiles]) == 0
    assert "DRIFT" not in capsys.readouterr().out


def test_a_plan_with_comments_is_not_rewritten(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "# by hand\n" + plan_file.read_text(encoding="utf-8")
    plan_file.write_text(text, encoding="utf-8")
    assert main(["check", str(plan_file), "--pin"]) == 2
    assert "holds comments" in capsys.readouterr().err
    assert plan_file.read_text(encoding="utf-8") == text


def test_an_unpinned_plan_has_nothing_to_keep(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", str(plan_file), "--pinned"]) == 0
    assert "pins no profile" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("bogus = 1", "bogus: unknown key"),
        ('effective_from = "soon"', "effective_from"),
        ('condition = { f = "chip.tpp", op = "~", v = 1 }', "condition"),
        ('condition = { f = "chip.nothing", op = ">", v = 1 }', "condition"),
    ],
)
def test_a_broken_rule_of_a_named_folder_is_bad_input(
    line: str,
    message: str,
    plan_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "team" / "rules").mkdir(parents=True)
    (tmp_path / "team" / "rules" / "xx-ours.toml").write_text(f'id = "XX-OURS"\n{line}\n', encoding="utf-8")
    named = ["--profiles", str(tmp_path / "team")]
    for command in (["estimate", str(plan_file)], ["check", str(plan_file)], ["rules", "list"]):
        assert main([*command, *named]) == 2
        streams = capsys.readouterr()
        assert streams.err.count("\n") == 1
        assert "xx-ours.toml" in streams.err
        assert message in streams.err
        assert streams.out == ""
    # a folder that stands in the environment degrades to a notice and a warning
    monkeypatch.setenv("PLANNER_PROFILES", str(tmp_path / "team"))
    assert main(["estimate", str(plan_file)]) == 0
    streams = capsys.readouterr()
    assert "xx-ours.toml" in streams.err
    assert "rule left out" in streams.out


def test_rules_say_which_folder_they_came_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "team" / "rules"
    rules.mkdir(parents=True)
    text = (built_in_folder() / "rules" / "us-el.toml").read_text(encoding="utf-8")
    (rules / "us-el.toml").write_text(text, encoding="utf-8")
    named = ["--profiles", str(tmp_path / "team")]
    assert main(["rules", "list", *named]) == 0
    # a long path is broken over lines
    assert f"from{tmp_path / 'team'}:US-EL" in "".join(capsys.readouterr().out.split())
    assert main(["rules", "show", "US-EL", *named]) == 0
    assert f"from{tmp_path / 'team'}" in "".join(capsys.readouterr().out.split())
