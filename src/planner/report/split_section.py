"""How several pools train together: each way with its days and what it loses, and each pool's part."""

from __future__ import annotations

from collections.abc import Iterator

from planner.estimate.result import Estimate
from planner.estimate.splits import SPLIT_WORDS, Splits, SplitView
from planner.quantities.joined import generates, members_of, own_part_s
from planner.report import numbers
from planner.report.document import Block, Entries, Entry, Heading, Paragraph
from planner.report.layout_blocks import layout_words
from planner.report.numbers import ASSUMED_MARK, UNKNOWN

_LABEL_WIDTH = 13
#: What a pool's part is counted in.
_PARTS = {
    "data": "sequences of a step",
    "pipeline": "layers",
    "alone": "sequences of a step",
    "rollout": "samples",
}


def loss_words(view: SplitView) -> str:
    """Return what a way loses of the sum of the pools' rates: `loses 5.7 %`."""
    loss = view.loss
    if view.split == "rollout":
        return "each at its own work"
    if loss is None:
        return "loses unknown: a pool cannot train by itself"
    return f"loses {numbers.percent(max(loss, 0.0))} of the sum of the pools' rates"


def short_split_words(estimate: Estimate) -> str:
    """Return the way that is taken with its loss, in a line; empty of a single pool."""
    chosen = estimate.splits.chosen if estimate.splits else None
    if chosen is None:
        return ""
    loss = chosen.loss
    lost = "" if loss is None else f", {numbers.percent(max(loss, 0.0))} lost"
    whose = f" ({estimate.pool_of_figures})" if chosen.split == "alone" else ""
    return f"{chosen.split}: {SPLIT_WORDS[chosen.split]}{whose}{lost}"


def share_words(view: SplitView) -> str:
    """Return what each pool does: `npu 768, gpu 256 sequences of a step`."""
    joined = view.joined
    if joined is None:
        return view.reason
    if view.split == "alone":
        return f"pool {joined.members[0].pool.pool.id}"
    if view.split == "rollout":
        learns, generates = (one.pool.pool.id for one in joined.members)
        return f"{generates} generates, {learns} learns"
    parts = (
        f"{one.pool.pool.id} {'/'.join(numbers.count(share) for share in dict.fromkeys(one.shares))}"
        for one in joined.members
    )
    return f"{', '.join(parts)} {_PARTS[view.split]}"


def split_blocks(estimate: Estimate) -> Iterator[Block]:
    """Yield the ways of a plan of several pools, the one that is taken marked."""
    splits = estimate.splits
    if splits is None:
        return
    how = "as the plan says" if splits.is_stated else "the one that is done first is taken"
    yield Heading("Split", f"{len(estimate.pools)} pools, one training; {how}")
    yield Entries(tuple(_way(view) for view in splits.views), _LABEL_WIDTH)
    yield Entries((Entry("link", link_words(splits)),), _LABEL_WIDTH)
    if estimate.is_joint:
        yield Entries(tuple(_members(estimate)), _LABEL_WIDTH)


def _way(view: SplitView) -> Entry:
    sign = ">" if view.is_chosen else " "
    label = f"{sign} {view.split}"
    if view.figures is None:
        return Entry(label, f"cannot be: {view.reason}", "quiet")
    days = numbers.days(view.figures.band("training_days"))
    rate = numbers.quantity(view.figures.p50("tokens_per_second"), numbers.TOKEN_RATE, 3)
    text = f"{days} days, {rate}, {loss_words(view)}; {share_words(view)}"
    return Entry(label, text, "title" if view.is_chosen else "plain")


def link_words(splits: Splits) -> str:
    """Return the link between the pools, marked where it is assumed."""
    rate = numbers.quantity(splits.link.bytes_per_s, numbers.BYTES_PER_S, 3)
    latency = numbers.quantity(splits.link.latency_s, numbers.DURATION)
    marks = [
        ASSUMED_MARK if any(text.startswith(name) for text in splits.link.assumed) else ""
        for name in ("link", "latency")
    ]
    text = f"{rate}{marks[0]} in each direction, {latency}{marks[1]} one way"
    return f"{text}; {ASSUMED_MARK} {'; '.join(splits.link.assumed)}" if splits.link.assumed else text


def _members(estimate: Estimate) -> Iterator[Entry]:
    assert estimate.figures is not None
    members = list(members_of(estimate.figures))
    paces = estimate.pool_of_figures
    if any(own.setting.phase.post is not None for own in members):
        # the figures are those of the pool that learns, whichever side is the longer
        paces = max(members, key=lambda own: own_part_s(own) or 0.0).setting.pool.pool.id
    for own in members:
        setting = own.setting
        sets = ", sets the pace" if setting.pool.pool.id == paces else ""
        step = numbers.quantity(own_part_s(own), numbers.DURATION, 3)
        # caches take what memory the engine that generates is given
        full = "" if generates(own) else f", chips {numbers.percent(own.number('memory.share'))} full"
        yield Entry(
            f"pool {setting.pool.pool.id}",
            f"{layout_words(own)}; own part of the step {step or UNKNOWN}{full}{sets}",
        )


def idle_words(estimate: Estimate) -> Iterator[Block]:
    """Yield a remark on sums that hold pools that do not train."""
    chosen = estimate.splits.chosen if estimate.splits else None
    if chosen is None or chosen.joined is None or not chosen.joined.idle:
        return
    names = ", ".join(pool.pool.id for pool in chosen.joined.idle)
    yield Paragraph(f"power and purchase hold pool {names} too, as if it trained by itself", role="quiet")
