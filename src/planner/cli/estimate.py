"""`planner estimate`: what a plan comes to, as text or JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.inputs import PLAN_HELP, check_given_rules, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import narrate, show, write

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.domain.plan import Plan
    from planner.estimate.result import Estimate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    add_set_argument(parser)
    add_pinned_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_set_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--set`."""
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="overrides",
        help="change a key of the plan for this estimate, such as workload.tokens=2T; may be repeated",
    )


def add_pinned_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--pinned`."""
    parser.add_argument(
        "--pinned", action="store_true", help="with the values that the plan pins, not those of now"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the estimate; 1 where the plan is infeasible."""
    return print_estimate(
        arguments, arguments.plan, arguments.overrides, is_json=arguments.json, is_pinned=arguments.pinned
    )


def print_estimate(
    arguments: argparse.Namespace,
    plan_name: str,
    overrides: list[str],
    *,
    is_json: bool,
    is_pinned: bool = False,
) -> int:
    """Estimate a plan and print the result; 1 where the plan is infeasible."""
    catalog = open_catalog(arguments)
    plan = load_set_plan(plan_name, overrides, catalog)
    check_given_rules(arguments, catalog, plan.as_of)
    catalog = as_pinned(plan, catalog, plan_name, is_wanted=is_pinned)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.estimate.estimate import estimate_plan

    estimate = looked_further(estimate_plan(plan, catalog), plan, catalog)
    narrate_notices(catalog)
    if is_json:
        from planner.report.estimate_json import estimate_to_dict, json_text

        write(json_text(estimate_to_dict(estimate)))
    else:
        from planner.report.estimate_document import estimate_document

        show(estimate_document(estimate))
    return 0 if estimate.is_feasible else 1


def looked_further(estimate: Estimate, plan: Plan, catalog: Catalog) -> Estimate:
    """Return the estimate with the ways out of what does not fit, or a cliff beside it."""
    from planner.estimate.idle_chips import may_look_further

    if not may_look_further(estimate):
        return estimate
    # most plans need none of it
    from planner.exploring.way_out import with_ways_out

    return with_ways_out(estimate, plan, catalog)


def as_pinned(plan: Plan, catalog: Catalog, name: str, *, is_wanted: bool) -> Catalog:
    """Return the catalog to estimate with: as pinned where wanted, else as it is, saying what drifted."""
    if not plan.pins:
        if is_wanted:
            narrate("note: the plan pins no profile; these figures use the values of now")
        return catalog
    from planner.planning.drift import WHOLE_CONTENT, drift
    from planner.planning.pins import pinned_catalog
    from planner.report.drift_document import drift_line, drift_summary

    items = drift(plan, catalog)
    if is_wanted:
        for item in items:
            if item.field == WHOLE_CONTENT:
                narrate(f"note: {item.profile} {drift_line(item)}; these figures use its values of now")
        return pinned_catalog(plan, catalog)
    if items:
        narrate(
            f"note: {drift_summary(items)}; these figures use the values of now; "
            f"see planner check {name}, or estimate with --pinned"
        )
    return catalog
