"""Temporary files of saves: their names, and the removal of those that killed saves left behind."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import re
import secrets
import time
from pathlib import Path

from planner.files.holding import look

_NAME = re.compile(r"\.planner-(?:(?P<host>[0-9a-f]{8})-)?[0-9a-f]{16}\.tmp")
#: No save takes so long; what is older is removed even where nobody can tell whether its writer lives. [s]
OLD_S = 24 * 3600.0


def temporary_path(folder: Path) -> Path:
    """Return a new name for a file that a save will hold, and then rename or remove.

    It tells the host: a lock shows on the host of who holds it, and on another one perhaps not.
    """
    return folder / f".planner-{_host()}-{secrets.token_hex(8)}.tmp"


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of a folder whose writers have ended: known to be dead, or a day old."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = _NAME.fullmatch(entry.name)
            if name is not None:
                with contextlib.suppress(OSError):
                    _remove_if_left(entry, name["host"])


def _remove_if_left(entry: os.DirEntry[str], host: str | None) -> None:
    if not entry.is_file(follow_symlinks=False):
        return
    with look(Path(entry.path)) as held:
        is_old = time.time() - entry.stat(follow_symlinks=False).st_mtime > OLD_S
        if not held and (is_old or (held is False and host == _host())):
            Path(entry.path).unlink()


@functools.cache
def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]
