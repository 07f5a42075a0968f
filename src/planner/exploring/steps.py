"""Inputs without a spread: every number of a plan and of its profiles, moved by a stated step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from planner.catalog.catalog import Catalog
from planner.catalog.evidence import figure_at
from planner.catalog.moved import with_figures
from planner.catalog.pinning import used_values
from planner.domain.keys import find_key
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.estimate.result import Estimate
from planner.exploring.kept_layout import in_kept_layout, kept_layout
from planner.exploring.question import Question
from planner.quantities.record import each_record
from planner.quantities.table import Better

#: By which share inputs without a spread are moved where nobody says: of no figure is that its uncertainty.
USUAL_STEP = 0.1
#: Numbers that a layout divides: a tenth more of them leaves chips idle, so that they are doubled and halved.
_DOUBLED = ("global_batch_sequences", "sequence_length")
#: Where a plan's numbers stand that are inputs; the layout, targets, parties and rules are none.
_SECTIONS = ("model", "workload", "cluster", "site", "calendar", "operations", "money", "pilot")
#: Kinds of profiles whose figures are moved: constants of stacks and prices have spreads, a model's shape is
#: no figure.
_KINDS = ("chips", "systems", "fabrics", "sites")


@dataclass(frozen=True, slots=True)
class Move:
    """One input at another value."""

    value: float
    #: the quantity there; None: `reason` says why there is none
    result: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """An input without a spread, and what a step either way does to a quantity."""

    #: of a plan: its key, as `--set` takes it; of a profile: `chips/ascend-910b: tdp_w`
    name: str
    #: the folder and id of its profile, and its key there or in the plan
    kind: str
    profile: str
    key: str
    value: float
    less: Move
    more: Move

    @property
    def is_of_plan(self) -> bool:
        """Whether the plan says it, not a profile."""
        return not self.profile


def steps_of(question: Question, joint: Estimate, share: float = USUAL_STEP) -> Iterator[Step]:
    """Yield each input without a spread with what moving it does to a quantity: a full estimate either way.

    The layout stays as it is, unless another is better or what was moved leaves no room for it.

    Parameters
    ----------
    question
        The plan, and the quantity that is asked for.
    joint
        The plan's estimate.
    share
        By which part of itself an input is moved, above 0; a batch and a sequence are doubled and halved.
    """
    layout = kept_layout(joint)
    for key, value in (*_numbers_of(question.plan), *_assumed_of(question, joint)):
        if question.cancelled():
            return
        ends = (_of_plan(question, key, moved, layout) for moved in _moved(key, value, share))
        yield Step(key, "plan", "", key, float(value), *ends)
    for kind, identifier, key, value in _figures_of(question.catalog, joint):
        if question.cancelled():
            return
        figure = (kind, identifier, key)
        ends = (_of_profile(question, figure, moved, layout) for moved in _moved(key, value, share))
        yield Step(f"{kind}/{identifier}: {key}", *figure, float(value), *ends)


def _moved(key: str, value: float, share: float) -> tuple[float, float]:
    factors = (0.5, 2.0) if key.endswith(_DOUBLED) else (1.0 - share, 1.0 + share)
    if not isinstance(value, int):
        return value * factors[0], value * factors[1]
    return min(round(value * factors[0]), value - 1), max(round(value * factors[1]), value + 1)


def _of_plan(question: Question, key: str, value: float, layout: tuple[str, ...]) -> Move:
    try:
        return _move(question.with_set(f"{key}={value!r}"), value, layout)
    except InputError as error:
        return Move(value, None, str(error))


def _of_profile(
    question: Question, figure: tuple[str, str, str], value: float, layout: tuple[str, ...]
) -> Move:
    kind, identifier, key = figure
    catalog = with_figures(question.catalog, kind, identifier, {key: value})
    if catalog.find(kind, identifier) is None:
        return Move(value, None, "; ".join(problem.line for problem in catalog.problems(kind)))
    return _move(replace(question, catalog=catalog), value, layout)


def _move(changed: Question, value: float, layout: tuple[str, ...]) -> Move:
    answer = changed.answer()
    searched = Move(value, None, answer) if isinstance(answer, str) else Move(value, answer)
    same = in_kept_layout(changed, layout)
    kept = None if same is None else same.figure(changed.quantity.id).p50
    is_better = kept is not None and _is_better(kept, searched.result, changed.quantity.better)
    return Move(value, kept) if is_better else searched


def _is_better(result: float, other: float | None, better: Better | None) -> bool:
    if other is None:
        return True
    return result < other if better == "less" else result > other and better == "more"


def _numbers_of(plan: Plan) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a plan that are inputs, by their keys; of a range there is a spread."""
    for name in _SECTIONS:
        yield from _walk(getattr(plan, name), name)


def _assumed_of(question: Question, joint: Estimate) -> Iterator[tuple[str, float]]:
    """Yield what is assumed where the plan says nothing under a key, and has no spread."""
    figures = joint.figures
    assert figures is not None  # as asked
    for record in each_record(figures.record(question.quantity.id)):
        if record.grounds is None or record.grounds.kind != "assumed" or not _is_key(record.id):
            continue
        if isinstance(record.value, float) and record.value and figures[record.id].values.size == 1:
            yield record.id, record.value


def _is_key(identifier: str) -> bool:
    try:
        find_key(Plan, identifier)
    except KeyError:
        return False
    return True


def _walk(value: Any, key: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), f"{key}.{name}")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(inner, f"{key}.{name}")
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _walk(item, f"{key}[{getattr(item, 'id', place)}]")
    elif isinstance(value, int | float) and not isinstance(value, bool) and value:
        # nothing has no tenth
        yield key, value


def _figures_of(catalog: Catalog, joint: Estimate) -> Iterator[tuple[str, str, str, float]]:
    """Yield the figures without a spread that an estimate may read, each by the place where it stands."""
    for use in joint.profiles:
        if use.kind not in _KINDS:
            continue
        profile = catalog.get(use.kind, use.id).profile
        for key in used_values(use.kind, profile):
            figure = figure_at(profile, key)
            value = None if figure is None else figure.value
            if isinstance(value, int | float) and not isinstance(value, bool) and value:
                yield use.kind, use.id, key, value
