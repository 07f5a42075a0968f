"""Tranches of a pool: their order, the parts that may be there, and deliveries that are not the pool's."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.planning.fleet import parts_of, tranches_of
from planner.planning.resolve import ResolvedPool, resolve

MakePlan = Callable[..., Plan]


def delivery(day: int, systems: int, **more: Any) -> dict[str, Any]:
    return {"date": datetime.date(2027, 1, day), "systems": systems, **more}


@pytest.fixture
def made(make_plan: MakePlan, world: Catalog) -> Callable[..., tuple[Plan, ResolvedPool]]:
    """Return a plan whose pool has all that is delivered, with the pool."""

    def make(*deliveries: dict[str, Any]) -> tuple[Plan, ResolvedPool]:
        count = sum(each["systems"] for each in deliveries)
        plan = make_plan(pool={"count": count or 2}, calendar={"deliveries": deliveries})
        return plan, resolve(plan, world).pools[0]

    return make


def systems(made: tuple[Plan, ResolvedPool]) -> list[float]:
    return [part.systems for part in parts_of(*made)]


def test_tranches_come_as_they_are_promised(made: Callable[..., tuple[Plan, ResolvedPool]]) -> None:
    plan, pool = made(delivery(9, 4), delivery(2, 1), delivery(9, 3))
    assert [tranche.systems for tranche in tranches_of(plan, pool)] == [1, 3, 4]
    assert [tranche.place for tranche in tranches_of(plan, pool)] == [1, 2, 0]
    assert [(part.systems, part.chips) for part in parts_of(plan, pool)] == [(1, 8), (4, 32)]


def test_all_at_once_has_no_parts(made: Callable[..., tuple[Plan, ResolvedPool]]) -> None:
    assert systems(made(delivery(2, 5))) == []
    assert systems(made()) == []


def test_slips_may_let_a_later_tranche_come_first(made: Callable[..., tuple[Plan, ResolvedPool]]) -> None:
    late, sure = delivery(2, 4, slip_days="0..20"), delivery(9, 1)
    assert systems(made(late, sure)) == [1, 4]
    # two days of slip never reach the other
    assert systems(made({**late, "slip_days": "0..2"}, sure)) == [4]


def test_lateness_is_a_share_of_what_may_be(made: Callable[..., tuple[Plan, ResolvedPool]]) -> None:
    (tranche,) = tranches_of(*made(delivery(2, 4, slip_days="10..20")))
    assert [tranche.day_at(late) - tranche.day for late in (0.0, 0.5, 1.0)] == [10.0, 15.0, 20.0]


def test_deliveries_of_several_pools_say_whose_they_are(make_plan: MakePlan, world: Catalog) -> None:
    pools = [{"id": name, "system": "plain-8", "count": 2, "stack": "bare"} for name in ("one", "two")]

    def first_of(**more: Any) -> tuple[float, ...]:
        plan = make_plan(cluster={"pools": pools}, calendar={"deliveries": [delivery(2, 2, **more)]})
        found = resolve(plan, world).pools
        return tuple(len(tranches_of(plan, pool)) for pool in found)

    assert first_of(pool="two") == (0, 1)
    with pytest.raises(
        PlanError, match=r"deliveries\[0\]\.pool: expected whose systems they are, one of one"
    ):
        first_of()
