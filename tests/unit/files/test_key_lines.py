"""The line of each key of a TOML text, for the messages that name one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from planner.catalog.search_path import built_in_folder
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.files.key_lines import KeyLines
from planner.files.validation import problems_of, validate_text

Path = tuple[str | int, ...]
TEXT = """\
a.b = [
  1,  # of two
  {x = 1.5, 'y z' = [
    [2], 3]},

  '''of
two lines''', 4]
day = 2026-11-27
[[q]]
c = "# no [comment]"
[q.r."s.t"]
d = 2
[[q]]
[[q.w]]
v.u = {}
"""
LINES: dict[Path, int] = {
    ("a",): 1,
    ("a", "b"): 1,
    ("a", "b", 0): 2,
    ("a", "b", 1): 3,
    ("a", "b", 1, "x"): 3,
    ("a", "b", 1, "y z"): 3,
    ("a", "b", 1, "y z", 0): 4,
    ("a", "b", 1, "y z", 0, 0): 4,
    ("a", "b", 1, "y z", 1): 4,
    ("a", "b", 2): 6,
    ("a", "b", 3): 7,
    ("day",): 8,
    ("q",): 9,
    ("q", 0): 9,
    ("q", 0, "c"): 10,
    ("q", 0, "r"): 11,
    ("q", 0, "r", "s.t"): 11,
    ("q", 0, "r", "s.t", "d"): 12,
    ("q", 1): 13,
    ("q", 1, "w"): 14,
    ("q", 1, "w", 0): 14,
    ("q", 1, "w", 0, "v"): 15,
    ("q", 1, "w", 0, "v", "u"): 15,
}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def test_every_key_and_entry_has_its_line() -> None:
    assert set(paths(tomllib.loads(TEXT))) == set(LINES)
    lines = KeyLines(TEXT)
    assert {path: lines.before(path) for path in LINES} == {
        path: f"line {line}: " for path, line in LINES.items()
    }


def test_what_is_missing_has_the_line_of_what_it_is_missing_in() -> None:
    lines = KeyLines(TEXT)
    assert lines.before(("q", 1, "z")) == "line 13: "
    assert lines.before(("z",)) == lines.before(()) == KeyLines(None).before(("a",)) == ""


@pytest.mark.parametrize("kind", ["chips", "rules", "models"])
def test_keys_of_shipped_files_stand_on_their_lines(kind: str) -> None:
    for file in sorted((built_in_folder() / kind).glob("*.toml"))[::5]:
        text = file.read_text(encoding="utf-8")
        rows, lines = text.split("\n"), KeyLines(text)
        for path in paths(tomllib.loads(text)):
            line = int(lines.before(path).removeprefix("line ").removesuffix(": "))
            assert not isinstance(path[-1], str) or path[-1] in rows[line - 1], (file.name, path)


def test_each_problem_of_a_file_names_its_line() -> None:
    pools = '[[cluster.pools]]\nid = "a"\nsystem = "s"\ncount = 0\n'
    text = f'name = "x"\nmodel.profile = "m"\n{pools}[site]\npue = 0.5\n'
    with pytest.raises(PlanError) as caught:
        validate_text(Plan, text, where="p.toml")
    assert [line.partition(": expected")[0].partition(": is ")[0] for line in problems_of(caught.value)] == [
        "p.toml: line 6: cluster.pools[0].count = 0",
        "p.toml: line 8: site.pue = 0.5",
        "p.toml: workload",
    ]
