"""The report of a bug: written to a file, so that the terminal shows one line and not a traceback."""

from __future__ import annotations

import datetime
import platform
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import platformdirs

import planner


def write_crash_report(error: BaseException, arguments: Sequence[str]) -> Path | None:
    """Write what a maintainer needs to find the bug; return its place, or None where nothing is writable."""
    moment = datetime.datetime.now(datetime.UTC)
    text = "\n".join(
        [
            f"planner {planner.__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"at {moment.isoformat(timespec='seconds')}",
            f"arguments: {list(arguments)!r}",
            "",
            *traceback.format_exception(error),
        ]
    )
    name = f"report-{moment:%Y%m%d-%H%M%S-%f}.txt"
    for folder in (Path(platformdirs.user_log_dir("planner", appauthor=False)), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"planner-{name}"
            # exclusive: never follow a name that somebody else put there first
            with path.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return path
    return None
