"""A profile's figure that an estimate cannot do without."""

from __future__ import annotations

from typing import TypeVar

from planner.domain.chip import Chip
from planner.domain.evidence import Sourced, value_of
from planner.domain.fabric import Fabric
from planner.domain.system import System
from planner.errors import PlanError

Value = TypeVar("Value")


def required(figure: Sourced[Value] | None, owner: Chip | System | Fabric, field: str) -> Value:
    """Return a figure's value.

    Raises
    ------
    PlanError
        Where it is unknown: the message names profile and field.
    """
    value = value_of(figure)
    if value is None:
        kind = type(owner).__name__.lower()
        raise PlanError(f"{kind} '{owner.id}' has no known {field}: this estimate needs it")
    return value
