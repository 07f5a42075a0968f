"""The units in which quantities are told; inside everything is SI, but for what people count otherwise."""

from __future__ import annotations

from typing import Literal

Unit = Literal[
    "",
    "share",
    "words",
    "date",
    "days",
    "h",
    "s",
    "tokens",
    "tokens/s",
    "chips",
    "parameters",
    "FLOP",
    "FLOP/s",
    "B",
    "B/s",
    "W",
    "MWh",
    "t CO2",
    "g/kWh",
    "m3",
    "L/kWh",
    "J/token",
    "USD",
    "USD/kWh",
    "USD/h",
    "USD/year",
    "USD/month",
    "USD/kW",
    "USD/kW-month",
    "USD/t",
    "USD/m3",
    "months",
    "years",
    "mm2",
    "TPP",
    "TPP/mm2",
]
