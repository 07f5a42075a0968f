"""An estimate that reads from the top down: the answer first, then what it is made of."""

from __future__ import annotations

from collections.abc import Iterator

from planner.estimate.result import Estimate, PoolEstimate
from planner.planning.resolve import ProfileUse
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.joined import fullest
from planner.quantities.post_training import is_post_training
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.calendar_section import calendar_blocks
from planner.report.compliance_document import compliance_blocks
from planner.report.cost_section import amounts, cost_blocks
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
from planner.report.failures_section import failure_blocks
from planner.report.figures import figure, told
from planner.report.grounds_entries import grounds_entries, pilot_entries
from planner.report.layout_blocks import layout_blocks, layout_words
from planner.report.numbers import ASSUMED_MARK, UNKNOWN
from planner.report.page import glue
from planner.report.pictures import memory_stack, target_lanes
from planner.report.post_training_section import post_training_blocks
from planner.report.split_section import idle_words, short_split_words, split_blocks
from planner.report.words import (
    ENERGY,
    MATURITIES,
    TARGETS,
    VERDICT_SIGNS,
    VERDICT_WORDS,
    fit_word,
    listed,
    memory_share,
    words,
)

_LABEL_WIDTH = 13
_BAR_LABEL_WIDTH = 16
_VERDICT_ROLES: dict[str, Role] = {"met": "good", "likely": "good", "missed": "bad"}
#: Parts below this share of their whole are summed up in one line, for they change nothing.
_NEGLIGIBLE = 0.0005
_POWER = ("power.chips_w", "power.it_w", "power.facility_w", "power.peak_facility_w")
_POOL = ("power.facility_w", "cost.total")
_FACTS = ("facts.parameters", "facts.active_parameters", "facts.tokens", "facts.training_flops")


@document
def estimate_document(estimate: Estimate) -> Iterator[Block]:
    """Yield the whole estimate."""
    figures = estimate.figures
    yield Paragraph(estimate.plan_name, indent=0, role="title")
    if estimate.pools:
        pools = (Item(f"pool {pool.id}: {pool_words(pool)}", role="quiet") for pool in estimate.pools)
        yield Items(tuple(pools))
    yield GAP
    yield from _verdict(estimate)
    if figures is not None:
        if estimate.splits:
            yield Paragraph(f"Of all pools, {short_split_words(estimate)}", role="title")
        yield from _headline(figures)
        yield target_lanes(estimate)
        yield Entries(tuple(grounds_entries(estimate)), _LABEL_WIDTH)
    yield from _targets(estimate)
    yield from split_blocks(estimate)
    yield from calendar_blocks(estimate.calendar)
    yield from _warnings(estimate)
    if figures is not None:
        yield from _sections(estimate, figures)
    if estimate.has_several_pools or figures is None:
        for pool in estimate.pools:
            yield from _pool(pool)
    yield from compliance_blocks(estimate.compliance)
    yield from _evidence(estimate)


def pool_words(pool: PoolEstimate) -> str:
    """Return what a pool is made of: `1,024 x Atlas 800T A2 = 8,192 x Ascend 910B`."""
    mark = f" ({MATURITIES[pool.maturity]})" if pool.maturity in MATURITIES else ""
    systems = numbers.count(pool.systems)
    return f"{systems} x {pool.system_name} = {numbers.count(pool.chips)} x {pool.chip_name}{mark}"


def _verdict(estimate: Estimate) -> Iterator[Block]:
    reasons = estimate.reasons
    if estimate.is_feasible:
        rows = [("! NOTE", reason) for reason in reasons]
    else:
        reasons = reasons or ("no layout that was tried can run it",)
        rows = [("" if number else "x Infeasible", reason) for number, reason in enumerate(reasons)]
    if rows:
        yield entries(rows, _LABEL_WIDTH, role="bad")


def _headline(figures: Figures) -> Iterator[Block]:
    peak = numbers.trimmed(figures.number("mfu.peak_flops_per_s"), numbers.FLOPS_PER_S)
    of_peak = f" of {peak} {figures.words('mfu.peak_datatype')} ({figures.words('mfu.convention')})"
    of_16_bit = figures.p50("mfu.of_16_bit")
    of_peak += f"; {numbers.percent(of_16_bit)} of the 16-bit peak" if of_16_bit is not None else ""
    missing, days = figures.left_out("cost.total"), figures.band("training_days")
    without = f"; without: {listed(missing)}" if missing else ""
    rows = (
        Entry("Done", _done(figures.band("finish_date")), "title"),
        figure("Days", days, role="title", behind=_mark(figures.gaps("training_days"))),
        _head(figures, "mfu", of_peak),
        _head(figures, "power.facility_w", _mark(figures.gaps("power.facility_w"))),
        _head(figures, "cost.total", _mark(figures.gaps("cost.total")) + without),
        Entry("Fits", f"{_fit_words(figures)}: {_memory_words(figures)}", "title"),
    )
    yield Entries(rows, _LABEL_WIDTH, is_headline=True)
    yield Paragraph("[a..b] holds 8 of 10 outcomes; * rests on something assumed or left out", role="quiet")


def _done(ends: Band | None) -> str:
    if ends is None:
        return "no start date: set calendar.start in the plan"
    span = numbers.date_span(numbers.day(ends.p10), numbers.day(ends.p90))
    return f"{numbers.date(numbers.day(ends.p50))}  [{span}]"


def _head(figures: Figures, identifier: str, behind: str) -> Entry:
    entry = told(figures, identifier, role="title", behind=behind)
    return entry._replace(label=entry.label[:1].upper() + entry.label[1:])


def _mark(missing: tuple[str, ...]) -> str:
    return ASSUMED_MARK if missing else ""


def _fit_words(figures: Figures) -> str:
    word = fit_word(memory_share(figures))
    return "tight (overhead and fragmentation decide)" if word == "tight" else word


def _memory_words(figures: Figures) -> str:
    used, usable = figures.number("memory.per_chip_bytes"), figures.number("memory.usable_bytes")
    scale = numbers.pick_scale(usable, numbers.BYTES, 3)
    return (
        f"{numbers.decimal(used / scale.factor, 3)} of {numbers.decimal(usable / scale.factor, 3)} "
        f"{scale.name} that software sees of the fullest chip ({numbers.percent(memory_share(figures))})"
    )


def _targets(estimate: Estimate) -> Iterator[Block]:
    if not estimate.targets:
        return
    yield Heading("Targets")
    rows = (
        Entry(
            f"{VERDICT_SIGNS.get(it.verdict, '?')} {words(it.verdict, VERDICT_WORDS)}",
            f"{words(it.target, TARGETS)}: {it.text}",
            _VERDICT_ROLES.get(it.verdict, "plain"),
        )
        for it in estimate.targets
    )
    yield Entries(tuple(rows), _LABEL_WIDTH)


def _sections(estimate: Estimate, figures: Figures) -> Iterator[Block]:
    yield from post_training_blocks(figures)
    yield from _phases(figures)
    yield from _step(estimate, figures)
    yield from failure_blocks(estimate, figures)
    yield from _interconnect(figures)
    yield from _memory(estimate, figures)
    if not estimate.is_joint:
        yield from layout_blocks(figures, estimate.candidates)
    yield from _power(figures)
    yield from idle_words(estimate)
    yield from _energy(figures)
    yield from cost_blocks(figures)


def _phases(figures: Figures) -> Iterator[Block]:
    """Yield a line for each phase where there are several; all else that goes by the step is of one."""
    phases = figures.phases()
    if not phases:
        return
    rate = numbers.banded(figures.band("tokens_per_second"), numbers.TOKEN_RATE, 3)
    yield Heading("Phases", f"{rate} over all of them")
    yield entries(
        ((f"{number}", phase_words(phase)) for number, phase in enumerate(phases, start=1)), _LABEL_WIDTH
    )
    number = numbers.count(figures.number("step.phase"))
    yield Paragraph(f"step, interconnect, memory, layout and power below: phase {number}", role="quiet")


def phase_words(phase: Figures) -> str:
    """Return one phase in a line: its tokens, days, rate, utilisation, step and layout."""
    parts = (
        f"{numbers.count(phase.number('workload.tokens'))} tokens at sequence length "
        f"{numbers.count(phase.number('workload.sequence_length'))}",
        f"{numbers.decimal(phase.number('phase_days'), 3)} days",
        numbers.quantity(phase.number("tokens_per_second"), numbers.TOKEN_RATE, 3),
        f"MFU {numbers.percent(phase.number('mfu'))}",
        f"step {numbers.quantity(phase.number('step.seconds'), numbers.DURATION, 3)}",
    )
    return f"{', '.join(glue(part) for part in parts)}; {layout_words(phase)}"


def _step(estimate: Estimate, figures: Figures) -> Iterator[Block]:
    step = numbers.quantity(figures.number("step.seconds"), numbers.DURATION, 3)
    main = figures.p50("step.phase")
    told_of = figures if main is None else figures.of_phase(int(main) - 1)
    rate = numbers.banded(told_of.band("tokens_per_second"), numbers.TOKEN_RATE, 3)
    of_phase = "" if main is None else f" of phase {numbers.count(main)}"
    if is_post_training(figures.setting):
        of_phase = " of the optimizer"
    pace = f", the pace of pool '{estimate.pool_of_figures}'" if estimate.is_joint else ""
    yield Heading(f"One step{of_phase}", rate + pace, step)
    yield from _bars(figures, "step.parts", "step.modelled_s")
    yield Entries((told(told_of, "tokens_per_second_per_chip", digits=3),), _BAR_LABEL_WIDTH)


def _shares(figures: Figures, parts: str, whole: float = 1.0) -> list[tuple[str, float]]:
    """Return the parts of a whole by their short titles, the largest first."""
    shares = [(TABLE[f"{parts}.{name}"].short, value / whole) for name, value in figures.parts(parts).items()]
    return sorted(shares, key=lambda part: -part[1])


def _bars(figures: Figures, parts: str, whole: str) -> Iterator[Block]:
    shares = _shares(figures, parts, figures.number(whole))
    shown = [(name, share) for name, share in shares if share >= _NEGLIGIBLE]
    yield Bars(tuple(Bar(name, share, numbers.percent(share)) for name, share in shown), _BAR_LABEL_WIDTH)
    absent = [name for name, share in shares if share < _NEGLIGIBLE]
    if absent:
        yield Paragraph(f"nothing worth showing: {', '.join(absent)}", role="quiet", hanging=2)


def _share_words(figures: Figures, parts: str) -> str:
    shares = _shares(figures, parts)
    shown = [glue(f"{name} {numbers.percent(share)}") for name, share in shares if share >= _NEGLIGIBLE]
    return ", ".join(shown) or "none"


def _interconnect(figures: Figures) -> Iterator[Block]:
    waits = numbers.percent(figures.number("interconnect_overhead.fraction"))
    yield Heading("Interconnect", f"{waits} of the step waits for it")
    rows = (
        ("by class", _share_words(figures, "interconnect_overhead.by_class")),
        ("by tier", _share_words(figures, "interconnect_overhead.by_tier")),
    )
    yield entries(rows, _LABEL_WIDTH)


def _memory(estimate: Estimate, figures: Figures) -> Iterator[Block]:
    whose = f" of pool '{fullest(figures).setting.pool.pool.id}'" if estimate.is_joint else ""
    yield Heading("Memory", _memory_words(figures) + whose)
    yield memory_stack(figures)


def _power(figures: Figures) -> Iterator[Block]:
    """Yield the way from the chips to the meter."""
    yield Heading("Power", "average while training, from chip to meter")
    rows = [told(figures, identifier) for identifier in _POWER]
    parts = figures.parts("power.parts")
    rows += [amounts("in parts", "power.parts", parts)] if parts else []
    rows += [Entry("* assumed", missing) for missing in figures.gaps("power.facility_w")]
    yield Entries(tuple(rows), _LABEL_WIDTH)


def _energy(figures: Figures) -> Iterator[Block]:
    """Yield what the whole run takes from the grid and the river."""
    yield Heading("Energy", "of the whole run")
    rows = [told(figures, identifier) for identifier in ENERGY]
    missing = [entry.label for entry in rows if entry.text == UNKNOWN]
    rows = [entry for entry in rows if entry.text != UNKNOWN]
    rows += [Entry("unknown", ", ".join(missing))] if missing else []
    yield Entries(tuple(rows), _LABEL_WIDTH)


def _pool(pool: PoolEstimate) -> Iterator[Block]:
    yield Heading("Pool", f"{pool_words(pool)}; fabric {pool.fabric_id}", pool.id)
    rows = [Entry("x REASON", reason, "bad") for reason in pool.reasons]
    if (figures := pool.figures) is not None:
        rows += [
            figure("alone", figures.band("training_days"), behind=" days"),
            told(figures, "mfu"),
            told(figures, "step.seconds", digits=3),
            Entry("layout", layout_words(figures)),
            Entry("memory", _memory_words(figures)),
            *(told(figures, identifier) for identifier in _POOL),
            *pilot_entries(pool.pilots, figures),
        ]
    if rows:
        yield Entries(tuple(rows), _LABEL_WIDTH)


def _warnings(estimate: Estimate) -> Iterator[Block]:
    if estimate.warnings:
        yield Heading("Warnings")
        yield entries((("!", warning) for warning in estimate.warnings), 1, role="bad")


def _evidence(estimate: Estimate) -> Iterator[Block]:
    yield Heading("Evidence")
    stacks = sorted({pool.stack_id for pool in estimate.pools})
    rows = [
        ("stack", ", ".join(stacks) or UNKNOWN),
        ("profiles", origin_words(estimate.profiles)),
    ]
    rows += [("the job", ", ".join(_fact_words(estimate.known, identifier) for identifier in _FACTS))]
    yield entries(rows, _LABEL_WIDTH)


def _fact_words(known: Figures, identifier: str) -> str:
    return glue(f"{TABLE[identifier].short} {numbers.count(known.p50(identifier))}")


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
