"""What tests of the command line share: an isolated home, and the planner as a process or a function."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.cli.main import main
from planner.estimate.result import Estimate

Run = Callable[..., "subprocess.CompletedProcess[str]"]

MINIMAL_PLAN = """
schema_version = 1
name = "A small plan"
[model]
profile = "llama-2-7b"
[workload]
tokens = "1T"
[[cluster.pools]]
id = "train"
system = "dgx-h100"
count = 4
"""


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("PLANNER_PROFILES", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `planner` as a function, and answer as its process would, in a tenth of its time."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = main(arguments)
        told = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, told.out, told.err)

    return call


@pytest.fixture
def run_process() -> Run:
    """Run `planner` as a process, its streams as pipes."""

    def call(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [sys.executable, "-m", "planner", *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
            env=dict(os.environ),
            **options,
        )

    return call


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(MINIMAL_PLAN, encoding="utf-8")
    return path


@pytest.fixture
def estimates(monkeypatch: pytest.MonkeyPatch, example_estimate: Estimate) -> types.SimpleNamespace:
    """Put a hand-made estimate in place of the engine; `.answer` may be set, `.plans` collects what came."""
    shelf = types.SimpleNamespace(answer=example_estimate, plans=[])

    def estimate_plan(plan: object, catalog: object, **_options: object) -> Estimate:
        shelf.plans.append(plan)
        if isinstance(shelf.answer, Exception):
            raise shelf.answer
        answer: Estimate = shelf.answer
        return answer

    module = types.ModuleType("planner.estimate.estimate")
    module.__dict__["estimate_plan"] = estimate_plan
    monkeypatch.setitem(sys.modules, "planner.estimate.estimate", module)
    return shelf
