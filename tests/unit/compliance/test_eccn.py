"""ECCN 3A090: the thresholds by hand, held against the shipped rules, and the sentence made of them."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import load_catalog
from planner.compliance.eccn import (
    CLASS_A,
    NOT_FOR_DATA_CENTRES,
    PARAGRAPHS,
    Paragraph,
    classification,
    classification_words,
)
from planner.domain.condition import leaves_of


def test_the_thresholds_are_those_of_the_regulation() -> None:
    found = [(paragraph.name, paragraph.performance, paragraph.density) for paragraph in PARAGRAPHS]
    assert found == [
        ("3A090.a.1", 4800, None),
        ("3A090.a.2", 1600, 5.92),
        ("3A090.b.1", 2400, 1.6),
        ("3A090.b.2", 1600, 3.2),
    ]
    assert CLASS_A == ("3A090.a.1", "3A090.a.2")


def test_the_sentence_says_every_threshold() -> None:
    assert classification_words() == (
        "data centre: 3A090.a.1 from 4,800; a.2 from 1,600 with density from 5.92; b.1 from 2,400 with "
        "density from 1.6; b.2 from 1,600 with density from 3.2; else none. Not for data centres: "
        "from 4,800"
    )


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda paragraph: paragraph.name)
def test_the_rule_of_each_paragraph_starts_where_the_classification_does(paragraph: Paragraph) -> None:
    rules = load_catalog(include_user=False).of_kind("rules")
    identifier = "us-3a090-" + paragraph.name.removeprefix("3A090.").replace(".", "")
    lowest = {
        leaf["f"]: leaf["v"] for leaf in leaves_of(rules[identifier].profile.condition) if leaf["op"] == ">="
    }
    assert lowest["chip.tpp"] == paragraph.performance
    assert lowest.get("chip.performance_density") == paragraph.density


def test_each_paragraph_holds_from_its_thresholds_on() -> None:
    for paragraph in PARAGRAPHS:
        density = paragraph.density
        assert classification(paragraph.performance, density, is_datacenter=True) == paragraph.name
        below = classification(paragraph.performance - 0.01, density, is_datacenter=True)
        assert below != paragraph.name
        if density is not None:
            below = classification(paragraph.performance, density - 0.01, is_datacenter=True)
            assert below != paragraph.name
    assert classification(4800, 0.1, is_datacenter=False) == NOT_FOR_DATA_CENTRES
