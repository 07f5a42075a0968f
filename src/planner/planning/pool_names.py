"""Whose chips something of a plan is of: the only pool's where nobody says, else one that the plan has."""

from __future__ import annotations

from planner.domain.plan import Plan
from planner.errors import PlanError


def refuse_other_pools(plan: Plan, where: str, pool: str | None, whose: str) -> None:
    """Refuse a pool that the plan does not have, and none where it has several.

    Parameters
    ----------
    plan
        Whose pools they are.
    where
        The key that names the pool.
    pool
        What it says.
    whose
        What is asked for, in words: `whose chips it ran on`.

    Raises
    ------
    PlanError
        Naming the key and the pools.
    """
    names = [each.id for each in plan.cluster.pools]
    if pool is None and len(names) > 1:
        raise PlanError(f"{where}: expected {whose}, one of {', '.join(names)}")
    if pool is not None and pool not in names:
        raise PlanError(f"{where} = '{pool}': no such pool; expected one of {', '.join(names)}")


def refuse_results_elsewhere(plan: Plan) -> None:
    """Refuse what was measured of systems that the plan does not have.

    Raises
    ------
    PlanError
        Naming the key and the pools.
    """
    for place, result in enumerate(plan.acceptance.measured):
        refuse_other_pools(
            plan, f"acceptance.measured[{place}].pool", result.pool, "whose systems were tested"
        )
