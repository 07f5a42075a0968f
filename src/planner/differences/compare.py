"""Two to six plans side by side: each figure, and which plans are best at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from planner.differences.bands import (
    band_of,
    difference,
    figure_of,
    is_incomplete,
    left_out,
    shares_errors,
)
from planner.differences.diff import Side
from planner.errors import InputError
from planner.quantities.figure import Band, Figure
from planner.quantities.table import Quantity, compared

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

    #: of the quantity, such as `power.facility_w`
    id: str
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
    is_same_job = len({_job(side) for side in sides}) == 1
    rows = [_row(quantity, sides, is_same_job=is_same_job) for quantity in compared()]
    return Comparison(
        tuple(sides),
        tuple(row for row in rows if any(cell.band is not None for cell in row.cells)),
        is_same_job=is_same_job,
        is_same_scope=all(_is_same_scope(quantity.id, sides) for quantity in compared()),
    )


def _job(side: Side) -> tuple[float | None, float | None]:
    known = side.estimate.known
    return known.p50("facts.tokens"), known.p50("facts.training_flops")


def _is_same_scope(identifier: str, sides: Sequence[Side]) -> bool:
    return len({left_out(identifier, side.estimate) for side in sides if side.estimate.figures}) <= 1


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
    # not even a share or a rating says which plan is better at another work
    is_comparable = is_same_job and _is_same_scope(quantity.id, sides)
    nobody: list[Standing] = [""] * len(sides)
    standings = _standings(quantity, sides) if is_comparable else nobody
    return Row(
        id=quantity.id,
        cells=tuple(
            Cell(band_of(quantity.id, side.estimate), standing)
            for side, standing in zip(sides, standings, strict=True)
        ),
        is_comparable=is_comparable,
        is_assumed=tuple(is_incomplete(quantity.id, side.estimate) for side in sides),
    )


def _standings(quantity: Quantity, sides: Sequence[Side]) -> list[Standing]:
    found = {place: figure_of(quantity.id, side.estimate) for place, side in enumerate(sides)}
    known = {place: figure for place, figure in found.items() if figure is not None}
    standings: list[Standing] = [""] * len(sides)
    if quantity.better == "neither" or len(known) < FEWEST_PLANS:
        return standings
    sign = 1.0 if quantity.better == "less" else -1.0
    middles = {place: sign * float(figure.values[0]) for place, figure in known.items()}
    best = min(middles, key=lambda place: middles[place])
    if all(middle == middles[best] for middle in middles.values()):
        return standings
    for place, figure in known.items():
        if middles[place] == middles[best]:
            standings[place] = "best"
        elif _is_even(known[best], figure, sides[best], sides[place]):
            standings[place] = "even"
    return standings


def _is_even(best: Figure, other: Figure, best_side: Side, side: Side) -> bool:
    is_paired = shares_errors(best_side.estimate, side.estimate)
    change = difference(best, other, is_paired=is_paired)
    return change.p10 <= 0.0 <= change.p90
