"""What layouts people run, fitted on those that they published: a choice among all that fit.

A team that publishes a layout chose it among those that its job could run. The odds of a choice are taken to
grow with what its aspects are worth and to fall with its step as the engine predicts it (conditional logit):
whoever only counted what is frequent would not learn that people avoid what does not fit or is slow.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.domain.layout_practice import AspectPractice, LayoutPractice
from planner.engine.arrays import FloatArray
from planner.engine.layout_aspects import ASPECTS, Choices, Place
from planner.engine.layouts import COLUMNS, as_layouts, blocks
from planner.engine.memory import memory_parts
from planner.engine.search import cost
from planner.planning.practice import Context
from planner.planning.stack import FittedStack
from planner.validation.buyer import BoughtJob

#: Layouts that a published one is held against: a sample of all, since a thousand tell as much as a million.
ALTERNATIVES = 1500
#: Precision of the prior about nothing: of what a choice is worth to anyone, of what a context adds to it,
#: and of what a framework does; chosen by leaving sources out (a wide range does as well).
_PRIOR_USUAL, _PRIOR_CONTEXT, _PRIOR_FRAMEWORK = 0.1, 0.3, 1.0
#: Prior of the weight of time: mean and spread.
_TIME_WEIGHT = 10.0
_STEPS = 60
_SETTLED = 1e-7
#: Context columns before those of frameworks: the usual, size, mixture, early.
_CONTEXTS = 4
Table = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A published layout and what else could have been run, the published one first."""

    source: str
    context: Context
    #: (aspects, alternatives)
    choices: Choices
    log_step: FloatArray
    #: how many layouts each sampled one stands for; logarithm
    log_weight: float


def choice_of(bought: BoughtJob, fitted: FittedStack) -> Choice | None:
    """Return the choice that a published layout was; None where part of it is unknown, or nothing fits."""
    best, asked = bought.best, bought.asked
    if not best.known.is_complete:
        return None
    job = bought.job(fitted)
    rows = np.concatenate(list(blocks(job.space.grid)), axis=1)
    count = rows.shape[1]
    if count > ALTERNATIVES:
        rows = rows[:, np.linspace(0, count - 1, ALTERNATIVES).astype(np.intp)]
    layouts = as_layouts(rows, **job.space.fixed)
    memory = memory_parts(job.work, layouts, job.machine.chip, job.machine.stack, job.workload)
    fits = np.broadcast_to(memory.total <= memory.usable, rows.shape[1])
    if not fits.any():
        return None
    sampled, rows = rows.shape[1], rows[:, fits]
    own = np.array([float(np.ravel(getattr(best.layout, name))[0]) for name in COLUMNS])[:, None]
    others = cost(job.work, as_layouts(rows, **job.space.fixed), job.machine, job.workload)
    published = cost(job.work, best.layout, job.machine, job.workload)
    place = Place(chips=asked.chips, domain_chips=float(asked.network.domain_chips))
    told = own.copy()
    # what of a layer is not kept and runs again by parts is told by columns that no block has
    is_partly = float(np.ravel(best.layout.recompute_matmul)[0]) > 0.0 or _drops_parts(bought)
    told[COLUMNS.index("recompute_attention")] = np.maximum(
        own[COLUMNS.index("recompute_attention")], float(is_partly)
    )
    block = np.concatenate([told, rows], axis=1)
    return Choice(
        source=best.run.source_key,
        context=Context.of(asked.architecture, asked.stack),
        choices=np.stack([aspect.of(block, place) for aspect in ASPECTS.values()]),
        log_step=np.log(np.concatenate([np.ravel(published), np.ravel(others)])),
        log_weight=math.log(count / sampled),
    )


def _drops_parts(bought: BoughtJob) -> bool:
    recompute = bought.best.run.recompute
    return recompute is not None and bool(recompute.parts)


def fit_practice(choices: Sequence[Choice]) -> LayoutPractice:
    r"""Return what choices are worth to people, by maximum likelihood with a prior about nothing.

    .. math:: P(x) \propto \exp(\theta \cdot f(x) - \beta \ln t(x))

    A choice's worth is :math:`\theta / \beta`: the share of a step that it makes up for. One of n choices of
    a source weighs the root of 1 / n.

    References
    ----------
    .. [1] McFadden, Conditional logit analysis of qualitative choice behavior (Frontiers in Econometrics,
       1974); sampled alternatives: section 5.
    """
    frameworks = sorted({choice.context.framework for choice in choices})
    columns = _Columns.of(frameworks)
    counts = Counter(choice.source for choice in choices)
    parameters = np.zeros(columns.size)
    parameters[-1] = _TIME_WEIGHT
    prepared = [
        (columns.features(choice), columns.contexts(choice.context), counts[choice.source] ** -0.5, choice)
        for choice in choices
    ]
    prior = columns.prior()
    for _ in range(_STEPS):
        gradient, curvature = prior * (columns.start() - parameters), np.diag(prior)
        for features, spread, weight, choice in prepared:
            mixed = features @ spread
            odds = mixed @ parameters
            odds[1:] += choice.log_weight
            odds = np.exp(odds - odds.max())
            odds /= odds.sum()
            mean = odds @ features
            centred = features - mean
            gradient += weight * (spread.T @ (features[0] - mean))
            curvature += weight * (spread.T @ ((centred.T * odds) @ centred) @ spread)
        step = np.linalg.solve(curvature, gradient)
        parameters = parameters + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < _SETTLED:
            break
    return columns.record(parameters, choices)


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """How choices and contexts lie in the vector of what is fitted."""

    frameworks: tuple[str, ...]
    #: first column of features by aspect, and how many it has
    places: dict[str, tuple[int, int]]
    width: int

    @classmethod
    def of(cls, frameworks: Iterable[str]) -> _Columns:
        places: dict[str, tuple[int, int]] = {}
        width = 0
        for name, aspect in ASPECTS.items():
            own = 1 if aspect.is_even else len(aspect.choices)
            places[name] = (width, own)
            width += own
        return cls(tuple(frameworks), places, width)

    @property
    def size(self) -> int:
        return self.width * (_CONTEXTS + len(self.frameworks)) + 1

    def features(self, choice: Choice) -> Table:
        """Return (alternatives, columns and time): which choices each alternative makes, and its step."""
        found = np.zeros((choice.choices.shape[1], self.width + 1))
        for (name, (start, own)), made in zip(self.places.items(), choice.choices, strict=True):
            if own == 1:
                found[:, start] = made / (len(ASPECTS[name].choices) - 1)
            else:
                found[np.arange(len(made)), start + made] = 1.0
        found[:, -1] = choice.log_step[0] - choice.log_step
        return found

    def contexts(self, context: Context) -> Table:
        """Return (columns and time, parameters): which parameters a column's worth is the sum of."""
        weights = np.zeros(_CONTEXTS + len(self.frameworks))
        weights[:_CONTEXTS] = 1.0, context.size, context.mixture, context.early
        spread = np.zeros((self.width + 1, self.size))
        for name, (start, own) in self.places.items():
            told = weights.copy()
            if ASPECTS[name].is_of_framework and context.framework in self.frameworks:
                told[_CONTEXTS + self.frameworks.index(context.framework)] = 1.0
            for column in range(start, start + own):
                spread[column, column * len(weights) : (column + 1) * len(weights)] = told
        spread[-1, -1] = 1.0
        return spread

    def prior(self) -> FloatArray:
        """Return the precision of every parameter's prior."""
        own = [_PRIOR_USUAL, *[_PRIOR_CONTEXT] * (_CONTEXTS - 1), *[_PRIOR_FRAMEWORK] * len(self.frameworks)]
        return np.array([*own * self.width, _TIME_WEIGHT**-2])

    def start(self) -> FloatArray:
        """Return the mean of every parameter's prior."""
        mean = np.zeros(self.size)
        mean[-1] = _TIME_WEIGHT
        return mean

    def record(self, parameters: FloatArray, choices: Sequence[Choice]) -> LayoutPractice:
        """Return the fit as the program ships it."""
        table = parameters[:-1].reshape(self.width, -1) / parameters[-1]
        sources = len({choice.source for choice in choices})
        aspects = {}
        for position, (name, (start, own)) in enumerate(self.places.items()):
            count = len(ASPECTS[name].choices)
            worths = table[start : start + own]
            if own == 1:
                worths = np.linspace(0.0, 1.0, count)[:, None] * worths
            worths = np.round(worths - worths[:1], 3)
            made = Counter(int(choice.choices[position, 0]) for choice in choices)
            usual, size, mixture, early = (
                tuple(map(float, worths[:, column])) for column in range(_CONTEXTS)
            )
            aspects[name] = AspectPractice(
                usual=usual,
                size=size,
                mixture=mixture,
                early=early,
                frameworks={
                    framework: tuple(map(float, worths[:, _CONTEXTS + column]))
                    for column, framework in enumerate(self.frameworks)
                    if ASPECTS[name].is_of_framework
                },
                runs=tuple(made[choice] for choice in range(count)),
            )
        return LayoutPractice(
            kind="derived",
            note=f"fitted on {len(choices)} published layouts of {sources} sources",
            runs=len(choices),
            run_sources=sources,
            time_weight=round(float(parameters[-1]), 3),
            aspects=aspects,
        )
