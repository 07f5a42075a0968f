"""What the fields of a form tell their screen, and screens the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from planner.app.edits import FieldPath


@dataclass
class FieldTyped(Message):
    """Somebody changed the text of a field."""

    path: FieldPath
    text: str


@dataclass
class FieldLeft(Message):
    """A field lost the focus: the next edit is a step of its own."""

    path: FieldPath


@dataclass
class PickAsked(Message):
    """Somebody wants to choose the field's value from a list."""

    path: FieldPath
    #: what was already typed, to begin the filter with
    typed: str = ""


class LayerChanged(Message, bubble=False):
    """Something came on top, took the focus, or comes no more: what was typed ahead may go on."""


class LayerLeft(Message, bubble=False):
    """What lay on top is gone: what it held is free."""
