"""`planner explain`: the tree behind a number of a plan's estimate."""

from __future__ import annotations

import argparse

from planner.cli.estimate import add_set_argument
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import show, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument(
        "quantity",
        metavar="QUANTITY",
        help="an id of estimate --json, such as training_days, step.parts.bubble or cost.capex, or another "
        "name of `planner quantities`; or acceptance.LINE, a line of `planner acceptance`",
    )
    parser.add_argument("--pool", metavar="ID", help="the pool; without it, the one that finishes first")
    add_set_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the tree and the published runs nearest to the plan."""
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.acceptance.explained import LINE_PREFIX, explain_line
    from planner.acceptance.schedule import schedule_of
    from planner.catalog.runs import load_runs
    from planner.estimate.estimate import estimate_plan
    from planner.estimate.explain import explain
    from planner.planning.published import published_runs
    from planner.quantities.over_pools import asked_of_cluster
    from planner.quantities.table import quantity_named
    from planner.report.estimate_json import json_text
    from planner.report.explain_document import explanation_document, explanation_to_dict
    from planner.validation.standing import standing

    is_line = arguments.quantity.startswith(LINE_PREFIX)
    if not is_line and asked_of_cluster(arguments.quantity) is None:
        quantity_named(arguments.quantity)
    all_runs = load_runs().runs
    estimate = estimate_plan(plan, catalog)
    if is_line:
        schedule = schedule_of(estimate, catalog, plan.acceptance)
        explanation = explain_line(estimate, schedule, arguments.quantity)
    else:
        runs = published_runs(all_runs, catalog)
        explanation = explain(estimate, arguments.quantity, runs, pool_id=arguments.pool)
    behind = standing(estimate, all_runs, catalog)
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(explanation_to_dict(explanation, catalog.sources, behind)))
    else:
        show(explanation_document(explanation, catalog.sources, behind))
    return 0
