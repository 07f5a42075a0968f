"""Answers on sizes as rows of a table, and under it what is said of the one that the cursor is on."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.app.exploration import ORDERS, Exploration
from planner.exploring.sizes import SystemAnswer
from planner.exploring.targets import Targets
from planner.report.document import plain
from planner.report.page import cut, pad
from planner.report.size_document import size_cells, size_header
from planner.report.size_words import (
    below_words,
    binds_words,
    bound_words,
    confidence_words,
    limit_words,
    short_words,
    why_words,
)
from planner.text import safe

MARKED, ANSWERED, CANNOT = "\u25c6", " ", "x"
#: Widths of the columns behind the system's name.
_ROOMS = (7, 9, 8, 6, 8, 8, 10)
#: Which columns are kept where not all fit, the first longest.
_KEPT = (0, 2, 6, 3, 4, 1, 5)
_RIGHT = frozenset(range(6))
_LEAST_NAME = 18


def _columns(width: int) -> list[int]:
    kept: list[int] = []
    room = width - 2 - max(_LEAST_NAME, width // 4)
    for place in _KEPT:
        if room < _ROOMS[place] + 2:
            break
        room -= _ROOMS[place] + 2
        kept.append(place)
    return sorted(kept)


def _row(name: str, texts: Sequence[str], width: int) -> str:
    kept = _columns(width)
    room = max(8, width - 2 - sum(_ROOMS[place] + 2 for place in kept))
    cells = [
        pad(cut(safe(texts[place]), _ROOMS[place]), _ROOMS[place], is_right=place in _RIGHT) for place in kept
    ]
    return "  ".join([pad(cut(safe(name), room), room), *cells])


def sizes_header(targets: Targets | None, width: int) -> Content:
    """Return the titles of the columns; money is in millions."""
    if targets is None:
        return line("")
    name, *rest = size_header(targets)
    return fitted(line((f"  {_row(name, rest, width)}", QUIET)), max(8, width))


def sizes_row(answer: SystemAnswer, targets: Targets, name: str, *, is_marked: bool, width: int) -> Content:
    """Return one system: its smallest cluster, or by a sign and in words why there is none."""
    lead = line((MARKED if is_marked else " ", HEADING))
    if answer.is_feasible:
        texts = [plain(cell.text) for cell in size_cells(answer)[1:]]
        text = _row(name, texts, width)
        return fitted(line(lead, " ", text), max(8, width))
    room = max(_LEAST_NAME, width // 4)
    shown = pad(cut(safe(name), room), room)
    why = why_words(answer, targets) or answer.why
    return fitted(
        line(lead, (CANNOT, BAD), f"{shown}  ", (f"{binds_words(answer)}: {safe(why)}", QUIET)), max(8, width)
    )


def sizes_title(targets: Targets | None) -> str:
    """Return what is asked for: `by 1 Jul 2027, within 25 MW, sure at P80`."""
    if targets is None:
        return "no deadline yet"
    limits = ", ".join(limit_words(limit) for limit in targets.limits)
    return f"{limits}, at {confidence_words(targets)}"


def progress_words(exploration: Exploration) -> str:
    """Return how far the ranking is, and once it is whole its order."""
    problem = exploration.said("ranking", "")
    answered, asked = len(exploration.answers), len(exploration.systems)
    if problem or exploration.targets is None or not asked or exploration.is_several:
        return problem
    if answered == asked:
        more = "" if ("more", "") in exploration.done else "; more of each for the front"
        return f"{asked} systems; {ORDERS[exploration.order]}{more}"
    told = f"{answered} of {asked} systems"
    if exploration.is_held:
        return f"{told}; stopped, h goes on"
    trying = exploration.progress
    now = "" if trying is None else f", trying {trying.count:,} x {safe(trying.system_id)}"
    return f"{told}{now}; Esc stops"


def answer_lines(answer: SystemAnswer, targets: Targets, width: int, height: int) -> Lines:
    """Return what proves an answer, or what stands in its way, in at most so many lines."""
    if not answer.is_feasible:
        text = f"{binds_words(answer)}, over by {short_words(answer)}: {why_words(answer, targets)}"
        if answer.binds == "profile":
            text = f"cannot be planned: {answer.why}"
        return [fitted(row, width) for row in wrapped(text, width, first=(f"{CANNOT} ", BAD))][:height]
    told = wrapped(below_words(answer, targets), width, first=("proof ", STRONG))
    told += wrapped(bound_words(answer), width, first="      ")
    for change in answer.changes:
        told += wrapped(f"changed along: {change}", width, style=QUIET)
    return [fitted(row, width) for row in told][:height]
