"""Plans to compare and what comes of it; knows no widget, so that a worker can run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.app.session import Session
from planner.app.shelf import PickItem
from planner.catalog.catalog import Catalog
from planner.differences.compare import FEWEST_PLANS, MOST_PLANS, Comparison, compare_plans
from planner.differences.diff import PlanDiff, Side, diff_plans, side_of
from planner.domain.plan import Plan
from planner.errors import PlannerError
from planner.files.reading import typed_path
from planner.plans.plan_file import load_plan
from planner.quotes.promises import PromisedWork, promised_work
from planner.text import first_unsafe, safe

LABEL_LIMIT = 60
CURRENT = "current"
BASELINE = "baseline"
#: Keys of plans without a file begin with it.
EXPLORED = "explored"


@dataclass(frozen=True)
class Entry:
    """One plan of the comparison."""

    #: what the plan is here: the current one, the baseline, or the path of its file
    key: str
    #: what tables and the diff call it
    label: str
    #: None where its file was not read yet
    plan: Plan | None = None
    #: where it comes from, in a few words
    origin: str = ""

    @property
    def path(self) -> Path | None:
        """Its file, for plans that were added from one."""
        return None if self.plan is not None or self.key in (CURRENT, BASELINE) else Path(self.key)


@dataclass(frozen=True)
class Outcome:
    """What came of each entry; entries with a problem are left out of the comparison."""

    sides: dict[str, Side]
    problems: dict[str, str]
    #: None where fewer than two plans are left
    comparison: Comparison | None
    #: what each plan's seller promises, in the order of the comparison
    promised: tuple[PromisedWork | None, ...] = ()


class Stopped(Exception):  # noqa: N818 - nothing failed: somebody asked for it
    """Somebody no longer wants the answer."""


class Comparer:
    """Estimates plans, each once, and holds them against each other."""

    def __init__(self) -> None:
        self.known: dict[str, Side] = {}

    def forget(self) -> None:
        """Read every file again the next time."""
        self.known = {}

    def compare(
        self,
        entries: Sequence[Entry],
        catalog: Catalog,
        tell: Callable[[int, str], None],
        is_cancelled: Callable[[], bool],
    ) -> Outcome:
        """Return the plans side by side; a plan that cannot be read or estimated is named and left out.

        Raises
        ------
        Stopped
            Where `is_cancelled` came true between two plans.
        """
        sides: dict[str, Side] = {}
        problems: dict[str, str] = {}
        for number, entry in enumerate(entries, start=1):
            if is_cancelled():
                raise Stopped
            tell(number, entry.label)
            try:
                sides[entry.key] = self.side(entry, catalog)
            except PlannerError as error:
                problems[entry.key] = str(error).removeprefix(f"{entry.label}: ")
        comparison = compare_plans(list(sides.values())) if len(sides) >= FEWEST_PLANS else None
        promised = tuple(promised_work(side.estimate, catalog) for side in sides.values())
        return Outcome(sides, problems, comparison, promised)

    def side(self, entry: Entry, catalog: Catalog) -> Side:
        """Return an entry's plan with its estimate; made once as long as the plan is the same."""
        known = self.known.get(entry.key)
        if known is not None and known.label == entry.label and entry.plan in (None, known.plan):
            return known
        plan = entry.plan
        if plan is None:
            assert entry.path is not None  # only files are read late
            plan = load_plan(entry.path)
        side = side_of(entry.label, plan, catalog)
        self.known[entry.key] = side
        return side


def difference(
    before: Side,
    after: Side,
    catalog: Catalog,
    tell: Callable[[int], None],
    is_cancelled: Callable[[], bool],
) -> PlanDiff:
    """Return what separates two plans; `tell` hears the number of each estimate that the causes take.

    Raises
    ------
    Stopped
        Where `is_cancelled` came true.
    """
    count = 0

    def on_estimate() -> None:
        nonlocal count
        if is_cancelled():
            raise Stopped
        count += 1
        tell(count)

    return diff_plans(before, after, catalog, on_estimate=on_estimate)


def fixed_plans(session: Session, remark: str = "") -> list[Entry]:
    """Return the current plan, with what is to be said of it, and the pinned baseline."""
    name = session.path.stem if session.path is not None else session.plan.name
    state = "this plan, with changes not saved" if session.is_dirty else "this plan"
    state = f"{state}; {remark}" if remark else state
    entries = [Entry(CURRENT, safe(name, limit=LABEL_LIMIT), session.plan, state)]
    baseline = session.baseline
    if baseline is not None and baseline.plan is not None:
        entries.append(Entry(BASELINE, "baseline", baseline.plan, f"baseline: {safe(baseline.name)}"))
    return entries


def fixed_entries(session: Session, taken: set[str], remark: str = "") -> list[PickItem]:
    """Return the current plan and the baseline for the picker, where they were taken out."""
    return [
        PickItem(entry.key, entry.label, entry.origin, search=f"{entry.label} {entry.origin}".lower())
        for entry in fixed_plans(session, remark)
        if entry.key not in taken
    ]


def entries_of(session: Session, remark: str = "") -> list[Entry]:
    """Return what a comparison begins with: this plan, the baseline, and what was compared before."""
    entries = fixed_plans(session, remark)
    entries += [
        Entry(f"{EXPLORED} {label}", label, plan, "explored, not saved")
        for label, plan in session.compared_plans.items()
    ]
    entries += [file_entry(str(path)) for path in session.compared_paths]
    return entries[:MOST_PLANS]


def explored_plans(entries: Sequence[Entry]) -> dict[str, Plan]:
    """Return the plans among some entries that have no file and are not the session's own."""
    return {
        entry.label: entry.plan
        for entry in entries
        if entry.plan is not None and entry.key.startswith(f"{EXPLORED} ")
    }


def file_entry(typed: str) -> Entry:
    """Return the entry of a file, named as it was typed; what cannot be a path fails when it is read."""
    path = Path(typed) if first_unsafe(typed) is not None else typed_path(typed)
    return Entry(str(path), safe(path.stem, limit=LABEL_LIMIT) or "plan", None, "saved plan")
