"""The compliance notes of shipped and made-up plans against plain files that a person has read.

`PLANNER_WRITE_GOLDEN=1 pytest tests/golden` writes them anew. They hold what is said, no estimated figure:
where a rule asks for power or computation, the plans stand far from its line.
"""

from __future__ import annotations

import datetime
import functools
from pathlib import Path

import pytest
from tests.golden.golden import compare

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.planning.compliance_result import ComplianceNote, ComplianceReport
from planner.plans.plan_file import load_plan

FOLDER = Path(__file__).parent / "compliance"
SHIPPED = sorted((Path(__file__).parents[2] / "saved_plans").glob("*.toml"))
MADE_UP = sorted((FOLDER / "plans").glob("*.toml"))
TODAY = datetime.date(2026, 11, 22)


@functools.cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@functools.cache
def report_of(path: Path) -> ComplianceReport:
    return estimate_plan(load_plan(path), catalog(), today=TODAY).compliance


def note_lines(note: ComplianceNote, lead: str) -> list[str]:
    about = f"pool {note.pool}" if note.pool else "the plan"
    dates = f"from {note.effective_from or 'always'}"
    dates += f" to {note.effective_to}" if note.effective_to else ""
    stale = ", STALE" if note.is_stale else ""
    return [
        f"{lead} | {note.subject} | {note.id} | {about} | {note.status} {dates}{stale}",
        f"    {note.note}",
        f"    {note.citation}",
    ]


def as_text(report: ComplianceReport) -> str:
    lines = [f"as of {report.as_of}", "", "NOTES"]
    for note in report.notes:
        lines += note_lines(note, note.severity)
    lines += ["", "NEEDS INPUT"]
    for need in report.needs_input:
        pools = f" for {', '.join(need.pools)}" if need.pools else ""
        lines.append(f"{need.plan_key or need.field}{pools}: {', '.join(need.rules)}")
    lines += ["", "UPCOMING"]
    for note in report.upcoming:
        lines += note_lines(note, f"applies from {note.applies_from} | {note.severity}")
    lines += ["", "CLASSIFICATION"]
    lines += [f"{entry.chip} (pool {entry.pool}): {entry.eccn}" for entry in report.classifications]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", [*SHIPPED, *MADE_UP], ids=lambda path: path.stem)
def test_the_notes_of_a_plan(path: Path) -> None:
    compare(FOLDER / f"{path.stem}.txt", as_text(report_of(path)))


def test_every_golden_file_has_its_plan() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in (*SHIPPED, *MADE_UP)}


#: What a reviewer insists on, however the golden files were written.
INSISTED = {
    "pangu-ultra-135b-910b": ({"US-GP10-ASCEND", "US-3A090-A1", "US-LIC-A-D5"}, {"US-GP10-PRC"}),
    "pangu-ultra-moe-718b-cloudmatrix": ({"US-GP10-ASCEND", "US-3A090-A1"}, {"US-GP10-PRC"}),
    "h20-in-china": ({"US-IS-INFORMED-NV", "US-3A090-NEAR"}, {"US-3A090-A1", "US-LIC-A-D5", "US-4A090"}),
    "above-1e26-us": ({"US-CA-SB53", "US-EO14409"}, {"US-NY-RAISE", "EU-GPAI", "US-EO14110-MODEL"}),
    "eu-systemic": ({"EU-GPAI-SYSTEMIC", "EU-GPAI"}, {"US-CA-SB53", "EU-GPAI-PLAN"}),
    "eu-general-purpose": ({"EU-GPAI", "EU-AIA-ENFORCE"}, {"EU-GPAI-SYSTEMIC", "EU-GPAI-PLAN"}),
    "german-old-site": ({"DE-PUE-AHEAD", "EU-EED-500"}, {"DE-PUE-NEW", "DE-PUE-2027", "DE-RENEW"}),
    "german-new-site": ({"DE-PUE-NEW", "DE-RENEW", "US-LIC-A-HQ"}, {"DE-PUE-AHEAD"}),
    "us-federal-contractor": ({"US-889B", "US-5949-AHEAD"}, {"US-889A", "US-5949", "US-LIC-A-D5"}),
    "uae-buyer": ({"US-UAE-2026"}, {"US-LIC-A-D1D4", "US-LIC-A-D5", "US-LIC-B"}),
    "texas-large": ({"TX-SB6", "TX-TCEQ", "US-EO14318"}, {"US-FERC-LL"}),
    "all-answered": ({"US-3A090-UNKNOWN"}, {"US-SCREEN", "US-3A090-A1", "US-3A090-A2"}),
}


@pytest.mark.parametrize("name", INSISTED)
def test_what_a_reviewer_insists_on(name: str) -> None:
    raised = {note.id for note in report_of({path.stem: path for path in (*SHIPPED, *MADE_UP)}[name]).notes}
    wanted, unwanted = INSISTED[name]
    assert wanted <= raised
    assert not unwanted & raised


def test_pools_of_one_plan_are_judged_apart() -> None:
    pools: dict[str, set[str | None]] = {}
    for note in report_of(FOLDER / "plans" / "mixed-pools.toml").notes:
        pools.setdefault(note.id, set()).add(note.pool)
    assert pools["US-GP10-ASCEND"] == pools["US-3A090-A1"] == {"b"}
    assert pools["US-IS-INFORMED-NV"] == {"a"}
    assert pools["EU-EED-500"] == {None}


def test_power_of_all_pools_counts_for_the_site() -> None:
    """Each pool alone stays below 1 MW; the site that carries both is above it."""
    plan = load_plan(FOLDER / "plans" / "mixed-pools.toml")
    pools = tuple(pool.model_copy(update={"count": 64}) for pool in plan.cluster.pools)
    plan = plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": pools})})

    def raises_heat(some: slice) -> bool:
        part = plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": pools[some]})})
        report = estimate_plan(part, catalog(), today=TODAY).compliance
        return any(note.id == "EU-EED-HEAT" for note in report.notes)

    assert [raises_heat(some) for some in (slice(0, 1), slice(1, 2), slice(0, 2))] == [False, False, True]


def test_a_review_date_that_has_passed_is_marked() -> None:
    path = FOLDER / "plans" / "german-new-site.toml"
    later = estimate_plan(load_plan(path), catalog(), today=datetime.date(2027, 1, 1)).compliance
    assert {note.id for note in later.notes if note.is_stale} == {
        "CN-REE-61",
        "DE-EMS",
        "DE-ERF",
        "DE-PUE-BILL",
        "DE-PUE-NEW",
    }
    assert not any(note.is_stale for note in report_of(path).notes)
