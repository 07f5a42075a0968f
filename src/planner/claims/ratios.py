"""Judges claims that compare: one chip's training throughput with another's, one system with another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from planner.catalog.catalog import Catalog
from planner.claims.jobs import NoPrediction, Prediction, claim_job, predict_job
from planner.domain.chip import Chip
from planner.domain.claim import SystemStatement, ThroughputStatement, TrainingStatement
from planner.domain.evidence import value_of
from planner.domain.system import System
from planner.errors import PlannerError
from planner.planning.chip import half_precision_peak
from planner.planning.published import PublishedRun

RatioVerdict = Literal[
    "impossible", "above anything published", "plausible", "below what was published", "true", "false",
    "cannot be told",
]  # fmt: skip
#: How far from a claimed ratio `about` reaches.
ABOUT = 0.15
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
            return RatioJudgement(text, statement.ratio, "cannot be told", (amount,), None)
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

    A pair is the same architecture at the same sequence length on either chip's generation; a group of
    several runs counts by its middle.
    """
    chip: Chip = catalog.get("chips", statement.chip).profile
    against: Chip = catalog.get("chips", statement.against).profile
    text = f"{chip.name} trains at {statement.ratio:.0%} of the throughput of {against.name}"
    pairs = published_ratios(chip, against, runs)
    predicted = _predicted_ratio(statement, catalog)
    reasons = []
    verdict: RatioVerdict = "cannot be told"
    published = None
    known = None
    if pairs:
        ratios = sorted(pair[0] for pair in pairs)
        published, known = (ratios[0], ratios[-1]), median(ratios)
        verdict = "plausible"
        if statement.ratio > published[1]:
            verdict = "above anything published"
        elif statement.ratio < published[0]:
            verdict = "below what was published"
        reasons.append(
            f"{len(pairs)} jobs were published on both: ratios {ratios[0]:.2f} to {ratios[-1]:.2f}, "
            f"{known:.2f} in the middle"
        )
    else:
        reasons.append("no job was published on both")
    if predicted is not None:
        reasons.append(
            f"the model predicts {predicted:.2f} for {statement.model} on {statement.chips:,} chips"
        )
    names = tuple(name for _, *pair in pairs for name in pair)
    return RatioJudgement(text, statement.ratio, verdict, tuple(reasons), known, published, predicted, names)


def published_ratios(chip: Chip, against: Chip, runs: Sequence[PublishedRun]) -> list[tuple[float, str, str]]:
    """Return (ratio, run on the one, run on the other) for each job published on both generations.

    Rates are scaled to the two chips' own peaks, for a generation has several.
    """
    jobs: dict[tuple[object, int | None], tuple[list[PublishedRun], list[PublishedRun]]] = {}
    for run in runs:
        if run.is_low_precision:
            continue
        key = (run.run.architecture, run.run.sequence_length)
        both = jobs.setdefault(key, ([], []))
        if run.chip.generation == chip.generation:
            both[0].append(run)
        elif run.chip.generation == against.generation:
            both[1].append(run)
    peaks = half_precision_peak(chip)[0] / half_precision_peak(against)[0]
    pairs = []
    for ours, theirs in jobs.values():
        if ours and theirs:
            one, other = _middle(ours), _middle(theirs)
            pairs.append((one.mfu / other.mfu * peaks, one.run.id, other.run.id))
    return sorted(pairs)


def _middle(runs: list[PublishedRun]) -> PublishedRun:
    return sorted(runs, key=lambda run: run.mfu)[(len(runs) - 1) // 2]


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
