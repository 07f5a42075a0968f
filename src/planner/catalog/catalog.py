"""The catalog: every profile of the search path by kind and id, each read on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from planner.catalog.entry import Entry, ProfileType_co, read_profile
from planner.catalog.kinds import KINDS
from planner.catalog.listing import PATIENCE_S, Listing, list_folder
from planner.catalog.patience import PatientCaller
from planner.catalog.search_path import Folder, profile_folders
from planner.errors import FileError, InputError, ProfileError
from planner.files.reading import shown_path
from planner.files.values import shown_value, suggestion

if TYPE_CHECKING:
    from planner.domain.architecture import LanguageModel
    from planner.domain.base import Model
    from planner.domain.chip import Chip
    from planner.domain.evidence import Source
    from planner.domain.site import Site
    from planner.domain.stack import Stack
    from planner.domain.system import System
    from planner.domain.unlisted import UnlistedParts

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file was left out: one line that names it, the label of its folder, and the profile's id."""

    line: str
    origin: str
    id: str


class Profiles(Mapping[str, Entry[ProfileType_co]], Generic[ProfileType_co]):
    """The profiles of one kind by id; iterating reads and validates all, and leaves broken ones out."""

    def __init__(self, catalog: Catalog, kind: str) -> None:
        self._catalog = catalog
        self._kind = kind

    def __getitem__(self, identifier: str) -> Entry[ProfileType_co]:
        entry = self._catalog.find(self._kind, identifier)
        if entry is None:
            raise KeyError(identifier)
        return cast("Entry[ProfileType_co]", entry)

    def __iter__(self) -> Iterator[str]:
        return (
            identifier
            for identifier in self._catalog.ids(self._kind)
            if self._catalog.find(self._kind, identifier) is not None
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Catalog:
    """What the folders of a search path held when it was made; safe to share between threads.

    Files are read when their profile is first asked for, and never again: a changed file needs a new
    catalog. A broken file is left out with a notice, and the same id of an earlier folder stands in.
    """

    def __init__(self, listings: Iterable[Listing], *, patience_s: float = PATIENCE_S) -> None:
        self._listings = tuple(listings)
        self._patience_s = patience_s
        self._lock = threading.RLock()
        self._read: dict[tuple[str, str], Entry[Model] | None] = {}
        self._problems: dict[tuple[str, str], Problem] = {}
        self._notices: list[str] = [notice for listing in self._listings for notice in listing.notices]
        self._silent: set[Path] = set()
        self._readers: dict[Path, PatientCaller] = {}
        self._sources: dict[str, Source] | None = None
        self._made: dict[tuple[str, ...], Any] = {}

    @property
    def folders(self) -> tuple[Folder, ...]:
        """The search path, later wins."""
        return tuple(listing.folder for listing in self._listings)

    def check_present(self, paths: Iterable[Path]) -> None:
        """Refuse folders of the search path that do not exist.

        Raises
        ------
        FileError
            Naming the first of them.
        """
        wanted = set(paths)
        for listing in self._listings:
            if listing.absence and listing.folder.path in wanted:
                raise FileError(listing.absence)

    @property
    def chips(self) -> Mapping[str, Entry[Chip]]:
        """All chips by id."""
        return Profiles(self, "chips")

    @property
    def systems(self) -> Mapping[str, Entry[System]]:
        """All systems by id."""
        return Profiles(self, "systems")

    @property
    def stacks(self) -> Mapping[str, Entry[Stack]]:
        """All stacks by id."""
        return Profiles(self, "stacks")

    @property
    def models(self) -> Mapping[str, Entry[LanguageModel]]:
        """All language models by id."""
        return Profiles(self, "models")

    @property
    def sites(self) -> Mapping[str, Entry[Site]]:
        """All sites by id."""
        return Profiles(self, "sites")

    def of_kind(self, kind: str) -> Mapping[str, Entry[Any]]:
        """Return all profiles of a kind by id; the kind is its folder's name.

        Raises
        ------
        ProfileError
            Where there is no such kind.
        """
        self._check_kind(kind)
        return Profiles(self, kind)

    def ids(self, kind: str) -> tuple[str, ...]:
        """Return the ids of a kind, sorted, from the files' names alone: some may prove broken."""
        self._check_kind(kind)
        return tuple(sorted({stem for listing in self._listings for stem in listing.files.get(kind, {})}))

    def get(self, kind: str, identifier: str) -> Entry[Any]:
        """Return one profile.

        Raises
        ------
        ProfileError
            Where there is none (naming the nearest id) or its file is broken (saying how).
        """
        entry = self.find(kind, identifier)
        if entry is not None:
            return entry
        problem = self._problems.get((kind, identifier))
        if problem is not None:
            raise ProfileError(problem.line)
        near = self.near(identifier, kind)
        raise ProfileError(f"no {KINDS[kind].singular} is called {shown_value(identifier)}{near}")

    def near(self, identifier: str, *kinds: str) -> str:
        """Return what follows the message that no profile of some kinds is called so: what may be meant."""
        from planner.catalog.unknown_names import about_unknown

        products = [name for kind in kinds if KINDS[kind].is_product for name in self.ids(kind)]
        others = [name for kind in kinds if not KINDS[kind].is_product for name in self.ids(kind)]
        told = about_unknown(identifier, products, self.unlisted_parts) if products else ""
        return told or suggestion(identifier, others)

    def find(self, kind: str, identifier: str) -> Entry[Model] | None:
        """Return one profile, or None where there is no sound one."""
        self._check_kind(kind)
        key = (kind, identifier)
        with self._lock:
            if key not in self._read:
                self._read[key] = self._load(kind, identifier)
            return self._read[key]

    def kept(
        self, name: tuple[str, ...], kinds: tuple[str, ...], make: Callable[[Catalog], Result]
    ) -> Result:
        """Return what is made of profiles of some kinds, which never change: made once, and kept as long."""
        key = (*name, *kinds)
        with self._lock:
            if key not in self._made:
                self._made[key] = make(self)
            made: Result = self._made[key]
            return made

    @property
    def sources(self) -> Mapping[str, Source]:
        """Every document that figures may name, by key, from the `sources.toml` of each folder."""
        with self._lock:
            if self._sources is None:
                self._sources = self._load_sources()
            return self._sources

    @property
    def unlisted_parts(self) -> UnlistedParts:
        """Parts that buyers ask for and that no profile has, of all folders."""
        from planner.catalog.unlisted_parts import read_unlisted_parts
        from planner.domain.unlisted import UnlistedParts

        found = []
        for listing in self._listings:
            if listing.has_unlisted_parts:
                # a broken file is told by the check of its folder, and hides no other message
                with suppress(InputError):
                    read = partial(read_unlisted_parts, listing.folder.path)
                    found.append(self._patiently(listing.folder, read))
        return UnlistedParts(
            without_figures=tuple(part for parts in found for part in parts.without_figures),
            shared_names=tuple(name for parts in found for name in parts.shared_names),
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know: folders left out, and files that proved broken so far."""
        with self._lock:
            return tuple(self._notices)

    def problems(self, kind: str) -> tuple[Problem, ...]:
        """Return what is wrong with the files of a kind that proved broken so far."""
        with self._lock:
            return tuple(self._problems[key] for key in sorted(self._problems) if key[0] == kind)

    def read_added(self) -> None:
        """Read every profile that is not the program's own, so that `notices` names what is broken."""
        for listing in self._listings:
            if not listing.folder.is_built_in:
                for kind, files in listing.files.items():
                    for identifier in files:
                        self.find(kind, identifier)

    def _check_kind(self, kind: str) -> None:
        if kind not in KINDS:
            raise ProfileError(
                f"there is no kind of profile called {shown_value(kind)}{suggestion(kind, KINDS)}"
            )

    def _load(self, kind: str, identifier: str) -> Entry[Model] | None:
        holders = [listing for listing in self._listings if identifier in listing.files.get(kind, {})]
        for position in range(len(holders) - 1, -1, -1):
            listing = holders[position]
            path = listing.files[kind][identifier]
            shadows = tuple(holder.folder.label for holder in holders[:position])
            try:
                inside = None if listing.folder.is_built_in else listing.folder.path
                profile = self._patiently(
                    listing.folder, partial(read_profile, KINDS[kind], path, inside=inside)
                )
            except InputError as error:
                self._notices.append(f"{error}; left out")
                self._problems.setdefault(
                    (kind, identifier), Problem(str(error), listing.folder.label, identifier)
                )
                continue
            return Entry(profile, listing.folder.label, path, shadows)
        return None

    def _load_sources(self) -> dict[str, Source]:
        from planner.catalog.sources import read_sources

        merged: dict[str, Source] = {}
        for listing in self._listings:
            if not listing.has_sources:
                continue
            try:
                merged |= self._patiently(listing.folder, partial(read_sources, listing.folder.path))
            except InputError as error:
                self._notices.append(f"{error}; left out")
        return merged

    def _patiently(self, folder: Folder, call: Callable[[], Result]) -> Result:
        """Call, but wait for a folder that is not the program's own only so long, and only once."""
        if folder.is_built_in:
            return call()
        if folder.path not in self._silent:
            reader = self._readers.setdefault(folder.path, PatientCaller())
            try:
                return reader.within(self._patience_s, call)
            except TimeoutError:
                self._silent.add(folder.path)
        raise FileError(f"{shown_path(folder.path)}: does not answer")


def load_catalog(extra_folders: Iterable[Path | str] = (), include_user: bool = True) -> Catalog:
    """Return the catalog of the search path; lists the folders, and reads no profile yet.

    Parameters
    ----------
    extra_folders
        Folders that win over all others, the last most.
    include_user
        False leaves out the user's own folder and `PLANNER_PROFILES`.
    """
    return Catalog(
        [list_folder(folder) for folder in profile_folders(extra_folders, include_user=include_user)]
    )
