"""A file of another format, given where TOML is read, is called by its name."""

from __future__ import annotations

import pytest

from planner.errors import FileError
from planner.files.toml import parse_toml


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "config.json",
            '{"model_type": "llama"}',
            "is a JSON file; planner import config.json makes a model",
        ),
        ("plan", '{"a": 1}', "is a JSON file; expected TOML"),
        ("plan.json", "{broken", "is a JSON file; expected TOML"),
        ("run.yaml", "model:\n  num_layers: 2", "is a YAML file; planner import run.yaml reads"),
        ("run", "---\ntrainer:\n  devices: 8\n", "is a YAML file"),
        ("sites.csv", "a;b", "is a CSV file, which no command reads"),
        ("sites", "name,price\nx,1\n", "is a CSV file"),
        ("run.sh", "#!/bin/bash\n--num-layers 32", "is a list of arguments; planner import run.sh"),
        ("args", "--num-layers 32", "is a list of arguments"),
    ],
)
def test_another_format_is_called_by_its_name_with_the_command_that_takes_it(
    name: str, text: str, words: str
) -> None:
    with pytest.raises(FileError) as refusal:
        parse_toml(text, where=name)
    assert str(refusal.value).startswith(f"{name}: {words}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["name = ", "[model", "a = 1\nb = [1, 2", "name: x", "= 3", "a,b\n1,2"])
def test_broken_toml_is_told_by_its_line(text: str) -> None:
    with pytest.raises(FileError, match="line "):
        parse_toml(text, where="plan.toml")
