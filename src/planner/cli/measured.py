"""`planner measured`: what tests of a plan's cluster came to, and what is left of the plan."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.acceptance import add_risk_arguments, with_risks
from planner.cli.estimate import add_set_argument
from planner.cli.forms import add_form_arguments, check_form, hand_out
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import narrate
from planner.files.reading import files_of, shown_path

if TYPE_CHECKING:
    from planner.acceptance.after import After

_RESULTS_HELP = (
    "results as TOML, or what nccl-tests, rccl-tests, hccl_test, nvbandwidth, ib_write_bw or a trainer "
    "(Megatron, NeMo, MaxText, torchtitan, MLPerf, CSV) printed; or a folder of such files"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    parser.add_argument("results", metavar="RESULTS", nargs="+", help=_RESULTS_HELP)
    parser.add_argument(
        "--save", metavar="FILE", help="save the plan with what was measured, as its revision"
    )
    parser.add_argument("--run-file", metavar="FILE", help="save the reference run as a file of runs")
    add_risk_arguments(parser)
    add_set_argument(parser)
    add_form_arguments(parser)
    parser.epilog = "Example: planner measured our-plan.toml all_reduce.txt train.log --save our-plan-2.toml"


def run(arguments: argparse.Namespace) -> int:
    """Print verdicts and forecast; 1 where a line failed."""
    check_form(arguments)
    catalog = open_catalog(arguments)
    plan = with_risks(load_set_plan(arguments.plan, arguments.overrides, catalog), arguments)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    from planner.acceptance.after import after_results
    from planner.acceptance.results import judged, read_results
    from planner.acceptance.schedule import schedule_of
    from planner.estimate.estimate import estimate_plan
    from planner.report.measured_document import exported_after

    estimate = estimate_plan(plan, catalog)
    schedule = schedule_of(estimate, catalog, plan.acceptance)
    assert estimate.figures is not None  # as the schedule asked
    phase = estimate.figures.of_phase(estimate.figures.setting.phase_index).setting.phase
    results = read_results(
        [path for text in arguments.results for path in files_of(Path(text))],
        schedule,
        sequence_length=float(phase.workload.sequence_length),
        chips=float(phase.layout.chips_used),
        job=None if plan.workload.is_post_training else phase.job,
    )
    lines = judged(schedule, results.measured)
    after = after_results(plan, estimate, schedule, lines, catalog, unused=results.unused)
    narrate_notices(catalog)
    _save(after, arguments)
    hand_out(arguments, exported_after(after))
    return 1 if after.failed else 0


def _save(after: After, arguments: argparse.Namespace) -> None:
    if arguments.save is not None:
        from planner.cli.new import new_file
        from planner.plans.plan_file import save_plan

        path = new_file(arguments.save)[0]
        save_plan(path, after.revision, None)
        narrate(f"wrote {shown_path(path)}; open it with: planner {path}")
    if arguments.run_file is not None:
        from planner.acceptance.run_file import run_file_text
        from planner.cli.forms import REMEDY
        from planner.errors import InputError
        from planner.files.output import write_output

        path = Path(arguments.run_file)
        text = run_file_text(after, where=shown_path(path))
        if text is None:
            raise InputError("--run-file: no training log is among the results; expected the reference run's")
        write_output(path, text.encode("utf-8"), replaces=arguments.replace, remedy=REMEDY)
        narrate(f"wrote {shown_path(path)}")
