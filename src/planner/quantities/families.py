"""All families of quantities, in the order in which they are told: importing this fills the table."""

from __future__ import annotations

from planner.quantities import (
    energy,
    goodput,
    hardware,
    interconnect,
    layout,
    memory,
    model,
    money,
    power,
    stack,
    step,
    time,
    trade,
    utilisation,
)

__all__ = [
    "energy",
    "goodput",
    "hardware",
    "interconnect",
    "layout",
    "memory",
    "model",
    "money",
    "power",
    "stack",
    "step",
    "time",
    "trade",
    "utilisation",
]
