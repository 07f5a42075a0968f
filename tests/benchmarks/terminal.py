"""The app, or another program, in a pseudo-terminal of its own: what the benchmarks of the terminal share."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

#: What moves the cursor: the place of everything that is painted.
PLACE = re.compile(rb"\x1b\[(\d+);(\d+)H")
#: A repaint is over when nothing came for that long. [s]
QUIET_S = 0.25
#: Bytes of what was painted that are kept.
_TAIL = 200_000


@dataclass
class Terminal:
    """The app in a pseudo-terminal of its own."""

    descriptor: int
    process: int
    began: float
    columns: int
    #: the end of what was painted
    tail: bytes = b""

    def read(self, seconds: float) -> bytes:
        """Return what arrives within some seconds, at the first arrival."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        chunk = os.read(self.descriptor, 1 << 16) if ready else b""
        self.tail = (self.tail + chunk)[-_TAIL:]
        return chunk

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

    def end(self) -> None:
        """End the program, whatever it does."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.descriptor)


def open_terminal(plan: Path | None, columns: int, rows: int, home: str) -> Terminal:
    """Start the app on a plan."""
    return open_program(program(plan), columns, rows, home)


def program(plan: Path | None) -> list[str]:
    """Return the command that opens the app."""
    return [sys.executable, "-m", "planner", *([] if plan is None else [str(plan)])]


def open_program(command: list[str], columns: int, rows: int, home: str) -> Terminal:
    """Start a program in a terminal of its own; modules are compiled once, as is usual."""
    began = time.monotonic()
    process, descriptor = pty.fork()
    if process == 0:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_STATE_HOME": home,
            "XDG_DATA_HOME": home,
            "COLUMNS": str(columns),
            "LINES": str(rows),
        }
        os.execve(command[0], command, environment)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return Terminal(descriptor, process, began, columns)


def machine() -> str:
    """Return what the times were measured on."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for row in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if row.startswith("model name"):
                name = row.split(":", 1)[1].strip()
                break
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
