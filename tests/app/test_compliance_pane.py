"""The compliance pane: what its rows say, in which order, and where Enter leads."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import OptionList

from planner.app.dialogs.page import Page
from planner.app.drawing.notes import ADVICE, note_page, note_rows
from planner.app.estimating import Estimator
from planner.app.screens.planning import PlanningScreen
from planner.domain.plan import Plan
from planner.estimate.result import Estimate
from planner.planning.compliance_result import Classification, ComplianceNote, ComplianceReport, NeedsInput

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp

DAY = datetime.date(2026, 11, 22)


def note(identifier: str, **changes: Any) -> ComplianceNote:
    made = ComplianceNote(
        id=identifier,
        severity="advisory",
        subject="chip_use",
        pool="train",
        note=f"What {identifier} says.",
        citation="15 CFR 736.2(b)(10)",
        status="in_force",
        effective_from=datetime.date(2025, 5, 13),
        effective_to=None,
        source="A document (2025-05): https://example.org",
        evidence="primary",
        is_stale=False,
        title=f"About {identifier}",
        source_date="2025-05",
    )
    return dataclasses.replace(made, **changes)


def classified(pool: str, country: str | None) -> Classification:
    return Classification(pool, f"Chip of {pool}", "none", 2368.0, 2.9, country)


MANY = ComplianceReport(
    DAY,
    notes=(
        note("Z-SCREEN", subject="screening"),
        note("Z-EXPORT", subject="chip_export"),
        note("A-USE"),
        note("B-BLOCK", severity="block", pool="a"),
        note("B-BLOCK", severity="block", pool="b"),
        note("C-STALE", severity="licence_required", is_stale=True, review_by=datetime.date(2026, 11, 1)),
    ),
    needs_input=(
        NeedsInput("model.eu_market", ("A", "B"), "release.eu_market", decides=2),
        NeedsInput("chip.die_area_mm2", ("C",), None, ("a",)),
    ),
    upcoming=(
        note("L-LATER", effective_from=DAY, applies_from=datetime.date(2027, 7, 1), pool=None),
        note("S-SOON", effective_from=DAY, applies_from=datetime.date(2027, 1, 1), pool=None),
    ),
    classifications=(classified("a", "CN"), classified("b", "US")),
)


def texts(report: ComplianceReport, width: int = 100) -> list[str]:
    return [" ".join(row.prompt.plain.split()) for row in note_rows(report, width)]


def test_rows_stand_by_severity_then_subject_and_pools_of_one_rule_share_a_row() -> None:
    rows = texts(MANY)
    assert rows[0] == "x BLOCK chip use About B-BLOCK [a, b] in force src 2025"
    assert rows[1].startswith("! LICENCE chip use About C-STALE")
    assert rows[1].endswith("in force STALE src 2025")
    assert rows[2].startswith("? US RULES assumed to reach Chip of a, as nothing else is given")
    assert [row.split(" About ")[0] for row in rows[3:6]] == [
        ". ADVISORY export",
        ". ADVISORY chip use",
        ". ADVISORY screening",
    ]


def test_what_is_asked_and_what_is_ahead_follow_in_their_own_groups() -> None:
    rows = texts(MANY)
    assert rows[6:10] == [
        "? INPUT release model will be placed on the market of the European Union 2 rules",
        "? INPUT chip area of all logic dies of the chip (pool a) 1 rule",
        "> ADVISORY chip use About S-SOON from 1 Jan 2027 in force src 2025",
        "> ADVISORY chip use About L-LATER from 1 Jul 2027 in force src 2025",
    ]
    assert rows[10].startswith("# Chip of a: outside 3A090 by its numbers alone")


@pytest.mark.parametrize("width", [36, 60, 74, 108, 200])
def test_no_row_is_wider_than_the_pane(width: int) -> None:
    for row in note_rows(MANY, width):
        assert row.prompt.cell_length <= width


def test_the_switch_stands_for_chips_of_other_designers_alone() -> None:
    def switch(country: str | None, answer: bool | None) -> list[str]:
        report = ComplianceReport(
            DAY, classifications=(classified("a", country),), chip_subject_to_ear=answer
        )
        return [row for row in texts(report) if "US RULES" in row]

    assert switch("US", None) == []
    assert "assumed to reach" in switch("CN", None)[0]
    assert "assumed to reach" in switch(None, None)[0]
    assert "= US RULES said not to reach" in switch("CN", False)[0]


def test_no_note_is_no_clearance() -> None:
    assert "That is not a clearance." in " ".join(texts(ComplianceReport(DAY), 40))


def test_a_page_holds_status_citation_source_and_age() -> None:
    page = "\n".join(line.plain.strip() for line in note_page(MANY.notes[5], DAY, 80))
    for expected in (
        "15 CFR 736.2(b)(10)",
        "in force",
        "A document (2025-05): https://example.org (primary)",
        "as of     22 Nov 2026",
        "STALE: not re-checked since 1 Nov 2026",
        ADVICE,
    ):
        assert expected in page
    ahead = "\n".join(line.plain for line in note_page(MANY.upcoming[0], DAY, 80))
    assert "applies to this plan from 1 Jul 2027" in ahead


def estimator_with(report: ComplianceReport, inner: Estimator) -> Estimator:
    def estimate(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        return dataclasses.replace(inner(plan, cancelled), compliance=report)

    return estimate


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_enter_opens_a_note_and_leads_to_fields(
    open_app: OpenApp, fake_estimate: Estimator, size: tuple[int, int]
) -> None:
    async with open_app(estimator=estimator_with(MANY, fake_estimate), size=size) as user:
        screen = user.planning
        await user.press("f6", "enter")
        await user.shown(Page)
        await user.press("escape")
        await user.shown(PlanningScreen)
        for row, path in ((2, ("parties", "chip_subject_to_ear")), (6, ("release", "eu_market"))):
            await user.press("f6")
            screen.query_one("#notes", OptionList).highlighted = row
            await user.press("enter")
            await user.focused_on(path)
            assert screen.focused is not None
            assert screen.focused.region.area > 0


async def test_what_the_notes_are_not_is_seen_at_every_width(
    open_app: OpenApp, fake_estimate: Estimator
) -> None:
    async with open_app(estimator=estimator_with(MANY, fake_estimate), size=(60, 40)) as user:
        for width in (60, 80, 120, 160):
            await user.pilot.resize_terminal(width, 40)
            await user.press("f6")
            await user.until(lambda: ADVICE in user.app.export_screenshot().replace("&#160;", " "))
