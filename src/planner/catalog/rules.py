"""The rules of the search path, with the lists of countries that stand on a date."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from planner.catalog.catalog import Catalog, Problem
from planner.compliance.assess import RuleTerms
from planner.compliance.evaluate import Groups
from planner.domain.rule import CountryGroups, Rule, groups_named
from planner.errors import ProfileError
from planner.files.reading import shown_path
from planner.files.values import shown_value, suggestion


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Rules and country groups as one date reads them."""

    #: by id
    rules: Mapping[str, Rule]
    groups: CountryGroups
    #: the date that the groups were printed on, which is their file's name
    groups_date: str
    #: files that were left out: what they say is missing from every answer
    problems: tuple[Problem, ...] = ()
    #: the label of the folder that each rule came from, by its id
    origins: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def terms(self) -> Mapping[str, RuleTerms]:
        """What the evaluation reads of the rules, by id."""
        return {identifier: rule_terms(rule) for identifier, rule in self.rules.items()}

    @cached_property
    def lists(self) -> Groups:
        """The country groups as the evaluation reads them."""
        return country_lists(self.groups)

    def checked(self, origins: Collection[str] | None = None) -> RuleBook:
        """Return the book if it is whole.

        Parameters
        ----------
        origins
            Labels of the folders whose files must be sound; None: all.

        Raises
        ------
        ProfileError
            With the first problem.
        """
        lines = [problem.line for problem in self.problems if origins is None or problem.origin in origins]
        if lines:
            more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
            raise ProfileError(f"{lines[0]}{more}")
        return self


def rule_terms(rule: Rule) -> RuleTerms:
    """Return what the evaluation reads of a rule."""
    return RuleTerms(
        rule.id,
        rule.severity,
        rule.subject,
        rule.condition,
        _iso(rule.effective_from),
        _iso(rule.effective_to),
        _iso(rule.review_by),
    )


def country_lists(groups: CountryGroups) -> Groups:
    """Return country groups as the evaluation reads them."""
    return {name: frozenset(countries) for name, countries in groups.groups.items()}


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()


def load_rule_book(catalog: Catalog, as_of: datetime.date) -> RuleBook:
    """Return the rules and the newest country groups that are not younger than `as_of`.

    Where all groups are younger, the oldest stand in. A rule that names an unknown group is left out
    with a problem.

    Raises
    ------
    ProfileError
        Where there are no country groups at all.
    """
    groups_date, groups = _groups_on(catalog, as_of)
    return catalog.kept(
        ("rule book", groups_date),
        ("rules", "country_groups"),
        lambda keeping: _rule_book(keeping, groups_date, groups),
    )


def _rule_book(catalog: Catalog, groups_date: str, groups: CountryGroups) -> RuleBook:
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    origins: dict[str, str] = {}
    for key in catalog.ids("rules"):
        entry = catalog.find("rules", key)
        if entry is None or not isinstance(entry.profile, Rule):
            continue
        rule = entry.profile
        unknown = sorted(groups_named(rule.condition) - set(groups.groups))
        if unknown:
            near = suggestion(unknown[0], groups.groups)
            line = f"{shown_path(entry.path)}: condition: no country group {shown_value(unknown[0])}{near}"
            problems.append(Problem(line, entry.origin, key))
            continue
        rules[rule.id] = rule
        origins[rule.id] = entry.origin
    broken = (*catalog.problems("rules"), *catalog.problems("country_groups"))
    return RuleBook(rules, groups, groups_date, (*broken, *problems), origins)


def _groups_on(catalog: Catalog, as_of: datetime.date) -> tuple[str, CountryGroups]:
    dated = sorted(key for key in catalog.ids("country_groups") if _is_date(key))
    found = [
        (key, entry.profile)
        for key in dated
        if (entry := catalog.find("country_groups", key)) is not None
        and isinstance(entry.profile, CountryGroups)
    ]
    if not found:
        raise ProfileError("no country groups; expected a file such as country_groups/2026-09-24.toml")
    earlier = [pair for pair in found if pair[0] <= as_of.isoformat()]
    return earlier[-1] if earlier else found[0]


def _is_date(stem: str) -> bool:
    try:
        return datetime.date.fromisoformat(stem).isoformat() == stem
    except ValueError:
        return False
