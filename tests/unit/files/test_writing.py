"""Writing TOML: canonical text, verified, and wholly or not at all."""

from __future__ import annotations

import datetime
import math
import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import FileError
from planner.files.writing import InlineTable, toml_text, write_toml_atomic

SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=20)
    | st.dates()
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TABLES = st.recursive(
    st.dictionaries(KEYS, SCALARS, max_size=3),
    lambda inner: st.dictionaries(
        KEYS, SCALARS | inner | st.lists(inner, max_size=2) | st.lists(SCALARS, max_size=2), max_size=3
    ),
    max_leaves=8,
)


@given(TABLES)
def test_what_is_written_reads_back(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(table, where="x")) == table


def test_the_form_is_canonical() -> None:
    mapping = {
        "b": 1,
        "inner": {"pools": [{"id": "x", "size": 2.5}, {"id": "y", "deep": {"z": True}}]},
        "a": "t",
        "pins": {"chips/x": InlineTable(hash="00", more=1), "e": InlineTable()},
    }
    assert toml_text(mapping, where="x") == (
        'b = 1\na = "t"\n\n[[inner.pools]]\nid = "x"\nsize = 2.5\n\n[[inner.pools]]\nid = "y"\n\n'
        '[inner.pools.deep]\nz = true\n\n[pins]\n"chips/x" = { hash = "00", more = 1 }\ne = {}\n'
    )


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (math.nan, "is not a finite number"),
        (math.inf, "is not a finite number"),
        (None, "has no form in TOML"),
        (b"x", "has no form in TOML"),
        ("\ud800", "cannot be written as TOML"),
        ("a\r\nb", "would not read back"),
        ({1: 2}, "cannot be written as TOML"),
    ],
)
def test_refuses_what_has_no_form_and_keeps_the_old_file(tmp_path: Path, value: Any, what: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text("old = 1\n")
    with pytest.raises(FileError, match=what):
        write_toml_atomic(path, {"t": {"key": value}})
    assert path.read_text() == "old = 1\n"
    assert list(tmp_path.iterdir()) == [path]


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    write_toml_atomic(path, {"day": datetime.date(2026, 11, 22)})
    assert path.read_text() == "day = 2026-11-22\n"
    write_toml_atomic(path, {"b": 1})
    assert path.read_text() == "b = 1\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "a.toml"
    path.write_text("old = 1\n")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(FileError, match=r"a\.toml: cannot be written: No space left on device"):
        write_toml_atomic(path, {"b": 1})
    assert path.read_text() == "old = 1\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_keeps_permissions_and_gives_new_files_the_usual_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("")
    path.chmod(0o640)
    write_toml_atomic(path, {"b": 1})
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    usual = tmp_path / "usual"
    usual.touch()
    write_toml_atomic(tmp_path / "new.toml", {"b": 1})
    assert (tmp_path / "new.toml").stat().st_mode == usual.stat().st_mode


def test_writes_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target.toml"
    target.write_text("")
    link = tmp_path / "link.toml"
    link.symlink_to(target)
    write_toml_atomic(link, {"b": 1})
    assert link.is_symlink()
    assert target.read_text() == "b = 1\n"


def test_says_why_it_cannot_write(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written: no such file"):
        write_toml_atomic(tmp_path / "none" / "a.toml", {"b": 1})
    with pytest.raises(FileError, match="cannot be written"):
        write_toml_atomic(tmp_path, {"b": 1})
