"""Replacing files: what the old one had stays, leftovers of the killed go, what is protected is asked for."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner.errors import FileError, ProtectedFileError
from planner.files import holding
from planner.files.leftovers import OLD_S, remove_leftovers, temporary_path
from planner.files.replacing import write_bytes_atomic

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks, groups and links of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.toml"
    path.write_bytes(b"old")
    return path


def replaced(path: Path) -> list[str]:
    """Replace a file and return what was told."""
    told: list[str] = []
    write_bytes_atomic(path, b"new", tell=told.append)
    assert path.read_bytes() == b"new"
    return told


# What the old file had


def test_a_save_keeps_every_name_in_the_folder(path: Path) -> None:
    other = path.with_name("other.toml")
    other.hardlink_to(path)
    assert replaced(path) == []
    assert other.read_bytes() == b"new"
    assert other.samefile(path)
    assert sorted(path.parent.iterdir()) == [path, other]


def test_names_elsewhere_are_told_of(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    other = path.parent / "elsewhere" / "a.toml"
    other.hardlink_to(path)
    assert replaced(path) == [
        f"{path}: the save could not keep 1 other name of it (hard links), with the old version still"
    ]
    assert other.read_bytes() == b"old"


def set_attribute(path: Path, value: bytes) -> None:
    try:
        os.setxattr(path, "user.origin", value)
    except (OSError, AttributeError):
        pytest.skip("no extended attributes here")


def test_a_save_keeps_extended_attributes(path: Path) -> None:
    set_attribute(path, b"\x00us")
    assert replaced(path) == []
    assert os.getxattr(path, "user.origin") == b"\x00us"


def test_an_attribute_that_cannot_be_kept_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_attribute(path, b"us")
    monkeypatch.setattr(os, "setxattr", refuse)
    assert replaced(path) == [f"{path}: the save could not keep its extended attribute 'user.origin'"]


def refuse(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


@pytest.fixture
def foreign(path: Path) -> os.stat_result:
    """Give the file to another group, where this user may."""
    groups = {60_000} if os.geteuid() == 0 else {*os.getgroups()} - {path.stat().st_gid}
    with contextlib.suppress(OSError, KeyError):
        os.chown(path, -1, groups.pop())
        path.chmod(0o664)
        return path.stat()
    pytest.skip("this user has one group")


def test_a_save_keeps_the_group(path: Path, foreign: os.stat_result) -> None:
    assert replaced(path) == []
    assert (path.stat().st_gid, path.stat().st_mode) == (foreign.st_gid, foreign.st_mode)


def test_a_group_that_cannot_be_kept_is_told_and_its_rights_pass_to_no_other(
    path: Path, foreign: os.stat_result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fchown", refuse)
    assert replaced(path) == [f"{path}: the save could not keep its group (group {foreign.st_gid})"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


# Files that should not be written


def test_a_protected_file_is_replaced_only_where_that_is_allowed(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(ProtectedFileError, match="is write-protected; nothing was written") as caught:
        write_bytes_atomic(path, b"new")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"old"
    write_bytes_atomic(path, b"new", replaces_protected=True)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_a_file_of_others_is_protected(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda asked, _mode: asked == path.parent)
    with pytest.raises(ProtectedFileError):
        write_bytes_atomic(path, b"new")


def test_a_name_too_long_is_refused_with_the_limit(tmp_path: Path) -> None:
    limit = os.pathconf(tmp_path, "PC_NAME_MAX")
    write_bytes_atomic(tmp_path / ("x" * limit), b"")
    too_long = "ä" * (limit // 2 + 1)
    with pytest.raises(FileError, match=f"is {limit // 2 * 2 + 2} bytes long; expected at most {limit}"):
        write_bytes_atomic(tmp_path / too_long, b"")


# What killed writers leave

KILLED = """
import os, pathlib, signal, sys
from planner.files.replacing import write_bytes_atomic
write_bytes_atomic(pathlib.Path(sys.argv[1]), b"x", confirm=lambda: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_the_next_save_removes_what_a_killed_one_left(path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=60)
    assert len(list(path.parent.iterdir())) == 2
    assert path.read_bytes() == b"old"
    replaced(path)
    assert list(path.parent.iterdir()) == [path]


def test_a_living_writers_file_stays_however_old(path: Path) -> None:
    def save_beside() -> None:
        (temporary,) = set(path.parent.iterdir()) - {path}
        aged(temporary)
        write_bytes_atomic(path.with_name("b.toml"), b"beside")
        assert temporary.exists()

    write_bytes_atomic(path, b"new", confirm=save_beside)
    assert path.read_bytes() == b"new"


def aged(path: Path) -> Path:
    """Make a file that was written a little more than a day ago."""
    moment = time.time() - OLD_S - 60
    path.touch()
    os.utime(path, (moment, moment))
    return path


@pytest.mark.parametrize("name", [".planner-0123456789abcdef.tmp", ".planner-00000000-0123456789abcdef.tmp"])
def test_what_nobody_can_judge_goes_after_a_day(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    remove_leftovers(tmp_path)
    assert path.exists()
    aged(path)
    remove_leftovers(tmp_path)
    assert not path.exists()


@pytest.mark.parametrize(
    "name", [".planner-.tmp", "planner-0123456789abcdef.tmp", ".planner-0123456789ABCDEF.tmp", "a.tmp"]
)
def test_files_of_other_names_stay(tmp_path: Path, name: str) -> None:
    path = aged(tmp_path / name)
    remove_leftovers(tmp_path)
    assert path.exists()


def test_links_and_folders_of_that_name_stay(tmp_path: Path) -> None:
    aged(tmp_path / "target")
    link, folder = temporary_path(tmp_path), temporary_path(tmp_path)
    link.symlink_to(tmp_path / "target")
    folder.mkdir()
    remove_leftovers(tmp_path)
    assert link.is_symlink()
    assert folder.is_dir()
    remove_leftovers(tmp_path / "none")


# Files that their maker holds


def test_a_file_is_held_until_its_descriptor_is_closed(tmp_path: Path) -> None:
    descriptor, path = holding.hold_new(lambda: tmp_path / "held")
    assert holding.is_held(path)
    os.close(descriptor)
    assert not holding.is_held(path)
    assert not holding.is_held(tmp_path / "none")


def test_who_is_looked_at_before_it_holds_takes_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(holding, "take", lambda _descriptor: next(answers))
    names = iter(["first", "second"])
    descriptor, path = holding.hold_new(lambda: tmp_path / next(names))
    os.close(descriptor)
    assert list(tmp_path.iterdir()) == [path] == [tmp_path / "second"]


def test_where_there_are_no_locks_nobody_is_known_to_have_ended(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "take", lambda *_, **__: None)
    left = temporary_path(path.parent)
    left.touch()
    replaced(path)
    assert left.exists()
    aged(left)
    replaced(path)
    assert not left.exists()
