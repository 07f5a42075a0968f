"""One profile as the catalog holds it, and how it is read from its file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from planner.catalog.kinds import Kind
from planner.domain.base import Model
from planner.errors import ProfileError
from planner.files.canonical import canonical_hash
from planner.files.compiled import COMPILED
from planner.files.reading import decoded, read_bytes, shown_path
from planner.files.validation import validate_text
from planner.files.values import shown_value

ProfileType_co = TypeVar("ProfileType_co", bound=Model, covariant=True)


@dataclass(frozen=True)
class Entry(Generic[ProfileType_co]):
    """A profile and where it came from."""

    profile: ProfileType_co
    #: the label of its folder: `built-in`, `yours` or the folder's path
    origin: str
    path: Path
    #: labels of the folders whose profile of the same id it stands before
    shadows: tuple[str, ...] = ()

    @cached_property
    def hash(self) -> str:
        """The hash of what the profile means: formatting and units as typed do not count."""
        return canonical_hash(self.profile)


def read_profile(kind: Kind, path: Path, *, inside: Path | None = None) -> Model:
    """Return the profile of a file.

    Raises
    ------
    FileError, ProfileError
        Where the file is unreadable, is not TOML, does not fit its kind, or its id is not its name.
    """
    content = read_bytes(path, inside=inside)

    def validated() -> Model:
        where = shown_path(path)
        return validate_text(kind.model_class, decoded(content, where=where), where=where)

    profile = COMPILED.model(kind.model_class, content, validated)
    if kind.has_id:
        identifier = getattr(profile, "id", None)
        if kind.folds_id and isinstance(identifier, str):
            identifier = identifier.lower()
        if identifier != path.stem:
            from planner.files.key_lines import KeyLines

            where = shown_path(path)
            line = KeyLines(decoded(content, where=where)).before(("id",))
            raise ProfileError(
                f"{where}: {line}id = {shown_value(identifier)}: expected {shown_value(path.stem)}, "
                "the file's own name"
            )
    return profile
