"""What the claim checker says about its fields: in them while they are empty, and on F1."""

from __future__ import annotations

from textual.content import Content

from planner.app.actions import CLAIM_ACTIONS
from planner.app.drawing.pieces import HEADING, STRONG, Lines, wrapped
from planner.app.field_help import keys_lines, unit_words
from planner.app.field_spec import FieldSpec


def placeholder(spec: FieldSpec) -> str:
    """Return what stands in an empty field."""
    if spec.example:
        return f"such as {spec.example}"
    return "choose" if spec.reading.is_required or spec.profile_kind else spec.default


def help_lines(spec: FieldSpec | None, width: int) -> Lines:
    """Return the help of a field, and the screen's keys."""
    lines: Lines = []
    if spec is not None:
        entries = (
            ("takes", unit_words(spec)),
            ("example", spec.example),
            ("if empty", spec.default),
            ("find it", spec.find),
        )
        lines += [*wrapped(spec.help, width, style=STRONG), Content("")]
        for label, text in entries:
            if text:
                lines += wrapped(text, width, first=(f"{label:<12}", HEADING))
        lines.append(Content(""))
    return [*lines, *keys_lines(width, CLAIM_ACTIONS)]
