"""A diff of two plans as text: inputs, estimates, causes, notes, drift, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from planner.differences.diff import PlanDiff, QuantityChange, Side
from planner.differences.note_changes import NoteChange
from planner.differences.plan_inputs import InputChange
from planner.report.compliance_text import DISCLAIMER
from planner.report.diff_rows import (
    LABELS,
    QuantityRow,
    cause_cells,
    input_moves,
    input_text,
    quantity_row,
    side_words,
)
from planner.report.diff_words import (
    APART,
    INCOMPARABLE,
    LEFT_OUT,
    PAIRED,
    blocked_sides,
    counted,
    drift_words,
    estimates_aside,
    headline_words,
    left_out_words,
    method_words,
    note_words,
    notes_aside,
    shown_quantities,
    summary_words,
    target_words,
    waiting_words,
)
from planner.report.estimate_text import layout_words
from planner.report.page import Page, Role, cell_width, cut, glue, pad
from planner.report.words import SEVERITIES, words
from planner.text import safe

KEY = "Key: ~ changed  + added  - removed  * assumed, or not given, or left out"
_VERDICT_ROLES: dict[str, Role] = {"better": "good", "worse": "bad"}
_MARK_ROLES: dict[str, Role] = {"+": "good", "-": "bad"}
_LABEL_WIDTH = 13
#: `better`, the longest
_VERDICT_WIDTH = 6
#: Wider input values go to lines of their own.
_WIDEST_KEY = 34
_LONGEST_NOTES = 400


def diff_to_text(diff: PlanDiff, *, width: int = 80, is_coloured: bool = False) -> str:
    """Return the diff as text for a terminal of that width; equal plans are told in a line.

    Parameters
    ----------
    diff : PlanDiff
        What to show; texts from files are made safe on the way.
    width : int
        Columns; kept between 40 and 120.
    is_coloured : bool
        Whether a few escapes for colour may be written; signs and words say the same without.
    """
    page = Page(width, is_coloured=is_coloured)
    title = f"{diff.before.label} -> {diff.after.label}"
    if not diff.has_differences:
        page.heading("Plan diff", title)
        same = counted(diff.inputs.unchanged, "input means", "inputs mean")
        page.paragraph(f"no differences: {same} the same in both, so the estimates are equal", indent=0)
        _add_drift(page, diff)
        return page.text
    page.heading("Plan diff", title)
    _add_side(page, "before", diff.before)
    _add_side(page, "after", diff.after)
    _add_key(page)
    _add_inputs(page, diff)
    _add_estimates(page, diff)
    _add_causes(page, diff)
    _add_notes(page, diff)
    _add_warnings(page, diff)
    _add_drift(page, diff)
    page.gap()
    page.paragraph(f"Summary: {'; '.join(headline_words(diff))}", indent=0, role="title", hanging=9)
    page.paragraph(f"{', '.join(summary_words(diff)) or 'no note comes or goes'}", indent=9)
    return page.text


def _add_key(page: Page) -> None:
    if cell_width(KEY) <= page.width:
        page.line((KEY, "quiet"))
    else:
        page.paragraph(KEY, indent=0, role="quiet", hanging=5)


def _add_side(page: Page, label: str, side: Side) -> None:
    page.entry(label, side.plan.name, 6, role="title")
    for text in side_words(side):
        page.entry("", text, 6)


def _add_inputs(page: Page, diff: PlanDiff) -> None:
    inputs = diff.inputs
    page.heading("INPUTS", f"{len(inputs.changes)} changed, {inputs.unchanged} unchanged")
    rows = [
        (change, f"{input_text(change.before)} -> {input_text(change.after)}")
        if change.mark == "~"
        else (change, input_text(change.before or change.after))
        for change in inputs.changes
    ]
    keys = min(_WIDEST_KEY, max((cell_width(change.key) for change, _ in rows), default=0))
    moves = input_moves(diff)
    values = max((cell_width(text) for change, text in rows if change.key in moves), default=0)
    for change, text in rows:
        moved = moves.get(change.key, "")
        _add_input(page, change, f"{pad(safe(text), values)}  {moved}" if moved else safe(text), keys)
    for change in inputs.texts:
        _add_text(page, change)


def _add_input(page: Page, change: InputChange, text: str, keys: int) -> None:
    mark: tuple[str, Role] = (f"{change.mark} ", _MARK_ROLES.get(change.mark, "plain"))
    if cell_width(change.key) <= keys and 2 + keys + 2 + cell_width(text) <= page.width:
        page.line(mark, pad(change.key, keys), "  ", text)
    else:
        page.line(mark, change.key)
        page.paragraph(text, indent=4, hanging=2)


def _add_text(page: Page, change: InputChange) -> None:
    """Show a name or notes: what they say moves no figure."""
    for sign, side in (("-", change.before), ("+", change.after)):
        if side is None:
            continue
        text = cut(safe(str(side.written)), _LONGEST_NOTES)
        page.paragraph(f"{sign} {change.key}: {text}", indent=0, hanging=4, role="quiet")


def _add_estimates(page: Page, diff: PlanDiff) -> None:
    moved = shown_quantities(diff)
    page.heading("ESTIMATES", estimates_aside(diff))
    for label, reasons in blocked_sides(diff):
        for reason in reasons:
            page.entry(f"x {label}", f"cannot run: {reason}", 8, role="bad")
    if diff.blockers:
        page.paragraph(f"enough by itself to make it impossible: {', '.join(diff.blockers)}")
    _add_quantities(page, moved)
    _add_layouts(page, diff)
    for text in target_words(diff):
        page.paragraph(f"~ {text}", indent=0, hanging=4)
    verdicts = {change.verdict for change in moved}
    if "within uncertainty" in verdicts:
        page.paragraph(PAIRED if diff.is_paired else APART, role="quiet", hanging=2)
    if "not comparable" in verdicts:
        page.paragraph(INCOMPARABLE, role="quiet", hanging=2)
    if any(change.is_assumed for change in moved):
        page.paragraph(f"{LEFT_OUT}: {left_out_words(diff)}", role="quiet", hanging=2)


def _add_quantities(page: Page, changes: Sequence[QuantityChange]) -> None:
    rows = [(change, quantity_row(change)) for change in changes]
    figures = max((cell_width(row.figures) for _, row in rows), default=0)
    start = 2 + _LABEL_WIDTH + 2 + figures + 2
    decided = [row for change, row in rows if _is_decided(change)]
    widest = max((cell_width(row.change) + len(_end(row)) for row in decided), default=0)
    is_short = start + widest > page.width
    moves = max((cell_width(row.short_change if is_short else row.change) for row in decided), default=0)
    for change, row in rows:
        first = pad(row.label, _LABEL_WIDTH) + "  " + pad(row.figures, figures) + "  "
        if not _is_decided(change):
            page.line("  ", first, ("" if row.verdict == "unknown" else row.verdict, "quiet"))
            continue
        moved = pad(row.short_change if is_short else row.change, moves)
        end = _end(row)
        role = _VERDICT_ROLES.get(row.verdict, "plain")
        if start + moves + len(end) <= page.width:
            page.line("~ ", first, moved, (end, role))
        else:
            page.line("~ ", first, moved, (end[: 2 + _VERDICT_WIDTH], role))
            if row.band:
                page.line(" " * start, row.band)


def _end(row: QuantityRow) -> str:
    """Return the verdict and the band behind a change."""
    verdict = "" if row.verdict == "differs" else row.verdict
    return f"  {pad(verdict, _VERDICT_WIDTH)}  {row.band}".rstrip()


def _is_decided(change: QuantityChange) -> bool:
    return change.verdict in ("better", "worse", "differs")


def _add_layouts(page: Page, diff: PlanDiff) -> None:
    before, after = diff.before.estimate.performance, diff.after.estimate.performance
    if before is None or after is None:
        return
    old, new = layout_words(before), layout_words(after)
    if old != new:
        page.line("~ layout")
        page.entry("before", old, _LABEL_WIDTH - 2)
        page.entry("after", new, _LABEL_WIDTH - 2)


def _add_causes(page: Page, diff: PlanDiff) -> None:
    changes = {change.key: change for change in diff.quantities}
    told = {key: cause for key, cause in diff.causes.items() if changes[key].verdict != "not comparable"}
    if not told:
        return
    page.heading("WHY", "how much of each difference comes from which change; the parts add up to it")
    named: dict[str, None] = {}
    for key, cause in told.items():
        total, shares = cause_cells(cause, changes[key])
        label, _ = LABELS[key]
        unsure = ", within uncertainty," if changes[key].verdict == "within uncertainty" else ""
        text = f"{glue(total)}{unsure} = {', '.join(map(glue, shares))}" if shares else glue(total)
        page.entry(label, text, _LABEL_WIDTH)
        named |= {name: None for share in cause.shares if share.amount for name in share.changes}
    for change in diff.changes:
        if change.name in named:
            page.entry(change.name, change.meaning, _LABEL_WIDTH, role="quiet")
    idle = [change.name for change in diff.changes if change.name not in named]
    if idle:
        page.paragraph(f"no part in these: {', '.join(idle)}", role="quiet", hanging=2)
    for text in dict.fromkeys(method_words(cause) for cause in told.values()):
        page.paragraph(text, role="quiet", hanging=2)


def _add_notes(page: Page, diff: PlanDiff) -> None:
    notes = diff.notes
    page.heading("NOTES", notes_aside(diff))
    for change in notes.changes:
        _add_note(page, change)
    for text in waiting_words(notes):
        page.paragraph(text, hanging=2)
    if notes.changes:
        page.paragraph(f"the whole of a note: planner rules show ID; {DISCLAIMER}", role="quiet")


def _add_note(page: Page, change: NoteChange) -> None:
    severity = words(change.note.severity, SEVERITIES)
    role: Role = "bad" if change.note.severity in ("block", "licence_required") else "plain"
    page.line(f"{change.mark} ", (pad(severity, 8), role), "  ", change.note.id)
    page.paragraph(note_words(change), indent=12)


def _add_warnings(page: Page, diff: PlanDiff) -> None:
    if not diff.warnings:
        return
    page.heading("WARNINGS", "that only one of the plans has")
    for mark, text in diff.warnings:
        page.paragraph(f"{mark} {text}", indent=0, hanging=2)


def _add_drift(page: Page, diff: PlanDiff) -> None:
    lines = drift_words(diff)
    if not lines:
        return
    page.heading("DRIFT", "facts that changed since a plan was pinned; all figures above are by those of now")
    for text in lines:
        page.paragraph(f"! {text}", indent=0, hanging=2)
