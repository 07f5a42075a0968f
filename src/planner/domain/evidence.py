"""Evidence: a figure with its kind, source and date, and the rival figures that lost to it."""

import datetime
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import model_validator

from planner.domain.base import Model, SafeText, SourceKey
from planner.domain.keys import Key

#: How a figure is known, best first. `memory`: nobody read it for this profile; `assumed`: no source at all.
EvidenceKind = Literal["measured", "datasheet", "derived", "claim", "memory", "assumed"]

Value = TypeVar("Value")


class Source(Model):
    """A document that figures come from."""

    title: Annotated[
        SafeText,
        Key(
            "new document",
            "What the document is called that the key in `sources` is to stand for, where nobody named it "
            "before: it is written into the sources.toml of the folder.",
            example="Vendor X, quote 3 of 20 Nov 2026",
        ),
    ]
    where: Annotated[
        SafeText, Key("found at", "Its address, or whose letter it is.", example="https://vendor.example/q3")
    ]
    kind: SafeText | None = None
    read: datetime.date | None = None


class Evidence(Model):
    """Where one figure comes from."""

    kind: Annotated[
        EvidenceKind,
        Key(
            "known by",
            "How the figure is known, best first; the first, second and fourth name a source.",
            answers={
                "measured": "somebody measured it",
                "datasheet": "the vendor's document says so",
                "derived": "worked out of others: the note says how",
                "claim": "somebody says so",
                "memory": "nobody read it for this profile",
                "assumed": "no source at all",
            },
        ),
    ]
    sources: Annotated[
        tuple[SourceKey, ...],
        Key(
            "sources",
            "Keys of the documents that say so, with commas between them.",
            example="VENDOR-Q3",
            find="`planner profiles sources` lists them",
        ),
    ] = ()
    date: Annotated[
        datetime.date | None, Key("date", "Of the document, or of the quote.", example="2026-11-20")
    ] = None
    confidence: Annotated[
        Literal["high", "medium", "low"] | None, Key("confidence", "How sure whoever read it is.")
    ] = None
    note: Annotated[
        SafeText | None, Key("note", "What is to be said of it: how it was worked out, what it counts.")
    ] = None

    @model_validator(mode="after")
    def _is_sourced(self) -> Self:
        if self.kind in ("measured", "datasheet", "claim") and not self.sources:
            raise ValueError(f"a figure of kind '{self.kind}' names no source; expected sources = [\"...\"]")
        if self.kind == "derived" and not self.sources and not self.note:
            raise ValueError("a derived figure says neither its sources nor its arithmetic; expected a note")
        return self


class Rival(Evidence, Generic[Value]):
    """A figure in circulation that is not the default."""

    value: Value
    #: set where the figure is known to be wrong: the reason, shown to whoever types it in
    wrong_because: SafeText | None = None


class Sourced(Evidence, Generic[Value]):
    """A figure that can be disputed: the default value, its evidence, and the rivals.

    A missing `value` says that nobody trustworthy knows; the figure is then unknown, never zero.
    """

    value: Value | None = None
    rivals: tuple[Rival[Value], ...] = ()
    #: why this value is the default, where there are rivals
    chosen_because: Annotated[
        SafeText | None, Key("chosen because", "Why this figure and not the rivals in circulation.")
    ] = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.rivals and self.value is not None and not (self.chosen_because or self.note):
            raise ValueError(
                "a disputed figure does not say why it is the default; expected chosen_because = '...'"
            )
        return self


#: What a document says of a part in words: shown in the pickers and by `profiles show` to whoever chooses or
#: doubts the part, and read by no estimate.
Remark = Sourced[SafeText]


def value_of(figure: Sourced[Value] | None) -> Value | None:
    """Return the figure's value, or None where it is unknown."""
    return None if figure is None else figure.value
