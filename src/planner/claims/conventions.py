"""What a claimed utilisation counts as arithmetic: ours, the claimant's own, or that of a run it repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.catalog.run_rate import flops_per_token
from planner.claims.verdicts import TOLERANCE
from planner.domain.architecture import Architecture
from planner.domain.claim import CONVENTIONS_IN_WORDS, TrainingStatement
from planner.domain.run import FlopsConvention
from planner.planning.published import PublishedRun
from planner.units import percent

#: A claim repeats a published figure where it is as near as this.
_SAME_FIGURE = 0.005
#: Where a claim does not say what it counts, it is one of these.
_USUAL: tuple[FlopsConvention, ...] = ("6n", "6n-full")
#: Counts are quoted in two digits or three. [-]
_ROUNDED = 0.02


@dataclass(frozen=True, slots=True)
class Count:
    """The FLOPs of one training token by which a claimed utilisation is read."""

    #: [FLOP]
    flops_per_token: float
    #: whose count it is; None: ours, as the claim says nothing else
    words: str | None = None


def count_of(
    statement: TrainingStatement, architecture: Architecture, sequence: int, ours: float, extra: float
) -> Count:
    """Return what a claim says that it counts.

    Parameters
    ----------
    ours
        By 6N and causal attention. [FLOP]
    extra
        What the claimed parameters need beyond those of the shape. [FLOP]
    """
    if statement.flops_per_token is not None:
        return Count(statement.flops_per_token, "the claim's own FLOPs a token")
    if statement.flops_convention is not None:
        words = f"{statement.flops_convention} ({CONVENTIONS_IN_WORDS[statement.flops_convention]})"
        return Count(flops_per_token(architecture, sequence, statement.flops_convention) + extra, words)
    return Count(ours)


def repeated_count(
    statement: TrainingStatement,
    architecture: Architecture,
    generation: str,
    ours: float,
    runs: Sequence[PublishedRun],
) -> Count | None:
    """Return the count behind a claim that repeats a run's published utilisation, where it is not ours.

    A run whose source prints both an MFU and a rate tells what it counts: MFU x peak / rate.
    """
    for run in runs:
        figures, hardware = run.run.result, run.run.hardware
        peak = hardware.peak_used_flops_per_s or hardware.peak_bf16_flops_per_s
        is_measured = figures.rate_from in ("throughput", "iteration")
        if statement.mfu is None or figures.mfu is None or peak is None or not is_measured:
            continue
        is_same = abs(statement.mfu / figures.mfu - 1.0) <= _SAME_FIGURE
        if not is_same or run.run.architecture != architecture or run.chip.generation != generation:
            continue
        counted = figures.mfu * peak / run.tokens_per_second_per_chip
        if max(counted / ours, ours / counted) > TOLERANCE:
            words = (
                f"the count of run {run.run.id}, whose source prints this utilisation beside "
                f"{run.tokens_per_second_per_chip:,.4g} tokens/s a chip"
            )
            return Count(counted, words)
    return None


def convention_reason(mfu_claimed: float, mfu: float, count: Count, ours: float) -> str | None:
    """Return in words that the claimant's count is not ours, and what that moves; None where it is ours."""
    if count.words is None:
        return None
    times = count.flops_per_token / ours
    if abs(times - 1.0) <= _ROUNDED:
        return None
    return (
        f"its FLOPs convention is not ours: a token takes {count.flops_per_token / 1e9:,.4g} GFLOP, "
        f"{times:.2f} times our 6N and causal attention, by {count.words}; "
        f"its {percent(mfu_claimed, 1)} is {percent(mfu, 1)} by ours"
    )


def silence_reason(
    mfu: float, architecture: Architecture, sequence: int, ours: float, extra: float
) -> str | None:
    """Return what an MFU of no stated convention would be by the usual others; None where it hardly moves."""
    counts = [flops_per_token(architecture, sequence, convention) + extra for convention in _USUAL]
    if max(counts) < TOLERANCE * min(counts):
        return None
    read = [mfu * ours / count for count in counts]
    return (
        "it does not say which FLOPs its MFU counts, and 6N and causal attention are taken: "
        f"counted by 6N alone it is {percent(read[0], 1)} by ours, "
        f"with attention in full {percent(read[1], 1)}"
    )


def parameters_reason(statement: TrainingStatement, parameters: float, active: float) -> str | None:
    """Return in words that the claim counts other parameters than the profile; None where they do not."""
    if statement.model is None or statement.parameters is None:
        return None
    pairs = [(statement.parameters, parameters, "")]
    if statement.active_parameters is not None:
        pairs.append((statement.active_parameters, active, " active"))
    if all(abs(claimed / ours - 1.0) <= _ROUNDED for claimed, ours, _ in pairs):
        return None
    theirs = ", ".join(f"{claimed / 1e9:.4g}B{word}" for claimed, _, word in pairs)
    known = ", ".join(f"{ours / 1e9:.4g}B{word}" for _, ours, word in pairs)
    return f"it counts parameters of {theirs}, the model's profile of {known}: it is judged by the profile's"
