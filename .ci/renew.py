"""Renews what a change of the engine or of a profile moves, in the order in which one feeds the next.

    .ci/renew                          everything; some minutes
    .ci/renew --without fit            the stacks stay as they are
    .ci/renew --only goldens snapshots

Ends with what moved: each file, each recorded error from what to what. Commit all of it with the change
that moved it, and read the diffs. `tests/hygiene/test_shipped_artefacts.py` finds what was not renewed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from made_from import ARTEFACTS, RECORD, ROOT, contents, record

ERRORS = ROOT / "tests" / "reference" / "accuracy_recorded.json"
PLANNER = str(Path(sys.executable).with_name("planner"))
PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly")
#: Fits after which stacks that still move are left, and named: the first may choose other layouts.
MOST_FITS = 3

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the renewal: a command, what it sets in its environment, and the files that it writes."""

    title: str
    command: tuple[str, ...]
    files: tuple[str, ...]
    sets: Environment = field(default_factory=dict)
    #: times that it runs at most, until it moves nothing
    most_times: int = 1
    #: its figures are long, and shown by what moved
    is_quiet: bool = False

    def holds(self) -> dict[str, str]:
        """Return the hashes of its files."""
        return contents(path for pattern in self.files for path in ROOT.glob(pattern) if path.is_file())


#: In order: each reads what those before it wrote.
STAGES: Mapping[str, Stage] = {
    "fit": Stage(
        "the stacks' constants, fitted to the published runs",
        (PLANNER, "calibrate", "--write", "profiles/stacks"),
        ARTEFACTS["fit"].files,
        most_times=MOST_FITS,
    ),
    "practice": Stage(
        "what layouts people run, fitted to the published ones",
        (sys.executable, "tests/benchmarks/layout_practice.py", "--write"),
        ARTEFACTS["practice"].files,
        is_quiet=True,
    ),
    "post_training": Stage(
        "the constants of post-training, fitted to the published steps",
        (sys.executable, "tests/benchmarks/post_training_constants.py", "--write"),
        ARTEFACTS["post_training"].files,
        is_quiet=True,
    ),
    "record": Stage(
        "the recorded errors",
        (*PYTEST, "tests/reference/test_accuracy.py"),
        ARTEFACTS["record"].files,
        {"PLANNER_WRITE_ACCURACY": "1"},
    ),
    "accuracy": Stage(
        "the accuracy document and its plot",
        (PLANNER, "validate", "--cross-validate", "--write", "docs"),
        ARTEFACTS["accuracy"].files,
        is_quiet=True,
    ),
    "goldens": Stage(
        "the golden outputs",
        (*PYTEST, "tests/golden"),
        ("tests/golden/*/**/*",),
        {"PLANNER_WRITE_GOLDEN": "1"},
    ),
    "snapshots": Stage(
        "the app's snapshots",
        (*PYTEST, "tests/app/test_snapshots.py", "--snapshot-update"),
        ("tests/app/__snapshots__/*/*.svg",),
    ),
    "screenshots": Stage(
        "the screenshots of the README",
        (sys.executable, "docs/take_screenshots.py"),
        ARTEFACTS["screenshots"].files,
    ),
}


def chosen(arguments: Sequence[str] | None = None) -> list[str]:
    """Return the stages that were asked for, in their order."""
    parser = argparse.ArgumentParser(prog=".ci/renew", description=(__doc__ or "").partition("\n")[0])
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--only", nargs="+", choices=STAGES, metavar="STAGE", help="leave out all others")
    either.add_argument("--without", nargs="+", choices=STAGES, metavar="STAGE", help=", ".join(STAGES))
    options = parser.parse_args(arguments)
    without = options.without or ()
    return [name for name in STAGES if (options.only is None or name in options.only) and name not in without]


def run_stage(stage: Stage, environment: Environment) -> list[str]:
    """Run a stage until it moves nothing, and return the files that it moved."""
    first = before = stage.holds()
    for _ in range(stage.most_times):
        print(f"+ {stage.title}: {' '.join(stage.command)}", flush=True)
        output = subprocess.DEVNULL if stage.is_quiet else None
        subprocess.run(stage.command, cwd=ROOT, env={**environment, **stage.sets}, stdout=output, check=True)
        after = stage.holds()
        if after == before:
            break
        before = after
    else:
        if stage.most_times > 1:
            print(f"! {stage.title}: still moving after {stage.most_times} times", flush=True)
    after = stage.holds()
    return sorted(path for path in first.keys() | after.keys() if first.get(path) != after.get(path))


def errors() -> dict[str, dict[str, float]]:
    """Return the recorded errors."""
    found: dict[str, dict[str, float]] = json.loads(ERRORS.read_text(encoding="utf-8"))
    return found


def moved_errors(old: dict[str, dict[str, float]], new: dict[str, dict[str, float]]) -> list[str]:
    """Return a line for each recorded error that is another one now."""
    lines = []
    for group in sorted(old.keys() | new.keys()):
        was, now = old.get(group, {}), new.get(group, {})
        for name in sorted(was.keys() | now.keys()):
            if was.get(name) != now.get(name):
                lines.append(f"{group}, {name}: {was.get(name, 'none')} -> {now.get(name, 'none')}")
    return lines


RunStage = Callable[[Stage, Environment], list[str]]


def own_environment(folder: str) -> Environment:
    """Return an environment in which no profiles, drafts or settings of whoever runs this are read."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PLANNER_")}
    places = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    return {**kept, **dict.fromkeys(places, folder)}


def main(arguments: Sequence[str] | None = None, run: RunStage = run_stage) -> int:
    """Run the chosen stages and say what moved; 1 where a stage failed."""
    names, old = chosen(arguments), errors()
    moved: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            try:
                moved[name] = run(STAGES[name], own_environment(folder))
            except subprocess.CalledProcessError as error:
                print(f".ci/renew: {STAGES[name].title}: failed with {error.returncode}", file=sys.stderr)
                break
    record(name for name in moved if name in ARTEFACTS)
    print("\nmoved:")
    for name, paths in moved.items():
        print(f"  {name}: {', '.join(paths) if paths else 'nothing'}")
    for line in moved_errors(old, errors()):
        print(f"  {line}")
    print(f"  (what each was made from stands in {RECORD.relative_to(ROOT)})")
    return 0 if len(moved) == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
