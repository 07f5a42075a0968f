"""What people run: every choice of every aspect has its worth, and a search prefers by it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from planner.catalog.layout_practice import read_layout_practice
from planner.domain.layout_practice import AspectPractice, LayoutPractice
from planner.engine.grid import COLUMNS
from planner.engine.layout_aspects import ASPECTS, Place
from planner.planning.practice import Context, Practice, against

PLACE = Place(domain_chips=8.0)
CONTEXT = Context(size=0.5, length=0.0, mixture=0.0, early=0.0, framework="megatron")
PLAIN = {
    **dict.fromkeys(COLUMNS, 1.0),
    **dict.fromkeys(("recompute_attention", "recompute_layers", "variant"), 0.0),
    "data": 64.0,
}


def row(**degrees: float) -> np.ndarray:
    return np.array([{**PLAIN, **degrees}[name] for name in COLUMNS])


@pytest.fixture(scope="module")
def shipped() -> LayoutPractice:
    return read_layout_practice()


def test_the_shipped_record_has_every_choice_of_every_aspect(shipped: LayoutPractice) -> None:
    assert {name: len(record.usual) for name, record in shipped.aspects.items()} == {
        name: len(aspect.choices) for name, aspect in ASPECTS.items()
    }
    assert all(sum(record.runs) == shipped.runs for record in shipped.aspects.values())


def test_every_choice_can_be_made(shipped: LayoutPractice) -> None:
    degrees = (1.0, 2.0, 4.0, 8.0, 16.0)
    block = np.stack(
        [
            row(
                tensor=tensor, pipeline=more, virtual_stages=more, microbatch=more, expert=more, context=more,
                zero=min(tensor, 3.0), recompute_layers=share, recompute_attention=attention, data=1.0,
            )
            for tensor, more, share, attention in itertools.product(degrees, degrees, (0.0, 1.0), (0.0, 1.0))
        ],
        axis=1,
    )  # fmt: skip
    for name, aspect in ASPECTS.items():
        assert set(aspect.of(block, PLACE)) == set(range(len(aspect.choices))), name


def test_what_is_run_less_gladly_is_named_weightiest_first() -> None:
    zeros = {name: (0.0,) * len(aspect.choices) for name, aspect in ASPECTS.items()}
    usual = zeros | {"zero": (0.0, -0.1, 0.0), "tensor": (0.0, -0.3, 0.0, 0.0, 0.0)}
    record = LayoutPractice(
        kind="derived",
        note="made up",
        runs=0,
        run_sources=0,
        time_weight=10.0,
        tolerance=0.2,
        dense_log_spread=0.0,
        mixture_log_spread=0.0,
        aspects={
            name: AspectPractice(
                usual=usual[name],
                size=none,
                length=none,
                mixture=none,
                early=none,
                runs=tuple(0 for _ in none),
            )
            for name, none in zeros.items()
        },
    )
    practice = Practice.of(record, CONTEXT, PLACE, open_share=1.0)
    assert against(practice, row(tensor=2.0, zero=2.0), row()) == ("tensor parallel 2", "ZeRO 2")
    assert against(practice, row(), row(tensor=2.0, zero=2.0)) == ()
