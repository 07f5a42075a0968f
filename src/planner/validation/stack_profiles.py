"""From a calibration to the stack profiles that ship: constants with spread, run counts and evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import get_args

import numpy as np

from planner.domain.chip import Chip, Platform
from planner.domain.stack import BestPublished, FittedConstant, Stack, Tuning
from planner.engine.flops import training_flops_per_token
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.planning.run_cases import RunCase
from planner.planning.stack import FILLED_RESIDUAL, MIXTURE_RESIDUAL, RESIDUAL
from planner.validation.calibration import Calibration
from planner.validation.effects import (
    COMPUTE,
    DEVIATIONS,
    EXPERT_TARGETS,
    MATMUL_EFFICIENCY,
    PRIORS,
    REFERENCE_MATMUL_SHARE,
    matmul_share,
    stack_group,
)

#: Constants that chip generations have factors on.
GENERATION_TARGETS = tuple(d.target for d in DEVIATIONS if d.level == "generation")
#: Constants that the fit does not touch: they are what a framework does, not how well.
KEPT = frozenset({"score_traffic_bytes"})


def fitted_stacks(
    calibration: Calibration, stacks: Iterable[Stack], chips: Iterable[Chip], cases: Iterable[RunCase]
) -> tuple[Stack, ...]:
    """Return every stack with the calibration's constants in place of its own.

    A platform's root holds all constants, its chip generations, and what an unknown framework may deviate
    by; a framework's stack holds what differs.
    """
    chips = tuple(chips)
    best = best_published(cases)
    return tuple(
        _root(calibration, stack, chips, best) if stack.parent is None else _framework(calibration, stack)
        for stack in stacks
    )


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _constant(value: float, log_spread: float, runs: int, note: str) -> FittedConstant:
    return FittedConstant(
        median=_round(value), log_spread=_round(log_spread), runs=runs, kind="derived", note=note
    )


def _note(runs: int) -> str:
    return f"fitted on {runs} published runs" if runs else "prior: no published run says anything about it"


def _capped(name: str, value: float) -> float:
    return min(value, HIGHEST_SHARE) if name in SHARES else value


def _level(calibration: Calibration, target: str, level: str, group: str) -> tuple[float, float, bool]:
    """Return a group's factor (logarithm, spread) on a target, or its prior; and whether it was fitted."""
    found = calibration.lookup(target, level, group)
    if found is not None:
        return (*found, True)
    prior = sum(d.unseen**2 for d in DEVIATIONS if (d.target, d.level) == (target, level))
    return 0.0, math.sqrt(prior), False


def best_published(cases: Iterable[RunCase]) -> dict[str, BestPublished]:
    """Return the highest utilisations that runs with all inputs published, by chip generation.

    By the causal convention, against the 16-bit peak, so that runs below 16 bit may exceed one; those are
    left out of the dense figure.
    """
    best: dict[str, BestPublished] = {}
    for case in cases:
        if case.run.tier != "A" or case.measured is None or float(case.workload.is_low_precision):
            continue
        flops = float(training_flops_per_token(case.architecture, case.workload.sequence_length))
        share = _round(flops * case.measured / case.published_peak_flops_per_s)
        kind = "mixture" if case.is_mixture else "dense"
        known = best.get(case.generation, BestPublished())
        if share > (getattr(known, kind) or 0.0):
            best[case.generation] = known.model_copy(update={kind: share, f"{kind}_run": case.run.id})
    return best


def _of_stack(calibration: Calibration, target: str, stack: Stack) -> tuple[float, float]:
    """Return a constant's logarithm and variance as all stacks of a platform and era share it."""
    value, spread = calibration.lookup(target, None, None) or (math.log(PRIORS[target][0]), PRIORS[target][1])
    variance = spread**2
    for level in ("platform", "era"):
        own, own_spread, _ = _level(calibration, target, level, stack_group(stack, level))
        value, variance = value + own, variance + own_spread**2
    return value, variance


def _root(
    calibration: Calibration, stack: Stack, chips: tuple[Chip, ...], best: Mapping[str, BestPublished]
) -> Stack:
    platform = stack.platform
    generations = {chip.generation for chip in chips if chip.platform == platform}
    runs = calibration.runs.get(("platform", platform), 0)
    expert_runs = calibration.expert_runs.get(platform, 0)
    unknown = {
        d.target: d.unseen for d in DEVIATIONS if d.level in ("framework", "tuning") and d.target != COMPUTE
    }
    constants: dict[str, FittedConstant] = {
        "matmul_efficiency": _constant(MATMUL_EFFICIENCY, 0.0, runs, "reference: factors on it are fitted")
    }
    for name in PRIORS:
        value, variance = _of_stack(calibration, name, stack)
        own = expert_runs if name in EXPERT_TARGETS else runs
        total = math.sqrt(variance + unknown.get(name, 0.0) ** 2)
        constants[name] = _constant(_capped(name, math.exp(value)), total, own, _note(own))
    tuning = [found for kind in get_args(Tuning) if (found := calibration.lookup(COMPUTE, "tuning", kind))]
    middle = float(np.mean([value for value, _ in tuning])) if tuning else 0.0
    half = float(np.ptp([value for value, _ in tuning])) / 2 if tuning else 0.0
    framework = next(d.unseen for d in DEVIATIONS if (d.target, d.level) == (COMPUTE, "framework"))
    constants[COMPUTE] = _constant(
        math.exp(middle),
        math.hypot(half, framework),
        runs,
        "between recipes tuned by vendors, by PyTorch's maintainers, and everybody's",
    )
    residuals = calibration.residuals
    for name, spread, note in (
        (RESIDUAL, residuals.stated, "what the fit leaves unexplained on dense runs of all platforms"),
        (FILLED_RESIDUAL, residuals.filled, "the same, on runs whose inputs were filled in"),
        (MIXTURE_RESIDUAL, residuals.mixtures, "the same, on mixtures of experts"),
    ):
        constants[name] = _constant(1.0, spread, runs, note)
    return stack.model_copy(
        update={
            "constants": constants,
            "generations": _generations(calibration, platform, chips),
            "best_published": {name: best[name] for name in sorted(generations & best.keys())},
        }
    )


def _generations(
    calibration: Calibration, platform: Platform, chips: tuple[Chip, ...]
) -> dict[str, dict[str, FittedConstant]]:
    """Return the factors of every generation of a platform that was fitted or whose matmuls were measured."""
    result: dict[str, dict[str, FittedConstant]] = {}
    for generation in sorted({chip.generation for chip in chips if chip.platform == platform}):
        runs = calibration.runs.get(("generation", generation), 0)
        factors: dict[str, FittedConstant] = {}
        for target in GENERATION_TARGETS:
            value, spread, is_fitted = _level(calibration, target, "generation", generation)
            if is_fitted:
                factors[target] = _constant(math.exp(value), spread, runs, _note(runs))
        if not factors:
            shares = [
                share
                for chip in chips
                if chip.generation == generation and (share := matmul_share(chip)) is not None
            ]
            if shares:
                _, spread, _ = _level(calibration, COMPUTE, "generation", generation)
                factor = float(np.mean(shares)) / REFERENCE_MATMUL_SHARE
                factors[COMPUTE] = _constant(factor, spread, 0, "prior: matmuls measured, no published run")
        if factors:
            result[generation] = factors
    return result


def _framework(calibration: Calibration, stack: Stack) -> Stack:
    runs = calibration.runs.get(("framework", stack.id), 0)
    kept = {name: constant for name, constant in stack.constants.items() if name in KEPT}
    tuning = calibration.lookup(COMPUTE, "tuning", stack.tuning or "") or (0.0, 0.0)
    own, spread, _ = _level(calibration, COMPUTE, "framework", stack.id)
    constants = {
        COMPUTE: _constant(math.exp(tuning[0] + own), math.hypot(tuning[1], spread), runs, _note(runs))
    }
    for deviation in DEVIATIONS:
        name = deviation.target
        if deviation.level != "framework" or name == COMPUTE:
            continue
        own, spread, is_fitted = _level(calibration, name, "framework", stack.id)
        if not is_fitted:
            continue
        value, variance = _of_stack(calibration, name, stack)
        constants[name] = _constant(
            _capped(name, math.exp(value + own)), math.sqrt(variance + spread**2), runs, _note(runs)
        )
    return stack.model_copy(update={"constants": {**kept, **constants}})


def changes(
    before: Mapping[str, Stack], after: Iterable[Stack]
) -> list[tuple[str, str, float | None, float]]:
    """Return (stack, constant, old median, new median) wherever a median moved by more than a thousandth."""
    moved = []
    for stack in after:
        old = before.get(stack.id)
        for name, constant in stack.constants.items():
            was = old.constants.get(name) if old else None
            if was is None or not math.isclose(was.median, constant.median, rel_tol=1e-3):
                moved.append((stack.id, name, was.median if was else None, constant.median))
    return moved
