"""Measured and demanded rates against what is expected of sound systems, without the source of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Literal, get_args

from planner.catalog.catalog import Catalog
from planner.domain.measured_rates import MeasuredRates
from planner.planning.expected_rates import Expected, expected_chip_rate, expected_collective
from planner.planning.measured_rates import (
    chip_rate,
    chip_rates,
    measured_files,
    timed_of,
    timed_points,
)

_PLATEAU = float("inf")


#: What is scored by itself.
RateKind = Literal["collectives", "matmuls", "memory, ports and copies"]


@dataclass(frozen=True, slots=True)
class ScoredRate:
    """One measured or demanded rate beside what is expected of a sound system."""

    file: str
    what: str
    #: of the message; None of a chip's own rate, infinite of a plateau. [B]
    size_bytes: float | None
    #: [B/s] or [FLOP/s]
    rate: float
    expected: Expected
    is_sound: bool = True

    @property
    def error(self) -> float:
        """Expected over measured, less 1. [-]."""
        return self.expected.rate / self.rate - 1.0

    @property
    def kind(self) -> RateKind:
        """Collective, matmul, or what else moves data."""
        if self.size_bytes is not None:
            return "collectives"
        return "matmuls" if self.what.startswith("matmul") else "memory, ports and copies"

    @property
    def share(self) -> float:
        """What was measured or is asked, over what sound systems reach. [-]."""
        return self.rate / self.expected.rate

    @property
    def is_covered(self) -> bool:
        """Whether it lies in the band."""
        return self.expected.covers(self.rate)


@dataclass(frozen=True, slots=True)
class DemandedPlace:
    """What somebody asks, and where that lies."""

    asked_by: str
    scored: ScoredRate


@dataclass(frozen=True, slots=True)
class RatesValidation:
    """All measured rates with their source left out, and all demanded ones with every source."""

    scored: tuple[ScoredRate, ...]
    demanded: tuple[DemandedPlace, ...]

    @property
    def by_kind(self) -> dict[RateKind, RatesValidation]:
        """The same of each kind by itself."""
        return {
            kind: RatesValidation(
                tuple(one for one in self.scored if one.kind == kind),
                tuple(place for place in self.demanded if place.scored.kind == kind),
            )
            for kind in get_args(RateKind)
        }

    @property
    def covered_share(self) -> float:
        """Share of what was measured, failing fabrics too, that lies in its band. [-]."""
        return sum(one.is_covered for one in self.scored) / len(self.scored)

    @property
    def median_error(self) -> float:
        """Of the errors' sizes. [-]."""
        return median(abs(one.error) for one in self.scored)


def validate_rates(catalog: Catalog) -> RatesValidation:
    """Return every measured rate beside what is expected without its source, and every demanded one."""
    scored = (*_collectives(catalog), *_chips(catalog))
    demanded = (place for file, _ in measured_files(catalog) for place in _demanded(file, catalog))
    return RatesValidation(tuple(scored), tuple(demanded))


def _collectives(catalog: Catalog) -> Iterator[ScoredRate]:
    points = timed_points(catalog)
    for point in points:
        others = [one for one in points if one.source != point.source]
        timed = point.timed
        yield ScoredRate(
            point.file,
            f"{timed.collective.replace('_', '-')} {timed.ranks:,.0f}",
            point.size_bytes,
            point.bus_bytes_per_s,
            expected_collective(timed, point.size_bytes, others),
            point.is_sound,
        )


def _chips(catalog: Catalog) -> Iterator[ScoredRate]:
    rates = chip_rates(catalog)
    for rate in rates:
        others = [one for one in rates if one.source != rate.source]
        expected = expected_chip_rate(
            rate.component,
            rate.datatype,
            chip=rate.chip,
            maker=rate.maker,
            generation=rate.generation,
            rated=rate.rated,
            rates=others,
            is_best=rate.is_best,
        )
        what = " ".join(filter(None, (rate.component.replace("_", " "), rate.datatype)))
        yield ScoredRate(rate.file, what, None, rate.rate, expected)


def _demanded(file: MeasuredRates, catalog: Catalog) -> Iterator[DemandedPlace]:
    chip = catalog.get("chips", file.chip).profile
    for demand in file.demanded_collectives:
        timed = timed_of(demand, chip)
        if timed is not None:
            size = _PLATEAU if demand.size_bytes is None else demand.size_bytes
            expected = expected_collective(timed, size, timed_points(catalog))
            what = f"{demand.collective.replace('_', '-')} {demand.ranks:,}"
            rate = demand.bus_bytes_per_s(demand.bytes_per_s)
            yield DemandedPlace(demand.asked_by, ScoredRate(file.id, what, size, rate, expected))
    for asked in file.demanded_rates:
        one = chip_rate(asked, chip, file.id)
        if one is not None:
            expected = expected_chip_rate(
                one.component,
                one.datatype,
                chip=one.chip,
                maker=one.maker,
                generation=one.generation,
                rated=one.rated,
                rates=chip_rates(catalog),
            )
            what = one.component.replace("_", " ")
            yield DemandedPlace(asked.asked_by, ScoredRate(file.id, what, None, one.rate, expected))
