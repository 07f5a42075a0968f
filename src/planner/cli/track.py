"""`planner track`: a plan against its run so far, from the run's logs."""

from __future__ import annotations

import argparse
from pathlib import Path

from planner.cli.estimate import add_set_argument
from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.errors import InfeasibleError
from planner.files.reading import files_of

_LOG_HELP = "the run's logs in order, or a folder of them: Megatron, NeMo, MaxText, torchtitan, MLPerf or CSV"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument("logs", metavar="LOG", nargs="+", help=_LOG_HELP)
    add_set_argument(parser)
    add_form_arguments(parser)
    parser.epilog = "Example: planner track our-plan.toml week1.log week2.log"


def run(arguments: argparse.Namespace) -> int:
    """Print where the run stands, and when it ends."""
    check_form(arguments)
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.acceptance.track import track_logs
    from planner.estimate.estimate import estimate_plan
    from planner.report.track_document import exported_track

    estimate = estimate_plan(plan, catalog)
    if estimate.figures is None:
        raise InfeasibleError("the plan cannot run: there is nothing to hold its run against")
    figures = estimate.figures
    logs = [path for text in arguments.logs for path in files_of(Path(text))]
    found = track_logs(plan.name, figures, logs)
    narrate_notices(catalog)
    hand_out(arguments, exported_track(found, figures))
    return 0
