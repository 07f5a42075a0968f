"""`planner sensitivity`: what moves a quantity of a plan most, and what the next million buys."""

from __future__ import annotations

import argparse
import math

from planner.cli.estimate import add_set_argument
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import show, write
from planner.errors import InputError
from planner.files.values import shown_value

#: What inputs without a spread are moved by where nobody says, in percent.
_USUAL_PERCENT = 10.0
_MOST_PERCENT = 90.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument(
        "--of",
        metavar="QUANTITY",
        default="days",
        help="what is moved, as planner quantities lists them (without it days)",
    )
    parser.add_argument(
        "--step",
        metavar="PERCENT",
        help=f"by which inputs without a spread are moved (without it {_USUAL_PERCENT:g}; 0 leaves them out)",
    )
    add_set_argument(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the tornado and the ways to be done sooner; 1 where the plan cannot run."""
    step = _step(arguments.step)
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.exploring.next_million import next_million
    from planner.exploring.question import Question, number_named
    from planner.exploring.sensitivity import tornado

    question = Question(plan, catalog, number_named(arguments.of))
    found = tornado(question, step=step)
    million = next_million(question)
    narrate_notices(catalog)
    if arguments.json:
        from planner.report.estimate_json import json_text
        from planner.report.sensitivity_json import sensitivity_to_dict

        write(json_text(sensitivity_to_dict(found, million)))
        return 0
    from planner.report.sensitivity_document import sensitivity_document

    document = sensitivity_document(found, million)
    if arguments.markdown:
        from planner.report.markdown import markdown_text

        write(markdown_text(document))
    else:
        show(document)
    return 0


def _step(text: str | None) -> float:
    if text is None:
        return _USUAL_PERCENT / 100
    try:
        percent = float(text.strip().removesuffix("%"))
    except ValueError:
        percent = math.nan
    if not 0.0 <= percent <= _MOST_PERCENT:
        raise InputError(f"--step {shown_value(text)}: expected 0 to {_MOST_PERCENT:g} percent, such as 10")
    return percent / 100
