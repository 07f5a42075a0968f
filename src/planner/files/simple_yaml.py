"""Reads the simple part of YAML: tables and lists of plain values, as training configurations are written.

Anchors, tags, texts of several lines and tables in braces are refused by their line: nothing is guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from planner.errors import FileError
from planner.files.lexing import MAXIMUM_DEPTH
from planner.files.values import shown_value

_KEY = re.compile(r"""("[^"]*"|'[^']*'|[^\s"'{}\[\]&*!|>%@`#,][^:#"'{}\[\]]*):(?:\s+(.*))?""")
_COMMENT = re.compile(r"""(?:[^\s"'#]|\s(?!#)|"[^"]*"|'[^']*'|(?<=\S)#|["'])*""")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
#: How a value begins that the simple part does not have.
_BEYOND = ("&", "*", "!", "|", ">", "%", "@", "`", "{")


class _Line(NamedTuple):
    number: int
    indent: int
    text: str


class _Block(NamedTuple):
    """A table or a list, and the column where its lines begin."""

    indent: int
    items: dict[str, Any] | list[Any]


def parse_simple_yaml(text: str, *, where: str) -> dict[str, Any]:
    """Return the tables of simple YAML; `where` begins each message.

    Raises
    ------
    FileError
        Naming the line that is no YAML, or not of its simple part.
    """
    return _Parser(where).parsed(text)


class _Parser:
    def __init__(self, where: str) -> None:
        self._where = where
        self._root: dict[str, Any] = {}
        self._blocks: list[_Block] = []
        #: the table and key of the line before, where it has no value of its own, and its column
        self._waiting: tuple[dict[str, Any], str, int] | None = None

    def parsed(self, text: str) -> dict[str, Any]:
        for line in self._lines(text):
            self._open_or_close(line)
            self._add(line)
        return self._root

    def _refuse(self, line: _Line, what: str) -> NoReturn:
        raise FileError(f"{self._where}: line {line.number}: {what}")

    def _lines(self, text: str) -> Iterator[_Line]:
        for number, raw in enumerate(text.split("\n"), 1):
            found = _COMMENT.match(raw) if "#" in raw else None
            kept = (raw if found is None else found[0]).rstrip()
            body = kept.lstrip(" ")
            line = _Line(number, len(kept) - len(body), body)
            if not body or (body == "---" and not self._root) or body.startswith("%YAML"):
                continue
            if body[0] == "\t":
                self._refuse(line, "is indented by a tab; expected spaces")
            yield line

    def _open_or_close(self, line: _Line) -> None:
        """Begin the block that the line before waits for, or end those that the line has left."""
        is_item = line.text.startswith("- ") or line.text == "-"
        waiting, self._waiting = self._waiting, None
        if not self._blocks:
            self._blocks.append(_Block(line.indent, self._root))
        elif waiting is not None and (line.indent > waiting[2] or (is_item and line.indent == waiting[2])):
            table, key, _ = waiting
            table[key] = [] if is_item else {}
            self._blocks.append(_Block(line.indent, table[key]))
            if len(self._blocks) > MAXIMUM_DEPTH:
                self._refuse(line, f"nests deeper than {MAXIMUM_DEPTH} levels")
        while len(self._blocks) > 1 and self._has_left(self._blocks[-1], line, is_item):
            self._blocks.pop()
        block = self._blocks[-1]
        if block.indent != line.indent or isinstance(block.items, list) != is_item:
            self._refuse(line, "stands where no table or list goes on; expected the column of the others")

    @staticmethod
    def _has_left(block: _Block, line: _Line, is_item: bool) -> bool:
        is_list = isinstance(block.items, list)
        return block.indent > line.indent or (is_list and not is_item and block.indent == line.indent)

    def _add(self, line: _Line) -> None:
        items = self._blocks[-1].items
        if isinstance(items, dict):
            self._add_key(items, line)
            return
        inside = line.text[1:].lstrip(" ")
        if not _KEY.fullmatch(inside):
            items.append(self._value(inside, line))
            return
        table: dict[str, Any] = {}
        items.append(table)
        moved = line._replace(indent=line.indent + len(line.text) - len(inside), text=inside)
        self._blocks.append(_Block(moved.indent, table))
        self._add_key(table, moved)

    def _add_key(self, table: dict[str, Any], line: _Line) -> None:
        found = _KEY.fullmatch(line.text)
        if found is None:
            self._refuse(line, "is no 'key: value' of simple YAML")
        key = found[1].strip("\"'").rstrip()
        if key in table:
            self._refuse(line, f"has the key {shown_value(key)} a second time")
        value = found[2] or ""
        table[key] = self._value(value, line)
        if not value:
            self._waiting = (table, key, line.indent)

    def _value(self, text: str, line: _Line) -> Any:
        if text == "{}":
            return {}
        if text.startswith("["):
            if not text.endswith("]") or any(sign in text[1:-1] for sign in "[]{}\"'"):
                self._refuse(line, "holds a list that is not of plain values")
            return [self._value(part.strip(), line) for part in text[1:-1].split(",") if part.strip()]
        if text.startswith(_BEYOND):
            self._refuse(line, f"{shown_value(text)} is beyond the simple YAML that is read")
        if text[:1] in ("'", '"'):
            if len(text) < 2 or text[-1] != text[0] or text[0] in text[1:-1] or "\\" in text:
                self._refuse(line, "holds a quoted text that is not simple")
            return text[1:-1]
        return _plain(text)


def _plain(text: str) -> Any:
    """Return what a plain value means: a word, a number or a text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
