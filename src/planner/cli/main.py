"""The `planner` command: finds the command, runs it, and turns every error into one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import planner
from planner.cli.commands import COMMANDS, DEFAULT, Command
from planner.cli.process import begin_lightly, end, keep_streams_apart
from planner.cli.terminal import narrate
from planner.errors import InfeasibleError, InputError, PlannerError

EXIT_FINE = 0
EXIT_NO = 1
EXIT_BAD_INPUT = 2
EXIT_BUG = 3
#: What shells call a process that a broken pipe or Ctrl+C ended: 128 and the signal's number.
EXIT_BROKEN_PIPE = 141
EXIT_INTERRUPTED = 130

#: How many problems of a file a command tells of; `planner check` tells of more.
_SHOWN_PROBLEMS = 5

_FOLDER_OPTION = "--profiles"
_DESCRIPTION = (
    "Plan AI training capacity: days, overhead, memory, power, money and compliance notes, "
    "each with its band and its evidence. Without a command, opens PLAN in the app."
)
_USAGE = "planner [--profiles DIR] [PLAN | COMMAND ...]"
_EPILOG = "PLAN is a file, or the name of a saved plan. Exit codes: 0 fine, 1 the answer is no, 2 bad input."


if TYPE_CHECKING:
    # argparse makes it generic for type checkers alone
    _Commands = argparse._SubParsersAction["_Parser"]


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, and an error like any other."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def entry() -> None:
    """Run as the console script."""
    keep_streams_apart()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # a terminal without Unicode shows a question mark where it lacks a character
            reconfigure(errors="replace")
    begin_lightly()
    end(main(sys.argv[1:]))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` asks for and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except SystemExit as stop:
        # --help and --version
        return stop.code if isinstance(stop.code, int) else EXIT_FINE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:
        # the one place where every error ends: those that we know, and those that are bugs
        return EXIT_INTERRUPTED if _is_interrupt(error) else _explain(error, arguments)


def _is_interrupt(error: Exception) -> bool:
    """Return whether Ctrl+C came while pydantic built a validator: it tells of it as of a wrong schema."""
    return type(error).__name__ == "SchemaError" and str(error).rstrip().endswith("KeyboardInterrupt:")


def _explain(error: Exception, arguments: Sequence[str]) -> int:
    """Say what went wrong, a line for each problem, and return the exit code for it."""
    if isinstance(error, BrokenPipeError):
        _forget_unwritten_output()
        return EXIT_BROKEN_PIPE
    if isinstance(error, PlannerError):
        from planner.files.validation import problems_of

        for line in problems_of(error, _SHOWN_PROBLEMS):
            narrate(line)
        _forget_unwritten_output()
        return EXIT_NO if isinstance(error, InfeasibleError) else EXIT_BAD_INPUT
    from planner.cli.crash_report import write_crash_report

    path = write_crash_report(error, arguments)
    place = f"a report is in {path}" if path else "no report could be written"
    narrate(f"stopped on a bug ({type(error).__name__}); {place}")
    return EXIT_BUG


def _run(arguments: list[str]) -> int:
    folders, arguments = split_folders(arguments)
    name = command_name(arguments)
    if name == DEFAULT.name and DEFAULT.name not in arguments[:1] and not _asks_about_program(arguments):
        _check_command(arguments)
        arguments = [DEFAULT.name, *arguments]
    # what stands before the command is the program's, and may ask for its help
    parser = build_parser(name, are_all_listed=arguments[0].startswith("-"))
    parsed = parser.parse_args(arguments, argparse.Namespace(profile_folders=folders))
    from planner.files.compiled import keep_compiled, open_compiled

    open_compiled()
    try:
        code = int(parsed.run(parsed))
        if sys.stdout is not None:
            sys.stdout.flush()
    finally:
        keep_compiled()
    return code


def split_folders(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Take `--profiles DIR` out of the arguments: it means the same before and behind the command."""
    folders: list[Path] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        option, equals, value = argument.partition("=")
        if argument == "--":
            rest += [argument, *waiting]
        elif option != _FOLDER_OPTION:
            rest.append(argument)
        else:
            folder = value if equals else next(waiting, "")
            if not folder:
                raise InputError(f"{_FOLDER_OPTION}: names no folder; expected {_FOLDER_OPTION} DIR")
            folders.append(Path(folder))
    return folders, rest


def command_name(arguments: Sequence[str]) -> str:
    """Return the command that the arguments name, or the one that opens a plan."""
    first = next((argument for argument in arguments if not argument.startswith("-")), "")
    return first if first in COMMANDS else DEFAULT.name


def _check_command(arguments: Sequence[str]) -> None:
    """Refuse a word that is neither a command nor a plan, before what follows it is taken amiss.

    Raises
    ------
    FileError
        Naming the nearest command or plan.
    """
    if len(arguments) > 1 and not arguments[0].startswith("-"):
        from planner.cli.inputs import find_plan

        find_plan(arguments[0], is_maybe_command=True)


def _asks_about_program(arguments: Sequence[str]) -> bool:
    return bool(arguments) and arguments[0] in ("-h", "--help", "--version")


def build_parser(selected: str, *, are_all_listed: bool) -> argparse.ArgumentParser:
    """Return the parser; only the selected command's module is imported, so that all start fast.

    Parameters
    ----------
    selected
        The command whose arguments it knows.
    are_all_listed
        Whether it can name the other commands, which the program's own help does.
    """
    parser = _Parser(
        prog="planner", usage=_USAGE, description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"planner {planner.__version__}")
    parser.add_argument(
        _FOLDER_OPTION,
        metavar="DIR",
        action="append",
        dest="_folders",
        help="read profiles of this folder too, over all others; may be repeated, and stand anywhere",
    )
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", dest="command")
    for command in COMMANDS.values():
        if command.name != selected and not are_all_listed:
            # a parser for each that nobody asked for would take longer than the estimate of a small plan
            continue
        described = _add_command(commands, command)
        if command.name == selected:
            module = command.load()
            module.add_arguments(described)
            described.set_defaults(run=module.run)
    return parser


def _add_command(commands: _Commands, command: Command) -> argparse.ArgumentParser:
    if command.help_line is None:
        # without `help` argparse does not list it
        return commands.add_parser(command.name, prog="planner", description=_DESCRIPTION, allow_abbrev=False)
    return commands.add_parser(
        command.name,
        prog=f"planner {command.name}",
        help=command.help_line,
        description=command.help_line,
        allow_abbrev=False,
    )


def _forget_unwritten_output() -> None:
    """Keep the interpreter from trying again at exit what stdout has refused."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        except (OSError, ValueError):
            return
        finally:
            os.close(nowhere)
