"""An estimate that reads from the top down: the answer first, then what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.planning.result import Estimate, Performance, PoolEstimate, ProfileUse
from planner.report import numbers
from planner.report.compliance_document import compliance_blocks
from planner.report.document import (
    GAP,
    Bar,
    Bars,
    Block,
    Entries,
    Entry,
    Heading,
    Item,
    Items,
    Paragraph,
    Role,
    document,
    entries,
)
from planner.report.figures import PERCENT, Rows, figure, figures
from planner.report.numbers import ASSUMED_MARK, UNKNOWN, Scale
from planner.report.page import glue
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
_BAR_LABEL_WIDTH = 16
_VERDICT_ROLES: dict[str, Role] = {"met": "good", "likely": "good", "missed": "bad"}
#: Parts below this share of their whole are summed up in one line, for they change nothing.
_NEGLIGIBLE = 0.0005
_POWER: Rows = (
    ("chips", lambda it: it.power.chips_w, numbers.POWER),
    ("all IT", lambda it: it.power.it_w, numbers.POWER),
    ("at the meter", lambda it: it.power.facility_w, numbers.POWER),
    ("peak", lambda it: it.power.peak_facility_w, numbers.POWER),
)
_ENERGY: Rows = (
    ("energy", lambda it: it.energy_mwh, numbers.ENERGY_MWH),
    ("per token", lambda it: it.joules_per_token, numbers.JOULES_PER_TOKEN),
    ("carbon", lambda it: it.carbon_t, numbers.CARBON_T),
    ("water", lambda it: it.water_m3, numbers.WATER_M3),
)
_COST: Rows = (
    ("purchase", lambda it: it.cost.capex, numbers.MONEY),
    ("electricity", lambda it: it.cost.opex, numbers.MONEY),
    ("this run", lambda it: it.cost.total, numbers.MONEY),
    ("per token", lambda it: it.cost.per_million_tokens, numbers.MONEY_PER_MILLION_TOKENS),
)
_POOL: Rows = (
    ("at the meter", lambda it: it.power.facility_w, numbers.POWER),
    ("this run", lambda it: it.cost.total, numbers.MONEY),
)


@document
def estimate_document(estimate: Estimate) -> Iterator[Block]:
    """Yield the whole estimate."""
    performance = estimate.performance
    yield Paragraph(estimate.plan_name, indent=0, role="title")
    if estimate.pools:
        pools = (Item(f"pool {pool.id}: {pool_words(pool)}", role="quiet") for pool in estimate.pools)
        yield Items(tuple(pools))
    yield GAP
    yield from _verdict(estimate)
    if performance is not None:
        yield from _headline(performance)
    yield from _targets(estimate)
    yield from _warnings(estimate)
    if performance is not None:
        yield from _performance(performance, estimate.candidates)
    if len(estimate.pools) > 1 or performance is None:
        for pool in estimate.pools:
            yield from _pool(pool)
    yield from compliance_blocks(estimate.compliance)
    yield from _evidence(estimate)


def pool_words(pool: PoolEstimate) -> str:
    """Return what a pool is made of: `1,024 x Atlas 800T A2 = 8,192 x Ascend 910B`."""
    roadmap = " (roadmap: announced, not proven)" if pool.is_roadmap else ""
    systems = numbers.count(pool.systems)
    return f"{systems} x {pool.system_name} = {numbers.count(pool.chips)} x {pool.chip_name}{roadmap}"


def _verdict(estimate: Estimate) -> Iterator[Block]:
    reasons = estimate.reasons
    if estimate.is_feasible:
        told = [("! NOTE", reason) for reason in reasons]
    else:
        reasons = reasons or ("no layout that was tried can run it",)
        told = [("" if number else "x Infeasible", reason) for number, reason in enumerate(reasons)]
    if told:
        yield entries(told, _LABEL_WIDTH, role="bad")


def _headline(performance: Performance) -> Iterator[Block]:
    finish = performance.finish_date
    done = numbers.date(finish.p50) if finish else "no start date: set calendar.start in the plan"
    span = f"  [{numbers.date_span(finish.p10, finish.p90)}]" if finish else ""
    memory, mfu = performance.memory, performance.mfu
    peak = numbers.trimmed(mfu.peak_flops_per_s, numbers.FLOPS_PER_S)
    of_peak = f" of {peak} {mfu.peak_datatype} ({mfu.convention})"
    power, cost = performance.power, performance.cost
    missing = f"; without: {', '.join(cost.unknown)}" if cost.unknown else ""
    told = (
        Entry("Done", done + span, "title"),
        figure("Days", performance.training_days, role="title"),
        figure("MFU", mfu.band, PERCENT, role="title", behind=of_peak),
        figure("At the meter", power.facility_w, numbers.POWER, role="title", behind=_mark(power.unknown)),
        figure("This run", cost.total, numbers.MONEY, role="title", behind=_mark(cost.unknown) + missing),
        Entry("Fits", f"yes: {_memory_words(memory.per_chip_bytes, memory.capacity_bytes)}", "title"),
    )
    yield Entries(told, _LABEL_WIDTH)
    yield Paragraph("[a..b] holds 8 of 10 outcomes; * rests on something assumed or left out", role="quiet")


def _mark(unknown: tuple[str, ...]) -> str:
    return ASSUMED_MARK if unknown else ""


def _memory_words(used: float, capacity: float) -> str:
    scale = numbers.pick_scale(capacity, numbers.BYTES, 3)
    share = numbers.percent(used / capacity) if capacity > 0 else UNKNOWN
    return (
        f"{numbers.decimal(used / scale.factor, 3)} of {numbers.decimal(capacity / scale.factor, 3)} "
        f"{scale.name} on the fullest chip ({share})"
    )


def _targets(estimate: Estimate) -> Iterator[Block]:
    if not estimate.targets:
        return
    yield Heading("Targets")
    told = (
        Entry(
            f"{VERDICT_SIGNS.get(it.verdict, '?')} {words(it.verdict, VERDICT_WORDS)}",
            f"{words(it.target, TARGETS)}: {it.text}",
            _VERDICT_ROLES.get(it.verdict, "plain"),
        )
        for it in estimate.targets
    )
    yield Entries(tuple(told), _LABEL_WIDTH)


def _performance(performance: Performance, candidates: int) -> Iterator[Block]:
    yield from _step(performance)
    yield from _interconnect(performance)
    yield from _memory(performance)
    yield from _layout(performance, candidates)
    yield from _power(performance)
    yield from _energy(performance)
    yield from _cost(performance)


def _step(performance: Performance) -> Iterator[Block]:
    step = performance.step
    rate = numbers.banded(performance.tokens_per_second, numbers.TOKEN_RATE, 3)
    yield Heading("One step", rate, numbers.quantity(step.seconds, numbers.DURATION, 3))
    yield from _bars(step.parts, step.seconds, STEP_PARTS)
    per_chip = performance.tokens_per_second_per_chip
    told = (
        figure("per chip", per_chip, numbers.TOKEN_RATE, digits=3),
        figure("goodput", performance.goodput, PERCENT, behind=" of the time trains"),
    )
    yield Entries(told, _BAR_LABEL_WIDTH)


def _bars(parts: Mapping[str, float], whole: float, names: dict[str, str]) -> Iterator[Block]:
    shown = {key: value / whole for key, value in parts.items() if whole > 0 and value / whole >= _NEGLIGIBLE}
    bars = (
        Bar(words(key, names), share, numbers.percent(share))
        for key, share in sorted(shown.items(), key=lambda part: -part[1])
    )
    yield Bars(tuple(bars), _BAR_LABEL_WIDTH)
    absent = [words(key, names) for key, value in parts.items() if key not in shown]
    if absent:
        yield Paragraph(f"nothing worth showing: {', '.join(absent)}", role="quiet", hanging=2)


def _shares(parts: Mapping[str, float], names: dict[str, str]) -> str:
    shown = [
        glue(f"{words(key, names)} {numbers.percent(value)}")
        for key, value in sorted(parts.items(), key=lambda part: -part[1])
        if value >= _NEGLIGIBLE
    ]
    return ", ".join(shown) or "none"


def _interconnect(performance: Performance) -> Iterator[Block]:
    overhead = performance.interconnect
    yield Heading("Interconnect", f"{numbers.percent(overhead.fraction)} of the step waits for it")
    told = (
        ("by class", _shares(overhead.by_class, STEP_PARTS)),
        ("by tier", _shares(overhead.by_tier, TIERS)),
    )
    yield entries(told, _LABEL_WIDTH)


def _memory(performance: Performance) -> Iterator[Block]:
    memory = performance.memory
    yield Heading("Memory", _memory_words(memory.per_chip_bytes, memory.capacity_bytes))
    shown = [
        glue(f"{words(key, MEMORY_PARTS)} {numbers.quantity(value, numbers.BYTES, 3)}")
        for key, value in sorted(memory.parts.items(), key=lambda part: -part[1])
        if value > 0
    ]
    yield Paragraph(", ".join(shown))


def layout_words(performance: Performance) -> str:
    """Return the parallel layout in words: `tensor 8 x pipeline 8 (6 virtual stages each) x data 128`."""
    layout = performance.layout
    virtual = f" ({layout.vpp} virtual stages each)" if layout.vpp > 1 else ""
    degrees = [f"tensor {layout.tp}"]
    degrees += [f"context {layout.cp}"] if layout.cp > 1 else []
    degrees += [f"pipeline {layout.pp}{virtual}", f"data {layout.dp}"]
    expert = f"; experts over {layout.ep}" if layout.ep > 1 else ""
    return f"{' x '.join(degrees)} = {numbers.count(layout.chips_used)} chips{expert}"


def _layout(performance: Performance, candidates: int) -> Iterator[Block]:
    layout = performance.layout
    yield Heading("Layout", layout_words(performance))
    yield Paragraph(
        f"microbatch {layout.microbatch}, {numbers.count(layout.microbatches)} per step and pipeline; "
        f"{layout.schedule} schedule; ZeRO {layout.zero}; recompute {layout.recompute}"
    )
    if layout.origin == "given":
        yield Paragraph("given by the plan", role="quiet")
        return
    gap = performance.runner_up
    second = f"; the next best takes {numbers.percent(gap)} longer" if gap is not None else ""
    found = f"the fastest of {numbers.count(candidates)} layouts that were tried"
    yield Paragraph(found + second, role="quiet")


def _power(performance: Performance) -> Iterator[Block]:
    """Yield the way from the chips to the meter."""
    power = performance.power
    yield Heading("Power", "average while training, from chip to meter")
    told = figures(_POWER, performance)
    told += [_amounts("in parts", power.parts, numbers.POWER)] if power.parts else []
    told += [Entry("* assumed", missing) for missing in power.unknown]
    yield Entries(tuple(told), _LABEL_WIDTH)


def _energy(performance: Performance) -> Iterator[Block]:
    """Yield what the whole run takes from the grid and the river."""
    yield Heading("Energy", "of the whole run")
    told = figures(_ENERGY, performance)
    missing = [entry.label for entry in told if entry.text == UNKNOWN]
    told = [entry for entry in told if entry.text != UNKNOWN]
    told += [Entry("unknown", ", ".join(missing))] if missing else []
    yield Entries(tuple(told), _LABEL_WIDTH)


def _cost(performance: Performance) -> Iterator[Block]:
    """Yield the money, and by name what has no price."""
    cost = performance.cost
    yield Heading("Cost", "only what has a known price" if cost.unknown else "")
    told = figures(_COST, performance)
    shares = {key: value for key, value in cost.parts.items() if key != "purchase" and value > 0}
    told += [_amounts("of this run", shares, numbers.MONEY)] if shares else []
    told += [Entry("* no price", missing) for missing in cost.unknown]
    yield Entries(tuple(told), _LABEL_WIDTH)


def _amounts(label: str, parts: Mapping[str, float], scales: tuple[Scale, ...]) -> Entry:
    told = (glue(f"{words(key)} {numbers.quantity(value, scales)}") for key, value in parts.items())
    return Entry(label, ", ".join(told))


def _pool(pool: PoolEstimate) -> Iterator[Block]:
    yield Heading("Pool", f"{pool_words(pool)}; fabric {pool.fabric_id}", pool.id)
    told = [Entry("x REASON", reason, "bad") for reason in pool.reasons]
    if (performance := pool.performance) is not None:
        memory = performance.memory
        told += [
            figure("alone", performance.training_days, behind=" days"),
            figure("MFU", performance.mfu.band, PERCENT),
            figure("step", performance.step.seconds, numbers.DURATION, digits=3),
            Entry("layout", layout_words(performance)),
            Entry("memory", _memory_words(memory.per_chip_bytes, memory.capacity_bytes)),
            *figures(_POOL, performance),
        ]
    if told:
        yield Entries(tuple(told), _LABEL_WIDTH)


def _warnings(estimate: Estimate) -> Iterator[Block]:
    if estimate.warnings:
        yield Heading("Warnings")
        yield entries((("!", warning) for warning in estimate.warnings), 1, role="bad")


def _evidence(estimate: Estimate) -> Iterator[Block]:
    yield Heading("Evidence")
    stacks = sorted({pool.stack_id for pool in estimate.pools})
    told = [
        ("stack", ", ".join(stacks) or UNKNOWN),
        ("profiles", origin_words(estimate.profiles)),
    ]
    facts = estimate.facts
    known = [glue(f"{name} {numbers.count(facts[key])}") for key, name in FACTS.items() if key in facts]
    told += [("the job", ", ".join(known))] if known else []
    yield entries(told, _LABEL_WIDTH)


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
