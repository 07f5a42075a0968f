"""A site: overhead, electricity, carbon, water and the law that applies there."""

from typing import Annotated

from pydantic import Field

from planner.domain.amounts import Fraction, GramsPerKwh, LitresPerKwh, Megawatts, Pue, UsdPerKwhSpan
from planner.domain.base import CountryCode, Profile, SafeText
from planner.domain.evidence import Sourced
from planner.domain.keys import Key


class Site(Profile):
    """`profiles/sites/<id>.toml`."""

    country: Annotated[CountryCode, Key("country", "Whose law holds there.", example="DE")]
    region: Annotated[str | None, Key("region", "Of the country, by ISO 3166-2.", example="US-TX")] = Field(
        default=None, pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$"
    )
    pue: Annotated[Sourced[Pue] | None, Key("PUE", "Facility power over IT power.", example="1.2")] = None
    electricity_usd_per_kwh: Annotated[
        Sourced[UsdPerKwhSpan] | None,
        Key("electricity", "What a kWh costs, all in.", example="0.06..0.08 USD/kWh"),
    ] = None
    carbon_g_per_kwh: Annotated[
        Sourced[GramsPerKwh] | None, Key("carbon", "Of the grid, a kWh.", example="350")
    ] = None
    water_l_per_kwh: Annotated[
        Sourced[LitresPerKwh] | None, Key("water", "Of the cooling, a kWh of IT.", example="0.3")
    ] = None
    power_cap_mw: Annotated[
        Sourced[Megawatts] | None, Key("power cap", "The most that the site may draw.", example="40 MW")
    ] = None
    renewable_share: Annotated[
        Sourced[Fraction] | None, Key("renewable", "Share of its electricity.", example="60 %")
    ] = None
    #: in words, for whoever picks the site
    cooling: Annotated[SafeText | None, Key("cooling", "How it is cooled.")] = None
