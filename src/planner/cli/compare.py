"""`planner compare`: two to six plans side by side."""

from __future__ import annotations

import argparse

from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import check_given_rules, load_labelled_plan, narrate_notices, open_catalog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plans", metavar="PLAN", nargs="+", help="two to six plan files, or names of saved plans"
    )
    add_form_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the plans side by side; 1 where none of them can run."""
    from planner.differences.compare import check_number

    check_number(len(arguments.plans))
    check_form(arguments)
    plans = [load_labelled_plan(text) for text in arguments.plans]
    catalog = open_catalog(arguments, dict(zip(arguments.plans, (plan for _, plan in plans), strict=True)))
    for _, plan in plans:
        check_given_rules(arguments, catalog, plan.as_of)
    from planner.differences.compare import compare_plans
    from planner.differences.diff import side_of
    from planner.report.export import exported_comparison

    comparison = compare_plans([side_of(label, plan, catalog) for label, plan in plans])
    narrate_notices(catalog)
    hand_out(arguments, exported_comparison(comparison))
    return 0 if any(side.estimate.is_feasible for side in comparison.sides) else 1
