"""What is told of all pools of a cluster together, and how it is asked for."""

from __future__ import annotations

from planner.errors import InputError
from planner.files.values import shown_value
from planner.quantities import families  # noqa: F401 - fills the table
from planner.quantities.record import CLUSTER_PREFIX
from planner.quantities.table import TABLE, Quantity, quantity_named

#: What is told of all pools together, where there are several, in the order in which it is told.
OVER_POOLS = tuple(made.id for made in TABLE.values() if made.over_pools is not None)


def asked_of_cluster(text: str) -> Quantity | None:
    """Return the quantity whose figure over all pools is asked for; None where it is of one pool or plan.

    Raises
    ------
    InputError
        Where there is no such quantity, or it does not add up over pools.
    """
    if not text.startswith(CLUSTER_PREFIX):
        return None
    made = quantity_named(text.removeprefix(CLUSTER_PREFIX))
    if made.over_pools is None:
        told = ", ".join(f"{CLUSTER_PREFIX}{identifier}" for identifier in OVER_POOLS)
        raise InputError(f"quantity {shown_value(text)}: does not add up over pools; expected one of {told}")
    return made
