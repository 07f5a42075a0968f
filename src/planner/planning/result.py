"""What an estimate says: frozen records whose names are the keys of `estimate --json`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from planner.domain.plan import Recompute, Schedule
from planner.engine.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Band:
    """A quantity with its 80 % band; for quantities where more is worse, p90 is the bad end."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class LayoutChoice:
    """The parallel layout that the estimate is for."""

    tp: int
    cp: int
    ep: int
    pp: int
    vpp: int
    dp: int
    microbatch: int
    zero: int
    recompute: Recompute
    schedule: Schedule
    #: microbatches of one pipeline in one step
    microbatches: int
    chips_used: int
    #: searched: found by the layout search; given: every part was in the plan
    origin: Literal["searched", "given"]


@dataclass(frozen=True, slots=True)
class Utilisation:
    """Model or hardware FLOP utilisation with the convention and peak that it is by."""

    band: Band
    convention: str
    peak_flops_per_s: float
    peak_datatype: str


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step: its time and the exposed parts, which sum to it."""

    seconds: float
    #: compute, memory_bound, tensor, context, expert, pipeline_p2p, data, bubble, optimizer, jitter
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Interconnect:
    """Exposed communication as a share of the step; the bubble is not in it."""

    fraction: float
    #: tensor, context, expert, pipeline_p2p, data
    by_class: Mapping[str, float]
    #: scale_up, scale_out
    by_tier: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on the fullest chip, and what they are for."""

    per_chip_bytes: float
    capacity_bytes: float
    #: weights, gradients, optimizer, activations, logits, buffers, reserve
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Power:
    """Average power from chip to meter, and the peak that the breaker sees; None where unknown."""

    chips_w: Band | None
    it_w: Band | None
    facility_w: Band | None
    peak_facility_w: float | None
    #: chips, hosts, network, storage, cooling
    parts: Mapping[str, float]
    #: what is missing or assumed, in words
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """Money in USD. What has no price is named in `unknown` and in no sum."""

    #: purchase of everything with a known price
    capex: Band | None
    #: electricity over the run
    opex: Band | None
    #: the run's share of the purchase (depreciation) or its rent, with its electricity
    total: Band | None
    per_million_tokens: Band | None
    unknown: tuple[str, ...]
    currency: str = "USD"
    #: purchase, depreciation, rental, electricity
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetVerdict:
    """One target of the plan against its estimate."""

    target: str
    #: met on the median, met even at the bad end, or missed
    verdict: Literal["met", "likely", "missed", "unknown"]
    text: str


@dataclass(frozen=True, slots=True)
class FinishDate:
    """When training ends."""

    p10: datetime.date
    p50: datetime.date
    p90: datetime.date


@dataclass(frozen=True, slots=True)
class ComplianceNote:
    """One rule that applies."""

    id: str
    severity: str
    subject: str
    #: the pool it is about; None: the whole plan
    pool: str | None
    note: str
    citation: str
    status: str
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    source: str
    evidence: str
    is_stale: bool
    title: str = ""
    caveat: str | None = None
    jurisdiction: str = ""
    #: of a licence: the stated policy, for instance presumption_of_denial
    review_policy: str | None = None
    confidence: str = ""
    #: past this day the note is shown as not re-checked since
    review_by: datetime.date | None = None
    #: of an upcoming note: the day from which it applies to this plan
    applies_from: datetime.date | None = None
    #: of the source: a day, a month or a year as ISO text
    source_date: str | None = None


@dataclass(frozen=True, slots=True)
class NeedsInput:
    """A field that is unknown and the rules that wait for it, the most decisive field first."""

    field: str
    rules: tuple[str, ...]
    #: where in a plan it can be filled, for instance `parties.buyer_country`; None: not in the plan
    plan_key: str | None = None
    #: the pools that it is asked for, where it is about a chip
    pools: tuple[str, ...] = ()
    #: how many of the rules this field could settle alone
    decides: int = 0


@dataclass(frozen=True, slots=True)
class Classification:
    """A chip's export classification as its numbers say."""

    pool: str
    chip: str
    eccn: str
    total_processing_performance: float | None
    performance_density: float | None
    #: of the designer's headquarters; None: unknown
    designer_country: str | None = None


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    """Planning information, not legal advice: what applies, what is asked, what is ahead."""

    as_of: datetime.date
    notes: tuple[ComplianceNote, ...] = ()
    needs_input: tuple[NeedsInput, ...] = ()
    upcoming: tuple[ComplianceNote, ...] = ()
    classifications: tuple[Classification, ...] = ()
    #: the plan's answer on whether US export rules reach its chips; None: not given, and so assumed
    chip_subject_to_ear: bool | None = None


@dataclass(frozen=True, slots=True)
class ProfileUse:
    """A profile that the estimate read."""

    kind: str
    id: str
    hash: str
    origin: str


@dataclass(frozen=True, slots=True)
class Performance:
    """What training on one set of chips takes: the whole plan's, or one pool's alone."""

    layout: LayoutChoice
    training_days: Band
    tokens_per_second: Band
    tokens_per_second_per_chip: Band
    mfu: Utilisation
    #: the same with the full S x S attention matrix counted
    mfu_full_attention: Utilisation
    hfu: Utilisation
    goodput: Band
    step: Step
    interconnect: Interconnect
    memory: Memory
    power: Power
    energy_mwh: Band | None
    carbon_t: Band | None
    water_m3: Band | None
    joules_per_token: Band | None
    cost: Cost
    finish_date: FinishDate | None = None
    #: step seconds of the next best layout over the best, less one; None where nothing was searched
    runner_up: float | None = None
    #: joint draws behind the bands, for the band of a difference: training_days, tokens_per_second,
    #: interconnect, facility_w, energy_mwh, capex, opex, total; (draws,) or (1,); what is unknown is absent
    draws: Mapping[str, FloatArray] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PoolEstimate:
    """One pool of the plan."""

    id: str
    system_id: str
    system_name: str
    chip_id: str
    chip_name: str
    chips: int
    systems: float
    fabric_id: str
    stack_id: str
    is_roadmap: bool
    #: None where the pool cannot run the job; the reasons say why
    performance: Performance | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """The answer to a plan.

    `performance` is the whole plan's and None where it is infeasible or not yet estimable as a whole;
    `reasons` then says why. `warnings` never block.
    """

    plan_name: str
    is_feasible: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    performance: Performance | None
    pools: tuple[PoolEstimate, ...]
    targets: tuple[TargetVerdict, ...]
    compliance: ComplianceReport
    candidates: int
    seconds: float
    profiles: tuple[ProfileUse, ...]
    #: parameters, active parameters, tokens, training_flops (causal convention, without recomputation)
    facts: Mapping[str, float] = field(default_factory=dict)
