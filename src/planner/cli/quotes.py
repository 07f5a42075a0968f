"""`planner quotes`: two to six offers over the same months and work."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from planner.cli.inputs import load_labelled_plan, narrate_notices, offered_of_each, open_catalog
from planner.cli.terminal import show, write
from planner.errors import InputError, PlanError, ProfileError
from planner.files.values import shown_value

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.domain.plan import Plan
    from planner.quotes.quotes import Quotes

#: Over a longer time nobody offers anything.
_MOST_MONTHS = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plans",
        metavar="PLAN",
        nargs="+",
        help="two to six plan files or names of saved plans, each an offer; or one with [[offers]]",
    )
    parser.add_argument(
        "--months",
        metavar="N",
        help="over which they are held side by side; else the longest term that one commits to, "
        "or the longest time of use",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON; money as text with cents")
    form.add_argument("--csv", action="store_true", help="print each amount as a row, for a spreadsheet")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for a pull request")


def run(arguments: argparse.Namespace) -> int:
    """Print the offers side by side; 1 where none of them can run."""
    months = _months(arguments.months)
    plans = [load_labelled_plan(text) for text in arguments.plans]
    from planner.plans.offers import check_number

    check_number(sum(len(plan.offers) or 1 for _, plan in plans))
    catalog = open_catalog(arguments, dict(zip(arguments.plans, (plan for _, plan in plans), strict=True)))
    offers = list(offered_of_each(arguments.plans, plans, catalog))
    quotes = _held(offers, months, catalog)
    narrate_notices(catalog)
    _print(quotes, arguments)
    return 0 if any(quote.offer.estimate.is_feasible for quote in quotes.quotes) else 1


def _months(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        months = float(text)
    except ValueError:
        months = math.nan
    if not 0.1 <= months <= _MOST_MONTHS:
        raise InputError(f"--months {shown_value(text)}: expected 0.1 to {_MOST_MONTHS:g} months, such as 36")
    return months


def _held(offers: list[tuple[str, Plan]], months: float | None, catalog: Catalog) -> Quotes:
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.estimate.estimate import estimate_plan
    from planner.quotes.months import months_of
    from planner.quotes.promises import promised_work
    from planner.quotes.quotes import Asked, hold_side_by_side

    asked = []
    for label, plan in offers:
        try:
            estimate = estimate_plan(plan, catalog)
            asked.append(Asked(label, plan, estimate, promised_work(estimate, catalog)))
        except (PlanError, ProfileError) as error:
            raise type(error)(f"{label}: {error}") from None
    return hold_side_by_side(asked, months_of([plan for _, plan in offers], months))


def _print(quotes: Quotes, arguments: argparse.Namespace) -> None:
    if arguments.json:
        from planner.report.estimate_json import json_text
        from planner.report.quotes_json import quotes_to_dict

        write(json_text(quotes_to_dict(quotes)))
        return
    if arguments.csv:
        from planner.report.quotes_json import quotes_csv

        write(quotes_csv(quotes))
        return
    from planner.report.quotes_document import quotes_document

    document = quotes_document(quotes)
    if arguments.markdown:
        from planner.report.markdown import markdown_text

        write(markdown_text(document))
    else:
        show(document)
