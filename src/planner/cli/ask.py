"""`planner ask`: the figures that move a plan's answer most and are known least, as questions to send."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.estimate import add_set_argument
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import show, write
from planner.errors import InputError

if TYPE_CHECKING:
    from planner.acceptance.lines import Line
    from planner.catalog.catalog import Catalog
    from planner.domain.plan import Plan

#: The weakest figures that are asked about, beside what is not known at all.
_ASKED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument(
        "--count",
        type=int,
        default=_ASKED,
        metavar="N",
        help=f"how many of the weak figures to ask about (without it {_ASKED})",
    )
    add_set_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _lines(plan: Plan, catalog: Catalog) -> tuple[Line, ...]:
    """Return the lines of acceptance that only the vendor can fill; none of a plan that cannot run."""
    from planner.acceptance.schedule import schedule_of
    from planner.estimate.estimate import estimate_plan

    estimate = estimate_plan(plan, catalog)
    return schedule_of(estimate, catalog, plan.acceptance).asked if estimate.is_feasible else ()


def run(arguments: argparse.Namespace) -> int:
    """Print the evidence behind the plan by kind, and the questions."""
    if arguments.count < 1:
        raise InputError(f"--count {arguments.count}: expected 1 or more")
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.differences.weak_figures import doubts_about
    from planner.report.ask_document import ask_document, asked, asked_to_dict
    from planner.report.estimate_json import json_text

    doubts = doubts_about(plan, catalog)
    page = asked(plan.name, doubts, catalog, arguments.count, _lines(plan, catalog))
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(asked_to_dict(page)))
    else:
        show(ask_document(page))
    return 0
