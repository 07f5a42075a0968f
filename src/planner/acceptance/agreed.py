"""What both sides agreed on, in place of the suggestions of a schedule's lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.acceptance.lines import Line
from planner.domain.plan_acceptance import Acceptance
from planner.errors import PlanError


def with_agreed(lines: Iterable[Line], acceptance: Acceptance) -> tuple[Line, ...]:
    """Return the lines with what was agreed of each.

    Raises
    ------
    PlanError
        Where an agreed amount is of another unit than its line.
    """
    places = {line.id: place for place, line in enumerate(acceptance.lines)}
    return tuple(_with(line, acceptance, places[line.id]) if line.id in places else line for line in lines)


def _with(line: Line, acceptance: Acceptance, place: int) -> Line:
    agreed = acceptance.lines[place]
    for key, amount in (("threshold", agreed.threshold), ("promised", agreed.promised)):
        if amount is not None and line.expected is not None and not line.may_come_to(amount):
            raise PlanError(
                f"acceptance.lines[{place}].{key} = {amount:g}: {line.id} is in {line.unit}; "
                f"expected about {line.expected.rate:.3g}"
            )
    return replace(line, agreed_threshold=agreed.threshold, pays=agreed.pays, promised=agreed.promised)


def not_needed(lines: Sequence[Line], acceptance: Acceptance) -> tuple[str, ...]:
    """Return the ids of agreed lines that are none of these."""
    needed = {line.id for line in lines}
    return tuple(line.id for line in acceptance.lines if line.id not in needed)
