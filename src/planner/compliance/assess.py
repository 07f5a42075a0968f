"""Which rules apply to the facts on a date, which wait for an answer, and which come within the horizon."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from planner.compliance.evaluate import Condition, Decision, Groups, decision, fields_of, walk
from planner.compliance.facts import Facts, derive
from planner.errors import InputError

#: In the order in which notes are shown.
SEVERITIES = ("block", "licence_required", "notify", "report", "advisory")
SUBJECTS = (
    "chip_export",
    "chip_use",
    "model_compute",
    "cluster",
    "site_energy",
    "procurement",
    "screening",
)


@dataclass(frozen=True, eq=False)
class RuleTerms:
    """What the evaluation reads of a rule; dates are ISO text, None is open.

    What follows from the rule alone is worked out when it is first asked for, and kept.
    """

    id: str
    severity: str
    subject: str
    condition: Condition
    effective_from: str | None = None
    effective_to: str | None = None
    review_by: str | None = None

    @cached_property
    def decide(self) -> Decision:
        """The condition as a function."""
        return decision(self.condition)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The fields that the condition reads."""
        return fields_of(self.condition)

    @cached_property
    def chip_fields(self) -> frozenset[str]:
        """Those of them that are about one chip."""
        return frozenset(field for field in self.reads if field.startswith("chip."))

    @cached_property
    def order(self) -> tuple[int, int, str]:
        """What orders notes: severity, then subject, then the rule's id."""
        return _position(SEVERITIES, self.severity), _position(SUBJECTS, self.subject), self.id

    @cached_property
    def turning_days(self) -> tuple[str, ...]:
        """The days on which the answer may change: its first, and the dates that it compares."""
        return tuple(sorted(_turning_days(self)))


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies."""

    rule: str
    #: nobody has re-checked the rule since its date for it
    is_stale: bool
    #: of an upcoming rule: the day from which it applies
    applies_from: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A rule that waits for an answer."""

    rule: str
    missing: frozenset[str]
    #: those of the missing fields that could settle it alone
    deciding: frozenset[str]


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field that is unknown, and the rules that wait for it."""

    field: str
    rules: tuple[str, ...]
    #: rules that this field could settle alone
    decides: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer for one set of facts."""

    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    upcoming: tuple[Finding, ...]

    @property
    def needs_input(self) -> tuple[MissingField, ...]:
        """The missing fields, the one that decides most rules first."""
        return by_missing_field(self.unknown)


def is_current(rule: RuleTerms, as_of: str) -> bool:
    """Return whether the rule stands on that day; both its dates are inclusive.

    Examples
    --------
    >>> is_current(RuleTerms("X", "report", "cluster", {}, "2026-01-01", "2026-12-31"), "2026-12-31")
    True
    """
    return (rule.effective_from or "") <= as_of and (rule.effective_to is None or as_of <= rule.effective_to)


def is_stale(rule: RuleTerms, day: str) -> bool:
    """Return whether the day by which somebody was to re-check the rule has passed."""
    return rule.review_by is not None and day > rule.review_by


_order = attrgetter("order")


def _position(order: Sequence[str], value: str) -> int:
    return order.index(value) if value in order else len(order)


def assess(
    rules: Iterable[RuleTerms],
    facts: Facts,
    groups: Groups,
    *,
    as_of: str,
    horizon_end: str | None = None,
    today: str | None = None,
) -> Assessment:
    """Return what applies on `as_of`, what is asked, and what starts to apply up to `horizon_end`.

    Parameters
    ----------
    rules
        Rules in any order.
    facts
        Field to value; what is absent is unknown. Derivations are done here.
    groups
        Lists of countries by name.
    as_of, horizon_end, today
        ISO dates. A rule is stale where the later of `as_of` and `today` is past its `review_by`.

    Raises
    ------
    InputError
        Where a rule's condition is none, with the rule's id.
    """
    day = max(as_of, today or as_of)
    findings: list[Finding] = []
    unknown: list[Unknown] = []
    upcoming: list[Finding] = []
    known_now = derive({**facts, "as_of": as_of})
    for rule in sorted(rules, key=_order):
        try:
            verdict = rule.decide(known_now, groups) if is_current(rule, as_of) else None
            if verdict is not None and verdict.value:
                findings.append(Finding(rule.id, is_stale(rule, day)))
                continue
            if verdict is not None and verdict.value is None:
                unknown.append(Unknown(rule.id, verdict.missing, verdict.deciding))
            begins = _first_day(rule, known_now, groups, as_of, horizon_end)
        except InputError as error:
            raise InputError(f"rule {rule.id}: {error}") from None
        if begins is not None:
            upcoming.append(Finding(rule.id, is_stale(rule, day), begins))
    return Assessment(tuple(findings), tuple(unknown), tuple(upcoming))


def _first_day(
    rule: RuleTerms, facts: Facts, groups: Groups, as_of: str, horizon_end: str | None
) -> str | None:
    """Return the first day after `as_of`, within the horizon, on which the rule holds."""
    if horizon_end is None:
        return None
    for day in rule.turning_days:
        if not as_of < day <= horizon_end or not is_current(rule, day):
            continue
        if rule.decide({**facts, "as_of": day}, groups).value:
            return day
    return None


def _turning_days(rule: RuleTerms) -> set[str]:
    days = {rule.effective_from} if rule.effective_from else set()
    if "as_of" not in rule.reads:
        return days
    for node in walk(rule.condition):
        wanted = node.get("v")
        if node.get("f") != "as_of":
            continue
        for day in wanted if isinstance(wanted, list | tuple) else (wanted,):
            try:
                date = datetime.date.fromisoformat(str(day))
                days |= {date.isoformat(), (date + datetime.timedelta(days=1)).isoformat()}
            except (ValueError, OverflowError):
                continue
    return days


def by_missing_field(unknown: Iterable[Unknown]) -> tuple[MissingField, ...]:
    """Return the missing fields with the rules that wait, the field that decides most rules first."""
    waiting: dict[str, set[str]] = defaultdict(set)
    decided: dict[str, set[str]] = defaultdict(set)
    for entry in unknown:
        rule, deciding = entry.rule, entry.deciding
        for field in entry.missing:
            waiting[field].add(rule)
            if field in deciding:
                decided[field].add(rule)
    fields = [
        MissingField(field, tuple(sorted(rules)), len(decided.get(field, ())))
        for field, rules in waiting.items()
    ]
    return tuple(sorted(fields, key=lambda entry: (-entry.decides, -len(entry.rules), entry.field)))
