"""A team's own rules in a shared folder, through the commands."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
RULES = Path(__file__).parents[2] / "profiles" / "rules"
PLAN = "pangu-ultra-135b-910b"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    (folder / "rules").mkdir(parents=True)
    return folder


def write_rule(team: Path, identifier: str, *, of: str = "jp-ai", **changes: str) -> Path:
    """Copy a shipped rule under another id, with lines of it changed by their key."""
    lines = (RULES / f"{of}.toml").read_text(encoding="utf-8").splitlines()
    changes = {"id": f'"{identifier}"', **changes}
    for at, line in enumerate(lines):
        key = line.partition(" = ")[0]
        if key in changes:
            lines[at] = f"{key} = {changes[key]}"
        elif line.strip().startswith("{ f =") and "condition" in changes:
            lines[at] = f"  {changes['condition']},"
    path = team / "rules" / f"{identifier.lower()}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def notes(run: Run, *arguments: str) -> dict[str, dict[str, str]]:
    answer = run("estimate", PLAN, "--json", *arguments)
    assert answer.returncode == 0, answer.stderr
    return {note["id"]: note for note in json.loads(answer.stdout)["compliance"]["notes"]}


def test_a_rule_of_a_shared_folder_is_added_and_one_is_replaced_by_its_id(run: Run, team: Path) -> None:
    condition = '{ f = "site.country", op = "==", v = "CN" }'
    write_rule(team, "XX-OWN", note='"Ask the works council."', severity='"notify"', condition=condition)
    write_rule(team, "US-GP10-ASCEND", of="us-gp10-ascend", note='"Our counsel has looked."')
    before, after = notes(run), notes(run, "--profiles", str(team))
    assert set(after) - set(before) == {"XX-OWN"}
    assert set(before) <= set(after)
    assert (after["XX-OWN"]["severity"], after["XX-OWN"]["note"]) == ("notify", "Ask the works council.")
    assert after["US-GP10-ASCEND"]["note"] == "Our counsel has looked."
    assert before["US-GP10-ASCEND"]["note"] != "Our counsel has looked."
    listed = run("rules", "list", "--profiles", str(team)).stdout
    assert "XX-OWN" in listed
    assert "104" in listed.splitlines()[0]


LEAF = '{{ f = "{}", op = "{}", v = {} }}'


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"condition": LEAF.format("site.contry", "==", '"JP"')},
            "'site.contry'; the nearest known one is 'site.country'",
        ),
        ({"condition": LEAF.format("site.country", "equals", '"JP"')}, "unknown operator 'equals'"),
        (
            {"condition": LEAF.format("site.commissioned", ">=", '"2026-13-01"')},
            "'2026-13-01' is not a date; expected one such as",
        ),
        ({"condition": LEAF.format("site.country", "in_group", '"EU28"')}, "did you mean 'EU27'"),
        ({"effective_from": "2026-13-01"}, "effective_from = 2026-13-01: is not a date; expected one"),
        ({"effective_from": '"soon"'}, 'effective_from = "soon": expected a date such as'),
        ({"condition": "{ all = [" * 20 + "]}" * 20}, "nest"),
    ],
)
def test_a_broken_rule_is_one_line_and_exit_2_wherever_its_folder_is_named(
    run: Run, team: Path, changes: dict[str, str], expected: str
) -> None:
    path = write_rule(team, "XX-BROKEN", **changes)
    for arguments in (
        ("rules", "list", "--profiles", str(team)),
        ("profiles", "check", str(team)),
        ("estimate", PLAN, "--profiles", str(team)),
    ):
        answer = run(*arguments)
        said = (answer.stdout + answer.stderr).splitlines()
        assert answer.returncode == 2, arguments
        assert len(said) == 1, said
        assert str(path) in said[0]
        assert expected in said[0]


def test_a_broken_rule_of_a_folder_from_the_environment_is_said_beside_the_answer(
    run: Run, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rule(team, "XX-BROKEN", condition=LEAF.format("site.contry", "==", '"JP"'))
    monkeypatch.setenv("PLANNER_PROFILES", str(team))
    answer = run("estimate", PLAN, "--json")
    assert answer.returncode == 0
    assert any("xx-broken.toml" in warning for warning in json.loads(answer.stdout)["warnings"])
    assert "xx-broken.toml" in answer.stderr
