"""Reads a configuration in whichever format it is written: JSON, TOML, YAML or a list of arguments."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from planner.files.json_text import parse_json
from planner.files.toml import parse_toml
from planner.files.yaml_text import parse_yaml
from planner.imports.argument_list import parse_arguments

_MODEL_KEY = "model_type"


def parse_configuration(text: str, where: str) -> tuple[dict[str, Any], bool]:
    """Return the tables of a configuration, and whether they are arguments of a launch.

    The name's ending says the format; without one that is known, how the text begins.

    Raises
    ------
    FileError
        Where the text is not what its name says.
    """
    suffix = PurePath(where).suffix.lower()
    if suffix == ".json" or (suffix not in (".yaml", ".yml", ".toml") and text.lstrip()[:1] == "{"):
        return parse_json(text, where=where), False
    if suffix in (".yaml", ".yml"):
        return parse_yaml(text, where=where), False
    if suffix == ".toml":
        return parse_toml(text, where=where), False
    return parse_arguments(text, where=where), True


def is_model(config: dict[str, Any]) -> bool:
    """Return whether a configuration is that of a model rather than of a training."""
    return _MODEL_KEY in config or any(
        isinstance(value, dict) and _MODEL_KEY in value and key.endswith("config")
        for key, value in config.items()
    )
