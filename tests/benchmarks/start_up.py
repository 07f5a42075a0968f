"""What starting costs: CPU of commands beside that of importing NumPy and pydantic; the first picture.

Run by hand: python tests/benchmarks/start_up.py [--rounds N] [--plan PLAN] [--peer COMMAND --peer-shows TEXT]

The commands of one round run one after the other, so that a busy machine slows all of them; the ratio is
that of each round's pair, and its median is what counts. The first round is not counted: it compiles
modules and fills the cache, as the first start on a new machine does. Compiled modules are kept, as the
interpreter does unless `PYTHONDONTWRITEBYTECODE` is set: NumPy and pydantic were compiled when installed.
Of the app it is the time until its first picture, in a terminal of its own, that is told; beside it, in
alternation, that of another program where one is named (``--peer harlequin --peer-shows Query``).
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import pty
import select
import shlex
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

_SHIPPED_PLAN = "deepseek-v3-h800"
_PROGRAM = [sys.executable, "-m", "planner"]
_BASELINE = "import numpy, pydantic"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
#: What each may use at most, of the CPU of the baseline.
LIMITS = {"estimate": 2.2, "--help": 0.5}
#: What the app is opened on, and what its first picture shows.
PICTURES = {
    "start screen": (_PROGRAM, b"tokens"),
    "planning screen": ([*_PROGRAM, _SHIPPED_PLAN], b"CLUSTER"),
}
_PATIENCE_S = 60.0


def cpu_s(command: list[str]) -> float:
    """Run a command and return the seconds of CPU that it used, of the user and of the system."""
    with Path(os.devnull).open("wb") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, env=_ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def painted_s(command: list[str], text: bytes, home: str) -> tuple[float, float]:
    """Open a program and return the seconds, and those of CPU, until it has painted a text."""
    began = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        given = _ENVIRONMENT | {"TERM": "xterm-256color", "XDG_STATE_HOME": home}
        os.execve(command[0], command, given)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))
    seen = b""
    while text not in seen and time.monotonic() - began < _PATIENCE_S:
        if select.select([terminal], [], [], 0.05)[0]:
            seen += os.read(terminal, 1 << 16)
    seconds = time.monotonic() - began
    os.kill(process, signal.SIGKILL)
    _, _, usage = os.wait4(process, 0)
    os.close(terminal)
    if text not in seen:
        raise SystemExit(f"{command[0]} did not show {text.decode()!r} within {_PATIENCE_S:g} s")
    return seconds, usage.ru_utime + usage.ru_stime


def commands_of(plan: str) -> dict[str, list[str]]:
    """Return the commands by name, the baseline first."""
    return {
        _BASELINE: [sys.executable, "-c", _BASELINE],
        "estimate": [*_PROGRAM, "estimate", plan],
        "--help": [*_PROGRAM, "--help"],
    }


def measured(commands: dict[str, list[str]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of every round by command; one round before them is not counted."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            seconds = cpu_s(command)
            if number:
                found[name].append(seconds)
    return found


def show_pictures(pictures: dict[str, tuple[list[str], bytes]], rounds: int) -> None:
    """Print how long each takes to its first picture, in alternation; one round before is not counted."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in pictures}
    with tempfile.TemporaryDirectory() as home:
        for number in range(rounds + 1):
            for name, (command, text) in pictures.items():
                times = painted_s(command, text, home)
                if number:
                    found[name].append(times)
    for name, rows in found.items():
        seconds, cpu = (statistics.median(values) for values in zip(*rows, strict=True))
        print(f"  {name:<24}{seconds:7.3f} s until its first picture, {cpu:.3f} s of CPU")


def main() -> None:
    """Print the medians and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--plan", default=_SHIPPED_PLAN)
    parser.add_argument("--peer", help="another program of the terminal to set beside the app")
    parser.add_argument("--peer-shows", help="what the first picture of the other program holds")
    given = parser.parse_args()
    if given.peer and not given.peer_shows:
        parser.error("--peer: expected --peer-shows with it, what its first picture holds")
    print(
        f"{platform.platform()}, Python {platform.python_version()}; "
        f"{given.rounds} rounds of user and system CPU"
    )
    found = measured(commands_of(given.plan), given.rounds)
    baseline = found.pop(_BASELINE)
    print(f"  {_BASELINE:<24}{statistics.median(baseline):7.3f} s")
    for name, seconds in found.items():
        ratios = [mine / base for mine, base in zip(seconds, baseline, strict=True)]
        print(
            f"  planner {name:<16}{statistics.median(seconds):7.3f} s   "
            f"{statistics.median(ratios):.2f} times (limit {LIMITS[name]})"
        )
    pictures = dict(PICTURES)
    if given.peer:
        command = shlex.split(given.peer)
        pictures[given.peer] = (
            [shutil.which(command[0]) or command[0], *command[1:]],
            given.peer_shows.encode(),
        )
    show_pictures(pictures, given.rounds)


if __name__ == "__main__":
    main()
