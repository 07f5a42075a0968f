"""The content hash follows the meaning of a file, and nothing else."""

from __future__ import annotations

import tomllib

import pytest

from planner.domain.plan import Plan
from planner.domain.site import Site
from planner.files.canonical import canonical_form, canonical_hash

PLAN = """
name = "x"
model.profile = "m"
workload.tokens = 13.2e12
cluster.pools = [{ id = "train", system = "s", count = 4, price_usd = "4..8" }]
"""


def _hash(text: str) -> str:
    return canonical_hash(Plan.model_validate(tomllib.loads(text)))


@pytest.mark.parametrize(
    "text",
    [
        PLAN.replace("13.2e12", '"13.2T"'),
        PLAN.replace("13.2e12", "13_200_000_000_000"),
        PLAN.replace('"4..8"', '"4 USD..8 USD"'),
        PLAN.replace('id = "train", system = "s"', 'system = "s", id = "train"'),
        "# remark\nschema_version = 1\n" + PLAN + '[strategy]\nmode = "auto"\n',
        PLAN + "site = {}\nnotes = ''\n",
    ],
)
def test_the_hash_ignores_how_it_was_typed(text: str) -> None:
    assert text != PLAN
    assert _hash(text) == _hash(PLAN)


@pytest.mark.parametrize(
    ("old", "new"), [("13.2e12", "13.3e12"), ('"x"', '"y"'), ("count", "chips"), ('"4..8"', "4")]
)
def test_the_hash_sees_what_was_changed(old: str, new: str) -> None:
    assert _hash(PLAN.replace(old, new)) != _hash(PLAN)


def test_the_hash_is_pinned_because_saved_plans_hold_it() -> None:
    site = Site.model_validate(
        {
            "id": "s",
            "name": "S",
            "country": "CN",
            "pue": {"value": 1.25, "kind": "memory"},
            "electricity_usd_per_kwh": {"value": "0.05..0.08", "kind": "memory"},
        }
    )
    assert canonical_form(site) == {
        "id": "s",
        "name": "S",
        "country": "CN",
        "pue": {"kind": "memory", "value": 1.25},
        "electricity_usd_per_kwh": {"kind": "memory", "value": {"low": 0.05, "high": 0.08}},
    }
    assert canonical_hash(site) == "01004058c451b9fdcac1261b29c1c23b752e8ead693953ca2b1d2bc772f246f0"
