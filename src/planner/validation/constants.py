"""The constants of a fit: what stands behind each, and how far it moved from its parent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from planner.planning.campaign import PRIOR_LOG_SPREAD
from planner.validation.calibration import Calibration, Evidence
from planner.validation.effects import SOURCE


@dataclass(frozen=True, slots=True)
class Constant:
    """One constant that all runs share, or a group's factor on it."""

    target: str
    #: None: of all runs, whose parent is the prior
    level: str | None
    group: str | None
    #: the runs that feel it
    behind: Evidence
    #: what it moved by from its parent: a factor's logarithm
    moved: float
    #: spread that it may deviate by, of the logarithm
    log_spread: float
    #: of the way from its parent to where its runs alone would put it, how much it could go. [-]
    share: float


def constants(calibration: Calibration) -> Iterator[Constant]:
    """Yield the constants that stacks are made of; what sources alone deviate by is in none."""
    for parameter, value, share, behind in zip(
        calibration.parameters, calibration.values, calibration.shares, calibration.behind, strict=True
    ):
        if parameter.level != SOURCE:
            yield Constant(
                parameter.target,
                parameter.level,
                parameter.group,
                behind,
                float(value) - parameter.mean,
                parameter.log_spread,
                float(share),
            )
    for operator, loss in calibration.campaigns.items():
        evidence = Evidence(loss.runs, loss.sources)
        moved = math.log(loss.median)
        yield Constant("campaign_factor", "operator", operator, evidence, moved, PRIOR_LOG_SPREAD, loss.share)
