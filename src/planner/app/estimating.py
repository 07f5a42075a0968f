"""How the app comes to an estimate: what a worker's thread runs for one revision of the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.app.runner import Job
from planner.app.shelf import Shelf

if TYPE_CHECKING:
    from planner.domain.plan import Plan
    from planner.estimate.result import Estimate

Estimator = Callable[["Plan", Callable[[], bool]], "Estimate"]


class EngineEstimator:
    """The engine's estimator; the engine is imported when it first runs, so that the form opens fast."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def __call__(self, plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
        """Return the estimate of a plan."""
        from planner.estimate.estimate import estimate_plan  # noqa: PLC0415 - the engine is read when needed

        return estimate_plan(plan, self.shelf.catalog(), cancelled=cancelled)

    def look_further(self, plan: Plan, estimate: Estimate, job: Job) -> Estimate:
        """Return an estimate with the ways out of what does not fit, or a cliff beside it; slower."""
        from planner.exploring.way_out import with_ways_out  # noqa: PLC0415 - as above

        return with_ways_out(estimate, plan, self.shelf.catalog(), job.is_cancelled)


def estimated(
    plan: Plan, estimator: Estimator, shelf: Shelf, on_profiles: Callable[[], object], job: Job
) -> Estimate:
    """Return the estimate of a plan; `on_profiles` is called where its profiles were read for it."""
    if not shelf.is_loaded:
        shelf.warm(plan)
        on_profiles()
    return estimator(plan, job.is_cancelled)
