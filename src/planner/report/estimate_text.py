"""An estimate as text that reads from the top down: the answer first, then what it is made of."""

from __future__ import annotations

from collections.abc import Mapping

from planner.planning.result import Estimate, Performance, PoolEstimate, ProfileUse
from planner.report import numbers
from planner.report.compliance_text import add_compliance
from planner.report.numbers import ASSUMED_MARK, UNKNOWN
from planner.report.page import Page, Role, glue, pad
from planner.report.resources_text import add_cost, add_energy, add_power
from planner.report.words import (
    FACTS,
    MEMORY_PARTS,
    STEP_PARTS,
    TARGETS,
    TIERS,
    VERDICT_SIGNS,
    VERDICT_WORDS,
    words,
)

_LABEL_WIDTH = 13
_VERDICT_ROLES: dict[str, Role] = {"met": "good", "likely": "good", "missed": "bad"}
#: Parts below this share of their whole are summed up in one line, for they change nothing.
_NEGLIGIBLE = 0.0005


def estimate_to_text(
    estimate: Estimate, *, width: int = 80, is_coloured: bool = False, is_ascii: bool = False
) -> str:
    """Return the whole estimate as text for a terminal of that width.

    Parameters
    ----------
    estimate : Estimate
        What to show; texts from files are made safe on the way.
    width : int
        Columns; what is asked for is kept between 40 and 120, where lines still read well.
    is_coloured : bool
        Whether a few escapes for colour may be written; signs and words say the same without.
    is_ascii : bool
        Whether bars must do without block characters.
    """
    page = Page(width, is_coloured=is_coloured, is_ascii=is_ascii)
    page.paragraph(estimate.plan_name, indent=0, role="title")
    for pool in estimate.pools:
        page.paragraph(f"pool {pool.id}: {pool_words(pool)}", role="quiet", hanging=2)
    page.gap()
    _add_verdict(page, estimate)
    if estimate.performance is not None:
        _add_headline(page, estimate.performance)
    _add_targets(page, estimate)
    _add_warnings(page, estimate)
    if estimate.performance is not None:
        _add_performance(page, estimate.performance, estimate)
    if len(estimate.pools) > 1 or estimate.performance is None:
        for pool in estimate.pools:
            _add_pool(page, pool)
    add_compliance(page, estimate.compliance)
    _add_evidence(page, estimate)
    return page.text


def pool_words(pool: PoolEstimate) -> str:
    """Return what a pool is made of: `1,024 x Atlas 800T A2 = 8,192 x Ascend 910B`."""
    roadmap = " (roadmap: announced, not proven)" if pool.is_roadmap else ""
    systems = numbers.count(pool.systems)
    return f"{systems} x {pool.system_name} = {numbers.count(pool.chips)} x {pool.chip_name}{roadmap}"


def _add_verdict(page: Page, estimate: Estimate) -> None:
    if estimate.is_feasible:
        for reason in estimate.reasons:
            page.entry("! NOTE", reason, _LABEL_WIDTH, role="bad")
        return
    if not estimate.reasons:
        page.entry("x Infeasible", "no layout that was tried can run it", _LABEL_WIDTH, role="bad")
    for number, reason in enumerate(estimate.reasons):
        page.entry("" if number else "x Infeasible", reason, _LABEL_WIDTH, role="bad")


def _add_headline(page: Page, performance: Performance) -> None:
    finish = performance.finish_date
    done = numbers.date(finish.p50) if finish else "no start date: set calendar.start in the plan"
    span = f"  [{numbers.date_span(finish.p10, finish.p90)}]" if finish else ""
    memory = performance.memory
    utilisation = performance.mfu
    peak = numbers.trimmed(utilisation.peak_flops_per_s, numbers.FLOPS_PER_S)
    power, cost = performance.power, performance.cost
    missing = f"; without: {', '.join(cost.unknown)}" if cost.unknown else ""
    headline = (
        ("Done", done + span),
        ("Days", numbers.days(performance.training_days)),
        (
            "MFU",
            f"{numbers.percent_band(utilisation.band)} of {peak} {utilisation.peak_datatype}"
            f" ({utilisation.convention})",
        ),
        ("At the meter", numbers.banded(power.facility_w, numbers.POWER) + _mark(power.unknown)),
        ("This run", numbers.banded(cost.total, numbers.MONEY) + _mark(cost.unknown) + missing),
        ("Fits", f"yes: {_memory_words(memory.per_chip_bytes, memory.capacity_bytes)}"),
    )
    for label, text in headline:
        page.entry(label, text, _LABEL_WIDTH, role="title")
    page.paragraph("[a..b] holds 8 of 10 outcomes; * rests on something assumed or left out", role="quiet")


def _mark(unknown: tuple[str, ...]) -> str:
    return ASSUMED_MARK if unknown else ""


def _memory_words(used: float, capacity: float) -> str:
    scale = numbers.pick_scale(capacity, numbers.BYTES, 3)
    share = numbers.percent(used / capacity) if capacity > 0 else UNKNOWN
    return (
        f"{numbers.decimal(used / scale.factor, 3)} of {numbers.decimal(capacity / scale.factor, 3)} "
        f"{scale.name} on the fullest chip ({share})"
    )


def _add_targets(page: Page, estimate: Estimate) -> None:
    if not estimate.targets:
        return
    page.heading("TARGETS")
    for verdict in estimate.targets:
        role = _VERDICT_ROLES.get(verdict.verdict, "plain")
        label = f"{VERDICT_SIGNS.get(verdict.verdict, '?')} {words(verdict.verdict, VERDICT_WORDS)}"
        page.entry(label, f"{words(verdict.target, TARGETS)}: {verdict.text}", _LABEL_WIDTH, role=role)


def _add_performance(page: Page, performance: Performance, estimate: Estimate | None) -> None:
    _add_step(page, performance)
    _add_interconnect(page, performance)
    _add_memory(page, performance)
    _add_layout(page, performance, estimate)
    add_power(page, performance.power)
    add_energy(page, performance)
    add_cost(page, performance.cost)


def _add_step(page: Page, performance: Performance) -> None:
    step = performance.step
    rate = numbers.banded(performance.tokens_per_second, numbers.TOKEN_RATE, 3)
    page.heading(f"ONE STEP {numbers.quantity(step.seconds, numbers.DURATION, 3)}", rate)
    _add_bars(page, step.parts, step.seconds, STEP_PARTS)
    each = numbers.banded(performance.tokens_per_second_per_chip, numbers.TOKEN_RATE, 3)
    page.entry("per chip", each, _LABEL_WIDTH + 3)
    page.entry("goodput", f"{numbers.percent_band(performance.goodput)} of the time trains", _LABEL_WIDTH + 3)


def _add_bars(page: Page, parts: Mapping[str, float], whole: float, names: dict[str, str]) -> None:
    shown = {key: value / whole for key, value in parts.items() if whole > 0 and value / whole >= _NEGLIGIBLE}
    largest = max(shown.values(), default=0.0)
    # label, share and their gaps; a full bar is the largest part, so that small ones can be told apart
    room = page.width - 2 - (_LABEL_WIDTH + 3) - 2 - 7 - 2
    for key, share in sorted(shown.items(), key=lambda part: -part[1]):
        bar = page.bar(share / largest, room)
        label = pad(words(key, names), _LABEL_WIDTH + 3)
        page.line("  ", label, "  ", pad(numbers.percent(share), 7, is_right=True), "  ", (bar, "good"))
    absent = [words(key, names) for key, value in parts.items() if key not in shown]
    if absent:
        page.paragraph(f"nothing worth showing: {', '.join(absent)}", role="quiet", hanging=2)


def _shares(parts: Mapping[str, float], names: dict[str, str]) -> str:
    shown = [
        glue(f"{words(key, names)} {numbers.percent(value)}")
        for key, value in sorted(parts.items(), key=lambda part: -part[1])
        if value >= _NEGLIGIBLE
    ]
    return ", ".join(shown) or "none"


def _add_interconnect(page: Page, performance: Performance) -> None:
    overhead = performance.interconnect
    page.heading("INTERCONNECT", f"{numbers.percent(overhead.fraction)} of the step waits for it")
    page.entry("by class", _shares(overhead.by_class, STEP_PARTS), _LABEL_WIDTH)
    page.entry("by tier", _shares(overhead.by_tier, TIERS), _LABEL_WIDTH)


def _add_memory(page: Page, performance: Performance) -> None:
    memory = performance.memory
    page.heading("MEMORY", _memory_words(memory.per_chip_bytes, memory.capacity_bytes))
    shown = [
        glue(f"{words(key, MEMORY_PARTS)} {numbers.quantity(value, numbers.BYTES, 3)}")
        for key, value in sorted(memory.parts.items(), key=lambda part: -part[1])
        if value > 0
    ]
    page.paragraph(", ".join(shown))


def layout_words(performance: Performance) -> str:
    """Return the parallel layout in words: `tensor 8 x pipeline 8 (6 virtual stages each) x data 128`."""
    layout = performance.layout
    virtual = f" ({layout.vpp} virtual stages each)" if layout.vpp > 1 else ""
    degrees = [f"tensor {layout.tp}"]
    degrees += [f"context {layout.cp}"] if layout.cp > 1 else []
    degrees += [f"pipeline {layout.pp}{virtual}", f"data {layout.dp}"]
    expert = f"; experts over {layout.ep}" if layout.ep > 1 else ""
    return f"{' x '.join(degrees)} = {numbers.count(layout.chips_used)} chips{expert}"


def _add_layout(page: Page, performance: Performance, estimate: Estimate | None) -> None:
    layout = performance.layout
    page.heading("LAYOUT", layout_words(performance))
    page.paragraph(
        f"microbatch {layout.microbatch}, {numbers.count(layout.microbatches)} per step and pipeline; "
        f"{layout.schedule} schedule; ZeRO {layout.zero}; recompute {layout.recompute}"
    )
    if layout.origin == "given":
        page.paragraph("given by the plan", role="quiet")
        return
    found = (
        f"the fastest of {numbers.count(estimate.candidates)} layouts that were tried"
        if estimate is not None
        else "found by the search"
    )
    gap = performance.runner_up
    second = f"; the next best takes {numbers.percent(gap)} longer" if gap is not None else ""
    page.paragraph(found + second, role="quiet")


def _add_pool(page: Page, pool: PoolEstimate) -> None:
    page.heading(f"POOL {pool.id}", f"{pool_words(pool)}; fabric {pool.fabric_id}")
    performance = pool.performance
    for reason in pool.reasons:
        page.entry("x REASON", reason, _LABEL_WIDTH, role="bad")
    if performance is None:
        return
    rows = (
        ("alone", f"{numbers.days(performance.training_days)} days"),
        ("MFU", numbers.percent_band(performance.mfu.band)),
        ("step", numbers.quantity(performance.step.seconds, numbers.DURATION, 3)),
        ("layout", layout_words(performance)),
        (
            "memory",
            _memory_words(performance.memory.per_chip_bytes, performance.memory.capacity_bytes),
        ),
        ("at the meter", numbers.banded(performance.power.facility_w, numbers.POWER)),
        ("this run", numbers.banded(performance.cost.total, numbers.MONEY)),
    )
    for label, text in rows:
        page.entry(label, text, _LABEL_WIDTH)


def _add_warnings(page: Page, estimate: Estimate) -> None:
    if not estimate.warnings:
        return
    page.heading("WARNINGS")
    for warning in estimate.warnings:
        page.entry("!", warning, 1, role="bad")


def _add_evidence(page: Page, estimate: Estimate) -> None:
    page.heading("EVIDENCE")
    stacks = sorted({pool.stack_id for pool in estimate.pools})
    page.entry("stack", ", ".join(stacks) or UNKNOWN, _LABEL_WIDTH)
    page.entry("profiles", origin_words(estimate.profiles), _LABEL_WIDTH)
    facts = estimate.facts
    known = [glue(f"{name} {numbers.count(facts[key])}") for key, name in FACTS.items() if key in facts]
    if known:
        page.entry("the job", ", ".join(known), _LABEL_WIDTH)


def origin_words(profiles: tuple[ProfileUse, ...]) -> str:
    """Return where the profiles came from, naming each that is not from the usual place."""
    by_origin: dict[str, list[str]] = {}
    for use in profiles:
        by_origin.setdefault(use.origin, []).append(f"{use.kind}/{use.id}")
    if not by_origin:
        return UNKNOWN
    usual = max(by_origin, key=lambda origin: len(by_origin[origin]))
    texts = [f"{len(by_origin[usual])} {usual}"]
    texts += [f"{', '.join(ids)} from {origin}" for origin, ids in by_origin.items() if origin != usual]
    return "; ".join(texts)
