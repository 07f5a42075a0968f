"""`planner optimize`: the best parallel layouts of a plan, what each loses, and why the first wins."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from planner.cli.estimate import add_set_argument
from planner.cli.inputs import PLAN_HELP, load_set_plan, narrate_notices, open_catalog
from planner.cli.terminal import narrate, show, write
from planner.errors import InputError
from planner.files.reading import shown_path
from planner.files.values import shown_value

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.domain.plan import Plan
    from planner.exploring.layouts import LayoutRanking
    from planner.exploring.post_splits import SplitRanking
    from planner.report.document import Document

#: Layouts that are told where nobody says how many, and the most that may be asked for.
USUAL_TOP, MOST_TOP = 10, 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    add_set_argument(parser)
    parser.add_argument(
        "--top", metavar="N", help=f"how many layouts, 1 to {MOST_TOP} (default: {USUAL_TOP})"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--pin", metavar="N", help="save a plan that gives layout N whole; needs --to")
    parser.add_argument("--to", metavar="FILE", help="the file of that plan; no file is written over")


def run(arguments: argparse.Namespace) -> int:
    """Print the layouts, and save the plan with one of them pinned; 1 where there is none."""
    if (arguments.pin is None) != (arguments.to is None):
        raise InputError("optimize: --pin and --to go together; expected both or neither")
    pin = None if arguments.pin is None else _number("--pin", arguments.pin)
    top = USUAL_TOP if arguments.top is None else _number("--top", arguments.top)
    catalog = open_catalog(arguments)
    plan = load_set_plan(arguments.plan, arguments.overrides, catalog)
    # NumPy and the engine come last: a plan with an error is refused without waiting for them
    ranked = _ranked(plan, catalog, max(top, pin or 1))
    narrate_notices(catalog)
    if pin is not None and ranked.found:
        _save(ranked, pin, arguments.to)
    if arguments.json:
        from planner.report.estimate_json import json_text

        write(json_text(ranked.as_dict()))
    else:
        show(ranked.as_document())
    return 0 if ranked.found else 1


class _Ranked(NamedTuple):
    """Layouts, or of post-training the splits of the chips, and how they are told."""

    ranking: LayoutRanking | SplitRanking
    found: int
    as_dict: Callable[[], dict[str, Any]]
    as_document: Callable[[], Document]


def _ranked(plan: Plan, catalog: Catalog, top: int) -> _Ranked:
    if plan.workload.is_post_training:
        from planner.exploring.post_splits import rank_splits
        from planner.report.post_splits_document import post_splits_document, post_splits_to_dict

        splits = rank_splits(plan, catalog, top=top)
        return _Ranked(
            splits,
            len(splits.splits),
            partial(post_splits_to_dict, splits),
            partial(post_splits_document, splits),
        )
    from planner.exploring.layouts import rank_layouts
    from planner.report.optimize_document import optimize_document
    from planner.report.optimize_json import ranking_to_dict

    layouts = rank_layouts(plan, catalog, top=top)
    return _Ranked(
        layouts, len(layouts.layouts), partial(ranking_to_dict, layouts), partial(optimize_document, layouts)
    )


def _number(option: str, text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= number <= MOST_TOP:
        raise InputError(f"optimize: {option} {shown_value(text)}: expected 1 to {MOST_TOP}")
    return number


def _save(ranked: _Ranked, pin: int, to: str) -> None:
    """Write the plan in one of its layouts into a file that does not exist yet."""
    from planner.cli.new import new_file
    from planner.plans.plan_file import save_plan

    if pin > ranked.found:
        raise InputError(f"optimize: --pin {pin}: only {ranked.found} layouts fit")
    path: Path = new_file(to)[0]
    save_plan(path, ranked.ranking.with_pinned(pin - 1), None)
    narrate(f"wrote {shown_path(path)} with layout {pin}; open it with: planner {path}")
