"""The simple part of YAML: what is read, and what is refused by its line."""

from __future__ import annotations

from typing import Any

import pytest

from planner.errors import FileError
from planner.files.simple_yaml import parse_simple_yaml

NEMO = """\
# a training
name: megatron_gpt  # its name
trainer:
  devices: 8
  num_nodes: 4
  precision: bf16
model:
  micro_batch_size: 1
  bias: False
  kv_channels: null
  activation: 'fast-swiglu'
  layernorm_epsilon: 1e-5
  ffn_hidden_size: ${multiply:4, ${.hidden_size}}
  data:
    data_prefix:
    - 1.0
    - /data/a#b
    splits: [900, 50, 50]
  optim: {}
callbacks:
  - _target_: a.B
    every: 3
  -
"""


def test_tables_lists_and_plain_values_are_read() -> None:
    assert parse_simple_yaml(NEMO, where="a.yaml") == {
        "name": "megatron_gpt",
        "trainer": {"devices": 8, "num_nodes": 4, "precision": "bf16"},
        "model": {
            "micro_batch_size": 1,
            "bias": False,
            "kv_channels": None,
            "activation": "fast-swiglu",
            "layernorm_epsilon": 1e-5,
            "ffn_hidden_size": "${multiply:4, ${.hidden_size}}",
            "data": {"data_prefix": [1.0, "/data/a#b"], "splits": [900, 50, 50]},
            "optim": {},
        },
        "callbacks": [{"_target_": "a.B", "every": 3}, None],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", 'line 2: has the key "a" a second time'),
        ("a:\n\tb: 1", "line 2: is indented by a tab"),
        ("a: &x 1", "line 1: .* is beyond the simple YAML"),
        ("a: {b: 1}", "line 1: .* is beyond the simple YAML"),
        ("a: |\n  text", "line 1: .* is beyond the simple YAML"),
        ("a: [[1]]", "line 1: holds a list that is not of plain values"),
        ('a: "x', "line 1: holds a quoted text that is not simple"),
        ("a\nb", "line 1: is no 'key: value'"),
        ("a: 1\n  b: 2", "line 2: stands where no table or list goes on"),
        ("a:\n    b: 1\n  c: 2", "line 3: stands where no table or list goes on"),
        ("- 1", "line 1: stands where no table or list goes on"),
        ("\n".join("  " * depth + "a:" for depth in range(40)), "nests deeper than 32 levels"),
    ],
    ids=range(12),
)
def test_what_is_not_simple_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        parse_simple_yaml(text, where="a.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-2", -2),
        ("1.5", 1.5),
        ("1e3", 1e3),
        ("true", True),
        ("~", None),
        ("a b", "a b"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_values(text: str, value: Any) -> None:
    assert parse_simple_yaml(f"key: {text}", where="a.yaml")["key"] == value
