"""`planner estimate`: what a plan comes to, as text or JSON."""

from __future__ import annotations

import argparse

from planner.cli.inputs import PLAN_HELP, load_named_plan, narrate_notices, open_catalog
from planner.cli.terminal import is_ascii, is_coloured, width, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    add_set_argument(parser)
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


def run(arguments: argparse.Namespace) -> int:
    """Print the estimate; 1 where the plan is infeasible."""
    return print_estimate(arguments, arguments.plan, arguments.overrides, is_json=arguments.json)


def print_estimate(
    arguments: argparse.Namespace, plan_name: str, overrides: list[str], *, is_json: bool
) -> int:
    """Estimate a plan and print the result; 1 where the plan is infeasible."""
    plan = load_named_plan(plan_name, overrides)
    catalog = open_catalog(arguments)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.planning.estimate import estimate_plan

    estimate = estimate_plan(plan, catalog)
    narrate_notices(catalog)
    if is_json:
        from planner.report.estimate_json import estimate_to_dict, json_text

        write(json_text(estimate_to_dict(estimate)))
    else:
        from planner.report.estimate_text import estimate_to_text

        write(estimate_to_text(estimate, width=width(), is_coloured=is_coloured(), is_ascii=is_ascii()))
    return 0 if estimate.is_feasible else 1
