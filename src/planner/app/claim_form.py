"""What is typed into the claim checker: its fields, and the statement that they make. Knows no widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.app.edits import read_text, write_value
from planner.app.field_spec import spec_of
from planner.domain.claim import TrainingStatement
from planner.errors import InputError
from planner.files.validation import validate

CLAIM_FIELDS = tuple(
    spec_of(TrainingStatement, name, may_be_empty=True)
    for name in (
        "chip",
        "chips",
        "model",
        "parameters",
        "active_parameters",
        "tokens",
        "days",
        "tokens_per_second",
        "mfu",
        "joules_per_token",
        "precision",
        "sequence_length",
        "nodes",
        "peak_flops_per_s",
        "flops_convention",
        "flops_per_token",
        "is_original_training",
    )
)


FIELDS_BY_NAME = {spec.key: spec for spec in CLAIM_FIELDS}
#: What only an MFU is by.
_OF_MFU = ("peak_flops_per_s", "flops_convention", "flops_per_token")
_RATES = ("days", "tokens_per_second", "mfu", "joules_per_token")
#: Typing into a field empties these: a claim says one of them.
RIVALS: dict[str, tuple[str, ...]] = {
    "model": ("parameters", "active_parameters"),
    "parameters": ("model",),
    "active_parameters": ("model",),
    "days": ("tokens_per_second", "mfu", "joules_per_token", *_OF_MFU),
    "tokens_per_second": ("days", "mfu", "joules_per_token", *_OF_MFU),
    "mfu": ("days", "tokens_per_second", "joules_per_token"),
    "joules_per_token": ("days", "tokens_per_second", "mfu", *_OF_MFU),
    "flops_convention": ("flops_per_token",),
    "flops_per_token": ("flops_convention",),
}


@dataclass
class ClaimDraft:
    """The texts of the form, and what is wrong with some of them."""

    texts: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> list[str]:
        """Take what was typed into a field; return the fields that it emptied."""
        self.problems.pop(name, None)
        if not text.strip():
            self.texts.pop(name, None)
            return []
        self.texts[name] = text
        spec = FIELDS_BY_NAME[name]
        try:
            read_text(text, spec.reading)
        except InputError as error:
            self.problems[name] = str(error)
        emptied = [rival for rival in RIVALS.get(name, ()) if rival in self.texts]
        for rival in emptied:
            self.texts.pop(rival)
            self.problems.pop(rival, None)
        return emptied

    def clear(self) -> None:
        """Empty every field."""
        self.texts.clear()
        self.problems.clear()

    def fill(self, statement: TrainingStatement) -> None:
        """Take a statement's values in place of whatever was typed."""
        self.clear()
        values = {name: getattr(statement, name) for name in FIELDS_BY_NAME}
        self.texts |= {
            name: write_value(value, FIELDS_BY_NAME[name].reading)
            for name, value in values.items()
            if value is not None and value != TrainingStatement.model_fields[name].default
        }

    @property
    def missing(self) -> list[str]:
        """What must still be said, in words; empty where the claim can be judged."""
        texts = self.texts
        needed = [
            (bool(texts.get("chip")), "the chip"),
            (bool(texts.get("chips")), "how many chips"),
            (bool(texts.get("model") or texts.get("parameters")), "the model or its parameters"),
            (any(texts.get(name) for name in _RATES), "days, tokens/s, MFU or J/token"),
            (bool(texts.get("tokens")) or not texts.get("days"), "the tokens that the days are for"),
        ]
        return [words for is_said, words in needed if not is_said]

    def value(self, name: str) -> Any:
        """Return what a field's text says.

        Raises
        ------
        InputError
            Where it says nothing that can be read.
        """
        return read_text(self.texts.get(name, ""), FIELDS_BY_NAME[name].reading)

    def statement(self) -> TrainingStatement:
        """Return the statement that the fields make.

        Raises
        ------
        InputError
            Where they make none: the message says which field, or what does not go together.
        """
        values = statement_values(self.texts)
        return validate(TrainingStatement, values, where="claim")


def statement_values(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what the texts say, by the names of the statement's fields."""
    found = {name: read_text(text, FIELDS_BY_NAME[name].reading) for name, text in texts.items()}
    return {name: value for name, value in found.items() if value is not None}
