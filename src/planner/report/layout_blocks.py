"""The layout of an estimate in words: what was chosen, what was passed over, and why."""

from __future__ import annotations

from collections.abc import Iterator

from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.quantities.joined import members_of
from planner.report import numbers
from planner.report.document import Block, Heading, Paragraph


def layout_words(figures: Figures) -> str:
    """Return the parallel layout in words: `tensor 8 x pipeline 8 (6 virtual stages each) x data 128`."""
    tp, cp, ep, pp, vpp, dp = (
        int(figures.number(f"strategy.{degree}")) for degree in ("tp", "cp", "ep", "pp", "vpp", "dp")
    )
    virtual = f" ({vpp} virtual stages each)" if vpp > 1 else ""
    degrees = [f"tensor {tp}"]
    degrees += [f"context {cp}"] if cp > 1 else []
    degrees += [f"pipeline {pp}{virtual}", f"data {dp}"]
    expert = f"; experts over {ep}" if ep > 1 else ""
    chips = numbers.count(figures.number("strategy.chips_used"))
    return f"{' x '.join(degrees)} = {chips} chips{expert}"


def batch_change_words(figures: Figures) -> str:
    """Return how the batch moved from what the plan states; empty where it stayed."""
    change = figures.p50("strategy.batch_change")
    if not change:
        return ""
    batch = figures.number("strategy.batch")
    return (
        f"the plan's batch is changed: {numbers.count(batch)} sequences, {numbers.percent(abs(change))} "
        f"{'more' if change > 0 else 'fewer'} than the {numbers.count(batch / (1.0 + change))} stated, so "
        f"that {numbers.count(figures.number('strategy.dp'))} replicas share them"
    )


def short_layout(figures: Figures) -> str:
    """Return a layout in short: `tp8 pp4 dp64`."""
    degrees = {name: int(figures.number(f"strategy.{name}")) for name in ("tp", "cp", "pp", "dp", "ep")}
    return " ".join(f"{name}{degree}" for name, degree in degrees.items() if degree > 1) or "one chip"


def plan_layout_words(estimate: Estimate) -> str:
    """Return the layout of a plan, of pools that train together that of each; empty where there is none."""
    if estimate.figures is None:
        return ""
    if not estimate.is_joint:
        return layout_words(estimate.figures)
    return "; ".join(
        f"{own.setting.pool.pool.id}: {layout_words(own)}" for own in members_of(estimate.figures)
    )


def layout_blocks(figures: Figures, candidates: int) -> Iterator[Block]:
    """Yield the layout that the estimate is for, and the one that was passed over."""
    microbatch, zero = (int(figures.number(f"strategy.{name}")) for name in ("microbatch", "zero"))
    yield Heading("Layout", layout_words(figures))
    yield Paragraph(
        f"microbatch {microbatch}, {numbers.count(figures.number('strategy.microbatches'))} per step and "
        f"pipeline; {figures.words('strategy.schedule')} schedule; ZeRO {zero}; "
        f"recompute {figures.words('strategy.recompute')}"
    )
    if change := batch_change_words(figures):
        yield Paragraph(change)
    if figures.words("strategy.origin") == "given":
        yield Paragraph("given by the plan", role="quiet")
        return
    behind = figures.p50("strategy.runner_up")
    tried = f"of {numbers.count(candidates)} layouts that were tried"
    if behind is None:
        yield Paragraph(f"the best {tried}", role="quiet")
        return
    is_faster = behind < 0.0
    yield Paragraph(f"{'what people would run' if is_faster else 'the fastest'} {tried}", role="quiet")
    days = abs(behind) * figures.number("training_days")
    yield Paragraph(
        f"passed over: {figures.words('strategy.runner_up_layout')}; {numbers.percent(abs(behind))} "
        f"{'shorter' if is_faster else 'longer'} ({numbers.decimal(days, 2)} days): "
        f"{figures.words('strategy.runner_up_seldom')}",
        role="quiet",
    )
