"""Energy of the run at the meter, and the carbon and water that come of it."""

from __future__ import annotations

from typing import Any

from planner.domain.evidence import value_of
from planner.engine.arrays import FloatArray
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, absent, of_figure, typed
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.units import DAYS_PER_YEAR, JOULES_PER_KWH, JOULES_PER_MWH, SECONDS_PER_DAY

GRAMS_PER_TONNE = 1e6
KILOGRAMS_PER_TONNE = 1e3
LITRES_PER_CUBIC_METRE = 1e3
_KWH_PER_MWH = JOULES_PER_MWH / JOULES_PER_KWH


@quantity(
    "energy_mwh",
    "energy of the run at the meter",
    "MWh",
    {"facility": "power.facility_w", "days": "fleet_days"},
    short="energy",
    form="band",
    better="less",
    is_of_job=True,
    family="power",
    aliases=("energy",),
    over_pools="run",
)
def energy(facility: FloatArray, days: FloatArray) -> FloatArray:
    """Return the average power over the whole time. [MWh]."""
    return facility * days * SECONDS_PER_DAY / JOULES_PER_MWH


@quantity(
    "carbon_t",
    "carbon of the run's electricity, by the grid of its place",
    "t CO2",
    {"energy": "energy_mwh", "intensity": "site.carbon_g_per_kwh"},
    short="carbon",
    form="band",
    better="less",
    is_of_job=True,
    family="power",
    aliases=("carbon",),
    over_pools="run",
)
def carbon(energy: FloatArray, intensity: FloatArray) -> FloatArray:
    """Return the carbon of the grid's electricity. [t]."""
    return energy * _KWH_PER_MWH * intensity / GRAMS_PER_TONNE


@quantity(
    "carbon_embodied_t",
    "carbon of making the systems, the run's share of their life",
    "t CO2",
    {
        "systems": "pools.systems",
        "each": "system.embodied_carbon_kg",
        "days": "training_days",
        "years": "money.depreciation_years",
        "earning": "money.earning_share",
    },
    short="embodied CO2",
    form="band",
    better="less",
    is_of_job=True,
    family="power",
)
def embodied_carbon(
    systems: FloatArray, each: FloatArray, days: FloatArray, years: FloatArray, earning: FloatArray
) -> FloatArray:
    r"""Return what the making of the systems emitted, by the run's days of those in use. [t].

    .. math:: m = S\,m_1\,\frac{d}{365.25\,y\,u}

    References
    ----------
    .. [1] Luccioni, Viguier and Ligozat (arXiv 2211.02001), section 4.1: over six years at 85 % use.
    """
    return systems * each / KILOGRAMS_PER_TONNE * days / (DAYS_PER_YEAR * years * earning)


@quantity(
    "water_m3",
    "water of the run, taken on site",
    "m3",
    {"energy": "energy_mwh", "pue": "site.pue", "use": "site.water_l_per_kwh"},
    short="water",
    form="band",
    better="less",
    is_of_job=True,
    family="power",
    aliases=("water",),
    over_pools="run",
)
def water(energy: FloatArray, pue: FloatArray, use: FloatArray) -> FloatArray:
    """Return the water of the site, which goes by IT energy. [m3]."""
    return energy / pue * _KWH_PER_MWH * use / LITRES_PER_CUBIC_METRE


@quantity(
    "joules_per_token",
    "energy of one token",
    "J/token",
    {"energy": "energy_mwh", "tokens": "facts.tokens"},
    short="energy/token",
    form="band",
    better="less",
    family="power",
)
def joules_per_token(energy: FloatArray, tokens: FloatArray) -> FloatArray:
    """Return the run's energy over its tokens. [J]."""
    return energy * JOULES_PER_MWH / tokens


@leaf("site.carbon_g_per_kwh", "carbon of the grid's electricity", "g/kWh", scope="plan", family="power")
def carbon_intensity(setting: Setting) -> Leaf:
    """Return the grid's carbon: the plan's figure, else the site's."""
    override = setting.plan.site.carbon_g_per_kwh
    if override is not None:
        return typed(override, "site.carbon_g_per_kwh")
    return _of_site(setting, "carbon_g_per_kwh", "carbon of the grid")


@leaf(
    "system.embodied_carbon_kg",
    "carbon of making and delivering one system",
    "kg CO2",
    scope="pool",
    family="power",
)
def embodied_of_system(setting: Setting) -> Leaf:
    """Return what the making of one system emitted."""
    system = setting.pool.system
    missing = Gap("unknown", "other", f"embodied carbon of system '{system.id}'")
    return of_figure(system, "embodied_carbon_kg", missing=missing)


@leaf("site.water_l_per_kwh", "water of the site per IT energy", "L/kWh", scope="plan", family="power")
def water_use(setting: Setting) -> Leaf:
    """Return the water that the site takes for each kWh of IT."""
    return _of_site(setting, "water_l_per_kwh", "water of the site")


def _of_site(setting: Setting, path: str, missing: str) -> Leaf:
    site = setting.resolved.site
    if site is None:
        return absent("other", f"{missing}: the plan names no site")
    figure: Any = getattr(site, path)
    if value_of(figure) is None:
        return of_figure(site, path, missing=Gap("unknown", "other", missing))
    return of_figure(site, path)
