"""Nothing that was saved or typed is lost: killed processes, two writers, full and read-only disks."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.domain.plan import Plan
from planner.errors import FileError, PlannerError
from planner.plans.drafts import SessionDrafts, find_drafts
from planner.plans.plan_file import file_state, load_plan, open_plan, save_plan

DRIVER = Path(__file__).with_name("save_driver.py")
PLAN = Plan.model_validate(
    {
        "name": "small",
        "model": {"profile": "m"},
        "workload": {"tokens": "13.2T"},
        "cluster": {"pools": [{"id": "train", "system": "s", "count": 4}]},
    }
)
LARGE = PLAN.model_copy(update={"name": "large", "notes": "x" * 15_000})

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill")


def drive(what: str, folder: Path, *numbers: int) -> dict[str, Any]:
    arguments = [sys.executable, str(DRIVER), what, str(folder), *(str(number) for number in numbers)]
    process = subprocess.run(arguments, capture_output=True, text=True, timeout=3600, check=False)
    assert process.returncode == 0, process.stderr
    result: dict[str, Any] = json.loads(process.stdout)
    return result


def test_a_save_killed_at_any_of_its_steps_leaves_one_version_whole(tmp_path: Path) -> None:
    result = drive("steps", tmp_path)
    # some kills come before the rename and some after it, or nothing was tried
    assert result["old"] > 20
    assert result["new"] > 2


def test_a_killed_process_leaves_the_file_whole_and_its_latest_draft(tmp_path: Path) -> None:
    result = drive("random", tmp_path, 40, 20261122)
    assert result["saves"] > 40
    # what kills leave beside the plan and its drafts goes with the next save and the next draft
    assert result["leftovers"] == 0


@pytest.mark.exhaustive
@pytest.mark.timeout(3600)
def test_four_thousand_kills_leave_the_file_whole_and_no_other(tmp_path: Path) -> None:
    result = drive("random", tmp_path, 4000, 7)
    print(f"\n{result}")
    assert result["kills"] >= 4000
    assert result["saves"] > 4000
    # some kills did leave something, or nothing was tried
    assert result["left"] > 0
    assert result["leftovers"] == 0


def test_two_windows_that_are_killed_both_leave_their_work(tmp_path: Path) -> None:
    result = drive("windows", tmp_path, 15, 20261127)
    assert result["edits"] > 15


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_two_windows_that_are_killed_both_leave_their_work_at_length(tmp_path: Path) -> None:
    result = drive("windows", tmp_path, 500, 3)
    print(f"\n{result}")
    # on a busy machine few saves fit between a start and a kill, but some do, or nothing was tried
    assert result["edits"] > 500
    assert result["saves"] > 50


def hold_nothing_lost(result: dict[str, Any], rounds: int) -> None:
    assert result["lost"] == []
    assert (result["saves"], result["kept"]) == (2 * rounds, 2 * rounds)


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    hold_nothing_lost(drive("writers", tmp_path, 60), 60)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
def test_two_writers_lose_nothing_at_length(tmp_path: Path) -> None:
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        result = drive("writers", folder, 200)
        print(f"\n{result}")
        hold_nothing_lost(result, 200)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for little; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "planner-test", str(folder)]
    try:
        is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        is_mounted = False
    if not is_mounted:
        pytest.skip("may not mount a small disk; the limit on file sizes stands in")
    yield folder
    subprocess.run(["umount", str(folder)], capture_output=True, check=True)


def fill(path: Path) -> None:
    """Write into the file until its disk takes no more."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def one_line(error: PlannerError, path: Path) -> str:
    text = str(error)
    assert text.startswith(str(path))
    assert "\n" not in text
    return text


def test_a_full_disk_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    path = small_disk / "plan.toml"
    save_plan(path, PLAN, None)
    opened = open_plan(path)
    filler = small_disk / "filler"
    fill(filler)
    before = sorted(small_disk.iterdir())
    with pytest.raises(FileError) as caught:
        save_plan(path, LARGE, opened.state)
    assert one_line(caught.value, path).endswith("cannot be written: No space left on device")
    assert load_plan(path) == PLAN
    assert sorted(small_disk.iterdir()) == before
    # the work is in the draft, which lies elsewhere, and can be saved once there is room
    session = SessionDrafts(tmp_path / "drafts")
    session.keep(lambda: (path, LARGE))
    session.release()
    filler.unlink()
    (draft,) = find_drafts(path, folder=tmp_path / "drafts")
    save_plan(path, draft.plan, opened.state)
    assert load_plan(path) == LARGE


def test_an_old_draft_outlives_a_full_disk(small_disk: Path) -> None:
    session = SessionDrafts(small_disk)
    session.keep(lambda: (None, PLAN))
    fill(small_disk / "filler")
    with pytest.raises(FileError, match="No space left on device"):
        session.keep(lambda: (None, LARGE))
    session.release()
    (draft,) = find_drafts(None, folder=small_disk)
    assert draft.plan == PLAN


def test_a_disk_that_is_read_only_is_one_line(small_disk: Path) -> None:
    path = small_disk / "plan.toml"
    save_plan(path, PLAN, None)
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    if subprocess.run(remount, capture_output=True, check=False).returncode:
        pytest.skip("may not make the disk read-only")
    with pytest.raises(FileError) as caught:
        save_plan(path, LARGE, file_state(path))
    assert one_line(caught.value, path).endswith("cannot be written: Read-only file system")
    assert load_plan(path) == PLAN


def test_a_limit_on_file_sizes_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    opened = save_plan(path, PLAN, None)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python has the signal ignored, so that the write itself fails, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(FileError) as caught:
            save_plan(path, LARGE, opened)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert one_line(caught.value, path).endswith("cannot be written: File too large")
    assert load_plan(path) == PLAN
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    opened = save_plan(path, PLAN, None)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(FileError) as caught:
            save_plan(path, LARGE, opened)
    finally:
        tmp_path.chmod(0o755)
    assert one_line(caught.value, path).endswith("cannot be written: permission denied")
    assert load_plan(path) == PLAN
