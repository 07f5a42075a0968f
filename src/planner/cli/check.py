"""`planner check`: whether a plan is valid, what it still lacks, and how its profiles drifted."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from planner.cli.estimate import looked_further
from planner.cli.inputs import (
    PLAN_HELP,
    check_given_rules,
    find_plan,
    load_named_plan,
    name_problems,
    narrate_notices,
    open_catalog,
)
from planner.cli.terminal import narrate, show, write
from planner.errors import PlanError
from planner.files.reading import shown_path

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.domain.plan import Plan
    from planner.estimate.result import Estimate
    from planner.report.document import Document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument(
        "--pin",
        action="store_true",
        help="write what the plan uses of each profile into the plan, so that later changes are noticed; "
        "where they changed already, this takes the new values",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what the plan lacks and what drifted; 1 where it is valid but cannot run."""
    if arguments.pin:
        return _pin(arguments)
    plan = _plan_without_problems(arguments)
    if plan is None:
        return 2
    catalog = open_catalog(arguments)
    check_given_rules(arguments, catalog, plan.as_of)
    from planner.estimate.estimate import estimate_plan
    from planner.report.check_document import check_document

    estimate = looked_further(estimate_plan(plan, catalog), plan, catalog)
    narrate_notices(catalog)
    found = drift_found(arguments.plan, plan, catalog, estimate)
    path = shown_path(find_plan(arguments.plan))
    show(check_document(path, estimate, [*lacking(plan), *lacking_figures(estimate)]))
    if found is not None:
        write("\n")
        show(found)
    return 0 if estimate.is_feasible else 1


def _plan_without_problems(arguments: argparse.Namespace) -> Plan | None:
    """Return the plan, or None where its file has problems: a line for each is told then."""
    from planner.files.validation import InvalidPlanError, problems_of

    problems: list[str] = []
    plan: Plan | None = None
    try:
        plan = load_named_plan(arguments.plan)
    except InvalidPlanError as error:
        problems += problems_of(error)
    problems += name_problems(arguments.plan, plan or _tables(arguments.plan), open_catalog(arguments))
    if plan is not None and not problems:
        problems += _offer_problems(arguments.plan, plan, open_catalog(arguments))
    for problem in problems:
        narrate(problem)
    return None if problems else plan


def _offer_problems(name: str, plan: Plan, catalog: Catalog) -> list[str]:
    """Return a line for each key that an offer of the plan sets amiss, and each profile that nobody has."""
    if not plan.offers:
        return []
    from planner.files.validation import problems_of
    from planner.plans.offers import offered_plans

    try:
        offers = offered_plans(plan, shown_path(find_plan(name)))
    except PlanError as error:
        return list(problems_of(error))
    return [
        problem
        for place, (_, offered) in enumerate(offers)
        for problem in name_problems(name, offered, catalog, is_as_read=False, within=f"offers[{place}]: ")
    ]


def _tables(name: str) -> dict[str, Any]:
    from planner.files.toml import read_toml

    return read_toml(find_plan(name))


def drift_found(name: str, plan: Plan, catalog: Catalog, present: Estimate) -> Document | None:
    """Return what changed since the plan was pinned and its effect; None where nothing did."""
    from planner.differences.drift_effects import drift_effects
    from planner.estimate.estimate import estimate_plan
    from planner.planning.drift import drift
    from planner.planning.pins import pinned_catalog
    from planner.report.drift_document import drift_document

    items = drift(plan, catalog)
    if not items:
        return None
    pinned = estimate_plan(plan, pinned_catalog(plan, catalog))
    effects = drift_effects(pinned, present)
    return drift_document(items, effects, name)


def _pin(arguments: argparse.Namespace) -> int:
    """Write the plan with the present values of its profiles; whatever else it holds stays."""
    from planner.estimate.estimate import estimate_plan
    from planner.planning.drift import drift
    from planner.planning.pins import pinned
    from planner.plans.plan_file import open_plan, save_plan
    from planner.report.drift_document import drift_line

    path = find_plan(arguments.plan)
    opened = open_plan(path)
    if opened.has_comments:
        raise PlanError(
            f"{shown_path(path)}: holds comments, which writing it would lose; "
            "expected them in notes = '...', or removed"
        )
    catalog = open_catalog(arguments, {arguments.plan: opened.plan})
    estimate = estimate_plan(opened.plan, catalog)
    narrate_notices(catalog)
    plan = pinned(opened.plan, estimate.profiles, catalog)
    if plan == opened.plan:
        narrate(f"{shown_path(path)}: its pins are up to date; nothing was written")
        return 0
    for item in drift(opened.plan, catalog):
        narrate(f"{item.profile}: {drift_line(item)}")
    save_plan(path, plan, opened.state, tell=lambda line: narrate(f"note: {line}"))
    narrate(f"{shown_path(path)}: pinned {len(plan.pins)} profiles")
    return 0


def lacking(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield each key that the plan leaves out and what that leaves open."""
    if plan.calendar.start is None and not plan.calendar.deliveries:
        yield "calendar.start", "no start: the estimate has days, but no finish date"
    if plan.as_of is None:
        yield "as_of", "no date: rules and prices are those of the day it is read, so results drift"
    if plan.site.profile is None:
        yield "site.profile", "no site: PUE, electricity price, carbon and water may be unknown"
    for pool in plan.cluster.pools:
        if pool.stack is None:
            yield f"cluster.pools[{pool.id}].stack", "no stack: the platform's default, with a wider band"
        if pool.fabric is None:
            yield f"cluster.pools[{pool.id}].fabric", "no fabric: the system's default, if it has one"
    if len(plan.cluster.pools) > 1 and plan.cluster.link_bytes_per_s is None:
        yield "cluster.link_bytes_per_s", "no link between the pools: assumed by the smaller one's ports"
    targets = plan.targets
    asked = (targets.finish_by, targets.steps_per_day, targets.power_mw, targets.money_usd)
    if all(target is None for target in asked):
        yield "targets", "no target: nothing to be met or missed"


def lacking_figures(estimate: Estimate) -> Iterator[tuple[str, str]]:
    """Yield what no profile could say, and the fields that compliance rules wait for."""
    if estimate.figures is not None:
        for missing in estimate.figures.left_out("cost.total"):
            yield "a price", f"{missing}: in no sum"
        for missing in estimate.figures.gaps("power.facility_w"):
            yield "power", missing
    for need in estimate.compliance.needs_input:
        rules = len(need.rules)
        waiting = "1 rule waits" if rules == 1 else f"{rules} rules wait"
        yield need.plan_key or need.field, f"unknown; {waiting} for it"
