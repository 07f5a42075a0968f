"""Two pools of post-training that come in parts: when the job begins, what it does meanwhile, and the end."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan_calendar import Delivery
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.joined import members_of
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.terminal import terminal_text

START = datetime.date(2027, 1, 11)
STEPS = 8_000
#: Systems of each pool, all of them.
WHOLE = {"ascend": 8, "h100": 4}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def estimated(*tranches: tuple[str, int, int], more: tuple[str, ...] = ()) -> Estimate:
    """Return the shipped plan of many steps whose pools come so: pool, days after the start, systems."""
    plan = apply_overrides(
        load_plan(shipped_plans_folder() / "grpo-qwen3-32b-910c-h100.toml"),
        [f"post_training.steps={STEPS}", *more],
    )
    deliveries = tuple(
        Delivery(pool=pool, date=START + datetime.timedelta(days=days), systems=systems)
        for pool, days, systems in tranches
    )
    calendar = plan.calendar.model_copy(update={"deliveries": deliveries})
    return estimate_plan(plan.model_copy(update={"calendar": calendar}), catalog())


def told(estimate: Estimate, name: str) -> float:
    value = estimate.figure(name).p50
    assert value is not None
    return value


def test_all_on_the_first_day_is_the_plain_plan() -> None:
    plain, found = estimated(), estimated(("ascend", 0, 8), ("h100", 0, 4))
    for name in ("training_days", "finish_date", "goodput", "cost.total", "energy_mwh"):
        assert told(found, name) == pytest.approx(told(plain, name), rel=1e-9)


@pytest.mark.parametrize(("late", "there"), [("ascend", "h100"), ("h100", "ascend")])
def test_the_job_waits_for_the_later_pool_and_the_other_is_there_from_the_start(
    late: str, there: str
) -> None:
    plain, found = estimated(), estimated((late, 40, WHOLE[late]))
    both = estimated((late, 40, WHOLE[late]), (there, 0, WHOLE[there]))
    for one in (found, both):
        assert told(one, "calendar.begins") == START.toordinal() + 40
        assert told(one, "training_days") == pytest.approx(told(plain, "training_days"))
        assert told(one, "cost.total") == pytest.approx(told(plain, "cost.total"))


def test_halves_of_both_pools_work_at_their_own_rate_until_the_rest_is_there() -> None:
    """By hand: 30 days at the pace of a plan of half the systems, then at that of all of them."""
    halves = (("ascend", 10, 4), ("h100", 0, 2), ("ascend", 40, 4), ("h100", 40, 2))
    found = estimated(*halves)
    half = estimated(more=("cluster.pools[ascend].count=4", "cluster.pools[h100].count=2"))
    slow, fast = (STEPS / told(one, "training_days") for one in (half, estimated()))
    assert told(found, "calendar.begins") == START.toordinal() + 10
    assert told(found, "training_days") == pytest.approx(30.0 + (STEPS - 30.0 * slow) / fast, rel=2e-3)


def test_more_of_one_pool_alone_is_worth_what_the_step_waits_for_it() -> None:
    """The updates are the longer side: half of them hold all rollouts up, not the other way."""
    plain = told(estimated(), "training_days")
    updates = told(estimated(("h100", 0, 2), ("h100", 30, 2)), "training_days") - plain
    rollouts = told(estimated(("ascend", 0, 6), ("ascend", 30, 2)), "training_days") - plain
    # the rollout hides behind the update: what is not there yet cannot fail, and that is all
    step = told(estimated(), "post_training.step_s")
    fewer = estimated(more=("cluster.pools[ascend].count=6",))
    assert told(fewer, "post_training.step_s") == pytest.approx(step)
    assert abs(rollouts) < 0.005 * plain
    assert updates == pytest.approx(15.0, rel=0.1)


def test_a_part_that_holds_no_copy_is_not_enough() -> None:
    found = estimated(("ascend", 0, 1), ("ascend", 25, 7), more=("post_training.rollout_tensor=16",))
    assert told(found, "calendar.begins") == START.toordinal() + 25


def test_energy_is_of_the_chips_that_are_there() -> None:
    """Of a pool that is half there for 30 of its days, those count half; of the other one whole."""
    found = estimated(("ascend", 0, 4), ("ascend", 30, 4))
    assert found.figures is not None
    members = {own.setting.pool.pool.id: own for own in members_of(found.figures)}
    days = told(found, "training_days")
    assert members["h100"].number("fleet_days") == pytest.approx(days)
    assert members["ascend"].number("fleet_days") == pytest.approx(days - 15.0)


def test_a_later_tranche_never_ends_earlier_and_slips_widen_the_end() -> None:
    ends = [told(estimated(("h100", 0, 2), ("h100", late, 2)), "finish_date") for late in (0, 10, 30, 60)]
    assert ends == sorted(ends)
    assert ends[0] < ends[-1]


def test_deliveries_of_both_pools_are_told_and_in_json() -> None:
    found = estimated(("ascend", 10, 4), ("h100", 0, 2), ("ascend", 40, 4), ("h100", 40, 2))
    text = " ".join(terminal_text(estimate_document(found), width=300).split())
    assert "4 systems of pool 'ascend', promised for 21 Jan 2027" in text
    assert "begins 21 Jan 2027, once what is there of both holds the job" in text
    deliveries: list[dict[str, Any]] = estimate_to_dict(found)["calendar"]["deliveries"]
    assert sorted((one["pool"], one["systems"]) for one in deliveries) == [
        ("ascend", 4), ("ascend", 4), ("h100", 2), ("h100", 2)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tranche", "said"),
    [
        (
            ("asend", 0, 8),
            "calendar.deliveries[0].pool = 'asend': no such pool; expected one of ascend, h100",
        ),
        ((None, 0, 8), "calendar.deliveries[0].pool: expected whose systems they are, one of ascend, h100"),
        (("ascend", 0, 9), "calendar.deliveries: 9 systems of pool 'ascend'; expected the 8 that it has"),
    ],
)
def test_what_no_pool_gets_is_refused_by_its_key(tranche: tuple[str, int, int], said: str) -> None:
    with pytest.raises(PlanError) as caught:
        estimated(tranche)
    assert said in str(caught.value)
