"""`planner rules`: lists, shows and tests the compliance rules."""

from __future__ import annotations

import argparse
import datetime
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.inputs import narrate_notices, open_catalog
from planner.cli.terminal import show, write
from planner.errors import ProfileError
from planner.files.values import shown_value, suggestion

if TYPE_CHECKING:
    from planner.catalog.rules import RuleBook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action")
    listing = actions.add_parser("list", help="all rules", allow_abbrev=False)
    listing.set_defaults(act=_list)
    showing = actions.add_parser(
        "show", help="one rule: its note, condition, dates and sources", allow_abbrev=False
    )
    showing.add_argument("id", metavar="ID", help="the rule, such as US-3A090-A1")
    showing.set_defaults(act=_show)
    testing = actions.add_parser(
        "test", help="hold the rules against examples; exit code 1 where they disagree", allow_abbrev=False
    )
    testing.add_argument("file", metavar="FILE", help="examples as JSON: chips and scenarios")
    testing.set_defaults(act=_test)
    for parser_with_json in (listing, showing, testing):
        parser_with_json.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Do the action that was named."""
    return int(arguments.act(arguments))


def _list(arguments: argparse.Namespace) -> int:
    from planner.report.estimate_json import json_text
    from planner.report.rule_document import rule_to_dict, rules_document

    today = _today()
    book = _book(arguments, today)
    rules = book.rules.values()
    if arguments.json:
        write(json_text([rule_to_dict(rule, book.origins[rule.id], today=today) for rule in rules]))
    else:
        show(rules_document(rules, book.origins, today=today))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from planner.report.estimate_json import json_text
    from planner.report.rule_document import rule_document, rule_to_dict

    today = _today()
    book = _book(arguments, today)
    rules = {identifier.lower(): rule for identifier, rule in book.rules.items()}
    rule = rules.get(arguments.id.lower())
    if rule is None:
        near = suggestion(arguments.id, [known.id for known in rules.values()])
        raise ProfileError(f"no rule is called {shown_value(arguments.id)}{near}")
    if arguments.json:
        write(json_text(rule_to_dict(rule, book.origins[rule.id], today=today)))
    else:
        show(rule_document(rule, book.origins[rule.id], today=today))
    return 0


def _test(arguments: argparse.Namespace) -> int:
    from planner.catalog.rules import load_rule_book
    from planner.planning.rule_examples import load_rule_examples, run_rule_examples
    from planner.report.estimate_json import json_text
    from planner.report.rule_document import example_results_document, example_results_to_dict

    examples = load_rule_examples(Path(arguments.file))
    catalog = open_catalog(arguments)
    today = _today()
    load_rule_book(catalog, today).checked()
    results = run_rule_examples(
        examples, functools.cache(functools.partial(load_rule_book, catalog)), today=today
    )
    narrate_notices(catalog)
    if arguments.json:
        write(json_text(example_results_to_dict(results)))
    else:
        show(example_results_document(results))
    return 1 if any(result.failures for result in results) else 0


def _book(arguments: argparse.Namespace, today: datetime.date) -> RuleBook:
    """Return the whole rule book of the search path; a broken rule file is bad input here."""
    from planner.catalog.rules import load_rule_book

    catalog = open_catalog(arguments)
    book = load_rule_book(catalog, today).checked()
    narrate_notices(catalog)
    return book


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).date()
