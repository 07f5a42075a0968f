"""Judges claims that compare: one chip's training throughput with another's, one system with another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from planner.catalog.catalog import Catalog
from planner.claims.jobs import NoPrediction, Prediction, claim_job, predict_job
from planner.claims.verdicts import TOLERANCE, Verdict
from planner.domain.chip import Chip
from planner.domain.claim import SystemStatement, ThroughputStatement, TrainingStatement
from planner.domain.evidence import value_of
from planner.domain.system import System
from planner.engine.precisions import USUAL_PRECISION
from planner.errors import PlannerError
from planner.planning.chip import half_precision_peak
from planner.planning.published import FEWEST_RUNS, SAME_RATE, PublishedRun, arithmetic_of, is_about
from planner.units import percent

RatioVerdict = Verdict | Literal["true", "false"]
#: How far from a claimed ratio `about` reaches.
ABOUT = 0.15
#: Chips of two runs that are as many as each other, so that they are the same job: within this factor. [-]
AS_MANY = 1.5
_ARITHMETIC = arithmetic_of(USUAL_PRECISION)
#: A stated utilisation stands in where a claim is about a ratio and the job itself is not in question.
_ANY_SHARE = 0.5

QUANTITY_WORDS = {
    "peak_flops": "dense 16-bit FLOP/s",
    "peak_flops_per_watt": "dense 16-bit FLOP/s per watt of the whole system",
    "peak_flops_per_chip": "dense 16-bit FLOP/s per chip",
}


@dataclass(frozen=True, slots=True)
class RatioJudgement:
    """A claimed ratio against the ratios that are known."""

    text: str
    claimed: float
    verdict: RatioVerdict
    reasons: tuple[str, ...]
    #: from profiles, or in the middle of published pairs; None where unknown
    known: float | None
    #: the least and the greatest published ratio
    published: tuple[float, float] | None = None
    predicted: float | None = None
    #: published runs behind it
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """The same job, published on two chips."""

    #: rate of a chip over that of the other
    ratio: float
    run: PublishedRun
    against: PublishedRun


def judge_system(statement: SystemStatement, catalog: Catalog) -> RatioJudgement:
    """Return whether one system has as much more of something as is claimed, by their profiles."""
    text = (
        f"{statement.system} against {statement.against}: "
        f"{'about' if statement.is_about else 'at least'} {statement.ratio:.3g} times the "
        f"{QUANTITY_WORDS[statement.quantity]}"
    )
    amounts = []
    for identifier in (statement.system, statement.against):
        amount = _amount(statement.quantity, identifier, catalog)
        if isinstance(amount, str):
            return RatioJudgement(text, statement.ratio, "cannot be judged", (amount,), None)
        amounts.append(amount)
    ratio = amounts[0] / amounts[1]
    is_near = abs(ratio / statement.ratio - 1.0) <= ABOUT
    is_true = is_near if statement.is_about else ratio >= statement.ratio
    reason = f"by their profiles {amounts[0]:.3g} against {amounts[1]:.3g}: {ratio:.2f} times"
    return RatioJudgement(text, statement.ratio, "true" if is_true else "false", (reason,), ratio)


def _amount(quantity: str, identifier: str, catalog: Catalog) -> float | str:
    """Return a system's amount of a quantity, or what is missing for it."""
    system: System = catalog.get("systems", identifier).profile
    chip: Chip = catalog.get("chips", system.chip).profile
    try:
        peak, _ = half_precision_peak(chip)
    except PlannerError as error:
        return str(error)
    if quantity == "peak_flops_per_chip":
        return peak
    total = peak * system.chips_per_system
    if quantity == "peak_flops":
        return total
    watts = value_of(system.max_power_w)
    return f"system '{system.id}' has no known max_power_w" if not watts else total / watts


def judge_throughput(
    statement: ThroughputStatement, catalog: Catalog, runs: Sequence[PublishedRun]
) -> RatioJudgement:
    """Return a claimed throughput ratio against pairs of published runs and the model's own ratio.

    A pair is the same job on either chip's generation; without enough of them the claim cannot be judged.
    """
    chip: Chip = catalog.get("chips", statement.chip).profile
    against: Chip = catalog.get("chips", statement.against).profile
    text = f"{chip.name} trains at {percent(statement.ratio)} of the throughput of {against.name}"
    pairs = published_ratios(chip, against, runs)
    predicted = _predicted_ratio(statement, catalog)
    reasons = _pair_reasons(pairs)
    verdict: RatioVerdict = "cannot be judged"
    ratios = [pair.ratio for pair in pairs]
    if len(pairs) >= FEWEST_RUNS:
        verdict = "plausible"
        if statement.ratio > ratios[-1] * TOLERANCE:
            verdict = "above anything published"
        elif statement.ratio < ratios[0] / TOLERANCE:
            verdict = "modest: others got more"
    if predicted is not None:
        reasons.append(
            f"the model predicts {predicted:.2f} for {statement.model} on {statement.chips:,} chips"
        )
    return RatioJudgement(
        text,
        statement.ratio,
        verdict,
        tuple(reasons),
        known=median(ratios) if ratios else None,
        published=(ratios[0], ratios[-1]) if ratios else None,
        predicted=predicted,
        runs=tuple(run.run.id for pair in pairs for run in (pair.run, pair.against)),
    )


def _pair_reasons(pairs: Sequence[Pair]) -> list[str]:
    job = "the same model, sequence length, kind of work and arithmetic on as many chips"
    if not pairs:
        return [f"no job was published on both: {job}"]
    ratios = [pair.ratio for pair in pairs]
    jobs = f"{len(pairs)} job{'s were' if len(pairs) > 1 else ' was'} published on both ({job})"
    reasons = [f"{jobs}: ratios {ratios[0]:.2f} to {ratios[-1]:.2f}, {median(ratios):.2f} in the middle"]
    if len(pairs) < FEWEST_RUNS:
        reasons.append(f"fewer than the {FEWEST_RUNS} that say anything of two chips")
    return reasons


def published_ratios(chip: Chip, against: Chip, runs: Sequence[PublishedRun]) -> list[Pair]:
    """Return one pair for each job published on both generations at 16 bit, the least ratio first.

    A job is a model at a sequence length, a kind of work, and a number of chips; of several pairs of one job
    the middle stands for it. Rates are scaled to the two chips' own peaks, for a generation has several.
    """
    jobs: dict[tuple[object, ...], tuple[list[PublishedRun], list[PublishedRun]]] = {}
    peaks = [half_precision_peak(each)[0] for each in (chip, against)]
    for run in runs:
        if run.arithmetic != _ARITHMETIC:
            continue
        key = (run.run.architecture, run.run.sequence_length, run.run.workload)
        both = jobs.setdefault(key, ([], []))
        for each, peak, found in zip((chip, against), peaks, both, strict=True):
            if run.chip.generation == each.generation and is_about(run.peak_flops_per_s, peak, SAME_RATE):
                found.append(run)
                break
    pairs = []
    for ours, theirs in jobs.values():
        some = [
            Pair(one.mfu * peaks[0] / (other.mfu * peaks[1]), one, other)
            for one in ours
            for other in theirs
            if is_about(one.chips, other.chips, AS_MANY)
        ]
        if some:
            pairs.append(sorted(some, key=_ratio_of)[(len(some) - 1) // 2])
    return sorted(pairs, key=_ratio_of)


def _ratio_of(pair: Pair) -> float:
    return pair.ratio


def _predicted_ratio(statement: ThroughputStatement, catalog: Catalog) -> float | None:
    rates = []
    for chip in (statement.chip, statement.against):
        job = TrainingStatement(chip=chip, chips=statement.chips, model=statement.model, mfu=_ANY_SHARE)
        prediction = predict_job(claim_job(job, catalog), catalog)
        if isinstance(prediction, NoPrediction):
            return None
        assert isinstance(prediction, Prediction)
        rates.append(prediction.tokens_per_second.p50)
    return rates[0] / rates[1]
