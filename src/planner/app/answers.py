"""What each entry of a list would come to, if it were chosen: days, power and purchase."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from planner.app import pools
from planner.app.drawing.names import scales
from planner.app.edits import FieldPath, with_value
from planner.app.estimating import Estimator
from planner.app.field_spec import FieldSpec
from planner.app.runner import Job
from planner.app.shelf import Shelf
from planner.domain.plan import Plan
from planner.errors import PlannerError
from planner.report import numbers
from planner.text import safe

if TYPE_CHECKING:
    from planner.estimate.result import Estimate

#: What is told of each entry, in the order of the columns; the chips, which a system decides, come last.
ANSWERED = ("training_days", "power.facility_w", "cost.capex")
#: What stands over the columns.
HEADINGS = ("days", "power", "to buy", "chips")
#: Kinds of profiles whose choice changes the answer.
ANSWERING_KINDS = ("systems", "fabrics", "stacks", "models", "sites")


@dataclass(frozen=True)
class Answer:
    """What one entry comes to."""

    #: as shown, in the order of the columns
    texts: tuple[str, ...]
    #: at the medians; None where unknown
    values: tuple[float | None, ...]
    #: why the plan cannot run with it; empty: it can
    problem: str = ""


#: Returns what an entry comes to, in the thread of a job.
Answering = Callable[[str, Job], Answer]


def answering(plan: Plan, spec: FieldSpec, path: FieldPath, shelf: Shelf, estimator: Estimator) -> Answering:
    """Return what works out the answer of an entry of a field's list, in a worker's thread."""

    def answer(identifier: str, job: Job) -> Answer:
        try:
            changed = _changed(plan, spec, path, shelf, identifier)
            return answer_of(estimator(changed, job.is_cancelled))
        except PlannerError as error:
            return no_answer(str(error))

    return answer


def answering_texts(plan: Plan, spec: FieldSpec, path: FieldPath, estimator: Estimator) -> Answering:
    """Return what works out what a text in a field would come to, in a worker's thread."""

    def answer(text: str, job: Job) -> Answer:
        try:
            return answer_of(estimator(pools.with_text(plan, path, spec, text), job.is_cancelled))
        except PlannerError as error:
            return no_answer(str(error))

    return answer


def _changed(plan: Plan, spec: FieldSpec, path: FieldPath, shelf: Shelf, identifier: str) -> Plan:
    """Return the plan as choosing the entry would make it."""
    from planner.planning.exchange import exchanged  # noqa: PLC0415 - NumPy comes with it

    if spec.key == pools.SYSTEM_KEY:
        return exchanged(plan, shelf.catalog(), pools.pool_index(path) or 0, identifier).plan
    return with_value(plan, path, identifier or None)


def answer_of(estimate: Estimate) -> Answer:
    """Return an estimate in a few figures."""
    if not estimate.is_feasible:
        return no_answer(estimate.reasons[0] if estimate.reasons else "cannot run")
    values = tuple(estimate.figure(identifier).p50 for identifier in ANSWERED)
    chips = sum(pool.chips for pool in estimate.pools)
    texts = (_text(estimate, name, value) for name, value in zip(ANSWERED, values, strict=True))
    return Answer((*texts, numbers.count(chips)), (*values, float(chips)))


def _text(estimate: Estimate, identifier: str, value: float | None) -> str:
    if value is None:
        return "?"
    if identifier == "training_days":
        return f"{numbers.decimal(value)} d"
    return numbers.quantity(value, scales(estimate.known, identifier))


def no_answer(problem: str) -> Answer:
    """Return the answer of an entry that the plan cannot run with."""
    return Answer(("-",) * len(HEADINGS), (None,) * len(HEADINGS), safe(problem))


def in_order(identifiers: Sequence[str], answers: dict[str, Answer], column: int | None) -> list[str]:
    """Return the entries by a column, least first; what is unknown comes last, what cannot run after that.

    With no column, they stay as they are listed.
    """
    if column is None:
        return list(identifiers)
    return sorted(identifiers, key=partial(_place, answers, column))


def _place(answers: dict[str, Answer], column: int, identifier: str) -> tuple[int, float]:
    answer = answers.get(identifier)
    if answer is None:
        return 1, 0.0
    value = answer.values[column]
    return (2 if answer.problem else 1, 0.0) if value is None else (0, value)


def unfit_because(shelf: Shelf, plan: Plan, spec: FieldSpec, path: FieldPath, identifier: str) -> str:
    """Return why an entry cannot go with the pool's chip; empty where it can, or where nobody knows."""
    from planner.planning.exchange import unfit_fabric, unfit_stack  # noqa: PLC0415 - NumPy comes with it

    if spec.profile_kind not in ("fabrics", "stacks"):
        return ""
    unfit = unfit_stack if spec.profile_kind == "stacks" else unfit_fabric
    try:
        pool = plan.cluster.pools[pools.pool_index(path) or 0]
        return safe(unfit(identifier, pool, shelf.catalog()))
    except PlannerError:
        return ""
