"""`planner evidence`: published runs against predictions, of a chip, stack or source; or one in full."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.inputs import narrate_notices, open_catalog
from planner.cli.terminal import narrate, show, write
from planner.domain.team import TEAMS
from planner.errors import InputError
from planner.files.values import shown_value, suggestion

if TYPE_CHECKING:
    from planner.domain.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("id", metavar="RUN", nargs="?", help="one run: its configuration, source, prediction")
    parser.add_argument("--chip", metavar="CHIP", help="runs on one chip")
    parser.add_argument("--stack", metavar="STACK", help="runs on one software stack")
    parser.add_argument("--team", choices=TEAMS, help="runs of a vendor, a reference team, or single teams")
    parser.add_argument("--source", metavar="SOURCE", help="runs of one source")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print runs with their predictions; 1 where none of those asked for could be predicted."""
    from planner.catalog.runs import load_runs
    from planner.report.estimate_json import json_text
    from planner.report.run_rows import run_cells, runs_document
    from planner.report.validation_json import scored_to_dict
    from planner.validation.predictions import predicted_each
    from planner.validation.run_scores import ScoredRun

    runs = load_runs().runs
    if arguments.id is not None:
        return _show_one(arguments, runs)
    catalog = open_catalog(arguments)
    asked = [one for one in runs if _is_asked(one, arguments)]
    if not asked:
        raise InputError(_nothing(arguments, runs))
    found = [one for one in predicted_each(asked, catalog) if isinstance(one, ScoredRun)]
    if arguments.stack is not None:
        found = [one for one in found if one.case.stack.id == arguments.stack]
    found.sort(key=lambda one: -abs(one.error or 0.0))
    narrate_notices(catalog)
    if arguments.json:
        write(json_text({"runs": [scored_to_dict(one, None) for one in found]}))
    else:
        show(runs_document([run_cells(one) for one in found], len(asked)))
    return 0 if found else 1


def _is_asked(run: Run, arguments: argparse.Namespace) -> bool:
    asked = (
        (arguments.chip, run.hardware.chip),
        (arguments.team, run.team),
        (arguments.source, run.source_key),
    )
    return all(wanted in (None, held) for wanted, held in asked)


def _nothing(arguments: argparse.Namespace, runs: tuple[Run, ...]) -> str:
    """Return why there is no run, with the nearest name."""
    for option, wanted, known in (
        ("chip", arguments.chip, {run.hardware.chip for run in runs}),
        ("source", arguments.source, {run.source_key for run in runs}),
    ):
        if wanted is not None and wanted not in known:
            return f"--{option} {shown_value(wanted)}: no published run has it{suggestion(wanted, known)}"
    return "no published run has all of that; expected fewer of --chip, --team and --source"


def _show_one(arguments: argparse.Namespace, runs: tuple[Run, ...]) -> int:
    from planner.report.estimate_json import json_text
    from planner.report.run_rows import run_document
    from planner.report.validation_json import scored_to_dict
    from planner.validation.predictions import class_band, predicted_each, step_shares
    from planner.validation.run_scores import ScoredRun

    asked = [one for one in runs if one.id == arguments.id]
    if not asked:
        near = suggestion(arguments.id, [one.id for one in runs])
        raise InputError(f"no run is called {shown_value(arguments.id)}{near}")
    catalog = open_catalog(arguments)
    found = next(predicted_each(asked[:1], catalog))
    narrate_notices(catalog)
    if not isinstance(found, ScoredRun):
        narrate(f"{found.id}: not predicted: {found.reason}")
        return 1
    shares = step_shares(found, catalog)
    if arguments.json:
        write(json_text({**scored_to_dict(found, None), "step": shares}))
    else:
        show(run_document(found, shares, class_band(found.case.run.team, found.is_mixture)))
    return 0
