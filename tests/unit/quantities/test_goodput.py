"""What failures leave of the time, through an estimate: as a plan says, and as its operator has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.domain.plan_operations import TEAM_OPERATORS
from planner.engine.operators import OPERATORS, SERVER_FAILURES_PER_DAY
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.quantities.record import Grounds

MakePlan = Callable[..., Plan]
Estimated = Callable[..., Figures]
#: Every 200 chip-hours on 16 chips a failure, one in 12.5 hours, and nothing else that is lost but work.
OPERATIONS = {
    "chip_mtbf_hours": 200,
    "restart_s": 0,
    "own_failures_per_day": 0,
    "maintenance_share": 0,
}
BETWEEN_S = 200 * 3600 / 16


@pytest.fixture
def estimate(make_plan: MakePlan, world: Catalog) -> Callable[..., Estimate]:
    """Estimate a plan of 16 chips on two servers with some operations."""
    return lambda **operations: estimate_plan(make_plan(operations=operations), world)


@pytest.fixture
def estimated(estimate: Callable[..., Estimate]) -> Estimated:
    """Return its figures."""

    def figures(**operations: Any) -> Figures:
        found = estimate(**operations).figures
        assert found is not None
        return found

    return figures


def grounds(found: Figures, identifier: str) -> Grounds:
    known = found.record(identifier).grounds
    assert known is not None
    return known


@pytest.mark.parametrize("name", OPERATORS)
def test_a_plan_that_says_nothing_more_fails_as_its_operator(name: str, estimated: Estimated) -> None:
    found, operator = estimated(operator=name), OPERATORS[name]
    expected = {
        "detection_s": operator.detection_s,
        "diagnosis_s": operator.diagnosis_s,
        "replacement_s": operator.replacement_s,
        "warm_up_s": operator.warm_up_s,
        "by_hand_share": operator.by_hand_share,
        "by_hand_s": operator.by_hand_s,
        "checkpoint_s": operator.checkpoint_s,
        "maintenance": operator.maintenance_share,
        "own_failures_per_day": operator.own_failures_per_day,
    }
    assert {key: found.number(f"goodput.{key}") for key in expected} == {
        key: figure.middle for key, figure in expected.items()
    }
    assert found.number("goodput.server_failures_per_day") == SERVER_FAILURES_PER_DAY.middle
    a_day = 2 * SERVER_FAILURES_PER_DAY.middle + operator.own_failures_per_day.middle
    assert found.number("goodput.between_s") == pytest.approx(86_400 / a_day)
    # what no published figure is behind shows so
    for key, figure in expected.items():
        identifier = "goodput.snapshot_s" if key == "checkpoint_s" else f"goodput.{key}"
        assert grounds(found, identifier).is_assumed == figure.is_assumed


@pytest.mark.parametrize(("team", "operator"), TEAM_OPERATORS.items())
def test_the_team_says_who_operates_where_nobody_else_does(
    team: str, operator: str, estimated: Estimated
) -> None:
    by_team, by_name = estimated(team=team), estimated(team=team, operator=operator)
    assert by_team.number("goodput") == by_name.number("goodput")
    other = next(name for name in OPERATORS if name != operator)
    assert estimated(team=team, operator=other).number("goodput") != by_name.number("goodput")
    assert f"'{operator}'" in grounds(by_team, "goodput.warm_up_s").where


def test_a_first_large_run_loses_more_and_is_less_certain(estimated: Estimated) -> None:
    practised, first = (estimated(operator=name).band("goodput") for name in ("practised", "first"))
    assert practised is not None
    assert first is not None
    assert first.p50 < practised.p50
    assert first.p90 - first.p10 > practised.p90 - practised.p10


def test_what_a_plan_says_is_certain_but_for_how_many_fail(estimated: Estimated) -> None:
    found = estimated(**OPERATIONS, checkpoint_bytes_per_s="28G")
    assert found.number("goodput.between_s") == BETWEEN_S
    assert np.ptp(found["goodput.working"].values) == 0.0
    assert found["goodput"].draws.std() > 0.0
    assert grounds(found, "operations.chip_mtbf_hours").where == "plan: operations.chip_mtbf_hours"
    assert grounds(found, "goodput.reload_s").where == "plan: operations.restart_s"


def test_a_rate_of_copies_stalls_for_bytes_over_rate(estimated: Estimated) -> None:
    found = estimated(**OPERATIONS, checkpoint_bytes_per_s="2G")
    # Llama 2 7B: 6,738,415,616 parameters x 14 bytes over 2e9 bytes a second
    stall = 6_738_415_616 * 14 / 2e9
    assert found.number("goodput.checkpoint_s") == pytest.approx(stall) == pytest.approx(47.168909)
    # a failure in 45,000 s: by Young every 2,060 s, by Daly 2 s less
    assert found.number("goodput.interval_s") == pytest.approx(2060.39 - 31.4, abs=0.1)
    # which costs 47.17 / 2,060 = 2.29 % of the time, and so does the work lost
    assert found.number("goodput") == pytest.approx(1 - 2 * 0.0228932, abs=1e-3)
    assert found.record("goodput.snapshot_s").equation == "parameters x 14 / bytes_per_s"


def test_a_known_storage_delays_what_is_not_hidden_and_each_load(estimated: Estimated) -> None:
    storage = {"storage_bytes_per_s": "100M", "checkpoint_s": 5}
    write = 6_738_415_616 * 14 / 1e8
    hidden, half, open_ = (estimated(**storage, hidden_share=share) for share in (1, 0.5, 0))
    assert [one.number("goodput.checkpoint_s") for one in (hidden, half, open_)] == pytest.approx(
        [5, write / 2, write]
    )
    for found in (hidden, half, open_):
        assert found.number("goodput.load_s") == pytest.approx(write)
        assert found.number("goodput.interval_s") >= write
        assert found.number("goodput.reload_s") == pytest.approx(write + found.number("goodput.warm_up_s"))
    # the class says how writes go where the plan does not
    assert estimated(**storage, operator="practised").number("goodput.checkpoint_s") == 5
    assert estimated(**storage, operator="first").number("goodput.checkpoint_s") == pytest.approx(write)


def test_a_stated_restart_holds_all_its_parts(estimated: Estimated) -> None:
    found = estimated(restart_s=600)
    assert found.number("goodput.reload_s") == 600.0
    assert found.number("goodput.wait_s") == found.number("goodput.by_hand") == 0.0


def test_failures_of_servers_are_told_in_either_way(estimated: Estimated) -> None:
    # eight chips: 24 x 8 x 1,000 / 50,000 = 3.84 in 1,000 days
    rates = [
        estimated(**told).number("goodput.server_failures_per_day")
        for told in ({"chip_mtbf_hours": 50_000}, {"failures_per_1000_server_days": 3.84})
    ]
    assert rates == pytest.approx([3.84e-3, 3.84e-3])
    spread = estimated(failures_per_1000_server_days="2..6")["goodput.server_failures_per_day"]
    assert spread.p50 == pytest.approx(4e-3)
    assert (spread.draws.min(), spread.draws.max()) == pytest.approx((2e-3, 6e-3), rel=1e-2)


def test_a_rack_fails_beside_its_servers(make_plan: MakePlan, write: Any, plain_system: str) -> None:
    catalog = write("systems/plain-8", plain_system.replace("chips_per_domain = 8", "chips_per_domain = 16"))

    def failures(**operations: Any) -> float:
        told = {"failures_per_1000_server_days": 10, "own_failures_per_day": 0, **operations}
        found = estimate_plan(make_plan(operations=told), catalog).figures
        assert found is not None
        return found.number("goodput.failures_per_day")

    assert failures(failures_per_1000_rack_days=0) == pytest.approx(2 * 0.010)
    assert failures(failures_per_1000_rack_days=7) == pytest.approx(2 * 0.010 + 0.007)
    assert failures() == pytest.approx(2 * 0.010 + SERVER_FAILURES_PER_DAY.middle)


def test_spares_stand_in_for_what_is_in_repair(estimated: Estimated) -> None:
    # two servers that fail every hundred days and are away for fifty: half of it, 0.5 in repair
    often = {"failures_per_1000_server_days": 10, "repair_days": 50, "operator": "practised"}
    enough, none, two = estimated(**often), *(estimated(**often, warm_spares=count) for count in (0, 2))
    assert enough.number("spares.in_repair") == pytest.approx(0.5)
    assert enough.number("spares.servers") == 2
    assert enough.number("spares.missing_share") == enough.number("spares.none_share") == 0
    assert none.number("spares.none_share") == 1
    assert none.number("spares.missing_share") == pytest.approx(0.25)
    assert none.number("goodput.automatic_s") - enough.number("goodput.automatic_s") == pytest.approx(
        0.5 * none.number("goodput.replacement_s")
    )
    assert none.number("goodput") < two.number("goodput") < enough.number("goodput")


def test_spares_that_are_bought_are_the_spares_that_wait(make_plan: MakePlan, world: Catalog) -> None:
    found = estimate_plan(make_plan(money={"spares_share": 0.5}), world).figures
    assert found is not None
    assert found.number("spares.servers") == 1.0
    assert found.number("ledger.spares") == pytest.approx(0.5 * found.number("ledger.servers"))


def test_a_slower_checkpoint_lengthens_the_training(estimated: Estimated) -> None:
    usual, slow = (estimated(**OPERATIONS, **told) for told in ({"checkpoint_s": 10}, {"checkpoint_s": 100}))
    assert slow.number("training_s") == usual.number("training_s")
    longer = slow["training_days"].values / usual["training_days"].values
    assert longer[0] > 1.0
    assert np.allclose(longer, usual["goodput"].values / slow["goodput"].values, rtol=1e-12)


def test_few_failures_are_a_matter_of_luck(estimated: Estimated) -> None:
    """A run of some failures of days each is shorter or longer by days; its expectation stays."""
    told = {**OPERATIONS, "checkpoint_s": 1}
    del told["restart_s"]
    luck = estimated(**told, by_hand_share=1, by_hand_s="2 days", operator="practised")
    lost = luck["training_days"].draws * luck["goodput"].draws / luck["campaign.factor"].draws
    assert np.allclose(lost, luck["training_s"].draws / 86_400, rtol=1e-9)
    found = luck["goodput"]
    # people help once a day at most: those restarts are exponential, and the rest is short
    assert found.draws.std() > 0.01
    assert float(np.mean(1.0 / found.draws)) == pytest.approx(1.0 / luck.number("goodput"), rel=0.1)


def test_what_only_restarts_is_no_plan_and_the_reason_says_so(
    estimate: Callable[..., Estimate],
) -> None:
    found = estimate(chip_mtbf_hours=1, restart_s=1e6)
    assert not found.is_feasible
    (reason,) = found.reasons
    assert "fails faster than it restarts: every 3.74 min" in reason
    assert "each restart takes 11.6 days" in reason
    # where restarts are shorter, a chip alone would train: it fails sixteen times more rarely
    (reason,) = estimate(chip_mtbf_hours=1, restart_s=4000).reasons
    assert "layouts are chosen without regard to failures: 1 of the 16 chips would work" in reason


def test_what_fails_faster_than_it_restarts_and_trains_all_the_same_is_warned_of(
    estimate: Callable[..., Estimate],
) -> None:
    slow = estimate(chip_mtbf_hours=10, restart_s=4000, operator="practised")
    assert slow.is_feasible
    assert any("fails faster than it restarts" in warning for warning in slow.warnings)
    assert not any("fails faster" in warning for warning in estimate().warnings)


@pytest.mark.parametrize(
    "both",
    [
        {"restart_s": 600, "warm_up_s": 300},
        {"chip_mtbf_hours": 1e4, "failures_per_1000_server_days": 3},
        {"checkpoint_s": 1, "checkpoint_bytes_per_s": 1e9},
    ],
)
def test_what_says_the_same_twice_is_refused(both: dict[str, Any], make_plan: MakePlan) -> None:
    with pytest.raises(Exception, match=r"expected either \w+ or \w+, not both"):
        make_plan(operations=both)
