"""Layouts of runs whose degrees count several ranks a chip are converted, every degree, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from planner.domain.run import RunLayout
from planner.errors import PlanError
from planner.planning.run_layouts import in_chips


@pytest.mark.parametrize(
    ("ranks", "chips"),
    [
        ({"tensor": 8, "data": 4, "microbatch": 1}, {"tensor": 4, "data": 4, "microbatch": 1}),
        ({"tensor": 1, "data": 8, "microbatch": 1}, {"tensor": 1, "data": 4, "microbatch": 2}),
        (
            {"tensor": 1, "data": 8, "expert": 4, "shard_ranks": 8},
            {"tensor": 1, "data": 4, "expert": 2, "shard_ranks": 4},
        ),
        ({"tensor": 4, "expert_tensor": 1, "expert": 8}, {"tensor": 2, "expert_tensor": 1, "expert": 4}),
        ({"tensor": 4, "expert_tensor": 4, "expert": 8}, {"tensor": 2, "expert_tensor": 2, "expert": 8}),
    ],
)
def test_the_ranks_of_a_chip_become_one_in_every_degree(ranks: dict[str, Any], chips: dict[str, Any]) -> None:
    assert in_chips(RunLayout(**ranks, ranks_per_chip=2)) == RunLayout(**chips)


@pytest.mark.parametrize("degrees", [{"tensor": 3}, {"tensor": 1, "data": 5}, {"tensor": 1, "expert": 3}])
def test_a_degree_that_splits_a_chip_is_refused(degrees: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="2 to a chip; expected a multiple of 2"):
        in_chips(RunLayout(**degrees, ranks_per_chip=2))
