"""What files came to once they were validated, kept for the next process under the hash of their bytes.

Reading and validating a hundred small files takes longer than an estimate, and they seldom change. A file is
still read whole each time; only where its bytes are those that were validated is the kept result used, and
only by the program that kept it. What is kept is JSON, so that nobody's cache can run anything, and each line
carries its own hash, so that a damaged one is not believed. Nothing here is needed: what cannot be read is
validated again, and what cannot be written is forgotten.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import platformdirs

import planner
from planner.errors import FileError
from planner.files.reading import MAXIMUM_BYTES, read_bytes

if TYPE_CHECKING:
    from pydantic import BaseModel

ModelType = TypeVar("ModelType", bound="BaseModel")

_Stamp = tuple[int, int, int]

#: The folders of the package that decide what a file's bytes mean.
_MEANING = ("", "catalog", "domain", "files")


class CompiledFiles:
    """Validated models by the class and the bytes that they were made from; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._is_read = False
        self._program = ""
        #: what earlier processes kept, until it is asked for: a model need not be held twice
        self._lines: dict[str, str] = {}
        #: what is new, until it is written
        self._new: dict[str, str] = {}
        self._models: dict[tuple[type[BaseModel], str], BaseModel] = {}
        self._stamp: _Stamp | None = None
        self._used: set[str] = set()

    def open(self, path: Path | None) -> None:
        """Take up what a file keeps, once it is asked; without one, everything is validated and goes.

        A file that is as this process left it is not read again.
        """
        with self._lock:
            if path is not None and path == self._path and self._stamp and self._stamp == _stamp_of(path):
                return
            self._path = path
            self._is_read = False
            self._stamp = None
            self._lines = {}
            self._new = {}
            self._models = {}
            self._used = set()

    def _read_once(self) -> None:
        with self._lock:
            if self._is_read or self._path is None:
                return
            self._is_read = True
            program = _program_stamp()
            if program is None:
                self._path = None
                return
            self._program = program
            # before it is read: one that is replaced meanwhile is another one than was stamped
            self._stamp = _stamp_of(self._path)
            self._lines = _read(self._path, program)

    def model(
        self, model_class: type[ModelType], content: bytes, validated: Callable[[], ModelType]
    ) -> ModelType:
        """Return the model that a file's bytes stand for: the kept one, or what `validated` returns."""
        self._read_once()
        if self._path is None:
            return validated()
        key = _hash(model_class.__name__.encode() + b"\0" + content)
        self._used.add(key)
        made = self._models.get((model_class, key))
        if isinstance(made, model_class):
            return made
        line = self._lines.pop(key, None)
        model = None if line is None else _model_of(model_class, line)
        if model is None:
            model = validated()
            self._add(key, model)
        # models are frozen: whoever reads the same bytes again may have the same one
        self._models[model_class, key] = model
        return model

    def _add(self, key: str, model: BaseModel) -> None:
        from planner.files.plain_models import plain_model

        try:
            text = json.dumps(plain_model(model), separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            return
        with self._lock:
            self._new[key] = f"{_hash(text.encode())} {text}"

    def keep(self) -> None:
        """Write what is new for the next process, wholly or not at all; where that fails, nothing is kept."""
        with self._lock:
            if self._path is None or not self._new:
                return
            lines = {**_read(self._path, self._program), **self._new}
            self._new = {}
            content = self._content(lines)
            if len(content) > MAXIMUM_BYTES:
                # files that changed or went have left their lines behind
                content = self._content({key: line for key, line in lines.items() if key in self._used})
            if len(content) <= MAXIMUM_BYTES:
                _write(self._path, content)
                self._stamp = _stamp_of(self._path)

    def _content(self, lines: Mapping[str, str]) -> bytes:
        return "\n".join([self._program, *(f"{key} {lines[key]}" for key in sorted(lines))]).encode()


#: What this process reads; opened by the command line alone, so that libraries and tests keep nothing.
COMPILED = CompiledFiles()
#: The published runs, apart: they are twice as much as all profiles, and few commands ask for them.
COMPILED_RUNS = CompiledFiles()
_PLACES = ((COMPILED, "compiled"), (COMPILED_RUNS, "compiled-runs"))


def open_compiled() -> None:
    """Take up what earlier processes of this installation kept."""
    for files, name in _PLACES:
        files.open(compiled_path(name))


def keep_compiled() -> None:
    """Keep what is new for the processes that come."""
    for files, _ in _PLACES:
        files.keep()


def compiled_path(name: str = "compiled") -> Path | None:
    """Return where this installation keeps what it compiled, or None where the system names no such place."""
    installation = _hash(os.fsencode(Path(planner.__file__).parent))[:16]
    try:
        folder = Path(platformdirs.user_cache_dir("planner", appauthor=False))
    except (OSError, RuntimeError, KeyError):
        return None
    return folder / f"{name}-{installation}.txt"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _program_stamp() -> str | None:
    """Return a hash of what turns bytes into models, or None where the sources cannot be seen.

    Sources are told apart by size and time, as Python tells which of them to compile again.
    """
    import pydantic

    package = Path(planner.__file__).parent
    stamps = []
    try:
        for folder in _MEANING:
            with os.scandir(package / folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".py"):
                        status = entry.stat()
                        stamps.append((folder, entry.name, status.st_size, status.st_mtime_ns))
    except OSError:
        return None
    return _hash(repr((planner.__version__, sys.version, pydantic.VERSION, sorted(stamps))).encode())


def _stamp_of(path: Path) -> _Stamp | None:
    """Return what tells a file from what stands in its place later, or None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(path: Path, program: str) -> dict[str, str]:
    """Return the kept lines by key: none where another user or another program wrote them."""
    try:
        if not _is_own(path):
            return {}
        first, *lines = read_bytes(path).decode().split("\n")
    except (OSError, ValueError, FileError):
        return {}
    if first != program:
        return {}
    parts = (line.partition(" ") for line in lines)
    # a line that was cut within its key is nobody's, and would be kept for ever
    return {key: rest for key, _, rest in parts if rest}


def _is_own(path: Path) -> bool:
    """Return whether nobody but this user can have written the file, where the system tells."""
    if sys.platform == "win32":
        return True
    status = path.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o002


def _model_of(model_class: type[ModelType], line: str) -> ModelType | None:
    from planner.files.plain_models import model_from_plain

    digest, _, text = line.partition(" ")
    if digest != _hash(text.encode()):
        return None
    try:
        return model_from_plain(model_class, json.loads(text))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        # a sound line of this very program does not get here
        return None


def _write(path: Path, content: bytes) -> None:
    from planner.files.replacing import write_bytes_atomic

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_bytes_atomic(path, content)
    except (OSError, ValueError, FileError):
        return
