"""Runs examples against the rules of the search path, and says where they disagree."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from planner.catalog.rules import RuleBook
from planner.compliance.assess import Assessment, assess
from planner.compliance.facts import derive
from planner.domain.rule_example import ChipExample, RuleExamples, ScenarioExample
from planner.errors import FileError, InputError
from planner.files.reading import read_text, shown_path
from planner.files.validation import validate

#: How far a derived number may lie from the expected one.
TOLERANCES = {"tpp": 0.05, "performance_density": 0.006}


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example and what disagreed; nothing where it passed."""

    kind: Literal["chip", "scenario"]
    name: str
    failures: tuple[str, ...]


def load_rule_examples(path: Path) -> RuleExamples:
    """Return the examples of a JSON file.

    Raises
    ------
    FileError, ProfileError
        Where the file is unreadable, is not JSON or holds what is no example.
    """
    where = shown_path(path)
    text = read_text(path)
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise FileError(f"{where}: line {error.lineno}: is not JSON: {error.msg}") from None
    except InputError as error:
        raise FileError(f"{where}: {error}") from None
    except ValueError:
        # Python refuses to convert integers of thousands of digits
        raise FileError(f"{where}: holds a number that is too long to read") from None
    except RecursionError:
        raise FileError(f"{where}: nests too deep") from None
    if not isinstance(data, dict):
        raise FileError(f"{where}: expected a table with chips and scenarios")
    return validate(RuleExamples, data, where=where)


def _refuse_constant(name: str) -> NoReturn:
    raise InputError(f"holds {name}; expected finite numbers")


def run_rule_examples(
    examples: RuleExamples, book_on: Callable[[datetime.date], RuleBook], *, today: datetime.date
) -> tuple[ExampleResult, ...]:
    """Return the result of every example, in the file's order.

    Parameters
    ----------
    examples
        What must hold.
    book_on
        Returns the rules and country groups of a date.
    today
        Stands in where neither a scenario nor the file says a date.
    """
    chips = (ExampleResult("chip", chip.name, tuple(_chip_failures(chip))) for chip in examples.chips)
    default = examples.built or today
    scenarios = (
        ExampleResult("scenario", scenario.id, tuple(_scenario_failures(scenario, book_on, default)))
        for scenario in examples.scenarios
    )
    return (*chips, *scenarios)


def _chip_failures(chip: ChipExample) -> Iterable[str]:
    derived = derive(chip.input)
    for key in sorted(chip.expect.model_fields_set):
        expected, found = getattr(chip.expect, key), derived.get(f"chip.{key}")
        if not _agrees(key, expected, found):
            yield f"{key}: expected {_shown(expected)}, found {_shown(found)}"


def _agrees(key: str, expected: Any, found: Any) -> bool:
    if expected is None or found is None:
        return expected is found
    if key in TOLERANCES:
        return bool(abs(found - expected) <= TOLERANCES[key])
    return bool(expected == found)


def _scenario_failures(
    scenario: ScenarioExample, book_on: Callable[[datetime.date], RuleBook], default: datetime.date
) -> Iterable[str]:
    as_of = scenario.input.get("as_of") or default.isoformat()
    book = book_on(datetime.date.fromisoformat(as_of))
    answer = assess(book.terms.values(), scenario.input, book.lists, as_of=as_of)
    fired = {finding.rule for finding in answer.findings}
    unknown = {entry.rule for entry in answer.unknown}
    for rule in (*scenario.must_fire, *scenario.must_not_fire, *scenario.needs_input):
        if rule not in book.rules:
            yield f"{rule}: no rule is called so"
    for rule in scenario.must_fire:
        if rule not in fired and rule in book.rules:
            yield f"{rule}: must fire, but {_standing(rule, answer)}"
    for rule in scenario.must_not_fire:
        if rule in fired:
            yield f"{rule}: must not fire, but fires"
    for rule in scenario.needs_input:
        if rule not in unknown and rule in book.rules:
            yield f"{rule}: must need input, but {_standing(rule, answer)}"


def _standing(rule: str, answer: Assessment) -> str:
    if any(finding.rule == rule for finding in answer.findings):
        return "fires"
    for entry in answer.unknown:
        if entry.rule == rule:
            return f"waits for {', '.join(sorted(entry.missing))}"
    return "does not hold or is not current"


def _shown(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
