"""`planner sweep`: a plan at each point of a grid of values of its keys."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.estimate import add_set_argument
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import narrate, show, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.exploring.axes import Axis
    from planner.exploring.sweeps import Point

#: Fewer are estimated before anybody wonders.
_TOLD_POINTS = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument(
        "--vary",
        metavar="KEY=V1,V2,...",
        action="append",
        required=True,
        help="a key of the plan with the values that it takes: a list, or a range a..b/n of n values "
        "(a..b/n* goes by factors); may be repeated, for all combinations",
    )
    add_set_argument(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--csv", action="store_true", help="print each point as a row, for a spreadsheet")
    form.add_argument("--markdown", action="store_true", help="print Markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the points; 1 where the plan can run at none of them."""
    from planner.exploring.axes import axes_of

    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    axes = axes_of(plan, arguments.vary)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.exploring.sweeps import points_of, refuse_impossible, swept

    refuse_impossible(plan, axes, catalog)
    if (count := points_of(axes)) > _TOLD_POINTS:
        narrate(f"note: {count:,} points are estimated, some fifty a second")
    points = list(swept(plan, axes, catalog))
    narrate_notices(catalog)
    _print(plan.name, axes, points, arguments)
    return 0 if any(point.is_feasible for point in points) else 1


def _print(name: str, axes: Sequence[Axis], points: Sequence[Point], arguments: argparse.Namespace) -> None:
    if arguments.json:
        from planner.report.estimate_json import json_text
        from planner.report.sweep_json import sweep_to_dict

        write(json_text(sweep_to_dict(name, axes, points)))
        return
    if arguments.csv:
        from planner.report.sweep_json import sweep_csv

        write(sweep_csv(axes, points))
        return
    from planner.report.sweep_document import sweep_document

    document = sweep_document(name, axes, points)
    if arguments.markdown:
        from planner.report.markdown import markdown_text

        write(markdown_text(document))
    else:
        show(document)
