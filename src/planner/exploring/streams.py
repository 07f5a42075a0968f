"""What each uncertain input does to a quantity by itself: all that is drawn, at its P10 and at its P90."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import OneAtATime, one_at_a_time, standard_draws
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.exploring.question import Question
from planner.quantities.evaluation import Figures
from planner.quantities.record import each_record
from planner.quantities.table import TABLE

#: Leaves that read a constant of the stack are called by its name behind this.
_CONSTANTS = "stack."


@dataclass(frozen=True, slots=True)
class Leaf:
    """A figure that is drawn, at the P10 and the P90 of what it is drawn by."""

    #: of the table of quantities
    id: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """What is drawn together, and what it does to a quantity while all else stays at its median."""

    #: as its draws are called
    name: str
    #: the quantity where it is at its P10 and at its P90
    low: float
    high: float
    #: Spearman's, of its draws and the quantity's, with all else drawn too
    rank_correlation: float
    #: the figures that it moves; none where it is in no figure, as what a model scatters by
    leaves: tuple[Leaf, ...]
    #: quantities that scatter by it about what the model says
    scatters: tuple[str, ...]


def spreads_of(question: Question, joint: Estimate) -> list[Spread]:
    """Return what each of the streams that an estimate draws does to a quantity.

    The estimate is made once more, with draws in which each stream leaves its middle alone: the layout stays,
    as it was chosen before anybody knows how things come out.

    Parameters
    ----------
    question
        The plan, and the quantity that is asked for.
    joint
        The plan's estimate, all streams drawn together.
    """
    identifier = question.quantity.id
    with one_at_a_time() as streams:
        apart = estimate_plan(
            question.plan, question.catalog, cancelled=question.cancelled, today=question.today
        )
        figure, figures = apart.figure(identifier), apart.figures
        assert figures is not None  # the same plan could run
        drawn = dict(_drawn_leaves(figures, identifier))
    if figure.values.size == 1:
        # chance has no part in it
        return []
    together = joint.figure(identifier).draws
    return [_spread(name, streams, figure.values, together, drawn, figures) for name in streams.places]


def _spread(
    name: str,
    streams: OneAtATime,
    values: FloatArray,
    together: FloatArray,
    drawn: dict[str, FloatArray],
    figures: Figures,
) -> Spread:
    # the value at the medians stands before the draws; of those, the last leaves all streams at their middles
    low, high = (1 + row for row in streams.rows(name))
    moved = [
        Leaf(leaf, float(its[low]), float(its[high]))
        for leaf, its in drawn.items()
        if its[low] != its[-1] or its[high] != its[-1]
    ]
    own = [leaf for leaf in moved if leaf.id == f"{_CONSTANTS}{name}"]
    return Spread(
        name,
        float(values[low]),
        float(values[high]),
        rank_correlation(standard_draws([name])[name], together),
        tuple(own or moved),
        tuple(_scattering(name, figures)),
    )


def _drawn_leaves(figures: Figures, identifier: str) -> Iterator[tuple[str, FloatArray]]:
    """Yield the drawn figures in the tree behind a quantity that rest on no other quantity."""
    tree = {record.id: record for record in each_record(figures.record(identifier)) if record.id}
    for record in tree.values():
        is_leaf = not any(child.id for child in record.children)
        if is_leaf and isinstance(record.value, float) and (values := figures[record.id].values).size > 1:
            yield record.id, values


def _scattering(name: str, figures: Figures) -> Iterator[str]:
    """Yield the quantities that a stream scatters about what the model says of them."""
    for made in TABLE.values():
        if made.scatter is not None and made.is_published and made.scatter(figures.setting)[0] == name:
            yield made.id


def rank_correlation(first: FloatArray, second: FloatArray) -> float:
    r"""Return Spearman's rank correlation of two rows of draws; 0 where one of them is the same throughout.

    .. math:: \rho = \operatorname{corr}(R(x), R(y))

    References
    ----------
    .. [1] Spearman, The Proof and Measurement of Association between Two Things (American Journal of
       Psychology 15, 1904); equal draws share the mean of their ranks.

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 1000.0]))
    1.0
    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([3.0, 3.0, 3.0]))
    0.0
    """
    if first.size != second.size:
        return 0.0
    ranks = [_ranks(values) for values in (first, second)]
    about = [one - one.mean() for one in ranks]
    scale = float(np.sqrt(np.sum(about[0] ** 2) * np.sum(about[1] ** 2)))
    return float(np.clip(np.sum(about[0] * about[1]) / scale, -1.0, 1.0)) if scale else 0.0


def _ranks(values: FloatArray) -> FloatArray:
    """Return the place of each value in order, from 1; equal ones share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[places], dtype=np.float64)
