"""`planner compare`: two to six plans side by side."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.inputs import check_given_rules, load_labelled_plan, narrate_notices, open_catalog
from planner.cli.terminal import show, write

if TYPE_CHECKING:
    from planner.differences.compare import Comparison


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plans", metavar="PLAN", nargs="+", help="two to six plan files, or names of saved plans"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for a pull request")


def run(arguments: argparse.Namespace) -> int:
    """Print the plans side by side; 1 where none of them can run."""
    from planner.differences.compare import check_number

    check_number(len(arguments.plans))
    plans = [load_labelled_plan(text) for text in arguments.plans]
    catalog = open_catalog(arguments, dict(zip(arguments.plans, (plan for _, plan in plans), strict=True)))
    for _, plan in plans:
        check_given_rules(arguments, catalog, plan.as_of)
    from planner.differences.compare import compare_plans
    from planner.differences.diff import side_of

    comparison = compare_plans([side_of(label, plan, catalog) for label, plan in plans])
    narrate_notices(catalog)
    _print(comparison, arguments)
    return 0 if any(side.estimate.is_feasible for side in comparison.sides) else 1


def _print(comparison: Comparison, arguments: argparse.Namespace) -> None:
    if arguments.json:
        from planner.report.compare_json import comparison_to_dict
        from planner.report.estimate_json import json_text

        write(json_text(comparison_to_dict(comparison)))
        return
    from planner.report.compare_document import comparison_document

    document = comparison_document(comparison)
    if arguments.markdown:
        from planner.report.markdown import markdown_text

        write(markdown_text(document))
    else:
        show(document)
