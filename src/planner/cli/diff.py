"""`planner diff`: what two plans differ in, what that does to their estimates, and which change did it."""

from __future__ import annotations

import argparse

from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import PLAN_HELP, check_given_rules, load_labelled_plan, narrate_notices, open_catalog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("before", metavar="A", help=PLAN_HELP)
    parser.add_argument("after", metavar="B", help="the plan that is held against A")
    add_form_arguments(parser)
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 where the plans differ")


def run(arguments: argparse.Namespace) -> int:
    """Print the diff; with `--exit-code` 1 where the plans say anything different."""
    check_form(arguments)
    names = (arguments.before, arguments.after)
    plans = [load_labelled_plan(text) for text in names]
    catalog = open_catalog(arguments, dict(zip(names, (plan for _, plan in plans), strict=True)))
    for _, plan in plans:
        check_given_rules(arguments, catalog, plan.as_of)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.differences.diff import diff_plans, side_of
    from planner.report.export import exported_diff

    before, after = (side_of(label, plan, catalog) for label, plan in plans)
    diff = diff_plans(before, after, catalog)
    narrate_notices(catalog)
    hand_out(arguments, exported_diff(diff))
    return 1 if arguments.exit_code and diff.has_differences else 0
