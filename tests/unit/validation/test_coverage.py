"""The groups whose band does not hold about 80 % are named, with the sources that lie outside."""

from __future__ import annotations

from typing import Any

import pytest

from planner.report.terminal import terminal_text
from planner.report.validation_document import cross_validation_document
from planner.validation.coverage import FEWEST_RUNS, FEWEST_SOURCES, coverages
from planner.validation.cross_validation import CrossValidation
from planner.validation.run_scores import ScoredRun, summarise


def runs(make: Any, outside: int, count: int = 30, sources: int = 6) -> list[ScoredRun]:
    """Return so many runs of so many sources, the first of them outside: predicted three times too fast."""
    made = []
    for place in range(count):
        predicted = 3000.0 if place < outside else 1000.0
        made.append(make.scored(1000.0, predicted, band=0.2, group=f"source {place % sources}/gpt/a100"))
    return made


@pytest.mark.parametrize(("outside", "is_honest"), [(0, False), (3, True), (9, True), (10, False)])
def test_a_band_that_means_80_holds_70_to_90(make: Any, outside: int, is_honest: bool) -> None:
    everything = coverages(runs(make, outside))[0]
    assert everything.held == pytest.approx(1.0 - outside / 30)
    assert everything.is_honest is is_honest


def test_whoever_is_outside_is_named_with_the_middle_of_its_errors(make: Any) -> None:
    """All six sources have one run outside, the first two a second one."""
    everything = coverages(runs(make, 8))[0]
    assert [(it.source, it.outside, it.runs) for it in everything.outside[:2]] == [
        ("source 0", 2, 5),
        ("source 1", 2, 5),
    ]
    assert everything.outside[0].error == pytest.approx(0.0)
    assert coverages(runs(make, 30))[0].outside[0].error == pytest.approx(2.0)


def test_groups_of_few_runs_or_sources_say_nothing(make: Any) -> None:
    enough = {group.group for group in coverages(runs(make, 3))}
    assert {"all", "single", "single, dense", "platform cuda", "chip a100-80-sxm"} <= enough
    assert "single, mixtures" not in enough
    assert coverages(runs(make, 0, count=FEWEST_RUNS - 1)) == ()
    assert coverages(runs(make, 0, sources=FEWEST_SOURCES - 1)) == ()


def crossed(runs: list[ScoredRun]) -> CrossValidation:
    return CrossValidation(
        held_out="source",
        scored=tuple(runs),
        null={},
        shared_chips=frozenset(),
        groups=(),
        teams=(),
        chips=(),
        framework_unknown=summarise(runs),
        sources=(),
        bands=coverages(runs),
    )


def test_what_is_printed_names_the_groups_that_miss_and_who_is_outside(make: Any) -> None:
    text = terminal_text(cross_validation_document(crossed(runs(make, 12))), width=80)
    assert f"0 of {len(coverages(runs(make, 12)))} groups of 20 runs and 5 sources" in text
    assert "single, dense: most outside source 0 2 of 5 (+0.0 %)" in " ".join(text.split())
    honest = terminal_text(cross_validation_document(crossed(runs(make, 6))), width=80)
    assert "most outside" not in honest
