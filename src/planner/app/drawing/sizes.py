"""Answers on sizes as rows of a table, and under it what is said of the one that the cursor is on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.app.exploration import ORDERS, Answer, Exploration
from planner.catalog.catalog import Catalog
from planner.exploring.post_answers import PostSize
from planner.exploring.post_sizes import told_in_full
from planner.exploring.sizes import ranked
from planner.exploring.targets import Targets
from planner.report.document import Document, plain
from planner.report.page import cell_width, cut, pad
from planner.report.post_size_document import post_size_cells, post_size_header, post_sizes_document
from planner.report.post_size_words import obstacle_words, proof_words
from planner.report.size_document import size_cells, size_document, size_header
from planner.report.size_words import (
    below_words,
    binds_name,
    binds_words,
    bound_words,
    confidence_words,
    short_words,
    targets_words,
    why_words,
)
from planner.text import safe

MARKED, ANSWERED, CANNOT = "\u25c6", " ", "x"


#: Before a name: whether it is marked, whether it cannot be, and a gap.
_LEAD = 3


class _Columns(NamedTuple):
    """The columns behind the system's name; the last is words, the others are numbers."""

    rooms: tuple[int, ...]
    #: which are kept where not all fit, the first longest
    kept: tuple[int, ...]
    least_name: int

    def shown(self, width: int) -> list[int]:
        """Return which of them have room beside a name."""
        shown: list[int] = []
        room = width - _LEAD - max(self.least_name, width // 4)
        for place in self.kept:
            if room < self.rooms[place] + 2:
                break
            room -= self.rooms[place] + 2
            shown.append(place)
        return sorted(shown)

    def row(self, name: str, short_name: str, texts: Sequence[str], width: int, most_name: int) -> str:
        """Return a row, under the short name where there is no room for the other.

        Names take what the figures leave, at most `most_name`: the figures stand beside what they are of.
        """
        shown, last = self.shown(width), len(self.rooms) - 1
        room = max(8, width - _LEAD - sum(self.rooms[place] + 2 for place in shown))
        room = min(room, max(self.least_name, most_name))
        name = safe(name if cell_width(name) <= room else short_name)
        cells = [
            pad(cut(safe(texts[place]), self.rooms[place]), self.rooms[place], is_right=place < last)
            for place in shown
        ]
        return "  ".join([pad(cut(name, room), room), *cells])


_OF_SYSTEMS = _Columns((7, 9, 8, 6, 9, 9, 10), (0, 2, 6, 3, 4, 1, 5), 18)
#: Of post-training there are steps and days; of two pools the ids of two systems.
_OF_POOLS = _Columns((7, 7, 9, 7, 9, 9, 9, 10), (0, 2, 6, 3, 4, 7, 1, 5), 22)


def sizes_header(targets: Targets | None, width: int, *, is_post_training: bool, most_name: int) -> Content:
    """Return the titles of the columns; money is in millions."""
    if targets is None:
        return line("")
    name, *rest = post_size_header(targets) if is_post_training else size_header(targets)
    columns = _OF_POOLS if is_post_training else _OF_SYSTEMS
    row = columns.row(name, name, rest, width, most_name)
    return fitted(line((f"{' ' * _LEAD}{row}", QUIET)), max(8, width))


def sizes_row(
    answer: Answer, targets: Targets, name: str, *, is_marked: bool, width: int, most_name: int
) -> Content:
    """Return one system or mix: its smallest cluster, or by a sign and in words why there is none.

    `most_name` is the room that the longest name takes.
    """
    lead = line((MARKED if is_marked else " ", HEADING))
    columns, cells = _OF_SYSTEMS, None
    # the ids of a mix say more than half of its names
    short_name = name
    if isinstance(answer, PostSize):
        columns = _OF_POOLS
        short_name = answer.system_id if len(answer.systems) > 1 else name
        cells = post_size_cells(answer) if answer.is_feasible else None
    elif answer.is_feasible:
        cells = size_cells(answer)
    if cells is not None:
        text = columns.row(name, short_name, [plain(cell.text) for cell in cells[1:]], width, most_name)
        return fitted(line(lead, f"{ANSWERED} ", text), max(8, width))
    room = min(max(columns.least_name, width // 4), max(columns.least_name, most_name))
    shown = pad(cut(safe(name if cell_width(name) <= room else short_name), room), room)
    return fitted(
        line(lead, (CANNOT, BAD), f" {shown}  ", (safe(_why(answer, targets)), QUIET)), max(8, width)
    )


def _why(answer: Answer, targets: Targets) -> str:
    """Return in a line what binds where there is no answer."""
    if isinstance(answer, PostSize):
        binds = "" if answer.missed is None else f"{binds_name(answer.missed.limit.name)}: "
        return f"{binds}{obstacle_words(answer)}"
    return f"{binds_words(answer)}: {why_words(answer, targets) or answer.why}"


def answers_document(
    plan_name: str, answers: Sequence[Answer], targets: Targets, catalog: Catalog
) -> Document:
    """Return answers as `planner size` tells them: the best of several in full."""
    of_pools = ranked(answer for answer in answers if isinstance(answer, PostSize))
    if of_pools:
        return post_sizes_document([told_in_full(of_pools[0], catalog), *of_pools[1:]], plan_name)
    return size_document(plan_name, [it for it in answers if not isinstance(it, PostSize)], targets)


def sizes_title(targets: Targets | None, *, is_post_training: bool) -> str:
    """Return what is asked for: `by 1 Jul 2027, within 25 MW, sure at P80`."""
    if targets is None:
        return "no target yet" if is_post_training else "no deadline yet"
    return f"{targets_words(targets)}, at {confidence_words(targets)}"


def progress_words(exploration: Exploration) -> str:
    """Return how far the ranking is, and once it is whole its order."""
    problem = exploration.said("ranking", "")
    answered, asked = len(exploration.answers), len(exploration.systems)
    if problem or exploration.targets is None or not asked or exploration.is_several:
        return problem
    what = "mixes" if exploration.is_mixed else "systems"
    if answered == asked:
        more = "" if ("more", "") in exploration.done else "; more of each for the front"
        return f"{asked} {what}; {ORDERS[exploration.order]}{more}"
    told = f"{answered} of {asked} {what}"
    if exploration.is_held:
        return f"{told}; stopped, h goes on"
    trying = exploration.progress
    now = "" if trying is None else f", trying {trying.count:,} x {safe(trying.system_id)}"
    return f"{told}{now}; Esc stops"


def answer_lines(answer: Answer, targets: Targets, width: int, height: int) -> Lines:
    """Return what proves an answer, or what stands in its way, in at most so many lines."""
    if isinstance(answer, PostSize):
        if not answer.is_feasible:
            told = wrapped(_why(answer, targets), width, first=(f"{CANNOT} ", BAD))
            return [fitted(row, width) for row in told][:height]
        told, (first, *others) = [], proof_words(answer)
        told += wrapped(first, width, first=("proof ", STRONG))
        for one in others:
            told += wrapped(one, width, first="      ")
        return [fitted(row, width) for row in told + _changed(answer, width)][:height]
    if not answer.is_feasible:
        text = f"{binds_words(answer)}, over by {short_words(answer)}: {why_words(answer, targets)}"
        if answer.binds == "profile":
            text = f"cannot be planned: {answer.why}"
        return [fitted(row, width) for row in wrapped(text, width, first=(f"{CANNOT} ", BAD))][:height]
    told = wrapped(below_words(answer, targets), width, first=("proof ", STRONG))
    told += wrapped(bound_words(answer), width, first="      ")
    return [fitted(row, width) for row in told + _changed(answer, width)][:height]


def _changed(answer: Answer, width: int) -> Lines:
    """Return what had to follow the systems."""
    told: Lines = []
    for change in answer.changes:
        told += wrapped(f"changed along: {change}", width, style=QUIET)
    return told
