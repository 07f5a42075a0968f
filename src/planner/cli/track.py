"""`planner track`: a plan against its run so far, from the run's logs."""

from __future__ import annotations

import argparse
from pathlib import Path

from planner.cli.estimate import add_set_argument
from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.errors import InfeasibleError

_LOG_HELP = "the run's logs in order: Megatron, NeMo, MaxText, torchtitan, MLPerf or CSV; however long"


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
    from planner.acceptance.progress import read_progress
    from planner.acceptance.track import track
    from planner.estimate.estimate import estimate_plan
    from planner.report.track_document import exported_track

    estimate = estimate_plan(plan, catalog)
    if estimate.figures is None:
        raise InfeasibleError("the plan cannot run: there is nothing to hold its run against")
    figures = estimate.figures
    phase = figures.of_phase(figures.setting.phase_index).setting.phase
    progress = read_progress(
        [Path(text) for text in arguments.logs],
        sequence_length=float(phase.workload.sequence_length),
        chips=float(phase.layout.chips_used),
    )
    found = track(plan.name, figures, progress)
    narrate_notices(catalog)
    hand_out(arguments, exported_track(found, figures))
    return 0
