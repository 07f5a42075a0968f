"""The splits of a post-training's chips side by side, as a document and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.exploring.post_splits import RankedSplit, SplitRanking
from planner.report import numbers
from planner.report.document import Block, Cell, Entries, Entry, Heading, Paragraph, Summary, Table, document

POST_SPLITS_SCHEMA = 1
_LABEL_WIDTH = 12
_NUMBER_WIDTH = 4


@document
def post_splits_document(ranking: SplitRanking) -> Iterator[Block]:
    """Yield every split with its step, both sides of it, the update's layout, and what each loses."""
    yield Paragraph(f"{ranking.plan.name}: splits", indent=0, role="title")
    if not ranking.splits:
        reasons = ranking.reasons or ("no split that was tried can run it",)
        rows = [Entry("" if place else "x No split", text, "bad") for place, text in enumerate(reasons)]
        yield Entries(tuple(rows), _LABEL_WIDTH)
        return
    first = ranking.splits[0]
    yield Heading("Splits", f"{ranking.tried} tried, {ranking.fitting} fit; the step, and its two sides")
    header = ("", "generate", "learn", "step", "rollout", "learning", "")
    yield Table(
        header,
        tuple(_row(place, one, first) for place, one in enumerate(ranking.splits, start=1)),
        right=frozenset(range(1, len(header))),
    )
    if any(one.step_s < first.step_s for one in ranking.splits):
        yield Paragraph("what is faster than the first is seldom run", role="quiet")
    yield Heading("Layouts", "of the update")
    told = (Entry(str(place), one.choice.words) for place, one in enumerate(ranking.splits, start=1))
    yield Entries(tuple(told), _NUMBER_WIDTH)
    step = numbers.quantity(first.step_s, numbers.DURATION, 3)
    second = next((one for one in ranking.splits if one.words != first.words), None)
    runner_up = "no other split fits"
    if second is not None:
        runner_up = f"the next split, {second.words}, is {_against(second, first)}"
    elif len(ranking.splits) > 1:
        runner_up = f"the next layout is {_against(ranking.splits[1], first)}"
    yield Summary(f"{first.words}: {step} a step", runner_up)


def _against(one: RankedSplit, first: RankedSplit) -> str:
    share = one.step_s / first.step_s - 1.0
    return f"{numbers.percent(abs(share))} {'slower' if share >= 0 else 'faster, but seldom run'}"


def _row(place: int, one: RankedSplit, first: RankedSplit) -> tuple[Cell, ...]:
    times = (one.step_s, one.rollout_s, one.update_s)
    return (
        Cell(str(place)),
        *map(Cell, one.sides),
        *(Cell(numbers.quantity(seconds, numbers.DURATION, 3)) for seconds in times),
        Cell("" if one is first else f"{one.step_s / first.step_s - 1.0:+.1%}"),
    )


def post_splits_to_dict(ranking: SplitRanking) -> dict[str, Any]:
    """Return the ranking under the keys of `optimize --json` of post-training."""
    return {
        "schema": POST_SPLITS_SCHEMA,
        "plan": ranking.plan.name,
        "reasons": list(ranking.reasons),
        "splits": [
            {
                "rollout_pool": one.rollout_pool,
                "update_pool": one.update_pool,
                "rollout_chips": one.rollout_chips,
                "update_chips": one.update_chips,
                "layout": one.choice.words,
                "step_s": one.step_s,
                "rollout_s": one.rollout_s,
                "learning_s": one.update_s,
            }
            for one in ranking.splits
        ],
        "tried": ranking.tried,
        "fit": ranking.fitting,
        "seconds": ranking.seconds,
    }
