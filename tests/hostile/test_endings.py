"""However app and command end: the terminal is as it was, unsaved work in a draft, the code right."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.hostile.terminal import PATIENCE_S, Terminal
from tests.hostile.test_draft_after_kill import PLAN

from planner.plans.drafts import find_drafts

ENTRY = "import sys; from planner.cli.main import entry; entry()"
#: A bug behind the key `?`.
BUG = """
import planner.app.screens.planning as planning
def act(self):
    secret = "a local variable"
    raise RuntimeError("a bug")
planning.PlanningScreen.action_show_keys = act
"""
#: An app that never gets round to its end, and is not waited for.
STUCK = """
import time
import planner.app.app as app
import planner.app.last_resort as last_resort
last_resort.LONGEST_END_S = 0.5
app.PlannerApp.stop = lambda self, number: time.sleep(60)
"""
F5, CTRL_S, CTRL_Q = b"\x1b[15~", b"\x13", b"\x11"


class App(Terminal):
    """The app on a plan that is typed into."""

    def __init__(self, folder: Path, prologue: str = "") -> None:
        self.plan = folder / "plan.toml"
        self.plan.write_text(PLAN, encoding="utf-8")
        homes = {name: str(folder / "home") for name in ("XDG_STATE_HOME", "XDG_DATA_HOME")}
        super().__init__(["-c", prologue + ENTRY, str(self.plan)], homes)

    def edit(self, after_s: float | None = None) -> None:
        """Type another digit into the count of systems, and wait for so long; without, until it shows."""
        self.read(PATIENCE_S, until=b"days")
        self.read(1.0)
        self.write(b"7")
        self.read(*((PATIENCE_S, b"7") if after_s is None else (after_s,)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path


def hold_draft(plan: Path) -> None:
    (draft,) = find_drafts(plan)
    assert not draft.is_in_use
    assert "7" in str(draft.plan.cluster.pools[0].count)
    assert plan.read_text(encoding="utf-8") == PLAN


def test_a_bug_is_one_line_with_a_report_and_a_draft(home: Path) -> None:
    app = App(home, BUG)
    app.edit()
    app.write(F5)
    app.read(0.5)
    app.write(b"?")
    assert app.end() == 3
    hold_draft(app.plan)
    last = bytes(app.said).rpartition(b"\x1b")[2]
    assert last.count(b"\n") == 1
    assert b"stopped on a bug (RuntimeError)" in last
    assert b"a local variable" not in app.said
    (report,) = (home / "home").rglob("planner-report-*.txt")
    assert "a bug" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_once_leaves_a_draft_and_the_terminal_as_it_was(
    home: Path, number: signal.Signals
) -> None:
    app = App(home)
    # the key lies in the terminal's queue when the signal comes
    app.edit(0.0)
    app.send(number)
    assert app.end() == 128 + number
    hold_draft(app.plan)


def test_an_app_that_cannot_end_is_ended_with_the_terminal_as_it_was(home: Path) -> None:
    app = App(home, STUCK)
    app.edit()
    app.send(signal.SIGTERM)
    assert app.end() == 128 + signal.SIGTERM


@pytest.mark.exhaustive
@pytest.mark.parametrize("is_read", [False, True], ids=["takes nothing", "is gone"])
def test_a_terminal_that_takes_nothing_does_not_keep_the_app(home: Path, is_read: bool) -> None:
    """Somebody who writes to such a terminal waits for ever; the end must not."""
    app = App(home)
    if is_read:
        app.edit()
        # the kernel hangs up
        os.close(app.descriptor)
    else:
        time.sleep(5.0)
        os.kill(app.process, signal.SIGTERM)
    end = time.monotonic() + PATIENCE_S
    status = (0, 0)
    while status[0] == 0 and time.monotonic() < end:
        time.sleep(0.1)
        status = os.waitpid(app.process, os.WNOHANG)
    assert os.waitstatus_to_exitcode(status[1]) == 128 + (signal.SIGHUP if is_read else signal.SIGTERM)


#: How many apps start and work at once in the long form: more than most machines have cores.
CROWD = 5


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_fifty_signals_in_a_crowd_lose_no_edit(home: Path) -> None:
    chance = random.Random(50)
    moments = [0.0, 0.2, 0.5, 1.0, 3.0, *(chance.uniform(0.0, 3.0) for _ in range(45))]
    kept = 0
    (home / "home").mkdir()
    for begin in range(0, len(moments), CROWD):
        crowd = []
        for number in range(begin, begin + CROWD):
            folder = home / str(number)
            folder.mkdir()
            # the drafts of all lie in one folder
            (folder / "home").symlink_to(home / "home")
            crowd.append(App(folder))
        for number, app in enumerate(crowd, start=begin):
            app.edit(moments[number])
            sent = signal.SIGTERM if number % 2 else signal.SIGHUP
            app.send(sent)
            assert app.end() == 128 + sent
            hold_draft(app.plan)
            kept += 1
    print(f"\n{kept} of {len(moments)} edits are in a draft")


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
def test_a_windows_work_survives_the_others_save_and_its_own_kill(home: Path) -> None:
    saving, killed = App(home), App(home)
    for app in (saving, killed):
        app.edit()
        app.read(1.0)
    assert [draft.is_in_use for draft in find_drafts(saving.plan)] == [True, True]
    saving.write(CTRL_S)
    saving.read(PATIENCE_S, until=b"saved plan.toml")
    (draft,) = find_drafts(saving.plan)
    killed.kill()
    saving.write(CTRL_Q)
    assert saving.end() == 0
    (left,) = find_drafts(saving.plan)
    assert (left.plan, left.is_in_use) == (draft.plan, False)
    again = App(home)
    again.read(PATIENCE_S, until=b"Unsaved work was found")
    assert b"Unsaved work was found" in again.said
    again.kill()


#: Interrupts its own process when a module is first asked for; a shell's job in the background ignores it.
INTERRUPT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize(
    "name",
    ["planner.cli.main", "argparse", "planner.cli.commands", "planner.cli.estimate", "pydantic", "numpy"],
)
def test_an_interrupt_while_modules_are_read_shows_no_traceback(home: Path, name: str) -> None:
    plan = home / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    program = INTERRUPT.format(name=name) + ENTRY
    run = subprocess.run(
        [sys.executable, "-c", program, "estimate", str(plan)], capture_output=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, b"", b"")


@pytest.mark.parametrize(
    "arguments", ["quantities", "profiles list chips", "estimate plan.toml --json", "--version"]
)
def test_a_closed_stdout_is_no_bug(home: Path, arguments: str) -> None:
    (home / "plan.toml").write_text(PLAN, encoding="utf-8")
    run = subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {arguments} >&-', sys.executable, ENTRY],
        cwd=home,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert run.returncode in (0, 2)
    assert run.stderr.count(b"\n") == 1
    assert b"bug" not in run.stderr
