"""Tokens per second and chip, computed from what a run's source published."""

from __future__ import annotations

from typing import NamedTuple

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture
from planner.domain.run import FlopsConvention, RateBasis
from planner.engine.architecture import parameter_counts, training_flops_per_token

#: What an unknown convention is scored by.
ASSUMED_CONVENTION: FlopsConvention = "6n-causal"


class Published(NamedTuple):
    """The figures of one row, in SI units and per chip or in all as published."""

    tokens_per_s_per_chip: float | None = None
    tokens_per_s_total: float | None = None
    samples_per_s_total: float | None = None
    iteration_s: float | None = None
    flops_per_s_per_chip: float | None = None
    flops_per_s_total: float | None = None
    mfu: float | None = None
    hfu: float | None = None
    peak_flops_per_s: float | None = None
    chip_hours: float | None = None
    days: float | None = None
    tokens_total: float | None = None


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


def published_rate(
    published: Published,
    *,
    chips: int | None,
    shape: Architecture | None,
    sequence_length: int | None,
    global_batch_sequences: float | None,
    convention: FlopsConvention | None,
) -> Rate | None:
    """Return the rate by the most direct figure that was published, or None where there is none."""
    direct = _throughput(published, chips, sequence_length, global_batch_sequences)
    if direct is not None:
        return direct
    if shape is not None and sequence_length is not None:
        from_flops = _from_flops(published, chips, shape, sequence_length, convention)
        if from_flops is not None:
            return from_flops
    hours = published.chip_hours
    if hours is None and published.days is not None and chips is not None:
        hours = published.days * 24.0 * chips
    if hours is not None and published.tokens_total is not None:
        return Rate(published.tokens_total / (hours * 3600.0), "whole-run")
    return None


def _throughput(
    published: Published, chips: int | None, sequence_length: int | None, batch: float | None
) -> Rate | None:
    """Return the rate by what was timed: step times come before totals, which are often rounded."""
    if published.tokens_per_s_per_chip is not None:
        return Rate(published.tokens_per_s_per_chip, "throughput")
    if chips is None:
        return None
    total = published.tokens_per_s_total
    if sequence_length is not None and published.iteration_s is not None and batch is not None:
        return Rate(batch * sequence_length / published.iteration_s / chips, "iteration")
    if total is None and sequence_length is not None and published.samples_per_s_total is not None:
        total = published.samples_per_s_total * sequence_length
    return None if total is None else Rate(total / chips, "throughput")


def _from_flops(
    published: Published,
    chips: int | None,
    shape: Architecture,
    sequence_length: int,
    convention: FlopsConvention | None,
) -> Rate | None:
    flops = published.flops_per_s_per_chip
    if flops is None and published.flops_per_s_total is not None and chips is not None:
        flops = published.flops_per_s_total / chips
    basis: RateBasis = "flops"
    peak = published.peak_flops_per_s
    if flops is None and peak is not None:
        basis = "utilisation"
        if published.mfu is not None:
            flops = published.mfu * peak
        elif published.hfu is not None and convention == "hardware-full-recompute":
            flops = published.hfu * peak
    if flops is None:
        return None
    counted = flops_per_token(shape, sequence_length, convention or ASSUMED_CONVENTION)
    return Rate(flops / counted, basis, convention is None)
