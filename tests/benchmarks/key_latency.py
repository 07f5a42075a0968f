"""Time from a key to its echo and to the repainted results, through a real pseudo-terminal.

Run by hand: ``python tests/benchmarks/key_latency.py [PLAN] [--size 160x45] [--keys 60] [--all]``.
With ``--peer COMMAND`` keys go in alternation to another program of the terminal that stands in a field of
text when it has started, and how long each takes until its screen is quiet is told: that nothing is painted
for a quarter of a second, lists that it puts beside the text included. A digit is text alone to an editor of
code; a letter of a word is what it answers with completions, as a digit in a field is what the app answers
with an estimate.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import platform
import pty
import re
import select
import shlex
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path

from planner.plans.shipped import shipped_plans_folder

#: What moves the cursor: the place of everything that is painted.
PLACE = re.compile(rb"\x1b\[(\d+);(\d+)H")
#: A repaint is over when nothing came for that long. [s]
QUIET_S = 0.25
RUNNER = "from planner.cli.main import entry; entry()"


@dataclass
class Terminal:
    """The app in a pseudo-terminal of its own."""

    descriptor: int
    process: int
    began: float
    columns: int

    def read(self, seconds: float) -> bytes:
        """Return what arrives within some seconds, at the first arrival."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        return os.read(self.descriptor, 1 << 16) if ready else b""

    def drain(self, seconds: float) -> None:
        """Read until nothing but the cursor's blink has come for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)

    def wait_for(self, text: bytes, seconds: float) -> float:
        """Return how long after the start a text was painted."""
        seen = b""
        while time.monotonic() - self.began < seconds:
            seen += self.read(0.05)
            if text in seen:
                return time.monotonic() - self.began
        raise SystemExit(f"the app did not show {text.decode()!r} within {seconds:g} s")

    def press(self, keys: bytes, left_columns: int) -> tuple[float | None, float | None]:
        """Press keys at once; return the time to the first echo left and to the last repaint right."""
        start = time.monotonic()
        os.write(self.descriptor, keys)
        echo = results = None
        last = start
        while time.monotonic() - last < QUIET_S and time.monotonic() - start < 5:
            chunk = self.read(0.02)
            if not chunk:
                continue
            now = time.monotonic()
            columns = [int(column) for _, column in PLACE.findall(chunk)]
            if echo is None and any(column <= left_columns for column in columns):
                echo = now - start
            if any(column > left_columns for column in columns):
                results = now - start
                last = now
        return echo, results


def open_terminal(plan: Path | None, columns: int, rows: int, home: str) -> Terminal:
    """Start the app on a plan."""
    return open_program(program(plan), columns, rows, home)


def program(plan: Path | None) -> list[str]:
    """Return the command that opens the app."""
    return [sys.executable, "-c", RUNNER, *([] if plan is None else [str(plan)])]


def open_program(command: list[str], columns: int, rows: int, home: str) -> Terminal:
    """Start a program in a terminal of its own."""
    began = time.monotonic()
    process, descriptor = pty.fork()
    if process == 0:
        environment = os.environ | {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_STATE_HOME": home,
            "COLUMNS": str(columns),
            "LINES": str(rows),
        }
        os.execve(command[0], command, environment)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return Terminal(descriptor, process, began, columns)


@dataclass(frozen=True)
class Elsewhere:
    """Another screen: how it is reached, and two keys that undo each other there."""

    name: str
    keys: tuple[bytes, ...]
    pressed: tuple[bytes, bytes]
    has_plan: bool = True


#: The keys of the terminal: F5, F7, F11, right, down, up.
F5, F7, F11, RIGHT, DOWN, UP = b"\x1b[15~", b"\x1b[18~", b"\x1b[23~", b"\x1b[C", b"\x1b[B", b"\x1b[A"
ELSEWHERE = (
    Elsewhere("start screen, a field", (b"\t",), (b"1", b"\x7f"), has_plan=False),
    Elsewhere("explanation, its rows", (F5, RIGHT, b"\r"), (DOWN, UP)),
    Elsewhere("explore, its systems", (F7, b"\x1bOQ"), (DOWN, UP)),
    Elsewhere("profiles, their list", (F11,), (DOWN, UP)),
)


def measured_elsewhere(where: Elsewhere, plan: Path, columns: int, rows: int, keys: int) -> list[float]:
    """Return the times from keys on another screen to what they change there."""
    with tempfile.TemporaryDirectory() as home:
        terminal = open_terminal(plan if where.has_plan else None, columns, rows, home)
        try:
            if where.has_plan:
                terminal.wait_for(b"INTERCONNECT", 60)
                terminal.drain(1.0)
            for key in where.keys:
                os.write(terminal.descriptor, key)
                terminal.drain(0.3)
            # what is worked out there has begun by then
            terminal.drain(6.0)
            found = [terminal.press(key, columns)[0] for key in where.pressed * (keys // 2)]
        finally:
            os.kill(terminal.process, signal.SIGKILL)
            os.waitpid(terminal.process, 0)
    return [seconds for seconds in found if seconds is not None]


#: What is typed into the other program: what comes before, and two keys that undo each other.
PEER_KEYS = {
    "a digit": (b"", (b"1", b"\x7f")),
    "a letter of a word": (b"s", (b"e", b"\x7f")),
}


def beside(peer: str, plan: Path, columns: int, rows: int, keys: int) -> dict[str, list[float]]:
    """Return the times from a key to a quiet screen of the app and of another program, key by key in turn."""
    given = shlex.split(peer)
    other = [shutil.which(given[0]) or given[0], *given[1:]]
    ours = "key to quiet screen"
    found: dict[str, list[float]] = {ours: [], **{f"{Path(given[0]).name}, {what}": [] for what in PEER_KEYS}}
    terminals: list[Terminal] = []
    with tempfile.TemporaryDirectory() as home:
        try:
            terminals += [open_program(command, columns, rows, home) for command in (program(plan), other)]
            app, beside_it = terminals
            app.wait_for(b"INTERCONNECT", 60)
            for terminal in terminals:
                terminal.drain(4.0)
            os.write(app.descriptor, b"\x1b[F")
            for label, (before, pressed) in zip(list(found)[1:], PEER_KEYS.values(), strict=True):
                os.write(beside_it.descriptor, before)
                for terminal in terminals:
                    terminal.drain(0.5)
                for number in range(keys):
                    for terminal, its, times in (
                        (app, (b"1", b"\x7f"), found[ours]),
                        (beside_it, pressed, found[label]),
                    ):
                        terminal.drain(0.05)
                        _, quiet = terminal.press(its[number % 2], 0)
                        if quiet is not None:
                            times.append(quiet)
        finally:
            for terminal in terminals:
                os.kill(terminal.process, signal.SIGKILL)
                os.waitpid(terminal.process, 0)
    return found


def machine() -> str:
    """Return what the times were measured on."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for row in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if row.startswith("model name"):
                name = row.split(":", 1)[1].strip()
                break
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def row(label: str, seconds: list[float]) -> str:
    """Return one line of the table."""
    if len(seconds) < 2:
        return f"{label:<34} too few keys were seen"
    milliseconds = sorted(1000 * value for value in seconds)
    cuts = statistics.quantiles(milliseconds, n=20, method="inclusive")
    return f"{label:<34} p50 {cuts[9]:6.0f} ms   p95 {cuts[18]:6.0f} ms   worst {milliseconds[-1]:6.0f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "plan", nargs="?", type=Path, default=shipped_plans_folder() / "pangu-ultra-135b-910b.toml"
    )
    parser.add_argument("--size", default="160x45")
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--all", action="store_true", help="other screens too")
    parser.add_argument(
        "--peer", help="another program of the terminal to set beside the app, by its command"
    )
    arguments = parser.parse_args()
    columns, rows = (int(part) for part in arguments.size.split("x"))
    left = 38 if columns < 120 else 50 if columns < 180 else 62
    with tempfile.TemporaryDirectory() as home:
        terminal = open_terminal(arguments.plan.resolve(), columns, rows, home)
        try:
            painted = terminal.wait_for(b"CLUSTER", 20)
            estimated = terminal.wait_for(b"INTERCONNECT", 30)
            terminal.drain(1.0)
            os.write(terminal.descriptor, b"\x1b[F")
            terminal.drain(0.5)
            # A digit appended to the count and taken away again: every key changes every result.
            single = [terminal.press(key, left) for key in [b"1", b"\x7f"] * (arguments.keys // 2)]
            burst = [terminal.press(key, left) for key in [b"12", b"\x7f\x7f"] * (arguments.keys // 4)]
        finally:
            os.kill(terminal.process, signal.SIGKILL)
            os.waitpid(terminal.process, 0)
    print(f"machine: {machine()}")
    print(f"terminal {columns} x {rows}, plan {arguments.plan.name}")
    print(f"first paint of the form            {painted:6.2f} s   first estimate {estimated:6.2f} s")
    print(row("key to its echo", [echo for echo, _ in single if echo is not None]))
    print(row("key to results repainted", [results for _, results in single if results is not None]))
    print(row("last of a burst to results", [results for _, results in burst if results is not None]))
    for where in ELSEWHERE if arguments.all else ():
        found = measured_elsewhere(where, arguments.plan.resolve(), columns, rows, arguments.keys)
        print(row(where.name, found))
    if arguments.peer:
        for label, quiet in beside(
            arguments.peer, arguments.plan.resolve(), columns, rows, arguments.keys
        ).items():
            print(row(label, quiet))


if __name__ == "__main__":
    main()
