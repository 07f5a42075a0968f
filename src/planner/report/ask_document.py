"""What a plan rests on, and what to ask whom about it, as a document and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planner.acceptance.lines import Line
from planner.catalog.catalog import Catalog
from planner.catalog.evidence import kinds_of
from planner.differences.weak_figures import CONSTANTS, Doubts, Missing, WeakFigure
from planner.report import numbers
from planner.report.acceptance_document import question_of
from planner.report.document import Block, Heading, Item, Items, Paragraph, document, entries
from planner.report.profile_document import evidence_summary, name_of
from planner.report.profile_rows import label_of, profile_rows
from planner.report.words import PROFILE_KINDS, words

ASK_SCHEMA = 1

#: What a buyer calls the answers.
_ANSWERS = {"training_days": "days", "power.facility_w": "power", "cost.total": "money"}

#: An answer that moves less is not told.
_TOLD_EFFECT = 5e-4

#: How a figure of a kind is known, in a sentence.
_KNOWN_BY = {
    "measured": "measured, and disputed",
    "datasheet": "on a datasheet, and disputed",
    "derived": "derived, not published",
    "claim": "a claim that nobody checked",
    "memory": "from memory, read nowhere",
    "assumed": "assumed, with no source",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question to send, and what it is about."""

    text: str
    about: Missing | WeakFigure | Line


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions about a plan, and the evidence behind it by profile."""

    plan_name: str
    #: kind, id and name of each profile, and how many of its figures are known in which way
    evidence: tuple[tuple[str, str, str, Mapping[str, int]], ...]
    questions: tuple[Question, ...]
    #: weak figures that are not asked about
    left_out: int


def asked(
    plan_name: str, doubts: Doubts, catalog: Catalog, count: int, lines: tuple[Line, ...] = ()
) -> Asked:
    """Return what to ask: all that is missing, the `count` weakest figures, and lines of acceptance."""
    profiles = [(use.kind, use.id, catalog.get(use.kind, use.id).profile) for use in doubts.uses]
    questions = [Question(_missing_words(one), one) for one in doubts.missing]
    questions += [Question(_weak_words(one, catalog), one) for one in doubts.weak[:count]]
    questions += [Question(question_of(line), line) for line in lines]
    return Asked(
        plan_name,
        tuple(
            (kind, identifier, name_of(profile), kinds_of(profile)) for kind, identifier, profile in profiles
        ),
        tuple(questions),
        max(len(doubts.weak) - count, 0),
    )


def _missing_words(missing: Missing) -> str:
    answers = " and ".join(_ANSWERS[answer] for answer in missing.answers)
    verb = "stand" if len(missing.answers) > 1 else "stands"
    is_open = missing.gap.kind == "unknown"
    state = f"{answers} cannot be told" if is_open else f"{answers} {verb} without it"
    price = "the price of " if missing.gap.family == "money" and "price" not in missing.gap.text else ""
    return f"What is {price}{missing.gap.text}? It is not known: {state}."


def _weak_words(weak: WeakFigure, catalog: Catalog) -> str:
    profile = catalog.get(weak.kind, weak.profile).profile
    owner = f"the {words(weak.kind, PROFILE_KINDS)} {name_of(profile)}"
    if weak.key == CONSTANTS:
        return (
            f"What does one measured step of a like model take on {owner} (chips, layout, batch, sequence, "
            "precision, tokens a second)? What this software reaches is fitted to others' runs; "
            f"their spread moves {_moves(weak, is_either_way=True)}."
        )
    if weak.kind == "prices":
        return (
            f"What would you pay for {name_of(profile)}? The quotes are {_KNOWN_BY[weak.evidence]}; "
            f"{weak.may_be_off * 100:.0f} % more moves {_moves(weak)}. An offer settles it."
        )
    text = next((row.text for row in profile_rows(profile) if row.key == weak.key), "")
    share = f"{abs(weak.may_be_off) * 100:.0f} % {'more' if weak.may_be_off > 0 else 'less'}"
    return (
        f"What is the {label_of(weak.key)} of {owner}? {text} is {_KNOWN_BY[weak.evidence]}; "
        f"{share} moves {_moves(weak)}. A document or a measurement settles it."
    )


def _moves(weak: WeakFigure, *, is_either_way: bool = False) -> str:
    """Return by how much each answer moves, where it does."""
    sign = "+/-" if is_either_way else "+"
    return ", ".join(
        f"{_ANSWERS[answer]} {sign if effect > 0 else '-'}{numbers.percent(abs(effect))}"
        for answer, effect in weak.effects.items()
        if abs(effect) >= _TOLD_EFFECT
    )


@document
def ask_document(page: Asked) -> Iterator[Block]:
    """Yield the evidence by profile, then the questions."""
    yield Paragraph(f"{page.plan_name}: what to ask", indent=0, role="title")
    yield Heading("Evidence", "how the figures of each profile are known")
    rows = [
        (f"{words(kind, PROFILE_KINDS)} {identifier}", evidence_summary(counts))
        for kind, identifier, _, counts in page.evidence
    ]
    rows.append(("together", evidence_summary(_total(page))))
    yield entries(rows, max(len(label) for label, _ in rows))
    yield Heading("Questions", "what moves days, power or money most and is known least")
    if page.questions:
        yield Items(
            tuple(Item(f"{number}. {one.text}") for number, one in enumerate(page.questions, start=1))
        )
    else:
        yield Paragraph("none: every figure that moves the answer was measured or is on a datasheet")
    if page.left_out:
        yield Paragraph(f"{page.left_out} more figures are weak and move less: --count N", role="quiet")
    yield Paragraph("how far a figure may be off is a rule by its kind, not a measurement", role="quiet")


def _total(page: Asked) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for *_, counts in page.evidence:
        total.update(counts)
    return total


def asked_to_dict(page: Asked) -> dict[str, Any]:
    """Return the questions for JSON."""
    return {
        "schema": ASK_SCHEMA,
        "plan": page.plan_name,
        "evidence": dict(_total(page)),
        "profiles": [
            {"kind": kind, "id": identifier, "name": name, "evidence": dict(counts)}
            for kind, identifier, name, counts in page.evidence
        ],
        "questions": [{"question": one.text, **_about_to_dict(one.about)} for one in page.questions],
        "left_out": page.left_out,
    }


def _about_to_dict(about: Missing | WeakFigure | Line) -> dict[str, Any]:
    if isinstance(about, Line):
        return {"line": about.id, "days_per_percent": about.cost.days}
    if isinstance(about, Missing):
        return {"missing": about.gap.text, "state": about.gap.kind, "answers": list(about.answers)}
    return {
        "kind": about.kind,
        "profile": about.profile,
        "key": about.key,
        "evidence": about.evidence,
        "may_be_off": about.may_be_off,
        "effects": dict(about.effects),
    }
