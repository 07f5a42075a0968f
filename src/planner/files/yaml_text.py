"""Reads YAML: bounded in depth, without anchors, and with every refusal explained."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from planner.errors import FileError
from planner.files.lexing import MAXIMUM_DEPTH
from planner.files.toml import walk
from planner.text import safe


def parse_yaml(text: str, *, where: str) -> dict[str, Any]:
    """Return the tables of YAML 1.2 text; `where` begins each message.

    Raises
    ------
    FileError
        Where the text is not YAML, holds no table, nests too deep, or repeats a part by its name: a few lines
        of such names can stand for more than a machine holds.
    """
    try:
        _check(text, where)
        data = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = safe(error.problem or "it cannot be read", limit=100)
        raise FileError(f"{where}: line {line}: is not YAML: {what}") from None
    except (YAMLError, ValueError) as error:
        raise FileError(f"{where}: is not YAML: {safe(str(error), limit=100)}") from None
    if not isinstance(data, dict):
        raise FileError(f"{where}: holds no table; expected lines of 'key: value'")
    for _, value, _ in walk({"file": data}):
        if isinstance(value, dict) and not all(isinstance(name, str) for name in value):
            raise FileError(f"{where}: has a key that is no text; expected lines of 'key: value'")
    return data


def _check(text: str, where: str) -> None:
    """Refuse what would take too long or too much to load."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        line = event.start_mark.line + 1
        if depth > MAXIMUM_DEPTH:
            raise FileError(f"{where}: line {line}: nests deeper than {MAXIMUM_DEPTH} levels")
        if isinstance(event, AliasEvent):
            raise FileError(f"{where}: line {line}: repeats a part by its name; expected it written out")
