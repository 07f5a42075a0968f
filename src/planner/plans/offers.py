"""The offers of plans, each as a plan of its own: the plan, with what the offer sets."""

from __future__ import annotations

from planner.domain.plan import Plan
from planner.errors import InputError
from planner.plans.overrides import apply_overrides

#: Of offers that are held side by side.
FEWEST_OFFERS = 2
MOST_OFFERS = 6


def offered_plans(plan: Plan, where: str) -> list[tuple[str, Plan]]:
    """Return each offer's name with its plan; of a plan without offers, itself under its own name.

    Parameters
    ----------
    plan
        A plan, with `[[offers]]` or without.
    where
        What errors call its file.

    Raises
    ------
    PlanError
        Where an offer sets what no plan holds: the message names the offer.
    """
    if not plan.offers:
        return [(plan.name, plan)]
    bare = plan.model_copy(update={"offers": ()})
    return [
        (offer.name, apply_overrides(bare, offer.set, where=f"{where}: offers[{place}].set"))
        for place, offer in enumerate(plan.offers)
    ]


def check_number(offers: int) -> None:
    """Refuse a number of offers that cannot be held side by side.

    Raises
    ------
    InputError
        Where there are fewer than two or more than six.
    """
    if not FEWEST_OFFERS <= offers <= MOST_OFFERS:
        many = "1 offer" if offers == 1 else f"{offers} offers"
        raise InputError(
            f"{many}: expected {FEWEST_OFFERS} to {MOST_OFFERS}, as plans or as [[offers]] of one plan"
        )
