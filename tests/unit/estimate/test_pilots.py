"""A measured step of one's own moves a plan by what it shares with it, narrows its band, and says so."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.diff import diff_plans, side_of
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.files.toml import parse_toml
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan, plan_from_data, plan_text
from planner.quantities.figure import Band
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.terminal import terminal_text

PLAN = Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml"
LAYOUT = ["strategy.tensor=8", "strategy.pipeline=4", "strategy.microbatch=1", "strategy.recompute=selective"]
#: Eight layers of the model on one node, as a team can time them before it signs.
NODE = "chips=8, layers=8, global_batch_sequences=16, layout={tensor=8, microbatch=1}"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_with(*pilots: str, more: tuple[str, ...] = ()) -> Plan:
    overrides = [f"pilot[{place}]={{{pilot}}}" for place, pilot in enumerate(pilots)]
    return apply_overrides(load_plan(PLAN), [*LAYOUT, *more, *overrides])


@cache
def estimate(*pilots: str, more: tuple[str, ...] = ()) -> Estimate:
    return estimate_plan(plan_with(*pilots, more=more), catalog())


def days(found: Estimate) -> Band:
    band = found.figure("training_days").band
    assert band is not None
    return band


@cache
def expected(pilot: str = NODE, more: tuple[str, ...] = ()) -> float:
    """Return the seconds of the pilot's step that the engine expects. [s]."""
    effect = estimate(f"{pilot}, step_s=100.0", more=more).pilots
    assert effect is not None
    return 100.0 * effect.pilots[0].measured / effect.pilots[0].predicted


def piloted(slower: float, pilot: str = NODE, more: tuple[str, ...] = ()) -> str:
    return f"{pilot}, step_s={slower * expected(pilot, more)!r}"


def rate(found: Estimate) -> Band:
    """Return what pilots speak of: the days hold failures too, which they do not."""
    band = found.figure("tokens_per_second").band
    assert band is not None
    return band


def width(band: Band) -> float:
    return math.log(band.p90 / band.p10)


def test_a_pilot_that_is_met_leaves_the_days_and_narrows_their_band() -> None:
    before, after = days(estimate()), days(estimate(piloted(1.0)))
    assert after.p50 == pytest.approx(before.p50, rel=1e-6)
    assert 0.3 * width(before) < width(after) < 0.95 * width(before)


@pytest.mark.parametrize("slower", [0.8, 1.25, 1.6])
def test_the_days_move_by_the_share_of_the_error_that_the_pilot_says_is_carried_over(slower: float) -> None:
    found = estimate(piloted(slower))
    assert found.pilots is not None
    share = found.pilots.pilots[0].share
    assert 0.3 < share < 0.9
    moved = math.log(days(found).p50 / days(estimate()).p50)
    assert moved == pytest.approx(share * math.log(slower), rel=0.02)
    assert found.pilots.days_without == days(estimate())


def test_several_pilots_say_more_than_one_and_less_than_all() -> None:
    one, two = estimate(piloted(1.3)), estimate(piloted(1.3), piloted(1.3))
    assert two.pilots is not None
    assert one.pilots is not None
    together = sum(view.share for view in two.pilots.pilots)
    assert one.pilots.pilots[0].share < together < 1.0
    assert width(rate(two)) < width(rate(one))


def test_a_pilot_of_another_sequence_length_says_less() -> None:
    longer = f"{NODE}, sequence_length=32768"
    same, other = estimate(piloted(1.3)).pilots, estimate(piloted(1.3, longer)).pilots
    assert same is not None
    assert other is not None
    assert other.pilots[0].share < 0.9 * same.pilots[0].share


def test_a_pilot_speaks_of_its_own_team_alone() -> None:
    before = {view.team: view.days for view in estimate().teams}
    after = {view.team: view.days for view in estimate(piloted(1.5)).teams}
    assert after["single"] > 1.1 * before["single"]
    assert {name: after[name] for name in ("vendor", "reference")} == pytest.approx(
        {name: before[name] for name in ("vendor", "reference")}
    )


def test_the_step_the_rate_and_its_tree_agree() -> None:
    figures = estimate(piloted(1.4)).figures
    assert figures is not None
    record = figures.record("step.seconds")
    modelled, speed = record.children
    assert record.value == pytest.approx(float(modelled.value or 0.0) / float(speed.value or 1.0))
    tokens = 1024 * 4096
    assert figures.number("tokens_per_second") == pytest.approx(tokens / figures.number("step.seconds"))
    measured, predicted, share = speed.children[:3]
    ratio = float(measured.value or 0.0) / float(predicted.value or 1.0)
    assert speed.value == pytest.approx(ratio ** float(share.value or 0.0), rel=1e-6)


def test_a_pilot_is_told_in_words_in_json_and_survives_its_file() -> None:
    plan = plan_with(f"{piloted(1.25)}, date=2026-10-02")
    again = plan_from_data(parse_toml(plan_text(plan), where="plan"), where="plan")
    assert again == plan
    found = estimate_plan(again, catalog())
    text = " ".join(terminal_text(estimate_document(found), width=100).split())
    assert "2 Oct 2026" in text
    assert "20 % slower" in text
    assert "without what was measured" in text
    record = estimate_to_dict(found)["pilots"]
    assert record["measured"][0]["date"] == "2026-10-02"
    assert record["training_days_without"]["p50"] == pytest.approx(days(estimate()).p50)
    assert estimate_to_dict(estimate())["pilots"] is None


def test_a_pilot_is_a_change_of_its_own_in_a_diff() -> None:
    before, after = (
        side_of(name, plan, catalog()) for name, plan in (("a", plan_with()), ("b", plan_with(piloted(1.25))))
    )
    found = diff_plans(before, after, catalog())
    assert {change.key.partition(".")[0] for change in found.inputs.changes} == {"pilot[0]"}
    assert [share.changes for share in found.causes["training_days"].shares] == [("pilots",)]


def test_a_pilot_far_off_is_doubted() -> None:
    assert any("check its batch" in text for text in estimate(piloted(4.0)).warnings)
    assert not any("pilot" in text for text in estimate(piloted(1.5)).warnings)


@pytest.mark.parametrize(
    ("pilot", "said"),
    [
        (f"{NODE}, step_s=9, pool='other'", "pilot[0].pool = 'other': no such pool; expected one of train"),
        (f"{NODE.replace('layers=8', 'layers=81')}, step_s=9", "pilot[0].layers = 81: expected so many of"),
        (f"{NODE.replace('tensor=8', 'tensor=7')}, step_s=9", "pilot[0]: layout.tensor = 7: does not divide"),
        (f"{NODE.replace('tensor=8', 'tensor=8, data=2')}, step_s=9", "pilot[0]: no such layout divides 8"),
        (f"{NODE}, tokens_per_s_per_chip=1e6", "TFLOP/s of a peak of 312; expected the rate of one chip"),
        (f"{NODE}, step_s=9, tokens_per_s_per_chip=900", "expected what was measured once"),
        (f"{NODE}, step_s=9, prompts_per_step=9", "pilot[0].prompts_per_step: is of post-training"),
        (f"{NODE}, step_s=0", "step_s"),
        (f"{NODE}, step_s=9, chip=8", "chip"),
    ],
)
def test_what_cannot_be_a_pilot_is_one_clear_line(pilot: str, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        estimate_plan(plan_with(pilot), catalog())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_planned_pilot_says_what_it_would_teach_and_moves_nothing() -> None:
    found, plain = estimate(NODE), estimate()
    assert days(found) == days(plain)
    assert found.pilots is not None
    (view,) = found.pilots.planned
    assert view.step_s.p50 == pytest.approx(expected())
    assert view.step_s.p10 < view.step_s.p50 < view.step_s.p90
    met = estimate(piloted(1.0))
    assert met.pilots is not None
    assert view.share == pytest.approx(met.pilots.pilots[0].share)
    assert view.days_then == days(met)
    text = " ".join(terminal_text(estimate_document(found), width=120).split())
    assert "pilot 1, 8 chips, not measured yet: a step of" in text
    assert estimate_to_dict(found)["pilots"]["planned"][0]["phases_s"] == {}
