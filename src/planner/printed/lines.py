"""Reads printed output in blocks of lines: bounded, streaming, without escapes, each line with its number."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from planner.errors import FileError
from planner.files.reading import shown_path, system_reason
from planner.files.values import shown_value

#: No tool prints longer lines; whatever does is no log.
LONGEST_LINE = 64 * 1024
#: Colours and cursor moves, as terminals take them.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\-_])")
#: What is read at once. [B]
_BLOCK = 1024 * 1024


class PrintedLine(NamedTuple):
    """One line of a file."""

    where: str
    number: int
    text: str
    #: whether a line break ends it: the last line of a log that was cut has none
    is_whole: bool = True

    def refuse(self, expected: str) -> NoReturn:
        """Refuse the line.

        Raises
        ------
        FileError
            Naming file, line and what was expected.
        """
        shown = shown_value(self.text.strip()[:60])
        raise FileError(f"{self.where}: line {self.number}: {shown}: {expected}")

    def number_of(self, text: str, what: str) -> float:
        """Return a number of the line.

        Raises
        ------
        FileError
            Where it is none, or is written with a comma as other locales do.
        """
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not 0.0 <= value < float("inf"):
            self.refuse(f"{what} is {shown_value(text[:20])}; expected a number such as 273.5")
        return value


class Block(NamedTuple):
    """Lines of a file that follow each other; of the file's last one alone the end may be missing."""

    where: str
    #: of its first line
    number: int
    text: str
    #: whether a line break ends its last line
    is_whole: bool

    def lines(self) -> Iterator[PrintedLine]:
        """Yield its lines."""
        texts = self.text.split("\n")
        if self.is_whole:
            texts.pop()
        last = self.number + len(texts) - 1
        for number, text in enumerate(texts, self.number):
            yield PrintedLine(self.where, number, text.rstrip("\r"), self.is_whole or number < last)


def printed_blocks(path: Path) -> Iterator[Block]:
    """Yield the lines of a file, however large it is, many at a time.

    Raises
    ------
    FileError
        Where it is missing, no regular file, not UTF-8, or a line is longer than any log's.
    """
    where = shown_path(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileError(f"{where}: is not a regular file; expected what a tool printed")
        with path.open("rb") as file:
            number, rest = 1, b""
            while content := file.read(_BLOCK):
                content = rest + content
                end = content.rfind(b"\n") + 1
                rest = content[end:]
                if end:
                    yield _block(where, number, content[:end])
                    number += content.count(b"\n")
                if len(rest) > LONGEST_LINE:
                    break
            if rest:
                yield _block(where, number, rest)
    except OSError as error:
        raise FileError(f"{where}: {system_reason(error)}") from None
    except ValueError:
        raise FileError(f"{where}: is not a file name") from None


def _block(where: str, number: int, content: bytes) -> Block:
    if len(content) > LONGEST_LINE:
        for place, line in enumerate(content.split(b"\n"), number):
            if len(line) > LONGEST_LINE:
                raise FileError(
                    f"{where}: line {place}: is longer than {LONGEST_LINE // 1024} KiB; no log's is"
                )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        place = number + content.count(b"\n", 0, error.start)
        raise FileError(f"{where}: line {place}: is not UTF-8; expected what a tool printed") from None
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    return Block(where, number, text, content.endswith(b"\n"))


def printed_lines(path: Path) -> Iterator[PrintedLine]:
    """Yield the lines of a file, however large it is.

    Raises
    ------
    FileError
        As of its blocks.
    """
    for block in printed_blocks(path):
        yield from block.lines()
