"""Keeps two programs from replacing files of one folder at the same moment."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from planner.errors import ConflictError
from planner.files.holding import take
from planner.files.reading import shown_path

#: How long a save waits for another one in the same folder. [s]
PATIENCE_S = 5.0
_PAUSE_S = 0.005


@contextlib.contextmanager
def folder_lock(path: Path) -> Iterator[None]:
    """Hold the folder of a file while the file is compared and replaced; leaves nothing behind.

    Other programs that take no lock are not held off. Where the system or the drive knows no locks on
    folders, nothing is held: the comparison itself then stands alone.

    Raises
    ------
    ConflictError
        Where another program holds the folder for too long.
    """
    with contextlib.ExitStack() as stack:
        # what is wrong with the folder is said by who writes into it
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            descriptor = os.open(path.resolve().parent, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            _wait_for_lock(descriptor, path)
        yield


def _wait_for_lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while take(descriptor) is False:
        if time.monotonic() > deadline:
            raise ConflictError(
                f"{shown_path(path)}: another program is saving in this folder; nothing was written"
            )
        time.sleep(_PAUSE_S)
