"""Judges claims: what they imply, against what was published and what the model predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.claims.conventions import convention_reason, parameters_reason, silence_reason
from planner.claims.jobs import ClaimJob, NoPrediction, Prediction, claim_job, predict_job
from planner.claims.ratios import RatioJudgement, judge_system, judge_throughput
from planner.claims.verdicts import TOLERANCE, Verdict, reached_reasons, verdict_of
from planner.domain.architecture import LanguageModel
from planner.domain.claim import Claim, TrainingStatement
from planner.domain.evidence import Evidence, value_of
from planner.domain.maturity import WARNINGS
from planner.errors import PlanError
from planner.planning.disputes import warn_if_known_wrong
from planner.planning.published import PublishedRun, Reached, nearest_runs, reached_by
from planner.units import SECONDS_PER_DAY, percent


@dataclass(frozen=True, slots=True)
class Implied:
    """What a training claim comes to. Utilisations are against the dense peak, without recomputation."""

    tokens_per_second: float
    tokens_per_second_per_chip: float
    #: None where the claim says no tokens
    days: float | None
    mfu: float
    #: by 6 x active parameters alone
    mfu_6n: float


@dataclass(frozen=True, slots=True)
class TrainingJudgement:
    """A training claim held against arithmetic, published runs and the model."""

    job: ClaimJob
    implied: Implied
    verdict: Verdict
    reasons: tuple[str, ...]
    reached: Reached | None
    nearest: tuple[PublishedRun, ...]
    prediction: Prediction | NoPrediction
    #: figures known to be wrong, counts that do not fit
    warnings: tuple[str, ...]
    #: what profiles say that concerns it, each with its evidence
    disputes: tuple[tuple[str, Evidence], ...]


@dataclass(frozen=True, slots=True)
class ClaimJudgement:
    """A shipped claim with each of its statements judged, beside what the sources say."""

    claim: Claim
    training: tuple[TrainingJudgement, ...]
    ratios: tuple[RatioJudgement, ...]
    #: where its own statements cannot all be true
    contradiction: str | None

    @property
    def is_no(self) -> bool:
        """Whether the answer is no: impossible or false, by the numbers or by the sources."""
        return (
            self.claim.finding.verdict == "false"
            or any(judgement.verdict == "impossible" for judgement in self.training)
            or any(judgement.verdict in ("impossible", "false") for judgement in self.ratios)
        )


def judge_claim(claim: Claim, catalog: Catalog, runs: Sequence[PublishedRun]) -> ClaimJudgement:
    """Return a shipped claim, judged."""
    training = tuple(judge_training(statement, catalog, runs) for statement in claim.training)
    ratios = tuple(judge_throughput(statement, catalog, runs) for statement in claim.throughput)
    systems = tuple(judge_system(statement, catalog) for statement in claim.systems)
    return ClaimJudgement(claim, training, (*ratios, *systems), contradiction_of(training))


def judge_training(
    statement: TrainingStatement, catalog: Catalog, runs: Sequence[PublishedRun]
) -> TrainingJudgement:
    """Return the verdict on a training claim.

    Raises
    ------
    ProfileError, InputError, PlanError
        Where chip or model are unknown, or the chip has no rate at the precision.
    """
    job = claim_job(statement, catalog, runs)
    implied = implied_by(job)
    reached = reached_by(job.job_class, runs)
    prediction = predict_job(job, catalog)
    verdict = verdict_of(implied.mfu, reached, is_peak_from_memory=job.is_peak_from_memory)
    return TrainingJudgement(
        job=job,
        implied=implied,
        verdict=verdict,
        reasons=_reasons(job, implied, verdict, reached, prediction),
        reached=reached,
        nearest=nearest_runs(job.job_class, runs),
        prediction=prediction,
        warnings=tuple(_warnings(job, catalog)),
        disputes=tuple(_disputes(job.model)),
    )


def implied_by(job: ClaimJob) -> Implied:
    """Return rates, days and utilisations that a claim implies.

    Raises
    ------
    PlanError
        Where a claim is about energy and nobody knows what chip or system draw.
    """
    statement = job.statement
    chips = float(statement.chips)
    if statement.days is not None:
        assert statement.tokens is not None  # the statement's validator
        rate = statement.tokens / (statement.days * SECONDS_PER_DAY)
    elif statement.tokens_per_second is not None:
        rate = statement.tokens_per_second
    elif statement.mfu is not None:
        peak = statement.peak_flops_per_s or job.peak_flops_per_s
        rate = statement.mfu * peak * chips / job.count.flops_per_token
    else:
        assert statement.joules_per_token is not None  # the statement's validator
        if job.draw is None:
            raise PlanError(f"chip '{job.chip.id}' has no known tdp_w: a claim about energy needs it")
        rate = chips * job.draw.w_per_chip / statement.joules_per_token
    capacity = chips * job.peak_flops_per_s
    days = statement.days
    if days is None and statement.tokens is not None:
        days = statement.tokens / rate / SECONDS_PER_DAY
    return Implied(
        tokens_per_second=rate,
        tokens_per_second_per_chip=rate / chips,
        days=days,
        mfu=rate * job.flops_per_token / capacity,
        mfu_6n=rate * job.flops_per_token_6n / capacity,
    )


def _reasons(
    job: ClaimJob,
    implied: Implied,
    verdict: Verdict,
    reached: Reached | None,
    prediction: Prediction | NoPrediction,
) -> tuple[str, ...]:
    reasons = []
    if verdict == "impossible":
        reasons.append(
            f"it needs {percent(implied.mfu)} of the dense {job.peak_datatype} peak; "
            "no chip does more than 100 %"
        )
    elif job.is_peak_from_memory:
        reasons.append(
            f"the {job.peak_datatype} peak of {job.chip.name} is from memory: no document was opened"
        )
    reasons += _counting_reasons(job, implied)
    reasons += _energy_reasons(job, implied, prediction)
    reasons += reached_reasons(implied.mfu, verdict, reached, job.chip.generation)
    if isinstance(prediction, Prediction):
        band = prediction.mfu
        reasons.append(
            f"the model predicts {percent(band.p50)} ({percent(band.p10)} to {percent(band.p90)}): "
            f"the claim is {_against(implied.mfu, band.p10, band.p90)}"
        )
    else:
        reasons.append(f"the model has no prediction: {prediction.reason}")
    return tuple(reasons)


def _counting_reasons(job: ClaimJob, implied: Implied) -> list[str]:
    """Return in words where the claim counts parameters or FLOPs otherwise than is done here."""
    statement = job.statement
    told = [parameters_reason(statement, job.parameters, job.active_parameters)]
    if statement.mfu is not None:
        told.append(
            silence_reason(
                implied.mfu,
                job.architecture,
                job.sequence_length,
                job.flops_per_token,
                job.extra_flops_per_token,
            )
            if job.count.words is None
            else convention_reason(statement.mfu, implied.mfu, job.count, job.flops_per_token)
        )
    return [text for text in told if text is not None]


def _energy_reasons(job: ClaimJob, implied: Implied, prediction: Prediction | NoPrediction) -> list[str]:
    if job.statement.joules_per_token is None or job.draw is None:
        return []
    reasons = [f"energy is read as {job.draw.words}"]
    tdp = value_of(job.chip.tdp_w)
    if tdp:
        reasons.append(
            f"even if the chips alone, at their rating, drew power, it would need "
            f"{percent(implied.mfu * tdp / job.draw.w_per_chip)} of the peak"
        )
    if isinstance(prediction, Prediction) and prediction.joules_per_token is not None:
        band = prediction.joules_per_token
        reasons.append(
            f"the model predicts {band.p50:.2g} J/token at the meter ({band.p10:.2g} to {band.p90:.2g})"
        )
    return reasons


def _against(value: float, low: float, high: float) -> str:
    if value > high:
        return "above that band"
    return "below that band" if value < low else "inside that band"


def _warnings(job: ClaimJob, catalog: Catalog) -> list[str]:
    statement = job.statement
    warnings = []
    if statement.peak_flops_per_s is not None:
        others = [entry.profile for entry in catalog.chips.values()]
        field = f"peak_dense_flops_per_s.{job.peak_datatype}"
        known = warn_if_known_wrong(job.chip, field, statement.peak_flops_per_s, others)
        if known is not None:
            warnings.append(f"peak of {statement.peak_flops_per_s / 1e12:,.4g} TFLOP/s: {known}")
    if statement.nodes is not None:
        each = statement.chips / statement.nodes
        hosts = {
            entry.profile.chips_per_host
            for entry in catalog.systems.values()
            if entry.profile.chip == job.chip.id
        }
        if hosts and each not in hosts:
            usual = " or ".join(str(number) for number in sorted(hosts))
            warnings.append(
                f"{statement.chips:,} chips in {statement.nodes:,} nodes are {each:.3g} a node; "
                f"servers with this chip hold {usual}"
            )
    if WARNINGS[job.chip.maturity]:
        warnings.append(f"{job.chip.name} {WARNINGS[job.chip.maturity]}")
    release = value_of(job.chip.release_year)
    model_year = job.model.release_year if job.model is not None else None
    if statement.is_original_training and model_year and release and model_year < release:
        warnings.append(
            f"{job.model.name if job.model else ''} is of {model_year}, {job.chip.name} of {release:.0f}: "
            "the model was not trained on a chip that came later"
        )
    return warnings


def _disputes(model: LanguageModel | None) -> list[tuple[str, Evidence]]:
    """Return the utilisations that a model's developers published."""
    if model is None or model.reported_utilisation is None:
        return []
    figure = model.reported_utilisation
    found: list[tuple[str, Evidence]] = []
    if figure.value is not None:
        found.append((f"{model.name}: published utilisation {percent(figure.value, 1)}", figure))
    found += [(f"{model.name}: also published, {percent(rival.value, 1)}", rival) for rival in figure.rivals]
    return found


def contradiction_of(training: Sequence[TrainingJudgement]) -> str | None:
    """Return in words where statements about the same job imply rates that differ, or None."""
    jobs: dict[tuple[str, int, float], list[float]] = {}
    for judgement in training:
        statement = judgement.job.statement
        key = (statement.chip, statement.chips, judgement.job.parameters)
        jobs.setdefault(key, []).append(judgement.implied.mfu)
    for shares in jobs.values():
        if max(shares) > TOLERANCE * min(shares):
            listed = ", ".join(percent(share) for share in sorted(shares))
            return (
                f"its statements contradict each other: they imply utilisations of {listed} of the same job"
            )
    return None
