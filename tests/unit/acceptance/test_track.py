"""A run against its plan: logs with restarts are read rightly, and the end lies in the band early."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.acceptance.progress import Progress, read_progress
from planner.acceptance.track import track
from planner.catalog.catalog import load_catalog
from planner.engine.outlook import normal_update, outlook
from planner.engine.uncertainty import standard_draws
from planner.estimate.estimate import estimate_plan
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures

PLAN = Path(__file__).parents[3] / "saved_plans" / "llama-3.1-405b-h100.toml"
START = datetime.datetime(2026, 11, 1)

#: Of campaigns that were published (days, interruptions, share of the time that made progress): Llama 3 405B,
#: ByteRobust's job, MegaScale's, OPT-175B and BLOOM.
CAMPAIGNS = {
    "llama3-405b": (54, 466, 0.90),
    "byterobust": (90, 300, 0.97),
    "megascale": (30, 100, 0.92),
    "opt-175b": (58, 105, 0.57),
    "bloom": (118, 25, 0.93),
}


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


def weeks_of(
    days: float, stops: int, goodput: float, rate: float, tokens: float, seed: int
) -> tuple[float, list[Progress]]:
    """Return the day on which a campaign ends, and what was seen of it each week: stops by Poisson's law."""
    chance = np.random.default_rng(seed)
    between, each = days * goodput / stops, days * (1.0 - goodput) / stops
    seen, lost, day = 0, 0.0, 0.0
    found: list[Progress] = []
    while True:
        runs, pause = float(chance.exponential(between)), float(chance.exponential(each))
        left = tokens / (rate * 86400.0) - (day - lost)
        while day + min(runs, left) + pause > 7.0 * (len(found) + 1):
            week = 7.0 * (len(found) + 1)
            if week >= day + left:
                break
            away = lost + min(max(week - day - runs, 0.0), pause)
            found.append(_progress(rate, week, away, seen + (week > day + runs), chance))
        if runs >= left:
            return day + left, found
        seen, lost, day = seen + 1, lost + pause, day + runs + pause


def _progress(rate: float, day: float, lost: float, stops: int, chance: np.random.Generator) -> Progress:
    return Progress(
        rate * (day - lost) * 86400.0,
        1000,
        START,
        START + datetime.timedelta(days=day),
        rate * (1.0 + 0.01 * float(chance.standard_normal())),
        0.01,
        stops,
        lost * 24.0,
        0,
        (),
    )


def test_the_end_lies_in_the_band_from_the_second_week_on_in_four_of_five() -> None:
    """Published campaigns, fed week by week; their plans are off in rate and goodput as plans are."""
    inside = []
    rate = 1e6
    prior_rate = rate * np.exp(0.15 * standard_draws(["plan's rate"])["plan's rate"] + 0.1)
    for days, stops, goodput in CAMPAIGNS.values():
        # practised operators and first large runs, whose plans say so
        middle = 2.2 if goodput > 0.8 else 0.8
        prior = 1.0 / (1.0 + np.exp(-(middle + 0.6 * standard_draws(["plan's goodput"])["plan's goodput"])))
        tokens = rate * goodput * days * 86400.0
        for seed in range(10):
            end, weeks = weeks_of(days, stops, goodput, rate, tokens, seed)
            for so_far in weeks[1:]:
                elapsed = so_far.elapsed_days
                assert elapsed is not None
                found = outlook(
                    prior_rate,
                    prior,
                    max(tokens - so_far.tokens, 0.0),
                    rate=so_far.rate,
                    rate_log_error=so_far.rate_log_error,
                    goodput=so_far.goodput,
                    stops=float(so_far.stops),
                )
                low, high = np.quantile(elapsed + found.days_left, [0.1, 0.9])
                inside.append(low <= end <= high)
    assert len(inside) > 200
    assert np.mean(inside) >= 0.8


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


@settings(max_examples=30)
@given(st.floats(0.5, 2.0), st.floats(0.001, 1.0))
def test_what_was_seen_narrows_and_moves_towards_it(seen: float, error: float) -> None:
    prior = 0.3 * standard_draws(["some"])["some"]
    after = normal_update(prior, seen, error, "its error")
    assert after.std() <= prior.std() * 1.02
    assert prior.mean() - 1e-9 <= after.mean() <= seen + 0.05
