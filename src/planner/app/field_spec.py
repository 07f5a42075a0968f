"""What one input field is: its label, how it is read, and the help that F1 shows."""

from __future__ import annotations

from dataclasses import dataclass

from planner.app.edits import FieldPath, Reading


@dataclass(frozen=True)
class FieldSpec:
    """One input of the plan."""

    #: dotted plan key; `[]` stands for the index of a pool
    key: str
    label: str
    reading: Reading
    #: what it means
    help: str
    #: what holds while it is empty
    default: str = "required"
    #: where a person finds the figure
    find: str = ""
    #: an example of what may be typed
    example: str = ""
    #: the catalog's kind, for fields that name a profile
    profile_kind: str = ""
    #: value and meaning, for fields with few answers
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_picked(self) -> bool:
        """Whether the value is chosen from a list rather than typed."""
        return bool(self.profile_kind or self.choices)

    def path(self, pool: int | None = None) -> FieldPath:
        """Return where the value stands in a plan."""
        parts: list[str | int] = []
        for part in self.key.split("."):
            parts.append(part.removesuffix("[]"))
            if part.endswith("[]"):
                parts.append(pool or 0)
        return tuple(parts)


@dataclass(frozen=True)
class Section:
    """A group of fields under one heading."""

    id: str
    title: str
    fields: tuple[FieldSpec, ...]
    is_collapsed: bool = False
    #: what the heading says while it is closed
    summary: str = ""


WHOLE = Reading("whole")
WHOLE_REQUIRED = Reading("whole", is_required=True)
PICK = Reading("profile")
PICK_REQUIRED = Reading("profile", is_required=True)
CODE = Reading("code")
FLAG = Reading("flag")
YES_NO = (("yes", ""), ("no", ""))
UNKNOWN_IS_ASKED = "unknown: the rules that need it say so"
