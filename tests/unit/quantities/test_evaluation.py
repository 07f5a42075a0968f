"""How a table is evaluated: once each, unknown by name, without what is optional, scattered, over phases."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import DRAWS, standard_draws
from planner.errors import InfeasibleError
from planner.estimate.estimate import estimate_plan
from planner.planning.resolve import resolve
from planner.quantities import evaluation, table
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band, Gap
from planner.quantities.leaves import Leaf, absent, drawn
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.units import Span

MakePlan = Callable[..., Plan]


@pytest.fixture(autouse=True)
def own_table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an empty table in place of the planner's, but for tests of whole plans."""
    if "world" in request.fixturenames:
        return
    empty: dict[str, table.Quantity] = {}
    monkeypatch.setattr(table, "TABLE", empty)
    monkeypatch.setattr(evaluation, "TABLE", empty)
    monkeypatch.setattr(table, "ALIASES", {})


def figures() -> Figures:
    setting: Any = SimpleNamespace(phases=(None,), phase_index=0)
    return Figures(setting)


def number(identifier: str, value: float, **told: Any) -> None:
    leaf(identifier, identifier, "W", **told)(lambda _: Leaf(np.array([value])))


def spread(identifier: str, low: float, high: float) -> None:
    leaf(identifier, identifier, "W")(lambda _: Leaf(drawn(Span(low, high), identifier)))


def nobody_knows(identifier: str, text: str) -> None:
    leaf(identifier, identifier, "W", family="power")(lambda _: absent("power", text))


def all_of(one: FloatArray, other: FloatArray) -> FloatArray:
    return one + other


# -- values -------------------------------------------------------------------------------------------------


def test_a_formula_is_computed_from_its_inputs_draw_by_draw() -> None:
    number("fixed", 2.0)
    spread("uncertain", 1.0, 3.0)
    quantity("both", "both", "W", {"one": "fixed", "other": "uncertain"})(all_of)
    found = figures()
    assert found.p50("both") == 4.0
    assert found["both"].values.shape == (1 + DRAWS,)
    assert np.array_equal(found["both"].draws, 2.0 + found["uncertain"].draws)
    band = found.band("both")
    assert band is not None
    assert (band.p10, band.p50, band.p90) == pytest.approx((3.2, 4.0, 4.8), abs=0.01)


def test_a_quantity_is_read_once_and_the_same_everywhere() -> None:
    read = []

    @leaf("once", "once", "W")
    def once(_: Setting) -> Leaf:
        read.append(1)
        return Leaf(np.array([1.0]))

    quantity("twice", "twice", "W", {"one": "once", "other": "once"})(all_of)
    found = figures()
    assert found.p50("twice") == 2.0
    assert found["once"] is found["once"]
    assert len(read) == 1


def test_words_are_no_number_and_a_number_no_words() -> None:
    leaf("words", "words", "words")(lambda _: Leaf("causal"))
    number("number", 1.0)
    nobody_knows("unknown", "a rating")
    found = figures()
    assert found.words("words") == "causal"
    with pytest.raises(TypeError, match="words is told in words"):
        found["words"]
    with pytest.raises(TypeError, match="number is a number"):
        found.words("number")
    with pytest.raises(TypeError, match="unknown is unknown"):
        found.number("unknown")


def test_the_known_parts_of_a_whole_are_in_the_order_of_the_table() -> None:
    number("whole.parts.second", 2.0)
    nobody_knows("whole.parts.third", "a rating")
    number("whole.parts.first", 1.0)
    assert list(figures().parts("whole.parts").items()) == [("second", 2.0), ("first", 1.0)]


# -- what is not known --------------------------------------------------------------------------------------


def test_what_rests_on_something_unknown_is_unknown_by_its_name() -> None:
    nobody_knows("rating", "TDP of chip 'plain'")
    number("fixed", 2.0)
    quantity("sum", "sum", "W", {"one": "fixed", "other": "rating"}, family="power")(all_of)
    quantity("more", "more", "W", {"one": "sum", "other": "fixed"}, family="power")(all_of)
    found = figures()
    assert (found.p50("more"), found.band("more")) == (None, None)
    assert found.gaps("more") == ("TDP of chip 'plain'",)
    record = found.record("more")
    assert (record.value, record.equation) == (None, None)
    assert record.method == "unknown: TDP of chip 'plain'"


def test_each_gap_is_told_once_in_the_order_of_the_inputs() -> None:
    nobody_knows("first", "one rating")
    nobody_knows("second", "another rating")
    quantity("sum", "sum", "W", {"one": "first", "other": "second"}, family="power")(all_of)
    quantity("again", "again", "W", {"one": "sum", "other": "first"}, family="power")(all_of)
    assert figures().gaps("again") == ("one rating", "another rating")


def test_what_is_optional_is_left_out_by_name() -> None:
    nobody_knows("network", "power of fabric 'wire'")
    number("chips", 2.0)
    told = {"optional": frozenset({"other"}), "family": "power"}
    quantity("it", "it", "W", {"one": "chips", "other": "network"}, **told)(all_of)
    quantity("facility", "facility", "W", {"one": "it", "other": "chips"}, family="power")(all_of)
    found = figures()
    assert (found.p50("it"), found.p50("facility")) == (2.0, 4.0)
    assert found["facility"].gaps == (Gap("left out", "power", "power of fabric 'wire'"),)
    assert found["network"].gaps == (Gap("unknown", "power", "power of fabric 'wire'"),)
    # the equation is of what the sum was made of; what is missing is still told beside it
    record = found.record("it")
    assert record.equation == "one"
    assert [(child.symbol, child.value) for child in record.children] == [("one", 2.0), ("other", None)]


def test_what_stands_in_is_told_as_assumed() -> None:
    assumed = Gap("assumed", "power", "PUE of the site (1.3 assumed)")
    leaf("pue", "pue", "")(lambda _: Leaf(np.array([1.3]), gaps=(assumed,)))
    number("it", 2.0)
    quantity("facility", "facility", "W", {"one": "it", "other": "pue"}, family="power")(all_of)
    assert figures().number("facility") == pytest.approx(3.3)
    assert figures()["facility"].gaps == (assumed,)


def test_a_reader_is_told_of_an_input_by_the_name_that_they_know() -> None:
    nobody_knows("rating", "TDP of chip 'plain'")
    number("price", 2.0)
    energy = Gap("unknown", "money", "energy of the run")
    told = {"missing": {"one": energy}, "family": "money"}
    quantity("opex", "opex", "USD", {"one": "rating", "other": "price"}, **told)(all_of)
    found = figures()
    assert found.p50("opex") is None
    assert found.gaps("opex") == ("energy of the run",)
    assert energy in found["opex"].gaps


# -- scatter ------------------------------------------------------------------------------------------------


def test_scatter_leaves_the_medians() -> None:
    number("fixed", 3.0)
    told = {"scatter": lambda _: ("a stream", 0.2)}
    quantity("one", "one", "W", {"one": "fixed", "other": "fixed"}, **told)(all_of)
    quantity("other", "other", "W", {"one": "fixed", "other": "fixed"}, **told)(all_of)
    found = figures()
    assert found.p50("one") == 6.0
    ratio = np.log(found["one"].draws / 6.0)
    assert float(np.std(ratio)) == pytest.approx(0.2, rel=0.02)
    assert ratio == pytest.approx(0.2 * standard_draws(["a stream"])["a stream"])
    # what scatters by one cause moves together
    assert np.array_equal(found["one"].draws, found["other"].draws)


def test_scatter_takes_nothing_above_its_ceiling() -> None:
    number("fixed", 3.0)
    spread("high", 5.0, 8.0)
    number("peak", 6.5)
    told = {"scatter": lambda _: ("a stream", 0.2), "scatter_ceiling": "peak"}
    for name, input_ in (("below", "fixed"), ("beside", "high")):
        quantity(name, name, "W", {"one": input_, "other": "zero"}, **told)(all_of)
    number("zero", 0.0)
    found = figures()
    free = 3.0 * np.exp(0.2 * standard_draws(["a stream"])["a stream"])
    assert found["below"].draws == pytest.approx(np.minimum(free, 6.5))
    # where a draw is above it without any scatter, scatter lifts it no further
    assert (found["beside"].draws <= np.maximum(found["high"].draws, 6.5)).all()
    assert (found["beside"].draws > 6.5).any()


def test_what_is_unknown_does_not_scatter() -> None:
    nobody_knows("rating", "a rating")
    told = {"scatter": lambda _: ("a stream", 0.2)}
    quantity("power", "power", "W", {"one": "rating", "other": "rating"}, **told)(all_of)
    assert figures().p50("power") is None


def test_chance_has_no_part_in_a_sum_of_ratings() -> None:
    number("tdp", 2.0)
    spread("network", 1.0, 3.0)
    quantity("peak", "peak", "W", {"one": "tdp", "other": "network"}, is_rating=True)(all_of)
    found = figures()
    assert found["peak"].values.tolist() == [4.0]
    assert found.band("peak") == Band(4.0, 4.0, 4.0)


# -- dates --------------------------------------------------------------------------------------------------


def ends_after(days: float) -> Figures:
    number("days", days)
    first = datetime.date(9999, 1, 1).toordinal()
    number("start", float(first))
    quantity("end", "end", "date", {"one": "start", "other": "days"})(all_of)
    return figures()


@pytest.mark.parametrize("days", [363.5, 364.0])
def test_a_begun_day_is_a_day_to_the_end_of_the_calendar(days: float) -> None:
    last = float(datetime.date.max.toordinal())
    assert ends_after(days).band("end") == Band(last, last, last)


def test_no_calendar_goes_beyond_the_year_9999() -> None:
    found = ends_after(364.1)
    assert found.band("end") is None
    assert found.gaps("end") == ("a day beyond the year 9999",)
    assert found.record("end").method == "unknown: a day beyond the year 9999"


# -- records ------------------------------------------------------------------------------------------------


def test_a_record_is_the_tree_of_what_was_evaluated() -> None:
    number("fixed", 2.0)
    number("more.fixed", 3.0)
    quantity("both.sum", "the sum", "W", {"one": "fixed", "other": "more.fixed"})(all_of)
    record = figures().record("both.sum")
    assert (record.id, record.symbol, record.name) == ("both.sum", "sum", "the sum")
    assert (record.value, record.unit, record.equation) == (5.0, "W", "one + other")
    assert [(child.symbol, child.id, child.value) for child in record.children] == [
        ("one", "fixed", 2.0),
        ("other", "more.fixed", 3.0),
    ]


def test_trees_share_the_record_of_what_they_rest_on_by_the_symbol_that_they_call_it() -> None:
    number("base", 1.0)
    quantity("left", "left", "W", {"one": "base", "other": "base"})(all_of)
    quantity("right", "right", "W", {"one": "base", "other": "left"})(all_of)
    found = figures()
    left, right = found.record("left"), found.record("right")
    assert found.record("left") is left
    assert right.children[0] is left.children[0]
    assert (right.children[1].symbol, left.symbol) == ("other", "left")
    assert right.children[1].children == left.children


# -- whole plans --------------------------------------------------------------------------------------------


def trained(plan: Plan, world: Catalog) -> Figures:
    found = estimate_plan(plan, world).figures
    assert found is not None
    return found


PHASES = [
    {"tokens": 9e9},
    {"tokens": "1B..3B", "sequence_length": 16_384, "global_batch_sequences": 16},
]


def test_phases_sum(make_plan: MakePlan, world: Catalog) -> None:
    workload = {"sequence_length": 4096, "global_batch_sequences": 64, "phases": PHASES}
    found = trained(make_plan(workload=workload), world)
    long, short = (found.of_phase(index) for index in range(2))
    assert long is found.of_phase(0)
    assert long.of_phase(1) is short
    assert found.phases() == (long, short)
    assert short.number("workload.sequence_length") == 16_384
    # what is of a step is told of the phase that trains most
    assert found.number("step.phase") == 1.0
    assert long.number("step.seconds") == found.number("step.seconds")
    assert short.number("step.seconds") != found.number("step.seconds")
    seconds = long["phase_s"].values + short["phase_s"].values
    assert np.array_equal(found["training_s"].values, seconds)
    assert found.number("phase_s") == pytest.approx(9e9 / long.number("tokens_per_second"))
    assert long.number("phase_days") + short.number("phase_days") == pytest.approx(
        found.number("training_days")
    )
    assert found.number("facts.tokens") == 11e9
    record = found.record("training_s")
    assert record.equation == "phase_1 + phase_2"
    assert [child.symbol for child in record.children] == ["phase_1", "phase_2"]
    assert [child.value for child in record.children] == [long.p50("phase_s"), short.p50("phase_s")]


def test_rates_and_utilisations_of_several_phases_are_of_the_whole(
    make_plan: MakePlan, world: Catalog
) -> None:
    workload = {"sequence_length": 4096, "global_batch_sequences": 64, "phases": PHASES}
    found = trained(make_plan(workload=workload), world)
    tokens = np.array([9e9, 2e9])
    rates = np.array([phase.number("tokens_per_second") for phase in found.phases()])
    seconds = tokens / rates
    assert found.number("tokens_per_second") == pytest.approx(11e9 / seconds.sum())
    # a share of the same peak over time: the phases' shares, weighed by their seconds
    for identifier in ("mfu", "mfu_full_attention", "hfu"):
        shares = [phase.number(identifier) for phase in found.phases()]
        assert shares[0] != shares[1]
        assert found.number(identifier) == pytest.approx((shares * seconds).sum() / seconds.sum())
    # each draw of it, too: nothing scatters twice
    drawn = [phase["phase_s"].values for phase in found.phases()]
    whole = found["facts.tokens"].values / (drawn[0] + drawn[1])
    assert found["tokens_per_second"].values == pytest.approx(whole)


def test_what_is_forgotten_is_the_same_when_it_is_asked_for_again(
    make_plan: MakePlan, world: Catalog
) -> None:
    workload = {"phases": [{"tokens": 1e12}, {"tokens": 1e11, "sequence_length": 8192}]}
    found = trained(make_plan(workload=workload), world)
    kept, days, goodput = found["power.facility_w"], found["training_days"], found["goodput"]
    told = found.record("training_days")
    setting = found.setting
    asked: list[Setting] = []

    def again() -> Setting:
        asked.append(setting)
        return setting

    found.forget("power.facility_w", again=again)
    assert found["power.facility_w"] is kept
    assert not asked
    assert found["goodput"] is not goodput
    assert np.array_equal(found["training_days"].values, days.values)
    assert found.record("training_days") == told
    assert asked == [setting]


def test_a_plan_of_one_phase_has_none_to_tell_apart(make_plan: MakePlan, world: Catalog) -> None:
    found = trained(make_plan(), world)
    assert found.phases() == ()
    assert found.of_phase(0) is found
    assert found.p50("step.phase") is None
    assert found.number("phase_days") == found.number("training_days")


def test_published_runs_scatter_about_the_rate_and_not_about_its_median(
    make_plan: MakePlan, world: Catalog
) -> None:
    found = trained(make_plan(), world)
    plain = 64 * 4096 / found["step.seconds"].values
    ratio = np.log(found["tokens_per_second"].values / plain)
    assert ratio[0] == 0.0
    noise = standard_draws(["residual"])["residual"]
    # a longer step is a lower rate; none is above what the peaks would do
    free = -found.setting.phase.job.residual_log_spread * noise
    room = np.log(found["rate_at_peak"].values[0] / plain[1:])
    assert ratio[1:] == pytest.approx(np.minimum(free, room))
    assert (free > room).any()
    assert found.setting.phase.job.residual_log_spread > 0


def test_what_follows_from_the_plan_alone_is_known_without_training(
    make_plan: MakePlan, world: Catalog
) -> None:
    resolved = resolve(make_plan(), world)
    known = Figures(Setting(resolved, resolved.pools[0]))
    assert known.number("facts.tokens") == 1e10
    assert known.number("power.peak_facility_w") > 0
    with pytest.raises(InfeasibleError, match="pool 'train' cannot run the plan"):
        known.band("training_days")
