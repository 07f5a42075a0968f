"""Reads printed output line by line: bounded, streaming, without escapes, each line with its number."""

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
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


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


def printed_lines(path: Path) -> Iterator[PrintedLine]:
    """Yield the lines of a file, however large it is.

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
            number = 0
            while content := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(content) > LONGEST_LINE:
                    raise FileError(
                        f"{where}: line {number}: is longer than {LONGEST_LINE // 1024} KiB; no log's is"
                    )
                try:
                    text = content.decode("utf-8")
                except UnicodeDecodeError:
                    raise FileError(
                        f"{where}: line {number}: is not UTF-8; expected what a tool printed"
                    ) from None
                if "\x1b" in text:
                    text = _ESCAPES.sub("", text)
                yield PrintedLine(where, number, text.rstrip("\r\n"), content.endswith(b"\n"))
    except OSError as error:
        raise FileError(f"{where}: {system_reason(error)}") from None
    except ValueError:
        raise FileError(f"{where}: is not a file name") from None
