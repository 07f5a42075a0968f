"""`planner diff`: what two plans differ in, what that does to their estimates, and which change did it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.inputs import PLAN_HELP, check_given_rules, load_labelled_plan, narrate_notices, open_catalog
from planner.cli.terminal import show, write

if TYPE_CHECKING:
    from planner.differences.diff import PlanDiff


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("before", metavar="A", help=PLAN_HELP)
    parser.add_argument("after", metavar="B", help="the plan that is held against A")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for a pull request")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 where the plans differ")


def run(arguments: argparse.Namespace) -> int:
    """Print the diff; with `--exit-code` 1 where the plans say anything different."""
    names = (arguments.before, arguments.after)
    plans = [load_labelled_plan(text) for text in names]
    catalog = open_catalog(arguments, dict(zip(names, (plan for _, plan in plans), strict=True)))
    for _, plan in plans:
        check_given_rules(arguments, catalog, plan.as_of)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.differences.diff import diff_plans, side_of

    before, after = (side_of(label, plan, catalog) for label, plan in plans)
    diff = diff_plans(before, after, catalog)
    narrate_notices(catalog)
    _print(diff, arguments)
    return 1 if arguments.exit_code and diff.has_differences else 0


def _print(diff: PlanDiff, arguments: argparse.Namespace) -> None:
    if arguments.json:
        from planner.report.diff_json import diff_to_dict
        from planner.report.estimate_json import json_text

        write(json_text(diff_to_dict(diff)))
        return
    from planner.report.diff_document import diff_document

    document = diff_document(diff)
    if arguments.markdown:
        from planner.report.markdown import markdown_text

        write(markdown_text(document))
    else:
        show(document)
