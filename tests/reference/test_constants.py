"""Constants of the fit that ships: what one source says alone moves none by more than a third of the way."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.runs import load_runs
from planner.engine.operators import OPERATORS
from planner.validation.calibration import Calibration
from planner.validation.constants import constants
from planner.validation.effects import EXPERT_TARGETS, SOURCE
from planner.validation.refit import fit_runs

THIRD = 1.0 / 3.0


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return fit_runs(load_runs().runs, load_catalog(include_user=False))


def test_no_constant_of_one_source_moves_more_than_a_third_of_the_way(calibration: Calibration) -> None:
    lone = [constant for constant in constants(calibration) if constant.behind.sources <= 1]
    assert len(lone) > 10
    far = {(it.target, it.group): it.share for it in lone if it.share > THIRD + 1e-9}
    assert far == {}


def test_nor_does_one_whose_group_has_one_source(calibration: Calibration) -> None:
    """However many runs feel it, and whatever else is known of the source."""
    lone = [
        it
        for it in constants(calibration)
        if it.level not in (None, "operator")
        and it.target not in EXPERT_TARGETS
        and calibration.evidence[it.level or "", it.group or ""].sources == 1
    ]
    assert len(lone) > 20
    assert {(it.target, it.group): it.share for it in lone if it.share > THIRD + 1e-9} == {}


def test_what_a_source_deviates_by_beside_such_a_group_is_in_no_stack(calibration: Calibration) -> None:
    private = [it for it in calibration.parameters if it.level == SOURCE and " as " in (it.group or "")]
    assert any(it.group == "megascale as cuda-megascale" for it in private)
    assert not any(it.level == SOURCE for it in constants(calibration))
    exported = sum(it.level != SOURCE for it in calibration.parameters)
    assert len(list(constants(calibration))) == exported + len(OPERATORS)


def test_every_stack_says_how_many_sources_are_behind_its_constants() -> None:
    """A constant that no run speaks of is a prior, and one that runs speak of has sources."""
    for entry in load_catalog(include_user=False).stacks.values():
        for name, constant in entry.profile.constants.items():
            assert (constant.runs == 0) == (constant.run_sources == 0), (entry.profile.id, name)
            assert constant.run_sources <= constant.runs
