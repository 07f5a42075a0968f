"""The sentences of a plan diff: notes, what sums leave out, how causes were told apart, drift."""

from __future__ import annotations

from planner.differences.attribution import Attribution
from planner.differences.diff import ATTRIBUTED, PlanDiff, QuantityChange, Side
from planner.differences.note_changes import NoteChange, NoteComparison
from planner.quantities.table import TABLE
from planner.report.compliance_rows import stale_mark
from planner.report.currency_words import rate_of_sides
from planner.report.diff_rows import HEADLINE, quantity_row
from planner.report.drift_document import drift_line, effect_words, headline_effects
from planner.report.numbers import date
from planner.report.words import TARGETS, VERDICT_WORDS, counted, listed, words

PAIRED = (
    "within uncertainty: the band of the difference holds zero; both plans are drawn with the same random "
    "numbers, so what they share cancels"
)
APART = (
    "within uncertainty: the band of the difference holds zero; the errors of different chips or software "
    "stacks are taken as independent"
)
#: Of what sums leave out, so many are named.
_MOST_NAMES = 6
INCOMPARABLE = "not comparable: the sums of the two plans leave out different things"
LEFT_OUT = "* left out or assumed"
#: What a plan is told by that has no counterpart.
_FIRST = ("training_days", "finish_date", "power.facility_w", "cost.total")


def headline_words(diff: PlanDiff) -> list[str]:
    """Return what becomes of time, power and money: `training time +73 days (worse)`."""
    if blocked := blocked_sides(diff):
        return [f"the plan {label} cannot run" for label, _ in blocked]
    headline = [change for change in diff.quantities if change.id in ATTRIBUTED]
    if all(change.verdict == "unchanged" for change in headline):
        return ["time, power and cost stay as they are"]
    words, rate = [], rate_of_sides((diff.before, diff.after))
    for change in headline:
        row = quantity_row(change, rate)
        if change.verdict in ("better", "worse"):
            words.append(f"{row.label} {row.change.partition(' (')[0]} ({row.verdict})")
        else:
            words.append(f"{row.label} {row.verdict}")
    return words


def summary_words(diff: PlanDiff) -> list[str]:
    """Return what the diff comes to, in counts: better, worse, undecided, notes."""
    verdicts = [] if blocked_sides(diff) else [change.verdict for change in _headline(diff)]
    words = [
        f"{verdicts.count(verdict)} {verdict}"
        for verdict in ("better", "worse", "within uncertainty", "not comparable", "unknown")
        if verdict in verdicts
    ]
    marks = [change.mark for change in diff.notes.changes]
    words += [counted(marks.count("+"), "new note")] if "+" in marks else []
    words += [f"{counted(marks.count('~'), 'note')} changed"] if "~" in marks else []
    words += [f"{counted(marks.count('-'), 'note')} gone"] if "-" in marks else []
    return words


def blocked_sides(diff: PlanDiff) -> list[tuple[str, tuple[str, ...]]]:
    """Return which of the plans cannot run, each with its reasons."""
    return [
        (label, side.estimate.reasons or ("no layout fits",))
        for label, side in (("before", diff.before), ("after", diff.after))
        if not side.estimate.is_feasible
    ]


def shown_quantities(diff: PlanDiff) -> list[QuantityChange]:
    """Return the figures worth a line: those that move; of a plan that has no counterpart, the first."""
    if blocked_sides(diff):
        return [change for change in _headline(diff) if change.id in _FIRST]
    return [change for change in _headline(diff) if change.verdict != "unchanged"]


def _headline(diff: PlanDiff) -> list[QuantityChange]:
    changes = {change.id: change for change in diff.quantities}
    return [changes[identifier] for identifier in HEADLINE if identifier in changes]


def estimates_aside(diff: PlanDiff) -> str:
    """Return how many figures move, and what the brackets are."""
    if blocked_sides(diff):
        return "of a plan that cannot run there are none"
    moved = len(shown_quantities(diff))
    equal = len(_headline(diff)) - moved
    if not moved:
        return f"all {equal} equal"
    also = f", {equal} equal" if equal else ""
    return f"{moved} differ{also}; [a..b] holds 8 of 10 outcomes of the plan after"


def left_out_words(diff: PlanDiff) -> str:
    """Return what the sums of both sides leave out or assume, once where it is the same."""
    texts = [sums_lack(side) for side in (diff.before, diff.after)]
    if texts[0] == texts[1]:
        return f"in both plans {listed(texts[0], _MOST_NAMES)}"
    sides = zip((diff.before, diff.after), ("before", "after"), texts, strict=True)
    told = ((label, listed(text, _MOST_NAMES)) for side, label, text in sides if side.estimate.is_feasible)
    return "; ".join(f"{label} {text or 'nothing'}" for label, text in told)


def sums_lack(side: Side) -> tuple[str, ...]:
    """Return what a plan's money and power leave out or assume, by name."""
    estimate = side.estimate
    if estimate.figures is None:
        return ()
    names = ("cost.total", "power.facility_w")
    return tuple(gap for name in names for gap in estimate.figure(name).gaps_of(TABLE[name].family))


def method_words(cause: Attribution) -> str:
    """Return how the shares were found."""
    if cause.method == "one order":
        merged = any(len(share.changes) > 1 for share in cause.shares)
        why = "; what cannot be estimated alone is named together" if merged else ""
        return f"the changes are made one after the other: {', '.join(cause.order)}{why}"
    if sum(share.amount != 0.0 for share in cause.shares) < 2:
        return ""
    if cause.orders == 1:
        return "the changes are made in the only order whose every step can be estimated"
    if cause.method == "all orders":
        return f"each part is the average over all {cause.orders} orders in which the changes can be made"
    return (
        f"each part is the average over the {counted(cause.orders, 'order')} of making the changes that can "
        "be estimated at every step"
    )


def target_words(diff: PlanDiff) -> list[str]:
    """Return the targets whose verdict is another, or that only one plan has."""
    old, new = ({it.target: it for it in side.estimate.targets} for side in (diff.before, diff.after))
    texts = []
    for key in dict.fromkeys([*old, *new]):
        first, last = (
            words(side[key].verdict, VERDICT_WORDS) if key in side else "no target" for side in (old, new)
        )
        if first != last:
            why = f" ({new[key].text})" if key in new else ""
            texts.append(f"target {words(key, TARGETS)}: {first} -> {last}{why}")
    return texts


def notes_aside(diff: PlanDiff) -> str:
    """Return how many notes come, go and stay, and of which day the rules are."""
    notes = diff.notes
    days = [date(side.estimate.compliance.as_of) for side in (diff.before, diff.after)]
    as_of = days[0] if days[0] == days[1] else f"{days[0]} -> {days[1]}"
    marks = [change.mark for change in notes.changes]
    texts = [
        f"{marks.count(mark)} {word}"
        for mark, word in (("+", "new"), ("~", "changed"), ("-", "gone"))
        if mark in marks
    ]
    return f"{', '.join([*texts, f'{notes.unchanged} on both sides'])}; rules as of {as_of}"


def note_words(change: NoteChange) -> str:
    """Return a note in short: its title, its pools, and from when it applies."""
    note = change.note
    about = f" (pool {', '.join(change.pools)})" if change.pools else ""
    day = note.applies_from or note.effective_from
    if change.is_upcoming:
        start = f"; ahead, from {date(day)}" if day else "; ahead"
    else:
        start = f"; {words(note.status)}" if note.status != "in_force" else ""
    stale = stale_mark(note)
    return f"{note.title or note.note}{about}{start}" + (f"; {stale}" if stale else "")


def waiting_words(notes: NoteComparison) -> list[str]:
    """Return the inputs that rules begin or cease to wait for."""
    texts = []
    if notes.newly_asked:
        texts.append(f"? rules wait for more inputs: {', '.join(notes.newly_asked)}")
    if notes.no_longer_asked:
        texts.append(f"? no longer asked: {', '.join(notes.no_longer_asked)}")
    return texts


def drift_words(diff: PlanDiff) -> list[str]:
    """Return what drifted of each plan and what that did to its estimate; a plan against itself once."""
    lines = []
    for side in (diff.before, diff.after):
        lines += [f"{side.label}: {item.profile} {drift_line(item)}" for item in side.drift]
        effects = [" ".join(effect_words(effect)) for effect in headline_effects(side.drift_effects)]
        if side.drift:
            moved = "; ".join(effects) or "none of the headline figures"
            lines.append(f"{side.label}: this moved, with the pinned values -> now: {moved}")
    return list(dict.fromkeys(lines))
