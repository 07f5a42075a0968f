"""A plan: everything a person chooses, and nothing that can be looked up.

A plan that is only begun may lack what an estimate needs (`domain.keys.missing_keys`): it is edited and saved
like others.
"""

import datetime
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import (
    Budget,
    BytesPerSecond,
    Megawatts,
    PricePerHourSpan,
    PriceSpan,
    Seconds,
)
from planner.domain.architecture import Architecture, Parameters
from planner.domain.base import Identifier, Model, SafeParagraphs, SafeText
from planner.domain.first_keys import FINISH_KEY, FIRST_KEYS, MODEL_KEY, TOKENS_KEY, target
from planner.domain.keys import Key, MissingKey, find_key, missing_keys
from planner.domain.months import Month
from planner.domain.parties import Parties, Release
from planner.domain.plan_acceptance import Acceptance
from planner.domain.plan_calendar import Calendar
from planner.domain.plan_money import Money
from planner.domain.plan_offer import Offer
from planner.domain.plan_operations import Operations
from planner.domain.plan_pilot import Pilot
from planner.domain.plan_site import PlanSite
from planner.domain.plan_strategy import Strategy
from planner.domain.plan_workload import Workload
from planner.domain.post_training import PostTraining
from planner.domain.ranges import Range
from planner.domain.training import TrainingRecipe

#: The version of the plan file that this program writes.
PLAN_SCHEMA_VERSION = 1


Systems = Annotated[int, Range(1, 10_000_000, "a pool has a system")]
Chips = Annotated[int, Range(1, 100_000_000, "a pool has a chip")]
Petaflops = Annotated[float, Range(0, 1e9, "no rate is less than nothing")]

#: One way between two pools.
LinkLatency = Annotated[Seconds, Range(0, 10, "no time is less than none", "no two places are so far apart")]

#: What a budget is of, with its meaning.
#: Of post-training.
StepsPerDay = Annotated[float, Range(0.01, 100_000, "nothing is learned without steps")]
MoneyOf = Literal["purchase", "year", "run", "life"]
MONEY_OF_WORDS: dict[str, str] = {
    "purchase": "all that is paid before training starts",
    "year": "the cash of the first year, the purchase included",
    "run": "what this run uses up of it, and what is paid while it runs",
    "life": "purchase and operation over the years of use, less what is left",
}


RentalMonths = Annotated[float, Range(0.01, 600, "a term lasts some days", "no cloud lets chips for so long")]


class PlanModel(Model):
    """Which language model is trained: a profile, or an architecture written in place."""

    profile: Annotated[Identifier | None, FIRST_KEYS[MODEL_KEY]] = None
    architecture: Architecture | None = None
    parameters: Annotated[
        Parameters | None,
        Key(
            "parameters",
            "How many parameters the model has, where nobody knows its shape yet: a plausible one is "
            "assumed, and the band is wider.",
            absent="the model says it",
            find="The team that will train it.",
            example="70B",
            rivals=("architecture",),
        ),
    ] = None
    active_parameters: Annotated[
        Parameters | None,
        Key(
            "active",
            "How many of them one token uses: fewer say that the model is a mixture of experts.",
            absent="all: the model is dense",
            find="The team that will train it.",
            example="12B",
        ),
    ] = None

    @model_validator(mode="after")
    def _is_at_most_one(self) -> Self:
        if (self.profile, self.architecture, self.parameters).count(None) < 2:
            raise ValueError(
                "expected one of profile = '...', parameters = '...' and [model.architecture], not several"
            )
        if self.active_parameters is not None and not self.active_parameters <= (self.parameters or 0):
            raise ValueError("active_parameters: expected parameters too, of which they are a part")
        return self


class Pool(Model):
    """Equal systems on one fabric."""

    id: Annotated[
        Identifier,
        Key(
            "pool",
            "A short name for these systems; differences between plans are matched by it.",
            find="Your choice: small letters, digits and dashes.",
            example="train",
        ),
    ]
    system: Annotated[
        Identifier | None,
        Key(
            "system",
            "The server, rack or supernode that is bought, and with it the chip.",
            find="The vendor's quotation names it.",
            profile_kind="systems",
            is_needed=True,
        ),
    ] = None
    #: systems
    count: Annotated[
        Systems | None,
        Key(
            "count",
            "How many systems are bought.",
            find="The quotation, or try sizes until the targets are met.",
            example="1,024",
            rivals=("chips",),
            is_needed=True,
        ),
    ] = None
    #: chips; may end inside a system
    chips: Chips | None = None
    fabric: Annotated[
        Identifier | None,
        Key(
            "fabric",
            "The scale-out network between the systems: rate of a port, tiers, oversubscription.",
            absent="the system's usual fabric",
            find="The network part of the quotation: InfiniBand or RoCE, and the rate of a port.",
            profile_kind="fabrics",
        ),
    ] = None
    stack: Annotated[
        Identifier | None,
        Key(
            "stack",
            "The software that trains: platform, framework and year. It decides the efficiency that is "
            "expected.",
            absent="the platform's usual stack, with a wider band",
            find="Ask the team that will run the training.",
            profile_kind="stacks",
        ),
    ] = None
    stack_release: Annotated[
        Month | None,
        Key(
            "release",
            "Year and month of the software's release. Later than what published runs have, it widens the "
            "band and promises no more.",
            absent="the newest that published runs on the stack have",
            consequence="a start after that widens the band",
            find="The version that the team will run, such as a container's.",
            example="2026-08",
        ),
    ] = None
    price_usd: Annotated[
        PriceSpan | None,
        Key(
            "system price",
            "What one system of the pool costs; overrides the profile's price.",
            absent="the profile's, or the sum of its chips'",
            find="The vendor's quotation.",
            example="180k or 150k..200k",
        ),
    ] = None
    rental_usd_per_chip_hour: Annotated[
        PricePerHourSpan | None,
        Key(
            "rent/chip-h",
            "What one chip of the pool costs per hour where it is rented instead of bought.",
            absent="bought, not rented",
            find="The cloud's price list.",
            example="2.5",
        ),
    ] = None

    rental_months: Annotated[
        RentalMonths | None,
        Key(
            "reserved for",
            "The term of a commitment in months: every hour of it is paid, used or not.",
            absent="by the hour",
            find="The cloud's offer.",
            example="12",
        ),
    ] = None

    @model_validator(mode="after")
    def _is_reserved_where_rented(self) -> Self:
        if self.rental_months is not None and self.rental_usd_per_chip_hour is None:
            raise ValueError("rental_months: expected rental_usd_per_chip_hour too, the rate of the term")
        return self

    @model_validator(mode="after")
    def _is_counted_once(self) -> Self:
        if self.count is not None and self.chips is not None:
            raise ValueError("expected either count = ... (systems) or chips = ..., not both")
        return self


class Cluster(Model):
    """One pool or several."""

    pools: tuple[Pool, ...] = Field(min_length=1, max_length=20)
    link_bytes_per_s: Annotated[
        BytesPerSecond | None,
        Key(
            "pools' link",
            "What all lines between one pool and the others carry together, in one direction.",
            absent="what the smaller pool's ports carry; of unlike fabrics an eighth of it",
            consequence="assumed, and said so",
            find="Whoever plans the network: lines between the two fabrics, times the rate of one.",
            example="12.8 Tb/s",
        ),
    ] = None
    link_latency_s: Annotated[
        LinkLatency | None,
        Key(
            "its latency",
            "How long a message takes from one pool to another, one way.",
            absent="20 us, as within one site; 5 ms for each 1,000 km",
            consequence="assumed, and said so",
            find="Measure it, or the distance by which light takes 5 us a kilometre.",
            example="20 us",
        ),
    ] = None
    #: what the rules on supercomputers ask; no chip profile holds these rates
    fp64_pflops: Petaflops | None = None
    fp32_pflops: Petaflops | None = None

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [pool.id for pool in self.pools]
        for identifier in ids:
            if ids.count(identifier) > 1:
                raise ValueError(f"two pools are called '{identifier}'")
        return self


class Targets(Model):
    """What the team must meet."""

    finish_by: Annotated[datetime.date | None, FIRST_KEYS[FINISH_KEY]] = None
    steps_per_day: Annotated[
        StepsPerDay | None,
        target("steps/day", "Of post-training: the fewest steps of a day, goodput counted in.", "40"),
    ] = None
    power_mw: Annotated[Megawatts | None, FIRST_KEYS["targets.power_mw"]] = None
    money_usd: Annotated[Budget | None, FIRST_KEYS["targets.money_usd"]] = None
    money_of: Annotated[
        MoneyOf | None,
        Key(
            "money of",
            "What that money is for.",
            absent="the purchase; where all is rented, this run",
            find="Whoever signs the budget.",
            example="purchase",
            answers=MONEY_OF_WORDS,
        ),
    ] = None


#: A used value as its profile's file writes it: a number, or text with a unit.
PinnedValue = bool | Annotated[int, Field(ge=-(2**63), lt=2**63)] | float | SafeText


class Pin(Model):
    """What a plan used of one profile when it was saved."""

    #: of the profile's content, in any formatting
    hash: str = Field(pattern=r"^[0-9a-f]{8,64}$")
    #: by dotted field; a field that estimates read and that is not here was unknown
    values: dict[SafeText, PinnedValue] = Field(default_factory=dict, max_length=1_000)


class Plan(Model):
    """`saved_plans/<name>.toml`."""

    schema_version: Literal[1] = 1
    name: Annotated[
        SafeText,
        Key(
            "name",
            "What the plan is called, in titles, reports and differences.",
            find="Your choice, such as what is trained on which systems.",
            example="Vela 90B on 92 DGX H200",
        ),
    ]
    notes: Annotated[
        SafeParagraphs,
        Key(
            "notes",
            "What whoever reads the plan should know: where its figures come from, what is still open.",
            find="Your own words; Enter opens them, over several lines.",
        ),
    ] = ""
    #: date of rules and prices, fixed when saved
    as_of: datetime.date | None = None
    model: PlanModel
    workload: Workload
    cluster: Cluster
    #: of the kinds preference and reinforcement
    post_training: PostTraining = Field(default_factory=PostTraining)
    training: TrainingRecipe = Field(default_factory=TrainingRecipe)
    strategy: Strategy = Field(default_factory=Strategy)
    site: PlanSite = Field(default_factory=PlanSite)
    calendar: Calendar = Field(default_factory=Calendar)
    operations: Operations = Field(default_factory=Operations)
    #: steps that the team measured itself
    pilot: tuple[Pilot, ...] = Field(default=(), max_length=50)
    acceptance: Acceptance = Field(default_factory=Acceptance)
    money: Money = Field(default_factory=Money)
    #: what is held side by side
    offers: tuple[Offer, ...] = Field(default=(), max_length=6)
    parties: Parties = Field(default_factory=Parties)
    release: Release = Field(default_factory=Release)
    targets: Targets = Field(default_factory=Targets)
    #: `<kind>/<id>` to what was used; written by the program
    pins: dict[str, Pin] = Field(default_factory=dict)

    @property
    def is_shared(self) -> bool:
        """Whether several pools share one training: of one of them no count can be asked."""
        return len(self.cluster.pools) > 1 and not self.workload.is_post_training

    @property
    def is_split(self) -> bool:
        """Whether one of several pools generates what another learns from."""
        return len(self.cluster.pools) > 1 and self.workload.is_post_training

    @model_validator(mode="after")
    def _kind_has_its_table(self) -> Self:
        if self.workload.is_post_training:
            return self
        kinds = "of kind = 'preference' or 'reinforcement' in [workload]; expected"
        if self.post_training != PostTraining():
            raise ValueError(f"[post_training] is {kinds} one of them, not '{self.workload.kind}'")
        if self.targets.steps_per_day is not None:
            raise ValueError(f"targets.steps_per_day is {kinds} finish_by, of '{self.workload.kind}'")
        return self


def missing_in_plan(plan: Plan) -> Iterator[MissingKey]:
    """Yield each key that an estimate of the plan needs and that says nothing.

    Post-training counts steps in place of tokens, and needs to know what a step is.
    """
    if not plan.workload.is_post_training:
        yield from missing_keys(plan)
        return
    for missing in missing_keys(plan):
        if missing.name != TOKENS_KEY:
            yield missing
    spec = plan.post_training
    needed: list[tuple[str, float | None]] = [
        ("prompts_per_step", spec.prompts_per_step),
        ("steps", spec.steps or spec.samples),
    ]
    needed.append(("max_response_tokens", spec.max_response_tokens or spec.mean_response_tokens))
    for name, value in needed:
        if value is None:
            path = f"post_training.{name}"
            yield MissingKey(("post_training", name), path, find_key(Plan, path).key)
