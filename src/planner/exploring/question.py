"""What is asked of a plan: one of its quantities, to be estimated again with something changed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InfeasibleError, InputError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.quantities.table import Quantity, quantity_named

#: What a team asks for first.
DAYS = "training_days"


def number_named(text: str) -> Quantity:
    """Return the quantity that a person means, which has to be a number.

    Raises
    ------
    InputError
        Where there is none, naming the nearest, or it is told in words.
    """
    made = quantity_named(text)
    if made.unit == "words":
        raise InputError(f"{made.id} is told in words; expected a number, such as {DAYS}")
    return made


@dataclass(frozen=True, slots=True)
class Question:
    """A quantity of a plan."""

    plan: Plan
    catalog: Catalog
    quantity: Quantity
    cancelled: Callable[[], bool] = lambda: False
    #: as of `estimate_plan`
    today: datetime.date | None = None

    def estimate(self) -> Estimate:
        """Return the plan's estimate.

        Raises
        ------
        InfeasibleError
            Where the plan cannot run, or nobody knows the quantity: then nothing moves it.
        PlanError, ProfileError
            As of `estimate_plan`.
        """
        estimate = estimate_plan(self.plan, self.catalog, cancelled=self.cancelled, today=self.today)
        if estimate.figures is None:
            raise InfeasibleError(f"the plan cannot run: {'; '.join(estimate.reasons)}")
        figure = estimate.figure(self.quantity.id)
        if not figure.is_known:
            lacks = ", ".join(gap.text for gap in figure.gaps if gap.kind == "unknown")
            raise InfeasibleError(f"{self.quantity.id} is unknown: {lacks}")
        return estimate

    def with_set(self, *overrides: str) -> Question:
        """Return the same question of the plan with keys set.

        Raises
        ------
        PlanError
            As of `apply_overrides`.
        """
        return replace(self, plan=apply_overrides(self.plan, overrides))

    def answer(self) -> float | str:
        """Return the quantity at the medians, or why there is none."""
        try:
            value = self.estimate().figure(self.quantity.id).p50
        except (InfeasibleError, InputError) as error:
            return str(error)
        return value if value is not None else "unknown"
