"""Explains a number of an estimate: the record of how it came about, and the published runs nearest to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.catalog.architecture import architecture_inputs
from planner.engine.architecture import parameter_counts
from planner.errors import InfeasibleError, PlanError
from planner.estimate.result import Estimate
from planner.files.values import shown_value, suggestion
from planner.planning.published import JobClass, PublishedRun, nearest_runs
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.quantities.evaluation import Figures
from planner.quantities.record import Record
from planner.quantities.table import Quantity, quantity_named

#: Before the id of what adds up over the pools of a cluster, as `estimate --json` tells it.
SUM_PREFIX = "cluster."


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number of a plan with what is behind it."""

    plan_name: str
    quantity: str
    pool_id: str
    record: Record
    nearest: tuple[PublishedRun, ...]


def explain(
    estimate: Estimate, quantity: str, runs: Sequence[PublishedRun] = (), *, pool_id: str | None = None
) -> Explanation:
    """Return the tree behind a number of an estimate: the record of that estimate, nothing computed anew.

    Parameters
    ----------
    estimate
        The estimate whose numbers the tree gives.
    quantity
        The id of a quantity, or another name of it.
    runs
        Published runs, of which the nearest are named.
    pool_id
        The pool to explain; None: the one whose figures are the plan's.

    Raises
    ------
    InputError
        Where there is no such quantity or pool.
    InfeasibleError
        Where the plan cannot run and the quantity is of its training.
    """
    is_sum = quantity.startswith(SUM_PREFIX)
    made = quantity_named(quantity.removeprefix(SUM_PREFIX))
    figures = _figures_of(estimate, pool_id)
    setting = figures.setting
    try:
        record = _sum_over_pools(estimate, made) if is_sum else figures.record(made.id)
    except InfeasibleError:
        reasons = "; ".join(reason for pool in estimate.pools for reason in pool.reasons)
        raise InfeasibleError(f"the plan cannot run: {reasons}") from None
    job = job_class(setting.resolved, setting.pool)
    return Explanation(estimate.plan_name, record.id, setting.pool.pool.id, record, nearest_runs(job, runs))


def _sum_over_pools(estimate: Estimate, made: Quantity) -> Record:
    """Return the tree of a sum over all pools, which is unknown where one pool's figure is."""
    children = [pool.known.record(made.id, f"pool_{n}") for n, pool in enumerate(estimate.pools, start=1)]
    total = estimate.over_pools(made.id)
    missing = ", ".join(gap.text for gap in total.gaps if gap.kind == "unknown")
    return Record(
        symbol=made.symbol,
        name=f"{made.title}, of all pools together",
        value=total.p50,
        unit=made.unit,
        equation=" + ".join(child.symbol for child in children) if total.is_known else None,
        method=None if total.is_known else f"unknown: {missing}",
        children=tuple(children),
        id=f"{SUM_PREFIX}{made.id}",
    )


def _figures_of(estimate: Estimate, pool_id: str | None) -> Figures:
    if pool_id is None:
        return estimate.known
    found = next((pool.known for pool in estimate.pools if pool.id == pool_id), None)
    if found is None:
        near = suggestion(pool_id, [pool.id for pool in estimate.pools])
        raise PlanError(f"no pool is called {shown_value(pool_id)}{near}")
    return found


def job_class(resolved: ResolvedPlan, pool: ResolvedPool) -> JobClass:
    """Return the class of published runs that a pool's job is near to."""
    return JobClass(
        chip=pool.chip,
        is_mixture=resolved.architecture.mixture is not None,
        precision=resolved.plan.workload.precision,
        active_parameters=float(parameter_counts(architecture_inputs(resolved.architecture)).active),
        chips=pool.chips,
    )
