"""Deliveries, stops, other runs, phases, pilots, tests and offers are edited item by item, as pools are."""

from __future__ import annotations

import datetime

import pytest
from tests.app.conftest import OpenApp, User, make_plan

from planner.app.edits import FieldPath, read_text
from planner.app.fields import FIELDS
from planner.app.kinds import with_kind
from planner.app.lists import LISTS, ItemList, check_offer
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.form_section import FormSection
from planner.app.widgets.item_list import AddItem, ItemSection, RemoveItem
from planner.app.widgets.line_button import LineButton
from planner.domain.keys import find_key
from planner.domain.plan import Cluster, Plan, Pool
from planner.errors import PlannerError
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder

START = datetime.date(2026, 12, 14)


def of(key: str) -> ItemList:
    return next(one for one in LISTS if one.key == key)


async def press(user: User, button: LineButton) -> None:
    button.focus()
    await user.press("enter")
    await user.worked("pools")


async def add(user: User, key: str) -> None:
    await press(user, next(one for one in user.planning.query(AddItem) if one.of.key == key))


async def open_sections(user: User, *names: str) -> None:
    for name in names:
        await user.planning.query_one(f"#section-{name}", FormSection).open()
        await user.pause()


def type_into(screen: PlanningScreen, path: FieldPath, text: str) -> str:
    """Type into a field; return what is wrong with it."""
    screen.bench.editing.use(path, text)
    row = screen.form.row_at(path)
    assert row is not None
    return row.error


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.key)
def test_items_come_and_go_one_by_one(one: ItemList) -> None:
    plan = make_plan()
    for count in (1, 2, 3):
        plan = one.with_another(plan)
        assert len(one.items(plan)) == count
    if one.key == "calendar.deliveries":
        assert sum(item.systems for item in plan.calendar.deliveries) == 1024
    for count in (2, 1, 0):
        plan = one.without(plan, 1 if count else 0)
        assert len(one.items(plan)) == count
    assert plan.workload.tokens == 13.2e12


def test_a_delivery_names_its_pool_where_there_are_several() -> None:
    pools = tuple(Pool(id=name, system="atlas-800t-a2", count=64) for name in ("one", "two"))
    plan = of("calendar.deliveries").with_another(make_plan(cluster=Cluster(pools=pools)))
    assert plan.calendar.deliveries[0].pool == "one"


def test_an_offer_that_sets_what_no_plan_holds_is_refused() -> None:
    plan = of("offers").with_another(make_plan())
    offer = plan.offers[0].model_copy(update={"set": ("cluster.nothing=1",)})
    with pytest.raises(PlannerError, match="nothing"):
        check_offer(plan.model_copy(update={"offers": (offer,)}))


async def test_lists_are_edited_in_the_form(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = user.planning
        await open_sections(user, "calendar", "money")
        await add(user, "calendar.deliveries")
        await add(user, "calendar.deliveries")
        deliveries = ("calendar", "deliveries")
        assert screen.bench.focused_path() == (*deliveries, 1, "date")
        assert type_into(screen, (*deliveries, 1, "date"), "15 Jan 2027") == ""
        assert type_into(screen, (*deliveries, 0, "systems"), "600") == ""
        assert type_into(screen, (*deliveries, 1, "systems"), "424") == ""
        assert type_into(screen, (*deliveries, 1, "slip_days"), "0..30") == ""
        assert "not a date" in type_into(screen, (*deliveries, 0, "date"), "soon")
        first, second = screen.session.plan.calendar.deliveries
        assert (first.systems, second.systems, second.date) == (600, 424, datetime.date(2027, 1, 15))
        await add(user, "calendar.stops")
        assert type_into(screen, ("calendar", "stops", 0, "days"), "2.5") == ""
        await add(user, "workload.phases")
        assert screen.session.plan.workload.phases[0].tokens == 13.2e12
        assert screen.session.plan.workload.tokens is None
        assert type_into(screen, ("workload", "phases", 0, "sequence_length"), "32k") == ""
        await add(user, "offers")
        assert type_into(screen, ("offers", 0, "set"), "cluster.pools.price_usd=90k\n") == ""
        assert type_into(screen, ("offers", 0, "set"), "cluster.nothing=1") != ""
        assert screen.session.plan.offers[0].set == ("cluster.pools.price_usd=90k",)


async def test_an_item_goes_and_comes_back_with_undo(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = user.planning
        await open_sections(user, "calendar")
        for _ in range(2):
            await add(user, "calendar.stops")
        button = next(one for one in screen.query(RemoveItem) if one.of.key == "calendar.stops")
        await press(user, button)
        assert len(screen.session.plan.calendar.stops) == 1
        assert len(screen.query(ItemSection)) == 1
        await screen.action_undo()
        await user.pause()
        assert len(screen.session.plan.calendar.stops) == len(screen.query(ItemSection)) == 2


async def test_what_is_typed_for_an_item_that_went_is_dropped(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = user.planning
        before = screen.session.plan
        screen.bench.editing.use(("calendar", "stops", 3, "days"), "5")
        assert screen.session.plan == before


async def test_the_last_delivery_stays_while_acceptance_counts_from_it(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = user.planning
        await open_sections(user, "calendar")
        await add(user, "calendar.deliveries")
        assert type_into(screen, ("calendar", "acceptance_days"), "10") == ""
        await press(user, screen.query_one(RemoveItem))
        assert len(screen.session.plan.calendar.deliveries) == 1


async def test_a_pilot_and_a_test_result_are_typed_in_the_form(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = user.planning
        await open_sections(user, "measured")
        await add(user, "pilot")
        assert screen.bench.focused_path() == ("pilot", 0, "chips")
        assert screen.session.plan.pilot[0].is_planned
        assert type_into(screen, ("pilot", 0, "chips"), "16") == ""
        assert type_into(screen, ("pilot", 0, "tokens_per_s_per_chip"), "430") == ""
        # what is measured twice is measured once: the later text stands
        assert type_into(screen, ("pilot", 0, "step_s"), "27.6 s") == ""
        assert "less than" in type_into(screen, ("pilot", 0, "layers"), "0")
        assert "no pool of the plan" in type_into(screen, ("pilot", 0, "pool"), "elsewhere")
        pilot = screen.session.plan.pilot[0]
        assert (pilot.chips, pilot.step_s, pilot.tokens_per_s_per_chip) == (16, 27.6, None)
        shown = {row.path[2] for row in screen.form.rows() if row.path[0] == "pilot" and row.display}
        assert "step_s" in shown
        assert "rollout_chips" not in shown, "only post-training has rollouts"
        await add(user, "acceptance.measured")
        measured = ("acceptance", "measured", 0)
        assert type_into(screen, (*measured, "line"), "memory") == ""
        assert type_into(screen, (*measured, "component"), "memory") == ""
        assert type_into(screen, (*measured, "measured_over_expected"), "0.93") == ""
        assert type_into(screen, (*measured, "log_error"), "0.01") == ""
        assert "0.001 or more" in type_into(screen, (*measured, "measured_over_expected"), "0")
        result = screen.session.plan.acceptance.measured[0]
        assert (result.component, result.measured_over_expected, result.log_error) == ("memory", 0.93, 0.01)


def test_a_result_that_nobody_typed_says_nothing_and_names_its_pool() -> None:
    pools = tuple(Pool(id=name, system="atlas-800t-a2", count=64) for name in ("one", "two"))
    plan = of("acceptance.measured").with_another(make_plan(cluster=Cluster(pools=pools)))
    (result,) = plan.acceptance.measured
    assert result.pool == "one"
    # of two pools it is of the one that learns, whose lines have no word before them
    apart = load_plan(shipped_plans_folder() / "grpo-qwen3-32b-910c-h100.toml")
    assert apart.post_training.rollout_pool == apart.cluster.pools[0].id
    assert of("acceptance.measured").with_another(apart).acceptance.measured[-1].pool == "h100"
    assert result.log_spread**2 / (result.log_spread**2 + result.log_error**2) < 0.002


def test_a_text_that_may_say_nothing_can_be_emptied() -> None:
    texts = [
        spec
        for key, spec in FIELDS.by_key.items()
        if spec.reading.kind == "text" and find_key(Plan, key).default == ""
    ]
    assert "pilot[].notes" in [spec.key for spec in texts]
    assert [read_text(" ", spec.reading) for spec in texts] == [""] * len(texts)
    assert not any(spec.is_required for spec in texts)


def test_another_kind_leaves_no_rollouts_in_a_pilot() -> None:
    plan = of("pilot").with_another(make_plan())
    pilot = plan.pilot[0].model_copy(update={"rollout_chips": 16})
    changed = with_kind(plan.model_copy(update={"pilot": (pilot,)}), "fine-tuning")
    assert changed.pilot[0].rollout_chips is None
