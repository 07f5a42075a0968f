"""Rows and detail of a profile's form: what the file says, how it is known, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from planner.app.drawing.field_help import spec_lines
from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.app.profile_slots import Slot
from planner.files.values import shown_key
from planner.report.page import cut, pad
from planner.report.words import words
from planner.text import safe

#: The columns of the labels, and of values beside which stands how they are known.
_LABEL, _VALUE = 26, 24


def concerns(slot: Slot, problem: str) -> bool:
    """Return whether a problem's line is of a row."""
    where = shown_key(slot.path)
    return problem.startswith(where) and problem[len(where) : len(where) + 1] in ("", " ", ":", ".", "[")


def slot_row(slot: Slot, texts: Mapping[str, str], *, is_wrong: bool, width: int) -> Content:
    """Return one row: label, value, and how it is known."""
    value, known = texts[slot.fields[0][0]], _known_by(texts)
    room = min(_VALUE, max(10, width // 4))
    told = line(safe(value))
    if known:
        told = line(fitted(told, room).pad_right(max(0, room - told.cell_length)), " ", (known, QUIET))
    label = (pad(cut(slot.spec.label, _LABEL), _LABEL), STRONG if value else QUIET)
    return fitted(line(("x " if is_wrong else "  ", BAD), label, " ", told), max(8, width))


def _known_by(texts: Mapping[str, str]) -> str:
    """Return a figure's evidence in a line, or what of an item is not its first field."""
    named = [texts.get(name, "") for name in ("offer", "term", "seller", "region", "date")]
    kind = texts.get("kind", "")
    parts = [safe(text) for text in (*named, words(kind) if kind else "", texts.get("sources", "")) if text]
    return ", ".join(parts)


def slot_lines(
    slot: Slot, table: Any, texts: Mapping[str, str], problems: Sequence[str], width: int
) -> Lines:
    """Return what a row means, what the file says there, and what is wrong with it."""
    lines: Lines = []
    for problem in problems:
        lines += wrapped(safe(problem), width, first=("x ", BAD))
    lines += [*spec_lines(slot.spec, width, (("key", shown_key(slot.path)),)), Content("")]
    for name, spec in slot.fields:
        if texts.get(name):
            lines += wrapped(safe(texts[name]), width, first=(f"{cut(spec.label, 14):<15}", HEADING))
    rivals = table.get("rivals") if isinstance(table, Mapping) else None
    if isinstance(rivals, list):
        text = f"{len(rivals)} rival figures are in the file; they stay as they are."
        lines += wrapped(text, width, style=QUIET)
    return lines
