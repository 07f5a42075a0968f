"""Plan files: read with migrations, written canonically, and never over somebody else's change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.domain.plan import PLAN_SCHEMA_VERSION, Plan
from planner.errors import ConflictError, FileError, PlanError
from planner.files.compiled import COMPILED
from planner.files.reading import decoded, read_bytes, shown_path, system_reason
from planner.files.validation import validate
from planner.files.values import shown_value

Data = dict[str, Any]

#: From the data of one schema version to that of the next; pure functions.
MIGRATIONS: Mapping[int, Callable[[Data], Data]] = {}


@dataclass(frozen=True)
class FileState:
    """What a file held when it was read: the SHA-256 of its bytes."""

    hash: str


@dataclass(frozen=True)
class OpenedPlan:
    """A plan with what saving it later must know about its file."""

    plan: Plan
    path: Path
    state: FileState
    #: hand-written comments, which a save would lose
    has_comments: bool


def open_plan(path: Path) -> OpenedPlan:
    """Return the plan of a file together with the state of the very bytes it was read from.

    Raises
    ------
    FileError, PlanError
        As `load_plan`.
    """
    from planner.files.toml import has_comments

    content = read_bytes(path)
    plan = _plan_of(content, where=shown_path(path))
    return OpenedPlan(plan, path, _state(content), has_comments(decoded(content, where=shown_path(path))))


def load_plan(path: Path) -> Plan:
    """Return the plan of a file.

    Raises
    ------
    FileError
        Where the file is missing, unreadable or not TOML.
    PlanError
        Where it is no plan, or one of a newer program.
    """
    return _plan_of(read_bytes(path), where=shown_path(path))


def _plan_of(content: bytes, *, where: str) -> Plan:
    def validated() -> Plan:
        from planner.files.toml import parse_toml

        text = decoded(content, where=where)
        return plan_from_data(parse_toml(text, where=where), where=where, text=text)

    return COMPILED.model(Plan, content, validated)


def plan_from_data(data: Mapping[str, Any], *, where: str, text: str | None = None) -> Plan:
    """Return the plan that the tables of a file describe, migrated to the present schema.

    `text` is the file's, where the tables are as they were read: messages name the lines of its keys.

    Raises
    ------
    PlanError
        Where they are no plan, or one of a newer program.
    """
    return validate(Plan, _migrated(dict(data), where), where=where, text=text)


def _migrated(data: Data, where: str) -> Data:
    version = data.get("schema_version", 1)
    found = f"{where}: schema_version = {shown_value(version)}"
    expected = "1" if PLAN_SCHEMA_VERSION == 1 else f"1 to {PLAN_SCHEMA_VERSION}"
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise PlanError(f"{found}: expected {expected}")
    if version > PLAN_SCHEMA_VERSION:
        raise PlanError(f"{found}: written by a newer planner; expected {expected}")
    while version < PLAN_SCHEMA_VERSION:
        version += 1
        data = {**MIGRATIONS[version - 1](data), "schema_version": version}
    return data


def dump_plan(plan: Plan) -> Data:
    """Return the plan as the tables of its file, in canonical order.

    What is unset or at its default is left out, except the schema version; quantities are in their
    canonical text form. `plan_from_data(dump_plan(plan))` is `plan`.
    """
    data = plan.model_dump(mode="python", exclude_none=True, exclude_defaults=True)
    dumped: Data = {"schema_version": plan.schema_version, "name": plan.name}
    dumped |= {key: value for key, value in data.items() if key not in dumped}
    if "pins" in dumped:
        dumped["pins"] = {key: _dumped_pin(dumped["pins"][key]) for key in sorted(dumped["pins"])}
    return dumped


def _dumped_pin(pin: Data) -> Data:
    """Return one value per line, so that a review shows which one changed; a bare hash stays on one line."""
    from planner.files.writing import InlineTable

    if "values" not in pin:
        return InlineTable(pin)
    return {"hash": pin["hash"], "values": {field: pin["values"][field] for field in sorted(pin["values"])}}


def plan_text(plan: Plan, *, where: str = "plan") -> str:
    """Return the plan as the text of its file."""
    from planner.files.writing import toml_text

    return toml_text(dump_plan(plan), where=where)


def file_state(path: Path) -> FileState | None:
    """Return what the file holds now, or None where there is none.

    Raises
    ------
    FileError
        Where there is one that cannot be read.
    """
    try:
        if not path.exists():
            return None
    except OSError as error:
        raise FileError(f"{shown_path(path)}: cannot be read: {system_reason(error)}") from None
    return _state(read_bytes(path))


def _state(content: bytes) -> FileState:
    return FileState(hashlib.sha256(content).hexdigest())


def save_plan(
    path: Path,
    plan: Plan,
    expected: FileState | None,
    *,
    tell: Callable[[str], None] | None = None,
    replaces_protected: bool = False,
) -> FileState:
    """Write the plan, wholly or not at all, and return the file's new state.

    Parameters
    ----------
    path
        The file.
    plan
        What it shall hold.
    expected
        The file's state when it was last read or written; None: the file must not exist yet. To
        overwrite whatever is there, a caller that has asked its user passes `file_state(path)`.
    tell
        Hears, a line each, what could not be kept of the old file besides its content.
    replaces_protected
        Whether a write-protected file may be replaced: its user was asked.

    Raises
    ------
    ConflictError
        Where the file holds something else by now; it is left as it is.
    ProtectedFileError
        Where it is write-protected, and nobody allowed that.
    FileError
        Where it cannot be written, or its name is too long.
    """
    from planner.files.locking import folder_lock
    from planner.files.replacing import check_file_name, write_bytes_atomic

    where = shown_path(path)
    content = plan_text(plan, where=where).encode("utf-8")
    check_file_name(path)
    _check_state(path, expected)
    if not path.parent.is_dir():
        raise FileError(f"{where}: cannot be written: no such folder")
    with folder_lock(path):
        # asked again at the last moment: an editor takes no lock, and the disk may have been slow
        write_bytes_atomic(
            path,
            content,
            confirm=lambda: _check_state(path, expected),
            tell=tell,
            replaces_protected=replaces_protected,
        )
    return _state(content)


def _check_state(path: Path, expected: FileState | None) -> None:
    """Raise ConflictError where the file holds something else than was expected."""
    where = shown_path(path)
    found = file_state(path)
    if found != expected:
        if expected is None:
            raise ConflictError(f"{where}: exists already; nothing was overwritten")
        if found is None:
            raise ConflictError(f"{where}: was removed since it was opened; nothing was written")
        raise ConflictError(f"{where}: changed since it was opened; nothing was overwritten")
