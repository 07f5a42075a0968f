"""Explains a number of an estimate: the record of how it came about, and the published runs nearest to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner.errors import InfeasibleError, PlanError
from planner.estimate.result import Estimate
from planner.files.values import shown_value, suggestion
from planner.planning.published import JobClass, PublishedRun, nearest_runs
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.shape import shape_of
from planner.planning.workload import PhaseWorkload
from planner.quantities.evaluation import Figures
from planner.quantities.over_pools import asked_of_cluster
from planner.quantities.record import CLUSTER_PREFIX, Record
from planner.quantities.setting import Setting
from planner.quantities.table import quantity_named


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number of a plan with what is behind it."""

    plan_name: str
    quantity: str
    #: None: of all pools
    pool_id: str | None
    record: Record
    nearest: tuple[PublishedRun, ...]
    #: of the plan's pool that is explained
    setting: Setting


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
    figures = _figures_of(estimate, pool_id)
    setting = figures.setting
    try:
        record = _record(estimate, figures, quantity)
    except InfeasibleError:
        reasons = "; ".join(reason for pool in estimate.pools for reason in pool.reasons)
        raise InfeasibleError(f"the plan cannot run: {reasons}") from None
    job = job_class(setting.resolved, setting.pool, setting.workload)
    is_of_all = record.id.startswith(CLUSTER_PREFIX) or (setting.is_joined and setting.is_of_all_pools)
    explained_pool = None if is_of_all else setting.pool.pool.id
    return Explanation(
        estimate.plan_name, record.id, explained_pool, record, nearest_runs(job, runs), setting
    )


def _record(estimate: Estimate, figures: Figures, quantity: str) -> Record:
    of_cluster = asked_of_cluster(quantity)
    if of_cluster is None:
        return figures.record(quantity_named(quantity).id)
    found = estimate.known.record(of_cluster.id)
    return replace(found, id=f"{CLUSTER_PREFIX}{of_cluster.id}")


def _figures_of(estimate: Estimate, pool_id: str | None) -> Figures:
    if pool_id is None:
        return estimate.known
    found = next((pool.known for pool in estimate.pools if pool.id == pool_id), None)
    if found is None:
        near = suggestion(pool_id, [pool.id for pool in estimate.pools])
        raise PlanError(f"no pool is called {shown_value(pool_id)}{near}")
    return found


def job_class(resolved: ResolvedPlan, pool: ResolvedPool, workload: PhaseWorkload) -> JobClass:
    """Return the class of published runs that a pool's job is near to."""
    return JobClass(
        chip=pool.chip,
        is_mixture=resolved.architecture.mixture is not None,
        precision=resolved.plan.workload.precision,
        active_parameters=float(shape_of(resolved.architecture).counts.active),
        sequence_length=workload.sequence_length,
        chips=pool.chips,
    )
