"""Power and energy of a pool: ratings from its profiles, load from its step, overhead from its site."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.domain.evidence import Figure, value_of
from planner.engine.arrays import FloatArray
from planner.engine.estimate import LayoutEstimate
from planner.engine.power import PowerInputs, PowerParts, clos_count, power_parts
from planner.engine.uncertainty import band, standard_draws
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.result import Band, Power
from planner.planning.training import Training, amount_draws
from planner.units import JOULES_PER_KWH, JOULES_PER_MWH, Span

#: Overhead where the site has none; assumed: between the 1.58 of the industry and the 1.1 of the largest.
DEFAULT_PUE = 1.3
#: Spread of the power model itself: nodes in intensive training measured 0.76 to 0.82 of their rating.
POWER_LOG_SPREAD = 0.05
GRAMS_PER_TONNE = 1e6
LITRES_PER_CUBIC_METRE = 1e3


@dataclass(frozen=True, slots=True)
class SitePower:
    """What a site makes of IT power; None where unknown."""

    pue: float | Span
    is_pue_assumed: bool
    carbon_g_per_kwh: float | None
    water_l_per_kwh: float | None

    @classmethod
    def of(cls, resolved: ResolvedPlan) -> SitePower:
        """Return the plan's site: its own figures over its profile's."""
        override, site = resolved.plan.site, resolved.site
        pue: float | Span | None = override.pue
        if pue is None and site is not None:
            pue = value_of(site.pue)
        carbon = override.carbon_g_per_kwh
        if carbon is None and site is not None:
            carbon = value_of(site.carbon_g_per_kwh)
        water = value_of(site.water_l_per_kwh) if site is not None else None
        return cls(pue if pue is not None else DEFAULT_PUE, pue is None, carbon, water)


def _or_nan(figure: Figure[float] | None) -> float:
    value = value_of(figure)
    return math.nan if value is None else value


def host_w_per_chip(pool: ResolvedPool) -> float:
    """Return the rating of a chip's share of its system: the maximum less the chips, where positive. [W].

    nan where the system's or the chip's rating is unknown.
    """
    maximum = _or_nan(pool.system.max_power_w)
    rest = maximum / pool.system.chips_per_system - _or_nan(pool.chip.tdp_w)
    return math.nan if math.isnan(rest) else max(rest, 0.0)


def network_w_per_chip(pool: ResolvedPool) -> float:
    """Return the power of switches and optics per chip, counted from the topology. [W]; nan where unknown.

    A cluster inside one scale-up domain needs no scale-out network.
    """
    if pool.chips <= pool.system.chips_per_domain:
        return 0.0
    fabric = pool.fabric
    radix, switch_w, optic_w = (
        _or_nan(figure) for figure in (fabric.switch_radix, fabric.switch_power_w, fabric.optic_power_w)
    )
    if math.isnan(radix) or math.isnan(switch_w):
        return math.nan
    ports_per_host = value_of(pool.system.ports_per_host)
    per_chip = ports_per_host / pool.system.chips_per_host if ports_per_host is not None else 1.0
    ports = max(math.ceil(pool.chips * per_chip), 1)
    count = clos_count(float(ports), radix, fabric.oversubscription)
    optics = 0.0 if math.isnan(optic_w) else float(count.optics) * optic_w
    return (float(count.switches) * switch_w + optics) / pool.chips


def power_of(pool: ResolvedPool, estimate: LayoutEstimate, site: SitePower) -> tuple[Power, FloatArray]:
    """Return the pool's power, and draws of its facility power (empty where that is unknown). [W]."""
    network = network_w_per_chip(pool)
    unknown = []
    if math.isnan(network):
        unknown.append(f"power of fabric '{pool.fabric.id}' (not in the sums)")
        network = 0.0
    pue, pue_draws = amount_draws(site.pue, "site.pue")
    ratings = {
        "chip_tdp_w": _or_nan(pool.chip.tdp_w),
        "host_w_per_chip": host_w_per_chip(pool),
        "network_w_per_chip": network,
    }
    if math.isnan(ratings["chip_tdp_w"]):
        unknown.append(f"TDP of chip '{pool.chip.id}'")
    elif math.isnan(ratings["host_w_per_chip"]):
        unknown.append(f"maximum power of system '{pool.system.id}'")
    if site.is_pue_assumed:
        unknown.append(f"PUE of the site ({DEFAULT_PUE:g} assumed)")
    chips = float(pool.chips)
    middle = power_parts(chips, estimate.busy_share, PowerInputs(**ratings, pue=pue))
    drawn = power_parts(chips, estimate.busy_share_draws, PowerInputs(**ratings, pue=pue_draws))
    noise = np.exp(POWER_LOG_SPREAD * standard_draws(["power"])["power"])
    power = Power(
        chips_w=_band(drawn.chips * noise, middle.chips),
        it_w=_band(drawn.it * noise, middle.it),
        facility_w=_band(drawn.facility * noise, middle.facility),
        peak_facility_w=_known(middle.peak_facility),
        parts=_parts(middle),
        unknown=tuple(unknown),
    )
    return power, np.asarray(drawn.facility * noise)


def _known(value: FloatArray) -> float | None:
    number = float(value)
    return None if math.isnan(number) else number


def _band(draws: FloatArray, middle: FloatArray) -> Band | None:
    number = _known(middle)
    return None if number is None else Band(*band(np.atleast_1d(draws), number))


def _parts(middle: PowerParts) -> dict[str, float]:
    parts = {
        name: _known(getattr(middle, name)) for name in ("chips", "hosts", "network", "storage", "cooling")
    }
    return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy of the run and what follows from it; None where unknown."""

    mwh: float | None
    mwh_draws: FloatArray
    energy: Band | None
    carbon_t: Band | None
    water_m3: Band | None
    joules_per_token: Band | None


def energy_of(power: Power, facility_draws: FloatArray, training: Training, site: SitePower) -> Energy:
    """Return the run's energy at the meter, its carbon, its water and its joules per token."""
    if power.facility_w is None or power.it_w is None:
        return Energy(None, np.empty(0), None, None, None, None)
    mwh = power.facility_w.p50 * training.seconds / JOULES_PER_MWH
    draws = facility_draws * training.second_draws / JOULES_PER_MWH
    kwh_per_mwh = JOULES_PER_MWH / JOULES_PER_KWH

    def scaled(factor: float) -> Band:
        return Band(*band(np.atleast_1d(draws * factor), mwh * factor))

    carbon = site.carbon_g_per_kwh
    water = site.water_l_per_kwh
    share_it = power.it_w.p50 / power.facility_w.p50
    return Energy(
        mwh=mwh,
        mwh_draws=draws,
        energy=scaled(1.0),
        carbon_t=None if carbon is None else scaled(carbon * kwh_per_mwh / GRAMS_PER_TONNE),
        water_m3=None if water is None else scaled(share_it * water * kwh_per_mwh / LITRES_PER_CUBIC_METRE),
        joules_per_token=scaled(JOULES_PER_MWH / training.tokens),
    )
