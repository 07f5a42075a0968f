"""What F1 shows: what a field means, its unit and default, where to find it, what the profile says."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.content import Content

from planner.app.action import Action
from planner.app.actions import ACTIONS, keys_help
from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, line, wrapped
from planner.app.edits import FieldPath
from planner.app.field_spec import FieldSpec
from planner.app.quotes import profile_fact
from planner.app.relative import HOW
from planner.app.shelf import Shelf, fact_text
from planner.domain.plan import Plan
from planner.report.words import known_words

LABEL_WIDTH = 12
#: What holds on every screen, below its own keys.
_KEYS_EVERYWHERE = (
    ("^P", "all commands, also those without a key"),
    ("Tab", "the next field or pane; with Shift the one before"),
    ("PgDn, PgUp", "scroll what is longer than its pane"),
)


def unit_words(spec: FieldSpec) -> str:
    """Return in words what kind of value the field takes."""
    reading = spec.reading
    if spec.profile_kind:
        return "chosen from the profiles"
    if spec.choices:
        return "one of a few answers"
    words = {
        "whole": "a whole number",
        "date": "a date, year first",
        "code": "a country of two letters",
        "text": "text on one line",
        "paragraphs": "text over any number of lines",
        "lines": "any number of entries, each on a line",
    }
    if reading.kind != "quantity" or reading.dimension is None:
        return words.get(reading.kind, "a number")
    unit = f"; a bare number is in {reading.unit}" if reading.unit else ""
    span = "; low..high where it is uncertain" if reading.is_span else ""
    return f"{reading.dimension.one}, such as {reading.dimension.example}{unit}{span}"


def field_lines(plan: Plan, path: FieldPath, spec: FieldSpec, shelf: Shelf, width: int) -> Lines:
    """Return the help of one field of the plan, with what its profile says."""
    relative = (("also", HOW),) if spec.reading.kind in ("whole", "quantity") else ()
    lines = spec_lines(spec, width, (*relative, ("plan key", spec.key)))
    row = profile_fact(plan, path, shelf)
    if row is not None:
        lines += _entry("profile", fact_text(row), width)
        for rival in row.rivals:
            reason = f": wrong, {rival.wrong_because}" if rival.wrong_because else ""
            sources = ", ".join((known_words(rival.evidence.kind), *rival.evidence.sources))
            lines += _entry("also said", f"{rival.text} ({sources}){reason}", width, QUIET)
    if spec.choices:
        lines.append(Content(""))
        for value, meaning in spec.choices:
            lines += wrapped(meaning, width, first=(f"{value:<{LABEL_WIDTH}}", STRONG))
    return [*lines, Content(""), *keys_lines(width)]


def screen_help(spec: FieldSpec | None, actions: tuple[Action, ...], width: int) -> Lines:
    """Return the help of a field, where there is one, and the keys of its screen."""
    lines = [] if spec is None else [*spec_lines(spec, width), Content("")]
    return [*lines, *keys_lines(width, actions)]


def signs_help(signs: Callable[[int], Lines], actions: tuple[Action, ...], width: int) -> Lines:
    """Return what the signs of a screen mean, and its keys."""
    return [*signs(width), *keys_lines(width, actions)]


def spec_lines(spec: FieldSpec, width: int, more: Iterable[tuple[str, str]] = ()) -> Lines:
    """Return what a field means and takes; `more` are further entries."""
    entries = [("takes", unit_words(spec)), ("example", spec.example), ("if empty", spec.default)]
    entries += [("find it", spec.find), *more]
    lines: Lines = [*wrapped(spec.help, width, style=STRONG), Content("")]
    for label, text in entries:
        if text:
            lines += _entry(label, text, width)
    return lines


def _entry(label: str, text: str, width: int, style: str = "") -> Lines:
    return wrapped(text, width, first=(f"{label:<{LABEL_WIDTH}}", HEADING), style=style)


def left_out_lines(notices: Iterable[str], width: int) -> Lines:
    """Return which files of profiles are left out, and why."""
    lines: Lines = []
    for notice in notices:
        lines += wrapped(notice, width, first=("x ", BAD))
    return lines or wrapped("No file of a profile is left out.", width)


def keys_lines(width: int, actions: tuple[Action, ...] = ACTIONS) -> Lines:
    """Return every key of a screen and what it does; the planning screen's by default."""
    lines: Lines = [line(("KEYS", HEADING))]
    for key, title, text in keys_help(actions):
        lines += wrapped(f"{title}: {text}", width, first=(f"{key:<{LABEL_WIDTH}}", STRONG))
    for key, text in _KEYS_EVERYWHERE:
        lines += wrapped(text, width, first=(f"{key:<{LABEL_WIDTH}}", STRONG))
    return lines
