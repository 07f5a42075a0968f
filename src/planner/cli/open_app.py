"""`planner [PLAN]`: opens the app; without a terminal it prints the estimate."""

from __future__ import annotations

import argparse

from planner.cli.estimate import print_estimate
from planner.cli.inputs import PLAN_HELP, find_plan, open_catalog
from planner.cli.process import end_with_server, is_served, stay
from planner.cli.terminal import is_terminal
from planner.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", nargs="?", help=PLAN_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Open the app where a person sits at both ends."""
    path = find_plan(arguments.plan, is_maybe_command=True) if arguments.plan is not None else None
    if is_terminal() or is_served():
        if arguments.profile_folders:
            # the app would open over a folder that is not there
            open_catalog(arguments)
        if is_served():
            end_with_server()
        from planner.app.app import run_app

        stay()
        return run_app(path, arguments.profile_folders)
    if path is None:
        raise InputError("no terminal to open the app in, and no PLAN to print; see planner --help")
    return print_estimate(arguments, str(path), [], is_json=False)
