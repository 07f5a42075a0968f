"""The shipped profiles: each valid, each expected one present, and figures held against their sources."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.check import check_folder
from planner.domain.base import Profile
from planner.domain.chip import Chip
from planner.domain.evidence import Sourced, value_of
from planner.domain.fabric import Fabric
from planner.domain.site import Site
from planner.domain.system import System
from planner.units import Span

PROFILES = Path(__file__).parents[2] / "profiles"
KINDS: dict[str, type[Profile]] = {"chips": Chip, "systems": System, "fabrics": Fabric, "sites": Site}

EXPECTED = {
    "chips": """
        a100-40-sxm a100-80-sxm a800-80-sxm h100-sxm h100-pcie h100-sxm-96-500w h800-sxm h20-96 h200-sxm
        b100 b200-sxm gb200 b300-sxm gb300 rubin mi250x mi300x mi308x mi325x mi350x mi355x
        tpu-v3 tpu-v4 tpu-v5e tpu-v5p tpu-v6e tpu-v7 gaudi2 gaudi3 trn1 trn2 trn3
        ascend-910a ascend-910b ascend-910b1 ascend-910b2 ascend-910b3 ascend-910b4 ascend-910c ascend-910d
        ascend-920 ascend-950pr ascend-950dt-96 ascend-950dt-144 ascend-960 ascend-970 ascend-310p ascend-610
        mlu370-x8 mlu590 kunlun-p800 hygon-k100ai br100 mtt-s4000 mtt-s5000 metax-c500 thead-ppu
        gh200 v100-32-sxm2 a100-64-sxm h100-64-sxm h200-nvl rtx-pro-6000-server mi455x tpu-8t""",
    "systems": """
        dgx-a100 hgx-a100-40 hgx-a800 dgx-h100 hgx-h100-96-500w dgx-h800 dgx-h200 hgx-h20 dgx-b200 dgx-b300
        gb200-nvl72 gb300-nvl72 vr-nvl72 mi300x-8 mi355x-8 gaudi2-8 gaudi3-8 trn1-32xl trn2-ultraserver
        tpu-v3-pod tpu-v4-pod tpu-v5e-pod tpu-v5p-pod tpu-v6e-pod tpu-v7-pod
        atlas-800-9000 atlas-800t-a2 atlas-800t-a2-910b3 atlas-900-a2-pod atlas-800t-a3 cloudmatrix-384
        atlas-950-superpod atlas-950-superpod-1024 atlas-960-superpod atlas-800t-a2-910b1 atlas-800t-a2-910b2
        atlas-800t-a2-910b4 helios-72 hgx-rubin-nvl8 trn3-ultraserver tpu-8t-superpod mi308x-8 mi325x-8
        mi350x-8 rtx-pro-6000-8 h100-pcie-8 h200-nvl-8 hgx-b100 dgx-1-v100 alps-gh200-4 isambard-ai-gh200-4
        jupiter-gh200-4 lumi-g-mi250x-4 leonardo-a100-64-4 marenostrum5-h100-64-4 kunlun-p800-8 metax-c500-8
        mlu590-8 mlu370-x8-8 mtt-s4000-8 mtt-s5000-8 hygon-k100ai-8 br100-8 thead-ppu-8 ascend-950pr-8
        ascend-310p-8 ascend-610-8 ascend-910d-8 ascend-920-8 ascend-970-8""",
    "fabrics": """
        ib-hdr-200 ib-ndr-400 ib-xdr-800 slingshot-11 roce-100g roce-200g roce-400g roce-800g omni-path-100
        ethernet-25g efa-v2 efa-v3 efa-v4 tpu-dcn""",
    "sites": """
        ulanqab-cn guian-cn shanghai-cn ashburn-us dallas-us abilene-us iowa-us quincy-us frankfurt-de
        dublin-ie lulea-se paris-fr hamina-fi singapore-sg johor-my abu-dhabi-ae oslo-no tokyo-jp
        mumbai-in stockholm-se zaragoza-es saint-ghislain-be eemshaven-nl london-gb zurich-ch milan-it
        warsaw-pl the-dalles-us columbus-us moncks-corner-us henderson-us salt-lake-us montreal-ca calgary-ca
        sao-paulo-br santiago-cl sydney-au melbourne-au hyderabad-in jakarta-id changhua-tw osaka-jp seoul-kr
        dammam-sa manama-bh zhongwei-cn cape-town-za""",
}

BF16 = "peak_dense_flops_per_s.bf16"
FP16 = "peak_dense_flops_per_s.fp16"
INT8 = "peak_dense_flops_per_s.int8"
MEMORY = "memory.capacity_bytes"
MEMORY_RATE = "memory.bandwidth_bytes_per_s"
LINK = "scale_up.bandwidth_bytes_per_s"

#: Written by hand from the sources, in SI units (prices in USD).
FIGURES: list[tuple[str, str, str, float | Span]] = [
    ("chips", "a100-40-sxm", MEMORY_RATE, 1.555e12),
    ("chips", "a100-80-sxm", BF16, 312e12),
    ("chips", "a100-80-sxm", MEMORY_RATE, 2.039e12),
    ("chips", "a800-80-sxm", LINK, 200e9),
    ("chips", "h100-sxm", FP16, 989e12),
    ("chips", "h100-sxm", "peak_dense_flops_per_s.fp8", 1979e12),
    ("chips", "h100-sxm", LINK, 450e9),
    ("chips", "h100-sxm-96-500w", "tdp_w", 500.0),
    ("chips", "h100-sxm-96-500w", MEMORY_RATE, 2.4e12),
    ("chips", "h20-96", BF16, 148e12),
    ("chips", "gb200", BF16, 2500e12),
    ("chips", "b300-sxm", INT8, 153.5e12),
    ("chips", "mi300x", "scale_up.pair_bandwidth_bytes_per_s", 64e9),
    ("chips", "mi300x", "trade.logic_die_area_mm2", 2400.0),
    ("chips", "tpu-v3", BF16, 123e12),
    ("chips", "tpu-v3", MEMORY, 32 * 2.0**30),
    ("chips", "tpu-v5e", BF16, 197e12),
    ("chips", "tpu-v5p", BF16, 459e12),
    ("chips", "gaudi2", "scale_out_bytes_per_s", 37.5e9),
    ("chips", "ascend-910a", FP16, 256e12),
    ("chips", "ascend-910b", BF16, 353.9e12),
    ("chips", "ascend-910b", INT8, 640e12),
    ("chips", "ascend-910b", MEMORY, 64 * 2.0**30),
    ("chips", "ascend-910b", "tdp_w", 400.0),
    ("chips", "ascend-910b", "scale_up.pair_bandwidth_bytes_per_s", 28e9),
    ("chips", "ascend-910b4", MEMORY, 32 * 2.0**30),
    ("chips", "ascend-910c", BF16, 752e12),
    ("chips", "ascend-910c", LINK, 392e9),
    ("systems", "dgx-h100", "max_power_w", 10_200.0),
    ("systems", "dgx-h100", "measured_training_power_w", 8_400.0),
    ("systems", "mi300x-8", "scale_up.measured_bus_bandwidth_bytes_per_s", 312.9e9),
    ("systems", "cloudmatrix-384", "max_power_w", 560e3),
    ("systems", "atlas-800t-a2", "port_bytes_per_s", 25e9),
    ("fabrics", "ib-ndr-400", "achievable_fraction", 0.97),
    ("fabrics", "roce-200g", "port_bytes_per_s", 25e9),
    ("fabrics", "roce-400g", "optic_power_w", 9.0),
    ("sites", "ulanqab-cn", "electricity_usd_per_kwh", 0.05),
    ("sites", "frankfurt-de", "carbon_g_per_kwh", 275.82),
    ("sites", "iowa-us", "carbon_g_per_kwh", 412.72),
    ("sites", "ashburn-us", "carbon_g_per_kwh", 323.05),
    ("sites", "dallas-us", "carbon_g_per_kwh", 302.95),
    ("sites", "hamina-fi", "carbon_g_per_kwh", 39.32),
    ("sites", "paris-fr", "carbon_g_per_kwh", 16.3),
    ("sites", "ashburn-us", "water_l_per_kwh", 0.12),
    ("sites", "ashburn-us", "electricity_usd_per_kwh", 0.0892),
    ("sites", "dallas-us", "electricity_usd_per_kwh", 0.066),
    ("sites", "jakarta-id", "water_l_per_kwh", 2.75),
    ("sites", "lulea-se", "pue", 1.07),
]

#: Figures in circulation that are known to be wrong for the chip.
WRONG: list[tuple[str, str, float]] = [
    ("h100-sxm", FP16, 1979e12),
    ("h100-sxm", BF16, 1979e12),
    ("a100-80-sxm", BF16, 624e12),
    ("a100-80-sxm", MEMORY_RATE, 1.555e12),
    ("a100-80-sxm", "sparse_multiplier", 3.0),
    ("ascend-910b", INT8, 256e12),
    ("ascend-910b", MEMORY, 32e9),
    ("ascend-910b", "tdp_w", 310.0),
    ("ascend-910b", LINK, 392e9),
    ("ascend-910b4", MEMORY_RATE, 1.5e12),
    ("tpu-v5e", BF16, 459e12),
    ("tpu-v5e", MEMORY_RATE, 1.2e12),
]

#: (chips per host, per scale-up domain, per system): the three differ.
COUNTS = {
    "dgx-h100": (8, 8, 8),
    "atlas-800-9000": (8, 4, 8),
    "atlas-900-a2-pod": (8, 8, 64),
    "gb200-nvl72": (4, 72, 72),
    "cloudmatrix-384": (8, 384, 384),
    "trn1-32xl": (16, 16, 16),
    "trn2-ultraserver": (16, 64, 64),
    "tpu-v4-pod": (4, 4096, 4096),
    "tpu-v5e-pod": (8, 256, 256),
}


def _load(kind: str, identifier: str) -> Profile:
    text = (PROFILES / kind / f"{identifier}.toml").read_text(encoding="utf-8")
    return KINDS[kind].model_validate(tomllib.loads(text))


def _at(profile: Profile, path: str) -> Any:
    value: Any = profile
    for part in path.split("."):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value


def _figures(value: Any, where: str) -> Iterator[tuple[str, Sourced[Any]]]:
    if isinstance(value, Sourced):
        yield where, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _figures(item, f"{where}.{key}")
    elif hasattr(type(value), "model_fields"):
        for key in type(value).model_fields:
            yield from _figures(getattr(value, key), f"{where}.{key}")


def _all_figures() -> Iterator[tuple[str, Sourced[Any]]]:
    for kind in KINDS:
        for identifier in EXPECTED[kind].split():
            yield from _figures(_load(kind, identifier), f"{kind}/{identifier}")


def test_every_file_of_the_shipped_profiles_is_valid() -> None:
    assert check_folder(PROFILES) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_expected_profile_is_shipped(kind: str) -> None:
    present = {path.stem for path in (PROFILES / kind).glob("*.toml")}
    assert set(EXPECTED[kind].split()) - present == set()


@pytest.mark.parametrize(("kind", "identifier", "path", "expected"), FIGURES)
def test_figures_agree_with_their_sources(
    kind: str, identifier: str, path: str, expected: float | Span
) -> None:
    value = _at(_load(kind, identifier), path).value
    assert value == (expected if isinstance(expected, Span) else pytest.approx(expected, rel=1e-12))


@pytest.mark.parametrize(("chip", "path", "wrong"), WRONG)
def test_a_wrong_figure_in_circulation_is_named_with_its_reason(chip: str, path: str, wrong: float) -> None:
    figure = _at(_load("chips", chip), path)
    reasons = [rival.wrong_because for rival in figure.rivals if rival.value == pytest.approx(wrong)]
    assert len(reasons) == 1
    assert reasons[0]


@pytest.mark.parametrize("system", COUNTS)
def test_hosts_domains_and_systems_are_counted_apart(system: str) -> None:
    profile = _load("systems", system)
    assert isinstance(profile, System)
    counts = (profile.chips_per_host, profile.chips_per_domain, profile.chips_per_system)
    assert counts == COUNTS[system]


def test_no_default_is_a_figure_that_the_profile_itself_calls_wrong() -> None:
    contradictions = [
        where
        for where, figure in _all_figures()
        for rival in figure.rivals
        if rival.wrong_because and rival.value == figure.value
    ]
    assert contradictions == []


def test_every_source_that_a_figure_names_is_listed() -> None:
    listed = set(tomllib.loads((PROFILES / "sources.toml").read_text(encoding="utf-8")))
    named = {
        (where, source)
        for where, figure in _all_figures()
        for evidence in (figure, *figure.rivals)
        for source in evidence.sources
    }
    assert {entry for entry in named if entry[1] not in listed} == set()


def test_a_carbon_figure_names_its_method_and_its_year() -> None:
    for identifier in EXPECTED["sites"].split():
        figure = _at(_load("sites", identifier), "carbon_g_per_kwh")
        told = f"{figure.note} {figure.kind}"
        assert figure.value is None or re.search(r"2024, location-based|country in 2023", told), identifier


def test_an_unknown_figure_says_that_it_is_not_known() -> None:
    silent = [where for where, figure in _all_figures() if figure.value is None and not figure.note]
    assert silent == []


def test_a_figure_from_memory_says_how_sure_it_is() -> None:
    unsure = [
        where
        for where, figure in _all_figures()
        if figure.kind == "memory" and figure.value is not None and figure.confidence is None
    ]
    assert unsure == []


def test_a_torus_says_its_axes_and_nothing_else_does() -> None:
    for identifier in EXPECTED["systems"].split():
        system = _load("systems", identifier)
        assert isinstance(system, System)
        is_torus = system.scale_up.topology == "torus"
        assert is_torus == (system.scale_up.torus_axes is not None), identifier


def test_the_logic_dies_hold_the_compute_dies() -> None:
    for identifier in EXPECTED["chips"].split():
        chip = _load("chips", identifier)
        assert isinstance(chip, Chip)
        figures = (chip.trade.logic_die_area_mm2, chip.compute_die_area_mm2, chip.compute_dies)
        logic, compute, dies = (value_of(figure) for figure in figures)
        if logic is not None and compute is not None and dies is not None:
            assert logic >= compute * dies, identifier


def test_no_system_joins_more_chips_than_their_links_can() -> None:
    for identifier in EXPECTED["systems"].split():
        system = _load("systems", identifier)
        assert isinstance(system, System)
        chip = _load("chips", system.chip)
        assert isinstance(chip, Chip)
        most = value_of(chip.scale_up.domain_chips) if chip.scale_up is not None else None
        assert most is None or system.chips_per_domain <= most, identifier


def test_chips_of_the_export_rules_say_where_they_were_designed() -> None:
    for identifier in EXPECTED["chips"].split():
        chip = _load("chips", identifier)
        assert isinstance(chip, Chip)
        country = chip.trade.designer_country
        expected = "US" if chip.vendor in ("NVIDIA", "AMD", "Google", "Intel", "AWS") else "CN"
        assert value_of(country) == expected, identifier
