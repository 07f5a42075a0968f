"""A small world of profiles by hand, beside the shipped ones, and plans on it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan

#: A chip of 100 TFLOP/s, eight of them in a system of 8 kW, and a stack behind which no run stands.
PROFILES = {
    "chips/plain": """
id = "plain"
name = "Plain"
vendor = "Nobody"
platform = "other"
generation = "plain"
[peak_dense_flops_per_s]
bf16 = { value = "100 TFLOP/s", kind = "memory" }
[memory]
capacity_bytes = { value = "80 GB", kind = "memory" }
bandwidth_bytes_per_s = { value = "2 TB/s", kind = "memory" }
[scale_up]
name = "links"
bandwidth_bytes_per_s = { value = "200 GB/s", kind = "memory" }
[tdp_w]
value = "500 W"
kind = "memory"
[price_usd]
value = 10_000
kind = "memory"
""",
    "systems/plain-8": """
id = "plain-8"
name = "Eight Plain"
chip = "plain"
chips_per_host = 8
chips_per_domain = 8
chips_per_system = 8
default_fabric = "wire"
[scale_up]
topology = "switched"
[ports_per_host]
value = 8
kind = "memory"
[max_power_w]
value = "8 kW"
kind = "memory"
""",
    "fabrics/wire": """
id = "wire"
name = "Wire"
kind = "roce"
port_bytes_per_s = { value = "25 GB/s", kind = "memory" }
latency_s = { value = "2 us", kind = "memory" }
switch_radix = { value = 64, kind = "memory" }
switch_power_w = { value = "1 kW", kind = "memory" }
optic_power_w = { value = "10 W", kind = "memory" }
""",
    "stacks/bare": """
id = "bare"
name = "Bare"
platform = "other"
framework = "other"
year = 2025
""",
}

MakePlan = Callable[..., Plan]
Write = Callable[[str, str], Catalog]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a profile over what is there and return the catalog with it."""
    folder = tmp_path / "world"
    for name, text in PROFILES.items():
        path = folder / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(name: str, text: str) -> Catalog:
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        return load_catalog([folder], include_user=False)

    return change


@pytest.fixture
def world(write: Write) -> Catalog:
    return write("chips/plain", PROFILES["chips/plain"])


@pytest.fixture
def make_plan() -> MakePlan:
    """Return a maker of small plans: a 7B model on two systems of the small world."""

    def make(pool: dict[str, Any] | None = None, **tables: Any) -> Plan:
        return Plan.model_validate(
            {
                "name": "small",
                "as_of": datetime.date(2026, 11, 22),
                "model": {"profile": "llama-2-7b"},
                "workload": {"tokens": 1e10, "sequence_length": 4096, "global_batch_sequences": 64},
                "cluster": {
                    "pools": [
                        {"id": "train", "system": "plain-8", "count": 2, "stack": "bare", **(pool or {})}
                    ]
                },
                **tables,
            }
        )

    return make


@pytest.fixture
def plain_chip() -> str:
    """Return the profile of the world's chip."""
    return PROFILES["chips/plain"]


@pytest.fixture
def plain_system() -> str:
    """Return the profile of the world's system."""
    return PROFILES["systems/plain-8"]
