"""Where a run disagrees with itself: figures with one another, its layout with its chips and model."""

from __future__ import annotations

import math
from collections.abc import Iterator

from planner.catalog.run_rate import flops_per_token, rate_by_step, rate_by_total
from planner.domain.run import Run

#: A published utilisation and the one that the published rate gives agree within this share; sources round
#: to two digits and count norms and biases differently.
UTILISATION_AGREEMENT = 0.10
#: A published step time and a published throughput agree within this share; rounding explains that much.
RATE_AGREEMENT = 0.01


def contradictions(run: Run) -> tuple[str, ...]:
    """Return what the run's file says of it, and what its figures show, one sentence each.

    Nothing is corrected: what is named here was predicted as it stands.
    """
    found = (
        *run.contradictions,
        *_timing(run),
        *_peak(run),
        *_utilisation(run),
        *_chips(run),
        *_model(run),
        *_batch(run),
    )
    return tuple(dict.fromkeys(found))


def _timing(run: Run) -> Iterator[str]:
    result = run.result
    by_step = rate_by_step(run)
    stated = rate_by_total(run)
    if stated is None and result.rate_from in (None, "throughput"):
        stated = result.tokens_per_s_per_chip
    if by_step is not None and stated is not None and abs(by_step / stated - 1.0) > RATE_AGREEMENT:
        yield f"iteration_s gives {by_step:.5g} tokens/s per chip, the published throughput {stated:.5g}"


def _peak(run: Run) -> Iterator[str]:
    """Name a run that is faster than its chip: it is wrong by its own arithmetic."""
    hardware, result = run.hardware, run.result
    peak = max(hardware.peak_bf16_flops_per_s or 0.0, hardware.peak_precision_flops_per_s or 0.0)
    achieved = result.flops_per_s_per_chip or 0.0
    if run.architecture is not None and run.sequence_length is not None and result.tokens_per_s_per_chip:
        counted = flops_per_token(run.architecture, run.sequence_length, "6n")
        achieved = max(achieved, result.tokens_per_s_per_chip * counted)
    if 0.0 < peak < achieved:
        yield f"wrong by its own arithmetic: {achieved / 1e12:.4g} TFLOP/s on a chip of {peak / 1e12:.4g}"


def _utilisation(run: Run) -> Iterator[str]:
    result, peak = run.result, run.hardware.peak_used_flops_per_s
    rate, shape, sequence = result.tokens_per_s_per_chip, run.architecture, run.sequence_length
    is_timed = result.rate_from in ("throughput", "iteration")
    if rate is None or shape is None or sequence is None or not is_timed or result.flops_convention is None:
        return
    flops = rate * flops_per_token(shape, sequence, result.flops_convention)
    if result.flops_per_s_per_chip and _differ(flops, result.flops_per_s_per_chip):
        yield (
            f"the published rate is {flops / 1e12:.4g} TFLOP/s by {result.flops_convention}, "
            f"published are {result.flops_per_s_per_chip / 1e12:.4g}"
        )
    if result.mfu and peak and _differ(flops / peak, result.mfu):
        yield (
            f"the published rate is an MFU of {flops / peak:.3f} by {result.flops_convention} on "
            f"{peak / 1e12:.4g} TFLOP/s, published is {result.mfu:.3f}"
        )


def _differ(ours: float, theirs: float) -> bool:
    return not math.isclose(ours, theirs, rel_tol=UTILISATION_AGREEMENT)


def _chips(run: Run) -> Iterator[str]:
    layout, chips = run.layout, run.hardware.chip_count
    if chips is None or layout.tensor is None:
        return
    ranks = chips * layout.ranks_per_chip
    # a pipeline or context degree that a stated tensor degree leaves out is 1
    others = layout.tensor * (layout.pipeline or 1) * (layout.context or 1)
    if layout.data is None:
        if ranks % others:
            yield f"tp x pp x cp = {others} does not divide {ranks} ranks"
    elif layout.data * others > ranks or layout.data != ranks // others:
        yield f"dp {layout.data} x tp x pp x cp {others} is not {ranks} ranks"
    elif ranks % others:
        yield f"tp x pp x cp = {others} leaves {ranks % others} of {ranks} ranks idle"


def _model(run: Run) -> Iterator[str]:
    shape, layout = run.architecture, run.layout
    if shape is None:
        return
    if layout.pipeline and layout.pipeline > shape.layers:
        yield f"pp {layout.pipeline} is more than the {shape.layers} layers"
    experts = shape.mixture.experts if shape.mixture else 1
    if layout.expert and layout.expert > experts:
        yield f"ep {layout.expert} is more than the {experts} experts"


def _batch(run: Run) -> Iterator[str]:
    batch, data, microbatch = run.global_batch_sequences, run.layout.data, run.layout.microbatch
    stages = run.layout.pipeline or 1
    if batch and data and data > batch:
        yield f"dp {data} is more than the global batch of {batch}"
    elif batch and data and microbatch and batch % (data * microbatch):
        yield f"a global batch of {batch} is not a multiple of dp {data} x microbatch {microbatch}"
    elif batch and data and microbatch and (held := batch // (data * microbatch)) < stages:
        whole = (
            ": what is called a microbatch may be the batch of a data rank" if microbatch > held == 1 else ""
        )
        yield f"fewer microbatches ({held}) than stages ({stages}){whole}"
