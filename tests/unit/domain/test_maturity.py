"""Maturity: the least of the parts, said in words, and read from the key that it replaced."""

from __future__ import annotations

import pytest

from planner.domain.chip import Chip
from planner.domain.maturity import MARKS, WARNINGS, least_mature

BARE = {"id": "x1", "name": "X1", "vendor": "X", "platform": "other", "generation": "x"}


def test_the_least_mature_part_decides() -> None:
    assert least_mature("proven", "proven") == "proven"
    assert least_mature("proven", "announced") == "announced"
    assert least_mature("roadmap", "announced") == "roadmap"


@pytest.mark.parametrize(
    ("said", "maturity"),
    [
        ({}, "proven"),
        ({"is_roadmap": True}, "roadmap"),
        ({"is_roadmap": False}, "proven"),
        ({"maturity": "announced"}, "announced"),
        ({"maturity": "announced", "is_roadmap": True}, "announced"),
    ],
)
def test_the_key_that_it_replaced_is_still_read(said: dict[str, object], maturity: str) -> None:
    assert Chip.model_validate(BARE | said).maturity == maturity


def test_all_but_what_is_proven_is_said() -> None:
    assert [key for key, text in MARKS.items() if not text] == ["proven"]
    assert [key for key, text in WARNINGS.items() if not text] == ["proven"]
