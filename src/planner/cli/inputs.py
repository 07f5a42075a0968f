"""What commands begin with: the plan that was named, and the catalog of the search path."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli.commands import COMMANDS, DEFAULT
from planner.cli.terminal import narrate
from planner.errors import FileError
from planner.files.reading import shown_path
from planner.files.values import shown_value, suggestion
from planner.plans.shipped import list_plans, shipped_plans_folder

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.domain.plan import Plan

PLAN_HELP = "a plan file, or the name of a saved plan"
#: Where the plans of a project lie, beside the place where the command runs.
_SAVED_PLANS = Path("saved_plans")
_SUFFIX = ".toml"


def find_plan(text: str, *, is_maybe_command: bool = False) -> Path:
    """Return the file that a path or a plan's name means.

    A name is looked for here, in `saved_plans` beside, and among the shipped plans, in that order.

    Raises
    ------
    FileError
        Where there is none, naming the nearest plan (and, where it may be one, the nearest command).
    """
    for candidate in _candidates(text):
        # a name that is too long for the system is no file's
        with contextlib.suppress(OSError):
            if candidate.is_file() or (os.sep in text and candidate.exists()):
                return candidate
    if text and _is_folder(text):
        raise FileError(f"{shown_path(text)}: is a folder; expected a plan's file")
    known = [path.stem for path in list_plans([_SAVED_PLANS, shipped_plans_folder()])]
    what = "no such file, saved plan or command" if is_maybe_command else "no such file or saved plan"
    commands = [name for name in COMMANDS if name != DEFAULT.name] if is_maybe_command else []
    near = suggestion(Path(text).stem, sorted({*known, *commands}))
    raise FileError(f"{shown_path(text) or shown_value(text)}: {what}{near}")


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):
        return False


def _candidates(text: str) -> Iterator[Path]:
    try:
        path = Path(text)
        yield path
        if path.name == text:
            name = text if text.endswith(_SUFFIX) else text + _SUFFIX
            for folder in (Path(), _SAVED_PLANS, shipped_plans_folder()):
                yield folder / name
    except ValueError:
        return


def load_named_plan(text: str) -> Plan:
    """Return the plan that a path or name means."""
    from planner.plans.plan_file import load_plan

    return load_plan(find_plan(text))


def load_set_plan(text: str, overrides: list[str], catalog: Catalog) -> Plan:
    """Return the plan that a path or name means, with `--set` applied.

    What had to follow another system is told on stderr; what was set beside it stays as it was set.
    """
    plan = load_named_plan(text)
    if not overrides:
        refuse_unusable(text, plan, catalog)
        return plan
    from planner.plans.overrides import apply_overrides

    return with_followers(text, plan, apply_overrides(plan, overrides), overrides, catalog)


def offered(text: str, label: str, plan: Plan, catalog: Catalog) -> list[tuple[str, Plan]]:
    """Return each offer's name with its plan; of a plan without offers, itself under its own name.

    Parameters
    ----------
    text, label
        What was typed for the plan, and that as it may be shown.
    plan
        A plan, with `[[offers]]` or without.
    catalog
        Where its profiles are found.

    Raises
    ------
    PlanError
        Where an offer sets what no plan holds, or names a profile that is nobody's.
    """
    from planner.plans.offers import offered_plans

    found = []
    for place, (name, changed) in enumerate(offered_plans(plan, label)):
        within = f"offers[{place}]: " if plan.offers else ""
        overrides = plan.offers[place].set if plan.offers else ()
        found.append((name, with_followers(text, plan, changed, overrides, catalog, within=within)))
    return found


def offered_of_each(
    typed: Sequence[str], plans: Sequence[tuple[str, Plan]], catalog: Catalog, *, is_by_label: bool = False
) -> Iterator[tuple[str, Plan]]:
    """Yield the offers of several plans by their names, behind what was typed for each of several plans.

    A plan without offers is called as it calls itself, or `is_by_label` by what was typed alone.
    """
    for text, (label, plan) in zip(typed, plans, strict=True):
        for name, one in offered(text, label, plan, catalog):
            if is_by_label and not plan.offers:
                yield label, one
            else:
                yield f"{label}: {name}" if len(plans) > 1 else name, one


def with_followers(
    text: str, plan: Plan, changed: Plan, overrides: Sequence[str], catalog: Catalog, *, within: str = ""
) -> Plan:
    """Return a plan that was changed, with what had to follow another system, which is told on stderr.

    Parameters
    ----------
    text
        What was typed for the plan.
    plan, changed, overrides
        The plan as it was read, as it is with what was set in it, and what that was: it stays as it was set.
    catalog
        Where its profiles are found.
    within
        What stands before a line about it, where it is a part of the plan's file that changes it.

    Raises
    ------
    PlanError
        Where the changed plan names a profile that is nobody's.
    """
    refuse_unusable(text, changed, catalog, is_as_read=False, within=within)
    systems = {pool.id: pool.system for pool in plan.cluster.pools}
    if all(pool.system == systems.get(pool.id, pool.system) for pool in changed.cluster.pools):
        return changed
    # NumPy comes with it: only a plan whose system is another waits for that
    from planner.planning.exchange import followed

    exchange = followed(plan, changed, overrides, catalog)
    for change in exchange.changes:
        narrate(f"note: {within}{change.line}")
    return exchange.plan


def load_labelled_plan(text: str) -> tuple[str, Plan]:
    """Return the plan that a path or name means, with what was typed as it may be shown."""
    return shown_path(text), load_named_plan(text)


def open_catalog(arguments: argparse.Namespace, plans: Mapping[str, Plan] | None = None) -> Catalog:
    """Return the catalog of the search path with the folders that `--profiles` named.

    Parameters
    ----------
    arguments
        What was parsed.
    plans
        The plans that will be read with it, each by what was typed for it.

    Raises
    ------
    FileError
        Where a folder that `--profiles` named does not exist.
    PlanError
        Where a plan names a profile that is nobody's, or lacks what every estimate needs: the message
        names the plan's file and key.
    """
    from planner.catalog.catalog import load_catalog

    catalog = load_catalog(arguments.profile_folders)
    catalog.check_present(arguments.profile_folders)
    for name, plan in (plans or {}).items():
        refuse_unusable(name, plan, catalog)
    return catalog


def refuse_unusable(
    name: str, plan: Plan, catalog: Catalog, *, is_as_read: bool = True, within: str = ""
) -> None:
    """Refuse a plan that names a profile that is nobody's, or lacks what every estimate needs.

    Raises
    ------
    PlanError
        The message names the plan's file and key, and its line where the plan is as it was read.
    """
    problems = name_problems(name, plan, catalog, is_as_read=is_as_read, within=within)
    if problems:
        from planner.files.validation import InvalidPlanError

        raise InvalidPlanError(problems)


def name_problems(
    name: str,
    plan: Plan | Mapping[str, Any],
    catalog: Catalog,
    *,
    is_as_read: bool = True,
    within: str = "",
) -> list[str]:
    """Return a line for each profile that a plan, or its tables, names and no folder has.

    Of a plan, also one for each key that it lacks and no estimate does without. `within` stands before each.
    """
    from planner.domain.plan import Plan, missing_in_plan
    from planner.planning.named_profiles import unknown_profiles

    found = list(unknown_profiles(plan, catalog))
    if isinstance(plan, Plan):
        found += [
            (missing.path, f"{missing.name}: is missing; no estimate does without it")
            for missing in missing_in_plan(plan)
        ]
    if not found:
        return []
    from planner.files.key_lines import KeyLines
    from planner.files.reading import read_text

    path = find_plan(name)
    keys = KeyLines(read_text(path) if is_as_read else None)
    return [f"{shown_path(path)}: {within}{keys.before(key)}{line}" for key, line in found]


def check_given_rules(arguments: argparse.Namespace, catalog: Catalog, as_of: datetime.date | None) -> None:
    """Refuse broken rule files of the folders that `--profiles` named; those of others are only told of.

    Raises
    ------
    ProfileError
        With the first problem: who names a folder for this very answer wants its rules in it.
    """
    if not arguments.profile_folders:
        return
    from planner.catalog.rules import load_rule_book

    given = {folder.label for folder in catalog.folders if folder.path in arguments.profile_folders}
    today = datetime.datetime.now(datetime.UTC).date()
    load_rule_book(catalog, as_of or today).checked(given)


def narrate_notices(catalog: Catalog) -> None:
    """Say on stderr what the catalog left out so far."""
    for notice in catalog.notices:
        narrate(f"note: {notice}")
