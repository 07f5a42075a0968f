"""A profile of one's own while it is edited: the tables of its file, undo, what is wrong, and the save."""

from __future__ import annotations

import copy
import datetime
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planner.app.edits import read_text, write_value
from planner.app.field_spec import FieldSpec
from planner.app.profile_slots import (
    DOCUMENT_FIELDS,
    Slot,
    TablePath,
    list_keys,
    new_item,
    slots_of,
)
from planner.catalog.catalog import Catalog
from planner.catalog.check import unknown_names
from planner.catalog.kinds import KINDS, Kind
from planner.catalog.own_files import add_sources, state_of, write_own
from planner.errors import InputError
from planner.files.reading import shown_path
from planner.files.toml import has_comments, read_toml
from planner.files.validation import problems_of, validate
from planner.files.values import shown_key
from planner.files.writing import toml_text
from planner.report.profile_rows import number_text

Data = dict[str, Any]
#: What is typed as a list stands on one line in the form, with these between its parts.
_LINES, _KEYS = "; ", ","


@dataclass(frozen=True)
class Step:
    """One step of the history."""

    title: str
    before: Data
    after: Data


@dataclass
class ProfileDraft:
    """The tables of one file; no widget is known here."""

    kind: Kind
    path: Path
    #: the profiles folder that the file lies in
    folder: Path
    data: Data
    #: what the file held when it was read; empty: there is none yet
    state: str = ""
    has_comments: bool = False
    saved: Data | None = None
    #: documents that its figures name and no folder has yet
    sources: dict[str, Data] = field(default_factory=dict)
    saving: threading.Lock = field(default_factory=threading.Lock, repr=False)
    undo_steps: list[Step] = field(default_factory=list)
    redo_steps: list[Step] = field(default_factory=list)

    @classmethod
    def opened(cls, kind: str, path: Path, folder: Path) -> ProfileDraft:
        """Return the draft of a file; raise InputError where it cannot be read."""
        data = read_toml(path)
        return cls(KINDS[kind], path, folder, data, state_of(path), has_comments(path), copy.deepcopy(data))

    @property
    def is_dirty(self) -> bool:
        """Whether leaving now would lose work."""
        return self.data != self.saved

    def slots(self) -> list[Slot]:
        """Return the rows of the form."""
        return slots_of(self.kind.model_class, self.data)

    def addable(self) -> Slot | None:
        """Return the row of the next item of the kind's list, such as a quote; None where it has no list."""
        for key in list_keys(self.kind.model_class):
            return new_item(self.kind.model_class, key, len(self.data.get(key, ())))
        return None

    # What stands in the fields

    def value(self, slot: Slot) -> Any:
        """Return what the file says at a row; None where it says nothing."""
        return value_at(self.data, slot.path)

    def texts(self, slot: Slot) -> dict[str, str]:
        """Return the text of every field of a row."""
        table = self._table(slot)
        return {name: _written(table.get(name), spec) for name, spec in slot.fields}

    def _table(self, slot: Slot) -> Mapping[str, Any]:
        found = self.value(slot)
        return found if isinstance(found, Mapping) else {slot.fields[0][0]: found}

    def complaint(self, slot: Slot, texts: Mapping[str, str], catalog: Catalog) -> tuple[str, str]:
        """Return the field and what is wrong with it where a row held these texts; empty where nothing is."""
        try:
            data, sources = self._with_texts(slot, texts)
        except _Wrong as wrong:
            return wrong.name, wrong.words
        where = shown_key(slot.path)
        for line in self._problems(data, catalog, sources):
            key, _, _ = line.partition(" ")
            key = key.rstrip(":")
            if key == where or key.startswith((f"{where}.", f"{where}[")):
                name = key.removeprefix(where).lstrip(".").partition(".")[0].partition("[")[0]
                return name, line
        return "", ""

    def take(self, slot: Slot, texts: Mapping[str, str]) -> None:
        """Let a row hold these texts; raise InputError where one of them says nothing."""
        try:
            data, sources = self._with_texts(slot, texts)
        except _Wrong as wrong:
            raise InputError(wrong.words) from None
        self.sources |= sources
        self._step(slot.spec.label, data)

    def remove(self, slot: Slot) -> None:
        """Take a row out of the file."""
        self._step(f"{slot.spec.label} removed", with_value(self.data, slot.path, None))

    def _step(self, title: str, data: Data) -> None:
        if data != self.data:
            self.undo_steps.append(Step(title, self.data, data))
            self.redo_steps.clear()
            self.data = data

    def undo(self) -> str | None:
        """Go one step back and return what it was; None where there is none."""
        if not self.undo_steps:
            return None
        step = self.undo_steps.pop()
        self.redo_steps.append(step)
        self.data = step.before
        return step.title

    def redo(self) -> str | None:
        """Do a step again and return what it was; None where there is none."""
        if not self.redo_steps:
            return None
        step = self.redo_steps.pop()
        self.undo_steps.append(step)
        self.data = step.after
        return step.title

    def _with_texts(self, slot: Slot, texts: Mapping[str, str]) -> tuple[Data, dict[str, Data]]:
        # a text that nobody touched stays the value that it was, whatever its form or its length
        was, table = self.texts(slot), self._table(slot)
        read = {
            name: table.get(name) if text == was[name] else _read(name, text, spec)
            for name, spec in slot.fields
            for text in (texts.get(name, ""),)
        }
        document, where = (read.pop(name, None) for name in DOCUMENT_FIELDS)
        sources: dict[str, Data] = {}
        if document:
            named = read.get("sources") or []
            if len(named) != 1:
                raise _Wrong("sources", "expected one key here for the document below, such as VENDOR-Q3")
            if not where:
                raise _Wrong("where", "expected where it is: an address, or whose letter it is")
            sources[named[0]] = {"title": document, "where": where, "read": datetime.date.today()}
        if slot.form in ("plain", "lines"):
            return with_value(self.data, slot.path, read[slot.fields[0][0]]), sources
        kept = value_at(self.data, slot.path)
        table = dict(kept) if isinstance(kept, Mapping) else {}
        for name, value in read.items():
            if value is None or value == []:
                table.pop(name, None)
            else:
                table[name] = value
        return with_value(self.data, slot.path, table or None), sources

    # What is wrong, and the file

    def problems(self, catalog: Catalog) -> list[str]:
        """Return one line per problem of the profile; none where it can be used."""
        return self._problems(self.data, catalog, {})

    def _problems(self, data: Data, catalog: Catalog, sources: Mapping[str, Data]) -> list[str]:
        try:
            profile = validate(self.kind.model_class, data, where="")
        except InputError as error:
            return [line.removeprefix(": ") for line in problems_of(error)]
        known = {*self.sources, *sources}
        return [
            line
            for _, line in unknown_names(self.kind, profile, catalog)
            if not any(f'"{key}": no such source' in line for key in known)
        ]

    def save(self, *, replaces_changed: bool = False) -> None:
        """Write the file, and the documents that it names, as they stand now.

        A save that begins while another is under way waits for it.

        Raises
        ------
        ConflictError
            Where the file holds something else than when it was read, unless that is to be replaced.
        InputError
            Where it cannot be written.
        """
        with self.saving:
            data = copy.deepcopy(self.data)
            text = toml_text(data, where=shown_path(self.path))
            # those that the folder has stay as they are: what is done again may name them again
            add_sources(self.folder, dict(self.sources))
            expected = state_of(self.path) if replaces_changed else self.state
            self.state = write_own(self.path, text, expected)
            self.saved = data
            self.has_comments = False


class _Wrong(Exception):  # noqa: N818 - a field of a form says nothing that can be read
    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name
        self.words = words


def value_at(data: Any, path: TablePath) -> Any:
    """Return what stands at a path of a file's tables; None where nothing does."""
    for part in path:
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) and part < len(data) else None
        else:
            data = data.get(part) if isinstance(data, Mapping) else None
    return data


def with_value(data: Data, path: TablePath, value: Any) -> Data:
    """Return the tables with a value at a path; None takes it out, and tables that are empty then."""
    changed: Data | None = _changed(copy.deepcopy(data), path, value)
    return changed or {}


def _changed(node: Any, path: TablePath, value: Any) -> Any:
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        items = list(node) if isinstance(node, list) else []
        inner = _changed(items[part] if part < len(items) else None, rest, value)
        return [*items[:part], *([] if inner is None else [inner]), *items[part + 1 :]] or None
    table = dict(node) if isinstance(node, Mapping) else {}
    inner = _changed(table.get(part), rest, value)
    if inner is None:
        table.pop(part, None)
    else:
        table[part] = inner
    return table or None


def _written(value: Any, spec: FieldSpec) -> str:
    """Return what stands in a field: numbers and texts as the file writes them."""
    if isinstance(value, list):
        return (_LINES if spec.reading.kind != "text" or spec.key == "" else f"{_KEYS} ").join(
            map(str, value)
        )
    is_number = isinstance(value, float | int) and not isinstance(value, bool)
    if is_number and spec.reading.kind in ("whole", "quantity"):
        return number_text(value, spec.key)
    return write_value(value, spec.reading)


def _read(name: str, text: str, spec: FieldSpec) -> Any:
    """Return what a text makes in the file: as it was typed where it has a unit."""
    typed = text.strip()
    try:
        value = read_text(text, spec.reading)
    except InputError as error:
        raise _Wrong(name, str(error)) from None
    if value is None:
        return None
    if name in ("sources", "notes") or spec.key == "":
        parts = [part.strip() for part in typed.split(_KEYS if name == "sources" else _LINES.strip())]
        return [part for part in parts if part]
    if spec.reading.kind != "quantity":
        return value
    plain = typed.replace(",", "").replace("_", "")
    try:
        number = float(plain)
    except ValueError:
        return typed
    return int(number) if number == int(number) and abs(number) < 1e15 else number
