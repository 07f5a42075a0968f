"""`planner validate`: holds predictions against published training runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.inputs import narrate_notices, open_catalog
from planner.cli.terminal import is_coloured, width, write

if TYPE_CHECKING:
    from planner.catalog.runs import RunSet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_runs_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_runs_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--runs`."""
    parser.add_argument(
        "--runs",
        metavar="PATH",
        action="append",
        help="a run file, a folder of them, or a JSON list of rows; may be repeated; default: those shipped",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print predicted against published; 1 where no row at all could be predicted."""
    runs = read_runs(arguments)
    catalog = open_catalog(arguments)
    from planner.analysis.accuracy import accuracy
    from planner.analysis.run_preparation import shipped_stack
    from planner.analysis.validation import validate_runs

    validation = validate_runs(runs, catalog)
    figures = accuracy(validation, lambda case: shipped_stack(case, catalog))
    narrate_notices(catalog)
    if arguments.json:
        from planner.report.estimate_json import json_text
        from planner.report.validation_json import validation_to_dict

        write(json_text(validation_to_dict(validation, figures)))
    else:
        from planner.report.validation_text import validation_to_text

        write(validation_to_text(validation, figures, width=width(), is_coloured=is_coloured()))
    return 0 if validation.scored else 1


def read_runs(arguments: argparse.Namespace) -> RunSet:
    """Return the runs that `--runs` names, else those shipped."""
    from planner.catalog.runs import load_runs

    return load_runs(None if arguments.runs is None else [Path(path) for path in arguments.runs])
