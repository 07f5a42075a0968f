"""Plan files of earlier versions: whatever comes, they load, and mean what they meant."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from planner.domain.plan import PLAN_SCHEMA_VERSION, Plan
from planner.errors import PlanError
from planner.files.canonical import canonical_hash
from planner.files.toml import parse_toml
from planner.plans import plan_file
from planner.plans.plan_file import dump_plan, load_plan, plan_from_data, plan_text
from planner.units import Span

FOLDER = Path(__file__).parent / "plans"
FILES = sorted(FOLDER.glob("v*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_old_plan_loads_and_survives_a_rewrite(path: Path) -> None:
    plan = load_plan(path)
    assert plan.schema_version == PLAN_SCHEMA_VERSION
    again = plan_from_data(parse_toml(plan_text(plan), where="again"), where="again")
    assert again == plan
    assert canonical_hash(again) == canonical_hash(plan)


def test_there_are_plans_of_every_version() -> None:
    assert {path.stem.partition("-")[0] for path in FILES} == {
        f"v{number}" for number in range(1, PLAN_SCHEMA_VERSION + 1)
    }


def test_an_old_plan_means_what_it_meant() -> None:
    plan = load_plan(FOLDER / "v1-everything.toml")
    assert plan.workload.phases[0].tokens == Span(14e12, 15e12)
    assert plan.workload.phases[1].tokens == 120e9
    assert plan.cluster.pools[0].price_usd == Span(120e3, 150e3)
    assert plan.cluster.pools[1].rental_usd_per_chip_hour == 2.0
    assert (plan.site.power_cap_mw, plan.site.renewable_share) == (8.0, 0.4)
    assert (plan.operations.checkpoint_bytes_per_s, plan.operations.restart_s) == (1e9, 1200.0)
    assert plan.calendar.start == datetime.date(2026, 12, 14)
    assert plan.targets.money_usd == 60e6
    pinned = load_plan(FOLDER / "v1-pinned.toml")
    assert pinned.pins["chips/ascend-910b"].values["tdp_w"] == "400W"
    assert pinned.pins["chips/ascend-910b"].values["trade.is_datacenter"] is True
    assert pinned.pins["fabrics/roce-200g"].values == {}


class LaterPlan(Plan):
    """A plan as a later version might have it."""

    schema_version: Literal[1, 2, 3] = 3  # type: ignore[assignment]  # wider than the present one
    remark: str = ""


def _to_second(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "notes"} | {"remark": data["notes"]}


def _to_third(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"remark": data["remark"].upper()}


@pytest.fixture
def _later_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_file, "PLAN_SCHEMA_VERSION", 3)
    monkeypatch.setattr(plan_file, "Plan", LaterPlan)
    monkeypatch.setattr(plan_file, "MIGRATIONS", {1: _to_second, 2: _to_third})


@pytest.mark.usefixtures("_later_version")
def test_migrations_run_in_order_from_the_version_of_the_file() -> None:
    old = dump_plan(load_plan_of_now()) | {"notes": "as it was"}
    before = dict(old)
    plan = plan_from_data(old, where="old.toml")
    assert isinstance(plan, LaterPlan)
    assert (plan.schema_version, plan.remark, plan.notes) == (3, "AS IT WAS", "")
    # a migration is pure: what was read stays as it was read
    assert old == before
    second = {key: value for key, value in old.items() if key != "notes"}
    plan = plan_from_data(second | {"schema_version": 2, "remark": "newer"}, where="newer.toml")
    assert isinstance(plan, LaterPlan)
    assert plan.remark == "NEWER"


@pytest.mark.usefixtures("_later_version")
def test_versions_outside_the_migrations_are_refused() -> None:
    with pytest.raises(PlanError, match="schema_version = 4: written by a newer planner; expected 1 to 3"):
        plan_from_data({"schema_version": 4}, where="p.toml")
    with pytest.raises(PlanError, match="schema_version = 0: expected 1 to 3"):
        plan_from_data({"schema_version": 0}, where="p.toml")


def load_plan_of_now() -> Plan:
    return Plan.model_validate(
        {
            "name": "x",
            "model": {"profile": "m"},
            "workload": {"tokens": "1T"},
            "cluster": {"pools": [{"id": "train", "system": "s", "count": 4}]},
        }
    )
