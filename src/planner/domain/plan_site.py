"""Where the cluster of a plan stands: a site's profile, and what overrides it."""

import datetime
from typing import Annotated

from pydantic import Field

from planner.domain.amounts import Fraction, GramsPerKwh, Megawatts, PricePerKwhSpan, PueSpan
from planner.domain.base import CountryCode, Identifier, Model
from planner.domain.keys import Key, unknown
from planner.domain.ranges import Range

#: Of a grid connection.
Megavoltamperes = Annotated[
    float, Range(0.001, 1e6, "a connection has a size; leave the key out where it is unknown")
]

_SITE_DOCUMENTS = "The facility's data sheet or its yearly report."


def _site(title: str, meaning: str, example: str = "") -> Key:
    return Key(title, meaning, absent="the site profile's", find=_SITE_DOCUMENTS, example=example)


def _site_unknown(title: str, meaning: str, example: str = "") -> Key:
    return unknown(title, meaning, find=_SITE_DOCUMENTS, example=example)


class PlanSite(Model):
    """Where the cluster stands: a profile, and what overrides it."""

    profile: Annotated[
        Identifier | None,
        Key(
            "site",
            "Where the cluster stands: overhead, electricity, carbon, and the law that applies.",
            absent="unknown place",
            consequence="no electricity cost, no site rules",
            find="The facility's data sheet.",
            profile_kind="sites",
        ),
    ] = None
    country: Annotated[
        CountryCode | None,
        _site("country", "The country in which the cluster stands; decides the rules.", "CN"),
    ] = None
    region: Annotated[
        str | None, _site("region", "The state or province, as ISO 3166-2 writes it.", "US-TX")
    ] = Field(default=None, pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
    pue: Annotated[
        PueSpan | None, _site("PUE", "Power at the meter over power of the IT equipment.", "1.2")
    ] = None
    electricity_usd_per_kwh: Annotated[
        PricePerKwhSpan | None, _site("price/kWh", "What a kilowatt-hour costs at the meter.", "0.06")
    ] = None
    carbon_g_per_kwh: Annotated[
        GramsPerKwh | None,
        _site("carbon/kWh", "Grams of CO2 that a kilowatt-hour of the grid causes.", "582 g/kWh"),
    ] = None
    power_cap_mw: Annotated[
        Megawatts | None,
        Key(
            "power cap",
            "The most that the site may draw at the meter.",
            absent="no cap",
            consequence="the site profile's is not held against the plan",
            find="The grid connection agreement.",
            example="6 MW",
        ),
    ] = None
    connection_mva: Annotated[
        Megavoltamperes | None, _site_unknown("grid MVA", "The size of the grid connection in MVA.", "20")
    ] = None
    renewable_share: Annotated[
        Fraction | None, _site("renewable", "The share of renewable electricity.", "40 %")
    ] = None
    commissioned: Annotated[
        datetime.date | None,
        _site_unknown("opened", "The day on which the site went into service.", "2026-06-01"),
    ] = None
    is_cn_hub_node: Annotated[
        bool | None,
        _site_unknown("CN hub", "Whether the site is in one of China's national computing hubs."),
    ] = None
    is_state_funded: Annotated[
        bool | None, _site_unknown("state money", "Whether the state pays for a part of the site.")
    ] = None
    is_new_build: Annotated[
        bool | None, _site_unknown("new build", "Whether the site is built for this cluster.")
    ] = None
    is_single_datacenter: Annotated[
        bool | None, _site_unknown("one site", "Whether all pools stand in one data centre.")
    ] = None
