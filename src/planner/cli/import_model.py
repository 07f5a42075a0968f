"""`planner import`: makes a model profile of another program's configuration."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli.terminal import narrate, write
from planner.errors import ConflictError, FileError, InputError
from planner.files.reading import read_text, shown_path

if TYPE_CHECKING:
    from planner.imports.model_profile import ModelProfile
    from planner.imports.transformers_config import ImportedModel

_SUFFIX = ".toml"
#: By how much a file's own count may differ before it is worth a word: 2 %.
_WORTH_A_WORD = 0.02


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Makes a model profile of the config.json that Hugging Face's transformers write. A key that may "
        "change what the model costs and is not understood is refused by name; others are listed."
    )
    parser.epilog = "Example: planner import config.json --id our-8b --to profiles, then --profiles profiles."
    parser.add_argument("file", metavar="FILE", help="the configuration, such as config.json")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--out", metavar="FILE", help="write the profile there; its id is the file's name")
    place.add_argument("--to", metavar="DIR", help="write the profile into this folder of profiles")
    parser.add_argument("--id", metavar="ID", help="the profile's id; without it the model's own name")
    parser.add_argument("--replace", action="store_true", help="write over a profile that exists")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Read the configuration, print or write the profile, and say what it counts."""
    if arguments.out is not None and arguments.id is not None:
        raise InputError("import: --out names the profile by its file; expected it without --id")
    source = Path(arguments.file)
    where = shown_path(source)
    text = read_text(source)
    from planner.files.json_text import parse_json
    from planner.imports.model_profile import identifier_of, model_profile
    from planner.imports.transformers_config import read_config

    model = read_config(parse_json(text, where=where), where)
    out = None if arguments.out is None else Path(arguments.out)
    stem = arguments.id or (identifier_of(model, source.absolute()) if out is None else _stem(out))
    profile = model_profile(model, stem, shown_path(source.name))
    if arguments.to is not None:
        folder = Path(arguments.to)
        out = (folder if folder.name == "models" else folder / "models") / (profile.id + _SUFFIX)
    if out is not None:
        _write(out, profile, is_replacing=arguments.replace)
        narrate(f"wrote {shown_path(out)}")
    _narrate_doubts(model, profile)
    _print(arguments, model, profile, out)
    return 0


def _stem(out: Path) -> str:
    if out.suffix != _SUFFIX:
        raise FileError(
            f"{shown_path(out)}: is no name of a profile's file; expected one that ends in {_SUFFIX}"
        )
    return out.stem


def _write(path: Path, profile: ModelProfile, *, is_replacing: bool) -> None:
    """Write the profile, never over a file without being told.

    Raises
    ------
    ConflictError
        Where there is one already.
    FileError
        Where it cannot be written.
    """
    from planner.files.replacing import write_bytes_atomic
    from planner.files.writing import toml_text

    where = shown_path(path)
    content = toml_text(profile.tables, where=where).encode("utf-8")

    def check() -> None:
        if path.exists() and not is_replacing:
            raise ConflictError(f"{where}: exists already; nothing was overwritten (--replace does)")

    check()
    if path.parent.name == "models" and path.parent.parent.is_dir():
        path.parent.mkdir(exist_ok=True)
    if not path.parent.is_dir():
        raise FileError(f"{where}: cannot be written: no such folder")
    write_bytes_atomic(path, content, confirm=check)


def _narrate_doubts(model: ImportedModel, profile: ModelProfile) -> None:
    """Say on stderr what was left out, taken for granted or not understood."""
    if model.left_out:
        narrate(f"note: only the language model is read; left out: {', '.join(model.left_out)}")
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


def _print(
    arguments: argparse.Namespace, model: ImportedModel, profile: ModelProfile, out: Path | None
) -> None:
    from planner.files.writing import toml_text
    from planner.report.estimate_json import json_text

    if arguments.json:
        write(json_text(_as_json(model, profile, out)))
        return
    words = _counts_in_words(model, profile)
    if out is not None:
        write(f"{words}\n")
        return
    write(f"# {words}\n{toml_text(profile.tables, where=profile.id)}")


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


def _as_json(model: ImportedModel, profile: ModelProfile, out: Path | None) -> dict[str, Any]:
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
        "file": None if out is None else str(out),
        "profile": profile.tables,
    }
