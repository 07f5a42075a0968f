"""What the table of quantities says for a drawing; read when first asked for, so that the form opens fast."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from planner.quantities.record import CLUSTER_PREFIX
from planner.report import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.quantities.evaluation import Figures
    from planner.quantities.table import Quantity


def quantity(identifier: str) -> Quantity:
    """Return a quantity of the table, of one pool or of all."""
    return _table()[identifier.removeprefix(CLUSTER_PREFIX)]


def short_name(identifier: str) -> str:
    """Return what a quantity is called where there is little room."""
    return quantity(identifier).short


def scales(figures: Figures, identifier: str) -> tuple[numbers.Scale, ...]:
    """Return what a quantity is shown in; money in the plan's currency."""
    from planner.quantities.currency import told_in  # noqa: PLC0415 - as below
    from planner.report.figures import scales_of  # noqa: PLC0415 - as below

    return scales_of(quantity(identifier).unit, told_in(figures.setting))


def amount(figures: Figures, identifier: str, digits: int = 2) -> str:
    """Return a quantity at the medians, in the unit that fits it."""
    return numbers.quantity(figures.p50(identifier), scales(figures, identifier), digits)


def banded(figures: Figures, identifier: str) -> str:
    """Return a quantity with its band, in the unit that fits it."""
    return numbers.banded(figures.band(identifier), scales(figures, identifier))


def known_parts(figures: Figures, whole: str) -> dict[str, float]:
    """Return the parts of a whole that come to something, by their ids."""
    found = {identifier: figures.p50(identifier) for identifier in parts_of(whole)}
    return {identifier: value for identifier, value in found.items() if value}


@cache
def parts_of(whole: str) -> tuple[str, ...]:
    """Return the ids of the parts of a whole (`memory.parts`), in the order in which they are told."""
    return tuple(identifier for identifier in _table() if identifier.startswith(f"{whole}."))


@cache
def asked_about() -> tuple[Quantity, ...]:
    """Return what a person is offered to have explained: all that is published, or has a name of its own.

    What estimates are compared by comes first.
    """
    found = (made for made in _table().values() if made.is_published or made.aliases)
    return tuple(sorted(found, key=lambda made: made.better is None))


@cache
def told_of_cluster() -> tuple[str, ...]:
    """Return the ids of what is told of all pools together."""
    from planner.quantities.over_pools import OVER_POOLS  # noqa: PLC0415 - as below

    return OVER_POOLS


def of_cluster(identifier: str) -> str:
    """Return the id of what all pools need of a quantity."""
    return f"{CLUSTER_PREFIX}{identifier}"


@cache
def _table() -> Mapping[str, Quantity]:
    # the engine comes with it; whoever draws an estimate has it already
    from planner.quantities import families  # noqa: F401, PLC0415 - fills the table
    from planner.quantities.table import TABLE  # noqa: PLC0415

    return TABLE


def peak_words(figures: Figures) -> str:
    """Return what a utilisation is a share of, where that is not the usual 16-bit peak."""
    if figures.p50("mfu.of_16_bit") is None:
        return ""
    return f"of {figures.words('mfu.peak_datatype')} peak"
