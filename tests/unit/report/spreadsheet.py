"""Reads a spreadsheet file by the standard library and computes its formulas, as far as ours go."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TOKENS = re.compile(
    r'\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"([^"]*)"|([A-Za-z]+!)?([A-Z]+\d+)|([A-Z]+)(?=\()|(<=|>=|[-+*/^(),:<>=]))'
)
Value = float | str | bool | None
Values = list[Value]


@dataclass
class Book:
    """Values and formulas by sheet and address; what is computed is kept until a value is set."""

    values: dict[tuple[str, str], Value] = field(default_factory=dict)
    formulas: dict[tuple[str, str], str] = field(default_factory=dict)
    _known: dict[tuple[str, str], Value] = field(default_factory=dict)

    @classmethod
    def read(cls, content: bytes) -> Book:
        """Return what a file holds; the value beside a formula is the one that the program wrote."""
        book = cls()
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            texts = [
                "".join(piece.text or "" for piece in item.iter(f"{_SPACE}t"))
                for item in ElementTree.fromstring(file.read("xl/sharedStrings.xml"))
            ]
            targets = {
                one.attrib["Id"]: one.attrib["Target"]
                for one in ElementTree.fromstring(file.read("xl/_rels/workbook.xml.rels"))
            }
            for sheet in ElementTree.fromstring(file.read("xl/workbook.xml")).iter(f"{_SPACE}sheet"):
                page = ElementTree.fromstring(file.read(f"xl/{targets[sheet.attrib[_RELATION]]}"))
                for cell in page.iter(f"{_SPACE}c"):
                    book._add(sheet.attrib["name"], cell, texts)
        return book

    def _add(self, sheet: str, cell: ElementTree.Element, texts: list[str]) -> None:
        place = sheet, cell.attrib["r"]
        formula, value = cell.find(f"{_SPACE}f"), cell.find(f"{_SPACE}v")
        if formula is not None:
            self.formulas[place] = formula.text or ""
        if value is not None and value.text is not None:
            kind = cell.attrib.get("t", "n")
            text = value.text
            self.values[place] = texts[int(text)] if kind == "s" else float(text) if kind == "n" else text

    def column(self, sheet: str, letter: str) -> dict[str, Value]:
        """Return the values of a column by address, as the program wrote them."""
        return {
            address: value
            for (of, address), value in self.values.items()
            if of == sheet and re.fullmatch(rf"{letter}\d+", address)
        }

    def set(self, sheet: str, address: str, value: float) -> None:
        """Type a value into a cell."""
        self.values[sheet, address] = value
        self._known.clear()

    def compute(self, sheet: str, address: str) -> Value:
        """Return what a cell comes to."""
        place = sheet, address
        if place not in self.formulas:
            return self.values.get(place)
        if place not in self._known:
            self._known[place] = _Formula(self, sheet, self.formulas[place]).result()
        return self._known[place]


class _Formula:
    """One formula, read from left to right; a text that meets arithmetic is an error, as in a spreadsheet."""

    def __init__(self, book: Book, sheet: str, text: str) -> None:
        self.book, self.sheet = book, sheet
        self.tokens = list(self._tokens(text))
        self.place = 0

    @staticmethod
    def _tokens(text: str) -> Iterator[tuple[str, str]]:
        position = 0
        while position < len(text):
            found = _TOKENS.match(text, position)
            assert found, text[position:]
            position = found.end()
            number, quoted, sheet, address, name, sign = found.groups()
            if number is not None:
                yield "number", number
            elif quoted is not None:
                yield "text", quoted
            elif address is not None:
                yield "cell", (sheet or "") + address
            else:
                yield ("name", name) if name else ("sign", sign)

    def result(self) -> Value:
        value = self.compared()
        assert self.place == len(self.tokens), self.tokens[self.place :]
        return value

    def _next(self, *signs: str) -> str | None:
        if self.place < len(self.tokens):
            kind, text = self.tokens[self.place]
            if kind == "sign" and text in signs:
                self.place += 1
                return text
        return None

    def compared(self) -> Value:
        left = self.summed()
        sign = self._next("<=", ">=", "<", ">", "=")
        if sign is None:
            return left
        right = self.summed()
        a, b = _number(left), _number(right)
        return {"<=": a <= b, ">=": a >= b, "<": a < b, ">": a > b, "=": a == b}[sign]

    def summed(self) -> Value:
        left = self.multiplied()
        while sign := self._next("+", "-"):
            right = _number(self.multiplied())
            left = _number(left) + right if sign == "+" else _number(left) - right
        return left

    def multiplied(self) -> Value:
        left = self.raised()
        while sign := self._next("*", "/"):
            right = _number(self.raised())
            left = _number(left) * right if sign == "*" else _number(left) / right
        return left

    def raised(self) -> Value:
        left = self.signed()
        while self._next("^"):
            left = _number(left) ** _number(self.signed())
        return left

    def signed(self) -> Value:
        if self._next("-"):
            return -_number(self.signed())
        return self.atom()

    def atom(self) -> Value:
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return float(text)
        if kind == "text":
            return text
        if kind == "cell":
            return self.book.compute(*self._address(text))
        if kind == "name":
            return self.called(text)
        assert text == "(", text
        value = self.compared()
        assert self._next(")")
        return value

    def _address(self, text: str) -> tuple[str, str]:
        sheet, _, address = text.rpartition("!")
        return sheet or self.sheet, address

    def called(self, name: str) -> Value:
        assert self._next("(")
        arguments: list[Values] = []
        while not self._next(")"):
            try:
                arguments.append(self._argument())
            except _NoNumberError:
                # the branch that is not taken may fail
                self._skip()
                arguments.append([_ERROR])
            self._next(",")
        return _FUNCTIONS[name](arguments)

    def _skip(self) -> None:
        depth = 0
        while self.place < len(self.tokens):
            kind, text = self.tokens[self.place]
            if kind == "sign" and depth == 0 and text in (",", ")"):
                return
            depth += {"(": 1, ")": -1}.get(text, 0) if kind == "sign" else 0
            self.place += 1

    def _argument(self) -> Values:
        """Return the values of a range, or the one of anything else."""
        ahead = self.tokens[self.place : self.place + 3]
        if [kind for kind, _ in ahead] == ["cell", "sign", "cell"] and ahead[1][1] == ":":
            self.place += 3
            return [self.book.compute(*place) for place in self._range(ahead[0][1], ahead[2][1])]
        return [self.compared()]

    def _range(self, first: str, last: str) -> Iterator[tuple[str, str]]:
        sheet, start = self._address(first)
        letter = start.rstrip("0123456789")
        for row in range(int(start[len(letter) :]), int(last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) + 1):
            yield sheet, f"{letter}{row}"


class _NoNumberError(Exception):
    """A text where arithmetic needs a number."""


_ERROR = "#VALUE!"


def _number(value: Value) -> float:
    if value is None:
        return 0.0
    if isinstance(value, str):
        raise _NoNumberError(value)
    return float(value)


def _is_number(value: Value) -> bool:
    return isinstance(value, float) and not isinstance(value, bool)


def _rounded(value: float, digits: float) -> float:
    """Return a number to so many digits, half away from zero as spreadsheets do."""
    from decimal import ROUND_HALF_UP, Decimal

    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP))


_FUNCTIONS: dict[str, Callable[[list[Values]], Value]] = {
    "SUM": lambda given: float(sum(v for vs in given for v in vs if _is_number(v) and isinstance(v, float))),
    "COUNT": lambda given: float(sum(_is_number(value) for values in given for value in values)),
    "N": lambda given: given[0][0] if _is_number(given[0][0]) else 0.0,
    "IF": lambda given: given[1][0] if given[0][0] else given[2][0],
    "ISNUMBER": lambda given: _is_number(given[0][0]),
    "AND": lambda given: all(bool(values[0]) for values in given),
    "ROUND": lambda given: _rounded(_number(given[0][0]), _number(given[1][0])),
    "MAX": lambda given: max(_number(values[0]) for values in given),
    "MIN": lambda given: min(_number(values[0]) for values in given),
    "SQRT": lambda given: _number(given[0][0]) ** 0.5,
    "SUMIF": lambda given: float(
        sum(
            value
            for key, value in zip(given[0], given[2], strict=True)
            if key == given[1][0] and isinstance(value, float)
        )
    ),
}
