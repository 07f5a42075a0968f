"""The smallest pools of post-training as a document and as JSON: counts, what they reach, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from planner.exploring.post_answers import PostSize, Tried
from planner.exploring.sizes import ranked
from planner.exploring.targets import Targets, at_confidence
from planner.quantities.evaluation import Figures
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
from planner.report.figures import numbers_of
from planner.report.layout_blocks import layout_words
from planner.report.post_size_words import not_enough_words, obstacle_words, proof_words, reached_words
from planner.report.post_training_section import chips_words
from planner.report.size_document import LEGEND, MONEY_TITLES, days_cell, money_words, power_and_money_cells
from planner.report.size_json import targets_to_dict
from planner.report.size_words import (
    compliance_words,
    confidence_words,
    short_in_unit,
    systems_words,
    targets_words,
    unit_of_limit,
)
from planner.report.words import counted

POST_SIZE_SCHEMA = 2


def exported_post_sizes(sizes: Sequence[PostSize], plan_name: str) -> Exported:
    """Return the pools in all forms."""
    return Exported(
        lambda: post_sizes_document(sizes, plan_name), lambda: post_sizes_to_dict(sizes, plan_name)
    )


@document
def post_sizes_document(sizes: Sequence[PostSize], plan_name: str) -> Iterator[Block]:
    """Yield the pools that are enough at the least power, what one system fewer reaches, other systems."""
    shown = ranked(sizes)
    targets = shown[0].targets
    able = [size for size in shown if size.found is not None]
    yield Paragraph(f"{plan_name}: smallest pools", indent=0, role="title")
    sure = numbers.percent(targets.confidence)
    yield Heading("Systems", f"{targets_words(targets)}, in {sure} of outcomes")
    if len(shown) > 1 and able:
        rows = tuple(post_size_cells(size) for size in able)
        yield Table(post_size_header(targets), rows, right=_RIGHT, spare=_SPARE)
        yield Items(tuple(Item(text, role="quiet") for text in _legend(able[0])), indent=0)
    if able:
        yield from _detail(able[0], is_one_of=len(shown) > 1)
    missed = [size for size in shown if size.found is None]
    if missed:
        yield Items(
            tuple(Item(f"{size.system_name}: {obstacle_words(size)}", "x") for size in missed)
            if len(shown) > 1
            else (Item(f"no size that was tried is enough: {obstacle_words(missed[0])}", "x"),)
        )
    if able and able[0].found is not None:
        tried = sum(size.tried for size in shown)
        reached = reached_words(targets, able[0].found.value)
        yield Summary(systems_words(able[0].found.plan), f"{reached}, {counted(tried, 'size')} tried")


#: Columns of figures, and those that a narrow terminal leaves out.
_RIGHT, _SPARE = frozenset(range(1, 8)), 2


def post_size_header(targets: Targets, first: str = "systems") -> tuple[str, ...]:
    """Return the titles of the columns of answers."""
    sure = confidence_words(targets)
    pace = f"{sure} days" if targets.steps_per_day is None else "steps/day"
    other = "steps/day" if targets.steps_per_day is None else f"{sure} days"
    return first, "count", "chips", pace, "MW", *MONEY_TITLES, other, "rules"


def post_size_cells(size: PostSize) -> tuple[Cell, ...]:
    """Return the cells of an answer where some size is enough, as `post_size_header` calls them."""
    assert size.found is not None  # as asked
    return _cells(Cell(size.system_name, short=size.system_id), size.targets, size.found)


def _legend(size: PostSize) -> Iterator[str]:
    pools = " + ".join(pool for pool, _ in size.systems)
    order, rules = LEGEND
    yield f"systems and counts of {pools}; {order}" if len(size.systems) > 1 else order
    yield f"on a wide page {rules}"


def _cells(name: Cell, targets: Targets, tried: Tried) -> tuple[Cell, ...]:
    figures = None if tried.estimate is None else tried.estimate.figures
    counts = Cell(" + ".join(map(numbers.count, tried.counts)), numbers_of(tried.counts))
    if figures is None:
        return name, counts, *(Cell(numbers.UNKNOWN) for _ in range(6)), Cell("")
    days = at_confidence(figures["training_days"], targets.confidence)
    steps = at_confidence(figures["post_training.steps_per_day"], targets.confidence, is_floor=True)
    pace, other = (days, steps) if targets.steps_per_day is None else (steps, days)
    return (
        name,
        counts,
        Cell(numbers.count(tried.chips), numbers_of((tried.chips,))),
        days_cell(pace),
        *power_and_money_cells(figures),
        days_cell(other),
        Cell(compliance_words(tried.estimate)),
    )


def _detail(size: PostSize, *, is_one_of: bool) -> Iterator[Block]:
    """Yield the least pools, what one system fewer comes to, and the next mix of counts."""
    found, targets = size.found, size.targets
    assert found is not None  # as asked
    if is_one_of:
        yield Heading(size.system_name, "the least power")
    rows = [_cells(Cell("the smallest"), targets, found)]
    rows += [_cells(Cell("one fewer"), targets, one) for one in size.fewer]
    if size.runner_up is not None:
        rows.append(_cells(Cell("runner-up"), targets, size.runner_up))
    yield Table(post_size_header(targets, ""), tuple(rows), right=_RIGHT, spare=_SPARE)
    assert found.estimate is not None  # it runs
    assert found.estimate.figures is not None
    yield entries(_details(found.estimate.figures), 12)
    yield Items(tuple(Item(line, role="quiet") for line in proof_words(size)))
    if size.changes:
        yield Items(tuple(Item(f"changed along: {line}", role="quiet") for line in size.changes))


def _details(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "steps a day", numbers.days(figures.band("post_training.steps_per_day"))
    yield "chips", chips_words(figures)
    yield "layout", layout_words(figures)
    yield "days", numbers.days(figures.band("training_days"))
    yield "power", numbers.banded(figures.band("power.facility_w"), numbers.POWER)
    yield "purchase", money_words(figures, "cost.capex")
    yield "this run", money_words(figures, "cost.total")


def post_sizes_to_dict(sizes: Sequence[PostSize], plan_name: str) -> dict[str, Any]:
    """Return the pools under the keys of `size --json` of post-training, the best first."""
    shown = ranked(sizes)
    targets = shown[0].targets
    return {
        "schema": POST_SIZE_SCHEMA,
        "plan": plan_name,
        "steps_per_day": targets.steps_per_day,
        "targets": targets_to_dict(targets),
        "confidence": targets.confidence,
        "answers": [_answer(size) for size in shown],
    }


def _answer(size: PostSize) -> dict[str, Any]:
    targets, held = size.targets, size.missed
    return {
        "systems": dict(size.systems),
        "feasible": size.found is not None,
        "found": _tried(targets, size.found),
        "nearest": _tried(targets, size.nearest),
        "within": _tried(targets, size.within),
        "binds": None if held is None else held.limit.name,
        "short_by": None if held is None else short_in_unit(held.limit.name, held.over),
        "short_unit": None if held is None else unit_of_limit(held.limit.name),
        "why": None if size.found is not None else obstacle_words(size),
        "one_fewer": [_tried(targets, one) for one in size.fewer],
        "runner_up": _tried(targets, size.runner_up),
        "changes": list(size.changes),
        "sizes_tried": size.tried,
    }


def _tried(targets: Targets, tried: Tried | None) -> dict[str, Any] | None:
    if tried is None:
        return None
    return {
        "counts": {pool.id: pool.count for pool in tried.plan.cluster.pools},
        "chips": tried.chips,
        "reaches": tried.value,
        "facility_w": tried.power_w,
        "run_cost_usd": tried.run_cost_usd,
        "why": not_enough_words(targets, tried) or None,
    }
