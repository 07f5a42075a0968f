"""Names the format of a text that is not TOML, with the command that takes such a file."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

_YAML_LINE = re.compile(r"---\s*|[A-Za-z_][\w.-]*:(\s.*)?|-\s+\S.*")
_SHELL_LINE = re.compile(r"#!.*|\s*--[a-z][\w-]*([ =].*)?", re.ASCII)
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
    if suffix in (".csv", ".tsv"):
        return f"a {suffix[1:].upper()} file, which no command reads; expected TOML"
    if suffix == ".toml":
        return None
    lines = [line for line in text.splitlines()[:_SAMPLE_LINES] if line.strip() and not line.startswith("# ")]
    if suffix in (".yaml", ".yml") or (lines and all(_YAML_LINE.fullmatch(line) for line in _outer(lines))):
        return f"a YAML file; planner import {where} reads a training's configuration"
    if suffix == ".sh" or (lines and _SHELL_LINE.fullmatch(lines[0])):
        return f"a list of arguments; planner import {where} reads a training's configuration"
    columns = {line.count(",") for line in lines}
    if len(columns) == 1 and columns.pop() >= _LEAST_COLUMNS - 1 and not any("=" in line for line in lines):
        return "a CSV file, which no command reads; expected TOML"
    return None


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
