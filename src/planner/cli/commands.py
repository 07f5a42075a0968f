"""The table of commands: each is one module with `add_arguments(parser)` and `run(arguments) -> int`."""

from __future__ import annotations

import argparse
import importlib
from typing import NamedTuple, Protocol, cast


class CommandModule(Protocol):
    """What the module of a command offers."""

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    @staticmethod
    def run(arguments: argparse.Namespace) -> int:
        """Do it and return the exit code."""


class Command(NamedTuple):
    """A command by name; its module is imported only when it is the one that runs."""

    name: str
    module_name: str
    #: the line in `planner --help`; None: not listed there
    help_line: str | None

    def load(self) -> CommandModule:
        """Import the command's module."""
        return cast("CommandModule", importlib.import_module(self.module_name))


#: What `planner` without a command does.
DEFAULT = Command("open", "planner.cli.open_app", None)

_ALL = (
    DEFAULT,
    Command("new", "planner.cli.new", "write a plan file to start from"),
    Command("check", "planner.cli.check", "say whether a plan is valid, and what it still lacks"),
    Command("estimate", "planner.cli.estimate", "days, memory, power, cost and notes of a plan"),
    Command("size", "planner.cli.size", "the smallest cluster of each system that meets your targets"),
    Command("sweep", "planner.cli.sweep", "a plan with each of several values of its keys"),
    Command(
        "sensitivity",
        "planner.cli.sensitivity",
        "what moves a plan's days most, or another quantity, and what the next million buys",
    ),
    Command("optimize", "planner.cli.optimize", "the best layouts of a plan, and what each loses"),
    Command("ledger", "planner.cli.ledger", "what a plan costs, line by line, and what has no price"),
    Command(
        "export", "planner.cli.export", "a plan's report as a file: page, spreadsheet, Markdown, CSV, JSON"
    ),
    Command("serve", "planner.cli.serve", "the app in a browser, on this machine only"),
    Command("explain", "planner.cli.explain", "the tree behind a number of a plan's estimate"),
    Command("ask", "planner.cli.ask", "what a plan rests on weakly, as questions to send to vendors"),
    Command(
        "acceptance",
        "planner.cli.acceptance",
        "what a plan's cluster is accepted by: tests, thresholds, cost",
    ),
    Command(
        "measured",
        "planner.cli.measured",
        "what tests of a plan's cluster came to, and what is left of the plan",
    ),
    Command("track", "planner.cli.track", "a plan against its run so far, from the run's logs"),
    Command("quantities", "planner.cli.quantities", "every quantity: id, unit, equation, what it is made of"),
    Command("claim", "planner.cli.claim", "judge a vendor's claim about training"),
    Command("diff", "planner.cli.diff", "what changed between two plans, and which change did what"),
    Command("compare", "planner.cli.compare", "two to six plans side by side, the best of each row marked"),
    Command("quotes", "planner.cli.quotes", "two to six offers over the same months and work"),
    Command(
        "import",
        "planner.cli.import_file",
        "make a model profile or a plan of another program's configuration",
    ),
    Command(
        "profiles", "planner.cli.profiles", "list, show and check profiles of chips, systems, sites, ..."
    ),
    Command("rules", "planner.cli.rules", "list, show and test compliance rules"),
    Command("evidence", "planner.cli.evidence", "published runs against predictions, and what explains one"),
    Command("validate", "planner.cli.validate", "hold predictions against published training runs"),
    Command("calibrate", "planner.cli.calibrate", "refit the stacks' constants to published runs"),
)

COMMANDS: dict[str, Command] = {command.name: command for command in _ALL}
