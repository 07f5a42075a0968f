"""Names the format of a text that is not TOML, with the command that takes such a file."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

_YAML_LINE = re.compile(r"---\s*|[A-Za-z_][\w.-]*:(\s.*)?|-\s+\S.*")
_SHELL_LINE = re.compile(r"#!.*|\s*--[a-z][\w-]*([ =].*)?", re.ASCII)
_NAMES = {
    ".csv": "a CSV file",
    ".tsv": "a TSV file",
    ".yaml": "a YAML file",
    ".yml": "a YAML file",
    ".sh": "a list of arguments",
}
_SAMPLE_LINES = 20
_LEAST_COLUMNS = 2


def other_format(text: str, where: str) -> str | None:
    """Return `a JSON file, ...` where a text is of another format, or None where it may be broken TOML.

    Parameters
    ----------
    text
        What could not be read as TOML.
    where
        The name of the file, whose ending counts where the text itself does not say it.

    Examples
    --------
    >>> other_format('{"model_type": "llama"}', "config.json")
    'a JSON file; planner import config.json makes a model profile of it'
    >>> other_format("days,cost", "table.csv")
    'a CSV file, which no command reads; expected TOML'
    """
    suffix = PurePath(where).suffix.lower()
    if suffix == ".json" or text.lstrip()[:1] == "{":
        return _json_file(text, where)
    name = _NAMES.get(suffix) or (None if suffix == ".toml" else _guessed(text))
    if name is None or name.endswith("SV file"):
        return name and f"{name}, which no command reads; expected TOML"
    return f"{name}; planner import {where} reads a training's configuration"


def _guessed(text: str) -> str | None:
    """Return what a text looks like."""
    lines = [line for line in text.splitlines()[:_SAMPLE_LINES] if line.strip() and not line.startswith("# ")]
    if not lines:
        return None
    if all(_YAML_LINE.fullmatch(line) for line in _outer(lines)):
        return _NAMES[".yaml"]
    if _SHELL_LINE.fullmatch(lines[0]):
        return _NAMES[".sh"]
    columns = {line.count(",") + 1 for line in lines}
    is_table = len(columns) == 1 and columns.pop() >= _LEAST_COLUMNS
    return _NAMES[".csv"] if is_table and not any("=" in line for line in lines) else None


def _outer(lines: list[str]) -> list[str]:
    """Return the lines that no other holds, or all where each is indented."""
    return [line for line in lines if not line[0].isspace()] or lines


def _json_file(text: str, where: str) -> str:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict) and "model_type" in data:
        return f"a JSON file; planner import {where} makes a model profile of it"
    return (
        "a JSON file; expected TOML; planner import makes a model profile of the config.json of a model, and "
        "reads a training's configuration"
    )
