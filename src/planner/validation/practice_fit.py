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

from planner.domain.layout_practice import AspectPractice, LayoutPractice
from planner.engine.arrays import FloatArray
from planner.engine.blocks import blocks
from planner.engine.grid import COLUMNS
from planner.engine.layout_aspects import ASPECTS, Choices, Place
from planner.engine.layouts import as_layouts
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
#: Chosen by leaving sources out (tests/benchmarks/layout_practice.py --held-out). Of the logarithm of a step.
TOLERANCE = 0.15
_STEPS = 60
_SETTLED = 1e-7
#: What every choice's worth is told of, before frameworks: fields of an `AspectPractice`.
_CONTEXTS = ("usual", "size", "length", "mixture", "early")


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
    rows = np.concatenate([block.candidates for block in blocks(job.space.grid)], axis=1)
    count = rows.shape[1]
    if count > ALTERNATIVES:
        rows = rows[:, np.linspace(0, count - 1, ALTERNATIVES).astype(np.intp)]
    layouts = as_layouts(rows, **job.space.fixed)
    memory = memory_parts(job.work, layouts, job.machine.chip, job.workload)
    fits = np.broadcast_to(memory.total <= memory.usable, rows.shape[1])
    if not fits.any():
        return None
    sampled, rows = rows.shape[1], rows[:, fits]
    # the variant is no part of a layout
    own = np.array([float(np.ravel(getattr(best.layout, name, 0.0))[0]) for name in COLUMNS])[:, None]
    others = cost(job.work, as_layouts(rows, **job.space.fixed), job.machine, job.workload)
    published = cost(job.work, best.layout, job.machine, job.workload)
    place = Place(domain_chips=float(asked.network.domain_chips))
    told = own.copy()
    # what of a layer is not kept and runs again by parts is told by columns that no block has
    is_partly = float(np.ravel(best.layout.recompute_matmul)[0]) > 0.0 or _drops_parts(bought)
    told[COLUMNS.index("recompute_attention")] = np.maximum(
        own[COLUMNS.index("recompute_attention")], float(is_partly)
    )
    block = np.concatenate([told, rows], axis=1)
    return Choice(
        source=best.run.source_key,
        context=Context.of(
            asked.architecture,
            asked.stack,
            sequence_length=float(asked.workload.sequence_length),
        ),
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
    a source weighs the root of 1 / n. What rates scatter by for it is no part of this fit.

    References
    ----------
    .. [1] McFadden, Conditional logit analysis of qualitative choice behavior (Frontiers in Econometrics,
       1974); sampled alternatives: section 5.
    """
    columns = _Columns.of(choice.context.framework for choice in choices)
    counts = Counter(choice.source for choice in choices)
    observed = [_Observed.of(choice, columns, counts[choice.source] ** -0.5) for choice in choices]
    prior, start = columns.prior(), columns.start()
    parameters = start
    for _ in range(_STEPS):
        gradient, curvature = prior * (start - parameters), np.diag(prior)
        for one in observed:
            one.add_to(gradient, curvature, parameters)
        step = np.linalg.solve(curvature, gradient)
        parameters = parameters + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < _SETTLED:
            break
    return columns.record(parameters, choices)


@dataclass(frozen=True, slots=True, eq=False)
class _Observed:
    """One choice as the fit takes it: of all parameters only those of its context and framework speak."""

    #: (alternatives, columns and time)
    features: FloatArray
    #: logarithm of how many each alternative but the first stands for
    log_weight: float
    weight: float
    #: (columns, active parameters of each): the factors whose sum a column's worth is
    factors: FloatArray
    #: places of those, row by row, and of time in the vector of parameters
    places: Choices

    @classmethod
    def of(cls, choice: Choice, columns: _Columns, weight: float) -> _Observed:
        factors, places = columns.active(choice.context)
        return cls(columns.features(choice), choice.log_weight, weight, factors, places)

    def add_to(self, gradient: FloatArray, curvature: FloatArray, parameters: FloatArray) -> None:
        """Add what the choice says of the parameters to the log likelihood's gradient and curvature."""
        own = parameters[self.places]
        worths = (own[:-1].reshape(self.factors.shape) * self.factors).sum(axis=1)
        odds = self.features @ np.append(worths, own[-1])
        odds[1:] += self.log_weight
        odds = np.exp(odds - odds.max())
        odds /= odds.sum()
        centred = self.features - odds @ self.features
        # of each active parameter: its column, and how much of the column's worth it is
        column = np.append(np.repeat(np.arange(len(self.factors)), self.factors.shape[1]), len(self.factors))
        factor = np.append(self.factors.ravel(), 1.0)
        spread = (centred.T * odds) @ centred
        gradient[self.places] += self.weight * centred[0, column] * factor
        curvature[np.ix_(self.places, self.places)] += (
            self.weight * spread[np.ix_(column, column)] * np.outer(factor, factor)
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """How choices and contexts lie in the vector of what is fitted: a row for each choice, then time."""

    frameworks: tuple[str, ...]
    #: the column of features of each aspect's first choice
    starts: dict[str, int]
    width: int

    @classmethod
    def of(cls, frameworks: Iterable[str]) -> _Columns:
        starts: dict[str, int] = {}
        width = 0
        for name, aspect in ASPECTS.items():
            starts[name] = width
            width += len(aspect.choices)
        return cls(tuple(sorted(set(frameworks))), starts, width)

    @property
    def contexts(self) -> int:
        return len(_CONTEXTS) + len(self.frameworks)

    def features(self, choice: Choice) -> FloatArray:
        """Return (alternatives, columns and time): which choices each alternative makes, and its step."""
        found = np.zeros((choice.choices.shape[1], self.width + 1))
        for start, made in zip(self.starts.values(), choice.choices, strict=True):
            found[np.arange(len(made)), start + made] = 1.0
        found[:, -1] = choice.log_step[0] - choice.log_step
        return found

    def active(self, context: Context) -> tuple[FloatArray, Choices]:
        """Return the factors that a column's worth is the sum of, and the places of their parameters."""
        told = [1.0, *(getattr(context, name) for name in _CONTEXTS[1:])]
        framework = len(_CONTEXTS) + self.frameworks.index(context.framework)
        factors = np.tile([*told, 1.0], (self.width, 1))
        for name, start in self.starts.items():
            if not ASPECTS[name].is_of_framework:
                factors[start : start + len(ASPECTS[name].choices), -1] = 0.0
        rows = np.arange(self.width)[:, None] * self.contexts
        places = rows + np.array([*range(len(_CONTEXTS)), framework])
        return factors, np.append(places.ravel(), self.width * self.contexts)

    def prior(self) -> FloatArray:
        """Return the precision of every parameter's prior."""
        more = len(_CONTEXTS) - 1
        own = [_PRIOR_USUAL, *[_PRIOR_CONTEXT] * more, *[_PRIOR_FRAMEWORK] * len(self.frameworks)]
        return np.array([*own * self.width, _TIME_WEIGHT**-2])

    def start(self) -> FloatArray:
        """Return the mean of every parameter's prior."""
        return np.append(np.zeros(self.width * self.contexts), _TIME_WEIGHT)

    def record(self, parameters: FloatArray, choices: Sequence[Choice]) -> LayoutPractice:
        """Return the fit as the program ships it."""
        table = parameters[:-1].reshape(self.width, -1) / parameters[-1]
        sources = len({choice.source for choice in choices})
        aspects = {}
        for position, (name, start) in enumerate(self.starts.items()):
            count = len(ASPECTS[name].choices)
            worths = np.round(table[start : start + count] - table[start], 3)
            told = [tuple(map(float, column)) for column in worths.T]
            made = Counter(int(choice.choices[position, 0]) for choice in choices)
            aspects[name] = AspectPractice(
                **dict(zip(_CONTEXTS, told, strict=False)),
                frameworks=dict(zip(self.frameworks, told[len(_CONTEXTS) :], strict=True))
                if ASPECTS[name].is_of_framework
                else {},
                runs=tuple(made[choice] for choice in range(count)),
            )
        return LayoutPractice(
            kind="derived",
            note=f"fitted on {len(choices)} published layouts of {sources} sources",
            runs=len(choices),
            run_sources=sources,
            time_weight=round(float(parameters[-1]), 3),
            tolerance=TOLERANCE,
            dense_log_spread=0.0,
            mixture_log_spread=0.0,
            aspects=aspects,
        )
