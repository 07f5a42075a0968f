"""A new plan: empty, or begun from another one without what is said of that one alone."""

from __future__ import annotations

from planner.domain.parties import Parties, Release
from planner.domain.plan import Cluster, Plan, PlanModel, Pool, Targets
from planner.domain.plan_workload import Workload

#: What a plan that is begun from another does not take from it, in words.
LEFT_BEHIND = "notes, targets, who buys and sells, where the model goes"
#: What a plan is called that says nothing yet.
UNNAMED = "New plan"
_FIRST_POOL = "train"


def empty_plan(name: str) -> Plan:
    """Return a plan that says nothing but its name.

    Examples
    --------
    >>> from planner.domain.keys import missing_keys
    >>> [missing.name for missing in missing_keys(empty_plan("Ours"))]
    ['model.profile', 'workload.tokens', 'cluster.pools[train].system', 'cluster.pools[train].count']
    """
    pool = Pool(id=_FIRST_POOL)
    return Plan(name=name, model=PlanModel(), workload=Workload(), cluster=Cluster(pools=(pool,)))


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
