"""When a plan's cluster is there and free: deliveries, acceptance, ramp, stops and other runs on it."""

import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from planner.domain.amounts import DaysSpan
from planner.domain.base import Identifier, Model, SafeText
from planner.domain.keys import Key
from planner.domain.ranges import Range

Delay = Annotated[DaysSpan, Range(0, 3650, "no time is less than none", "nobody waits for ten years")]
RampShare = Annotated[
    float, Range(0.01, 1, "a ramp on which nothing runs is an acceptance", "1 says that there is none")
]
Priority = Annotated[int, Range(-1000, 1000, "0 is as urgent as the plan", "0 is as urgent as the plan")]
DeliveredSystems = Annotated[int, Range(1, 10_000_000, "a delivery has a system")]


_ORDER = "The order, or the seller's confirmation of it."
_FACILITY = "The facility's calendar."
_SHARES = "Whoever shares the fleet out."


class Delivery(Model):
    """Systems of one pool that come on one day."""

    date: Annotated[
        datetime.date,
        Key("date", "The day for which the seller promises them.", find=_ORDER, example="2027-01-15"),
    ]
    systems: Annotated[
        DeliveredSystems,
        Key(
            "systems",
            "How many systems come on that day; all deliveries of a pool together are its count.",
            find=_ORDER,
            example="512",
        ),
    ]
    slip_days: Annotated[
        Delay | None,
        Key(
            "slip days",
            "How many days later they may come.",
            absent="they come on the day",
            find="What earlier orders of the same seller took.",
            example="0..45",
        ),
    ] = None
    pool: Annotated[
        Identifier | None,
        Key("pool", "The pool that they are of.", absent="of the only pool", example="train"),
    ] = None


class Stop(Model):
    """Days on which nothing runs: a maintenance window, a move, a holiday."""

    date: Annotated[datetime.date, Key("date", "Its first day.", find=_FACILITY, example="2027-03-01")]
    days: Annotated[
        Annotated[Delay, Range(0.01, 3650, "a stop takes some time")],
        Key("days", "How long nothing runs.", find=_FACILITY, example="2"),
    ]
    name: Annotated[SafeText, Key("what", "What it is for.", example="move to hall 2")] = "maintenance"


class FleetRun(Model):
    """Another run on the same fleet, which is done before or after the plan's."""

    name: Annotated[SafeText, Key("run", "What the other run is called.", find=_SHARES, example="vision 7B")]
    days: Annotated[
        Delay, Key("days", "How long it takes the whole fleet.", find="Its own plan.", example="20..30")
    ]
    ready: Annotated[
        datetime.date | None,
        Key(
            "ready", "The day from which it could run.", absent="from the first", find=_SHARES,
            example="2027-02-01",
        ),
    ] = None  # fmt: skip
    priority: Annotated[
        Priority,
        Key(
            "priority",
            "Above that of the plan it goes first; of equals whoever is ready first.",
            find=_SHARES,
            example="1",
        ),
    ] = 0


class Calendar(Model):
    """When training starts, and with how much of the cluster."""

    start: Annotated[
        datetime.date | None,
        Key(
            "start",
            "The day on which training starts; with deliveries, the day before which it does not.",
            absent="no dates, only days",
            find="Delivery date plus installation and acceptance.",
            example="2026-12-14",
        ),
    ] = None
    acceptance_days: Annotated[
        Delay | None,
        Key(
            "acceptance",
            "Days from a delivery until it is installed and accepted.",
            absent="0: dates of deliveries are those of accepted systems",
            find="The purchase contract: installation and acceptance tests.",
            example="10..20",
        ),
    ] = None
    burn_in_days: Annotated[
        Delay | None,
        Key(
            "burn-in",
            "Days from then until weak parts are found and replaced, on which nothing is trained.",
            absent="0",
            find="The operator's own rule; two weeks are usual.",
            example="7..14",
        ),
    ] = None
    ramp_days: Annotated[
        Delay | None,
        Key(
            "ramp",
            "The first days of training, in which less of the rate is reached.",
            absent="0",
            find="The logbook of a run by the same people.",
            example="14",
        ),
    ] = None
    ramp_share: Annotated[
        RampShare,
        Key(
            "ramp rate",
            "The share of the rate that is reached on those days.",
            find="The logbook of a run by the same people.",
            example="60 %",
        ),
    ] = 0.5
    priority: Annotated[
        Priority,
        Key(
            "priority",
            "Whether the plan goes before other runs of the fleet (calendar.runs) that wait when it is free.",
            find=_SHARES,
            example="1",
        ),
    ] = 0
    deliveries: tuple[Delivery, ...] = Field(default=(), max_length=20)
    stops: tuple[Stop, ...] = Field(default=(), max_length=50)
    runs: tuple[FleetRun, ...] = Field(default=(), max_length=20)

    @property
    def is_plain(self) -> bool:
        """Whether the whole cluster is there and free from the first day to the last."""
        return not (self.deliveries or self.stops or self.runs or self.ramp_days)

    @model_validator(mode="after")
    def _has_what_it_counts_from(self) -> Self:
        for name in ("acceptance_days", "burn_in_days"):
            if getattr(self, name) is not None and not self.deliveries:
                raise ValueError(f"{name}: expected [[calendar.deliveries]] too, after which it counts")
        for name in ("stops", "runs"):
            if getattr(self, name) and self.start is None and not self.deliveries:
                raise ValueError(f"{name}: expected start = ... or [[calendar.deliveries]] too")
        return self
