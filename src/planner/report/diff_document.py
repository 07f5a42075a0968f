"""A diff of two plans: inputs, estimates, causes, notes, drift, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator

from planner.differences.attribution import Attribution
from planner.differences.diff import PlanDiff, QuantityChange
from planner.differences.note_changes import NoteChange
from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.table import TABLE
from planner.report.compliance_document import DISCLAIMER
from planner.report.currency_words import rate_of_sides, sides_words
from planner.report.diff_rows import (
    cause_cells,
    input_moves,
    input_text,
    quantity_cells,
    side_words,
)
from planner.report.diff_words import (
    APART,
    INCOMPARABLE,
    LEFT_OUT,
    PAIRED,
    blocked_sides,
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
from planner.report.document import (
    ARROW,
    Block,
    Cell,
    Details,
    Entries,
    Entry,
    ForPage,
    ForTerminal,
    Heading,
    Item,
    Items,
    Paragraph,
    Span,
    Summary,
    Table,
    document,
)
from planner.report.key_words import key_words
from planner.report.layout_blocks import plan_layout_words
from planner.report.page import glue
from planner.report.split_section import short_split_words
from planner.report.words import SEVERITIES, counted, words

#: Its signs stay with their words; no-break spaces keep them apart.
_KEY = "Key: ~\xa0changed\xa0 +\xa0added\xa0 -\xa0removed\xa0 *\xa0assumed, or not given, or left out"
_MARKS = {"~": "changed", "+": "added", "-": "removed"}
_NOTE_MARKS = {"~": "changed", "+": "new", "-": "gone"}
_LABEL_WIDTH = 13
_LONGEST_NOTES = 400
_SHOW = "planner rules show ID"


@document
def diff_document(diff: PlanDiff) -> Iterator[Block]:
    """Yield the diff; equal plans are told in a line."""
    different = (_title, _sides, _inputs, _estimates, _causes, _notes, _warnings, _drift, _summary)
    for part in different if diff.has_differences else (_title, _equal, _drift):
        yield from part(diff)


def _title(diff: PlanDiff) -> Iterator[Block]:
    sides = (Span(diff.before.label, "code"), ARROW, Span(diff.after.label, "code"))
    yield Heading("Plan diff", sides, level=1)


def _equal(diff: PlanDiff) -> Iterator[Block]:
    same = counted(diff.inputs.unchanged, "input means", "inputs mean")
    text = f"no differences: {same} the same in both, so the estimates are equal"
    yield Paragraph(text, indent=0, is_sentence=True)


def _sides(diff: PlanDiff) -> Iterator[Block]:
    sides = (("before", diff.before), ("after", diff.after))
    yield Entries(
        tuple(Entry(label, side.plan.name, "title", aside=tuple(side_words(side))) for label, side in sides),
        6,
        header=("", "plan", "cluster"),
    )
    yield ForTerminal((Paragraph(_KEY, indent=0, role="quiet", hanging=5),))


def _inputs(diff: PlanDiff) -> Iterator[Block]:
    inputs = diff.inputs
    yield Heading("Inputs", f"{len(inputs.changes)} changed, {inputs.unchanged} unchanged")
    moves = input_moves(diff)
    rows = [
        (
            Cell(_MARKS[change.mark], sign=change.mark),
            _key_cell(change.key),
            Cell(input_text(change.before)),
            Cell(input_text(change.after)),
            Cell(moves.get(change.key, "")),
        )
        for change in inputs.changes
    ]
    if rows:
        yield Table(("", "input", "before", "after", "change"), tuple(rows), layout="inputs")
    if inputs.texts:
        yield _texts(diff)


def _key_cell(key: str) -> Cell:
    """Return a key in words, or as it is written where it has none."""
    told = key_words(key)
    return Cell((Span(key, "code"),) if told == key else told)


def _texts(diff: PlanDiff) -> Block:
    """Return a name or notes that differ: what they say moves no figure."""
    texts = diff.inputs.texts
    names = " and ".join(change.key for change in texts)
    items: list[Block] = []
    for change in texts:
        for sign, word, side in (("-", "before", change.before), ("+", "after", change.after)):
            text = str(side.written) if side else "(none)"
            item = Item(text, sign=sign, label=change.key, word=word, role="quiet", hanging=4)
            shown = Items((item,), indent=0, longest=_LONGEST_NOTES)
            items.append(shown if side else ForPage((shown,)))
    return Details(f"{names} differ{'s' if len(texts) == 1 else ''}", tuple(items))


def _estimates(diff: PlanDiff) -> Iterator[Block]:
    moved = shown_quantities(diff)
    yield Heading("Estimates", estimates_aside(diff))
    yield from _blocked(diff)
    rate = rate_of_sides((diff.before, diff.after))
    rows = [quantity_cells(change, rate) for change in moved]
    old, new = (plan_layout_words(side.estimate) for side in (diff.before, diff.after))
    if old and new and old != new:
        parts = (("before", old), ("after", new))
        layouts = Cell(" -> ".join(text for _, text in parts), parts=parts)
        rows.append((Cell("layout", sign="~"), layouts, Cell(""), Cell(""), Cell("")))
    splits = [short_split_words(side.estimate) or "one pool" for side in (diff.before, diff.after)]
    if splits[0] != splits[1]:
        shown = Cell(" -> ".join(splits), parts=(("before", splits[0]), ("after", splits[1])))
        rows.append((Cell("split", sign="~"), shown, Cell(""), Cell(""), Cell("")))
    if rows:
        yield Table(("", "before -> after", "change", "", "after: 8 of 10"), tuple(rows), layout="figures")
    if targets := target_words(diff):
        yield Items(tuple(Item(text, sign="~", hanging=4) for text in targets), indent=0)
    if remarks := _remarks(diff, moved):
        yield Items(tuple(Item(text, role="quiet") for text in remarks))


def _blocked(diff: PlanDiff) -> Iterator[Block]:
    for label, reasons in blocked_sides(diff):
        entries = tuple(Entry(f"x {label}", f"cannot run: {reason}", "bad") for reason in reasons)
        yield ForTerminal((Entries(entries, 8),))
        yield ForPage(
            (Paragraph((Span(f"The plan {label} cannot run:", "strong"), f" {'; '.join(reasons)}")),)
        )
    if diff.blockers:
        text = f"nough by itself to make it impossible: {', '.join(diff.blockers)}"
        yield ForTerminal((Paragraph(f"e{text}"),))
        yield ForPage((Paragraph(f"E{text}"),))


def _remarks(diff: PlanDiff, moved: list[QuantityChange]) -> list[str]:
    verdicts = {change.verdict for change in moved}
    remarks = sides_words((diff.before, diff.after))
    if "within uncertainty" in verdicts:
        remarks.append(PAIRED if diff.is_paired else APART)
    if "not comparable" in verdicts:
        remarks.append(INCOMPARABLE)
    if any(change.is_assumed for change in moved):
        remarks.append(f"{LEFT_OUT}: {left_out_words(diff)}")
    return remarks


def _causes(diff: PlanDiff) -> Iterator[Block]:
    changes = {change.id: change for change in diff.quantities}
    told = {key: cause for key, cause in diff.causes.items() if changes[key].verdict != "not comparable"}
    if not told:
        return
    aside = "how much of each difference comes from which change; the parts add up to it"
    yield ForTerminal((Heading("Why", aside),))
    yield ForPage((Heading("Why"),))
    rate = rate_of_sides((diff.before, diff.after))
    yield Entries(tuple(_cause(changes[key], cause, rate) for key, cause in told.items()), _LABEL_WIDTH)
    methods = tuple(filter(None, dict.fromkeys(method_words(cause) for cause in told.values())))
    yield ForPage(
        tuple(Paragraph(text, is_sentence=True) for text in ("the parts add up to the whole", *methods))
    )
    named = {
        name for cause in told.values() for share in cause.shares if share.amount for name in share.changes
    }
    meanings = tuple(Entry(it.name, it.meaning, "quiet") for it in diff.changes if it.name in named)
    if meanings:
        yield Entries(meanings, _LABEL_WIDTH)
    idle = [change.name for change in diff.changes if change.name not in named]
    below = [f"no part in these: {', '.join(idle)}"] if idle else []
    yield ForTerminal((Items(tuple(Item(text, role="quiet") for text in (*below, *methods))),))


def _cause(change: QuantityChange, cause: Attribution, rate: ExchangeRate) -> Entry:
    total, shares = cause_cells(cause, change, rate)
    text: tuple[str | Span, ...] = (glue(total),)
    if shares:
        is_unsure = change.verdict == "within uncertainty"
        unsure = (Span("within uncertainty", "aside"),) if is_unsure else ()
        text = (*text, *unsure, f" = {', '.join(map(glue, shares))}")
    return Entry(TABLE[change.id].short, text)


def _notes(diff: PlanDiff) -> Iterator[Block]:
    notes = diff.notes
    yield Heading("Notes", notes_aside(diff))
    if notes.changes:
        yield Entries(tuple(map(_note, notes.changes)), 8)
    if waiting := waiting_words(notes):
        yield Items(tuple(map(Item, waiting)))
    if notes.changes:
        yield ForTerminal((Paragraph(f"the whole of a note: {_SHOW}; {DISCLAIMER}", role="quiet"),))
        yield ForPage((Paragraph((f"{DISCLAIMER}; the whole of a note: ", Span(_SHOW, "code"))),))


def _note(change: NoteChange) -> Entry:
    note = change.note
    return Entry(
        words(note.severity, SEVERITIES),
        (Span(note.id, "code"),),
        "bad" if note.severity in ("block", "licence_required") else "plain",
        sign=change.mark,
        word=_NOTE_MARKS[change.mark],
        below=(note_words(change),),
    )


def _warnings(diff: PlanDiff) -> Iterator[Block]:
    if diff.warnings:
        yield ForTerminal((Heading("Warnings", "that only one of the plans has"),))
        yield ForPage((Heading("Warnings that only one plan has"),))
        items = tuple(Item(text, sign=mark, word=_NOTE_MARKS[mark]) for mark, text in diff.warnings)
        yield Items(items, indent=0)


def _drift(diff: PlanDiff) -> Iterator[Block]:
    lines = drift_words(diff)
    if lines:
        aside = "facts that changed since a plan was pinned; all figures{} are by those of now"
        yield ForTerminal((Heading("Drift", aside.format(" above")),))
        yield ForPage((Heading("Drift", aside.format("")),))
        yield Items(tuple(Item(text, sign="!") for text in lines), indent=0)


def _summary(diff: PlanDiff) -> Iterator[Block]:
    detail = ", ".join(summary_words(diff)) or "no note comes or goes"
    yield Summary("; ".join(headline_words(diff)), detail)
