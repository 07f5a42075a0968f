"""`planner acceptance`: what a plan's cluster is accepted by, line by line, and what it costs to miss."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.estimate import add_set_argument
from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.errors import InputError

if TYPE_CHECKING:
    from planner.domain.plan import Plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    add_risk_arguments(parser)
    add_set_argument(parser)
    add_form_arguments(parser)
    parser.epilog = "Example: planner acceptance our-plan.toml --to acceptance.html"


def add_risk_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare both sides' risks."""
    for side, meaning in (
        ("seller", "chance that something sound fails its test"),
        ("buyer", "chance that something a tenth too slow passes"),
    ):
        parser.add_argument(
            f"--risk-{side}",
            type=float,
            metavar="RISK",
            help=f"{meaning} (else the plan's, else its default)",
        )


def with_risks(plan: Plan, arguments: argparse.Namespace) -> Plan:
    """Return a plan with the risks that were given."""
    update = {}
    for key in ("risk_seller", "risk_buyer"):
        value = getattr(arguments, key)
        if value is not None:
            if not 1e-4 <= value <= 0.5:
                raise InputError(f"--{key.replace('_', '-')} {value:g}: expected 0.0001 to 0.5, such as 0.05")
            update[key] = value
    return (
        plan.model_copy(update={"acceptance": plan.acceptance.model_copy(update=update)}) if update else plan
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the schedule; 1 where the plan cannot run."""
    check_form(arguments)
    catalog = open_catalog(arguments)
    plan = with_risks(load_set_plan(arguments.plan, arguments.overrides, catalog), arguments)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.acceptance.schedule import schedule_of
    from planner.estimate.estimate import estimate_plan
    from planner.report.acceptance_document import exported_schedule

    estimate = estimate_plan(plan, catalog)
    schedule = schedule_of(estimate, catalog, plan.acceptance)
    narrate_notices(catalog)
    hand_out(arguments, exported_schedule(schedule))
    return 0
