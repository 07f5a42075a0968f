"""Changes of a calendar between two plans: told apart from others, and with the cluster that it is of."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.differences.diff import diff_plans, side_of
from planner.differences.plan_mixing import changes_between
from planner.domain.plan import Plan

MakePlan = Callable[..., Plan]
START = datetime.date(2027, 1, 4)


def calendar(later: int, first: int = 1, second: int = 1) -> dict[str, Any]:
    days = (START, START + datetime.timedelta(later))
    return {
        "deliveries": [
            {"date": day, "systems": count} for day, count in zip(days, (first, second), strict=True)
        ]
    }


def names(before: Plan, after: Plan) -> list[str]:
    chips = [{pool.id: 8 * (pool.count or 0) for pool in plan.cluster.pools} for plan in (before, after)]
    return [change.name for change in changes_between(before, after, *chips)]


def test_a_later_delivery_is_a_change_of_its_own(make_plan: MakePlan) -> None:
    before = make_plan(calendar=calendar(5))
    after = make_plan(calendar=calendar(9), operations={"operator": "practised"})
    assert names(before, after) == ["calendar", "operations"]
    # the day of a plan that is there from the first moves its end alone, never its days
    starts = [make_plan(calendar={"start": START + datetime.timedelta(days)}) for days in (0, 9)]
    assert names(*starts) == []


def test_a_cluster_comes_with_its_deliveries(make_plan: MakePlan) -> None:
    before = make_plan(calendar=calendar(5))
    after = make_plan(pool={"count": 3}, calendar=calendar(5, second=2))
    assert names(before, after) == ["cluster"]
    assert names(make_plan(), after) == ["cluster"]
    assert names(before, make_plan(pool={"count": 3})) == ["cluster"]


@pytest.mark.parametrize("more", [{}, {"count": 3}])
def test_the_parts_add_up_to_the_difference(
    more: dict[str, Any], make_plan: MakePlan, world: Catalog
) -> None:
    second = more.get("count", 2) - 1
    after = make_plan(pool=more, calendar=calendar(30, second=second), operations={"operator": "practised"})
    sides = [
        side_of(name, plan, world) for name, plan in (("a", make_plan(calendar=calendar(0))), ("b", after))
    ]
    causes = diff_plans(sides[0], sides[1], world).causes["training_days"]
    assert sum(share.amount for share in causes.shares) == pytest.approx(causes.total)
    told = {name for share in causes.shares for name in share.changes}
    assert told == {"cluster" if more else "calendar", "operations"}
