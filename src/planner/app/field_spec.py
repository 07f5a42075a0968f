"""What one input field is: its label, how it is read, and the help that F1 shows; made from a file's key."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import get_origin

from pydantic import BaseModel, BeforeValidator

from planner.app.edits import FieldKind, FieldPath, Reading, write_value
from planner.app.field_face import invitation, path_of
from planner.domain.amounts import QuantityReader
from planner.domain.base import COUNTRY, PARAGRAPHS
from planner.domain.keys import KeyField, find_key

#: How values of a plain type are read.
_KINDS: dict[type, FieldKind] = {bool: "flag", int: "whole", float: "quantity", datetime.date: "date"}
_YES_NO = (("yes", ""), ("no", ""))


@dataclass(frozen=True)
class FieldSpec:
    """One input field."""

    #: dotted key of the file; `[]` stands for the index of a pool
    key: str
    label: str
    reading: Reading
    #: what it means
    help: str
    #: what holds while it is empty, and what follows from that
    default: str
    #: what holds while it is empty, in the field itself
    short_default: str
    #: where a person finds the figure
    find: str
    #: an example of what may be typed
    example: str
    #: the catalog's kind, for fields that name a profile
    profile_kind: str
    #: value and meaning, for fields with few answers
    choices: tuple[tuple[str, str], ...]

    @property
    def is_required(self) -> bool:
        """Whether it must be filled in."""
        return self.reading.is_required

    @property
    def is_picked(self) -> bool:
        """Whether the value comes from a dialog, a list mostly, rather than being typed in place."""
        return bool(self.profile_kind or self.choices or self.is_long)

    @property
    def is_long(self) -> bool:
        """Whether the value is a text over several lines."""
        return self.reading.kind in ("paragraphs", "lines")

    @property
    def invitation(self) -> str:
        """What stands in the empty field of a form that nothing else fills: an example, or how to choose."""
        has_default = not (self.example or self.reading.is_required or self.profile_kind)
        return self.default if has_default else invitation(self.example)

    def path(self, pool: int | None = None) -> FieldPath:
        """Return where the value stands in a plan."""
        return path_of(self.key, pool)


def spec_of(model: type[BaseModel], path: str, *, remark: str = "", may_be_empty: bool = False) -> FieldSpec:
    """Return the field of a model's key.

    Parameters
    ----------
    model
        What the whole form makes.
    path
        The dotted key.
    remark
        What holds on the screen alone.
    may_be_empty
        Whether an empty text stands for the default, where the key has one.
    """
    found = find_key(model, path)
    return spec_from(found, remark=remark, may_be_empty=may_be_empty and found.default is not None)


def spec_from(found: KeyField, *, remark: str = "", may_be_empty: bool = False) -> FieldSpec:
    """Return the field of a key that was found; `may_be_empty` as for `spec_of`."""
    key = found.key
    reading = _reading(found)
    if may_be_empty:
        reading = replace(reading, is_required=False)
    default = key.absent or ("" if found.default is None else write_value(found.default, reading))
    return FieldSpec(
        key=found.path,
        label=key.title,
        reading=reading,
        help=f"{key.help} {remark}".rstrip(),
        default=": ".join(text for text in (default, key.consequence) if text)
        or ("required" if reading.is_required else "none"),
        short_default=default,
        find=key.find,
        example=key.example,
        profile_kind=key.profile_kind,
        choices=_YES_NO if reading.kind == "flag" else tuple(found.answers.items()),
    )


def _reading(found: KeyField) -> Reading:  # noqa: PLR0911 - one return per kind
    """Return how a key's text is read: by the very type that its file is read by."""
    is_required = found.is_required
    if found.key.profile_kind:
        return Reading("profile", is_required)
    if found.answers:
        return Reading("choice", is_required)
    parts = list(found.parts())
    for part in parts:
        if isinstance(part, BeforeValidator) and isinstance(part.func, QuantityReader):
            reader = part.func
            return Reading("quantity", is_required, reader.dimension, reader.unit, reader.takes_span)
    if get_origin(found.info.annotation) is tuple:
        return Reading("lines")
    if PARAGRAPHS in parts:
        return Reading("paragraphs")
    if COUNTRY in parts:
        return Reading("code", is_required)
    kinds = [_KINDS[part] for part in parts if isinstance(part, type) and part in _KINDS]
    if not kinds and found.default == "":
        return Reading("text", empty="")
    return Reading(kinds[0] if kinds else "text", is_required)
