"""What whole trainings lost beside failures: a factor by operator, fitted by source on days and hours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planner.engine.goodput import usual_goodput
from planner.engine.operators import OPERATORS
from planner.engine.uncertainty import band
from planner.planning.campaign import PRIOR_LOG_SPREAD, CampaignLoss
from planner.planning.run_cases import RunCase
from planner.planning.stack import FittedStack, ResidualSpreads
from planner.quantities.figure import Band
from planner.validation.bands import HALF_TRUSTED_SOURCES
from planner.validation.effects import SOURCE_OVER_GROUP
from planner.validation.left_out import LeftOutRun
from planner.validation.run_prediction import CaseColumns, completed, predict
from planner.validation.run_preparation import ARITHMETIC_ERRORS
from planner.validation.run_scores import ScoredRun

#: How well a source knows the rate of its own steps: it names one rate of several phases. Assumed.
STEADY_LOG_SPREAD = 0.05
#: What sources deviate by from their operators' class before any was looked at: so that one source moves the
#: factor by a third of the way.
SOURCE_LOG_SPREAD = SOURCE_OVER_GROUP * PRIOR_LOG_SPREAD
#: Rounds of the mean and the spread about it, which settle in a few.
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class WholeRun:
    """One whole training: what it took over its steps and its usual failures."""

    source: str
    operator: str
    #: logarithm of the time over that of its steps and failures
    log_loss: float
    #: how well the rate of its steps is known, of its logarithm
    log_spread: float
    #: its source names the rate of the steps; else it is predicted
    is_steady: bool


def whole_runs(cases: Iterable[RunCase], stack_of: Callable[[RunCase], FittedStack]) -> Iterator[WholeRun]:
    """Yield the measured whole trainings among some cases that can be predicted."""
    for case in cases:
        if case.run.tier == "E" and case.measured is not None:
            try:
                with np.errstate(all="ignore"):
                    stack = stack_of(case)
                    rate = float(predict(CaseColumns.of([completed(case, stack)]), [stack]).median[0])
            except ARITHMETIC_ERRORS:
                continue
            yield whole_run(case, rate, stack.residuals.of(is_mixture=case.is_mixture))


def whole_run(case: RunCase, predicted: float, log_spread: float) -> WholeRun:
    """Return what a whole training lost, by the rate that its source names or by one that is predicted.

    Parameters
    ----------
    case
        A measured one.
    predicted : float
        Rate of its steps. [tokens/s per chip]
    log_spread : float
        How sure that is. [-]
    """
    steady = case.run.result.steady_tokens_per_s_per_chip
    share = float(usual_goodput(case.chips, case.run.operator))
    loss = math.log((steady or predicted) * share / (case.measured or predicted))
    spread = STEADY_LOG_SPREAD if steady else log_spread
    return WholeRun(case.run.source_key, case.run.operator, loss, spread, steady is not None)


def held_out_whole_runs(
    left_out: Sequence[LeftOutRun], spreads_of: Callable[[LeftOutRun], ResidualSpreads]
) -> Iterator[ScoredRun]:
    """Yield the scores of whole trainings whose source neither the constants nor the losses have seen.

    `spreads_of` returns what runs of all other sources scatter by, of the class of teams that ran it.
    """
    told = [(run, spreads_of(run)) for run in left_out]
    losses = [whole_run(run.case, run.rate, it.of(is_mixture=run.case.is_mixture)) for run, it in told]
    for run, spreads in told:
        loss = fitted_losses(it for it in losses if it.source != run.source)[run.case.run.operator]
        share = float(usual_goodput(run.case.chips, run.case.run.operator))
        rates = share * run.scattered_rates(spreads) / loss.factors(len(run.rates) - 1)
        middle = share * run.rate / loss.median
        yield ScoredRun(run.case, Band(*band(rates[1:], middle)), False, share, ())


def fitted_losses(runs: Iterable[WholeRun]) -> dict[str, CampaignLoss]:
    """Return what campaigns lose beside failures, by operator.

    Of each source one figure: the mean of the trainings whose steps' rate it names, else of all, which are as
    sure as predictions of such teams' rates are. The median is their mean, shrunk to nothing lost; the spread
    that of the sources about it beside what their rates are unsure by.

    References
    ----------
    .. [1] DerSimonian and Laird, Meta-analysis in clinical trials (Controlled Clinical Trials, 1986).
    """
    runs = tuple(runs)
    return {name: _fitted([run for run in runs if run.operator == name]) for name in OPERATORS}


def _fitted(runs: Sequence[WholeRun]) -> CampaignLoss:
    members: dict[str, list[WholeRun]] = {}
    for run in runs:
        members.setdefault(run.source, []).append(run)
    if not members:
        return CampaignLoss()
    best = [[run for run in own if run.is_steady] or own for own in members.values()]
    losses = np.array([np.mean([run.log_loss for run in own]) for own in best])
    unsure = np.array([np.mean([run.log_spread**2 for run in own]) for own in best])
    between, middle, certainty = SOURCE_LOG_SPREAD**2, 0.0, 0.0
    for _ in range(_ROUNDS):
        # no source is nearer to its class than was assumed, or one alone would move it further
        weights = 1.0 / (unsure + max(between, SOURCE_LOG_SPREAD**2))
        certainty = float(weights.sum())
        middle = float(weights @ losses) / (certainty + PRIOR_LOG_SPREAD**-2)
        excess = float(weights**2 @ ((losses - middle) ** 2 - unsure) / (weights**2).sum())
        own_share = len(best) / (len(best) + HALF_TRUSTED_SOURCES)
        between = own_share * max(excess, 0.0) + (1.0 - own_share) * SOURCE_LOG_SPREAD**2
    return CampaignLoss(
        # a training gains no time: what is less than nothing lost is failures that were fewer than usual
        math.exp(max(middle, 0.0)),
        math.sqrt(between),
        len(runs),
        len(members),
        certainty / (certainty + PRIOR_LOG_SPREAD**-2),
    )
