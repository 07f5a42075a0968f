"""What a missing percent of a part of the cluster costs: the plan's days and money with it, in its layout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from planner.acceptance.price import cut_of, cut_worth
from planner.domain.plan_acceptance import ClusterComponent
from planner.planning.components import rollouts_moved, training_with
from planner.planning.machine_parts import generates_for
from planner.planning.resolve import ResolvedPlan
from planner.planning.training import Training
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting
from planner.units import middle_of

#: What else a line may be of: the storage that checkpoints go to, what fails, weights on their way to a pool
#: that generates, and the memory that it has for keys and values.
Part = ClusterComponent | Literal["storage", "failures", "transfer", "cache"]
#: By how much a part is moved to see what it costs. [-]
PERCENT = 0.01
#: Of the days, what is none. [-]
_LEAST_SHARE = 1e-12


@dataclass(frozen=True, slots=True)
class Cost:
    """What a missing percent costs."""

    days: float
    #: None where money is unknown. [USD]
    usd: float | None
    #: share of the price of the systems, or of their rent, that makes up for it; None where unknown. [-]
    cut: float | None


def figures_with(figures: Figures, part: Part, factor: float, pool: str | None = None) -> Figures:
    """Return a plan's figures where a part of its cluster is better by a factor; its layout stays.

    Parameters
    ----------
    figures
        Of the plan.
    part, factor
        What is better, and by how much. [-]
    pool
        Whose part it is, where the plan has one that generates for the other.
    """
    setting = figures.setting
    if part == "storage":
        return _operated(figures, _storage(figures, factor))
    if part == "failures":
        return _operated(figures, _failures(figures, factor))
    if part == "transfer" or part == "cache" or generates_for(setting.phase.post, pool):  # noqa: PLR1714
        # one by one: what is left is a component of a cluster
        return _of(figures, setting.resolved, rollouts_moved(setting.trained, part, factor))
    return _of(figures, setting.resolved, training_with(setting.trained, part, factor))


def _operated(figures: Figures, update: dict[str, float]) -> Figures:
    setting = figures.setting
    operations = setting.plan.operations.model_copy(update=update)
    plan = setting.plan.model_copy(update={"operations": operations})
    return _of(figures, replace(setting.resolved, plan=plan), setting.trained)


def _of(figures: Figures, resolved: ResolvedPlan, training: Training) -> Figures:
    """Return the figures of a plan in another training of its pool; of two pools those of both."""
    setting = main_setting(resolved, figures.setting.pool, training)
    joined = figures.setting.joined
    if joined is None:
        return Figures(setting)
    members = tuple(replace(one, training=_laid_out(training, one.training)) for one in joined.members)
    return Figures(replace(setting, joined=replace(joined, members=members)))


def _laid_out(training: Training, before: Training) -> Training:
    """Return a training in the layouts of another one of the same phases."""
    phases = zip(training.phases, before.phases, strict=True)
    return replace(training, phases=tuple(replace(moved, layout=own.layout) for moved, own in phases))


def _storage(figures: Figures, factor: float) -> dict[str, float]:
    operations = figures.setting.plan.operations
    rates = {
        key: rate * factor
        for key in ("storage_bytes_per_s", "checkpoint_bytes_per_s")
        if (rate := getattr(operations, key)) is not None
    }
    if operations.checkpoint_bytes_per_s is None:
        rates["checkpoint_s"] = figures.number("goodput.snapshot_s") / factor
    return rates


def _failures(figures: Figures, factor: float) -> dict[str, float]:
    """Return what the plan says of failures where they are rarer by a factor."""
    operations = figures.setting.plan.operations
    if operations.chip_mtbf_hours is not None:
        return {"chip_mtbf_hours": operations.chip_mtbf_hours * factor}
    stated = operations.failures_per_1000_server_days
    each = figures.number("goodput.server_failures_per_day") * 1000 if stated is None else middle_of(stated)
    return {"failures_per_1000_server_days": each / factor}


def cost_of_a_percent(figures: Figures, part: Part, pool: str | None = None) -> Cost:
    """Return what it costs that a part lacks a percent of what is expected, at the medians.

    `pool` as of `figures_with`; its systems are what the price is of.
    """
    before = figures_with(figures, part, 1.0, pool)
    after = figures_with(figures, part, 1.0 - PERCENT, pool)
    days = after.number("training_days") - before.number("training_days")
    if abs(days) < _LEAST_SHARE * before.number("training_days"):
        # what hides behind the other pool: the rest is rounding
        days = 0.0
    money = [one.p50("cost.total") for one in (before, after)]
    usd = None if money[0] is None or money[1] is None else money[1] - money[0]
    joined = figures.setting.joined
    if joined is None:
        return Cost(days, usd, cut_of(before, after))
    tested = pool or figures.setting.pool.pool.id
    own = next(one for one in joined.members if one.pool.pool.id == tested)
    alone = Figures(main_setting(figures.setting.resolved, own.pool, own.training))
    return Cost(days, usd, None if usd is None else cut_worth(alone, usd))
