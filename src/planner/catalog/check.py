"""Checks every file of a profiles folder: one line per problem."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from planner.catalog.catalog import Catalog
from planner.catalog.entry import read_profile
from planner.catalog.evidence import evidence_of
from planner.catalog.first_predictions import read_first_predictions
from planner.catalog.kinds import KINDS, Kind
from planner.catalog.layout_practice import read_layout_practice
from planner.catalog.listing import (
    FIRST_PREDICTIONS_FILE,
    LAYOUT_PRACTICE_FILE,
    MAXIMUM_FILES,
    POST_TRAINING_FILE,
    RL_FIRST_PREDICTIONS_FILE,
    SOURCES_FILE,
    UNLISTED_PARTS_FILE,
    list_folder,
)
from planner.catalog.post_training_fit import read_post_training_fit
from planner.catalog.runs import (
    MEMORY_FOLDER,
    POST_TRAINING_FOLDER,
    RUNS_FOLDER,
    RunSet,
    load_memory_cases,
    load_post_training_runs,
    load_runs,
)
from planner.catalog.search_path import Folder, profile_folders
from planner.catalog.sources import read_sources
from planner.catalog.unlisted_parts import read_unlisted_parts
from planner.domain.base import Model
from planner.domain.rule import Rule, groups_named
from planner.domain.run import Run
from planner.errors import InputError
from planner.files.complaints import MAXIMUM_PROBLEMS
from planner.files.key_lines import KeyLines
from planner.files.reading import read_text, shown_path
from planner.files.validation import problems_of
from planner.files.values import shown_key, shown_value, suggestion

#: What people keep beside profiles.
_IGNORED_SUFFIXES = frozenset({".md", ".txt"})
#: Files beside the folders of profiles, and how each is read.
_FILES: dict[str, Callable[[Path], object]] = {
    SOURCES_FILE: read_sources,
    FIRST_PREDICTIONS_FILE: read_first_predictions,
    RL_FIRST_PREDICTIONS_FILE: partial(read_first_predictions, name=RL_FIRST_PREDICTIONS_FILE),
    LAYOUT_PRACTICE_FILE: read_layout_practice,
    POST_TRAINING_FILE: read_post_training_fit,
}


def check_folder(path: Path) -> list[str]:
    """Return one line per problem of a profiles folder; none where all is well.

    Names of other profiles and of sources may be found in the folder itself or among the built-in ones.
    """
    where = shown_path(path)
    try:
        names = _names(path)
    except FileNotFoundError:
        return [f"{where}: no such folder; expected a folder of profiles"]
    except NotADirectoryError:
        return [f"{where}: is a file; expected a folder of profiles"]
    except (OSError, ValueError):
        return [f"{where}: cannot be read; expected a folder of profiles"]
    folders = (*profile_folders(include_user=False), Folder(path, where, is_asked_for=True))
    catalog = Catalog([list_folder(folder) for folder in folders])
    problems = list(_unknown_entries(path, names))
    for name, read in _FILES.items():
        if name in names:
            problems += _problems_of_file(read, path)
    if UNLISTED_PARTS_FILE in names:
        problems += _problems_of_file(read_unlisted_parts, path) or tuple(_problems_of_parts(path, catalog))
    if not any(kind in names for kind in KINDS):
        problems.append(f"{where}: holds no profiles; expected folders such as {', '.join(KINDS)}")
    for kind in KINDS.values():
        if kind.folder in names:
            problems += _problems_of_kind(path, kind, catalog)
    for folder, load in (
        (RUNS_FOLDER, load_runs),
        (MEMORY_FOLDER, load_memory_cases),
        (POST_TRAINING_FOLDER, load_post_training_runs),
    ):
        if folder in names:
            problems += _problems_of_runs(path / folder, load)
    return problems


def _problems_of_runs(folder: Path, load: Callable[[Path], RunSet[Run]]) -> list[str]:
    try:
        skipped = load(folder).skipped
    except InputError as error:
        return list(problems_of(error))
    return [f"{row.where} ({row.id}): {row.reason}" for row in skipped]


def _names(path: Path) -> list[str]:
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if not _is_ignored(entry.name))


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or Path(name).suffix in _IGNORED_SUFFIXES


def _unknown_entries(path: Path, names: list[str]) -> Iterator[str]:
    known = [*KINDS, RUNS_FOLDER, MEMORY_FOLDER, POST_TRAINING_FOLDER, *_FILES, UNLISTED_PARTS_FILE]
    unknown = [name for name in names if name not in known]
    for name in unknown[:MAXIMUM_PROBLEMS]:
        yield f"{shown_path(path / name)}: is no kind of profile{suggestion(name, known)}"
    if len(unknown) > MAXIMUM_PROBLEMS:
        more = len(unknown) - MAXIMUM_PROBLEMS
        yield f"{shown_path(path)}: holds {more:,} more that are no kind of profile"


def _problems_of_file(read: Callable[[Path], object], path: Path) -> tuple[str, ...]:
    try:
        read(path)
    except InputError as error:
        return problems_of(error)
    return ()


def _problems_of_parts(path: Path, catalog: Catalog) -> Iterator[str]:
    """Yield the products and sources that a folder's list of unlisted parts names and nothing has."""
    parts, where = read_unlisted_parts(path), shown_path(path / UNLISTED_PARTS_FILE)
    known = {*catalog.ids("chips"), *catalog.ids("systems")}
    for shared in parts.shared_names:
        for product in sorted(set(shared.products) - known):
            yield f"{where}: products: no chip or system is called {shown_value(product)}"
    for named in (*parts.without_figures, *parts.shared_names):
        for key in sorted(set(named.sources) - set(catalog.sources)):
            yield f"{where}: sources: no source is called {shown_value(key)}"


def _problems_of_kind(path: Path, kind: Kind, catalog: Catalog) -> Iterator[str]:
    folder = path / kind.folder
    try:
        names = _names(folder)
    except (OSError, ValueError):
        yield f"{shown_path(folder)}: is not a folder that can be read; expected one of {kind.folder}"
        return
    if len(names) > MAXIMUM_FILES:
        yield f"{shown_path(folder)}: holds more than {MAXIMUM_FILES:,} files; expected fewer"
    for name in names[:MAXIMUM_FILES]:
        file = folder / name
        if file.suffix != ".toml":
            yield f"{shown_path(file)}: is not a profile; expected a file called <id>.toml"
            continue
        try:
            profile = read_profile(kind, file, inside=path)
        except InputError as error:
            yield from problems_of(error)
            continue
        unknown = unknown_names(kind, profile, catalog)
        keys = KeyLines(read_text(file, inside=path) if unknown else None)
        yield from (f"{shown_path(file)}: {keys.before(key)}{line}" for key, line in unknown)


#: The key path of a name that means nothing, and what to say of it.
Unknown = Iterator[tuple[tuple[str | int, ...], str]]


def unknown_names(kind: Kind, profile: Model, catalog: Catalog) -> list[tuple[tuple[str | int, ...], str]]:
    """Return the names of other profiles, sources and groups that a profile uses and nothing has."""
    return [
        *_unknown_references(kind, profile, catalog),
        *islice(_unknown_sources(profile, catalog), MAXIMUM_PROBLEMS),
        *islice(_unknown_groups(profile, catalog), MAXIMUM_PROBLEMS),
    ]


def _unknown_references(kind: Kind, profile: Model, catalog: Catalog) -> Unknown:
    for field, other in kind.references:
        identifier = getattr(profile, field)
        if identifier is None:
            continue
        known = catalog.ids(other)
        if identifier not in known:
            near = catalog.near(identifier, other)
            what = KINDS[other].singular
            yield (field,), f"{field} = {shown_value(identifier)}: no {what} is called so{near}"


def _unknown_sources(profile: Model, catalog: Catalog) -> Unknown:
    for path, evidence in evidence_of(profile):
        for source in evidence.sources:
            if source not in catalog.sources:
                near = suggestion(source, catalog.sources)
                key = (*path, "sources")
                yield key, f"{shown_key(key)} = {shown_value(source)}: no such source{near}"


def _unknown_groups(profile: Model, catalog: Catalog) -> Unknown:
    if not isinstance(profile, Rule):
        return
    known = {name for entry in catalog.of_kind("country_groups").values() for name in entry.profile.groups}
    for name in sorted(groups_named(profile.condition) - known):
        near = suggestion(name, known)
        yield ("condition",), f"condition: no country group is called {shown_value(name)}{near}"
