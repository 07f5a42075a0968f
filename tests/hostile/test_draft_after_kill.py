"""The app killed while somebody types: its draft is never older than a second."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.hostile.terminal import PATIENCE_S, Terminal

from planner.plans.drafts import find_drafts

PLAN = """\
schema_version = 1
name = "Typed into"
[model]
profile = "llama-2-7b"
[workload]
tokens = "1T"
[[cluster.pools]]
id = "train"
system = "dgx-h100"
count = 1
"""
RUNNER = "import sys, pathlib; from planner.app.app import run_app; run_app(pathlib.Path(sys.argv[1]), [])"
#: Typed into the count of systems, one after the other: the last digit says how many came.
KEYS = "234567"
PAUSE_S = 0.3
#: What a draft may be behind: a second, as promised.
OLDEST_S = 1.0


def type_and_kill(plan: Path, home: Path, keys: int, extra_s: float) -> list[float]:
    """Type that many digits, wait a little, kill the app; return the age of each key at that moment."""
    terminal = Terminal(["-c", RUNNER, str(plan)], {"XDG_STATE_HOME": str(home)})
    try:
        assert terminal.read(PATIENCE_S, until=b"days")
        terminal.read(3.0)
        pressed = []
        for key in KEYS[:keys]:
            terminal.write(key.encode())
            pressed.append(time.monotonic())
            terminal.read(PAUSE_S)
        terminal.read(extra_s)
    finally:
        killed = time.monotonic()
        terminal.kill()
    return [killed - moment for moment in pressed]


@pytest.fixture(params=[0, 4])
def busy_processes(request: pytest.FixtureRequest) -> Iterator[int]:
    """Keep every core busy with so many other processes."""
    count = request.param * (os.cpu_count() or 1)
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    yield count
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
def test_a_killed_app_leaves_a_draft_no_older_than_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy_processes: int
) -> None:
    chance = random.Random(5)
    behind = []
    for number in range(10):
        plan = tmp_path / f"{number}.toml"
        plan.write_text(PLAN, encoding="utf-8")
        home = tmp_path / f"home{number}"
        ages = type_and_kill(plan, home, chance.randint(3, len(KEYS)), chance.uniform(0.0, 1.2))
        monkeypatch.setenv("XDG_STATE_HOME", str(home))
        drafts = find_drafts(plan)
        last = str(drafts[0].plan.cluster.pools[0].count)[-1] if drafts else ""
        assert len(drafts) <= 1
        assert last in KEYS, last
        # no draft holds none of the keys: it is on its way for as long as the first is within the second
        missing = ages[KEYS.index(last) + 1 :] if drafts else ages
        behind.append(max(missing, default=0.0))
        assert plan.read_text(encoding="utf-8") == PLAN
    ages_s = [round(age_s, 2) for age_s in behind]
    print(f"\nbeside {busy_processes} busy processes the oldest edit that a draft lacked is of {ages_s} s")
    assert max(behind) <= OLDEST_S
