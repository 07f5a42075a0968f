"""A model of one's own, typed in the list of models: its parameters, or the path of its config.json."""

from __future__ import annotations

import re
from pathlib import Path

from planner.app.shelf import PickItem
from planner.domain.architecture import Architecture
from planner.domain.plan import Plan, PlanModel
from planner.errors import InputError, QuantityError
from planner.report import numbers
from planner.text import safe
from planner.units import COUNT, parse_quantity

#: What stands beside such a model where the list shows a profile's figures.
OWN_MODEL_HELP = (
    "No profile is chosen: the plan says how many parameters the model has, or holds the shape that the "
    "configuration says."
)
_CONFIG = ".json"
#: Fewer parameters than any model has that is planned for: a bare number is a part of a name.
_LEAST = 1e7


def typed_counts(text: str) -> tuple[float, float | None] | None:
    """Return the parameters, and the active ones, that a text says; None where it says something else.

    Examples
    --------
    >>> typed_counts("70B"), typed_counts("120B/12B"), typed_counts("llama 70b"), typed_counts("4")
    ((70000000000.0, None), (120000000000.0, 12000000000.0), None, None)
    """
    parts = [part for part in re.split(r"\s*/\s*|\s+", text.strip()) if part]
    if not 1 <= len(parts) <= 2:
        return None
    try:
        counts = [parse_quantity(part, COUNT) for part in parts]
    except QuantityError:
        return None
    if min(counts) < _LEAST:
        return None
    return counts[0], counts[1] if len(counts) == 2 else None


def own_model_item(text: str) -> PickItem | None:
    """Return what a text would make the plan's model, as an entry of the list; None where nothing."""
    typed = text.strip()
    if typed.lower().endswith(_CONFIG):
        name = safe(Path(typed).name, limit=40)
        return PickItem(typed, f"the model of {name}", "read from that configuration")
    counts = typed_counts(text)
    if counts is None:
        return None
    total, active = counts
    kind = "dense" if active is None else f"mixture, {numbers.count(active)} active"
    aside = "a plausible shape is assumed; the band is wider"
    return PickItem(typed, f"{numbers.count(total)} parameters, {kind}", aside)


def with_typed_model(plan: Plan, text: str) -> Plan | None:
    """Return the plan with the model that a text says; None where it says none of one's own.

    Raises
    ------
    InputError
        Where the configuration cannot be read, or is of no model that a profile can say.
    """
    counts = typed_counts(text)
    if counts is not None:
        total, active = counts
        if active is not None and active > total:
            raise InputError(f"'{text}' says more active parameters than all; expected such as 120B/12B")
        model = PlanModel(parameters=total, active_parameters=active)
    elif text.strip().lower().endswith(_CONFIG):
        model = PlanModel(architecture=_architecture(text.strip()))
    else:
        return None
    return plan.model_copy(update={"model": model})


def _architecture(typed: str) -> Architecture:
    # read when needed: few plans have a model that nobody has a profile of
    from planner.files.json_text import parse_json  # noqa: PLC0415
    from planner.files.reading import read_text, shown_path, typed_path  # noqa: PLC0415
    from planner.imports.transformers_config import read_config  # noqa: PLC0415

    path = typed_path(typed)
    return read_config(parse_json(read_text(path), where=shown_path(path)), shown_path(path)).architecture
