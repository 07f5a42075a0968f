"""`planner sweep`: a plan at each point of a grid of values of its keys."""

from __future__ import annotations

import argparse

from planner.cli.estimate import add_set_argument
from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import narrate

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
    add_form_arguments(parser, has_csv=True)


def run(arguments: argparse.Namespace) -> int:
    """Print the points; 1 where the plan can run at none of them."""
    check_form(arguments)
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
    from planner.report.export import exported_sweep

    hand_out(arguments, exported_sweep(plan.name, axes, points))
    return 0 if any(point.is_feasible for point in points) else 1
