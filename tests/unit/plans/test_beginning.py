"""New plans: what an empty one lacks, and what one that is begun from another leaves behind."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from planner.catalog.catalog import Catalog
from planner.errors import PlanError
from planner.planning.resolve import resolve
from planner.plans.beginning import UNNAMED, begun_from, blank_plan, empty_plan
from planner.plans.plan_file import load_plan, plan_from_data, plan_text
from planner.plans.shipped import list_plans


def test_an_empty_plan_is_a_file_like_others_and_says_what_it_lacks() -> None:
    plan = empty_plan("Ours")
    assert plan_from_data(tomllib.loads(plan_text(plan)), where="ours.toml") == plan
    with pytest.raises(PlanError) as caught:
        resolve(plan, Catalog([]))
    assert str(caught.value) == (
        "the plan does not say yet: model (model.profile), tokens (workload.tokens), "
        "system (cluster.pools[train].system), count (cluster.pools[train].count)"
    )


def test_the_plan_that_nothing_validates_is_the_one_that_is_validated() -> None:
    def given(model: BaseModel) -> dict[str, object]:
        held = ((name, getattr(model, name)) for name in type(model).model_fields)
        inner = {name: given(value) for name, value in held if isinstance(value, BaseModel)}
        return {"": model.model_fields_set, **inner}

    validated = empty_plan(UNNAMED)
    assert blank_plan() == validated
    assert given(blank_plan()) == given(validated)
    assert given(blank_plan().cluster.pools[0]) == given(validated.cluster.pools[0])


@pytest.mark.parametrize("path", list_plans(), ids=lambda path: path.stem)
def test_nothing_that_was_said_of_another_plan_is_taken_along(path: Path) -> None:
    plan = load_plan(path)
    begun, empty = begun_from(plan, "Ours"), empty_plan("Ours")
    own = ("name", "notes", "as_of", "parties", "release", "targets", "pins")
    assert [getattr(begun, name) for name in own] == [getattr(empty, name) for name in own]
    assert begun.model_copy(update={name: getattr(plan, name) for name in own}) == plan
