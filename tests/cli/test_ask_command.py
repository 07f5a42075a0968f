"""`planner ask` and the evidence of a profile, as text and as JSON."""

from __future__ import annotations

import json

import pytest

from planner.cli.main import main


def test_questions_and_evidence_as_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "pangu-ultra-135b-910b", "--count", "2"]) == 0
    text = capsys.readouterr().out
    assert main(["ask", "pangu-ultra-135b-910b", "--count", "2", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    asked = [line.split(".")[0].strip() for line in text.splitlines() if "What " in line]
    assert asked == [str(number) for number in range(1, len(page["questions"]) + 1)]
    assert sum(page["evidence"].values()) == sum(
        sum(profile["evidence"].values()) for profile in page["profiles"]
    )
    weak = [question for question in page["questions"] if "key" in question]
    assert len(weak) == 2
    assert page["left_out"] > 0
    assert all(question["question"].startswith("What ") for question in page["questions"])


def test_a_profile_tells_how_its_figures_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profiles", "show", "chips", "ascend-910b", "--json"]) == 0
    profile = json.loads(capsys.readouterr().out)
    assert sum(profile["evidence"].values()) == len(profile["figures"])
    assert main(["profiles", "show", "chips", "ascend-910b"]) == 0
    counted = f"{profile['evidence']['memory']} from memory"
    assert counted in " ".join(capsys.readouterr().out.split())


def test_a_count_below_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "pangu-ultra-135b-910b", "--count", "0"]) == 2
    assert capsys.readouterr().err.strip() == "planner: --count 0: expected 1 or more"
