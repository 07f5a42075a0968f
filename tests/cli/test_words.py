"""What the command line says of a slip: near names, files and keys, and every problem in constant time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import tomli_w

from planner.cli.commands import COMMANDS, DEFAULT
from planner.cli.main import main
from planner.domain.keys import profile_keys
from planner.domain.plan import Plan

NAMES = [name for name in COMMANDS if name != DEFAULT.name]
PLAN = {
    "name": "x",
    "model": {"profile": "llama-2-7b"},
    "workload": {"tokens": "1T"},
    "cluster": {"pools": [{"id": "train", "system": "dgx-h100", "count": 4}]},
    "site": {"profile": "abilene-us"},
}


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Return the lines of a command that ends as bad input."""
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err.splitlines()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rest", [[], ["x"], ["--json"], ["x", "--set", "a=1"]])
def test_a_misspelt_command_is_named(name: str, rest: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = told(capsys, name[:2] + name[3:], *rest)
    assert f"did you mean '{name}'?" in line


@pytest.mark.parametrize("name", NAMES)
def test_a_command_without_what_it_needs_points_to_its_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if name in ("quantities", "evidence", "validate", "calibrate", "serve"):
        pytest.skip("needs nothing")
    (line,) = told(capsys, name)
    assert f"see planner {name} --help" in line


@pytest.mark.parametrize("count", [1, 2])
def test_a_pool_that_is_not_there_is_told_how_many_are(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.toml"
    pools = [{"id": f"p{index}", "system": "dgx-h100", "count": 4} for index in range(count)]
    file.write_text(tomli_w.dumps({**PLAN, "cluster": {"pools": pools}}), encoding="utf-8")
    (line,) = told(capsys, "estimate", str(file), "--set", "cluster.pools[5].count=3")
    assert ("there is 1 entry" if count == 1 else "there are 2 entries") in line


@pytest.mark.parametrize("command", ["estimate", "check", "explain", "diff", "compare"])
@pytest.mark.parametrize("key", [key for key, _ in profile_keys(Plan)])
def test_an_unknown_profile_names_file_and_key(
    command: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(tomli_w.dumps(PLAN), encoding="utf-8")
    pool = {"id": "train", "system": "dgx-h100", "count": 4}
    data = {**PLAN, "cluster": {"pools": [pool]}}
    table, _, name = key.rpartition(".")
    if table == "cluster.pools[]":
        pool[name] = "abacus-9"
    else:
        data[table] = {name: "abacus-9"}
    bad.write_text(tomli_w.dumps(data), encoding="utf-8")
    more = {"explain": ["training_days"], "diff": [str(good)], "compare": [str(good)]}.get(command, [])
    (line,) = told(capsys, command, str(bad), *more)
    number = bad.read_text(encoding="utf-8").partition("abacus-9")[0].count("\n") + 1
    assert f'{bad}: line {number}: {key.replace("[]", "[train]")} = "abacus-9": no ' in line


def test_thousands_of_unknown_keys_are_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "many.toml"
    data = {**PLAN, "workload": {"tokens": "1T"} | {f"tokken{index}": 1 for index in range(8000)}}
    file.write_text(tomli_w.dumps(data), encoding="utf-8")
    begun = time.monotonic()
    lines = told(capsys, "estimate", str(file))
    assert len(lines) == 6
    where = [f"{file}: line {number}: workload.tokken{number - 8}: unknown key" for number in range(8, 13)]
    assert [line.removeprefix("planner: ").partition(";")[0] for line in lines[:5]] == where
    assert lines[5] == "planner: and 7,995 more"
    assert len(told(capsys, "check", str(file))) == 51
    # each name that is looked up takes milliseconds: all of them take a minute
    assert time.monotonic() - begun < 20


def test_check_lists_every_problem_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.toml"
    pools = [
        {"id": "train", "system": "dgx-h1000", "count": 0},
        {"id": "b", "system": "dgx-h100", "chips": -1},
    ]
    data = {**PLAN, "cluster": {"pools": pools}, "site": {"pue": 0.5, "profile": "atlantis-9"}, "mony": {}}
    file.write_text(tomli_w.dumps(data), encoding="utf-8")
    lines = told(capsys, "check", str(file))
    for part in (
        "pools[0].count = 0",
        "pools[1].chips = -1",
        "site.pue = 0.5: expected 1 or more: a facility draws at least what its IT does",
        "mony: unknown key; did you mean 'money'?",
        'cluster.pools[train].system = "dgx-h1000": no system is called so',
        'site.profile = "atlantis-9": no site is called so',
    ):
        assert sum(part in line for line in lines) == 1, part
    assert len(lines) == 6
