"""A compliance rule as data, and the dated lists of countries that rules refer to."""

import datetime
import functools
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from planner.domain.base import CountryCode, Model, Profile, SafeText
from planner.domain.condition import check_condition, leaves_of
from planner.errors import InputError

Status = Literal[
    "in_force",
    "enacted",
    "uncertain",
    "not_enforced",
    "reported",
    "draft",
    "proposed",
    "superseded",
    "rescinded",
]
#: In the order in which a pane shows them.
Severity = Literal["block", "licence_required", "notify", "report", "advisory"]
Subject = Literal[
    "chip_export", "chip_use", "model_compute", "cluster", "site_energy", "procurement", "screening"
]
#: How the rule's text is known, best first.
RuleEvidence = Literal["primary", "primary-quoted", "secondary", "memory"]

#: A rule's key: the jurisdiction first, kept as the catalogue writes it; its file is called in lower case.
RuleId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*$", min_length=1, max_length=80)
]
GroupName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]+(?:[:_@.-][A-Za-z0-9]+)*$", min_length=1, max_length=80)
]
#: A date that may be known only to the month or the year.
PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(?:-\d{2}(?:-\d{2})?)?$")]


def _checked(value: Any) -> dict[str, Any]:
    try:
        return check_condition(value)
    except InputError as error:
        raise ValueError(str(error)) from None


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


Condition = Annotated[dict[str, Any], BeforeValidator(_checked)]


class RuleSource(Model):
    """A document that a rule was read in or is quoted from."""

    title: SafeText
    #: empty where only a quoting source was seen
    url: SafeText = ""
    date: Annotated[PartialDate | None, BeforeValidator(_iso)] = None


class Rule(Model):
    """`profiles/rules/<id in lower case>.toml`."""

    id: RuleId
    jurisdiction: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$")]
    title: SafeText
    citation: SafeText
    status: Status
    #: inclusive; absent is open
    effective_from: datetime.date | None = None
    effective_to: datetime.date | None = None
    superseded_by: SafeText | None = None
    subject: Subject
    severity: Severity
    #: of a licence: the stated policy, for instance presumption_of_denial
    review_policy: SafeText | None = None
    condition: Condition
    #: reserved
    condition_text: SafeText | None = None
    note: SafeText
    caveat: SafeText | None = None
    sources: tuple[RuleSource, ...] = Field(min_length=1, max_length=50)
    #: the decisive content was seen in a document that somebody opened
    verified: bool
    verified_at: SafeText | None = None
    evidence: RuleEvidence
    confidence: Literal["high", "medium", "low"]
    #: past this day the note is shown as not re-checked
    review_by: datetime.date | None = None

    @functools.cached_property
    def fields_read(self) -> frozenset[str]:
        """The fields that the condition reads."""
        return frozenset(leaf["f"] for leaf in leaves_of(self.condition))

    @property
    def name(self) -> str:
        """What lists call it, as the `name` of every other profile."""
        return self.title

    @property
    def notes(self) -> tuple[str, ...]:
        """What is told beside it, as the `notes` of every other profile."""
        return (self.note,) if self.caveat is None else (self.note, self.caveat)

    @model_validator(mode="after")
    def _dates_run_forward(self) -> Self:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(
                f"effective_to {self.effective_to} is before effective_from {self.effective_from}; "
                "expected the same day or later"
            )
        return self


class CountryGroups(Profile):
    """`profiles/country_groups/<date>.toml`: lists as printed on that date."""

    source: SafeText
    verified: bool
    verified_at: SafeText | None = None
    groups: dict[GroupName, tuple[CountryCode, ...]] = Field(min_length=1, max_length=200)


def groups_named(condition: dict[str, Any]) -> frozenset[str]:
    """Return the country groups that a checked condition refers to."""
    return frozenset(leaf["v"] for leaf in leaves_of(condition) if leaf["op"] == "in_group")
