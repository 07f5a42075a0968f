"""A plan: everything a person chooses, and nothing that can be looked up."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.architecture import Architecture
from planner.domain.base import CountryCode, Identifier, Model, SafeParagraphs, SafeText
from planner.domain.quantities import (
    Count,
    Fraction,
    FractionSpan,
    Megawatts,
    Seconds,
    TokensSpan,
    Usd,
    UsdPerHourSpan,
    UsdPerKwhSpan,
    UsdSpan,
)
from planner.engine.precisions import PLAN_PRECISIONS, USUAL_PRECISION
from planner.engine.recompute import RECOMPUTE
from planner.engine.schedules import SCHEDULES

# The words that a plan may use are those of the engine's tables, which a type checker cannot read.
if TYPE_CHECKING:
    Precision = str
    Recompute = str
    Schedule = str
else:
    Precision = Literal[PLAN_PRECISIONS]
    Recompute = Literal[tuple(RECOMPUTE)]
    Schedule = Literal[tuple(SCHEDULES)]

#: The version of the plan file that this program writes.
PLAN_SCHEMA_VERSION = 1


class PlanModel(Model):
    """Which language model is trained: a profile, or an architecture written in place."""

    profile: Identifier | None = None
    architecture: Architecture | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.profile is None) == (self.architecture is None):
            raise ValueError("expected either profile = '...' or [model.architecture], not both")
        return self


class Phase(Model):
    """One stretch of the training, with its own sequence length and batch."""

    tokens: TokensSpan
    sequence_length: int | None = Field(default=None, ge=1, le=100_000_000)
    global_batch_sequences: int | None = Field(default=None, ge=1, le=100_000_000)


class Workload(Model):
    """What the cluster must compute."""

    tokens: TokensSpan | None = None
    sequence_length: int = Field(default=4096, ge=1, le=100_000_000)
    global_batch_sequences: int = Field(default=1024, ge=1, le=100_000_000)
    precision: Precision = USUAL_PRECISION
    phases: tuple[Phase, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _has_tokens(self) -> Self:
        if (self.tokens is None) == (not self.phases):
            raise ValueError("expected either tokens = ... or [[workload.phases]], not both")
        return self


class Pool(Model):
    """Equal systems on one fabric."""

    id: Identifier
    system: Identifier
    #: systems
    count: int | None = Field(default=None, ge=1, le=10_000_000)
    #: chips; may end inside a system
    chips: int | None = Field(default=None, ge=1, le=100_000_000)
    fabric: Identifier | None = None
    stack: Identifier | None = None
    #: override of one system's price
    price_usd: UsdSpan | None = None
    rental_usd_per_chip_hour: UsdPerHourSpan | None = None

    @model_validator(mode="after")
    def _is_counted_once(self) -> Self:
        if (self.count is None) == (self.chips is None):
            raise ValueError("expected either count = ... (systems) or chips = ..., not both")
        return self


class Cluster(Model):
    """One pool or several."""

    pools: tuple[Pool, ...] = Field(min_length=1, max_length=20)
    #: what the rules on supercomputers ask; no chip profile holds these rates
    fp64_pflops: float | None = Field(default=None, ge=0)
    fp32_pflops: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [pool.id for pool in self.pools]
        for identifier in ids:
            if ids.count(identifier) > 1:
                raise ValueError(f"two pools are called '{identifier}'")
        return self


class Strategy(Model):
    """The parallel layout: searched (`auto`, with any part pinned) or given whole."""

    mode: Literal["auto", "given"] = "auto"
    tensor: int | None = Field(default=None, ge=1, le=100_000)
    context: int | None = Field(default=None, ge=1, le=100_000)
    expert: int | None = Field(default=None, ge=1, le=100_000)
    pipeline: int | None = Field(default=None, ge=1, le=100_000)
    virtual_stages: int | None = Field(default=None, ge=1, le=10_000)
    data: int | None = Field(default=None, ge=1, le=100_000_000)
    microbatch: int | None = Field(default=None, ge=1, le=1_000_000)
    zero: int | None = Field(default=None, ge=0, le=3)
    recompute: Recompute | None = None
    schedule: Schedule | None = None


class PlanSite(Model):
    """Where the cluster stands: a profile, and what overrides it."""

    profile: Identifier | None = None
    country: CountryCode | None = None
    region: str | None = Field(default=None, pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
    pue: FractionSpan | None = None
    electricity_usd_per_kwh: UsdPerKwhSpan | None = None
    carbon_g_per_kwh: float | None = Field(default=None, ge=0, le=100_000)
    power_cap_mw: Megawatts | None = None
    connection_mva: float | None = Field(default=None, ge=0)
    renewable_share: Fraction | None = None
    commissioned: datetime.date | None = None
    is_cn_hub_node: bool | None = None
    is_state_funded: bool | None = None
    is_new_build: bool | None = None
    is_single_datacenter: bool | None = None


class Calendar(Model):
    """When training starts."""

    start: datetime.date | None = None


class Operations(Model):
    """How the run is kept alive."""

    #: rate at which all chips together are rid of a checkpoint while training stands still: the storage's
    #: where training waits for the whole write, that of the copy to the hosts' memory where the rest is
    #: hidden; absent: each checkpoint stalls for 10 s
    checkpoint_bytes_per_s: Count | None = Field(default=None, ge=1)
    restart_s: Seconds | None = None
    chip_mtbf_hours: Count | None = None


class Money(Model):
    """How the purchase is written off."""

    depreciation_years: float = Field(default=4.0, gt=0, le=50)


class Parties(Model):
    """Who buys, who sells, by which road; absent means unknown, never fine."""

    buyer_name: SafeText | None = None
    buyer_country: CountryCode | None = None
    buyer_parent_country: CountryCode | None = None
    buyer_is_listed: bool | None = None
    buyer_is_sdn: bool | None = None
    buyer_is_screened: bool | None = None
    buyer_owned_by_listed_percent: float | None = Field(default=None, ge=0, le=100)
    buyer_owned_by_sdn_percent: float | None = Field(default=None, ge=0, le=100)
    buyer_is_us_federal: bool | None = None
    buyer_is_us_federal_contractor: bool | None = None
    buyer_is_cn_public_sector: bool | None = None
    buyer_is_uae_approved: bool | None = None
    supplier_name: SafeText | None = None
    supplier_country: CountryCode | None = None
    supplier_is_listed: bool | None = None
    supplier_is_sdn: bool | None = None
    supplier_is_screened: bool | None = None
    developer_is_us: bool | None = None
    export_route: Literal["from_us", "reexport", "transfer"] | None = None
    export_via: CountryCode | None = None
    import_us_entry: bool | None = None
    import_use: SafeText | None = None
    #: set false only on advice
    chip_subject_to_ear: bool | None = None
    is_capacity_rented_out: bool | None = None


class Release(Model):
    """Where the trained model goes."""

    eu_market: bool | None = None
    kr_market: bool | None = None
    ny_market: bool | None = None
    cn_public_service: bool | None = None
    open_weights: bool | None = None
    bio_sequence_data: bool | None = None
    modification_fraction: Fraction | None = None


class Targets(Model):
    """What the team must meet."""

    finish_by: datetime.date | None = None
    power_mw: Megawatts | None = None
    money_usd: Usd | None = None


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
    name: SafeText
    notes: SafeParagraphs = ""
    #: date of rules and prices, fixed when saved
    as_of: datetime.date | None = None
    model: PlanModel
    workload: Workload
    cluster: Cluster
    strategy: Strategy = Strategy()
    site: PlanSite = PlanSite()
    calendar: Calendar = Calendar()
    operations: Operations = Operations()
    money: Money = Money()
    parties: Parties = Parties()
    release: Release = Release()
    targets: Targets = Targets()
    #: `<kind>/<id>` to what was used; written by the program
    pins: dict[str, Pin] = Field(default_factory=dict)
