"""What each shipped artefact was made from, as short hashes: written by `renew.py`, checked by a test.

An artefact is stale where what it is made from says something else today. That is hashed by what it means:
figures without their evidence, so that a note or a comment makes nothing stale. No source code is hashed,
since every docstring would: a change of the engine moves the recorded errors, which their own test holds to
what is predicted today, and they are hashed here in turn; a change of the app moves the test's pictures.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_post_training_runs, load_runs
from planner.domain.evidence import Sourced
from planner.estimate.estimate import estimate_plan
from planner.files.canonical import canonical_form
from planner.plans.plan_file import load_plan

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / ".ci" / "made_from.json"
SHOWN_PLAN = ROOT / "saved_plans" / "pangu-ultra-135b-910b.toml"
LENGTH = 16


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an artefact is made from, by input, and what its files hold; hashes."""

    made_from: dict[str, str]
    holds: str


@dataclass(frozen=True, slots=True)
class Artefact:
    """Files that one stage of a renewal writes, as patterns, and the names of what they are made from."""

    files: tuple[str, ...]
    inputs: tuple[str, ...]

    def paths(self) -> list[Path]:
        """Return the files that are there."""
        return sorted(path for pattern in self.files for path in ROOT.glob(pattern))


#: What a prediction of a published run reads beside the stacks.
_MACHINES = ("chips", "systems", "fabrics", "runs")
ARTEFACTS: Mapping[str, Artefact] = {
    "fit": Artefact(("profiles/stacks/*.toml",), (*_MACHINES, "recorded errors")),
    "practice": Artefact(("profiles/layout_practice.toml",), (*_MACHINES, "stacks")),
    "post_training": Artefact(
        ("profiles/post_training.toml",), (*_MACHINES[:-1], "stacks", "post-training runs")
    ),
    "record": Artefact(("tests/reference/accuracy_recorded.json",), (*_MACHINES, "stacks")),
    "accuracy": Artefact(
        ("docs/accuracy.md", "docs/accuracy.svg", "docs/accuracy_held_out.json"),
        (*_MACHINES, "stacks", "recorded errors", "first predictions"),
    ),
    "screenshots": Artefact(
        ("docs/*-160x45.svg", "docs/*-80x24.svg"),
        (*_MACHINES, "stacks", "profiles of the plan", "rules", "app's snapshots"),
    ),
}


def hashed(value: object) -> str:
    """Return a short hash of a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def figures(value: Any) -> Any:
    """Return the canonical form of a profile without evidence, rivals, names and notes."""
    if isinstance(value, Sourced):
        return canonical_form(value.value)
    if isinstance(value, BaseModel):
        # as in the canonical form, what is at its default is left out: a new field makes nothing stale
        told = canonical_form(value).keys() - {"name", "notes"}
        return {name: figures(item) for name, item in value if name in told}
    if isinstance(value, Mapping):
        return {str(key): figures(item) for key, item in value.items()}
    return canonical_form(value)


def inputs_of(catalog: Catalog) -> dict[str, Callable[[], object]]:
    """Return how each input is read, by name."""

    def profiles(kind: str, form: Callable[[Any], Any]) -> Callable[[], object]:
        return lambda: {name: form(entry.profile) for name, entry in catalog.of_kind(kind).items()}

    return {
        "chips": profiles("chips", figures),
        "systems": profiles("systems", figures),
        "fabrics": profiles("fabrics", figures),
        "stacks": profiles("stacks", figures),
        "rules": profiles("rules", canonical_form),
        "runs": lambda: [canonical_form(run) for run in load_runs().runs],
        "post-training runs": lambda: [canonical_form(run) for run in load_post_training_runs().runs],
        "recorded errors": lambda: contents(ARTEFACTS["record"].paths()),
        "first predictions": lambda: contents(ROOT.glob("profiles/first_predictions.toml")),
        "profiles of the plan": lambda: used_by(SHOWN_PLAN, catalog),
        "app's snapshots": lambda: contents(ROOT.glob("tests/app/__snapshots__/*/*.svg")),
    }


def used_by(plan: Path, catalog: Catalog) -> object:
    """Return a plan and the hashes of the profiles that its estimate reads."""
    uses = estimate_plan(load_plan(plan), catalog).profiles
    return [contents([plan]), sorted((use.kind, use.id, use.hash) for use in uses)]


def contents(paths: Iterable[Path]) -> dict[str, str]:
    """Return the hash of each file's bytes, by its path."""
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:LENGTH]
        for path in sorted(paths)
    }


def stamps(names: Iterable[str]) -> dict[str, Stamp]:
    """Return the stamps of artefacts as they are today."""
    inputs = inputs_of(load_catalog(include_user=False))
    wanted = {name: ARTEFACTS[name] for name in names}
    today = {name: hashed(inputs[name]()) for artefact in wanted.values() for name in artefact.inputs}
    return {
        name: Stamp({key: today[key] for key in artefact.inputs}, hashed(contents(artefact.paths())))
        for name, artefact in wanted.items()
    }


def recorded() -> dict[str, Stamp]:
    """Return the stamps of the last renewal."""
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    return {name: Stamp(**stamp) for name, stamp in found.items()}


def record(names: Iterable[str]) -> None:
    """Write the stamps of artefacts that were just made; those of others stay."""
    known = (recorded() if RECORD.exists() else {}) | stamps(names)
    text = json.dumps({name: asdict(stamp) for name, stamp in known.items()}, indent=2, sort_keys=True)
    RECORD.write_text(text + "\n", encoding="utf-8")


def stale(then: Mapping[str, Stamp], today: Mapping[str, Stamp]) -> Iterator[str]:
    """Yield a line for each artefact that is not made from today's inputs, or was changed since."""
    for name, stamp in today.items():
        files = ", ".join(ARTEFACTS[name].files)
        old = then.get(name, Stamp({}, ""))
        moved = [key for key, value in stamp.made_from.items() if old.made_from.get(key) != value]
        if moved:
            yield f"{files}: made from other {', '.join(moved)}; run .ci/renew, or .ci/renew --only {name}"
        elif stamp.holds != old.holds:
            yield f"{files}: not as .ci/renew wrote it; run .ci/renew --only {name}"
