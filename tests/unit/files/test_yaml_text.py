"""YAML: what a training's configuration holds is read, and the rest is refused by its line."""

from __future__ import annotations

from typing import Any

import pytest

from planner.errors import FileError
from planner.files.yaml_text import parse_yaml

NEMO = """\
# a training
name: megatron_gpt  # its name
trainer:
  devices: 8
  precision: bf16
model:
  bias: False
  kv_channels: null
  layernorm_epsilon: 1e-5
  ffn_hidden_size: ${multiply:4, ${.hidden_size}}
  data:
    data_prefix:
    - 1.0
    - /data/a#b
    splits: [900, 50, 50]
  optim: {}
"""


def test_a_configuration_is_read() -> None:
    assert parse_yaml(NEMO, where="a.yaml") == {
        "name": "megatron_gpt",
        "trainer": {"devices": 8, "precision": "bf16"},
        "model": {
            "bias": False,
            "kv_channels": None,
            "layernorm_epsilon": 1e-5,
            "ffn_hidden_size": "${multiply:4, ${.hidden_size}}",
            "data": {"data_prefix": [1.0, "/data/a#b"], "splits": [900, 50, 50]},
            "optim": {},
        },
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", r"line 2: is not YAML: found duplicate key"),
        ("a:\n\tb: 1", r"line 2: is not YAML"),
        ('a: "x', r"line 1: is not YAML"),
        ("a: 1\n  b: 2", r"line 2: is not YAML"),
        ("a: &x [1]\nb: *x", r"line 2: repeats a part by its name"),
        ("a: !!python/object:os.system x", r"line 1: is not YAML: could not determine a constructor"),
        ("a: 1\n---\nb: 2", r"line 2: is not YAML: but found another document"),
        ("- 1", r"a\.yaml: holds no table"),
        ("", r"a\.yaml: holds no table"),
        ("a: " + "[" * 5000 + "]" * 5000, r"nests deeper than"),
        ("\n".join("  " * depth + "a:" for depth in range(40)), r"nests deeper than"),
        ("\x00", r"is not YAML"),
        ("a: {1: 2}", r"has a key that is no text"),
    ],
    ids=range(13),
)
def test_what_is_no_configuration_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        parse_yaml(text, where="a.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("1e3", 1e3), ("true", True), ("~", None), ("yes", "yes"), ("1.2.3", "1.2.3")],
)
def test_plain_values(text: str, value: Any) -> None:
    assert parse_yaml(f"key: {text}", where="a.yaml")["key"] == value
