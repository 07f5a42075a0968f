"""The record of first predictions is read, well formed, and of shipped runs with the rates that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.catalog.check import check_folder
from planner.catalog.first_predictions import read_first_predictions
from planner.catalog.runs import load_runs
from planner.errors import PlannerError

RECORD = """
introduction = "Predicted unseen."

[[round]]
text = "By the constants of a day."
predictions = [
  { run = "a", published = 100.0, predicted = 110.0, low = 90.0, high = 120.0 },
  { run = "b", published = 100.0, predicted = 90.0, low = 80.0, high = 95.0 },
]
"""


def test_the_shipped_record_is_of_shipped_runs_and_their_published_rates() -> None:
    shipped = {run.id: run for run in load_runs().runs}
    record = read_first_predictions()
    assert len(record.predictions) >= 34
    assert all(entry.text for entry in record.round)
    for entry in record.predictions:
        assert entry.published == pytest.approx(shipped[entry.run].result.tokens_per_s_per_chip), entry.run
        assert 0 < entry.low < entry.predicted < entry.high


def test_a_record_is_read_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "first_predictions.toml").write_text(RECORD)
    record = read_first_predictions(tmp_path)
    assert record.introduction == "Predicted unseen."
    assert [entry.run for entry in record.predictions] == ["a", "b"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('run = "b"', 'run = "a"', "run 'a' stands here twice"),
        ("predicted = 110.0", "predicted = 130.0", "outside 90 to 120"),
        ("published = 100.0", "publishd = 100.0", "did you mean 'published'"),
        ("low = 90.0", "low = -90.0", "low = -90"),
        ('introduction = "Predicted unseen."', "", "introduction: is missing"),
    ],
)
def test_a_bad_record_is_one_line_that_names_its_file(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in RECORD
    (tmp_path / "first_predictions.toml").write_text(RECORD.replace(old, new, 1))
    with pytest.raises(PlannerError) as caught:
        read_first_predictions(tmp_path)
    message = str(caught.value)
    assert said in message
    assert "first_predictions.toml" in message
    assert "\n" not in message
    assert any(said in line for line in check_folder(tmp_path))


def test_a_missing_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match=r"first_predictions\.toml: no such file"):
        read_first_predictions(tmp_path)
