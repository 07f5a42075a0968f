"""All families of quantities, in the order in which they are told: importing this fills the table."""

from __future__ import annotations

from importlib import import_module

FAMILIES = (
    "layout",
    "time",
    "utilisation",
    "operations",
    "failures",
    "goodput",
    "campaign",
    "calendar",
    "step",
    "step_terms",
    "pilots",
    "interconnect",
    "memory",
    "memory_room",
    "power",
    "energy",
    "currency",
    "purchase",
    "purchase_network",
    "purchase_storage",
    "operation",
    "money",
    "market",
    "rental_terms",
    "life",
    "idle",
    "renting",
    "financing",
    "model",
    "hardware",
    "stack",
    "trade",
    "post_training",
    "post_training_rate",
    # of pools together, in front of the ways of one
    "joined",
    "joined_step",
    "split",
)
for _family in FAMILIES:
    import_module(f"planner.quantities.{_family}")
