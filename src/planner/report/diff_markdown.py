"""A diff of two plans as Markdown, to stand in a pull request."""

from __future__ import annotations

from planner.differences.diff import PlanDiff
from planner.report.compliance_text import DISCLAIMER
from planner.report.diff_rows import (
    LABELS,
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
from planner.report.markdown import code, escaped, table
from planner.report.words import SEVERITIES, words

_MARKS = {"~": "changed", "+": "added", "-": "removed"}
_NOTE_MARKS = {"~": "changed", "+": "new", "-": "gone"}


def diff_to_markdown(diff: PlanDiff) -> str:
    """Return the diff as Markdown; equal plans are told in a line."""
    lines = [f"### Plan diff: {code(diff.before.label)} → {code(diff.after.label)}", ""]
    if not diff.has_differences:
        same = counted(diff.inputs.unchanged, "input means", "inputs mean")
        lines.append(f"No differences: {same} the same in both, so the estimates are equal.")
        return "\n".join([*lines, *_drift(diff)]) + "\n"
    lines += [
        f"**{escaped('; '.join(headline_words(diff)))}**",
        "",
        escaped(", ".join(summary_words(diff)) or "no note comes or goes"),
        "",
        *_sides(diff),
        *_inputs(diff),
        *_estimates(diff),
        *_causes(diff),
        *_notes(diff),
        *_drift(diff),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _sides(diff: PlanDiff) -> list[str]:
    rows = []
    for label, side in (("before", diff.before), ("after", diff.after)):
        pools = "<br>".join(escaped(text) for text in side_words(side))
        rows.append((label, escaped(side.plan.name), pools))
    return [*table(("", "plan", "cluster"), rows), ""]


def _inputs(diff: PlanDiff) -> list[str]:
    inputs = diff.inputs
    moves = input_moves(diff)
    rows = [
        (
            _MARKS[change.mark],
            code(change.key),
            escaped(input_text(change.before)),
            escaped(input_text(change.after)),
            escaped(moves.get(change.key, "")),
        )
        for change in inputs.changes
    ]
    lines = [f"#### Inputs: {len(inputs.changes)} changed, {inputs.unchanged} unchanged", ""]
    if rows:
        lines += [*table(("", "input", "before", "after", "change"), rows), ""]
    if inputs.texts:
        names = " and ".join(change.key for change in inputs.texts)
        lines += [f"<details><summary>{names} differ{'s' if len(inputs.texts) == 1 else ''}</summary>", ""]
        for change in inputs.texts:
            for sign, side in (("before", change.before), ("after", change.after)):
                lines.append(f"- {change.key} {sign}: {escaped(str(side.written)) if side else '(none)'}")
        lines += ["", "</details>", ""]
    return lines


def _estimates(diff: PlanDiff) -> list[str]:
    moved = shown_quantities(diff)
    lines = [f"#### Estimates: {escaped(estimates_aside(diff))}", ""]
    for label, reasons in blocked_sides(diff):
        lines += [f"**The plan {label} cannot run:** {escaped('; '.join(reasons))}", ""]
    if diff.blockers:
        lines += [f"Enough by itself to make it impossible: {escaped(', '.join(diff.blockers))}", ""]
    rows = []
    for change in moved:
        row = quantity_row(change)
        verdict = "" if row.verdict in ("differs", "unknown") else row.verdict
        rows.append((row.label, escaped(row.figures), escaped(row.change), verdict, escaped(row.band)))
    old, new = (side.estimate.performance for side in (diff.before, diff.after))
    if old is not None and new is not None and layout_words(old) != layout_words(new):
        rows.append(("layout", escaped(f"{layout_words(old)} -> {layout_words(new)}"), "", "", ""))
    if rows:
        lines += [*table(("", "before -> after", "change", "", "after: 8 of 10"), rows), ""]
    if targets := target_words(diff):
        lines += [*(f"- {escaped(text)}" for text in targets), ""]
    return [*lines, *_remarks(diff)]


def _remarks(diff: PlanDiff) -> list[str]:
    verdicts = {change.verdict for change in diff.quantities}
    remarks = []
    if "within uncertainty" in verdicts:
        remarks.append(PAIRED if diff.is_paired else APART)
    if "not comparable" in verdicts:
        remarks.append(INCOMPARABLE)
    if any(change.is_assumed for change in shown_quantities(diff)):
        remarks.append(f"{LEFT_OUT}: {left_out_words(diff)}")
    return [*(f"- {escaped(text)}" for text in remarks), ""] if remarks else []


def _causes(diff: PlanDiff) -> list[str]:
    changes = {change.key: change for change in diff.quantities}
    told = {key: cause for key, cause in diff.causes.items() if changes[key].verdict != "not comparable"}
    if not told:
        return []
    lines = ["#### Why", ""]
    for key, cause in told.items():
        total, shares = cause_cells(cause, changes[key])
        unsure = " (within uncertainty)" if changes[key].verdict == "within uncertainty" else ""
        parts = f" = {escaped(', '.join(shares))}" if shares else ""
        lines.append(f"- **{LABELS[key][0]}** {escaped(total)}{unsure}{parts}")
    lines += ["", "The parts add up to the whole."]
    lines += [
        f"{escaped(text[:1].upper() + text[1:])}."
        for text in dict.fromkeys(method_words(cause) for cause in told.values())
        if text
    ]
    named = {
        name for cause in told.values() for share in cause.shares if share.amount for name in share.changes
    }
    lines += [
        "",
        *(f"- {escaped(it.name)}: {escaped(it.meaning)}" for it in diff.changes if it.name in named),
    ]
    return [*lines, ""]


def _notes(diff: PlanDiff) -> list[str]:
    lines = [f"#### Notes: {escaped(notes_aside(diff))}", ""]
    for change in diff.notes.changes:
        name = f"**{words(change.note.severity, SEVERITIES)}** {code(change.note.id)}"
        lines.append(f"- {_NOTE_MARKS[change.mark]}: {name} {escaped(note_words(change))}")
    lines += [f"- {escaped(text)}" for text in waiting_words(diff.notes)]
    if diff.notes.changes:
        lines += ["", f"{DISCLAIMER}; the whole of a note: `planner rules show ID`"]
    if diff.warnings:
        lines += ["", "#### Warnings that only one plan has", ""]
        lines += [f"- {_NOTE_MARKS[mark]}: {escaped(text)}" for mark, text in diff.warnings]
    return [*lines, ""]


def _drift(diff: PlanDiff) -> list[str]:
    lines = drift_words(diff)
    if not lines:
        return []
    return [
        "",
        "#### Drift: facts that changed since a plan was pinned; all figures are by those of now",
        "",
        *(f"- {escaped(text)}" for text in lines),
    ]
