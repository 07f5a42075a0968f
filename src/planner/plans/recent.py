"""Which plans were opened lately: a record of their files in the user's state folder."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from planner.errors import PlannerError
from planner.files.toml import read_toml
from planner.files.writing import write_toml_atomic

#: So many are remembered.
MOST = 12
#: No system opens a longer one.
_LONGEST_PATH = 4096
_FIRST_YEAR, _LAST_YEAR = 2000, 2500


@dataclass(frozen=True)
class RecentPlan:
    """A plan's file that was opened or saved."""

    path: Path
    #: when it was last, in UTC
    opened: datetime.datetime


def recent_plans(record: Path | None = None) -> list[RecentPlan]:
    """Return the plans that were opened lately, the last one first.

    A record that is missing, broken or not ours holds none, and entries of it that name no file are left
    out: what it says is text of a file like any other.
    """
    try:
        listed = read_toml(record or record_path()).get("plan")
    except PlannerError:
        return []
    found = sorted(
        _entries(listed if isinstance(listed, list) else []), key=lambda entry: entry.opened, reverse=True
    )
    latest: dict[Path, RecentPlan] = {}
    for entry in found:
        latest.setdefault(entry.path, entry)
    return list(latest.values())[:MOST]


def remember_plan(path: Path, record: Path | None = None) -> None:
    """Put a plan's file first in the record; where that cannot be written, nothing is remembered.

    Of two windows that write at once the later one wins: no more is lost than a line of the list.
    """
    place = record or record_path()
    with contextlib.suppress(OSError, PlannerError):
        entry = RecentPlan(path.absolute(), datetime.datetime.now(datetime.UTC))
        others = [other for other in recent_plans(place) if other.path != entry.path]
        rows = [{"path": str(one.path), "opened": one.opened} for one in (entry, *others)[:MOST]]
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_toml_atomic(place, {"plan": rows})


def record_path() -> Path:
    """Return where the record is kept."""
    return Path(platformdirs.user_state_dir("planner", appauthor=False)) / "recent.toml"


def _entries(listed: list[Any]) -> Iterator[RecentPlan]:
    for row in listed:
        if not isinstance(row, dict):
            continue
        text, opened = row.get("path"), row.get("opened")
        if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_PATH or "\0" in text:
            continue
        path = Path(text)
        if isinstance(opened, datetime.datetime) and is_of_our_time(opened) and path.is_absolute():
            yield RecentPlan(path, opened)


def is_of_our_time(moment: datetime.datetime) -> bool:
    """Return whether a moment says its zone and a year in which somebody can have written it.

    Near the ends of the calendar another zone's time does not exist.
    """
    return moment.tzinfo is not None and _FIRST_YEAR <= moment.year <= _LAST_YEAR
