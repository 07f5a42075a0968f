"""How the app comes to an estimate: what a worker's thread runs for one revision of the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.app.runner import Job
from planner.app.shelf import Shelf
from planner.domain.plan import Plan

if TYPE_CHECKING:
    from planner.estimate.result import Estimate

Estimator = Callable[[Plan, Callable[[], bool]], "Estimate"]


def real_estimator(shelf: Shelf) -> Estimator:
    """Return the engine's estimator; imported when first run, so that the form opens fast."""

    def estimate(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        from planner.estimate.estimate import estimate_plan  # noqa: PLC0415 - the engine is read when needed

        return estimate_plan(plan, shelf.catalog(), cancelled=cancelled)

    return estimate


def estimated(
    plan: Plan, estimator: Estimator, shelf: Shelf, on_profiles: Callable[[], object], job: Job
) -> Estimate:
    """Return the estimate of a plan; `on_profiles` is called where its profiles were read for it."""
    if not shelf.is_loaded:
        shelf.warm(plan)
        on_profiles()
    return estimator(plan, job.is_cancelled)
