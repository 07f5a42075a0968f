"""What a sound system reaches in a component test: by measured curves where there are any, else by wires."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np

from planner.domain.measured_rates import Component
from planner.engine.arrays import FloatArray
from planner.engine.collective_tests import nominal_bus_bytes_per_s, ramp_share
from planner.engine.kriging import Conditional, conditional
from planner.engine.precisions import Datatype
from planner.engine.rate_likeness import (
    MAKER_OF_MATMULS,
    MAKER_OF_MOVES,
    REPETITION,
    ChipRates,
    RatedPoints,
    chip_covariance,
    collective_covariance,
    domain_doublings,
    size_doublings,
)
from planner.planning.measured_rates import ChipRate, TimedCollective, TimedPoint, bits_of

#: curve: measured on such systems near by; carried: on such systems, but more than an octave away; engine:
#: from the wires and from what unlike systems reach of theirs; plan: as the plan says or as it is estimated.
Grounding = Literal["curve", "carried", "engine", "plan"]
#: Of the normal distribution, at the ends of a band of 80 %. [-]
_P90 = NormalDist().inv_cdf(0.9)
#: What interpolation may not pass without saying so. [doublings]
OCTAVE = 1.0 + 1e-9
#: A measurement speaks for an expectation where it carries so much of its weight. [-]
_SPEAKS = 0.1

#: Share of what is on paper that chips reach of each component, the best shape of a search for matmuls: of 16
#: bits 0.50 to 0.97, of fewer a twentieth less (0.49 to 0.96); memory by triad 0.83 to 0.89; ports by tuned
#: transfers. [-]
NOMINAL_SHARES: dict[Component, float] = {
    "matmul": 0.79,
    "memory": 0.88,
    "port": 0.94,
    "pair_copy": 0.85,
    "host_copy": 0.85,
}
OF_FEW_BITS = 0.95
#: Of that, what is sustained over thousands of repetitions with random data: 1,382 of 1,403 and 2,907 of
#: 3,616 TFLOP/s on H100 and GB200. [-]
SUSTAINED = 0.93


@dataclass(frozen=True, slots=True)
class Expected:
    """The rate that a sound system is expected to reach, its band, and what that rests on."""

    #: [B/s] or [FLOP/s]
    rate: float
    #: of the logarithm, between sound systems
    log_spread: float
    grounding: Grounding
    #: in words, what was near, or how far it was
    basis: str
    #: keys of the documents that speak for it
    sources: tuple[str, ...]

    @property
    def low(self) -> float:
        """The P10."""
        return self.rate * math.exp(-_P90 * self.log_spread)

    @property
    def high(self) -> float:
        """The P90."""
        return self.rate * math.exp(_P90 * self.log_spread)

    def covers(self, rate: float) -> bool:
        """Whether a rate lies in the band."""
        return self.low <= rate <= self.high


def expected_collective(timed: TimedCollective, size_bytes: float, points: Sequence[TimedPoint]) -> Expected:
    """Return the bus bandwidth that a sound system reaches.

    Parameters
    ----------
    timed
        The collective and the wires of its ranks.
    size_bytes
        The message; infinite is the plateau. [B]
    points
        What was measured anywhere; failing fabrics are passed over.
    """
    sound = [point for point in points if point.is_sound]
    kinds = {
        kind: place for place, kind in enumerate(dict.fromkeys([*(p.timed.kind for p in sound), timed.kind]))
    }
    sources = {source: place for place, source in enumerate(dict.fromkeys(p.source for p in sound))}
    known = _rated(
        tuple((p.timed, p.size_bytes) for p in sound),
        [float(kinds[p.timed.kind]) for p in sound],
        [float(sources[p.source]) for p in sound],
    )
    target = _rated(((timed, size_bytes),), [float(kinds[timed.kind])], [-1.0])
    nominal = float(nominal_bus_bytes_per_s(size_bytes, timed.group))
    found = conditional(
        collective_covariance(known, known),
        collective_covariance(target, known),
        np.diag(collective_covariance(target, target)),
        np.array([math.log(p.bus_bytes_per_s / _nominal(p.timed, p.size_bytes)) for p in sound]),
        REPETITION,
    )
    alike = [place for place, point in enumerate(sound) if point.timed.kind == timed.kind]
    grounding, basis = _collective_basis(timed, size_bytes, [sound[place] for place in alike])
    return Expected(
        min(nominal * math.exp(float(found.mean[0])), timed.most_bytes_per_s),
        float(found.spread[0]),
        grounding,
        basis,
        _speaking(found, [point.source for point in sound]),
    )


@lru_cache(maxsize=4096)
def _nominal(timed: TimedCollective, size_bytes: float) -> float:
    return float(nominal_bus_bytes_per_s(size_bytes, timed.group))


@lru_cache(maxsize=4096)
def _ramp(timed: TimedCollective, size_bytes: float) -> float:
    return float(ramp_share(size_bytes, timed.group))


def _rated(
    measured: Sequence[tuple[TimedCollective, float]], kinds: Sequence[float], sources: Sequence[float]
) -> RatedPoints:
    return RatedPoints(
        size_doublings(np.array([size for _, size in measured], dtype=np.float64)),
        domain_doublings(np.array([timed.domains for timed, _ in measured], dtype=np.float64)),
        np.array(kinds, dtype=np.float64),
        np.array(sources, dtype=np.float64),
        np.array([_ramp(timed, size) for timed, size in measured], dtype=np.float64),
    )


def _speaking(
    found: Conditional, sources: Sequence[str], is_kin: Sequence[bool] | None = None
) -> tuple[str, ...]:
    """Return the documents that speak for an expectation, of kin alone where there are any."""
    weights = np.abs(found.weights[0]) if found.weights.size else np.zeros(0)
    if is_kin is not None and any(is_kin):
        # another maker's rates tell only how a source differs from others
        weights = np.where(is_kin, weights, 0.0)
    heavy = sorted(
        (place for place in range(len(sources)) if weights[place] >= _SPEAKS), key=lambda at: -weights[at]
    )
    return tuple(dict.fromkeys(sources[place] for place in heavy))


def _collective_basis(
    timed: TimedCollective, size_bytes: float, alike: Sequence[TimedPoint]
) -> tuple[Grounding, str]:
    """Return what an expectation rests on, and in words how far away that was measured."""
    if not alike:
        return "engine", "no such network was measured: from its wires, and what others reach of theirs"
    size, nodes = float(size_doublings(np.array(size_bytes))), math.log2(timed.ranks)
    doublings = {
        place: (float(size_doublings(np.array(point.size_bytes))), math.log2(point.timed.ranks))
        for place, point in enumerate(alike)
    }
    is_between = min(at for at, _ in doublings.values()) <= size <= max(at for at, _ in doublings.values())
    nearest = min(doublings, key=lambda place: _apart(doublings[place], (size, nodes)))
    size_apart = abs(doublings[nearest][0] - size)
    ranks_apart = abs(doublings[nearest][1] - nodes)
    point = alike[nearest]
    if (size_apart <= OCTAVE or is_between) and ranks_apart <= OCTAVE:
        return "curve", f"measured over {point.timed.ranks:,.0f} ranks"
    far = [f"{size_apart:.0f} octaves of size"] if size_apart > OCTAVE and not is_between else []
    far += [f"{ranks_apart:.0f} octaves of ranks"] if ranks_apart > OCTAVE else []
    return (
        "carried",
        f"the nearest was measured over {point.timed.ranks:,.0f} ranks, {' and '.join(far)} away",
    )


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.dist(one, other)


def expected_chip_rate(
    component: Component,
    datatype: Datatype | None,
    *,
    chip: str,
    maker: str,
    generation: str,
    rated: float,
    rates: Sequence[ChipRate],
    is_best: bool = False,
) -> Expected:
    """Return the rate that a sound chip reaches of one component, given what was measured of chips.

    Parameters
    ----------
    component, datatype
        What is tested; the datatype is of matmuls.
    chip, maker, generation, rated
        Which chip, whose, and what it has on paper. [FLOP/s or B/s]
    rates
        What was measured anywhere.
    is_best
        Whether the best shape of a search is asked for, and not what is sustained.
    """
    like = [rate for rate in rates if rate.component == component]
    names = _Numbers()
    known = ChipRates(
        names.of("maker", [rate.maker for rate in like]),
        names.of("generation", [rate.generation for rate in like]),
        names.of("chip", [rate.chip for rate in like]),
        names.of("datatype", [f"{rate.chip} {rate.datatype}" for rate in like]),
        names.of("source", [rate.source for rate in like]),
    )
    target = ChipRates(
        names.of("maker", [maker]),
        names.of("generation", [generation]),
        names.of("chip", [chip]),
        names.of("datatype", [f"{chip} {datatype}"]),
        np.array([-1.0]),
    )
    of_a_maker = MAKER_OF_MATMULS if component == "matmul" else MAKER_OF_MOVES
    shares = [_share(component, rate.datatype, rate.is_best) for rate in like]
    found = conditional(
        chip_covariance(known, known, of_a_maker),
        chip_covariance(target, known, of_a_maker),
        np.diag(chip_covariance(target, target, of_a_maker)),
        np.array([math.log(one.rate / one.rated / share) for one, share in zip(like, shares, strict=True)]),
        REPETITION,
    )
    own = [rate for rate in like if rate.chip == chip and rate.datatype == datatype]
    kin = sorted((rate for rate in like if rate.generation == generation), key=lambda rate: rate.chip != chip)
    grounding: Grounding = "curve" if own else "carried" if kin else "engine"
    basis = (
        f"measured on {chip}"
        if own
        else f"measured on {', '.join(dict.fromkeys(map(_named, kin[:2])))}, not so on {chip}"
        if kin
        else f"no such chip was measured: what others{_of_maker(maker, like)} reach of theirs"
    )
    return Expected(
        rated * _share(component, datatype, is_best) * math.exp(float(found.mean[0])),
        float(found.spread[0]),
        grounding,
        basis,
        _speaking(found, [rate.source for rate in like], [rate.maker == maker for rate in like]),
    )


def _of_maker(maker: str, like: Sequence[ChipRate]) -> str:
    return f" of {maker}, and of anybody," if any(rate.maker == maker for rate in like) else ""


def _named(rate: ChipRate) -> str:
    return f"{rate.chip} ({rate.datatype})" if rate.datatype else rate.chip


def _share(component: Component, datatype: Datatype | None, is_best: bool) -> float:
    share = NOMINAL_SHARES[component]
    if component != "matmul":
        return share
    return share * (OF_FEW_BITS if bits_of(datatype) < 16 else 1.0) * (1.0 if is_best else SUSTAINED)


class _Numbers:
    """Names as numbers, the same name the same number."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], float] = {}

    def of(self, what: str, names: Sequence[str]) -> FloatArray:
        """Return a number for each name."""
        return np.array(
            [self._places.setdefault((what, name), float(len(self._places))) for name in names],
            dtype=np.float64,
        )
