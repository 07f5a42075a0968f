"""The two streams: data to stdout, narration to stderr; what the terminal can show."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from planner.errors import FileError
from planner.text import safe

if TYPE_CHECKING:
    from planner.report.document import Document

_BLOCK = "\N{FULL BLOCK}"


def write(text: str) -> None:
    """Write data to stdout.

    Raises
    ------
    FileError
        Where stdout takes no more, for instance on a full disk.
    BrokenPipeError
        Where the reader has left, which is its right.
    """
    if _is_closed(sys.stdout):
        raise FileError("standard output: is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileError(f"standard output: {error.strerror or 'cannot be written'}") from None


def show(document: Document) -> None:
    """Write a document to stdout, as its terminal can show it."""
    # every command starts by reading this module, and few print a document
    from planner.report.terminal import terminal_text

    write(terminal_text(document, width=width(), is_coloured=is_coloured(), is_ascii=is_ascii()))


def narrate(text: str) -> None:
    """Write one line for a person to stderr; whatever it holds, it stays one line."""
    line = safe(" ".join(text.split()), limit=2_000)
    try:
        print(f"planner: {line}", file=sys.stderr, flush=True)
    except OSError:
        # nobody listens; there is no third stream to say so
        return


def width() -> int:
    """Return the columns of the terminal, or 80 where there is none."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


def is_terminal() -> bool:
    """Return whether a person sits at both ends: what opening the app needs."""
    return _is_tty(sys.stdin) and _is_tty(sys.stdout)


def is_coloured() -> bool:
    """Return whether stdout is a terminal that wants colour (https://no-color.org)."""
    return _is_tty(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_ascii() -> bool:
    """Return whether stdout cannot carry block characters."""
    try:
        _BLOCK.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def _is_closed(stream: TextIO | None) -> bool:
    """Return whether a stream was closed before the program began."""
    return stream is None


def _is_tty(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        # a stream that was closed before the program began
        return False
