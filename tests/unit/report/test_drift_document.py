"""Drift as people read it: each figure in its unit, pinned and now, and what follows from others left out."""

from __future__ import annotations

import datetime

import pytest

from planner.differences.drift_effects import DriftEffect
from planner.planning.drift import DriftItem
from planner.quantities.figure import Band
from planner.report.drift_document import drift_document, effect_words, headline_effects
from planner.report.terminal import terminal_text

DAY = float(datetime.date(2027, 3, 14).toordinal())


def around(middle: float) -> Band:
    return Band(middle * 0.9, middle, middle * 1.1)


@pytest.mark.parametrize(
    ("quantity", "old", "new", "words"),
    [
        ("training_days", around(100), None, ("training time", "100 days [90..110] -> unknown")),
        ("mfu", around(0.4), around(0.5), ("MFU", "40 % [36..44] -> 50 % [45..55]")),
        (
            "power.facility_w",
            around(5e6),
            around(6e6),
            ("at the meter", "5.00 MW [4.50..5.50] -> 6.00 MW [5.40..6.60]"),
        ),
        ("power.peak_facility_w", Band(6e6, 6e6, 6e6), None, ("peak power", "6.00 MW -> unknown")),
        (
            "finish_date",
            Band(DAY - 8, DAY, DAY + 12),
            None,
            ("done", "14 Mar 2027 [6 Mar..26 Mar 2027] -> unknown"),
        ),
    ],
)
def test_a_figure_is_told_in_its_unit(
    quantity: str, old: Band, new: Band | None, words: tuple[str, str]
) -> None:
    assert effect_words(DriftEffect(quantity, old, new)) == words


def test_what_follows_from_other_figures_is_left_out() -> None:
    names = ("training_days", "goodput", "step.seconds", "cost.capex", "cost.total")
    effects = [DriftEffect(name, around(1.0), around(2.0)) for name in names]
    told = [effect.quantity for effect in headline_effects(effects)]
    assert told == ["training_days", "cost.total", "cost.capex"]
    item = DriftItem("chips/a", "tdp_w", "400W", "350W")
    text = terminal_text(drift_document([item], effects, "plan.toml"))
    assert "training time" in text
    assert "goodput" not in text
    assert "none on this estimate" in terminal_text(drift_document([item], effects[1:3], "plan.toml"))
