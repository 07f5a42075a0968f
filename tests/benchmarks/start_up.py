"""What starting costs: CPU of commands beside that of importing NumPy and pydantic; the first picture.

Run by hand: python tests/benchmarks/start_up.py [ROUNDS] [PLAN]

The commands of one round run one after the other, so that a busy machine slows all of them; the ratio is
that of each round's pair, and its median is what counts. The first round is not counted: it compiles
modules and fills the cache, as the first start on a new machine does. Compiled modules are kept, as the
interpreter does unless `PYTHONDONTWRITEBYTECODE` is set: NumPy and pydantic were compiled when installed.
Of the app it is the time until its first picture, in a terminal of its own, that is told.
"""

from __future__ import annotations

import fcntl
import os
import platform
import pty
import select
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
_PROGRAM = [sys.executable, "-c", "from planner.cli.main import entry; entry()"]
_BASELINE = "import numpy, pydantic"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
#: What each may use at most, of the CPU of the baseline.
LIMITS = {"estimate": 2.2, "--help": 0.5}
#: What the app is opened on, and what its first picture shows.
PICTURES = {"start screen": ([], b"tokens"), "planning screen": ([_SHIPPED_PLAN], b"CLUSTER")}
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


def painted_s(arguments: list[str], text: bytes, home: str) -> tuple[float, float]:
    """Open the app and return the seconds, and those of CPU, until it has painted a text."""
    began = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        given = _ENVIRONMENT | {"TERM": "xterm-256color", "XDG_STATE_HOME": home}
        os.execve(sys.executable, [*_PROGRAM, *arguments], given)
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
        raise SystemExit(f"the app did not show {text.decode()!r} within {_PATIENCE_S:g} s")
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


def show_pictures(rounds: int) -> None:
    """Print how long the app takes to its first picture, both screens in alternation."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PICTURES}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(rounds):
            for name, (arguments, text) in PICTURES.items():
                found[name].append(painted_s(arguments, text, home))
    for name, times in found.items():
        seconds, cpu = (statistics.median(values) for values in zip(*times, strict=True))
        print(f"  {name:<24}{seconds:7.3f} s until its first picture, {cpu:.3f} s of CPU")


def main() -> None:
    """Print the medians and the ratios."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 15
    plan = sys.argv[2] if sys.argv[2:] else _SHIPPED_PLAN
    print(
        f"{platform.platform()}, Python {platform.python_version()}; {rounds} rounds of user and system CPU"
    )
    found = measured(commands_of(plan), rounds)
    baseline = found.pop(_BASELINE)
    print(f"  {_BASELINE:<24}{statistics.median(baseline):7.3f} s")
    for name, seconds in found.items():
        ratios = [mine / base for mine, base in zip(seconds, baseline, strict=True)]
        print(
            f"  planner {name:<16}{statistics.median(seconds):7.3f} s   "
            f"{statistics.median(ratios):.2f} times (limit {LIMITS[name]})"
        )
    show_pictures(rounds)


if __name__ == "__main__":
    main()
