"""What drift does to a plan's estimate: each figure with the pinned values and with those of now."""

from __future__ import annotations

from dataclasses import dataclass

from planner.differences.bands import band_of
from planner.estimate.result import Estimate
from planner.quantities.figure import Band
from planner.quantities.table import compared


@dataclass(frozen=True, slots=True)
class DriftEffect:
    """One quantity of the estimate with the pinned values and with those of now; None stands for unknown."""

    #: its id, such as `power.facility_w`
    quantity: str
    old: Band | None
    new: Band | None


def drift_effects(pinned: Estimate, present: Estimate) -> tuple[DriftEffect, ...]:
    """Return the quantities that differ between two estimates of one plan.

    Parameters
    ----------
    pinned, present
        The estimate from the pinned values (`pinned_catalog`), and the one from the profiles of now.
    """
    effects = []
    for quantity in compared():
        old, new = (band_of(quantity.id, estimate) for estimate in (pinned, present))
        if old != new:
            effects.append(DriftEffect(quantity.id, old, new))
    return tuple(effects)
