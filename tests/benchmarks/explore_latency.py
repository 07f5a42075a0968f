"""How soon Explore shows something, and how soon keys echo while it works, through a real pseudo-terminal.

Run by hand: ``python -m tests.benchmarks.explore_latency [PLAN] [--size 160x45] [--keys 100]``.
Nothing is asserted. Beside each figure stands what the same machine took in the same run: for the first point
the time until a plan's first estimate is painted, for keys the same keys once all work is done. What should
come out: the first point within 1 s, keys within 50 ms at the 95th percentile.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from pathlib import Path

from tests.benchmarks.key_latency import row
from tests.benchmarks.terminal import PLACE, Terminal, machine, open_terminal

from planner.plans.shipped import shipped_plans_folder

#: F7, and what is painted first with a point of the curve, below the title of its pane.
EXPLORE, FIRST_POINT = b"\x1b[18~", re.compile(rb"F3 Against size.*P10\.\.P90", re.DOTALL)
#: What stands below the ranking once all is found out: until then more follows the order.
DONE = re.compile(rb"systems; least power first[^;]")
#: A plan without a deadline has no ranking: its tornado is the last, and says so in its title.
UNRANKED, UNRANKED_DONE = b"no deadline yet", re.compile(rb"move nothing")
#: The words that are looked for stand in this row of the terminal, and nothing else does.
FILTER_ROW = 3
#: A person presses no faster. [s]
PAUSE_S = 0.08


def echo_of(terminal: Terminal, key: bytes) -> float | None:
    """Press a key in the words that are looked for and return how long its echo took; None: 2 s and more."""
    start = time.monotonic()
    os.write(terminal.descriptor, key)
    while time.monotonic() - start < 2.0:
        chunk = terminal.read(0.02)
        if any(int(line) == FILTER_ROW for line, _ in PLACE.findall(chunk)):
            echo = time.monotonic() - start
            terminal.drain(PAUSE_S)
            return echo
    return None


def echoes(terminal: Terminal, keys: int) -> list[float]:
    """Type a letter and take it away again, so often."""
    found = [echo_of(terminal, key) for key in [b"a", b"\x7f"] * (keys // 2)]
    return [echo for echo in found if echo is not None]


def time_of_first_point(terminal: Terminal, seconds: float) -> tuple[float, re.Pattern[bytes]]:
    """Return how long after the key the first point was painted, and what is painted when all is done."""
    seen = b""
    while FIRST_POINT.search(seen) is None:
        seen += terminal.read(0.05)
        if time.monotonic() - terminal.began > seconds:
            raise SystemExit(f"no point was shown within {seconds:g} s")
    return time.monotonic() - terminal.began, UNRANKED_DONE if UNRANKED in seen else DONE


def wait_until_done(terminal: Terminal, done: re.Pattern[bytes], seconds: float) -> None:
    """Read until what is found out last says so."""
    end = time.monotonic() + seconds
    # it may have been painted while keys were pressed
    while done.search(terminal.tail) is None:
        terminal.read(0.5)
        if time.monotonic() > end:
            raise SystemExit(f"not all was found out within {seconds:g} s")
    # what was found last is drawn
    terminal.drain(1.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "plan", nargs="?", type=Path, default=shipped_plans_folder() / "pangu-ultra-135b-910b.toml"
    )
    parser.add_argument("--size", default="160x45")
    parser.add_argument("--keys", type=int, default=100)
    arguments = parser.parse_args()
    columns, rows = (int(part) for part in arguments.size.split("x"))
    with tempfile.TemporaryDirectory() as home:
        terminal = open_terminal(arguments.plan.resolve(), columns, rows, home)
        try:
            painted = terminal.wait_for(b"CLUSTER", 60)
            estimated = terminal.wait_for(b"INTERCONNECT", 120) - painted
            terminal.drain(1.0)
            terminal.began = time.monotonic()
            os.write(terminal.descriptor, EXPLORE)
            first, done = time_of_first_point(terminal, 60.0)
            os.write(terminal.descriptor, b"/")
            terminal.drain(0.3)
            busy = echoes(terminal, arguments.keys)
            worked = time.monotonic() - terminal.began
            wait_until_done(terminal, done, 400)
            whole = time.monotonic() - terminal.began
            quiet = echoes(terminal, arguments.keys)
        finally:
            terminal.end()
    print(f"machine: {machine()}")
    print(f"terminal {columns} x {rows}, plan {arguments.plan.name}")
    print(f"first point after F7 {first:6.2f} s   baseline: first estimate after the form {estimated:6.2f} s")
    print(f"keys were pressed until {worked:.0f} s; all was found out by {whole:.0f} s")
    print(row("key to its echo, while it works", busy))
    print(row("baseline: the same, all done", quiet))


if __name__ == "__main__":
    main()
