"""Runs, memory cases and post-training from files: the built-in ones, and other files or folders of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from planner.catalog.run_rate import with_rate
from planner.catalog.search_path import built_in_folder
from planner.domain.memory_case import MemoryCase, MemoryFile
from planner.domain.post_training_run import PostTrainingFile, PostTrainingRun
from planner.domain.run import RowFile, Run, RunFile, RunType, SkippedRow
from planner.errors import FileError, InputError
from planner.files.compiled import COMPILED_RUNS
from planner.files.key_lines import KeyLines
from planner.files.reading import decoded, read_bytes, shown_path
from planner.files.toml import parse_toml
from planner.files.validation import validate
from planner.files.values import suggestion
from planner.text import safe

#: The folder of run files inside a profiles folder.
RUNS_FOLDER = "runs"
#: That of files of memory cases.
MEMORY_FOLDER = "memory_runs"
#: That of files of post-training.
POST_TRAINING_FOLDER = "rl_runs"
#: What a file holds at its top beside its rows.
_SHARED_TABLES = ("architectures", "documents")
_MAXIMUM_FILES = 2_000

RunType_co = TypeVar("RunType_co", bound=Run, covariant=True)


@dataclass(frozen=True)
class RunSet(Generic[RunType_co]):
    """The runs of some files, and the rows that did not become runs."""

    runs: tuple[RunType_co, ...]
    skipped: tuple[SkippedRow, ...] = ()


@dataclass(frozen=True)
class RowKind(Generic[RunType]):
    """What the rows of a file are: runs that were timed, or jobs whose memory was measured."""

    folder: str
    #: the list of tables that holds them
    table: str
    model: type[RunType]
    file: type[RowFile[RunType]]


RUN_ROWS = RowKind(RUNS_FOLDER, "run", Run, RunFile)
MEMORY_ROWS = RowKind(MEMORY_FOLDER, "case", MemoryCase, MemoryFile)
POST_TRAINING_ROWS = RowKind(POST_TRAINING_FOLDER, "run", PostTrainingRun, PostTrainingFile)

Paths = Iterable[Path | str] | Path | str | None


def load_runs(paths: Paths = None) -> RunSet[Run]:
    """Return the runs of `paths`.

    Parameters
    ----------
    paths
        Run files, and folders of run files (or profiles folders that hold `runs/`); None: the built-in
        runs.

    Raises
    ------
    FileError
        Where a path is missing, unreadable, or not what its name says; a bad row only lands in `skipped`.
    """
    return _load(paths, RUN_ROWS)


def load_memory_cases(paths: Paths = None) -> RunSet[MemoryCase]:
    """Return the memory cases of `paths`, as `load_runs` does; None: the built-in ones.

    Raises
    ------
    FileError
        As `load_runs`.
    """
    return _load(paths, MEMORY_ROWS)


def load_post_training_runs(paths: Paths = None) -> RunSet[PostTrainingRun]:
    """Return the runs of post-training of `paths`, as `load_runs` does; None: the built-in ones.

    Raises
    ------
    FileError
        As `load_runs`.
    """
    return _load(paths, POST_TRAINING_ROWS)


def _load(paths: Paths, kind: RowKind[RunType]) -> RunSet[RunType]:
    if paths is None:
        paths = [built_in_folder() / kind.folder]
    elif isinstance(paths, str | Path):
        paths = [paths]
    runs: dict[str, RunType] = {}
    skipped: list[SkippedRow] = []
    for path in paths:
        for file in _read(Path(path), kind):
            skipped += file.skipped
            for found in file.runs:
                if found.id in runs:
                    reason = f"another {kind.table} has this id already; the first one counts"
                    skipped.append(SkippedRow(id=found.id, reason=reason, where=shown_path(path)))
                else:
                    runs[found.id] = found
    return RunSet(tuple(runs.values()), tuple(skipped))


def _read(path: Path, kind: RowKind[RunType]) -> Iterator[RowFile[RunType]]:
    try:
        is_folder = path.is_dir()
        is_json = path.suffix.lower() == ".json" and path.is_file()
    except (OSError, ValueError):
        raise FileError(f"{shown_path(path)}: cannot be read; expected runs") from None
    if is_folder:
        for file in _files(path, kind):
            yield _read_file(file, kind)
    elif is_json:
        raise FileError(f"{shown_path(path)}: is JSON by its name; expected a run file in TOML")
    else:
        yield _read_file(path, kind)


def _files(folder: Path, kind: RowKind[RunType]) -> list[Path]:
    try:
        inner = folder / kind.folder
        folder = inner if inner.is_dir() else folder
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.name[:1] != ".")
    except (OSError, ValueError):
        raise FileError(f"{shown_path(folder)}: cannot be read; expected a folder of runs") from None
    if not files:
        raise FileError(f"{shown_path(folder)}: holds no runs; expected files such as megatron.toml")
    if len(files) > _MAXIMUM_FILES:
        raise FileError(f"{shown_path(folder)}: holds more than {_MAXIMUM_FILES} files; expected fewer")
    return files


def _read_file(path: Path, kind: RowKind[RunType]) -> RowFile[RunType]:
    where = shown_path(path)
    content = read_bytes(path)

    def validated() -> RowFile[RunType]:
        rows = tuple(_read_toml(decoded(content, where=where), where, kind))
        return kind.file.model_construct(
            runs=tuple(row for row in rows if not isinstance(row, SkippedRow)),
            skipped=tuple(row for row in rows if isinstance(row, SkippedRow)),
        )

    file = COMPILED_RUNS.model(kind.file, content, validated)
    # what is kept of a file holds wherever the file lies
    placed = (
        row.model_copy(update={"where": safe(f"{where}: {row.where}", limit=1_900)}) for row in file.skipped
    )
    return file.model_copy(update={"skipped": tuple(placed)}) if file.skipped else file


def _read_toml(text: str, where: str, kind: RowKind[RunType]) -> Iterator[RunType | SkippedRow]:
    data = parse_toml(text, where=where)
    keys = KeyLines(text)
    tables = [kind.table, *_SHARED_TABLES]
    for key in data:
        if key not in tables:
            near = suggestion(key, tables)
            raise FileError(f"{where}: {keys.before((key,))}{safe(key, limit=60)}: unknown key{near}")
    entries = data.get(kind.table)
    if not isinstance(entries, list):
        raise FileError(f"{where}: holds no {kind.table}s; expected [[{kind.table}]]")
    shared = {}
    for key in _SHARED_TABLES:
        shared[key] = data.get(key, {})
        if not isinstance(shared[key], Mapping):
            line = keys.before((key,))
            raise FileError(f"{where}: {line}{key}: is not a table; expected [{key}.<name>]")
    for position, entry in enumerate(entries):
        try:
            yield _row(entry, shared, kind)
        except InputError as error:
            line = keys.before((kind.table, position))
            yield _skipped(entry, str(error), f"{line}{kind.table} {position + 1}")


def _row(entry: Any, shared: Mapping[str, Mapping[str, Any]], kind: RowKind[RunType]) -> RunType:
    if not isinstance(entry, Mapping):
        raise FileError(f"is not a table; expected [[{kind.table}]]")
    return with_rate(validate(kind.model, _resolved(entry, shared), where=_shown_id(entry)))


def _skipped(entry: Any, reason: str, where: str) -> SkippedRow:
    shown = _shown_id(entry)
    reason = reason.removeprefix(f"{shown}: ")
    return SkippedRow(id=shown, reason=safe(reason, limit=1_900), where=safe(where, limit=1_900))


def _shown_id(entry: Any) -> str:
    identifier = entry.get("id") if isinstance(entry, Mapping) else None
    return safe(identifier, limit=180) if isinstance(identifier, str) and identifier else "?"


def _resolved(entry: Mapping[str, Any], shared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the entry with the architecture and the document that it names put in their place."""
    data = dict(entry)
    name = data.get("architecture")
    if isinstance(name, str):
        data["architecture"] = _named(name, "architecture", shared["architectures"])
    source = data.get("source")
    if isinstance(source, Mapping) and "document" in source:
        rest = {key: value for key, value in source.items() if key != "document"}
        document = _named(source["document"], "source.document", shared["documents"])
        if not isinstance(document, Mapping):
            raise FileError("source.document: is not a table; expected [documents.<name>]")
        data["source"] = {**document, **rest}
    return data


def _named(name: Any, key: str, tables: Mapping[str, Any]) -> Any:
    if not isinstance(name, str) or name not in tables:
        shown = safe(str(name), limit=60)
        near = suggestion(shown, list(tables))
        raise FileError(f"{key} = '{shown}': is not in this file{near}")
    return tables[name]
