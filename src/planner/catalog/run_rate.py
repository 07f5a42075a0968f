"""Tokens per second and chip, computed from what a run's source published."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture
from planner.domain.run import FlopsConvention, RateBasis, Run
from planner.engine.architecture import parameter_counts
from planner.engine.flops import training_flops_per_token
from planner.errors import InputError

RunType = TypeVar("RunType", bound=Run)

#: What an unknown convention is scored by.
ASSUMED_CONVENTION: FlopsConvention = "6n-causal"
#: Said of a run whose rate was computed by it.
CONVENTION_ASSUMED = "the FLOPs convention is not stated: the causal one was taken"
#: A rate beyond these ends means that a figure is absurd. [tokens/s per chip]
_LOWEST_RATE, _HIGHEST_RATE = 1e-30, 1e30


class Rate(NamedTuple):
    """A rate, what it was computed from, and whether the FLOPs convention was assumed."""

    tokens_per_s_per_chip: float
    basis: RateBasis
    is_convention_assumed: bool = False


def flops_per_token(shape: Architecture, sequence_length: int, convention: FlopsConvention) -> float:
    """Return the FLOPs of one training token by a source's convention [FLOP].

    References
    ----------
    .. [1] Narayanan et al. 2021 (arXiv 2104.04473), section 5.1: hardware FLOPs with full recomputation.
    """
    inputs = architecture_inputs(shape)
    causal = float(training_flops_per_token(inputs, sequence_length, causal=True))
    full = float(training_flops_per_token(inputs, sequence_length, causal=False))
    counts = parameter_counts(inputs)
    matmul = 6.0 * float(counts.active_matmul + counts.prediction_active_matmul)
    if convention == "hardware-full-recompute":
        layers = matmul / 6.0 - float(counts.output_head)
        return 8.0 * layers + 4.0 / 3.0 * (full - matmul) + 6.0 * float(counts.output_head)
    # sources that count all parameters count the look-up too, which tied embeddings hold once
    is_total = convention.startswith("6n-total")
    embedding = 0.0 if shape.has_tied_embeddings else 6.0 * float(counts.embedding)
    attention = {"causal": causal - matmul, "full": full - matmul}.get(convention.rsplit("-", 1)[-1], 0.0)
    return matmul + attention + (embedding if is_total else 0.0)


def with_rate(run: RunType) -> RunType:
    """Return the run with its rate computed from the other figures of its result, where it states none.

    Raises
    ------
    InputError
        Where the figures lie so far apart that their quotient is no rate.
    """
    if run.result.tokens_per_s_per_chip is not None:
        return run
    try:
        rate = published_rate(run)
    except ArithmeticError as error:
        raise InputError(f"result: its figures leave the range of numbers: {error}") from None
    if rate is None:
        return run
    if not _LOWEST_RATE < rate.tokens_per_s_per_chip < _HIGHEST_RATE:
        raise InputError(
            f"result: its figures give {rate.tokens_per_s_per_chip:.3g} tokens/s per chip; expected a rate"
        )
    found = {
        "tokens_per_s_per_chip": rate.tokens_per_s_per_chip,
        "rate_from": rate.basis,
        "is_convention_assumed": run.result.is_convention_assumed or rate.is_convention_assumed,
    }
    assumed = (*run.assumed, CONVENTION_ASSUMED) if rate.is_convention_assumed else run.assumed
    return run.model_copy(update={"result": run.result.model_copy(update=found), "assumed": assumed})


def published_rate(run: Run) -> Rate | None:
    """Return the rate by the most direct figure that was published, or None where there is none.

    Step times come before totals, which are often rounded; then FLOP/s, then a utilisation and its peak, then
    the hours of a whole run.
    """
    return _from_throughput(run) or _from_flops(run) or _from_whole_run(run)


def rate_by_step(run: Run) -> float | None:
    """Return what the published time of a step gives, or None where a part is unknown [tokens/s per chip]."""
    result, chips = run.result, run.hardware.chip_count
    batch, length = run.global_batch_sequences, run.sequence_length
    if result.iteration_s is None or batch is None or length is None or chips is None:
        return None
    return batch * length / result.iteration_s / chips


def rate_by_total(run: Run) -> float | None:
    """Return what the published throughput of all chips gives, or None [tokens/s per chip]."""
    result, chips = run.result, run.hardware.chip_count
    total = result.tokens_per_s
    if total is None and result.sequences_per_s is not None and run.sequence_length is not None:
        total = result.sequences_per_s * run.sequence_length
    return None if total is None or chips is None else total / chips


def _from_throughput(run: Run) -> Rate | None:
    if run.result.tokens_per_s_per_chip is not None:
        return Rate(run.result.tokens_per_s_per_chip, "throughput")
    by_step = rate_by_step(run)
    if by_step is not None:
        return Rate(by_step, "iteration")
    by_total = rate_by_total(run)
    return None if by_total is None else Rate(by_total, "throughput")


def _from_flops(run: Run) -> Rate | None:
    result, hardware = run.result, run.hardware
    if run.architecture is None or run.sequence_length is None:
        return None
    convention = result.flops_convention
    flops = result.flops_per_s_per_chip
    if flops is None and result.flops_per_s is not None and hardware.chip_count is not None:
        flops = result.flops_per_s / hardware.chip_count
    basis: RateBasis = "flops"
    peak = hardware.peak_used_flops_per_s or hardware.peak_bf16_flops_per_s
    if flops is None and peak is not None:
        basis = "utilisation"
        if result.mfu is not None:
            flops = result.mfu * peak
        elif result.hfu is not None and convention == "hardware-full-recompute":
            flops = result.hfu * peak
    if flops is None:
        return None
    counted = flops_per_token(run.architecture, run.sequence_length, convention or ASSUMED_CONVENTION)
    return Rate(flops / counted, basis, convention is None)


def _from_whole_run(run: Run) -> Rate | None:
    result = run.result
    hours = result.chip_hours
    if hours is None and result.days is not None and run.hardware.chip_count is not None:
        hours = result.days * 24.0 * run.hardware.chip_count
    if hours is None or result.tokens_total is None:
        return None
    return Rate(result.tokens_total / (hours * 3600.0), "whole-run")
