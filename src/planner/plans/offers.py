"""The offers of plans, each as a plan of its own: the plan, with what the offer sets."""

from __future__ import annotations

from planner.domain.plan import Plan
from planner.domain.plan_offer import Offer
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
        (
            offer.name,
            _promising(apply_overrides(bare, offer.set, where=f"{where}: offers[{place}].set"), offer),
        )
        for place, offer in enumerate(plan.offers)
    ]


def _promising(plan: Plan, offer: Offer) -> Plan:
    """Return a plan whose lines of acceptance are those that an offer promises, and else its own."""
    if not offer.promises:
        return plan
    promised = {line.id: line for line in offer.promises}
    lines = (*(line for line in plan.acceptance.lines if line.id not in promised), *offer.promises)
    return plan.model_copy(update={"acceptance": plan.acceptance.model_copy(update={"lines": lines})})


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
