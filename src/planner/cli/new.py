"""`planner new`: writes a plan file to start from."""

from __future__ import annotations

import argparse
import datetime
import re
from pathlib import Path

from planner.cli.inputs import find_plan
from planner.cli.terminal import narrate, write
from planner.errors import PlanError
from planner.files.reading import shown_path
from planner.files.values import shown_value

#: The plan that a new one starts from where none is named.
DEFAULT_PLAN = "pangu-ultra-135b-910b"
_SUFFIX = ".toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("name", metavar="NAME", help="what the plan is called, or the file to write")
    parser.add_argument(
        "--from",
        metavar="PLAN",
        dest="origin",
        default=DEFAULT_PLAN,
        help=f"the plan to start from, a file or a saved plan's name (default: {DEFAULT_PLAN})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the file and print its path."""
    from planner.files.validation import validate
    from planner.plans.beginning import LEFT_BEHIND, begun_from
    from planner.plans.plan_file import load_plan, save_plan

    path, name = new_file(arguments.name)
    origin = load_plan(find_plan(arguments.origin))
    # facts and rules as of today: whoever starts a plan now does not want those of an old one
    today = datetime.datetime.now(datetime.UTC).date()
    data = begun_from(origin, name).model_dump() | {"as_of": today}
    plan = validate(type(origin), data, where=shown_path(path))
    save_plan(path, plan, None)
    narrate(
        f"wrote {shown_path(path)}, begun from '{origin.name}' without its {LEFT_BEHIND}; "
        f"open it with: planner {path}"
    )
    write(f"{path}\n")
    return 0


def new_file(text: str) -> tuple[Path, str]:
    """Return the file and the plan's name that NAME means.

    Raises
    ------
    PlanError
        Where nothing of the name can stand in a file's name.

    Examples
    --------
    >>> new_file("Our first try")
    (PosixPath('our-first-try.toml'), 'Our first try')
    """
    try:
        is_path = text.endswith(_SUFFIX) or Path(text).name != text
    except ValueError:
        is_path = False
    if is_path:
        path = Path(text.removesuffix(_SUFFIX))
        stem = path.name.lstrip(".")
        path = path.with_name(stem + _SUFFIX) if stem else path
    else:
        stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        path = Path(stem + _SUFFIX)
    if not stem:
        raise PlanError(
            f"{shown_value(text)}: names no file; expected letters or digits, such as our-first-plan"
        )
    return path, stem if is_path else text
