"""Two to six plans side by side: each figure, and which plans are best at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.differences.diff import Side, left_out
from planner.differences.quantities import (
    JOB_KEYS,
    MONEY_KEYS,
    POWER_KEYS,
    QUANTITIES,
    Figure,
    Quantity,
    difference,
    figure_of,
    shares_errors,
)
from planner.errors import InputError
from planner.planning.result import Band

FEWEST_PLANS = 2
MOST_PLANS = 6
#: even: not told apart from the best, as the band of the difference holds zero
Standing = Literal["best", "even", ""]


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one plan; None where it is unknown or the plan cannot run."""

    band: Band | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of all plans, in the order of the plans."""

    key: str
    cells: tuple[Cell, ...]
    #: False: other jobs, or sums that leave out different things; none is called best
    is_comparable: bool
    #: a plan's sum rests on something assumed or left out
    is_assumed: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Plans side by side."""

    sides: tuple[Side, ...]
    rows: tuple[Row, ...]
    #: whether all plans train as many tokens with as many FLOPs; else their times and costs are no contest
    is_same_job: bool
    #: whether all sums leave out and assume the same
    is_same_scope: bool


def compare_plans(sides: Sequence[Side]) -> Comparison:
    """Return plans side by side with the best of each row.

    A plan is best at a figure where its median is; plans whose difference from it is within uncertainty are
    even with it. Where all are alike, none is.

    Raises
    ------
    InputError
        Where there are fewer than two plans or more than six.
    """
    check_number(len(sides))
    is_same_job = len({(job.get("tokens"), job.get("training_flops")) for job in _jobs(sides)}) == 1
    rows = [_row(quantity, sides, is_same_job=is_same_job) for quantity in QUANTITIES]
    return Comparison(
        tuple(sides),
        tuple(row for row in rows if any(cell.band is not None for cell in row.cells)),
        is_same_job=is_same_job,
        is_same_scope=all(_is_same_scope(key, sides) for key in (*MONEY_KEYS, *POWER_KEYS)),
    )


def _jobs(sides: Sequence[Side]) -> list[Mapping[str, float]]:
    return [side.estimate.facts for side in sides]


def _is_same_scope(key: str, sides: Sequence[Side]) -> bool:
    return len({left_out(key, side.estimate) for side in sides if side.estimate.performance}) <= 1


def check_number(plans: int) -> None:
    """Refuse a number of plans that does not make a comparison.

    Raises
    ------
    InputError
        Where there are fewer than two or more than six.
    """
    if not FEWEST_PLANS <= plans <= MOST_PLANS:
        many = "1 plan" if plans == 1 else f"{plans} plans"
        raise InputError(f"{many}: expected {FEWEST_PLANS} to {MOST_PLANS} to compare")


def _row(quantity: Quantity, sides: Sequence[Side], *, is_same_job: bool) -> Row:
    figures = [figure_of(quantity, side.estimate.performance) for side in sides]
    missing = [left_out(quantity.key, side.estimate) for side in sides]
    is_comparable = _is_same_scope(quantity.key, sides) and (is_same_job or quantity.key not in JOB_KEYS)
    nobody: list[Standing] = [""] * len(sides)
    standings = _standings(quantity, figures, sides) if is_comparable else nobody
    return Row(
        key=quantity.key,
        cells=tuple(
            Cell(figure.band if figure else None, standing)
            for figure, standing in zip(figures, standings, strict=True)
        ),
        is_comparable=is_comparable,
        is_assumed=tuple(bool(texts) for texts in missing),
    )


def _standings(quantity: Quantity, figures: Sequence[Figure | None], sides: Sequence[Side]) -> list[Standing]:
    known = [position for position, figure in enumerate(figures) if figure is not None]
    none: list[Standing] = [""] * len(figures)
    if quantity.better is None or len(known) < FEWEST_PLANS:
        return none
    sign = 1.0 if quantity.better == "less" else -1.0

    def middle(position: int) -> float:
        figure = figures[position]
        return sign * figure.band.p50 if figure is not None else 0.0

    best = min(known, key=middle)
    if all(middle(position) == middle(best) for position in known):
        return none
    standings = none
    for position in known:
        if position == best or middle(position) == middle(best):
            standings[position] = "best"
        elif _is_even(figures[best], figures[position], sides[best], sides[position]):
            standings[position] = "even"
    return standings


def _is_even(best: Figure | None, other: Figure | None, best_side: Side, side: Side) -> bool:
    if best is None or other is None:
        return False
    is_paired = shares_errors(best_side.estimate, side.estimate)
    change = difference(best, other, is_paired=is_paired)
    return change.p10 <= 0.0 <= change.p90
