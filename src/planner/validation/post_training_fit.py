"""The fit of post-training: a few constants of all, and factors per rollout engine and chip, about priors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from planner.domain.post_training_fit import Pace, PostTrainingFit
from planner.engine.arrays import FloatArray
from planner.engine.decoding import DecodingConstants
from planner.planning.post_training import PostTrainingConstants
from planner.planning.post_training_cases import StepCase
from planner.validation.least_squares import minimum, pseudo_huber
from planner.validation.post_training_scores import (
    PHASES,
    fine_tuning_spread,
    predicted_step,
    step_s,
    widened,
)

_PRIOR = PostTrainingConstants()
_DECODING = DecodingConstants()
#: Constants of all, with the spread of the logarithm of each about its prior; assumed.
COMMON: dict[str, float] = {
    "memory_efficiency": 0.3,
    "token_overhead_s": 0.7,
    "sequence_overhead_s": 1.0,
    "expert_layer_s": 0.7,
    "eager_layer_s": 0.7,
    "transfer_efficiency": 0.7,
    "update_factor": 0.3,
    "step_overhead_s": 0.7,
}
#: The same of the factors of one engine on one generation of chips: where a source is alone there, it is
#: drawn to what all have. Assumed.
PACE_LOG_SPREAD = 0.35
#: What a step of one group scatters by, however many rows the group has; assumed.
GROUP_LOG_SPREAD = 0.25
#: Rows after which a group counts no more.
_MOST_ROWS = 2.0
#: Logarithm of an error from which it counts by its size and no longer by its square: a step twice as long
#: as it may be says less of the model than of itself. Assumed.
_LINEAR_FROM = 0.7
_DELTA = 1e-3


def prior_fit() -> PostTrainingFit:
    """Return the constants before any published step was seen."""
    return PostTrainingFit(
        text="priors: no published step has been seen",
        runs=0,
        run_sources=0,
        memory_efficiency=float(_DECODING.memory_efficiency),
        token_overhead_s=float(_DECODING.token_overhead_s),
        sequence_overhead_s=float(_DECODING.sequence_overhead_s),
        expert_layer_s=float(_DECODING.expert_layer_s),
        eager_layer_s=float(_DECODING.eager_layer_s),
        transfer_efficiency=_PRIOR.transfer_efficiency,
        update_factor=_PRIOR.update_factor,
        step_overhead_s=_PRIOR.step_overhead_s,
        log_spread=_PRIOR.log_spread,
        assumed_log_spread=_PRIOR.assumed_log_spread,
    )


def fitted(cases: Sequence[StepCase]) -> PostTrainingFit:
    r"""Return the constants that fit some published steps best.

    .. math:: \min_x \sum_i \frac{(\ln \hat t_i(x) - \ln t_i)^2}{n_{g(i)} \sigma^2} + \sum_j x_j^2

    Steps and published phases count alike, a group of rows as two rows at most, a row of assumed lengths less
    than one of stated ones, and a constant leaves its prior by as much as what is measured outweighs it. Far
    errors count as of a pseudo-Huber loss.
    """
    rows = [case for case in cases if case.lengths is not None]
    if not rows:
        return prior_fit()
    names = sorted({case.pace for case in rows})
    counts = Counter(case.run.group for case in rows)
    weights = [
        math.sqrt(min(counts[case.run.group], _MOST_ROWS) / counts[case.run.group]) / _spread_of(case)
        for case in rows
    ]

    def residuals_of(place: int, fit: PostTrainingFit) -> list[float]:
        case, weight = rows[place], weights[place]
        step = predicted_step(case, fit)
        pairs = [(step_s(case, step), case.measured_s)]
        if step is not None and case.run.post_training.pools == "colocated":
            pairs += [
                (PHASES[name](step), value)
                for name in PHASES
                if (value := getattr(case.run.measured, name)) is not None
            ]
        each = weight / math.sqrt(len(pairs))
        errors = np.log([predicted / measured for predicted, measured in pairs])
        return list(each * _LINEAR_FROM * pseudo_huber(errors / _LINEAR_FROM))

    def by_row(point: FloatArray, places: Sequence[int]) -> dict[int, list[float]]:
        fit = _at(point, names, rows)
        return {place: residuals_of(place, fit) for place in places}

    everything = range(len(rows))
    of_pace = [[place for place in everything if rows[place].pace == name] for name in names]

    def residuals(point: FloatArray) -> FloatArray:
        return np.array([value for values in by_row(point, everything).values() for value in values])

    def linearised(point: FloatArray) -> tuple[FloatArray, FloatArray]:
        here = by_row(point, everything)
        flat = np.array([value for values in here.values() for value in values])
        columns = []
        for place in range(len(point)):
            moved = point.copy()
            moved[place] += _DELTA
            # a factor of one engine on its chips moves their rows alone
            own = everything if place < len(COMMON) else of_pace[(place - len(COMMON)) // 2]
            there = {**here, **by_row(moved, own)}
            # in the order of the rows
            values = [value for row in everything for value in there[row]]
            columns.append((np.array(values) - flat) / _DELTA)
        return flat, np.stack(columns, axis=1)

    found = minimum(residuals, linearised, len(COMMON) + 2 * len(names))
    return _at(found.at, names, rows)


def _spread_of(case: StepCase) -> float:
    """Return what a row's group scatters by: more where lengths are assumed, by as much as its band."""
    assert case.lengths is not None
    wider = _PRIOR.assumed_log_spread / _PRIOR.log_spread
    return GROUP_LOG_SPREAD * (wider if case.lengths.has_assumed_mean else 1.0)


def _at(point: FloatArray, names: Sequence[str], rows: Sequence[StepCase]) -> PostTrainingFit:
    """Return the constants at a point, in units of the priors' spreads."""
    prior = prior_fit()
    common = {
        name: getattr(prior, name) * math.exp(spread * float(value))
        for (name, spread), value in zip(COMMON.items(), point, strict=False)
    }
    factors = np.exp(PACE_LOG_SPREAD * point[len(COMMON) :]).reshape(-1, 2)
    paces = {}
    for name, (rollout, update) in zip(names, factors, strict=True):
        own = [case for case in rows if case.pace == name]
        paces[name] = Pace(
            rollout=float(rollout),
            update=float(update),
            runs=len(own),
            run_sources=len({case.run.source_key for case in own}),
        )
    for name in ("memory_efficiency", "transfer_efficiency"):
        common[name] = min(common[name], 1.0)
    return prior.model_copy(
        update={
            **common,
            "paces": paces,
            "text": "fitted on the published steps of profiles/rl_runs by "
            "tests/benchmarks/post_training_constants.py, a stage of .ci/renew",
            "runs": len(rows),
            "run_sources": len({case.run.source_key for case in rows}),
        }
    )


def held_out_fits(
    cases: Sequence[StepCase], progress: Callable[[int, int, str], None] | None = None
) -> dict[str, PostTrainingFit]:
    """Return the constants without each group; their bands are of the other groups, each held out too."""
    groups = sorted({case.run.group for case in cases if case.lengths is not None})
    # no constant is in a step of fine-tuning, but its band is of other sources
    fits = {case.run.group: prior_fit() for case in cases}
    source = {case.run.group: case.run.source_key for case in cases}
    for done, group in enumerate(groups):
        if progress is not None:
            progress(done, len(groups), group)
        fits[group] = fitted([case for case in cases if case.run.group != group])
    residuals = held_out_residuals(cases, fits)
    return {
        group: widened(
            fit,
            [value for other, values in residuals.items() if other != group for value in values],
            fine_tuning_spread([case for case in cases if case.run.source_key != source[group]]),
        )
        for group, fit in fits.items()
    }


def held_out_residuals(
    cases: Sequence[StepCase], fits: dict[str, PostTrainingFit]
) -> dict[str, list[tuple[float, bool]]]:
    """Return the logarithm of predicted over measured of each row under its group's constants, by group."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for case in cases:
        if case.lengths is None:
            continue
        predicted = step_s(case, predicted_step(case, fits[case.run.group]))
        found.setdefault(case.run.group, []).append(
            (math.log(predicted / case.measured_s), case.lengths.has_assumed_mean)
        )
    return found
