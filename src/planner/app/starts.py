"""What there is to begin with: work left unsaved, plans opened lately, shipped examples; knows no widget."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planner.errors import PlannerError
from planner.plans.drafts import Draft, drafts_left
from planner.plans.plan_file import load_plan
from planner.plans.recent import recent_plans
from planner.plans.shipped import list_plans
from planner.report import numbers
from planner.text import safe


@dataclass(frozen=True)
class Start:
    """One thing to begin with."""

    title: str
    #: what it is, in a line
    aside: str
    #: the plan's file; None where it has none
    path: Path | None = None
    #: what was typed before a crash
    draft: Draft | None = None
    #: it cannot be opened
    is_broken: bool = False

    @property
    def id(self) -> str:
        """What tells it apart from all others."""
        return f"{self.path or ''} {self.draft.path if self.draft is not None else ''}"


@dataclass(frozen=True)
class StartGroup:
    """Things to begin with, under one heading."""

    title: str
    starts: tuple[Start, ...]
    #: what is said where there are none
    empty: str = ""


def start_groups() -> tuple[StartGroup, ...]:
    """Return everything to begin with (for a worker: files are read)."""
    examples = list_plans()
    shipped = {path.resolve() for path in examples}
    recent = [entry for entry in recent_plans() if entry.path not in shipped]
    left = tuple(_of_draft(draft) for draft in drafts_left())
    groups = (
        StartGroup("LEFT UNSAVED", left),
        StartGroup(
            "RECENT PLANS",
            tuple(_of_file(entry.path, _place(entry.path, entry.opened)) for entry in recent),
            "None was opened here yet: Enter on an example opens it.",
        ),
        StartGroup("EXAMPLES", tuple(_of_file(path) for path in examples)),
    )
    return tuple(group for group in groups if group.starts or group.empty)


def _of_draft(draft: Draft) -> Start:
    written = draft.written.astimezone()
    of = "a plan without a file" if draft.of is None else safe(draft.of.name)
    when = f"{numbers.date(written.date())}, {written:%H:%M}"
    return Start(safe(draft.plan.name), f"of {when}; {of}", draft.of, draft)


def _of_file(path: Path, aside: str = "") -> Start:
    """Return a plan's file under the plan's name; beside it what is said, else its notes' first sentence."""
    try:
        plan = load_plan(path)
    except PlannerError as error:
        return Start(safe(path.stem), safe(str(error)), path, is_broken=True)
    return Start(safe(plan.name), aside or first_sentence(plan.notes), path)


def first_sentence(notes: str) -> str:
    """Return the first sentence of a plan's notes, on one line.

    Examples
    --------
    >>> first_sentence("After the report: 14.8 T tokens. Its software is none of ours.")
    'After the report: 14.8 T tokens'
    """
    return safe(" ".join(notes.split())).partition(". ")[0].removesuffix(".")


def _place(path: Path, opened: datetime.datetime) -> str:
    return f"{numbers.date(opened.astimezone().date())}; {safe(_short(path))}"


def _short(path: Path) -> str:
    """Return a path with the user's own folder as `~`."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def flat(groups: tuple[StartGroup, ...]) -> Iterator[Start]:
    """Yield every start, in order."""
    for group in groups:
        yield from group.starts
