"""The details of an estimate: step, interconnect, memory, layout, power, money, pools, warnings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

from textual.content import Content

from planner.app.drawing.calendar import draw_calendar
from planner.app.drawing.names import (
    amount,
    banded,
    known_parts,
    parts_of,
    peak_words,
    short_name,
)
from planner.app.drawing.numbers_asked import asked
from planner.app.drawing.pieces import (
    BAD,
    FILLS,
    GOOD,
    HEADING,
    QUIET,
    STRONG,
    Lines,
    View,
    column,
    fitted,
    flowed,
    gauge,
    line,
    shares_of,
    stacked_bar,
    wrapped,
)
from planner.app.drawing.pilots import draw_pilots
from planner.app.drawing.post_training import draw_post_training
from planner.app.drawing.split import draw_split
from planner.domain.maturity import MARKS, WARNINGS
from planner.domain.reasons import WAY_OUT
from planner.report import numbers
from planner.report.words import ENERGY, VERDICT_SIGNS, VERDICT_WORDS, fit_word, listed, memory_share, words

if TYPE_CHECKING:
    from planner.estimate.result import PoolEstimate
    from planner.quantities.evaluation import Figures

#: Shorter than the table's words: these stand side by side under a bar.
SHORTER = {
    "memory-bound": "memory",
    "tensor parallel": "tensor",
    "context parallel": "context",
    "expert parallel": "expert",
    "pipeline sends": "pipeline",
    "data parallel": "data",
    "pipeline bubble": "bubble",
    "inside the scale-up domain": "in the domain",
    "optimizer states": "optimizer",
}
TARGET_WORDS = {
    "finish_by": "date",
    "steps_per_day": "steps a day",
    "power_mw": "power",
    "money_usd": "money",
    "site.power_cap_mw": "power cap",
}
#: Degrees of the layout that are left out where they are one: nobody misses them.
RARE_DEGREES = ("cp", "ep")
#: Lines of a text that scrolls come in such steps.
STRIDE = 8
VERDICT_STYLES = {"met": GOOD, "likely": "", "missed": BAD, "unknown": QUIET}


def of_figures(draw: Callable[[Figures, int], Lines]) -> Callable[[View, int], Lines]:
    """Let a panel that shows figures be empty where the plan has none."""

    @wraps(draw)
    def drawn(view: View, width: int) -> Lines:
        return [] if view.figures is None else draw(view.figures, width)

    return drawn


def draw_reasons(view: View, width: int) -> Lines:
    """Return why the plan cannot be had."""
    lines: Lines = []
    for reason in view.estimate.reasons if view.figures is None else ():
        is_way_out = reason.startswith(WAY_OUT)
        lines += wrapped(reason, width, first=("+ ", GOOD) if is_way_out else ("x ", BAD), style=STRONG)
    return lines


@of_figures
def draw_step(figures: Figures, width: int) -> Lines:
    """Return where the time of one step goes."""
    shares = shares_of(known_parts(figures, "step.parts"))
    styles = {name: f"$part-{index}" for index, name in enumerate(parts_of("step.parts"), start=1)}
    labels = [
        line((_swatch(index), styles[name]), " ", _named(name, numbers.percent(share)))
        for index, (name, share) in enumerate(shares)
    ]
    phase = figures.p50("step.phase")
    title = "ONE STEP " if phase is None else f"ONE STEP OF PHASE {numbers.count(phase)} "
    return [
        line((title, HEADING), _strong(figures, "step.seconds")),
        stacked_bar(shares, styles, width),
        *flowed(labels, width, gap="  "),
    ]


def _swatch(index: int) -> str:
    return FILLS[index % len(FILLS)]


def _named(identifier: str, text: str) -> Content:
    """Return a figure behind its name, to be asked about."""
    name = short_name(identifier)
    return asked(line(f"{SHORTER.get(name, name)} ", (text, STRONG)), identifier)


def _strong(figures: Figures, identifier: str, digits: int = 2) -> Content:
    """Return a figure by itself, to be asked about."""
    return asked(line((amount(figures, identifier, digits), STRONG)), identifier)


def _parts(figures: Figures, whole: str) -> list[Content]:
    """Return the parts of a whole that come to something."""
    return [_named(name, amount(figures, name)) for name in known_parts(figures, whole)]


@of_figures
def draw_interconnect(figures: Figures, width: int) -> Lines:
    """Return the exposed communication as a share of the step, by class and by tier."""
    whole = _strong(figures, "interconnect_overhead.fraction")
    items = [
        line(("INTERCONNECT ", HEADING), whole, " of the step"),
        *_parts(figures, "interconnect_overhead.by_class"),
    ]
    for name in known_parts(figures, "interconnect_overhead.by_tier"):
        tier = SHORTER.get(short_name(name), short_name(name))
        items.append(asked(line((f"{tier} ", QUIET), amount(figures, name)), name))
    return flowed(items, width, gap="  ")


_FIT_WORDS = {"yes": "fits", "tight": "fits tightly", "no": "DOES NOT FIT"}


@of_figures
def draw_memory(figures: Figures, width: int) -> Lines:
    """Return what fills the fullest chip, against what software sees of its memory."""
    share = memory_share(figures)
    word = fit_word(share)
    does_fit = word != "no"
    head = line(
        ("MEMORY ", HEADING),
        _strong(figures, "memory.per_chip_bytes", 3),
        " of ",
        asked(line(amount(figures, "memory.usable_bytes", 3)), "memory.usable_bytes"),
    )
    told = line((f"{numbers.percent(share)} {_FIT_WORDS[word]}", GOOD if does_fit else BAD))
    room = width - head.cell_length - told.cell_length - 3
    bar = gauge(share, min(30, room if room >= 8 else width), GOOD if does_fit else BAD)
    heads = [line(head, " ", told)] if room >= -2 else [head, told]
    return [
        *flowed([*heads, bar], width, gap="  "),
        *flowed(_parts(figures, "memory.parts"), width, gap="  "),
    ]


def layout_items(figures: Figures) -> list[Content]:
    """Return the layout in words, degrees of one left out except those that people look for."""
    degree = {
        name: int(figures.number(f"strategy.{name}"))
        for name in ("tp", "pp", "vpp", "dp", "cp", "ep", "microbatch", "zero")
    }
    virtual = degree.pop("vpp")
    shown = {
        name: f"{name} {value}" for name, value in degree.items() if name not in RARE_DEGREES or value > 1
    }
    shown["pp"] += f" x {virtual}" if virtual > 1 else ""
    if change := figures.p50("strategy.batch_change"):
        batch = numbers.count(figures.number("strategy.batch"))
        sign = "+" if change > 0 else ""
        shown["batch_change"] = f"batch {batch} ({sign}{numbers.percent(change)})"
    shown["recompute"] = f"recompute {figures.words('strategy.recompute')}"
    shown["schedule"] = str(figures.words("strategy.schedule"))
    return [asked(line((text, STRONG)), f"strategy.{name}") for name, text in shown.items()]


def draw_layout(view: View, width: int) -> Lines:
    """Return the parallel layout and how far behind the next best one is."""
    figures = view.figures
    if figures is None:
        return []
    if view.estimate.is_joint:
        return _layouts_of_pools(figures, width)
    first, *others = layout_items(figures)
    is_given = figures.words("strategy.origin") == "given"
    note = "given" if is_given else f"best of {numbers.count(view.estimate.candidates)}"
    behind = figures.p50("strategy.runner_up")
    if behind is not None and behind < 0.0:
        count = numbers.count(view.estimate.candidates)
        note = f"as people run, of {count}; fastest {amount(figures, 'strategy.runner_up')}"
    elif behind is not None:
        note += f", 2nd best +{amount(figures, 'strategy.runner_up')}"
    items = [line(("LAYOUT ", HEADING), first), *others, line((f"({note})", QUIET))]
    return flowed(items, width, gap="  ")


def _layouts_of_pools(figures: Figures, width: int) -> Lines:
    """Return the layout of each pool that trains with others."""
    from planner.quantities.joined import members_of  # noqa: PLC0415 - the engine comes with it

    lines: Lines = []
    for number, own in enumerate(members_of(figures)):
        head = line(("LAYOUT " if not number else "       ", HEADING), (own.setting.pool.pool.id, STRONG))
        lines += flowed([head, *layout_items(own)], width, gap="  ", indent=7 if number else 0)
    return lines


@of_figures
def draw_power(figures: Figures, width: int) -> Lines:
    """Return power from the chips to the meter, with energy, carbon and water."""
    whole = asked(line((banded(figures, "power.facility_w"), STRONG)), "power.facility_w")
    items = [line(("POWER ", HEADING), whole, " at the meter"), *_parts(figures, "power.parts")]
    if figures.p50("power.peak_facility_w") is not None:
        items.append(_quiet("power.peak_facility_w", f"peak {amount(figures, 'power.peak_facility_w')}"))
    for name in ENERGY:
        if figures.p50(name) is not None:
            aside = " embodied" if name == "carbon_embodied_t" else ""
            items.append(_quiet(name, amount(figures, name) + aside))
    lines = flowed(items, width, gap="  ")
    for text in figures.gaps("power.facility_w"):
        lines += wrapped(text, width, first=("  * ", QUIET), style=QUIET)
    return lines


def _quiet(identifier: str, text: str) -> Content:
    """Return what stands aside of the figures before it, to be asked about."""
    return asked(line((text, QUIET)), identifier)


@of_figures
def draw_money(figures: Figures, width: int) -> Lines:
    """Return this run's money and the purchase; what has no price is named, never zero."""
    whole = asked(line((banded(figures, "cost.total"), STRONG)), "cost.total")
    items = [line(("MONEY ", HEADING), whole, " this run"), *_parts(figures, "cost.parts")]
    if figures.p50("cost.per_million_tokens") is not None:
        each = f"{amount(figures, 'cost.per_million_tokens')} {short_name('cost.per_million_tokens')}"
        items.append(_quiet("cost.per_million_tokens", each))
    lines = flowed(items, width, gap="  ")
    missing = figures.left_out("cost.total")
    if missing:
        text = f"without a known price: {listed(missing, 6)}; m opens the ledger"
        lines += wrapped(text, width, first=("  * ", QUIET), style=QUIET)
    return lines


@of_figures
def draw_rate(figures: Figures, width: int) -> Lines:
    """Return tokens per second, goodput and the convention behind the MFU."""
    per_chip = f"{amount(figures, 'tokens_per_second_per_chip')} per chip"
    peak = amount(figures, "mfu.peak_flops_per_s", 3)
    counted = f"MFU counts {figures.words('mfu.convention')}, of {figures.words('mfu.peak_datatype')} {peak}"
    items = [
        line(("RATE ", HEADING), _strong(figures, "tokens_per_second")),
        asked(line(per_chip), "tokens_per_second_per_chip"),
        asked(line(f"goodput {amount(figures, 'goodput')}"), "goodput"),
        line((counted, QUIET)),
    ]
    if (of_16_bit := figures.p50("mfu.of_16_bit")) is not None:
        items.append(_quiet("mfu.of_16_bit", f"MFU of the 16-bit peak {numbers.percent(of_16_bit)}"))
    return flowed(items, width, gap="  ")


@of_figures
def draw_phases(figures: Figures, width: int) -> Lines:
    """Return each phase by itself, where there are several: a headline of its own, and its layout."""
    lines: Lines = []
    for number, phase in enumerate(figures.phases(), start=1):
        items = [
            line(column(f"{number}", 2, STRONG), f"{numbers.count(phase.number('workload.tokens'))} tokens"),
            line(f"{numbers.decimal(phase.number('phase_days'), 3)} days"),
            line(amount(phase, "tokens_per_second")),
            line(f"MFU {amount(phase, 'mfu')}"),
            line(f"step {amount(phase, 'step.seconds')}"),
            *(line((item.plain, QUIET)) for item in layout_items(phase)),
        ]
        lines += flowed(items, width, gap="  ", indent=2)
    return [line(("PHASES ", HEADING), ("each alone", QUIET)), *lines] if lines else []


def draw_targets(view: View, width: int) -> Lines:
    """Return each target with met or missed in words."""
    lines: Lines = []
    for verdict in view.estimate.targets:
        sign = VERDICT_SIGNS[verdict.verdict]
        style = VERDICT_STYLES[verdict.verdict]
        word = VERDICT_WORDS[verdict.verdict]
        name = TARGET_WORDS.get(verdict.target, words(verdict.target))
        first, *rest = wrapped(
            f"{name} {word}: {verdict.text}", width, first=(f"{sign} ", style or STRONG), style=style
        )
        against = verdict.quantity
        lines += [asked(first, against) if against else first, *rest]
    return [line(("TARGETS", HEADING)), *lines] if lines else []


def draw_pools(view: View, width: int) -> Lines:
    """Return each pool by itself, where there are several."""
    pools = view.estimate.pools
    if len(pools) < 2:
        return []
    lines = [line(("POOLS ", HEADING), ("each alone", QUIET))]
    for pool in pools:
        lines += _pool_lines(pool, width)
    return lines


def _pool_lines(pool: PoolEstimate, width: int) -> Lines:
    mark = f"  {MARKS[pool.maturity]}" if MARKS[pool.maturity] else ""
    head = line(column(pool.id, 12, STRONG), f"{numbers.count(pool.chips)} x {pool.chip_name}", (mark, BAD))
    figures = pool.figures
    if figures is None:
        lines = [fitted(head, width)]
        for reason in pool.reasons:
            lines += wrapped(reason, width, first=("  x ", BAD))
        return lines
    texts = {
        "training_days": f"{numbers.days(figures.band('training_days'))} days",
        "mfu": f"MFU {amount(figures, 'mfu')} {peak_words(figures)}".rstrip(),
        "power.facility_w": banded(figures, "power.facility_w"),
        "cost.total": banded(figures, "cost.total"),
    }
    shown = [asked(line(text), name, pool.id) for name, text in texts.items()]
    return [fitted(head, width), *flowed(shown, width, indent=2)]


def draw_warnings(view: View, width: int) -> Lines:
    """Return what does not block but should be known."""
    lines: Lines = []
    for pool in view.estimate.pools:
        if WARNINGS[pool.maturity]:
            text = f"{pool.system_name} {WARNINGS[pool.maturity]}"
            lines += wrapped(text, width, first=("! ", BAD))
    for warning in view.estimate.warnings:
        lines += wrapped(warning, width, first=("! ", BAD))
    return [line(("WARNINGS", HEADING)), *lines] if lines else []


#: The panels of the estimate pane, in order.
PANELS = (
    draw_reasons,
    draw_split,
    draw_post_training,
    draw_phases,
    draw_pilots,
    draw_step,
    draw_interconnect,
    draw_memory,
    draw_layout,
    draw_power,
    draw_money,
    draw_calendar,
    draw_targets,
    draw_pools,
    draw_rate,
    draw_warnings,
)


def draw_details(view: View, width: int, height: int) -> Lines:
    """Return all panels one under the other, with empty lines between them where the height allows.

    Empty lines follow up to the height, or to a whole multiple of `STRIDE` where there is more to scroll: a
    text that keeps its height needs no new layout.
    """
    panels = [lines for lines in (draw(view, width) for draw in PANELS) if lines]
    is_roomy = sum(len(lines) for lines in panels) + len(panels) < height
    shown: Lines = []
    for lines in panels:
        shown += [Content("")] if is_roomy else []
        shown += [fitted(row, width) for row in lines]
    wanted = height if len(shown) <= height else -(-len(shown) // STRIDE) * STRIDE
    return shown + [Content("")] * (wanted - len(shown))
