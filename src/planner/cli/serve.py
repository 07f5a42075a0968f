"""`planner serve`: the app in a browser, on this machine only."""

from __future__ import annotations

import argparse
import importlib.util
import sys

from planner.cli.commands import DEFAULT
from planner.cli.inputs import PLAN_HELP, find_plan, open_catalog
from planner.cli.terminal import narrate, write
from planner.errors import InputError

_PORT = 8765
_LAST_PORT = 65_535
#: What the extra brings.
_NEEDED = "textual_serve"
_EXIT_SIGNAL = 128


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", nargs="?", help=PLAN_HELP)
    parser.add_argument(
        "--port",
        metavar="N",
        default=str(_PORT),
        help=f"where to answer (default: {_PORT}; 0: any that is free)",
    )
    parser.epilog = (
        "It answers on 127.0.0.1 alone. Each window has an app of its own, which ends with it; work that was "
        "not saved is offered again. Whoever has an account on this machine can open it as you."
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl+C; print the address."""
    port = _port(arguments.port)
    if importlib.util.find_spec(_NEEDED) is None:
        raise InputError("serve: needs textual-serve, which is not installed; pip install textual-serve")
    path = None if arguments.plan is None else find_plan(arguments.plan)
    # each window would end at once on a folder that is not there, or on a file that is no plan
    open_catalog(arguments)
    if path is not None:
        from planner.plans.plan_file import load_plan

        load_plan(path)
    import asyncio

    from planner.cli.web.server import bound, serve

    folders = [part for folder in arguments.profile_folders for part in ("--profiles", str(folder))]
    command = [
        sys.executable,
        "-m",
        "planner",
        *folders,
        DEFAULT.name,
        *([] if path is None else [str(path)]),
    ]

    def tell(address: str) -> None:
        narrate("open this address in a browser of this machine; Ctrl+C ends it")
        write(f"{address}\n")

    return _EXIT_SIGNAL + asyncio.run(serve(command, bound(port), tell))


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= port <= _LAST_PORT:
        raise InputError(f"--port {text}: is no port; expected a number from 0 to {_LAST_PORT}")
    return port
