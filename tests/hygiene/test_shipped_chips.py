"""The shipped chips: their memory as drivers show it, and a system for each that can be planned."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.chip import Chip
from planner.domain.plan import Plan
from planner.engine.precisions import Datatype
from planner.errors import PlannerError
from planner.estimate.estimate import estimate_plan
from planner.planning.chip import known_rate
from planner.planning.systems import systems_by_chip

PROFILES = Path(__file__).parents[2] / "profiles"
MIB = 2.0**20

#: MiB as nvidia-smi, rocm-smi, hl-smi, npu-smi, xpu-smi, ppu-smi and mx-smi print them, written by hand; of
#: parts whose documentation prints GiB, that figure.
DRIVER_MIB = {
    "a100-40-sxm": 40_960,
    "a100-80-sxm": 81_920,
    "a800-80-sxm": 81_920,
    "h100-sxm": 81_559,
    "h100-pcie": 81_559,
    "h800-sxm": 81_559,
    "h100-sxm-96-500w": 97_871,
    "h20-96": 97_871,
    "h200-sxm": 143_771,
    "b200-sxm": 183_359,
    "gb200": 189_471,
    "b300-sxm": 275_040,
    "gb300": 284_208,
    "mi250x": 2 * 65_520,
    "mi300x": 196_592,
    "mi308x": 196_592,
    "mi325x": 256 * 1024,
    "mi350x": 294_896,
    "mi355x": 294_896,
    "gaudi2": 98_304,
    "gaudi3": 131_072,
    "tpu-v3": 32 * 1024,
    "tpu-v4": 32 * 1024,
    "tpu-v5e": 16 * 1024,
    "tpu-v5p": 95 * 1024,
    "tpu-v6e": 32 * 1024,
    "tpu-v7": 192 * 1024,
    "trn1": 32 * 1024,
    "trn2": 96 * 1024,
    "trn3": 144 * 1024,
    "ascend-910a": 32_768,
    "ascend-910b": 65_536,
    "ascend-910b1": 65_536,
    "ascend-910b2": 65_536,
    "ascend-910b3": 65_536,
    "ascend-910b4": 32_768,
    "ascend-910c": 2 * 65_536,
    "ascend-310p": 21_534,
    "kunlun-p800": 98_304,
    "thead-ppu": 98_304,
    "metax-c500": 65_536,
    "gh200": 97_871,
    "v100-32-sxm2": 32_768,
    "a100-64-sxm": 65_536,
    "h100-64-sxm": 65_247,
    "h200-nvl": 143_771,
    "rtx-pro-6000-server": 97_887,
}
#: Of these chips nobody has published what every estimate needs; the message names the figure.
MISSING = {
    "ascend-310p": "scale_out_bytes_per_s",
    "ascend-610": "it has int8",
    "ascend-910d": "it has no known rate at all",
    "ascend-920": "memory.capacity_bytes",
    "ascend-950pr": "peak_dense_flops_per_s.bf16",
    "ascend-960": "peak_dense_flops_per_s.bf16",
    "ascend-970": "peak_dense_flops_per_s.bf16",
    "hygon-k100ai": "scale_up.bandwidth_bytes_per_s",
    "kunlun-p800": "memory.bandwidth_bytes_per_s",
    "metax-c500": "scale_up.bandwidth_bytes_per_s",
    "thead-ppu": "memory.bandwidth_bytes_per_s",
    "tpu-8t": "it has fp4",
}


def load_chip(identifier: str) -> Chip:
    """Return a shipped chip."""
    text = (PROFILES / "chips" / f"{identifier}.toml").read_text(encoding="utf-8")
    return Chip.model_validate(tomllib.loads(text))


@pytest.mark.parametrize("identifier", DRIVER_MIB)
def test_memory_is_what_the_driver_shows_and_the_label_is_a_rival(identifier: str) -> None:
    figure = load_chip(identifier).memory.capacity_bytes
    assert figure is not None
    assert figure.value == DRIVER_MIB[identifier] * MIB
    assert identifier == "tpu-v3" or any(rival.wrong_because for rival in figure.rivals)


def test_a_capacity_says_whether_it_is_the_label_or_what_the_driver_shows() -> None:
    for path in sorted((PROFILES / "chips").glob("*.toml")):
        figure = load_chip(path.stem).memory.capacity_bytes
        if path.stem not in DRIVER_MIB and figure is not None and figure.value is not None:
            assert "the label" in (figure.note or ""), path.stem


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def test_every_chip_estimates_in_a_system_or_says_which_figure_is_missing(catalog: Catalog) -> None:
    systems = systems_by_chip(catalog)
    assert set(systems) == set(catalog.chips)
    told = {identifier: gap_of(catalog, identifier, system.id) for identifier, system in systems.items()}
    assert {identifier for identifier, gap in told.items() if gap} == set(MISSING)
    assert all(figure in told[identifier] for identifier, figure in MISSING.items()), told


def gap_of(catalog: Catalog, chip: str, system: str) -> str:
    """Return why a small job cannot be estimated on two hosts; empty where it can."""
    rates: tuple[Datatype, ...] = ("bf16", "fp16", "fp8")
    precision = next((name for name in rates if known_rate(catalog.chips[chip].profile, name)), "bf16")
    plan = Plan.model_validate(
        {
            "schema_version": 1,
            "name": "small",
            "model": {"profile": "llama-3.2-1b"},
            "workload": {"tokens": "1T", "precision": precision},
            "cluster": {"pools": [{"id": "a", "system": system, "chips": 16}]},
            "site": {"profile": "shanghai-cn"},
        }
    )
    try:
        (pool,) = estimate_plan(plan, catalog).pools
    except PlannerError as error:
        return str(error)
    return "; ".join(pool.reasons) if pool.figures is None else ""
