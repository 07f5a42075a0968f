"""`planner compare`: two to six plans side by side."""

from __future__ import annotations

import argparse

from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import (
    check_given_rules,
    load_labelled_plan,
    narrate_notices,
    offered_of_each,
    open_catalog,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plans",
        metavar="PLAN",
        nargs="+",
        help="two to six plan files, or names of saved plans; one with [[offers]] is so many plans",
    )
    add_form_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the plans side by side; 1 where none of them can run."""
    from planner.differences.compare import check_number

    plans = [load_labelled_plan(text) for text in arguments.plans]
    check_number(sum(len(plan.offers) or 1 for _, plan in plans))
    check_form(arguments)
    catalog = open_catalog(arguments, dict(zip(arguments.plans, (plan for _, plan in plans), strict=True)))
    for _, plan in plans:
        check_given_rules(arguments, catalog, plan.as_of)
    from planner.differences.compare import compare_plans
    from planner.differences.diff import side_of
    from planner.quotes.promises import promised_work
    from planner.report.export import exported_comparison

    offers = offered_of_each(arguments.plans, plans, catalog, is_by_label=True)
    sides = [side_of(label, plan, catalog) for label, plan in offers]
    comparison = compare_plans(sides)
    promised = [promised_work(side.estimate, catalog) for side in sides]
    narrate_notices(catalog)
    hand_out(arguments, exported_comparison(comparison, promised))
    return 0 if any(side.estimate.is_feasible for side in comparison.sides) else 1
