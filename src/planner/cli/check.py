"""`planner check`: whether a plan is valid, and what it still lacks."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.cli.inputs import PLAN_HELP, find_plan, load_named_plan, narrate_notices, open_catalog
from planner.cli.terminal import is_coloured, width, write
from planner.files.toml import shown_path

if TYPE_CHECKING:
    from planner.domain.plan import Plan
    from planner.planning.result import Estimate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Print what the plan lacks; 1 where it is valid but cannot run."""
    plan = load_named_plan(arguments.plan)
    catalog = open_catalog(arguments)
    from planner.planning.estimate import estimate_plan
    from planner.report.check_text import check_to_text

    estimate = estimate_plan(plan, catalog)
    narrate_notices(catalog)
    text = check_to_text(
        shown_path(find_plan(arguments.plan)),
        estimate,
        [*lacking(plan), *lacking_figures(estimate)],
        width=width(),
        is_coloured=is_coloured(),
    )
    write(text)
    return 0 if estimate.is_feasible else 1


def lacking(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield each key that the plan leaves out and what that leaves open."""
    if plan.calendar.start is None:
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
    targets = plan.targets
    if targets.finish_by is None and targets.power_mw is None and targets.money_usd is None:
        yield "targets", "no target: nothing to be met or missed"


def lacking_figures(estimate: Estimate) -> Iterator[tuple[str, str]]:
    """Yield what no profile could say, and the fields that compliance rules wait for."""
    if estimate.performance is not None:
        for missing in estimate.performance.cost.unknown:
            yield "a price", f"{missing}: in no sum"
        for missing in estimate.performance.power.unknown:
            yield "power", missing
    for need in estimate.compliance.needs_input:
        rules = len(need.rules)
        waiting = "1 rule waits" if rules == 1 else f"{rules} rules wait"
        yield need.plan_key or need.field, f"unknown; {waiting} for it"
