"""Derivations in the rules' order."""

from __future__ import annotations

import pytest

from planner.compliance.facts import COUNTRY_FIELDS, derive


def test_hong_kong_is_china_in_every_country_field_and_nowhere_else() -> None:
    facts = dict.fromkeys(COUNTRY_FIELDS, "HK") | {"chip.name": "HK", "site.region": "HK"}
    derived = derive(facts)
    assert {derived[field] for field in COUNTRY_FIELDS} == {"CN"}
    assert derived["chip.name"] == "HK"
    assert derive({"site.country": "MO"})["site.country"] == "MO"


def test_performance_is_the_greatest_product_and_is_not_rounded() -> None:
    assert derive({"chip.dense": {"8": 1979, "16": 989.5}})["chip.tpp"] == 15832
    assert derive({"chip.dense": {"4": 14000, "8": 4500}})["chip.tpp"] == 56000
    assert derive({"chip.dense": {"16": 299.99999}})["chip.tpp"] < 4800  # type: ignore[operator]
    assert "chip.tpp" not in derive({"chip.dense": {}})
    assert "chip.tpp" not in derive({"chip.dense": None})


def test_what_is_given_wins() -> None:
    facts = {
        "chip.dense": {"16": 1000},
        "chip.tpp": 100,
        "chip.die_area_mm2": 100,
        "chip.performance_density": 9,
        "chip.datacenter": True,
        "chip.eccn": "5A992.c",
    }
    derived = derive(facts)
    assert (derived["chip.tpp"], derived["chip.performance_density"], derived["chip.eccn"]) == (
        100,
        9,
        "5A992.c",
    )


@pytest.mark.parametrize("area", [None, 0, -1])
def test_no_density_without_an_area(area: float | None) -> None:
    assert "chip.performance_density" not in derive({"chip.tpp": 3000, "chip.die_area_mm2": area})


@pytest.mark.parametrize(
    ("performance", "density", "is_datacenter", "expected"),
    [
        (4800, None, True, "3A090.a.1"),
        (4800, 0.1, False, "3A090.a.1-nondc"),
        (4799.99, 9, False, "note2"),
        (1599.99, None, True, "none"),
        (1600, None, True, "unknown"),
        (1600, 5.92, True, "3A090.a.2"),
        (1600, 5.919, True, "3A090.b.2"),
        (2400, 1.6, True, "3A090.b.1"),
        (2399.99, 3.199, True, "none"),
        (2399.99, 3.2, True, "3A090.b.2"),
        (2400, 1.599, True, "none"),
        (None, 9, True, None),
        (9000, 9, None, None),
    ],
)
def test_the_classification_table(
    performance: float | None, density: float | None, is_datacenter: bool | None, expected: str | None
) -> None:
    facts = {
        "chip.tpp": performance,
        "chip.performance_density": density,
        "chip.datacenter": is_datacenter,
    }
    assert derive(facts).get("chip.eccn") == expected


@pytest.mark.parametrize(
    ("facts", "key", "expected"),
    [
        ({"chip.tpp": 4800, "chip.interconnect_gbps": 600}, "oct2022_controlled", True),
        ({"chip.tpp": 4800, "chip.interconnect_gbps": 599}, "oct2022_controlled", False),
        ({"chip.tpp": 4800}, "oct2022_controlled", None),
        ({"chip.tpp": 4799}, "oct2022_controlled", False),
        ({"chip.tpp": 14000, "chip.mem_bw_gbps": 4500}, "s232_band", 1),
        ({"chip.tpp": 17500, "chip.mem_bw_gbps": 5000}, "s232_band", 1),
        ({"chip.tpp": 17501, "chip.mem_bw_gbps": 5000}, "s232_band", 0),
        ({"chip.tpp": 20800, "chip.mem_bw_gbps": 6200}, "s232_band", 2),
        ({"chip.tpp": 21100, "chip.mem_bw_gbps": 5800}, "s232_band", 2),
        ({"chip.tpp": 21100, "chip.mem_bw_gbps": 5799}, "s232_band", 0),
        ({"chip.tpp": 15000}, "s232_band", None),
        ({"chip.tpp": 5000}, "s232_band", 0),
        (
            {"chip.tpp": 20999, "chip.mem_bw_gbps": 6499, "chip.datacenter": True},
            "cn_case_by_case_numbers_ok",
            True,
        ),
        (
            {"chip.tpp": 21000, "chip.mem_bw_gbps": 6499, "chip.datacenter": True},
            "cn_case_by_case_numbers_ok",
            False,
        ),
        (
            {"chip.tpp": 20999, "chip.mem_bw_gbps": 6500, "chip.datacenter": True},
            "cn_case_by_case_numbers_ok",
            False,
        ),
        ({"chip.tpp": 20999, "chip.datacenter": True}, "cn_case_by_case_numbers_ok", None),
        ({"chip.tpp": 20999, "chip.mem_bw_gbps": 1}, "cn_case_by_case_numbers_ok", None),
    ],
)
def test_the_three_marks(facts: dict[str, object], key: str, expected: object) -> None:
    assert derive(facts).get(f"chip.{key}") == expected


def test_deriving_twice_changes_nothing_and_the_input_stays_as_it_was() -> None:
    facts: dict[str, object] = {
        "chip.dense": {"16": 376, "8": 752},
        "chip.datacenter": True,
        "chip.die_area_mm2": 665.6,
        "site.country": "HK",
    }
    before = dict(facts)
    once = derive(facts)
    assert derive(once) == once
    assert facts == before
