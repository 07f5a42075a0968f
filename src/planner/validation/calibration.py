"""Calibration: one joint fit of the engine's constants on published runs, with priors, repeatable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from planner.domain.team import TEAMS, Team
from planner.engine.arrays import FloatArray
from planner.engine.inputs import SCORE_BYTES, StackConstants
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.planning.campaign import NO_CAMPAIGNS, CampaignLoss
from planner.planning.run_cases import RunCase
from planner.planning.stack import PRIOR_RESIDUALS, PRIOR_WITHIN, FittedStack, ResidualSpreads
from planner.validation.effects import (
    COMPUTE,
    DEVIATIONS,
    EXPORTED_LEVELS,
    LEVELS,
    MATMUL_EFFICIENCY,
    SOURCE,
    ConstantKey,
    Effects,
    Parameter,
    group_of,
)
from planner.validation.least_squares import Minimum, minimum, pseudo_huber, pseudo_huber_slope
from planner.validation.run_prediction import CaseColumns

#: What a run scatters by beside the model, before the fit knows better; measured campaigns carry 4 to 5 %.
RUN_LOG_SPREAD = 0.06
#: Weight of a run whose inputs were partly filled in.
FILLED_WEIGHT = 0.5
#: Runs of one source that count in full; the weight of more grows with the root of their number.
SOURCE_RUNS = 5
#: A run feels a constant whose spread moves its rate by this much: what stands behind the constant.
FELT = 0.01
#: Of the way to where its runs would put a constant, how far one source may move it.
MOST_OF_ONE_SOURCE = 1.0 / 3.0
#: Step of the finite differences, in the logarithm of a constant: wide enough to see past the kinks that
#: overlaps and caps make, at which a solver would stay where it started.
DIFFERENCE = 1e-2


@dataclass(frozen=True, slots=True)
class Evidence:
    """The runs and the sources behind a group."""

    runs: int = 0
    sources: int = 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted parameters with the spreads that the fit leaves them."""

    parameters: tuple[Parameter, ...]
    values: FloatArray
    spreads: FloatArray
    #: by (level, group); mixtures apart
    evidence: dict[tuple[str, str], Evidence]
    #: what is behind a constant that only mixtures tell of, by platform
    mixtures: dict[str, Evidence]
    #: of each parameter, the runs that feel it
    behind: tuple[Evidence, ...]
    #: (parameters,): of the way from its prior to where its runs alone would put it, how much it could go:
    #: one less the variance that the fit leaves it over its prior's. [-]
    shares: FloatArray
    #: spread of a source that no fit has seen, by who ran it; the priors until `bands` has measured them
    residuals: dict[Team, ResidualSpreads] = field(
        default_factory=lambda: dict.fromkeys(TEAMS, PRIOR_RESIDUALS)
    )
    #: how much of it runs of one source scatter by among themselves
    within: dict[Team, ResidualSpreads] = field(default_factory=lambda: dict.fromkeys(TEAMS, PRIOR_WITHIN))
    #: by operator, what whole trainings take over their steps and failures; `campaigns` fits it
    campaigns: Mapping[str, CampaignLoss] = field(default_factory=lambda: NO_CAMPAIGNS)

    def lookup(self, target: str, level: str | None, group: str | None) -> tuple[float, float] | None:
        """Return value and spread of one parameter (logarithms), or None where the fit has none."""
        for parameter, value, spread in zip(self.parameters, self.values, self.spreads, strict=True):
            if (parameter.target, parameter.level, parameter.group) == (target, level, group):
                return float(value), float(spread)
        return None

    def stack_of(self, case: RunCase, *, is_framework_known: bool = True) -> FittedStack:
        """Return the constants of a run's own groups, but for what its source alone deviates by.

        With an unknown framework its deviations are unknown too: their priors' spreads widen the band.
        """
        logarithms: dict[str, float] = {}
        variances: dict[str, float] = {}
        groups = {level: group_of(case, level) for level in LEVELS}
        hidden = {SOURCE} if is_framework_known else {SOURCE, "framework"}
        for deviation in DEVIATIONS:
            if deviation.level == "framework" and not is_framework_known:
                variances[deviation.target] = variances.get(deviation.target, 0.0) + deviation.log_spread**2
        for parameter, value, spread in zip(self.parameters, self.values, self.spreads, strict=True):
            if parameter.level is None or (
                parameter.level not in hidden and groups[parameter.level] == parameter.group
            ):
                name = parameter.target
                logarithms[name] = logarithms.get(name, 0.0) + float(value)
                variances[name] = variances.get(name, 0.0) + float(spread) ** 2
        compute = float(np.exp(logarithms.pop(COMPUTE)))
        # the spread of compute is drawn once, with the matmuls: attention follows its own
        variances["matmul_efficiency"] = variances.pop(COMPUTE)
        constants = {name: float(np.exp(value)) for name, value in logarithms.items()}
        constants["matmul_efficiency"] = MATMUL_EFFICIENCY * compute
        constants["attention_efficiency"] *= compute
        for name in SHARES & constants.keys():
            constants[name] = min(constants[name], HIGHEST_SHARE)
        score = case.stack.constants.get("score_traffic_bytes")
        constants["score_traffic_bytes"] = score.median if score else SCORE_BYTES
        return FittedStack(
            StackConstants(**constants),
            {name: float(np.sqrt(variance)) for name, variance in variances.items()},
            self.residuals[case.run.team],
            self.evidence.get(("generation", case.generation), Evidence()).runs,
            self.within[case.run.team],
            self.campaigns,
        )


def calibrate(
    cases: Sequence[RunCase],
    held_out: Sequence[bool] | None = None,
    columns: CaseColumns | None = None,
) -> Calibration:
    """Return the fit of all constants on the measured runs that are not held out.

    The fit minimises a robust (pseudo-Huber) loss of the logarithm of predicted over measured rate, plus
    the squared distance of every parameter from its prior in units of the prior's spread: the maximum of a
    posterior in which a group without runs stays at its prior. What a constant owes to one source beyond a
    third of the way is taken as that source's own, and the fit made again. `columns` are those of the cases,
    where they are at hand already.

    References
    ----------
    .. [1] Gelman et al., Bayesian Data Analysis, chapters 5 (hierarchical models) and 13 (modes).
    """
    columns = CaseColumns.of(cases) if columns is None else columns
    out = np.zeros(len(cases), dtype=bool) if held_out is None else np.asarray(held_out, dtype=bool)
    weight = np.where(out | np.isnan(columns.measured), 0.0, _weights(cases))
    alone: dict[ConstantKey, str] = {}
    while True:
        effects = Effects(cases, (weight > 0).tolist(), alone)
        fit = _descent(effects, columns, weight)
        curvature = fit.jacobian.T @ fit.jacobian + np.eye(len(fit.at))
        covariance = np.asarray(np.linalg.inv(curvature), dtype=np.float64)
        felt = _felt(fit.jacobian, weight)
        shares = 1.0 - np.diag(covariance)
        more = _moved_by_one(effects, cases, felt, shares)
        if more.keys() <= alone.keys():
            break
        alone |= more
    sources = np.array([case.run.source_key for case in cases])
    return Calibration(
        parameters=effects.parameters,
        values=effects.mean + fit.at * effects.spread,
        spreads=_independent_spreads(effects, fit.jacobian, covariance, weight),
        evidence=_evidence(cases, weight),
        mixtures=_evidence_of_mixtures(cases, weight),
        behind=tuple(Evidence(int(np.sum(own)), len(set(sources[own]))) for own in felt.T),
        shares=shares,
    )


def _descent(effects: Effects, columns: CaseColumns, weight: FloatArray) -> Minimum:
    """Return the parameters, in units of their priors' spreads, of least loss, and the derivatives there."""
    log_measured = np.log(np.where(weight > 0, columns.measured, 1.0))
    log_tokens = np.log(columns.tokens_per_step() / columns.chips)
    root = np.sqrt(weight)

    def errors(logarithms: FloatArray) -> FloatArray:
        step = columns.step(effects.constants(logarithms)).total
        predicted = log_tokens - np.log(step) + effects.rates(logarithms)
        return np.where(weight > 0, predicted - log_measured, 0.0) / RUN_LOG_SPREAD

    def logarithms(scaled: FloatArray) -> FloatArray:
        return effects.logarithms(effects.mean + scaled * effects.spread)

    def residuals(scaled: FloatArray) -> FloatArray:
        return pseudo_huber(errors(logarithms(scaled))) * root

    def linearised(scaled: FloatArray) -> tuple[FloatArray, FloatArray]:
        at = logarithms(scaled)
        # the point itself and, beside it, each target moved by itself: one pass of the engine for all
        moves = np.vstack([np.zeros(len(at)), DIFFERENCE * np.eye(len(at))])
        raw, *moved = errors(at[:, None, :] + moves.T[:, :, None])
        by_target = (np.array(moved) - raw) / DIFFERENCE
        slope = pseudo_huber_slope(raw) * root
        return pseudo_huber(raw) * root, slope[:, None] * effects.chained(by_target) * effects.spread

    return minimum(residuals, linearised, len(effects.mean))


def _felt(rows: FloatArray, weight: FloatArray) -> FloatArray:
    """Return which runs feel which parameter, (runs, parameters), by what its spread moves their errors."""
    root = np.sqrt(weight)[:, None]
    return np.asarray((np.abs(rows) * RUN_LOG_SPREAD >= FELT * root) & (root > 0.0))


def _moved_by_one(
    effects: Effects, cases: Sequence[RunCase], felt: FloatArray, shares: FloatArray
) -> dict[ConstantKey, str]:
    """Return the constants that one source alone feels and moves by more than a third, with that source."""
    names = np.array([case.run.source_key for case in cases])
    found = {}
    for parameter, own, share in zip(effects.parameters, felt.T, shares, strict=True):
        sources = set(names[own])
        if parameter.level != SOURCE and share > MOST_OF_ONE_SOURCE and len(sources) == 1:
            found[parameter.constant] = str(*sources)
    return found


def _independent_spreads(
    effects: Effects, rows: FloatArray, covariance: FloatArray, weight: FloatArray
) -> FloatArray:
    """Return spreads that, drawn independently, widen predictions by as much as the joint posterior does.

    What the runs constrain is mostly sums of parameters: their errors cancel. Stacks keep a spread for each
    constant, so those of groups with runs are scaled by the median ratio of the predictions' joint spread
    to that of independent draws; a group without runs keeps its prior's. What a source deviates by is in no
    stack: a plan is a source of its own, and its band that of a source left out (`bands`).
    """
    marginal = np.sqrt(np.diag(covariance))
    is_exported = np.array([parameter.level != SOURCE for parameter in effects.parameters])
    used = rows[weight > 0.0] * is_exported
    joint = np.sum((used @ covariance) * used, axis=1)
    alone = (used**2) @ marginal**2
    ratio = float(np.median(np.sqrt(joint / np.maximum(alone, 1e-30))))
    has_runs = np.any(rows != 0.0, axis=0)
    return np.asarray(np.where(has_runs, ratio, 1.0) * marginal * effects.spread)


def _weights(cases: Sequence[RunCase]) -> FloatArray:
    """Return the weight of every run: less where inputs were filled in, and in sources of many runs.

    The errors of one source go together (its clock, its cluster, its release), so that a source of n runs
    tells less than n times as much as one run.
    """
    sources = Counter(case.run.source_key for case in cases if case.run.tier in ("A", "B"))
    shares = [min(1.0, (SOURCE_RUNS / max(sources[case.run.source_key], 1)) ** 0.5) for case in cases]
    return np.array([_weight(case) * share for case, share in zip(cases, shares, strict=True)])


def _weight(case: RunCase) -> float:
    if case.run.tier not in ("A", "B"):
        return 0.0
    return 1.0 if case.run.tier == "A" else FILLED_WEIGHT


def _evidence(cases: Sequence[RunCase], weight: FloatArray) -> dict[tuple[str, str], Evidence]:
    members: dict[tuple[str, str], list[str]] = {}
    for case, own in zip(cases, weight, strict=True):
        if own > 0:
            for level in EXPORTED_LEVELS:
                members.setdefault((level, group_of(case, level)), []).append(case.run.source_key)
    return {key: Evidence(len(sources), len(set(sources))) for key, sources in members.items()}


def _evidence_of_mixtures(cases: Sequence[RunCase], weight: FloatArray) -> dict[str, Evidence]:
    mixtures = [case.is_mixture for case in cases]
    return {
        group: found
        for (level, group), found in _evidence(cases, weight * np.array(mixtures)).items()
        if level == "platform"
    }
