"""`planner quantities`: every quantity, as text and as JSON."""

from __future__ import annotations

import json

import pytest

from planner.cli.main import main
from planner.quantities import families  # noqa: F401 - fills the table
from planner.quantities.table import TABLE

Capture = pytest.CaptureFixture[str]


def test_all_are_listed_with_their_equations(capsys: Capture) -> None:
    assert main(["quantities"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for made in TABLE.values():
        assert f" {made.id}: {made.title}" in out, made.id
    assert "training_days: days of training [days, less is better]" in out
    assert "= campaign x training_s / (goodput x 86400)" in out
    assert "days (training_days)" in out
    assert "also: power, power.facility, facility_w" in out


def test_as_json_each_says_what_it_is_made_of(capsys: Capture) -> None:
    assert main(["quantities", "--json"]) == 0
    listed = {record["id"]: record for record in json.loads(capsys.readouterr().out)}
    assert list(listed) == list(TABLE)
    days = listed["training_days"]
    assert days == {
        "id": "training_days",
        "title": "days of training",
        "short": "training time",
        "unit": "days",
        "better": "less",
        "of_whole_job": True,
        "form": "band",
        "scope": "training",
        "aliases": ["days"],
        "ways": [
            {
                "equation": "campaign x training_s / (goodput x 86400)",
                "method": None,
                "over_phases": False,
                "inputs": {
                    "training_s": "training_s",
                    "goodput": "goodput",
                    "campaign": "campaign.factor",
                },
                "optional": [],
            },
            {
                "equation": None,
                "method": TABLE["training_days"].ways[1].method,
                "over_phases": False,
                "inputs": {
                    "rate": "tokens_per_second",
                    "goodput": "goodput",
                    "campaign": "campaign.factor",
                    "begins": "calendar.begins",
                },
                "optional": [],
            },
        ],
    }
    equations = [way["equation"] for way in listed["cost.total"]["ways"]]
    assert equations == [
        "rental x (1 + support) + storage + storage_rate + egress",
        "(depreciation + operation + capital) / earning",
    ]
    ways = [way for record in listed.values() for way in record["ways"]]
    assert {identifier for way in ways for identifier in way["inputs"].values()} <= set(listed)


def test_nothing_but_json_may_be_asked(capsys: Capture) -> None:
    assert main(["quantities", "training_days"]) == 2
    assert "training_days" in capsys.readouterr().err
