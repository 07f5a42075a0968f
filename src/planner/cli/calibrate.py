"""`planner calibrate`: refits the stacks' constants to published runs, and says what would change."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.inputs import narrate_notices, open_catalog
from planner.cli.terminal import narrate, show
from planner.cli.validate import add_runs_argument, existing_folder, read_runs
from planner.files.reading import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.domain.stack import Stack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_runs_argument(parser)
    parser.add_argument(
        "--write", metavar="DIR", help="write the stacks as refitted into DIR, such as profiles/stacks"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what a refit changes; write it only where asked to."""
    folder = None if arguments.write is None else existing_folder(arguments.write)
    runs = read_runs(arguments)
    catalog = open_catalog(arguments)
    from planner.report.calibration_document import calibration_document
    from planner.validation.refit import fittable, refit
    from planner.validation.run_preparation import prepare
    from planner.validation.stack_profiles import changes, fitted_stacks

    cases = prepare(runs.runs, catalog).cases
    measured = fittable(cases)
    calibration, cases = refit(cases, catalog)
    before = {identifier: entry.profile for identifier, entry in catalog.stacks.items()}
    chips = [entry.profile for entry in catalog.chips.values()]
    after = fitted_stacks(calibration, before.values(), chips, cases)
    narrate_notices(catalog)
    show(calibration_document(calibration, changes(before, after), len(measured)))
    if folder is not None:
        _write(folder, after)
    return 0


def _write(folder: Path, stacks: Iterable[Stack]) -> None:
    from planner.files.writing import write_toml_atomic

    written = 0
    for stack in stacks:
        record = stack.model_dump(mode="json", exclude_defaults=True)
        write_toml_atomic(folder / f"{stack.id}.toml", record)
        written += 1
    narrate(f"wrote {written} stacks into {shown_path(folder)}")
