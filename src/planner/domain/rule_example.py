"""Examples that rules must agree with: chips with their classes, scenarios with their notes."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from planner.domain.base import Model, SafeParagraphs, SafeText
from planner.domain.condition import check_facts
from planner.domain.rule import RuleId
from planner.errors import InputError


def _checked(value: Any) -> dict[str, Any]:
    try:
        return check_facts(value)
    except InputError as error:
        raise ValueError(str(error)) from None


CheckedFacts = Annotated[dict[str, Any], BeforeValidator(_checked)]


class ChipExpectation(Model):
    """What must be derived; a key that is absent is not looked at, one that is null must be unknown."""

    tpp: float | None = None
    performance_density: float | None = None
    eccn: SafeText | None = None
    oct2022_controlled: bool | None = None
    cn_case_by_case_numbers_ok: bool | None = None
    s232_band: Literal[0, 1, 2] | None = None


class ChipExample(Model):
    """One chip."""

    name: SafeText
    input: CheckedFacts
    expect: ChipExpectation
    #: where the numbers come from
    numbers_from: SafeParagraphs | None = None
    comment: SafeParagraphs | None = None
    confidence: SafeText | None = None


class ScenarioExample(Model):
    """One set of facts; rules that are not listed may do as they like."""

    id: SafeText
    description: SafeParagraphs = ""
    input: CheckedFacts
    must_fire: tuple[RuleId, ...] = ()
    must_not_fire: tuple[RuleId, ...] = ()
    needs_input: tuple[RuleId, ...] = ()
    numbers_from: SafeParagraphs | None = None
    comment: SafeParagraphs | None = None
    confidence: SafeText | None = None


class RuleExamples(Model):
    """A file of examples."""

    meta: dict[str, Any] = Field(default_factory=dict)
    chips: tuple[ChipExample, ...] = Field(default=(), max_length=10_000)
    scenarios: tuple[ScenarioExample, ...] = Field(default=(), max_length=10_000)

    @property
    def built(self) -> datetime.date | None:
        """The day that scenarios without `as_of` stand on."""
        try:
            return datetime.date.fromisoformat(str(self.meta.get("built")))
        except ValueError:
            return None
