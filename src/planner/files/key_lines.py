"""The lines on which the keys of a TOML text stand, which the standard library's parser does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

from planner.files.lexing import TOKENS

Path = tuple[str | int, ...]


class KeyLines:
    r"""The lines of a text that the parser took; it is scanned when a line is first asked for.

    Examples
    --------
    >>> lines = KeyLines("[site]\npue = 0.5\n")
    >>> lines.before(("site", "pue")), lines.before(("name",))
    ('line 2: ', '')
    """

    def __init__(self, text: str | None) -> None:
        self._text = text
        self._lines: dict[Path, int] | None = None

    def before(self, path: Sequence[str | int]) -> str:
        """Return `line N: `, of the key or of what it is missing in; empty where the text holds neither."""
        if self._lines is None:
            self._lines = _scanned(self._text) if self._text else {}
        found = (self._lines.get(tuple(path[:length])) for length in range(len(path), 0, -1))
        line = next((line for line in found if line is not None), None)
        return "" if line is None else f"line {line}: "


def _scanned(text: str) -> dict[Path, int]:
    scan = _Scan()
    for match in TOKENS.finditer(text):
        scan.take(match.lastgroup or "", match.group())
    return scan.lines


@dataclass
class _Bracket:
    """An open list or inline table of a value."""

    path: Path
    is_list: bool
    #: which entry of the list is being read
    index: int = 0


class _Scan:
    """Follows the tokens of a sound text from header to header and key to key."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self._line = 1
        #: of the last header
        self._table: Path = ()
        #: entries of each array of tables so far
        self._entries: dict[Path, int] = {}
        self._open: list[_Bracket] = []
        #: parts of the key or header that is being read
        self._names: list[str] = []
        #: how many brackets the header that is being read began with
        self._header = 0
        self._is_value = False
        #: the key of the value that is being read
        self._path: Path = ()

    def take(self, kind: str, token: str) -> None:
        """Take one token."""
        if kind == "newline":
            self._line += 1
            if not self._open:
                self._names, self._is_value = [], False
        elif kind in ("string", "part"):
            self._word(token if kind == "string" else token.strip())
            self._line += token.count("\n")
        elif kind == "open":
            self._opened(token)
        elif kind == "close":
            self._closed()
        elif token == "=":
            base = self._open[-1].path if self._open else self._table
            self._path = (*base, *self._names)
            self._note(self._path)
            self._is_value = True
        elif token == "," and self._open:
            self._open[-1].index += 1
            self._names, self._is_value = [], self._open[-1].is_list

    def _word(self, word: str) -> None:
        if not word:
            return
        if self._is_value:
            self._entry()
        else:
            self._names.append(_unquoted(word) if word[0] in "\"'" else word)

    def _entry(self) -> None:
        """Note where an entry of a list begins."""
        if self._open and self._open[-1].is_list:
            self._path = (*self._open[-1].path, self._open[-1].index)
            self._note(self._path)

    def _opened(self, token: str) -> None:
        if not self._is_value:
            self._header += 1
            return
        self._entry()
        self._open.append(_Bracket(self._path, is_list=token == "["))
        self._names, self._is_value = [], token == "["

    def _closed(self) -> None:
        if self._open:
            self._open.pop()
            self._is_value = True
        elif self._names:
            self._table = self._header_path(is_entry=self._header > 1)
            self._note(self._table)
            self._names, self._header = [], 0

    def _header_path(self, *, is_entry: bool) -> Path:
        path: Path = ()
        for position, name in enumerate(self._names, start=1):
            path = (*path, name)
            if is_entry and position == len(self._names):
                self._entries[path] = self._entries.get(path, 0) + 1
            if path in self._entries:
                path = (*path, self._entries[path] - 1)
        return path

    def _note(self, path: Path) -> None:
        while path and path not in self.lines:
            self.lines[path] = self._line
            path = path[:-1]


def _unquoted(word: str) -> str:
    return next(iter(tomllib.loads(f"{word} = 0")))
