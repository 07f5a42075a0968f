"""How a command hands out what it has to say: on the terminal, as JSON or Markdown, or as a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.terminal import narrate, show, write

if TYPE_CHECKING:
    from planner.report.export import Exported

TO_HELP = "write a file instead: .html, .xlsx, .md, .csv or .json"


def add_form_arguments(parser: argparse.ArgumentParser, *, has_csv: bool = False) -> None:
    """Declare `--json`, `--markdown` and `--to FILE`, of which one may be given, and `--replace`.

    With `has_csv`, also `--csv`: of what has a table of its own.
    """
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    if has_csv:
        form.add_argument("--csv", action="store_true", help="print each point as a row, for a spreadsheet")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for a pull request")
    form.add_argument("--to", metavar="FILE", help=TO_HELP)
    add_replace_argument(parser)


def add_replace_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--replace`."""
    parser.add_argument("--replace", action="store_true", help="write over a file that exists")


def check_form(arguments: argparse.Namespace) -> None:
    """Refuse the name of a file that is not written, before anything is computed for it.

    Raises
    ------
    FileError, ConflictError
        Naming the kinds of files that are written, or the file that is there.
    """
    if arguments.to is None:
        return
    from planner.files.output import check_output
    from planner.report.export import exported_suffix

    path = Path(arguments.to)
    exported_suffix(path)
    check_output(path, replaces=arguments.replace, remedy=REMEDY)


#: How a file that is there is replaced.
REMEDY = " (--replace does)"


def hand_out(arguments: argparse.Namespace, made: Exported) -> None:
    """Print or write what a command has to say, in the form that was asked for."""
    if arguments.to is not None:
        write_file(Path(arguments.to), made, replaces=arguments.replace)
    elif arguments.json:
        from planner.report.estimate_json import json_text

        write(json_text(made.record()))
    elif made.csv is not None and getattr(arguments, "csv", False):
        write(made.csv())
    elif arguments.markdown:
        from planner.report.markdown import markdown_text

        write(markdown_text(made.document()))
    else:
        show(made.document())


def write_file(path: Path, made: Exported, *, replaces: bool) -> None:
    """Write a file of the kind that its name asks for, and print its path."""
    from planner.files.output import write_output
    from planner.files.reading import shown_path
    from planner.report.export import exported_bytes, exported_suffix

    write_output(path, exported_bytes(made, exported_suffix(path)), replaces=replaces, remedy=REMEDY)
    narrate(f"wrote {shown_path(path)}")
    write(f"{shown_path(path)}\n")
