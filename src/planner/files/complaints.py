"""Translates pydantic's errors, once, into lines that people can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planner.files.expectations import expectation
from planner.files.fields import keys_of, models_at, paths_ending_in
from planner.files.key_lines import KeyLines, Path
from planner.files.values import shown_key, shown_value, suggestion
from planner.text import safe

#: Finding the name that was meant takes time, and nobody mends more at once.
MAXIMUM_PROBLEMS = 50


def problem_lines(
    model_class: type[BaseModel], data: Mapping[str, Any], error: ValidationError, keys: KeyLines
) -> tuple[list[str], int]:
    """Return one line per bad key of the first `MAXIMUM_PROBLEMS`, and how many more there are.

    Each begins with the line of its key, where `keys` knows it.

    Where a value fits none of a union's types, the type that it came nearest to speaks: the one whose
    complaints lie deepest.
    """
    speaking = _speaking_details(data, error)
    first = list(speaking.items())[:MAXIMUM_PROBLEMS]
    lines = [keys.before(path) + _line(model_class, path, details) for path, details in first]
    return lines, len(speaking) - len(first)


def _speaking_details(data: Mapping[str, Any], error: ValidationError) -> dict[Path, ErrorDetails]:
    """Return the error that speaks for each bad key, by the key's path."""
    speaking: dict[Path, ErrorDetails] = {}
    unions: dict[Path, list[tuple[Path, ErrorDetails]]] = {}
    # What is missing may only be misspelt, so the unknown keys come first.
    for details in sorted(error.errors(include_url=False), key=lambda found: found["type"] == "missing"):
        if _is_echo(details):
            continue
        path, branch = _real_path(data, details)
        if branch is None:
            speaking.setdefault(path, details)
        else:
            unions.setdefault(branch, []).append((path, details))
    for found in unions.values():
        deepest = max(len(path) for path, _ in found)
        for path, details in found:
            if len(path) == deepest:
                speaking.setdefault(path, details)
                break
    return speaking


def _is_echo(details: ErrorDetails) -> bool:
    """Return whether a list is called short only because its entries are bad, which is said already."""
    value = details["input"]
    return (
        details["type"] == "too_short"
        and isinstance(value, list | tuple)
        and len(value) >= details.get("ctx", {}).get("min_length", 0)
    )


def _real_path(data: Mapping[str, Any], details: ErrorDetails) -> tuple[Path, Path | None]:
    """Return the keys of the error as the file has them, and where a union began, if one did.

    Pydantic mixes the names of union members and markers such as `[key]` into the path.
    """
    path: list[str | int] = []
    branch: Path | None = None
    value: Any = data
    location = details["loc"]
    for position, part in enumerate(location):
        is_last = position == len(location) - 1
        if (
            isinstance(part, str)
            and isinstance(value, Mapping)
            and (part in value or (is_last and details["type"] == "missing"))
        ):
            path.append(part)
            value = value.get(part)
        elif isinstance(part, int) and isinstance(value, list | tuple) and part < len(value):
            path.append(part)
            value = value[part]
        elif part != "[key]" and branch is None:
            branch = tuple(path)
    return tuple(path), branch


def _line(model_class: type[BaseModel], path: Path, details: ErrorDetails) -> str:
    """Return `key = value: what was expected` for one error."""
    key = shown_key(path)
    prefix = f"{key}: " if key else ""
    kind = details["type"]
    if kind == "extra_forbidden":
        return f"{prefix}unknown key{_key_suggestion(model_class, path)}"
    if kind == "missing":
        return f"{prefix}is missing; expected it here"
    if details["loc"][-1:] == ("[key]",):
        options = str(details.get("ctx", {}).get("expected", ""))
        known = [option.strip("'") for option in options.replace(" or ", ", ").split(", ") if option]
        return f"{prefix}unknown key{suggestion(str(path[-1]), known)}"
    value = details["input"]
    if key and not isinstance(value, Mapping | list | tuple | BaseModel):
        prefix = f"{key} = {shown_value(value)}: "
    return prefix + safe(expectation(details), limit=500)


def _key_suggestion(model_class: type[BaseModel], path: Path) -> str:
    """Return the nearest key of the same table, or of another table where that has the very name."""
    name = str(path[-1])
    known = [key for model in models_at(model_class, path[:-1]) for key in keys_of(model)]
    here = suggestion(name, known)
    if "did you mean" in here:
        return here
    elsewhere = next(paths_ending_in(model_class, name), None)
    return f"; did you mean '{shown_key(elsewhere)}'?" if elsewhere else here
