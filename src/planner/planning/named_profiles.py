"""Which profiles a plan names that no folder has, each as a line that names its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planner.catalog.catalog import Catalog
from planner.catalog.kinds import KINDS
from planner.domain.keys import profile_keys
from planner.domain.plan import Plan
from planner.files.values import shown_value
from planner.text import safe

#: More entries than a plan may have say nothing new.
_MAXIMUM_ENTRIES = 20


Path = tuple[str | int, ...]


def unknown_profiles(plan: Plan | Mapping[str, Any], catalog: Catalog) -> Iterator[tuple[Path, str]]:
    """Yield the key path and a line for each profile that a plan, or its tables, names and no folder has."""
    for dotted, kind in profile_keys(Plan):
        known = catalog.ids(kind)
        for path, key, name in _values(plan, dotted.split(".")):
            if isinstance(name, str) and name and name not in known:
                near = catalog.near(name, kind)
                yield path, f"{key} = {shown_value(name)}: no {KINDS[kind].singular} is called so{near}"


def values_at(plan: Plan | Mapping[str, Any], dotted: str) -> Iterator[Any]:
    """Yield what stands at a dotted key of a plan, in every entry of the lists on its way."""
    yield from (name for _, _, name in _values(plan, dotted.split(".")))


def _values(value: Any, parts: list[str], path: Path = (), key: str = "") -> Iterator[tuple[Path, str, Any]]:
    """Yield what stands at a dotted key, in every entry of the lists on its way, with its path and key."""
    if not parts:
        yield path, key, value
        return
    name = parts[0].removesuffix("[]")
    inner = _held(value, name)
    path, key = (*path, name), f"{key}.{name}" if key else name
    if name == parts[0]:
        yield from _values(inner, parts[1:], path, key)
    elif isinstance(inner, list | tuple):
        for index, entry in enumerate(inner[:_MAXIMUM_ENTRIES]):
            yield from _values(entry, parts[1:], (*path, index), f"{key}[{_label(entry, index)}]")


def _label(entry: Any, index: int) -> str:
    """Return how people name an entry of a list: by its id, where it has one."""
    identifier = _held(entry, "id")
    return safe(identifier, limit=80) if isinstance(identifier, str) and identifier else str(index)


def _held(value: Any, name: str) -> Any:
    # a dump of the plan would wait for its serializer to be built
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
