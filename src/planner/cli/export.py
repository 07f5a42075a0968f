"""`planner export`: a plan's report as a file that the rest of a company reads."""

from __future__ import annotations

import argparse
from pathlib import Path

from planner.cli.estimate import add_pinned_argument, add_set_argument, as_pinned
from planner.cli.forms import add_replace_argument, check_form, write_file
from planner.cli.inputs import PLAN_HELP, check_given_rules, load_set_plan, narrate_notices, open_catalog

_TO_HELP = (
    "the file, by the end of its name: .html is a page that stands alone and prints, .xlsx a spreadsheet "
    "whose ledger follows its prices, .md Markdown for a pull request, .csv one value a row, .json as "
    "estimate --json"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument("--to", metavar="FILE", required=True, help=_TO_HELP)
    add_replace_argument(parser)
    add_set_argument(parser)
    add_pinned_argument(parser)
    parser.epilog = "Example: planner export our-plan.toml --to our-plan.html"


def run(arguments: argparse.Namespace) -> int:
    """Write the file and print its path; 1 where the plan is infeasible, which the file says."""
    check_form(arguments)
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    check_given_rules(arguments, catalog, plan.as_of)
    catalog = as_pinned(plan, catalog, arguments.plan, is_wanted=arguments.pinned)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.estimate.estimate import estimate_plan
    from planner.ledger.ledger import ledger_of
    from planner.report.export import exported_plan
    from planner.report.plan_report import Reported

    estimate = estimate_plan(plan, catalog)
    narrate_notices(catalog)
    reported = Reported(plan, estimate, ledger_of(estimate), catalog.sources)
    write_file(Path(arguments.to), exported_plan(reported), replaces=arguments.replace)
    return 0 if estimate.is_feasible else 1
