"""`planner import`: a configuration as a profile, printed or written, and every refusal one line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from planner.cli.main import main

QWEN_3_8B: dict[str, Any] = {
    "model_type": "qwen3",
    "_name_or_path": "Qwen/Qwen3-8B",
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "num_parameters": 8_190_735_360,
    "odd": 1,
}


def config(**more: Any) -> str:
    Path("config.json").write_text(json.dumps({**QWEN_3_8B, **more}), encoding="utf-8")
    return "config.json"


def test_the_profile_is_printed_with_its_count_and_the_file_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", config()]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# 8.19B parameters; the file states 8.19B\n")
    profile = tomllib.loads(out)
    assert (profile["id"], profile["developer"]) == ("qwen3-8b", "Qwen")
    assert profile["published_parameters"]["value"] == 8_190_735_360
    assert "not understood, and not thought to change the cost: odd" in err


def test_a_written_profile_is_found_and_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine").mkdir()
    arguments = ["import", config(), "--to", "mine", "--id", "our-8b"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "8.19B parameters; the file states 8.19B\n"
    assert main(["profiles", "check", "mine"]) == 0
    assert main(["--profiles", "mine", "profiles", "show", "our-8b"]) == 0
    capsys.readouterr()
    before = Path("mine/models/our-8b.toml").read_bytes()
    assert main(arguments) == 2
    assert "exists already; nothing was overwritten" in capsys.readouterr().err
    assert Path("mine/models/our-8b.toml").read_bytes() == before
    assert main([*arguments, "--replace"]) == 0


def test_the_json_says_what_was_counted_and_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", config(num_parameters=9e9), "--json", "--out", "big.toml"]) == 0
    out, _ = capsys.readouterr()
    page = json.loads(out)
    assert page["parameters"] == 8_190_735_360
    assert page["not_understood"] == ["odd"]
    assert (page["id"], page["file"]) == ("big", "big.toml")
    assert tomllib.loads(Path("big.toml").read_text(encoding="utf-8")) == page["tables"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: is not JSON"),
        ("[1]", "holds no object"),
        ("{", "line 1: is not JSON"),
        ("{}", "holds no key of a training that is known"),
        ('{"model_type": "llama", "hidden_size": NaN}', "holds NaN; expected numbers"),
        ('{"model_type": "llama", "hidden_size": -Infinity}', "holds -Infinity; expected numbers"),
        ('{"a": 1' + "0" * 5000 + "}", "holds a number of 5,001 digits"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "nests deeper than 32 levels"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nests deeper than 32 levels"),
        ('{"model_type": "\\u001b[31mllama"}', "is no family that is known"),
        ("x" * (2 * 1024 * 1024 + 1), "is larger than 2 MiB"),
    ],
    ids=range(11),
)
def test_a_hostile_file_is_refused_in_one_line(
    text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("config.json").write_text(text, encoding="utf-8")
    assert main(["import", "config.json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1
    assert "\x1b" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--id", "No Good"], "is no id of a profile"),
        (["--out", "x.json"], "expected one that ends in .toml"),
        (["--out", "x.toml", "--id", "x"], "expected it without --out"),
        (["--to", "nowhere"], "no such folder"),
    ],
)
def test_a_place_that_cannot_hold_a_profile_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", config(), *arguments]) == 2
    assert words in capsys.readouterr().err


TORCHTITAN = """
[model]
name = "llama3"
flavor = "8B"
[training]
seq_len = 8192
local_batch_size = 1
[parallelism]
tensor_parallel_degree = 2
"""


def test_a_training_becomes_a_plan_that_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.toml").write_text(TORCHTITAN, encoding="utf-8")
    assert main(["import", "run.toml", "--plan", "pangu-ultra-135b-910b", "--out", "plan.toml"]) == 0
    assert capsys.readouterr().out == "the model llama-3-8b, workload, strategy: of run.toml\n"
    plan = tomllib.loads(Path("plan.toml").read_text(encoding="utf-8"))
    assert plan["model"] == {"profile": "llama-3-8b"}
    assert plan["workload"]["sequence_length"] == 8192
    assert plan["strategy"] == {"tensor": 2, "microbatch": 1}
    assert main(["check", "plan.toml"]) == 0


def test_a_model_can_be_put_into_a_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", config(), "--plan", "pangu-ultra-135b-910b", "--out", "plan.toml"]) == 0
    plan = tomllib.loads(Path("plan.toml").read_text(encoding="utf-8"))
    assert plan["model"]["architecture"]["layers"] == 36
    assert "profile" not in plan["model"]


def test_a_training_is_no_profile(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.toml").write_text(TORCHTITAN, encoding="utf-8")
    assert main(["import", "run.toml", "--id", "mine"]) == 2
    assert "is the configuration of a training, not of a model" in capsys.readouterr().err
