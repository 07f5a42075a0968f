"""Time from a key to its echo and to the repainted results, through a real pseudo-terminal.

Run by hand: ``python -m tests.benchmarks.key_latency [PLAN] [--size 160x45] [--keys 60] [--all]``.
With ``--peer COMMAND`` keys go in alternation to another program of the terminal that stands in a field of
text when it has started, and how long each takes until its screen is quiet is told: that nothing is painted
for a quarter of a second, lists that it puts beside the text included. A digit is text alone to an editor of
code; a letter of a word is what it answers with completions, as a digit in a field is what the app answers
with an estimate.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.terminal import Terminal, machine, open_program, open_terminal, program

from planner.plans.shipped import shipped_plans_folder


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
            terminal.end()
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
                terminal.end()
    return found


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
            terminal.end()
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
