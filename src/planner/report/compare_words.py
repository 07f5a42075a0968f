"""The sentences of a comparison: what the signs mean, and what cannot be compared."""

from __future__ import annotations

from collections.abc import Sequence

from planner.differences.compare import Comparison
from planner.differences.diff import Side
from planner.report.compare_rows import LETTERS, figure_rows
from planner.report.compliance_document import DISCLAIMER
from planner.report.currency_words import sides_words
from planner.report.diff_words import sums_lack
from planner.report.numbers import count


def legend(comparison: Comparison) -> list[str]:
    """Return what the words and signs of the table mean, as far as they stand in it."""
    rows = figure_rows(comparison)
    standings = {cell.standing for row in rows for cell in row.cells}
    texts = ["[a..b] holds 8 of 10 outcomes"]
    texts += ["best: of its row"] if "best" in standings else []
    texts += ["even: not told apart from the best"] if "even" in standings else []
    texts += ["*: assumed or left out"] if any(any(row.is_assumed) for row in rows) else []
    return ["; ".join(texts)]


def remarks(comparison: Comparison) -> list[str]:
    """Return what stands below the table: what was found, and which commands tell more."""
    return [
        *findings(comparison),
        f"notes are {DISCLAIMER}; each plan with its warnings: planner estimate PLAN",
        "what separates two plans, and which change did it: planner diff PLAN PLAN",
    ]


def findings(comparison: Comparison) -> list[str]:
    """Return what the table cannot say: plans that cannot run, other jobs, sums that differ in kind."""
    texts = []
    for letter, side in zip(LETTERS, comparison.sides, strict=False):
        if not side.estimate.is_feasible:
            reasons = "; ".join(side.estimate.reasons) or "no layout fits"
            texts.append(f"x {letter} cannot run: {reasons}")
    if not comparison.is_same_job:
        jobs = _by_plan(comparison, [_job(side) for side in comparison.sides])
        texts.append(f"(!) not compared, as the plans train different things: {jobs}")
    if not comparison.is_same_scope:
        scopes = _by_plan(comparison, [_sums_lack(side) for side in comparison.sides])
        texts.append(f"(!) not compared, as the sums leave out or assume different things: {scopes}")
    texts += sides_words(comparison.sides)
    for letter, side in zip(LETTERS, comparison.sides, strict=False):
        if side.drift:
            profiles = ", ".join(dict.fromkeys(item.profile for item in side.drift))
            texts.append(f"! {letter}: profiles changed since it was pinned: {profiles}")
    return texts


def _job(side: Side) -> str:
    known = side.estimate.known
    return f"{count(known.p50('facts.tokens'))} tokens, {count(known.p50('facts.training_flops'))} FLOPs"


def _sums_lack(side: Side) -> str:
    return (", ".join(sums_lack(side)) or "nothing") if side.estimate.figures else ""


def _by_plan(comparison: Comparison, texts: Sequence[str]) -> str:
    """Return the texts with the letters of the plans that each is about; an empty text is about none."""
    letters: dict[str, list[str]] = {}
    for letter, text in zip(LETTERS[: len(comparison.sides)], texts, strict=True):
        letters.setdefault(text, []).append(letter)
    return "; ".join(f"{', '.join(plans)} {text}" for text, plans in letters.items() if text)
