"""What a missing percent of a part of the cluster costs: the plan's days and money with it, in its layout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from planner.acceptance.price import cut_of
from planner.domain.plan_acceptance import ClusterComponent
from planner.planning.components import training_with
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting
from planner.units import middle_of

#: What else a line may be of: the storage that checkpoints go to, and what fails.
Part = ClusterComponent | Literal["storage", "failures"]
#: By how much a part is moved to see what it costs. [-]
PERCENT = 0.01


@dataclass(frozen=True, slots=True)
class Cost:
    """What a missing percent costs."""

    days: float
    #: None where money is unknown. [USD]
    usd: float | None
    #: share of the price of the systems, or of their rent, that makes up for it; None where unknown. [-]
    cut: float | None


def figures_with(figures: Figures, part: Part, factor: float) -> Figures:
    """Return a plan's figures where a part of its cluster is better by a factor; its layout stays."""
    setting = figures.setting
    if part == "storage":
        return _operated(figures, _storage(figures, factor))
    if part == "failures":
        return _operated(figures, _failures(figures, factor))
    training = training_with(setting.trained, part, factor)
    return Figures(main_setting(setting.resolved, setting.pool, training))


def _operated(figures: Figures, update: dict[str, float]) -> Figures:
    setting = figures.setting
    operations = setting.plan.operations.model_copy(update=update)
    plan = setting.plan.model_copy(update={"operations": operations})
    return Figures(main_setting(replace(setting.resolved, plan=plan), setting.pool, setting.trained))


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


def cost_of_a_percent(figures: Figures, part: Part) -> Cost:
    """Return what it costs that a part lacks a percent of what is expected, at the medians."""
    before = figures_with(figures, part, 1.0)
    after = figures_with(figures, part, 1.0 - PERCENT)
    days = after.number("training_days") - before.number("training_days")
    money = [one.p50("cost.total") for one in (before, after)]
    usd = None if money[0] is None or money[1] is None else money[1] - money[0]
    return Cost(days, usd, cut_of(before, after))
