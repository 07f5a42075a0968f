"""Layouts of the same run are ranked in pairs; rows with equal inputs tell the noise."""

from __future__ import annotations

from typing import Any

import pytest

from planner.validation.layout_pairs import noise_floor, ranking


def test_a_pair_is_right_where_the_faster_one_is_predicted_the_faster(make: Any) -> None:
    runs = [
        make.scored(1000.0, 1000.0, id="a", layout__tensor=8),
        make.scored(1100.0, 1010.0, id="b", layout__tensor=4),
        make.scored(1200.0, 990.0, id="c", layout__tensor=2),
    ]
    found = ranking(runs)
    assert (found.pairs, found.right) == (3, 1)
    assert found.share == pytest.approx(1 / 3)


def test_times_within_five_percent_are_no_pair(make: Any) -> None:
    runs = [make.scored(1000.0, 1.0, id="a"), make.scored(1040.0, 2.0, id="b", layout__tensor=4)]
    assert ranking(runs).pairs == 0
    assert ranking(runs).share is None


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "GPT-2"},
        {"hardware__chip": "h100-sxm"},
        {"hardware__chip_count": 128},
        {"global_batch_sequences": 1024},
        {"sequence_length": 4096},
        {"precision": "fp16"},
        {"software__framework": "deepspeed"},
        {"tier": "B", "missing": ["heads"]},
        {"tier": "E"},
    ],
)
def test_only_runs_that_differ_in_layout_alone_are_a_pair(make: Any, changes: dict[str, Any]) -> None:
    runs = [
        make.scored(1000.0, 1.0, id="a"),
        make.scored(2000.0, 2.0, id="b", **{"layout__tensor": 4, **changes}),
    ]
    assert ranking(runs).pairs == 0


def test_runs_with_equal_inputs_are_no_pair(make: Any) -> None:
    runs = [
        make.scored(1000.0, 1.0, id="a"),
        make.scored(2000.0, 1.0, id="b", software__name="Megatron-LM v2"),
    ]
    assert ranking(runs).pairs == 0


def test_a_tie_is_not_right(make: Any) -> None:
    runs = [make.scored(1000.0, 1.0, id="a"), make.scored(2000.0, 1.0, id="b", layout__tensor=4)]
    assert (ranking(runs).pairs, ranking(runs).right) == (1, 0)
    assert ranking(runs[::-1]).right == 0


def test_one_source_can_be_ranked_alone(make: Any) -> None:
    runs = [
        make.scored(
            1000.0 + number * 100,
            1.0,
            id=f"{source}{number}",
            group=f"{source}/gpt",
            layout__tensor=8 - 4 * number,
        )
        for source in ("one", "two")
        for number in (0, 1)
    ]
    assert ranking(runs, source="two").pairs == 1


def test_the_noise_floor_is_what_rows_with_equal_inputs_differ_by(make: Any) -> None:
    runs = [
        make.scored(950.0, 1.0, id="monday"),
        make.scored(1050.0, 1.0, id="friday"),
        make.scored(2000.0, 1.0, id="another-layout", layout__tensor=4),
    ]
    found = noise_floor(runs)
    assert found.pairs == 1
    assert found.mean == pytest.approx(0.1)
    assert noise_floor(runs[1:]).mean is None
