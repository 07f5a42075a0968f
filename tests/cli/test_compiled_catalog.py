"""The compiled catalog as a user meets it: results are those without it, whatever happens to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.catalog.search_path import built_in_folder

Run = Callable[..., "subprocess.CompletedProcess[str]"]

COMMAND = [sys.executable, "-m", "planner"]
PLAN = "llama-3.1-405b-h100"
JSON = ("estimate", PLAN, "--json")


@pytest.fixture(autouse=True)
def no_cache(isolated: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))


def cache_folder() -> Path:
    return Path(os.environ["XDG_CACHE_HOME"]) / "planner"


def cache_file() -> Path:
    (found,) = cache_folder().glob("compiled-*.txt")
    return found


def answer(run: Run, *arguments: str) -> str:
    """Return what a command prints, less the time that it took."""
    done = run(*arguments)
    assert done.returncode == 0
    assert done.stderr == ""
    return re.sub(r'"seconds": [0-9.e-]+', '"seconds": 0', done.stdout)


def test_with_and_without_it_every_byte_is_the_same(run_process: Run) -> None:
    without = answer(run_process, *JSON)
    kept = cache_file().read_bytes()
    assert answer(run_process, *JSON) == without
    assert cache_file().read_bytes() == kept


def test_a_spoilt_one_changes_nothing_and_is_replaced(run: Run) -> None:
    first = answer(run, *JSON)
    # what a process reads but once (how people lay jobs out) is in the file of its first command alone
    cache_file().unlink()
    assert answer(run, *JSON) == first
    kept = cache_file().read_bytes()
    for spoilt in (
        kept[: len(kept) // 2],
        re.sub(rb"(\d)\.(\d)", rb"\2.\1", kept),
        b"\x80\x04\x95 no pickle is read",
    ):
        cache_file().write_bytes(spoilt)
        assert answer(run, *JSON) == first
        assert cache_file().read_bytes() == kept


def test_a_place_that_takes_nothing_is_passed_over(run: Run) -> None:
    cache_folder().parent.mkdir(parents=True)
    cache_folder().write_text("a file in the way")
    first = answer(run, *JSON)
    cache_folder().unlink()
    assert answer(run, *JSON) == first


def test_a_profile_changed_under_it_counts_at_once(run: Run, tmp_path: Path) -> None:
    shipped = (built_in_folder() / "chips" / "h100-sxm.toml").read_text(encoding="utf-8")
    copy = tmp_path / "team" / "chips" / "h100-sxm.toml"
    copy.parent.mkdir(parents=True)
    copy.write_text(shipped, encoding="utf-8")
    show = ("profiles", "show", "h100-sxm", "--profiles", str(tmp_path / "team"))
    first = answer(run, *show)
    assert answer(run, *show) == first
    status = copy.stat()
    name = re.findall(r'^name = "(.*)"$', shipped, flags=re.MULTILINE)[0]
    # as long as before, and as old
    copy.write_text(shipped.replace(name, name[::-1], 1), encoding="utf-8")
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert copy.stat().st_size == status.st_size
    assert copy.stat().st_mtime_ns == status.st_mtime_ns
    changed = answer(run, *show)
    assert name[::-1] in changed
    assert changed != first
    copy.write_text("not TOML", encoding="utf-8")
    broken = run(*show)
    assert "h100-sxm.toml" in broken.stderr
    copy.write_text(shipped, encoding="utf-8")
    assert answer(run, *show) == first


def test_two_programs_at_once_say_what_one_says(run: Run) -> None:
    plans = (PLAN, "qwen2-72b-a100")
    started = [
        subprocess.Popen([*COMMAND, "estimate", plan], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for plan in plans
    ]
    outputs = [process.communicate(timeout=100) for process in started]
    assert all(process.returncode == 0 for process in started)
    assert all(error == b"" for _, error in outputs)
    texts = [output.decode() for output, _ in outputs]
    assert [answer(run, "estimate", plan) for plan in plans] == texts
    assert [path.name for path in cache_folder().iterdir()] == [cache_file().name]
