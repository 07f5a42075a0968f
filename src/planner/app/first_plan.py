"""The plan that five fields make: what is trained, by when, under which power and money; knows no widget."""

from __future__ import annotations

import datetime

from textual.content import Content

from planner.app.drawing.pieces import QUIET, line
from planner.app.edits import FieldPath, get_value, write_value
from planner.app.fields import FIELDS
from planner.app.shelf import Shelf
from planner.domain.first_keys import FINISH_KEY, MODEL_KEY
from planner.domain.plan import Plan
from planner.plans.beginning import UNNAMED, blank_plan
from planner.report import numbers
from planner.text import safe
from planner.units import middle_of

_LONGEST_NAME = 80


def first_plan(today: datetime.date | None = None) -> Plan:
    """Return the plan that the fields begin with: empty, and it starts today."""
    plan = blank_plan()
    start = today or datetime.date.today()
    return plan.model_copy(update={"calendar": plan.calendar.model_copy(update={"start": start})})


def text_of(plan: Plan, path: FieldPath, shelf: Shelf) -> str:
    """Return what the plan says in a field; nothing where no model is said."""
    spec = FIELDS.at(path)
    text = write_value(get_value(plan, path), spec.reading)
    if spec.key != MODEL_KEY:
        return text
    if plan.model == blank_plan().model:
        return ""
    from planner.app.quotes import pick_text  # noqa: PLC0415 - read once there is something to tell

    return pick_text(plan, text, spec, shelf)


def hint_of(plan: Plan, path: FieldPath) -> Content:
    """Return what is said beside a field: a day is so many days away."""
    day, start = plan.targets.finish_by, plan.calendar.start
    if FIELDS.at(path).key != FINISH_KEY or day is None or start is None:
        return Content("")
    return line((f" {(day - start).days} d from today", QUIET))


def named(plan: Plan, shelf: Shelf) -> Plan:
    """Return the plan under a name that says what is trained, as far as it says it."""
    model, tokens = plan.model, plan.workload.tokens
    words = [safe(shelf.name("models", model.profile), limit=_LONGEST_NAME)] if model.profile else []
    words += [f"{numbers.count(model.parameters)} parameters"] if model.parameters else []
    words += ["a model of our own"] if model.architecture is not None else []
    words += [f"{numbers.count(middle_of(tokens))} tokens"] if tokens else []
    return plan.model_copy(update={"name": ", ".join(words) or UNNAMED})


def says_what_is_trained(plan: Plan) -> bool:
    """Whether it can be asked which clusters train it: it says a model, and on how many tokens."""
    model, work = plan.model, plan.workload
    has_model = any(value is not None for value in (model.profile, model.parameters, model.architecture))
    return has_model and bool(work.tokens or work.phases)
