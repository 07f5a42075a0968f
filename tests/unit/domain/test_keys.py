"""What a key says of itself, and that it cannot disagree with the type by which files are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from planner.domain.claim import TrainingStatement
from planner.domain.keys import Key, KeyField, find_key, rivals
from planner.domain.plan import Plan, PlanModel, Pool
from planner.domain.plan_workload import Workload


def keys_of(model: type[BaseModel]) -> Iterator[KeyField]:
    """Yield every key of a model that says something of itself, in its parts as well."""
    for name, info in model.model_fields.items():
        if any(isinstance(item, Key) for item in info.metadata):
            yield find_key(model, name)
        inner: list[Any] = [info.annotation, *get_args(info.annotation)]
        for kind in inner:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from keys_of(kind)


ALL = [*keys_of(Plan), *keys_of(TrainingStatement)]


def test_keys_are_found_by_their_path() -> None:
    found = find_key(Plan, "cluster.pools[].price_usd")
    assert found.key.title == "system price"
    assert not found.is_required
    assert find_key(Plan, "workload.sequence_length").default == 4096
    for path in ("cluster.nothing", "cluster.pools[].chips"):
        with pytest.raises(KeyError):
            find_key(Plan, path)


def test_a_key_whose_rival_may_stand_in_its_place_is_required() -> None:
    assert find_key(Plan, "cluster.pools[].count").is_required
    assert rivals(Pool) == {"count": ("chips",), "chips": ("count",)}
    assert rivals(PlanModel)["profile"] == ("architecture", "parameters", "active_parameters")
    assert rivals(PlanModel)["parameters"] == ("architecture", "profile")
    assert rivals(PlanModel)["architecture"] == ("profile", "parameters")
    assert rivals(Workload)["tokens"] == ("phases",)


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.path)
def test_every_key_is_told_in_whole_sentences(found: KeyField) -> None:
    assert len(ALL) > 80
    assert found.key.title
    assert found.key.help.endswith(".")
    assert found.is_required or found.default is not None or found.key.absent
    # a default is said by the type alone
    assert found.default in (None, ()) or not found.key.absent


@pytest.mark.parametrize("found", [found for found in ALL if found.answers], ids=lambda found: found.path)
def test_every_answer_that_is_told_is_taken(found: KeyField) -> None:
    words = [part for part in found.parts() if get_origin(part) is Literal]
    taken = {str(value) for part in words for value in get_args(part)} or {"0", "1", "2", "3"}
    assert set(found.key.answers) == taken
    assert all(found.answers.values())
