"""`planner ledger`: what a plan costs, line by line, with cash by year and what has no price."""

from __future__ import annotations

import argparse
import datetime

from planner.cli.estimate import add_set_argument
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import show, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    add_set_argument(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON; money as text with cents")
    form.add_argument(
        "--csv", action="store_true", help="print charges by year, with the column names of FOCUS"
    )
    form.add_argument("--markdown", action="store_true", help="print Markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the ledger; 1 where the plan cannot run, and only what needs no training has an amount."""
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.estimate.estimate import estimate_plan
    from planner.ledger.ledger import ledger_of

    estimate = estimate_plan(plan, catalog)
    ledger = ledger_of(estimate)
    narrate_notices(catalog)
    if arguments.json:
        from planner.report.estimate_json import json_text
        from planner.report.ledger_json import ledger_to_dict

        write(json_text(ledger_to_dict(ledger)))
    elif arguments.csv:
        from planner.report.ledger_json import ledger_csv

        write(ledger_csv(ledger, plan.calendar.start or plan.as_of or datetime.date.today()))
    elif arguments.markdown:
        from planner.report.ledger_document import ledger_document
        from planner.report.markdown import markdown_text

        write(markdown_text(ledger_document(estimate, ledger)))
    else:
        from planner.report.ledger_document import ledger_document

        show(ledger_document(estimate, ledger))
    return 0 if estimate.is_feasible else 1
