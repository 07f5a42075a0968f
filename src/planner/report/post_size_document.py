"""The smallest pools of post-training as a document and as JSON: counts, what they reach, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from planner.exploring.post_sizes import PostSize, Tried, Wanted
from planner.exploring.post_systems import ranked_sizes
from planner.quantities.evaluation import Figures
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.document import (
    Block,
    Cell,
    Heading,
    Item,
    Items,
    Paragraph,
    Summary,
    Table,
    document,
    entries,
)
from planner.report.export import Exported
from planner.report.layout_blocks import layout_words
from planner.report.post_training_section import chips_words
from planner.report.size_json import targets_to_dict
from planner.report.size_words import binds_name, held_words, limit_words, short_in_unit, unit_of_limit
from planner.units import WATTS_PER_MW

POST_SIZE_SCHEMA = 2


def exported_post_sizes(sizes: Sequence[PostSize], plan_name: str) -> Exported:
    """Return the pools in all forms."""
    return Exported(
        lambda: post_sizes_document(sizes, plan_name), lambda: post_sizes_to_dict(sizes, plan_name)
    )


def _asked(wanted: Wanted) -> str:
    steps = wanted.steps_per_day
    pace = [] if steps is None else [f"{numbers.decimal(steps, 3)} steps a day"]
    return ", ".join([*pace, *(limit_words(limit) for limit in wanted.targets.limits)])


def _unit(wanted: Wanted) -> str:
    return "steps a day" if wanted.steps_per_day is not None else "days"


def _reached(wanted: Wanted, value: float | None) -> str:
    return "cannot run" if value is None else f"{numbers.decimal(value, 3)} {_unit(wanted)}"


def _counts(tried: Tried) -> str:
    """Return the count of each pool by its name: `9 ascend, 8 h100`."""
    return ", ".join(f"{pool.count:,} {pool.id}" for pool in tried.plan.cluster.pools)


def _mix(size: PostSize) -> str:
    """Return the systems of the pools in their order: `atlas-800t-a3 + dgx-h100`."""
    return " + ".join(system for _, system in size.systems)


def not_enough_words(wanted: Wanted, tried: Tried) -> str:
    """Return why a size is not enough: what it falls short of, or why it cannot run; empty where it is."""
    if tried.value is None:
        return tried.why
    if tried.is_slow:
        return f"{_reached(wanted, tried.value)} of {numbers.decimal(wanted.steps_per_day, 3)}"
    if tried.late is not None:
        return f"{_reached(wanted, tried.value)}, not {limit_words(tried.late.limit)}"
    broken = tried.broken
    if broken is None:
        return ""
    if broken.value is None:
        return f"{binds_name(broken.limit.name)} unknown: {broken.without[0]}"
    of = f", {TABLE[broken.quantity].short}" if broken.limit.name == "money_usd" else ""
    return f"{held_words(broken)}{of}"


def _obstacle(size: PostSize) -> str:
    """Return in a line why no size of some pools is enough."""
    nearest = size.nearest
    if nearest is None:
        return size.why
    short = not_enough_words(size.wanted, nearest)
    if not nearest.is_in_time:
        return f"the fastest tried, {_counts(nearest)}: {short}; more of them do not make it faster"
    text = f"the fewest in time, {_counts(nearest)}, come to {short}"
    if size.within is None:
        return f"{text}; no size within that limit runs it"
    reached = _reached(size.wanted, size.within.value)
    return f"{text}; within it {_counts(size.within)} reach {reached}"


@document
def post_sizes_document(sizes: Sequence[PostSize], plan_name: str) -> Iterator[Block]:
    """Yield the pools that are enough at the least power, what one system fewer reaches, other systems."""
    shown = ranked_sizes(sizes)
    wanted = shown[0].wanted
    able = [size for size in shown if size.found is not None]
    yield Paragraph(f"{plan_name}: smallest pools", indent=0, role="title")
    sure = numbers.percent(wanted.confidence)
    yield Heading("Systems", f"{_asked(wanted)}, in {sure} of outcomes")
    if len(shown) > 1 and able:
        rows = tuple(_row(_mix(size), size.found) for size in able if size.found is not None)
        yield Table(_header(wanted, "systems"), rows, right=_RIGHT)
        yield Items((Item(_legend(able[0]), role="quiet"),), indent=0)
    if able:
        yield from _detail(able[0], is_one_of=len(shown) > 1)
    missed = [size for size in shown if size.found is None]
    if missed:
        yield Items(
            tuple(Item(f"{_mix(size)}: {_obstacle(size)}", "x") for size in missed)
            if len(shown) > 1
            else (Item(f"no size that was tried is enough: {_obstacle(missed[0])}", "x"),)
        )
    if able and able[0].found is not None:
        tried = sum(size.tried for size in shown)
        reached = _reached(wanted, able[0].found.value)
        yield Summary(_counts(able[0].found), f"{reached}, {tried} sizes tried")


#: Columns of figures.
_RIGHT = frozenset({1, 2, 3, 4, 5, 6})


def _header(wanted: Wanted, first: str) -> tuple[str, ...]:
    pace = "steps/day" if wanted.steps_per_day is not None else "days"
    return first, "count", "chips", pace, "MW", "to buy", "to run"


def _legend(size: PostSize) -> str:
    pools = " + ".join(pool for pool, _ in size.systems)
    order = f"systems and counts of {pools}; " if len(size.systems) > 1 else ""
    return f"{order}best first: the least power at the meter; money in M USD"


def _row(name: str, tried: Tried) -> tuple[Cell, ...]:
    power = None if tried.power_w is None else tried.power_w / WATTS_PER_MW
    figures = None if tried.estimate is None else tried.estimate.figures
    return (
        Cell(name),
        Cell(" + ".join(f"{count:,}" for count in tried.counts)),
        Cell(f"{tried.chips:,}" if tried.chips else "-"),
        Cell("-" if tried.value is None else numbers.decimal(tried.value, 3)),
        Cell(numbers.decimal(power, 3)),
        *(Cell(_millions(figures, identifier)) for identifier in ("cost.capex", "cost.total")),
    )


def _millions(figures: Figures | None, identifier: str) -> str:
    money = None if figures is None else figures.p50(identifier)
    return numbers.decimal(None if money is None else money / 1e6, 3)


def _detail(size: PostSize, *, is_one_of: bool) -> Iterator[Block]:
    """Yield the least pools, what one system fewer comes to, and the next mix of counts."""
    found, wanted = size.found, size.wanted
    assert found is not None  # as asked
    if is_one_of:
        yield Heading(_mix(size), "the least power")
    rows = [_row("the smallest", found)]
    rows += [_row("one fewer", one) for one in size.fewer]
    if size.runner_up is not None:
        rows.append(_row("runner-up", size.runner_up))
    yield Table(_header(wanted, ""), tuple(rows), right=_RIGHT)
    assert found.estimate is not None  # it runs
    assert found.estimate.figures is not None
    yield entries(_details(found.estimate.figures), 12)
    proof = [f"not enough, {_counts(one)}: {not_enough_words(wanted, one)}" for one in size.fewer]
    proof += [] if size.fewer else ["there is no smaller count"]
    yield Items(tuple(Item(line, role="quiet") for line in proof))
    if size.changes:
        yield Items(tuple(Item(f"changed along: {line}", role="quiet") for line in size.changes))


def _details(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "steps a day", numbers.days(figures.band("post_training.steps_per_day"))
    yield "chips", chips_words(figures)
    yield "layout", layout_words(figures)
    yield "days", numbers.days(figures.band("training_days"))
    yield "power", numbers.banded(figures.band("power.facility_w"), numbers.POWER)
    yield "purchase", numbers.banded(figures.band("cost.capex"), numbers.MONEY)
    yield "this run", numbers.banded(figures.band("cost.total"), numbers.MONEY)


def post_sizes_to_dict(sizes: Sequence[PostSize], plan_name: str) -> dict[str, Any]:
    """Return the pools under the keys of `size --json` of post-training, the best first."""
    shown = ranked_sizes(sizes)
    wanted = shown[0].wanted
    return {
        "schema": POST_SIZE_SCHEMA,
        "plan": plan_name,
        "steps_per_day": wanted.steps_per_day,
        "targets": targets_to_dict(wanted.targets),
        "confidence": wanted.confidence,
        "answers": [_answer(size) for size in shown],
    }


def _answer(size: PostSize) -> dict[str, Any]:
    wanted = size.wanted
    missed = size.nearest if size.found is None else None
    held = None if missed is None else missed.late or missed.broken
    return {
        "systems": dict(size.systems),
        "feasible": size.found is not None,
        "found": _tried(wanted, size.found),
        "nearest": _tried(wanted, size.nearest),
        "within": _tried(wanted, size.within),
        "binds": "steps_per_day" if missed and missed.is_slow else None if held is None else held.limit.name,
        "short_by": None if held is None else short_in_unit(held.limit.name, held.over),
        "short_unit": None if held is None else unit_of_limit(held.limit.name),
        "why": None if size.found is not None else _obstacle(size),
        "one_fewer": [_tried(wanted, one) for one in size.fewer],
        "runner_up": _tried(wanted, size.runner_up),
        "changes": list(size.changes),
        "sizes_tried": size.tried,
    }


def _tried(wanted: Wanted, tried: Tried | None) -> dict[str, Any] | None:
    if tried is None:
        return None
    figures = None if tried.estimate is None else tried.estimate.figures
    return {
        "counts": {pool.id: pool.count for pool in tried.plan.cluster.pools},
        "chips": tried.chips,
        "reaches": tried.value,
        "facility_w": tried.power_w,
        "run_cost_usd": None if figures is None else figures.p50("cost.total"),
        "why": not_enough_words(wanted, tried) or None,
    }
