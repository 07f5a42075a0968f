"""The smallest pools of post-training as a document and as JSON: counts, what they reach, and the proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.exploring.post_sizes import Pace, PostSize, Tried
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
from planner.report.layout_blocks import layout_words
from planner.units import WATTS_PER_MW

POST_SIZE_SCHEMA = 1


def exported_post_size(size: PostSize, plan_name: str) -> Exported:
    """Return the pools in all forms."""
    return Exported(lambda: post_size_document(size, plan_name), lambda: post_size_to_dict(size, plan_name))


def _asked(pace: Pace) -> str:
    if pace.steps_per_day is not None:
        return f"{numbers.decimal(pace.steps_per_day, 3)} steps a day"
    return f"{numbers.decimal(pace.days, 3)} days"


def _reached(pace: Pace, value: float | None) -> str:
    if value is None:
        return "cannot run"
    what = "steps a day" if pace.steps_per_day is not None else "days"
    return f"{numbers.decimal(value, 3)} {what}"


def _systems(tried: Tried) -> str:
    """Return the count of each pool by its name: `9 ascend, 8 h100`."""
    return ", ".join(f"{pool.count:,} {pool.id}" for pool in tried.plan.cluster.pools)


@document
def post_size_document(size: PostSize, plan_name: str) -> Iterator[Block]:
    """Yield the pools that are enough at the least power, what one system fewer reaches, and the next mix."""
    sure = numbers.percent(size.pace.confidence)
    yield Paragraph(f"{plan_name}: smallest pools", indent=0, role="title")
    yield Heading("Systems", f"for {_asked(size.pace)} in {sure} of outcomes")
    found = size.found
    if found is None:
        assert size.nearest is not None  # as one runs
        yield Paragraph(
            f"x no size that was tried is enough; the nearest, {_systems(size.nearest)}, reaches "
            f"{_reached(size.pace, size.nearest.value)}: more of them do not make it faster"
        )
        return
    rows = [_row(size.pace, "the smallest", found)]
    rows += [_row(size.pace, "one fewer", one) for one in size.fewer]
    if size.runner_up is not None:
        rows.append(_row(size.pace, "runner-up", size.runner_up))
    yield Table(("", "pools", "chips", "reaches", "MW"), tuple(rows), right=frozenset({2, 4}))
    assert found.estimate is not None  # it runs
    assert found.estimate.figures is not None
    yield entries(_details(found.estimate.figures), 12)
    yield Items(
        (Item("less power at the meter is better; one system fewer of any pool is not enough", role="quiet"),)
    )
    yield Summary(_systems(found), f"{_reached(size.pace, found.value)}, {size.tried} sizes tried")


def _row(pace: Pace, name: str, tried: Tried) -> tuple[Cell, ...]:
    power = None if tried.power_w is None else tried.power_w / WATTS_PER_MW
    return (
        Cell(name),
        Cell(_systems(tried)),
        Cell(f"{tried.chips:,}" if tried.chips else "-"),
        Cell(_reached(pace, tried.value)),
        Cell(numbers.decimal(power, 3)),
    )


def _details(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "step", numbers.banded(figures.band("post_training.step_s"), numbers.DURATION)
    yield (
        "chips",
        (
            f"{figures.number('post_training.rollout_chips'):,.0f} generate, "
            f"{figures.number('post_training.update_chips'):,.0f} learn"
        ),
    )
    yield "layout", layout_words(figures)
    yield "days", numbers.days(figures.band("training_days"))
    yield "this run", numbers.banded(figures.band("cost.total"), numbers.MONEY)


def post_size_to_dict(size: PostSize, plan_name: str) -> dict[str, Any]:
    """Return the pools under the keys of `size --json` of post-training."""
    return {
        "schema": POST_SIZE_SCHEMA,
        "plan": plan_name,
        "steps_per_day": size.pace.steps_per_day,
        "deadline_days": size.pace.days,
        "confidence": size.pace.confidence,
        "found": _tried(size, size.found),
        "nearest": _tried(size, size.nearest),
        "one_fewer": [_tried(size, one) for one in size.fewer],
        "runner_up": _tried(size, size.runner_up),
        "sizes_tried": size.tried,
    }


def _tried(size: PostSize, tried: Tried | None) -> dict[str, Any] | None:
    if tried is None:
        return None
    return {
        "counts": dict(zip(size.pools, tried.counts, strict=True)),
        "chips": tried.chips,
        "reaches": tried.value,
        "facility_w": tried.power_w,
        "why": tried.why or None,
    }
