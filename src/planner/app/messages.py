"""What widgets and workers of the app tell the planning screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from planner.app.edits import FieldPath
from planner.planning.result import Estimate


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


@dataclass
class EstimateReady(Message):
    """The worker finished the estimate of one revision of the plan."""

    revision: int
    estimate: Estimate


@dataclass
class EstimateFailed(Message):
    """The worker could not estimate one revision of the plan."""

    revision: int
    reason: str


@dataclass
class CatalogReady(Message):
    """The profiles are loaded: names and figures can be shown."""
