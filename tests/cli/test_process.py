"""The command as a process: streams, exit codes and pipes."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import planner

Run = Callable[..., "subprocess.CompletedProcess[str]"]
COMMAND = [sys.executable, "-m", "planner"]


def test_help_and_version_go_to_stdout(run_process: Run) -> None:
    shown = run_process("--help")
    assert shown.returncode == 0
    assert "estimate" in shown.stdout
    assert shown.stderr == ""
    version = run_process("--version")
    assert version.stdout == f"planner {planner.__version__}\n"
    assert run_process("estimate", "--help").returncode == 0


def test_data_and_narration_are_apart(
    run_process: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANNER_PROFILES", str(tmp_path / "absent"))
    found = run_process("profiles", "list")
    assert found.returncode == 0
    assert "CHIPS" in found.stdout
    assert "absent" in found.stderr
    assert "absent" not in found.stdout


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        process = subprocess.run(
            [*COMMAND, "profiles", "list"], stdout=closed, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert process.returncode == 141
    assert process.stderr == b""


def test_a_bug_is_one_line_and_three(tmp_path: Path) -> None:
    break_it = "import planner.cli.main as it; it._run = lambda arguments: 1 / 0; it.entry()"
    process = subprocess.run(
        [sys.executable, "-c", break_it, "profiles", "list"],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert process.returncode == 3
    assert process.stderr.count("\n") == 1
    assert "stopped on a bug (ZeroDivisionError); a report is in" in process.stderr
    assert process.stdout == ""


def test_a_full_disk_is_one_line() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as stdout:
        process = subprocess.run(
            [*COMMAND, "profiles", "list"], stdout=stdout, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert process.returncode == 2
    assert process.stderr.count(b"\n") == 1
    assert b"standard output" in process.stderr


def test_an_ascii_terminal_gets_no_traceback() -> None:
    environment = dict(os.environ, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    process = subprocess.run(
        [*COMMAND, "profiles", "sources"], capture_output=True, env=environment, timeout=60, check=False
    )
    assert process.returncode == 0
    assert process.stdout.isascii()


def on_terminal(arguments: list[str], environment: dict[str, str]) -> bytes:
    """Run with stdout on a pseudo-terminal and return what it received."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=theirs, env=dict(os.environ, **environment)
    )
    os.close(theirs)
    received = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        received += chunk
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return received


def test_no_color_is_honoured() -> None:
    arguments = ["profiles", "list", "chips"]
    assert b"\x1b[" in on_terminal(arguments, {"TERM": "xterm-256color", "NO_COLOR": ""})
    assert b"\x1b[" not in on_terminal(arguments, {"TERM": "xterm-256color", "NO_COLOR": "1"})
