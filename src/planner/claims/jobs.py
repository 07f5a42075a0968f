"""A claim in the planner's terms: its model, its work per token, and the estimate of the same job."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner.catalog.architecture import architecture_inputs, architecture_of
from planner.catalog.catalog import Catalog
from planner.claims.conventions import Count, count_of, repeated_count
from planner.domain.architecture import Architecture, LanguageModel
from planner.domain.chip import Chip
from planner.domain.claim import TrainingStatement
from planner.domain.evidence import value_of
from planner.domain.plan import Cluster, Plan, PlanModel, Pool
from planner.domain.plan_operations import Operations
from planner.domain.plan_workload import Workload
from planner.domain.system import System
from planner.domain.team import TEAM_WORDS, USUAL_TEAM, Team
from planner.engine.architecture import parameter_counts
from planner.engine.flops import training_flops_per_token
from planner.engine.precisions import Datatype
from planner.errors import PlannerError, ProfileError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.planning.chip import matmul_peak_flops_per_s
from planner.planning.layout_choice import LayoutChoice
from planner.planning.plausible_architecture import architecture_words, plausible_architecture
from planner.planning.published import JobClass, PublishedRun
from planner.planning.systems import systems_by_chip
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.units import percent

#: Sequence length where neither the claim nor the model's profile says one.
DEFAULT_SEQUENCE = 4096
#: A batch that published runs have: four million tokens, or so many per chip where chips are many.
BATCH_TOKENS = 4e6
BATCH_TOKENS_PER_CHIP = 2048.0
#: Share of its rating that a system draws in intensive training: nodes measured 0.76 to 0.82. [-]
SHARE_OF_RATING = 0.8
#: Whose run a statement is of: what a vendor says may be true of the vendor.
CLAIMING_TEAM: Team = "vendor"
#: Stands in for the tokens of a claim that says none; its days are then not shown.
ANY_TOKENS = 1e12


@dataclass(frozen=True, slots=True)
class Draw:
    """What a chip with its share of the system draws in training. [W]."""

    w_per_chip: float
    words: str


@dataclass(frozen=True, slots=True)
class ClaimJob:
    """A training claim with everything looked up."""

    statement: TrainingStatement
    chip: Chip
    architecture: Architecture
    model: LanguageModel | None
    parameters: float
    active_parameters: float
    sequence_length: int
    #: dense, at the claim's precision. [FLOP/s]
    peak_flops_per_s: float
    peak_datatype: Datatype
    #: of one training token, causal convention and 6 x active parameters. [FLOP]
    flops_per_token: float
    flops_per_token_6n: float
    #: by which a claimed utilisation is read
    count: Count
    #: what the claimed parameters need beyond those of the assumed shape. [FLOP]
    extra_flops_per_token: float
    is_peak_from_memory: bool
    #: None where nobody knows
    draw: Draw | None
    assumed: tuple[str, ...]

    @property
    def job_class(self) -> JobClass:
        """The class of published runs that it is held against."""
        return JobClass(
            chip=self.chip,
            is_mixture=self.architecture.mixture is not None,
            precision=self.statement.precision,
            active_parameters=self.active_parameters,
            sequence_length=self.sequence_length,
            chips=self.statement.chips,
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the planner's model says of the same job."""

    system_id: str
    system_name: str
    stack_id: str
    layout: LayoutChoice
    mfu: Band
    tokens_per_second: Band
    #: None where the claim says no tokens
    days: Band | None
    joules_per_token: Band | None
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoPrediction:
    """Why there is none."""

    reason: str


def claim_job(statement: TrainingStatement, catalog: Catalog, runs: Sequence[PublishedRun] = ()) -> ClaimJob:
    """Return a training claim with everything looked up.

    A claim that repeats the utilisation of one of the runs is read by what that run's source counts.

    Raises
    ------
    ProfileError, InputError, PlanError
        Where chip or model are unknown, or the chip has no rate at the precision.
    """
    chip: Chip = catalog.get("chips", statement.chip).profile
    peak, datatype = matmul_peak_flops_per_s(chip, statement.precision)
    assumed = list(statement.assumed)
    model: LanguageModel | None = None
    if statement.model is not None:
        model = catalog.get("models", statement.model).profile
        architecture = architecture_of(model)
    else:
        assert statement.parameters is not None  # the statement's validator
        architecture = plausible_architecture(statement.parameters, statement.active_parameters)
        assumed.append(f"shape of the model: {architecture_words(architecture)}")
    sequence = statement.sequence_length or (model.sequence_length if model else None)
    if sequence is None:
        sequence = DEFAULT_SEQUENCE
        assumed.append(f"sequence length {sequence:,}")
    inputs = architecture_inputs(architecture)
    counts = parameter_counts(inputs)
    total, active = float(counts.total), float(counts.active)
    extra = 0.0
    if model is None:
        assert statement.parameters is not None
        total = statement.parameters
        claimed = statement.active_parameters or total
        extra, active = 6.0 * (claimed - active), claimed
    ours = float(training_flops_per_token(inputs, float(sequence))) + extra
    count = count_of(statement, architecture, sequence, ours, extra)
    if count.words is None:
        count = repeated_count(statement, architecture, chip.generation, ours, runs) or count
    return ClaimJob(
        statement=statement,
        chip=chip,
        architecture=architecture,
        model=model,
        parameters=total,
        active_parameters=active,
        sequence_length=sequence,
        peak_flops_per_s=peak,
        peak_datatype=datatype,
        flops_per_token=ours,
        flops_per_token_6n=6.0 * active,
        count=count,
        extra_flops_per_token=extra,
        is_peak_from_memory=chip.peak_dense_flops_per_s[datatype].kind == "memory",
        draw=draw_of(chip, systems_by_chip(catalog).get(chip.id)),
        assumed=tuple(assumed),
    )


def draw_of(chip: Chip, system: System | None) -> Draw | None:
    """Return what a chip draws with its share of the system: measured, else of the rating, else its own."""
    if system is not None:
        each = f"what a chip draws with its share of {system.name}"
        measured, rating = value_of(system.measured_training_power_w), value_of(system.max_power_w)
        if measured is not None:
            return Draw(measured / system.chips_per_system, f"{each}, measured in training")
        if rating is not None:
            share = f"{percent(SHARE_OF_RATING)} of the rating"
            return Draw(SHARE_OF_RATING * rating / system.chips_per_system, f"{each}: {share}")
    tdp = value_of(chip.tdp_w)
    return None if tdp is None else Draw(tdp, "what the chips alone draw at their rating")


def batch_sequences(chips: int, sequence_length: int) -> int:
    """Return a usual global batch: a power of two of sequences."""
    tokens = max(BATCH_TOKENS, BATCH_TOKENS_PER_CHIP * chips)
    exponent = min(max(round(math.log2(tokens / sequence_length)), 0), 26)
    return int(2**exponent)


def predict_job(job: ClaimJob, catalog: Catalog) -> Prediction | NoPrediction:
    """Return what the planner estimates for the claim's job on the shipped system that holds its chip."""
    system = systems_by_chip(catalog).get(job.chip.id)
    if system is None:
        return NoPrediction(f"no shipped system holds {job.chip.name}")
    plan = _plan_of(job, system)
    try:
        estimate = estimate_plan(plan, catalog)
    except ProfileError:
        raise
    except PlannerError as error:
        return NoPrediction(str(error))
    figures = estimate.figures
    if figures is None:
        reasons = "; ".join(reason.removeprefix("pool 'claim': ") for reason in estimate.reasons)
        return NoPrediction(f"nothing fits: {reasons}")
    scale = figures.number("mfu.peak_flops_per_s") / job.peak_flops_per_s
    return Prediction(
        system_id=system.id,
        system_name=system.name,
        stack_id=estimate.pools[0].stack_id,
        layout=figures.setting.phase.layout,
        mfu=_scaled(_told(figures, "mfu"), scale),
        tokens_per_second=_told(figures, "tokens_per_second"),
        days=figures.band("training_days") if job.statement.tokens is not None else None,
        joules_per_token=figures.band("joules_per_token"),
        assumed=(
            f"batch of {plan.workload.global_batch_sequences:,} sequences",
            f"stack '{estimate.pools[0].stack_id}', fabric '{estimate.pools[0].fabric_id}'",
            _in_whose_hands(estimate),
        ),
    )


def _in_whose_hands(estimate: Estimate) -> str:
    """Return whose run is predicted, and what a buyer who is nobody of the kind should count on."""
    days = {view.team: view.days for view in estimate.teams}
    slower = days[USUAL_TEAM] / days[CLAIMING_TEAM] - 1.0
    return (
        f"run by {TEAM_WORDS[CLAIMING_TEAM]}; {TEAM_WORDS[USUAL_TEAM]} would take {100 * slower:.0f} % longer"
    )


def _plan_of(job: ClaimJob, system: System) -> Plan:
    statement = job.statement
    model = (
        PlanModel(profile=statement.model) if statement.model else PlanModel(architecture=job.architecture)
    )
    return Plan(
        name="claim",
        model=model,
        workload=Workload(
            tokens=statement.tokens or ANY_TOKENS,
            sequence_length=job.sequence_length,
            global_batch_sequences=batch_sequences(statement.chips, job.sequence_length),
            precision=statement.precision,
        ),
        cluster=Cluster(pools=(Pool(id="claim", system=system.id, chips=statement.chips),)),
        operations=Operations(team=CLAIMING_TEAM),
    )


def _told(figures: Figures, identifier: str) -> Band:
    band = figures.band(identifier)
    assert band is not None  # known wherever a layout trains
    return band


def _scaled(band: Band, factor: float) -> Band:
    return replace(band, p10=band.p10 * factor, p50=band.p50 * factor, p90=band.p90 * factor)
