"""A run against its plan: logs with restarts are read rightly, and what moves the end is named."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.acceptance.progress import Progress, read_progress
from planner.acceptance.track import track
from planner.catalog.catalog import load_catalog
from planner.engine.outlook import normal_update
from planner.engine.uncertainty import standard_draws
from planner.estimate.estimate import estimate_plan
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures

PLAN = Path(__file__).parents[3] / "saved_plans" / "llama-3.1-405b-h100.toml"
START = datetime.datetime(2026, 11, 1)


@pytest.fixture(scope="module")
def figures() -> Figures:
    found = estimate_plan(load_plan(PLAN), load_catalog(include_user=False)).figures
    assert found is not None
    return found


def log(folder: Path, rows: list[tuple[int, float, float]]) -> Path:
    """Write step, hours since the start, and seconds of a step of 1M tokens."""
    path = folder / "run.csv"
    lines = [
        f"{step},{START + datetime.timedelta(hours=hours):%Y-%m-%d %H:%M:%S},{seconds},1000000"
        for step, hours, seconds in rows
    ]
    path.write_text("step,time,seconds,tokens\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_restarts_and_what_was_trained_again_are_told_apart(tmp_path: Path) -> None:
    hour = [(step, step / 360, 10.0) for step in range(1, 361)]
    # it stops for an hour and goes on from step 300
    after = [(step, 2 + (step - 300) / 360, 10.0) for step in range(301, 500)]
    found = read_progress([log(tmp_path, hour + after)], sequence_length=4096, chips=8)
    assert (found.tokens, found.last_step, found.steps_again, found.stops) == (499e6, 499, 60, 1)
    assert found.stopped_h == pytest.approx(1.0, abs=0.01)
    assert found.rate == pytest.approx(1e5)
    elapsed = found.elapsed_days
    assert elapsed is not None
    assert found.goodput == pytest.approx(499e6 / (1e5 * elapsed * 86400))


def test_a_log_that_is_cut_in_two_files_is_one_run(tmp_path: Path) -> None:
    rows = [(step, step / 360, 10.0) for step in range(1, 200)]
    whole = read_progress([log(tmp_path, rows)], sequence_length=4096, chips=8)
    first = log(tmp_path, rows[:90]).rename(tmp_path / "first.csv")
    second = log(tmp_path, rows[90:])
    assert read_progress([first, second], sequence_length=4096, chips=8).tokens == whole.tokens


def test_the_sentence_names_what_moves_the_end(figures: Figures) -> None:
    rate, per_day = figures.number("tokens_per_second"), figures.number("goodput.failures_per_day")
    goodput, days = figures.number("goodput"), 10.0
    begins = figures.p50("calendar.begins")
    assert begins is not None
    began = datetime.datetime.fromordinal(int(begins))

    def run(slower: float, stops: float, lost: float) -> Progress:
        return Progress(
            rate * slower * (days - lost) * 86400.0,
            1000,
            began,
            began + datetime.timedelta(days=days),
            rate * slower,
            0.005,
            round(stops),
            lost * 24.0,
            0,
            (),
        )

    usual = days * (1.0 - goodput)
    slow = track("plan", figures, run(0.8, per_day * days, usual))
    assert slow.causes[0].name == "steps"
    assert "steps are 2" in slow.sentence
    assert slow.days.p50 > slow.planned_days.p50
    often = track("plan", figures, run(1.0, 4 * per_day * days, 4 * usual))
    assert {cause.name for cause in often.causes} & {"stops"}
    assert often.goodput.p50 < often.planned_goodput.p50
    # one makes up for the other: told together, in the direction in which the time went
    mixed = track("plan", figures, run(1.0, per_day * days / 20, usual / 10))
    (stops,) = (cause for cause in mixed.causes if cause.name == "stops")
    assert stops.text.startswith("fewer but longer stops")
    assert stops.days < 0
    assert "restarts" not in {cause.name for cause in mixed.causes}


@settings(max_examples=30)
@given(st.floats(0.5, 2.0), st.floats(0.001, 1.0))
def test_what_was_seen_narrows_and_moves_towards_it(seen: float, error: float) -> None:
    prior = 0.3 * standard_draws(["some"])["some"]
    after = normal_update(prior, seen, error, "its error")
    assert after.std() <= prior.std() * 1.02
    assert prior.mean() - 1e-9 <= after.mean() <= seen + 0.05
