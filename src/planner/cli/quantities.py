"""`planner quantities`: every quantity that an estimate tells or `planner explain` comes to."""

from __future__ import annotations

import argparse

from planner.cli.terminal import show, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the table of quantities."""
    from planner.report.estimate_json import json_text
    from planner.report.quantities_document import quantities_document, quantities_to_list

    if arguments.json:
        write(json_text(quantities_to_list()))
    else:
        show(quantities_document())
    return 0
