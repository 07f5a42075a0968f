"""The record of first predictions names shipped runs, with the rates that ship."""

from __future__ import annotations

import pytest

from planner.catalog.runs import load_runs
from planner.report.unseen_runs import FIRST_PREDICTIONS, HEADER, unseen_rows


def test_the_record_is_of_shipped_runs_and_their_published_rates() -> None:
    shipped = {run.id: run for run in load_runs().runs}
    for entry in FIRST_PREDICTIONS:
        assert entry.published == pytest.approx(shipped[entry.run].result.tokens_per_s_per_chip), entry.run
        assert 0 < entry.low < entry.predicted < entry.high


def test_only_runs_that_are_shown_get_a_row() -> None:
    first = FIRST_PREDICTIONS[0]
    (row,) = unseen_rows([first.run, "another"])
    assert len(row) == len(HEADER)
    assert row[0] == first.run
    assert row[-1] == "+0.8 %"
    assert list(unseen_rows([])) == []
