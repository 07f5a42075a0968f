"""From a calibration to the stack profiles that ship: constants with spread, run counts and evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from planner.domain.chip import Chip, Platform
from planner.domain.stack import BestPublished, FittedConstant, KernelGeneration, Stack
from planner.domain.team import TEAMS, Team
from planner.engine.flops import training_flops_per_token
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.planning.campaign import CampaignLoss
from planner.planning.run_cases import RunCase
from planner.planning.stack import MIXTURE_RESIDUAL, MIXTURE_WITHIN, RESIDUAL, WITHIN
from planner.validation.calibration import Calibration, Evidence
from planner.validation.effects import (
    COMPUTE,
    DEVIATIONS,
    EXPERT_TARGETS,
    KERNELS,
    MATMUL_EFFICIENCY,
    PRIORS,
    REFERENCE_MATMUL_SHARE,
    matmul_share,
    stack_group,
    team_on_platform,
)

#: Constants that chip generations have factors on.
GENERATION_TARGETS = tuple(d.target for d in DEVIATIONS if d.level == "generation")
#: Constants that the fit does not touch: they are what a framework does, not how well.
KEPT = frozenset({"score_traffic_bytes"})


#: What nothing was fitted on.
_NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class Share:
    """What one group adds to a constant: its factor's logarithm, and the variance of that."""

    value: float
    variance: float
    is_fitted: bool = True

    def __add__(self, other: Share) -> Share:
        return Share(self.value + other.value, self.variance + other.variance)


def fitted_stacks(
    calibration: Calibration, stacks: Iterable[Stack], chips: Iterable[Chip], cases: Iterable[RunCase]
) -> tuple[Stack, ...]:
    """Return every stack with the calibration's constants in place of its own.

    A platform's root holds all constants, its chip generations and the classes of teams; a framework's
    stack holds what differs.
    """
    stacks, chips = tuple(stacks), tuple(chips)
    cases = tuple(cases)
    best, releases = best_published(cases), newest_releases(cases)
    made = (
        _root(calibration, stack, chips, best) if stack.parent is None else _framework(calibration, stack)
        for stack in stacks
    )
    return tuple(stack.model_copy(update={"newest_release": releases.get(stack.id)}) for stack in made)


def newest_releases(cases: Iterable[RunCase]) -> dict[str, str]:
    """Return the newest release that measured runs have, by stack; of a platform's root on any framework."""
    newest: dict[str, str] = {}
    for case in cases:
        release = case.run.software.release
        if release is None or case.measured is None:
            continue
        for name in {case.stack.id, case.stack.platform}:
            newest[name] = max(release, newest.get(name, release))
    return newest


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _constant(value: float, log_spread: float, evidence: Evidence, note: str | None = None) -> FittedConstant:
    return FittedConstant(
        median=_round(value),
        log_spread=_round(log_spread),
        runs=evidence.runs,
        run_sources=evidence.sources,
        kind="derived",
        note=_note(evidence) if note is None else note,
    )


def _shared(name: str, share: Share, evidence: Evidence, note: str | None = None) -> FittedConstant:
    median = math.exp(share.value)
    if name in SHARES:
        median = min(median, HIGHEST_SHARE)
    return _constant(median, math.sqrt(share.variance), evidence, note)


def _note(evidence: Evidence) -> str:
    if not evidence.runs:
        return "prior: no published run says anything about it"
    sources = "source" if evidence.sources == 1 else "sources"
    return f"fitted on {evidence.runs} published runs of {evidence.sources} {sources}"


def _level(calibration: Calibration, target: str, level: str, group: str) -> Share:
    """Return a group's share of a target, or its prior; one with no such level adds nothing."""
    found = calibration.lookup(target, level, group)
    if found is not None:
        return Share(found[0], found[1] ** 2)
    prior = sum(d.log_spread**2 for d in DEVIATIONS if (d.target, d.level) == (target, level))
    return Share(0.0, prior, is_fitted=False)


def best_published(cases: Iterable[RunCase]) -> dict[str, BestPublished]:
    """Return the highest utilisations that runs with all inputs published, by chip generation.

    By the causal convention, against the 16-bit peak, so that runs below 16 bit may exceed one; those are
    left out of the dense figure.
    """
    best: dict[str, BestPublished] = {}
    cases = tuple(cases)
    highest: dict[str, float] = {}
    for case in cases:
        peak = float(case.published_peak_flops_per_s)
        highest[case.generation] = max(peak, highest.get(case.generation, 0.0))
    for case in cases:
        if case.published_peak_flops_per_s < highest[case.generation] / 2.0:
            # a chip that was cut down for export keeps its memory and links, and is busier for it
            continue
        if case.run.tier != "A" or case.measured is None or float(case.workload.is_low_precision):
            continue
        if not case.run.trains_all:
            continue
        flops = float(training_flops_per_token(case.architecture, case.workload.sequence_length))
        share = _round(flops * case.measured / case.published_peak_flops_per_s)
        kind = "mixture" if case.is_mixture else "dense"
        known = best.get(case.generation, BestPublished())
        if share > (getattr(known, kind) or 0.0):
            best[case.generation] = known.model_copy(update={kind: share, f"{kind}_run": case.run.id})
    return best


def _of_stack(calibration: Calibration, target: str, stack: Stack, levels: Iterable[str]) -> Share:
    """Return a constant as all runs share it, with what a stack's groups at some levels add."""
    found = calibration.lookup(target, None, None) or (math.log(PRIORS[target][0]), PRIORS[target][1])
    share = Share(found[0], found[1] ** 2)
    for level in levels:
        share = share + _level(calibration, target, level, stack_group(stack, level))
    return share


def _compute(calibration: Calibration, stack: Stack, evidence: Evidence) -> FittedConstant:
    share = _of_stack(calibration, COMPUTE, stack, ("platform", "framework"))
    if stack.tuning is None:
        # whoever tuned it: the spread between those who do
        middle, between = 0.0, next(d.log_spread for d in DEVIATIONS if d.level == "tuning")
        return _shared(COMPUTE, share + Share(middle, between**2), evidence)
    return _shared(COMPUTE, share + _level(calibration, COMPUTE, "tuning", stack.tuning), evidence)


def _root(
    calibration: Calibration, stack: Stack, chips: tuple[Chip, ...], best: Mapping[str, BestPublished]
) -> Stack:
    platform = stack.platform
    generations = {chip.generation for chip in chips if chip.platform == platform}
    evidence = calibration.evidence.get(("platform", platform), _NOTHING)
    mixtures = calibration.mixtures.get(platform, _NOTHING)
    constants: dict[str, FittedConstant] = {
        "matmul_efficiency": _constant(
            MATMUL_EFFICIENCY, 0.0, evidence, "reference: factors on it are fitted"
        )
    }
    for name in PRIORS:
        if name != COMPUTE:
            share = _of_stack(calibration, name, stack, ("platform",))
            constants[name] = _shared(name, share, mixtures if name in EXPERT_TARGETS else evidence)
    constants[COMPUTE] = _compute(calibration, stack, evidence)
    return stack.model_copy(
        update={
            "constants": constants,
            "generations": _generations(calibration, platform, chips),
            "kernels": dict(_kernels(calibration)),
            "teams": {team: _team(calibration, team, platform) for team in TEAMS},
            "campaigns": {name: _campaign(loss) for name, loss in calibration.campaigns.items()},
            "best_published": {name: best[name] for name in sorted(generations & best.keys())},
        }
    )


def _campaign(loss: CampaignLoss) -> FittedConstant:
    """Return what whole trainings of a class of operators take over their steps and failures."""
    evidence = Evidence(loss.runs, loss.sources)
    note = "of whole trainings, by days and chip hours; all platforms" if loss.runs else None
    return _constant(loss.median, loss.log_spread, evidence, note)


def _team(calibration: Calibration, team: Team, platform: Platform) -> dict[str, FittedConstant]:
    """Return what a class of teams gets of a platform, and what it scatters by where no fit has seen it."""
    cell = team_on_platform(team, platform)
    share = _level(calibration, COMPUTE, "team", team) + _level(
        calibration, COMPUTE, "team on platform", cell
    )
    everywhere = calibration.evidence.get(("team", team), _NOTHING)
    residuals = calibration.residuals[team]
    within = calibration.within[team]
    among = "of that, what runs of one source scatter by among themselves; all platforms"
    left_out = "beside the constants, what runs of sources left out scatter by; all platforms"
    return {
        COMPUTE: _shared(COMPUTE, share, calibration.evidence.get(("team on platform", cell), _NOTHING)),
        RESIDUAL: _constant(1.0, residuals.dense, everywhere, left_out),
        MIXTURE_RESIDUAL: _constant(1.0, residuals.mixtures, everywhere, f"{left_out}, mixtures of experts"),
        WITHIN: _constant(1.0, within.dense, everywhere, among),
        MIXTURE_WITHIN: _constant(1.0, within.mixtures, everywhere, f"{among}, mixtures of experts"),
    }


def _generations(
    calibration: Calibration, platform: Platform, chips: tuple[Chip, ...]
) -> dict[str, dict[str, FittedConstant]]:
    """Return the factors of every generation of a platform that was fitted or whose matmuls were measured."""
    result: dict[str, dict[str, FittedConstant]] = {}
    for generation in sorted({chip.generation for chip in chips if chip.platform == platform}):
        evidence = calibration.evidence.get(("generation", generation), _NOTHING)
        factors: dict[str, FittedConstant] = {}
        for target in GENERATION_TARGETS:
            share = _level(calibration, target, "generation", generation)
            if share.is_fitted:
                factors[target] = _constant(math.exp(share.value), math.sqrt(share.variance), evidence)
        if not factors:
            measured = [
                best
                for chip in chips
                if chip.generation == generation and (best := matmul_share(chip)) is not None
            ]
            if measured:
                prior = _level(calibration, COMPUTE, "generation", generation)
                factor = float(np.mean(measured)) / REFERENCE_MATMUL_SHARE
                note = "prior: matmuls measured, no published run"
                factors[COMPUTE] = _constant(factor, math.sqrt(prior.variance), _NOTHING, note)
        if factors:
            result[generation] = factors
    return result


def _kernels(calibration: Calibration) -> Iterator[tuple[str, FittedConstant]]:
    """Yield what each generation of kernels adds to attention, which all platforms share."""
    for name in get_args(KernelGeneration):
        share = _level(calibration, "attention_efficiency", KERNELS, name)
        evidence = calibration.evidence.get((KERNELS, name), _NOTHING)
        yield name, _constant(math.exp(share.value), math.sqrt(share.variance), evidence)


def _framework(calibration: Calibration, stack: Stack) -> Stack:
    evidence = calibration.evidence.get(("framework", stack.id), _NOTHING)
    constants = {name: constant for name, constant in stack.constants.items() if name in KEPT}
    constants[COMPUTE] = _compute(calibration, stack, evidence)
    return stack.model_copy(update={"constants": constants})


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
