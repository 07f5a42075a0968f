"""The shipped chips: their memory as drivers show it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from planner.domain.chip import Chip

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
