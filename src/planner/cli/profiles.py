"""`planner profiles`: lists, shows, compares and checks profiles, and lists the documents behind them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli.inputs import narrate_notices, open_catalog
from planner.cli.terminal import narrate, show, write
from planner.errors import InputError, ProfileError
from planner.files.values import shown_value, suggestion

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog


_RULE_KINDS = ("rules", "country_groups")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action")
    listing = actions.add_parser("list", help="all profiles, or those of one kind", allow_abbrev=False)
    listing.add_argument("kind", metavar="KIND", nargs="?", help="chips, systems, fabrics, ...")
    listing.add_argument("--search", metavar="WORDS", default="", help="those that hold every word")
    listing.add_argument(
        "--maker", metavar="NAME", default="", help="of one vendor, developer, platform or country"
    )
    listing.add_argument("--state", default="", help="proven, sold or roadmap; of rules what they are in")
    listing.add_argument(
        "--sort", metavar="FIGURE", default="", help="by any number, such as 'memory capacity'; needs KIND"
    )
    listing.add_argument("--rising", action="store_true", help="the smallest first")
    listing.set_defaults(act=_list)
    showing = actions.add_parser(
        "show", help="one profile: each figure with its evidence and its rivals", allow_abbrev=False
    )
    showing.add_argument("names", metavar="[KIND] ID", nargs="+", help="the profile, such as ascend-910b")
    showing.set_defaults(act=_show)
    comparing = actions.add_parser(
        "compare", help="two to six profiles of a kind side by side", allow_abbrev=False
    )
    comparing.add_argument("names", metavar="ID", nargs="+", help="such as h100-sxm ascend-910b")
    comparing.set_defaults(act=_compare)
    checking = actions.add_parser(
        "check", help="validate every file of a folder: one line per problem", allow_abbrev=False
    )
    checking.add_argument("folder", metavar="FOLDER", nargs="?", help="default: the built-in profiles")
    checking.set_defaults(act=_check)
    sources = actions.add_parser("sources", help="the documents that figures come from", allow_abbrev=False)
    sources.set_defaults(act=_sources)
    for parser_with_json in (listing, showing, comparing, sources):
        parser_with_json.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Do the action that was named."""
    return int(arguments.act(arguments))


def _list(arguments: argparse.Namespace) -> int:
    from planner.catalog.kinds import KINDS
    from planner.report.estimate_json import json_text
    from planner.report.profile_listing import Wish, check_wish, listing, sort_key, wanted
    from planner.report.profile_lists import profiles_document, profiles_to_list

    if arguments.sort and not arguments.kind:
        raise InputError("--sort needs the KIND that has the number, such as: profiles list chips --sort ...")
    catalog = open_catalog(arguments)
    # rules are many and have their own command; they are listed here when asked for
    kinds = [folder_of_kind(arguments.kind)] if arguments.kind else [k for k in KINDS if k not in _RULE_KINDS]
    listings = {kind: [one for one in listing(kind, catalog) if not one.problem] for kind in kinds}
    everything = [one for found in listings.values() for one in found]
    sort = sort_key(everything, arguments.sort) if arguments.sort else ""
    wish = Wish(arguments.search, arguments.maker, arguments.state, sort, arguments.rising)
    check_wish(everything, wish)
    shown = {kind: wanted(found, wish) for kind, found in listings.items()}
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(profiles_to_list(shown, sort=sort)))
        return 0
    is_whole = wish == Wish()
    if not is_whole:
        shown = {kind: found for kind, found in shown.items() if found or arguments.kind}
    unlisted = catalog.unlisted_parts if is_whole and "chips" in kinds else None
    show(profiles_document(shown, unlisted, sort=sort))
    return 0


def folder_of_kind(text: str) -> str:
    """Return the kind that a person means by `chips` or `chip`.

    Raises
    ------
    ProfileError
        Where there is no such kind, naming the nearest.
    """
    from planner.catalog.kinds import KINDS

    for folder, kind in KINDS.items():
        if text in (folder, kind.singular):
            return folder
    raise ProfileError(f"there is no kind of profile called {shown_value(text)}{suggestion(text, KINDS)}")


def _show(arguments: argparse.Namespace) -> int:
    from planner.planning.uses import plans_using, uses_of_plans
    from planner.plans.shipped import known_plans
    from planner.report.estimate_json import json_text
    from planner.report.profile_document import profile_document, profile_to_dict

    catalog = open_catalog(arguments)
    kind, identifier, entry = find_profile(catalog, arguments.names)
    # no plan names a rule, a claim or a list of countries
    uses = None
    if kind not in (*_RULE_KINDS, "claims"):
        uses = plans_using((kind, identifier), uses_of_plans(known_plans(), catalog))
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(profile_to_dict(kind, identifier, entry, catalog.sources, uses)))
    else:
        show(profile_document(kind, identifier, entry, catalog.sources, uses))
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    from planner.report.estimate_json import json_text
    from planner.report.profile_comparison import (
        check_comparable,
        profile_comparison_document,
        profile_comparison_to_dict,
    )
    from planner.report.profile_listing import listed

    catalog = open_catalog(arguments)
    found = [listed(*find_profile(catalog, [name]), catalog) for name in arguments.names]
    check_comparable(found)
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(profile_comparison_to_dict(found)))
    else:
        show(profile_comparison_document(found))
    return 0


def find_profile(catalog: Catalog, names: list[str]) -> tuple[str, str, Any]:
    """Return the kind, id and entry that `KIND ID` or a bare `ID` means.

    Raises
    ------
    ProfileError
        Where no profile or more than one is meant.
    """
    from planner.catalog.kinds import KINDS

    if len(names) > 2:
        raise ProfileError("profiles show: expected ID, or KIND and ID, such as: chips ascend-910b")
    if len(names) == 2:
        kind = folder_of_kind(names[0])
        return kind, names[1], catalog.get(kind, names[1])
    # files are named in lower case, rules are cited in capitals
    identifier = names[0].lower()
    ids = {kind: catalog.ids(kind) for kind in KINDS}
    kinds = [kind for kind, known in ids.items() if identifier in known]
    if not kinds:
        near = catalog.near(identifier, *KINDS)
        raise ProfileError(f"no profile is called {shown_value(identifier)}{near}")
    if len(kinds) > 1:
        raise ProfileError(
            f"more than one profile is called {shown_value(identifier)}; "
            f"expected one of {', '.join(f'{kind} {identifier}' for kind in kinds)}"
        )
    return kinds[0], identifier, catalog.get(kinds[0], identifier)


def _check(arguments: argparse.Namespace) -> int:
    from planner.catalog.check import check_folder
    from planner.catalog.search_path import built_in_folder
    from planner.text import safe

    folder = built_in_folder() if arguments.folder is None else Path(arguments.folder)
    problems = check_folder(folder)
    for problem in problems:
        write(f"{safe(problem)}\n")
    if not problems:
        narrate(f"every file of {folder} is valid")
    # a broken file is bad input, not an answer of no
    return 2 if problems else 0


def _sources(arguments: argparse.Namespace) -> int:
    from planner.report.estimate_json import json_text
    from planner.report.profile_document import sources_document, sources_to_list

    catalog = open_catalog(arguments)
    sources = catalog.sources
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(sources_to_list(sources)))
    else:
        show(sources_document(sources))
    return 0
