"""What is said of an unknown id: a spelling, the products it may mean, never another product."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.unknown_names import about_unknown
from planner.domain.unlisted import PartWithoutFigures, SharedName, UnlistedParts

CATALOG = load_catalog(include_user=False)
#: More than are listed where nothing is near.
KNOWN = (
    *("h100-pcie", "h100-sxm", "mi325x", "mi355x", "gb200", "b200-sxm", "ascend-910b", "ascend-910b2"),
    *("iowa-us", "oslo-no", "llama-2-70b", "gaudi2", *(f"part-{number}" for number in range(50))),
)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ascend910b", "did you mean 'ascend-910b'? only hyphens or capitals differ"),
        ("ASCEND_910B2", "did you mean 'ascend-910b2'? only hyphens or capitals differ"),
        ("acsend-910b", "did you mean 'ascend-910b'? 'ascend' for 'acsend'"),
        ("iwoa-us", "did you mean 'iowa-us'? 'iowa' for 'iwoa'"),
        ("guadi2", "did you mean 'gaudi2'? 'gaudi' for 'guadi'"),
        ("h100-smx", "did you mean 'h100-sxm'? 'sxm' for 'smx'"),
        ("h100", "ids that hold it are 'h100-pcie', 'h100-sxm'"),
        ("llama-2-70", "ids that hold it are 'llama-2-70b'"),
    ],
)
def test_a_spelling_is_suggested_and_says_how_it_differs(name: str, told: str) -> None:
    assert about_unknown(name, KNOWN, UnlistedParts()) == f"; {told}"


@pytest.mark.parametrize(
    "name",
    [
        *("mi345x", "mi355", "mi35x", "h200-sxm", "h10-sxm", "b100-sxm", "gb300", "ascend-910b3"),
        *("ascend-910c", "iowa-de", "llama-3-70b", "llama-2-7b", "gaudi3", "gamma-2-70b"),
        *("", "-", "b", "x" * 10_000),
    ],
)
def test_another_product_is_never_suggested(name: str) -> None:
    assert "did you mean" not in about_unknown(name, KNOWN, UnlistedParts())


def test_few_ids_are_listed_where_nothing_is_near() -> None:
    assert about_unknown("other", ["a1", "b2"], UnlistedParts()) == "; known are a1, b2"


def test_a_part_without_figures_and_a_shared_name_are_told() -> None:
    unlisted = UnlistedParts(
        without_figures=(PartWithoutFigures(name="MLU690", ids=("mlu690",), why="nothing is published"),),
        shared_names=(SharedName(name="X1", ids=("x1-dt",), products=("x1-96", "x1-144"), ask="ask which"),),
    )
    told = "; announced, no figures: MLU690 (nothing is published)"
    assert about_unknown("MLU690", KNOWN, unlisted) == told
    assert about_unknown("mlu690-8", KNOWN, unlisted) == told
    assert about_unknown("mlu6901", KNOWN, unlisted) == ""
    assert about_unknown("x1dt", KNOWN, unlisted) == "; X1 is 'x1-96' or 'x1-144': ask which"


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("chips", "ascend-950dt", "'ascend-950dt-96' or 'ascend-950dt-144'"),
        ("systems", "vr-nvl144", "'vr-nvl72'"),
        ("chips", "mlu690", "announced, no figures: Cambricon MLU690"),
        ("systems", "wse-3", "announced, no figures: Cerebras WSE-3"),
    ],
)
def test_shipped_names_are_told(kind: str, name: str, told: str) -> None:
    assert told in CATALOG.near(name, kind)


def test_no_shipped_id_is_taken_for_another_or_for_a_part_without_figures() -> None:
    for kind in ("chips", "systems", "sites"):
        known = CATALOG.ids(kind)
        for identifier in known:
            told = about_unknown(
                identifier, [other for other in known if other != identifier], UnlistedParts()
            )
            assert "did you mean" not in told, told
    assert not CATALOG.near("no such thing at all", "chips")
