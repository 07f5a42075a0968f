"""What the app's process holds of memory, screen by screen, in a real pseudo-terminal; Linux only.

Run by hand: ``python -m tests.benchmarks.app_memory [PLAN] [--size 160x45]``.

One app opens every screen in turn and leaves it again. Each is looked at until the process works on nothing
more: all published runs are predicted, all systems ranked. Told are the resident set then, once it is left,
and its peak so far. Keys are those of the app's own registry; a screen that does not show ends the benchmark.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.terminal import Terminal, machine, open_terminal
from tests.benchmarks.track_logs import FORMATS, lines_of

from planner.app.actions import BY_ID
from planner.app.freed_pages import REST_S
from planner.catalog.catalog import load_catalog
from planner.catalog.kinds import KINDS
from planner.catalog.runs import load_runs
from planner.estimate.estimate import estimate_plan
from planner.files.compiled import keep_compiled, open_compiled
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder

#: How the terminal says the keys of the registry.
_KEYS = {
    **{f"f{number}": f"\x1bO{sign}".encode() for number, sign in zip(range(1, 5), "PQRS", strict=True)},
    **{f"f{number}": f"\x1b[{code}~".encode() for number, code in ((5, 15), (6, 17), (7, 18), (8, 19))},
    **{f"f{number}": f"\x1b[{code}~".encode() for number, code in ((9, 20), (10, 21), (11, 23), (12, 24))},
    "right": b"\x1b[C",
    "slash": b"/",
    "question_mark": b"?",
}
_ENTER, _ESCAPE, _BACK_TAB, _DOWN, _PALETTE = b"\r", b"\x1b", b"\x1b[Z", b"\x1b[B", b"\x10"
#: A process that used so little of the last while is done. [-], [s]
_AT_REST, _WHILE_S = 0.1, 0.7
#: The longest that a screen works: the ranking of all systems.
_PATIENCE_S = 600.0
_MIB = 1024


@dataclass(frozen=True)
class Visit:
    """A screen: what opens it, what it shows, and what is pressed there."""

    name: str
    keys: tuple[bytes, ...]
    shows: bytes
    #: each is worked on to its end before the next
    pressed: tuple[bytes, ...] = ()


def key(action: str) -> bytes:
    """Return what a terminal sends for the first key of an action."""
    name = BY_ID[action].keys.split(",")[0]
    if name.startswith("ctrl+"):
        return bytes([ord(name[-1]) & 31])
    return _KEYS.get(name, name.encode())


def visits() -> tuple[Visit, ...]:
    """Return every screen and every kind of dialog that the planning screen opens."""
    kinds = (key("next_kind"),) * 9
    plan = key("go_plan")
    return (
        Visit("all keys", (key("show_keys"),), b"All keys"),
        Visit("help on a field", (plan, key("field_help")), b"Help: count"),
        Visit("explanation", (key("explain_number"),), b"Explain a number", (_DOWN, _ENTER)),
        Visit("ledger", (key("show_ledger"),), b"Ledger"),
        Visit("layouts", (key("choose_layout"),), b"Layouts"),
        Visit("acceptance", (key("show_acceptance"),), b"Acceptance"),
        Visit("a run's logs", (key("track_run"), _ENTER), b"Forecast"),
        Visit("list of chips", (plan, key("pick_chip")), b"Choose a chip", (_ENTER,)),
        Visit("list of systems", (plan, _BACK_TAB, _ENTER), b"to buy"),
        Visit(
            "form of a profile",
            (key("open_profiles"), key("copy_profile")),
            b"Copy the chip",
            (_ENTER, key("edit_slot")),
        ),
        Visit("profiles, every kind", (key("open_profiles"),), b"Detail", kinds),
        Visit("claims", (key("check_claim"),), b"Verdict", (key("go_claims"), _DOWN, _ENTER)),
        Visit("comparison", (key("compare_plans"),), b"Side by side", (key("add_plan"), _DOWN, _ENTER)),
        Visit("evidence", (key("show_evidence"),), b"Runs", (_DOWN, _ENTER, _ESCAPE)),
        Visit("explore", (key("explore"),), b"Smallest cluster", (key("go_ranking"), key("explain_size"))),
        Visit(
            "explore again", (key("explore"),), b"Smallest cluster", (key("show_power"), key("show_money"))
        ),
        Visit("evidence again", (key("show_evidence"),), b"Runs"),
        Visit("export", (key("export_plan"),), b"Export the report"),
        Visit("palette", (_PALETTE,), b" Commands "),
    )


def wait_until_shown(terminal: Terminal, text: bytes, what: str) -> None:
    """Read until a text is painted."""
    seen, end = b"", time.monotonic() + 60.0
    while text not in seen:
        seen += terminal.read(0.05)
        if time.monotonic() > end:
            raise SystemExit(f"{what}: {text.decode()!r} was not shown")


def wait_until_at_rest(terminal: Terminal) -> None:
    """Read until the process works on nothing."""
    end, used = time.monotonic() + _PATIENCE_S, cpu_s(terminal)
    while time.monotonic() < end:
        terminal.drain(_WHILE_S)
        before, used = used, cpu_s(terminal)
        if used - before < _AT_REST * _WHILE_S:
            return
    raise SystemExit(f"it still works after {_PATIENCE_S:g} s")


def cpu_s(terminal: Terminal) -> float:
    """Return the seconds of CPU that the process has used."""
    # behind the name, which may hold anything: user and system time are the 14th and 15th
    rest = Path(f"/proc/{terminal.process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(terminal: Terminal) -> tuple[float, float]:
    """Return the resident set of the process, and its peak so far."""
    found = {}
    for line in Path(f"/proc/{terminal.process}/status").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if name in ("VmRSS", "VmHWM"):
            found[name] = int(rest.split()[0]) / _MIB
    return found["VmRSS"], found["VmHWM"]


def visited(terminal: Terminal) -> Iterator[tuple[str, float, float, float, float]]:
    """Yield each screen's name, the resident set there and once it is left, the peak, and seconds of CPU."""
    for visit in visits():
        began = cpu_s(terminal)
        # where letters are commands
        for pressed in (key("go_estimate"), *visit.keys[:-1]):
            os.write(terminal.descriptor, pressed)
            wait_until_at_rest(terminal)
        os.write(terminal.descriptor, visit.keys[-1])
        wait_until_shown(terminal, visit.shows, visit.name)
        wait_until_at_rest(terminal)
        for pressed in visit.pressed:
            os.write(terminal.descriptor, pressed)
            wait_until_at_rest(terminal)
        there, _ = resident_mib(terminal)
        leave(terminal)
        yield visit.name, there, *resident_mib(terminal), cpu_s(terminal) - began


def leave(terminal: Terminal) -> None:
    """Go back to the planning screen: there one more step back does nothing."""
    for _ in range(4):
        os.write(terminal.descriptor, _ESCAPE)
        terminal.drain(0.5)
    # until it has tidied up
    terminal.drain(REST_S)
    wait_until_at_rest(terminal)


def laid_out(plan: Path, folder: str) -> Path:
    """Return a copy of a plan, with a log of a run beside it."""
    header, line = FORMATS["Megatron"]
    log = Path(folder) / "run.log"
    log.write_text("".join(lines_of(header, line, 1_000_000)), encoding="utf-8")
    copy = Path(folder) / plan.name
    copy.write_bytes(plan.read_bytes())
    return copy


def keep_what_is_validated(plan: Path) -> None:
    """Read and keep a plan, all profiles and runs, as the first sessions do: those take more."""
    open_compiled()
    catalog = load_catalog()
    estimate_plan(load_plan(plan), catalog)
    for kind in KINDS:
        len(catalog.of_kind(kind))
    load_runs()
    keep_compiled()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "plan", nargs="?", type=Path, default=shipped_plans_folder() / "pangu-ultra-135b-910b.toml"
    )
    parser.add_argument("--size", default="160x45")
    arguments = parser.parse_args()
    columns, rows = (int(part) for part in arguments.size.split("x"))
    print(f"machine: {machine()}")
    print(f"terminal {columns} x {rows}, plan {arguments.plan.name}; resident set in MiB")
    print(f"{'screen':<24}{'there':>8}{'left':>8}{'peak':>8}{'CPU s':>8}", flush=True)
    keep_what_is_validated(arguments.plan)
    with tempfile.TemporaryDirectory() as home:
        terminal = open_terminal(laid_out(arguments.plan, home), columns, rows, home)
        try:
            terminal.wait_for(b"INTERCONNECT", 60)
            wait_until_at_rest(terminal)
            there, peak = resident_mib(terminal)
            print(f"{'the plan':<24}{there:8.1f}{there:8.1f}{peak:8.1f}{cpu_s(terminal):8.1f}", flush=True)
            for name, there, left, peak, seconds in visited(terminal):
                print(f"{name:<24}{there:8.1f}{left:8.1f}{peak:8.1f}{seconds:8.1f}", flush=True)
            os.write(terminal.descriptor, key("leave_plan"))
            wait_until_shown(terminal, b"Plan a training run", "start screen")
            terminal.drain(REST_S)
            wait_until_at_rest(terminal)
            there, peak = resident_mib(terminal)
            print(f"{'start screen':<24}{there:8.1f}{there:8.1f}{peak:8.1f}")
        finally:
            terminal.end()


if __name__ == "__main__":
    main()
