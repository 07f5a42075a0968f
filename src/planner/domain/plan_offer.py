"""An offer for what a plan trains: the plan with some of its keys set."""

from typing import Annotated

from pydantic import Field

from planner.domain.base import Model, SafeText
from planner.domain.keys import Key
from planner.domain.plan_acceptance import AcceptanceLine


class Offer(Model):
    """One of the offers that are held side by side."""

    name: Annotated[
        SafeText,
        Key(
            "offer",
            "What the offer is called where it stands beside others.",
            find="Your choice, such as the seller and the form of the contract.",
            example="reserved for a year",
        ),
    ]
    #: what its seller promises of the lines of `planner acceptance`, and the remedies that it signs
    promises: tuple[AcceptanceLine, ...] = Field(default=(), max_length=100)
    set: Annotated[
        tuple[SafeText, ...],
        Field(max_length=200),
        Key(
            "sets",
            "The keys of the plan that the offer answers otherwise, each as KEY=VALUE: what --set takes.",
            absent="the plan as it stands",
            find="The seller's quotation.",
            example="cluster.pools.rental_usd_per_chip_hour=2.1",
        ),
    ] = ()
