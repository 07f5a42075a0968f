"""Layers and start-up: who imports whom, and what a command loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "saved_plans" / "pangu-ultra-135b-910b.toml"


def loaded_by(code: str) -> set[str]:
    """Return the names of the modules that are loaded after the code ran in a new process."""
    program = (
        "import contextlib, io, json, sys\n"
        "out = io.StringIO()\n"
        f"with contextlib.redirect_stdout(out):\n    {code}\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=True
    )
    return set(json.loads(process.stdout))


def test_the_layers_are_kept() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    process = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_the_engine_loads_neither_pydantic_nor_textual() -> None:
    code = (
        "import importlib, pkgutil, planner.engine; "
        "[importlib.import_module(f'planner.engine.{m.name}') "
        "for m in pkgutil.iter_modules(planner.engine.__path__)]"
    )
    loaded = loaded_by(code)
    assert "planner.engine" in loaded
    assert not loaded & {"pydantic", "textual", "tomllib", "tomli_w", "platformdirs"}


def test_only_the_app_loads_textual() -> None:
    commands = [
        ["--help"],
        ["--version"],
        ["profiles", "list"],
        ["estimate", str(PLAN)],
        ["diff", str(PLAN), str(PLAN)],
        ["compare", str(PLAN), str(PLAN)],
        ["quotes", str(PLAN), str(PLAN)],
        [str(PLAN)],
    ]
    # one after the other in one process: each starts in a second of its own else
    loaded = loaded_by(f"from planner.cli.main import main; [main(command) for command in {commands!r}]")
    assert {f"planner.cli.{name}" for name in ("profiles", "estimate", "diff", "compare")} <= loaded
    assert not loaded & {"textual", "rich", "planner.app"}


def test_help_loads_neither_numpy_nor_pydantic() -> None:
    loaded = loaded_by("from planner.cli.main import main; main(['--help'])")
    assert not loaded & {"numpy", "pydantic"}


def test_the_app_opens_its_form_without_the_engine() -> None:
    loaded = loaded_by("import planner.app.app, planner.app.screens.start, planner.app.screens.planning")
    assert "planner.app.screens.planning" in loaded
    assert not loaded & {"numpy", "planner.quantities.table", "planner.estimate.estimate"}


def test_no_model_of_a_file_builds_a_validator_before_a_file_needs_it() -> None:
    loaded = loaded_by("import planner.catalog.runs, planner.catalog.catalog, planner.domain.plan")
    assert {"planner.domain.run", "planner.domain.post_training_run", "planner.domain.memory_case"} <= loaded
    assert "pydantic.plugin._loader" not in loaded


def test_the_start_screen_is_painted_before_what_a_plan_is_made_of_is_read(tmp_path: Path) -> None:
    # the real app without a terminal, left where its first picture is there
    code = (
        "from planner.app.app import *; from planner.app.screens import start; "
        "from planner.app.estimating import EngineEstimator; import planner.cli.open_app; "
        "shelf = Shelf(None); app = PlannerApp(open_session(None), EngineEstimator(shelf), shelf); "
        "start.StartScreen.begin_reading = lambda screen: app.exit(len(screen.query('FieldRow'))); "
        "assert app.run(headless=True) == 5"
    )
    loaded = loaded_by(code)
    assert "planner.app.widgets.field_row" in loaded
    # each costs a third of the start by itself, or comes with them
    heavy = {"pydantic", "numpy", "tomllib", "tomli_w", "importlib.metadata", "markdown_it", "pygments"}
    assert not loaded & heavy
    # what a printed document is made of, too
    assert "planner.report.document" not in loaded
    assert {name for name in loaded if name.startswith(("planner.domain.", "planner.engine"))} == {
        "planner.domain.first_keys",
        "planner.domain.keys",
    }


def test_a_second_start_loads_and_builds_only_what_a_plan_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = f"from planner.cli.main import main; main(['estimate', {str(PLAN)!r}])"
    loaded_by(code)
    loaded = loaded_by(code)
    assert "planner.domain.chip" in loaded
    # masked arrays and futures are large; the others are for new, changed and broken files
    assert not loaded & {
        "numpy.ma",
        "concurrent.futures",
        "importlib.metadata",
        "difflib",
        "tomllib",
        "tomli_w",
    }
    assert not loaded & {"planner.domain.claim", "planner.domain.run", "planner.catalog.sources"}
    # what builds a validator asks for plugins first
    assert "pydantic.plugin._loader" not in loaded
