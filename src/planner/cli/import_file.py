"""`planner import`: makes a model profile, or parts of a plan, of another program's configuration."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli.terminal import narrate, write
from planner.errors import FileError, InputError
from planner.files.reading import read_text, shown_path

if TYPE_CHECKING:
    from planner.imports.model_profile import ModelProfile
    from planner.imports.training_run import ImportedRun
    from planner.imports.transformers_config import ImportedModel

_SUFFIX = ".toml"
#: By how much a file's own count may differ before it is worth a word: 2 %.
_WORTH_A_WORD = 0.02


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Makes a model profile of the config.json that Hugging Face's transformers write, and the model, "
        "workload and strategy of a plan from the configuration of a training: Megatron-LM's arguments, "
        "NeMo's YAML, torchtitan's TOML. A key that is not understood and may change the cost is refused."
    )
    parser.epilog = "Example: planner import config.json --id our-8b --to profiles, then --profiles profiles."
    parser.add_argument("file", metavar="FILE", help="such as config.json, train.sh, conf.yaml or run.toml")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--out", metavar="FILE", help="write it there; a profile's id is the file's name")
    place.add_argument("--to", metavar="DIR", help="write the model's profile into this folder of profiles")
    parser.add_argument("--id", metavar="ID", help="the profile's id; without it the model's own name")
    parser.add_argument("--plan", metavar="PLAN", help="make a plan: this one, with what the file says")
    parser.add_argument("--replace", action="store_true", help="write over a file that exists")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Read the configuration, print or write what it makes, and say what it counts."""
    if arguments.id is not None and (arguments.out is not None or arguments.plan is not None):
        raise InputError("import: --id names a profile in a folder; expected it without --out and --plan")
    if arguments.to is not None and arguments.plan is not None:
        raise InputError("import: --to takes a profile; expected --plan with --out")
    source = Path(arguments.file)
    where = shown_path(source)
    text = read_text(source)
    from planner.imports.formats import is_model, parse_configuration

    config, are_arguments = parse_configuration(text, where)
    if is_model(config):
        return _import_model(arguments, config, source)
    from planner.imports.training_run import read_training

    if arguments.id is not None or arguments.to is not None:
        raise InputError(
            f"{where}: is the configuration of a training, not of a model; expected it without --id and --to"
        )
    return _import_training(arguments, read_training(config, where, are_arguments=are_arguments), where)


def _import_model(arguments: argparse.Namespace, config: dict[str, Any], source: Path) -> int:
    from planner.imports.model_profile import identifier_of, model_profile
    from planner.imports.transformers_config import read_config

    model = read_config(config, shown_path(source))
    out = None if arguments.out is None else _toml_path(arguments.out)
    is_named_by_file = out is not None and arguments.plan is None
    stem = out.stem if out is not None and is_named_by_file else arguments.id
    profile = model_profile(model, stem or identifier_of(model, source.absolute()), shown_path(source.name))
    if arguments.to is not None:
        folder = Path(arguments.to)
        out = (folder if folder.name == "models" else folder / "models") / (profile.id + _SUFFIX)
    tables = profile.tables
    if arguments.plan is not None:
        tables = _plan_with(arguments.plan, {"model": {"architecture": model.tables}})
    _narrate_doubts(model, profile)
    _hand_out(arguments, out, tables, _counts_in_words(model, profile), _model_as_json(model, profile))
    return 0


def _import_training(arguments: argparse.Namespace, run: ImportedRun, where: str) -> int:
    said = {"model": run.model, "workload": run.workload, "strategy": run.strategy}
    said = {key: table for key, table in said.items() if table}
    out = None if arguments.out is None else _toml_path(arguments.out)
    tables = said if arguments.plan is None else _plan_with(arguments.plan, said)
    for remark in run.remarks:
        narrate(f"note: {remark}")
    if run.chips is not None:
        narrate(f"note: the file runs on {run.chips:,} chips; the cluster of a plan is not read from it")
    if run.not_understood:
        narrate(f"note: not understood: {', '.join(run.not_understood)}")
    as_json = {"schema": 1, **said, "chips": run.chips, "not_understood": list(run.not_understood)}
    _hand_out(arguments, out, tables, _training_in_words(run, where), as_json)
    return 0


def _toml_path(text: str) -> Path:
    path = Path(text)
    if path.suffix != _SUFFIX:
        raise FileError(
            f"{shown_path(path)}: is no name of a file that is written; expected one that ends in {_SUFFIX}"
        )
    return path


def _plan_with(name: str, said: dict[str, Any]) -> dict[str, Any]:
    """Return a plan's tables with what a file says over them; what was pinned of the old model is gone."""
    from planner.cli.inputs import find_plan
    from planner.files.validation import validate
    from planner.plans.plan_file import dump_plan, load_plan

    path = find_plan(name)
    plan = load_plan(path)
    data = dump_plan(plan)
    data.pop("pins", None)
    workload = dict(data["workload"]) | said.get("workload", {})
    if "tokens" in said.get("workload", {}):
        workload.pop("phases", None)
    data |= {key: said[key] for key in ("model", "strategy") if key in said} | {"workload": workload}
    return dump_plan(validate(type(plan), data, where=shown_path(path)))


def _hand_out(
    arguments: argparse.Namespace,
    out: Path | None,
    tables: dict[str, Any],
    words: str,
    as_json: dict[str, Any],
) -> None:
    """Write the tables to their file, or print them; say in words what they count."""
    from planner.files.writing import toml_text
    from planner.report.estimate_json import json_text

    text = toml_text(tables, where="import" if out is None else shown_path(out))
    if out is not None:
        _write(out, text, is_replacing=arguments.replace)
        narrate(f"wrote {shown_path(out)}")
    if arguments.json:
        write(json_text({**as_json, "file": None if out is None else str(out), "tables": tables}))
    else:
        write(f"{words}\n" if out is not None else f"# {words}\n{text}")


def _write(path: Path, text: str, *, is_replacing: bool) -> None:
    """Write a file, never over another without being told, with the folder of models that it lies in."""
    from planner.files.output import write_output

    if path.parent.name == "models" and path.parent.parent.is_dir():
        path.parent.mkdir(exist_ok=True)
    write_output(path, text.encode("utf-8"), replaces=is_replacing, remedy=" (--replace does)")


def _narrate_doubts(model: ImportedModel, profile: ModelProfile) -> None:
    """Say on stderr what was left out, taken for granted or not understood."""
    if model.left_out:
        narrate(f"note: left out beside the language model: {', '.join(model.left_out)}")
    if model.taken:
        narrate(f"note: the file leaves out what is usual, which was taken: {', '.join(model.taken)}")
    if model.not_understood:
        narrate(
            f"note: not understood, and not thought to change the cost: {', '.join(model.not_understood)}"
        )
    stated = model.stated_parameters
    if stated and abs(profile.parameters / stated - 1.0) > _WORTH_A_WORD:
        from planner.report.numbers import count

        narrate(
            f"note: the file states {count(stated)} parameters, its shape counts {count(profile.parameters)}"
        )


def _counts_in_words(model: ImportedModel, profile: ModelProfile) -> str:
    """Return `8.19B parameters`, with those of one token, of prediction modules, and the file's own."""
    from planner.report.numbers import count

    words = f"{count(profile.parameters)} parameters"
    if profile.active_parameters < profile.parameters:
        words += f", {count(profile.active_parameters)} active"
    if profile.prediction_parameters:
        words += f", and {count(profile.prediction_parameters)} of prediction modules"
    if model.stated_parameters:
        words += f"; the file states {count(model.stated_parameters)}"
    return words


def _training_in_words(run: ImportedRun, where: str) -> str:
    """Return what a training's file says of a plan, with what its model counts."""
    from planner.imports.model_profile import parameters_of
    from planner.report.numbers import count

    parts = [name for name, table in (("workload", run.workload), ("strategy", run.strategy)) if table]
    if "architecture" in run.model:
        parts.insert(0, f"a model of {count(parameters_of(run.model['architecture']))} parameters")
    elif run.model:
        parts.insert(0, f"the model {run.model['profile']}")
    return f"{', '.join(parts)}: of {where}"


def _model_as_json(model: ImportedModel, profile: ModelProfile) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": profile.id,
        "model_type": model.model_type,
        "parameters": profile.parameters,
        "active_parameters": profile.active_parameters,
        "prediction_parameters": profile.prediction_parameters,
        "stated_parameters": model.stated_parameters,
        "not_understood": list(model.not_understood),
        "left_out": list(model.left_out),
        "taken": list(model.taken),
    }
