"""A new plan: empty, or begun from another one without what is said of that one alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

from planner.domain.base import Model
from planner.domain.parties import Parties, Release
from planner.domain.plan import Cluster, Plan, PlanModel, Pool, Targets
from planner.domain.plan_workload import Workload

#: What a plan that is begun from another does not take from it, in words.
LEFT_BEHIND = "notes, targets, who buys and sells, where the model goes"
#: What a plan is called that says nothing yet.
UNNAMED = "New plan"
_FIRST_POOL = "train"

_Record = TypeVar("_Record", bound=Model)


def empty_plan(name: str) -> Plan:
    """Return a plan that says nothing but its name.

    Examples
    --------
    >>> from planner.domain.keys import missing_keys
    >>> [missing.name for missing in missing_keys(empty_plan("Ours"))]
    ['model.profile', 'workload.tokens', 'cluster.pools[train].system', 'cluster.pools[train].count']
    """
    return _empty(name, lambda record, **values: record(**values))


@lru_cache(maxsize=1)
def blank_plan() -> Plan:
    """Return the empty plan that nobody named yet, at once: of defaults alone, which nothing validates.

    The validators of a plan take a twentieth of a second to build.
    """
    return _empty(UNNAMED, _of_defaults)


def _empty(name: str, made: Callable[..., Any]) -> Plan:
    pool = made(Pool, id=_FIRST_POOL)
    parts = {"model": made(PlanModel), "workload": made(Workload), "cluster": made(Cluster, pools=(pool,))}
    plan: Plan = made(Plan, name=name, **parts)
    return plan


def _of_defaults(record: type[_Record], **values: object) -> _Record:
    """Return a record with its defaults beside some values; nothing is validated."""
    factories = {name: field.default_factory for name, field in record.model_fields.items()}
    inner: dict[str, Any] = {
        name: _of_defaults(factory)
        for name, factory in factories.items()
        if isinstance(factory, type) and issubclass(factory, Model)
    }
    made: Any = record.model_construct(set(values), **inner, **values)
    return cast("_Record", made)


def begun_from(plan: Plan, name: str) -> Plan:
    """Return a plan that computes the same, under a name of its own.

    It has no notes, no targets and no buyer: those were somebody else's. Its date and pins are fixed anew
    when it is saved.
    """
    of_its_own: dict[str, object] = {
        "name": name,
        "notes": "",
        "as_of": None,
        "parties": Parties(),
        "release": Release(),
        "targets": Targets(),
        "pins": {},
    }
    return plan.model_copy(update=of_its_own)
