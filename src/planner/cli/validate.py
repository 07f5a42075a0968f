"""`planner validate`: holds predictions against published training runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.inputs import narrate_notices, open_catalog
from planner.cli.terminal import narrate, show, write
from planner.errors import FileError, InputError
from planner.files.reading import shown_path

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.catalog.runs import RunSet
    from planner.domain.run import Run
    from planner.validation.accuracy import Accuracy
    from planner.validation.as_buyer import ScoredJob
    from planner.validation.calibration import Calibration
    from planner.validation.cross_validation import CrossValidation
    from planner.validation.null_model import HeldOut
    from planner.validation.validation import Validation

#: What `--write` puts beside the document where sources were held out, for programs.
HELD_OUT_FILE = "accuracy_held_out.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_runs_argument(parser)
    parser.add_argument(
        "--kind",
        choices=("runs", "memory", "rl", "collectives"),
        default="runs",
        help="what is held against its prediction: timed runs, jobs whose memory was measured, steps of "
        "post-training, or collectives and chips' rates as tools print them, each source left out",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--constants",
        action="store_true",
        help="instead print the constants of the fit to the runs: the sources behind each, how far it moved",
    )
    parser.add_argument(
        "--cross-validate",
        nargs="?",
        const="source",
        choices=("source", "group"),
        metavar="source|group",
        help="also refit without each source (or group of a model and chip) in turn and predict it; minutes",
    )
    parser.add_argument(
        "--as-buyer",
        action="store_true",
        help="search the layout of each published job, as for a plan, and hold it against the job's best "
        "run; with --cross-validate each source is left out of constants and practice, too",
    )
    parser.add_argument(
        "--write", metavar="DIR", help="also write accuracy.md and its plot accuracy.svg into DIR"
    )


def add_runs_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--runs`."""
    parser.add_argument(
        "--runs",
        metavar="PATH",
        action="append",
        help="a run file (docs/runs.md) or a folder of them; may be repeated; default: those shipped",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print predicted against published; 1 where no row at all could be predicted."""
    if arguments.kind == "memory":
        return _run_memory(arguments)
    if arguments.kind == "collectives":
        return _run_collectives(arguments)
    if arguments.kind == "rl":
        return _run_post_training(arguments)
    if arguments.as_buyer:
        return _run_as_buyer(arguments)
    if arguments.constants:
        return _run_constants(arguments)
    folder = None if arguments.write is None else existing_folder(arguments.write)
    runs = read_runs(arguments)
    catalog = open_catalog(arguments)
    from planner.validation.accuracy import accuracy
    from planner.validation.validation import validate_runs

    validation = validate_runs(runs, catalog)
    figures = accuracy(validation)
    crossed = _cross_validated(arguments.cross_validate, runs, catalog) if arguments.cross_validate else None
    narrate_notices(catalog)
    if arguments.json:
        write(_json(validation, figures, crossed))
    else:
        from planner.report.validation_document import cross_validation_document, validation_document

        show(validation_document(validation, figures))
        if crossed is not None:
            write("\n")
            show(cross_validation_document(crossed))
    if folder is not None:
        bought = _held_out_jobs(runs, catalog) if arguments.cross_validate == "source" else ()
        calibration = None if crossed is None else _fitted(runs, catalog)
        _write_document(folder, validation, figures, crossed, calibration, bought)
    return 0 if validation.scored else 1


def _run_as_buyer(arguments: argparse.Namespace) -> int:
    """Print what plans of the published jobs would have said; 1 where there is no such job."""
    for option, given in (("--write", arguments.write), ("--constants", arguments.constants or None)):
        if given is not None:
            raise InputError(f"{option} goes without --as-buyer; expected one of them")
    if arguments.cross_validate == "group":
        raise InputError("--as-buyer leaves whole sources out; expected --cross-validate source")
    runs = read_runs(arguments)
    catalog = open_catalog(arguments)
    from planner.report.buyer_document import buyer_document, buyer_to_dict
    from planner.report.estimate_json import json_text
    from planner.validation.as_buyer import validate_as_buyer

    is_held_out = arguments.cross_validate is not None
    jobs = _held_out_jobs(runs, catalog) if is_held_out else validate_as_buyer(runs, catalog)
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(buyer_to_dict(jobs, is_held_out=is_held_out)))
    else:
        show(buyer_document(jobs, is_held_out=is_held_out))
    return 0 if jobs else 1


def _held_out_jobs(runs: RunSet[Run], catalog: Catalog) -> tuple[ScoredJob, ...]:
    from planner.validation.as_buyer import held_out_as_buyer

    return held_out_as_buyer(runs, catalog, _refitting)


def _refitting(done: int, of: int, name: str) -> None:
    narrate(f"{done + 1} of {of}: refitting without {name}")


def _run_memory(arguments: argparse.Namespace) -> int:
    """Print predicted against measured memory; 1 where no case at all could be scored."""
    _refuse_what_is_of_runs(arguments)
    from planner.catalog.runs import load_memory_cases
    from planner.report.estimate_json import json_text
    from planner.report.memory_validation_document import (
        memory_validation_document,
        memory_validation_to_dict,
    )
    from planner.validation.memory_scores import validate_memory

    cases = load_memory_cases(None if arguments.runs is None else [Path(path) for path in arguments.runs])
    catalog = open_catalog(arguments)
    validation = validate_memory(cases, catalog)
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(memory_validation_to_dict(validation)))
    else:
        show(memory_validation_document(validation))
    return 0 if validation.scored else 1


def _refuse_what_is_of_runs(arguments: argparse.Namespace) -> None:
    options = (
        ("--cross-validate", arguments.cross_validate),
        ("--write", arguments.write),
        ("--constants", arguments.constants or None),
        ("--as-buyer", arguments.as_buyer or None),
    )
    for option, given in options:
        if given is not None:
            raise InputError(
                f"{option} goes with --kind runs; --kind {arguments.kind} has nothing to refit or to write"
            )


def _run_collectives(arguments: argparse.Namespace) -> int:
    """Print measured rates beside what is expected without their source; 1 where there is none."""
    _refuse_what_is_of_runs(arguments)
    if arguments.runs is not None:
        raise InputError("--runs goes without --kind collectives; expected a folder by --profiles")
    catalog = open_catalog(arguments)
    from planner.report.estimate_json import json_text
    from planner.report.rates_validation_document import rates_validation_document, rates_validation_to_dict
    from planner.validation.measured_rates import validate_rates

    validation = validate_rates(catalog)
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(rates_validation_to_dict(validation)))
    else:
        show(rates_validation_document(validation))
    return 0 if validation.scored else 1


def _run_post_training(arguments: argparse.Namespace) -> int:
    """Print predicted against measured steps of post-training; 1 where no row at all could be scored."""
    for option, given in (
        ("--write", arguments.write),
        ("--constants", arguments.constants or None),
        ("--as-buyer", arguments.as_buyer or None),
    ):
        if given is not None:
            raise InputError(f"{option} goes with --kind runs; --kind rl has no such figures")
    if arguments.cross_validate == "source":
        raise InputError("--kind rl holds groups out, as a source may be all there is; expected group")
    from planner.catalog.first_predictions import read_first_predictions
    from planner.catalog.listing import RL_FIRST_PREDICTIONS_FILE
    from planner.catalog.post_training_fit import shipped_post_training_fit
    from planner.catalog.runs import load_post_training_runs
    from planner.report.estimate_json import json_text
    from planner.report.post_training_validation import post_training_document, post_training_to_dict
    from planner.validation.post_training_fit import held_out_fits
    from planner.validation.post_training_scores import cases_of, validated

    is_shipped = arguments.runs is None
    runs = load_post_training_runs(None if is_shipped else [Path(path) for path in arguments.runs])
    catalog = open_catalog(arguments)
    cases, unscored = cases_of(runs, catalog)
    shipped = shipped_post_training_fit()
    is_held_out = arguments.cross_validate is not None
    fits = held_out_fits(cases, _refitting) if is_held_out else {}
    validation = validated(
        cases, unscored, lambda case: fits.get(case.run.group, shipped), is_held_out=is_held_out
    )
    first = read_first_predictions(name=RL_FIRST_PREDICTIONS_FILE) if is_shipped else None
    unseen = shipped.held_out if is_shipped and not is_held_out else None
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(post_training_to_dict(validation, first, unseen)))
    else:
        show(post_training_document(validation, first, unseen))
    return 0 if validation.scored else 1


def _run_constants(arguments: argparse.Namespace) -> int:
    """Print the constants of the fit to the runs, each with what stands behind it."""
    for option, given in (("--cross-validate", arguments.cross_validate), ("--write", arguments.write)):
        if given is not None:
            raise InputError(f"{option} does not go with --constants, which prints the fit to all runs alone")
    runs = read_runs(arguments)
    catalog = open_catalog(arguments)
    calibration = _fitted(runs, catalog)
    narrate_notices(catalog)
    from planner.report.constants_document import constants_document, constants_to_dict
    from planner.report.estimate_json import json_text

    if arguments.json:
        write(json_text(constants_to_dict(calibration)))
    else:
        show(constants_document(calibration))
    return 0


def _fitted(runs: RunSet[Run], catalog: Catalog) -> Calibration:
    """Return the fit to some runs, their gaps filled under the catalog's stacks: that which ships."""
    from planner.validation.refit import fit_runs

    return fit_runs(runs.runs, catalog)


def _write_document(
    folder: Path,
    validation: Validation,
    figures: Accuracy,
    crossed: CrossValidation | None,
    calibration: Calibration | None,
    bought: tuple[ScoredJob, ...],
) -> None:
    from planner.catalog.first_predictions import read_first_predictions
    from planner.files.replacing import write_bytes_atomic
    from planner.report.accuracy_document import accuracy_document
    from planner.report.accuracy_plot import accuracy_plot

    plot = folder / "accuracy.svg"
    write_bytes_atomic(plot, accuracy_plot(validation.measured).encode())
    first = read_first_predictions()
    text = accuracy_document(validation, figures, crossed, first, calibration, plot=plot.name, bought=bought)
    write_bytes_atomic(folder / "accuracy.md", text.encode())
    written = f"accuracy.md and {plot.name}"
    if crossed is not None:
        from planner.report.estimate_json import json_text
        from planner.report.validation_json import cross_validation_to_dict

        held_out = json_text(cross_validation_to_dict(crossed)["summary"])
        write_bytes_atomic(folder / HELD_OUT_FILE, held_out.encode())
        written = f"accuracy.md, {plot.name} and {HELD_OUT_FILE}"
    narrate(f"wrote {written} into {shown_path(folder)}")


def existing_folder(text: str) -> Path:
    """Return the folder that an option names.

    Raises
    ------
    FileError
        Where it is none.
    """
    folder = Path(text)
    try:
        is_folder = folder.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if not is_folder:
        raise FileError(f"{shown_path(folder)}: is no folder; expected one that exists")
    return folder


def _json(validation: Validation, figures: Accuracy, crossed: CrossValidation | None) -> str:
    from planner.report.estimate_json import json_text
    from planner.report.validation_json import cross_validation_to_dict, validation_to_dict

    record = validation_to_dict(validation, figures)
    if crossed is not None:
        record["cross_validation"] = cross_validation_to_dict(crossed)
    return json_text(record)


def _cross_validated(held_out: HeldOut, runs: RunSet[Run], catalog: Catalog) -> CrossValidation:
    from planner.validation.cross_validation import cross_validate

    return cross_validate(runs, catalog, held_out=held_out, progress=_refitting)


def read_runs(arguments: argparse.Namespace) -> RunSet[Run]:
    """Return the runs that `--runs` names, else those shipped."""
    from planner.catalog.runs import load_runs

    return load_runs(None if arguments.runs is None else [Path(path) for path in arguments.runs])
