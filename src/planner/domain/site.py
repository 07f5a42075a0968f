"""A site: overhead, electricity, carbon, water and the law that applies there."""

from pydantic import Field

from planner.domain.amounts import Fraction, GramsPerKwh, LitresPerKwh, Megawatts, Pue, UsdPerKwhSpan
from planner.domain.base import CountryCode, Profile, SafeText
from planner.domain.evidence import Sourced


class Site(Profile):
    """`profiles/sites/<id>.toml`."""

    country: CountryCode
    #: ISO 3166-2, for instance US-TX
    region: str | None = Field(default=None, pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
    #: facility power over IT power
    pue: Sourced[Pue] | None = None
    electricity_usd_per_kwh: Sourced[UsdPerKwhSpan] | None = None
    carbon_g_per_kwh: Sourced[GramsPerKwh] | None = None
    water_l_per_kwh: Sourced[LitresPerKwh] | None = None
    power_cap_mw: Sourced[Megawatts] | None = None
    renewable_share: Sourced[Fraction] | None = None
    #: in words, for whoever picks the site
    cooling: SafeText | None = None
