"""Sets single keys of a plan from text, as `--set KEY=VALUE` and a sweep do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from planner.domain.keys import rivals
from planner.domain.plan import Plan
from planner.domain.plan_operations import Operations
from planner.errors import FileError, PlanError, QuantityError
from planner.files.fields import annotations_at, keys_of, models_at, paths_ending_in
from planner.files.toml import parse_toml
from planner.files.validation import validate
from planner.files.values import shown_key, shown_value, suggestion
from planner.plans.plan_file import dump_plan
from planner.text import safe
from planner.units import COUNT, parse_quantity

_SEGMENT = re.compile(r"([A-Za-z0-9_-]+)(?:\[([^\[\]]{1,80})\])?(?:\.|$)")
#: Setting a key takes these away from the same table: a plan may hold only one of them.
_EXCLUDES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("cluster", "pools", "count"): ("chips",),
    ("cluster", "pools", "chips"): ("count",),
    ("model", "profile"): ("architecture", "parameters", "active_parameters"),
    ("model", "architecture"): ("profile", "parameters", "active_parameters"),
    ("model", "parameters"): ("profile", "architecture"),
    ("workload", "tokens"): ("phases",),
    ("workload", "phases"): ("tokens",),
    **{("operations", name): others for name, others in rivals(Operations).items()},
}
MAXIMUM_LENGTH = 20_000

Path = list[str | int]


@dataclass(frozen=True, slots=True)
class Held:
    """What a plan holds under a key."""

    #: as validated: a number in the field's unit, a day, a text, a Span; None: nothing
    value: Any
    #: as a plan file writes it, which `apply_overrides` takes too
    written: Any
    #: whether the key holds whole numbers alone
    is_whole: bool


def apply_overrides(plan: Plan, overrides: Iterable[str], *, where: str = "--set") -> Plan:
    """Return the plan with every `KEY=VALUE` set, validated anew.

    A pool is named by index or id (`cluster.pools[0].count`, `cluster.pools[train].count`); where there is
    only one, `cluster.pools.count` means it. A value is read as TOML where it is that, else as plain text
    (`12 MW`, `2T`); an empty one resets the key to its default. Setting one of two keys that exclude each
    other (count and chips, tokens and phases, model profile and architecture) clears the other.

    Raises
    ------
    PlanError
        Where a key is unknown (naming the nearest), or the plan would not be valid.
    """
    data = _mutable(dump_plan(plan))
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals or not key.strip():
            raise PlanError(
                f"{where} {shown_value(override)}: expected KEY=VALUE, such as workload.tokens=2T"
            )
        _set(data, key.strip(), text.strip(), where)
    return validate(Plan, data, where=where)


def held_at(plan: Plan, key: str, *, where: str = "--set") -> Held:
    """Return what a plan holds under a key that `apply_overrides` takes.

    Raises
    ------
    PlanError
        Where the key is unknown, naming the nearest.
    """
    data = dump_plan(plan)
    path = _resolved(_mutable(data), _segments(key.strip(), where), where)
    allowed = annotations_at(Plan, path)
    return Held(_at(plan, path), _at(data, path), int in allowed and float not in allowed)


def _at(value: Any, path: Path) -> Any:
    for part in path:
        if value is None:
            return None
        if isinstance(part, int):
            value = value[part] if part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
    return value


def _mutable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _mutable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mutable(item) for item in value]
    return value


def _set(data: dict[str, Any], key: str, text: str, where: str) -> None:
    path = _resolved(data, _segments(key, where), where)
    value = _value(path, text, where)
    table: Any = data
    for position, part in enumerate(path[:-1]):
        if isinstance(part, str):
            table = table.setdefault(part, [] if isinstance(path[position + 1], int) else {})
            _clear_rivals(data, path[: position + 1], is_reset=value is None)
            continue
        if part == len(table):
            table.append({})
        table = table[part]
    last = path[-1]
    if value is None:
        if isinstance(last, int):
            del table[last : last + 1]
        else:
            table.pop(last, None)
        return
    if isinstance(last, int) and last == len(table):
        table.append(value)
    else:
        table[last] = value
    _clear_rivals(data, path, is_reset=False)


def _clear_rivals(data: dict[str, Any], path: Path, *, is_reset: bool) -> None:
    others = _EXCLUDES.get(tuple(part for part in path if isinstance(part, str)), ())
    if is_reset or not others or isinstance(path[-1], int):
        return
    table: Any = data
    for part in path[:-1]:
        table = table[part]
    for rival in others:
        table.pop(rival, None)


def _segments(key: str, where: str) -> list[tuple[str, str | None]]:
    """Return the names of a dotted key, each with what stands in brackets after it."""
    found: list[tuple[str, str | None]] = []
    position = 0
    while position < len(key):
        match = _SEGMENT.match(key, position)
        if match is None or len(found) > 16:
            raise PlanError(f"{where} {safe(key, limit=80)}: is no key of a plan{_near_key(key)}")
        found.append((match.group(1), match.group(2)))
        position = match.end()
    return found


def _near_key(key: str) -> str:
    return suggestion(safe(key, limit=80).split(".")[0], keys_of(Plan))


def _resolved(data: dict[str, Any], segments: list[tuple[str, str | None]], where: str) -> Path:
    """Return the path that the segments mean in this plan, with list entries as indices."""
    path: Path = []
    value: Any = data
    for position, (name, selector) in enumerate(segments):
        models = models_at(Plan, path)
        known = {key for model in models for key in keys_of(model)}
        if (known and name not in known) or (not known and not annotations_at(Plan, [*path, name])):
            raise PlanError(f"{where} {shown_key([*path, name])}: unknown key{_key_near(path, name, known)}")
        path.append(name)
        value = value.get(name) if isinstance(value, dict) else None
        if not annotations_at(Plan, [*path, 0]):
            if selector is not None:
                raise PlanError(f"{where} {shown_key(path)}[{safe(selector)}]: is not a list")
            continue
        is_last = position == len(segments) - 1
        if selector is None and is_last:
            continue
        entries = value if isinstance(value, list) else []
        index = _index(entries, selector, path, where)
        path.append(index)
        value = entries[index] if index < len(entries) else None
    return path


def _key_near(path: Path, name: str, known: set[str]) -> str:
    near = suggestion(name, known)
    if "did you mean" in near or path:
        return near
    elsewhere = next(paths_ending_in(Plan, name), None)
    return f"; did you mean '{shown_key(elsewhere)}'?" if elsewhere else near


def _index(entries: list[Any], selector: str | None, path: Path, where: str) -> int:
    """Return which entry a selector means; one past the last begins a new one."""
    key = shown_key(path)
    if selector is None:
        if len(entries) == 1:
            return 0
        raise PlanError(f"{where} {key}: has {len(entries)} entries; expected one named, such as {key}[0]")
    if selector.isascii() and selector.isdigit() and len(selector) <= 4:
        if int(selector) <= len(entries):
            return int(selector)
        there_are = "is 1 entry" if len(entries) == 1 else f"are {len(entries)} entries"
        raise PlanError(
            f"{where} {key}[{selector}]: expected a number from 0 to {len(entries)}; "
            f"there {there_are}, and {len(entries)} begins a new one"
        )
    ids = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    if selector in ids:
        return ids.index(selector)
    near = suggestion(selector, [identifier for identifier in ids if isinstance(identifier, str)])
    raise PlanError(f"{where} {key}[{safe(selector)}]: no such entry{near}")


def _value(path: Path, text: str, where: str) -> Any:
    """Return what the text says: a TOML value, a count such as `8k`, plain text, or None for a reset."""
    if text == "":
        return None
    if len(text) > MAXIMUM_LENGTH:
        raise PlanError(f"{where} {shown_key(path)}: is longer than {MAXIMUM_LENGTH:,} characters")
    allowed = annotations_at(Plan, path)
    value: Any = text
    if "\n" not in text:
        try:
            value = parse_toml(f"value = {text}", where=where)["value"]
        except FileError:
            value = text
    if not isinstance(value, str) and allowed and set(allowed) <= {str, type(None)}:
        return text
    if isinstance(value, str) and int in allowed:
        try:
            number = parse_quantity(value, COUNT)
        except QuantityError:
            return value
        return int(number) if number.is_integer() else value
    return value
