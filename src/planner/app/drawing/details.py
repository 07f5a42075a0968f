"""The details of an estimate: step, interconnect, memory, layout, power, money, pools, warnings."""

from __future__ import annotations

from textual.content import Content

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
from planner.planning.result import LayoutChoice, Performance, PoolEstimate
from planner.report import numbers
from planner.report.words import STEP_PARTS, VERDICT_SIGNS, VERDICT_WORDS, words

PART_STYLES = {name: f"$part-{index}" for index, name in enumerate(STEP_PARTS, start=1)}
#: Shorter than the report's words: these stand side by side under a bar.
SHORT_PARTS = {
    "memory_bound": "memory",
    "tensor": "tensor",
    "context": "context",
    "expert": "expert",
    "pipeline_p2p": "pipeline",
    "data": "data",
    "bubble": "bubble",
}
SHORT_TIERS = {"scale_up": "in the domain", "scale_out": "over the fabric"}
SHORT_MEMORY = {"optimizer": "optimizer"}
TARGET_WORDS = {
    "finish_by": "date",
    "power_mw": "power",
    "money_usd": "money",
    "site.power_cap_mw": "power cap",
}
#: What each target is held against.
TARGET_QUANTITIES = {
    "finish_by": "training_days",
    "power_mw": "power",
    "money_usd": "cost",
    "site.power_cap_mw": "power",
}
#: What explains a part of the money; the others are parts of the run's sum.
MONEY_QUANTITIES = {"purchase": "cost.capex", "electricity": "cost.opex"}
#: Lines of a text that scrolls come in such steps.
STRIDE = 8
VERDICT_STYLES = {"met": GOOD, "likely": "", "missed": BAD, "unknown": QUIET}


def draw_reasons(view: View, width: int) -> Lines:
    """Return why the plan cannot be had, or that the figures are for one of its pools."""
    if view.performance is not None and len(view.estimate.pools) > 1:
        text = "several pools are not estimated as a whole yet: these figures are for the fastest one alone"
        return wrapped(text, width, first=("! ", BAD), style=STRONG)
    lines: Lines = []
    for reason in view.estimate.reasons if view.performance is None else ():
        lines += wrapped(reason, width, first=("x ", BAD), style=STRONG)
    return lines


def draw_step(view: View, width: int) -> Lines:
    """Return where the time of one step goes."""
    performance = view.performance
    if performance is None:
        return []
    shares = shares_of(performance.step.parts)
    labels = [
        line(
            (_swatch(index), PART_STYLES.get(name, "")),
            " ",
            asked(line(f"{words(name, SHORT_PARTS)} ", (numbers.percent(share), STRONG)), f"step.{name}"),
        )
        for index, (name, share) in enumerate(shares)
    ]
    seconds = numbers.quantity(performance.step.seconds, numbers.DURATION)
    return [
        line(("ONE STEP ", HEADING), asked(line((seconds, STRONG)), "step_seconds")),
        stacked_bar(shares, PART_STYLES, width),
        *flowed(labels, width, gap="  "),
    ]


def _swatch(index: int) -> str:
    return FILLS[index % len(FILLS)]


def draw_interconnect(view: View, width: int) -> Lines:
    """Return the exposed communication as a share of the step, by class and by tier."""
    performance = view.performance
    if performance is None:
        return []
    network = performance.interconnect
    whole = asked(line((numbers.percent(network.fraction), STRONG)), "interconnect")
    items = [line(("INTERCONNECT ", HEADING), whole, " of the step")]
    items += [
        asked(line(f"{words(name, SHORT_PARTS)} ", (numbers.percent(share), STRONG)), f"interconnect.{name}")
        for name, share in network.by_class.items()
        if share > 0
    ]
    items += [
        line((f"{words(name, SHORT_TIERS)} ", QUIET), numbers.percent(share))
        for name, share in network.by_tier.items()
        if share > 0
    ]
    return flowed(items, width, gap="  ")


def draw_memory(view: View, width: int) -> Lines:
    """Return what fills the fullest chip, against its capacity."""
    performance = view.performance
    if performance is None:
        return []
    memory = performance.memory
    share = memory.per_chip_bytes / memory.capacity_bytes
    does_fit = share <= 1
    head = line(
        ("MEMORY ", HEADING),
        asked(line((numbers.quantity(memory.per_chip_bytes, numbers.BYTES, 3), STRONG)), "memory"),
        " of ",
        asked(line(numbers.quantity(memory.capacity_bytes, numbers.BYTES, 3)), "memory.capacity"),
        " ",
        (f"{numbers.percent(share)} " + ("fits" if does_fit else "DOES NOT FIT"), GOOD if does_fit else BAD),
    )
    parts = [
        asked(
            line(f"{words(name, SHORT_MEMORY)} ", (numbers.quantity(value, numbers.BYTES), STRONG)),
            f"memory.{name}",
        )
        for name, value in memory.parts.items()
        if value > 0
    ]
    room = width - head.cell_length - 2
    bar = gauge(share, min(30, room if room >= 8 else width), GOOD if does_fit else BAD)
    return [*flowed([head, bar], width, gap="  "), *flowed(parts, width, gap="  ")]


def layout_words(layout: LayoutChoice) -> list[str]:
    """Return the layout in words, degrees of one left out except those that people look for."""
    pipeline = f"pp {layout.pp}" + (f" x {layout.vpp}" if layout.vpp > 1 else "")
    shown = [f"tp {layout.tp}", pipeline, f"dp {layout.dp}"]
    shown += [f"cp {layout.cp}"] if layout.cp > 1 else []
    shown += [f"ep {layout.ep}"] if layout.ep > 1 else []
    shown += [f"microbatch {layout.microbatch}", f"zero {layout.zero}"]
    return [*shown, f"recompute {layout.recompute}", layout.schedule]


def draw_layout(view: View, width: int) -> Lines:
    """Return the parallel layout and how far behind the next best one is."""
    performance = view.performance
    if performance is None:
        return []
    layout = performance.layout
    items = [line(("LAYOUT ", HEADING), (layout_words(layout)[0], STRONG))]
    items += [line((text, STRONG)) for text in layout_words(layout)[1:]]
    note = "given" if layout.origin == "given" else f"best of {numbers.count(view.estimate.candidates)}"
    if performance.runner_up is not None:
        note += f", 2nd best +{numbers.percent(performance.runner_up)}"
    return flowed([*items, line((f"({note})", QUIET))], width, gap="  ")


def draw_power(view: View, width: int) -> Lines:
    """Return power from the chips to the meter, with energy, carbon and water."""
    performance = view.performance
    if performance is None:
        return []
    power = performance.power
    whole = asked(line((numbers.banded(power.facility_w, numbers.POWER), STRONG)), "power")
    items = [line(("POWER ", HEADING), whole, " at the meter")]
    items += [
        asked(line(f"{words(name)} ", (numbers.quantity(watts, numbers.POWER), STRONG)), f"power.{name}")
        for name, watts in power.parts.items()
        if watts > 0
    ]
    if power.peak_facility_w is not None:
        peak = f"peak {numbers.quantity(power.peak_facility_w, numbers.POWER)}"
        items.append(asked(line((peak, QUIET)), "power.peak"))
    lines = flowed([*items, *_energy_items(performance)], width, gap="  ")
    for text in power.unknown:
        lines += wrapped(text, width, first=("  * ", QUIET), style=QUIET)
    return lines


def _energy_items(performance: Performance) -> list[Content]:
    amounts = (
        ("energy", performance.energy_mwh, numbers.ENERGY_MWH),
        ("joules_per_token", performance.joules_per_token, numbers.JOULES_PER_TOKEN),
        ("carbon", performance.carbon_t, numbers.CARBON_T),
        ("water", performance.water_m3, numbers.WATER_M3),
    )
    return [
        asked(line((numbers.quantity(band.p50, scales), QUIET)), quantity)
        for quantity, band, scales in amounts
        if band is not None
    ]


def draw_money(view: View, width: int) -> Lines:
    """Return this run's money and the purchase; what has no price is named, never zero."""
    performance = view.performance
    if performance is None:
        return []
    cost = performance.cost
    whole = asked(line((numbers.banded(cost.total, numbers.MONEY), STRONG)), "cost")
    items = [line(("MONEY ", HEADING), whole, " this run")]
    items += [
        asked(
            line(f"{words(name)} ", (numbers.quantity(value, numbers.MONEY), STRONG)),
            MONEY_QUANTITIES.get(name, "cost"),
        )
        for name, value in cost.parts.items()
        if value > 0
    ]
    if cost.per_million_tokens is not None:
        each = numbers.quantity(cost.per_million_tokens.p50, numbers.MONEY)
        items.append(asked(line((f"{each} per M tokens", QUIET)), "cost.per_million_tokens"))
    lines = flowed(items, width, gap="  ")
    if cost.unknown:
        lines += wrapped(
            f"without a known price: {', '.join(cost.unknown)}", width, first=("  * ", QUIET), style=QUIET
        )
    return lines


def draw_rate(view: View, width: int) -> Lines:
    """Return tokens per second, goodput and the convention behind the MFU."""
    performance = view.performance
    if performance is None:
        return []
    mfu = performance.mfu
    per_chip = numbers.quantity(performance.tokens_per_second_per_chip.p50, numbers.TOKEN_RATE)
    items = [
        line(
            ("RATE ", HEADING),
            asked(
                line((numbers.quantity(performance.tokens_per_second.p50, numbers.TOKEN_RATE), STRONG)),
                "tokens_per_second",
            ),
        ),
        asked(line(f"{per_chip} per chip"), "tokens_per_second_per_chip"),
        asked(line(f"goodput {numbers.percent(performance.goodput.p50)}"), "goodput"),
        line(
            (
                f"MFU counts {mfu.convention}, of {mfu.peak_datatype} "
                f"{numbers.quantity(mfu.peak_flops_per_s, numbers.FLOPS_PER_S, 3)}",
                QUIET,
            )
        ),
    ]
    return flowed(items, width, gap="  ")


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
        quantity = TARGET_QUANTITIES.get(verdict.target)
        lines += [asked(first, quantity) if quantity else first, *rest]
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
    mark = "  roadmap part" if pool.is_roadmap else ""
    head = line(column(pool.id, 12, STRONG), f"{numbers.count(pool.chips)} x {pool.chip_name}", (mark, BAD))
    performance = pool.performance
    if performance is None:
        lines = [fitted(head, width)]
        for reason in pool.reasons:
            lines += wrapped(reason, width, first=("  x ", BAD))
        return lines
    figures = (
        ("training_days", f"{numbers.days(performance.training_days)} days"),
        ("mfu", f"MFU {numbers.percent(performance.mfu.band.p50)}"),
        ("power", numbers.banded(performance.power.facility_w, numbers.POWER)),
        ("cost", numbers.banded(performance.cost.total, numbers.MONEY)),
    )
    shown = [asked(line(text), quantity, pool.id) for quantity, text in figures]
    return [fitted(head, width), *flowed(shown, width, indent=2)]


def draw_warnings(view: View, width: int) -> Lines:
    """Return what does not block but should be known."""
    lines: Lines = []
    for pool in view.estimate.pools:
        if pool.is_roadmap:
            text = f"{pool.system_name} is a roadmap part: announced figures, nobody has measured one"
            lines += wrapped(text, width, first=("! ", BAD))
    for warning in view.estimate.warnings:
        lines += wrapped(warning, width, first=("! ", BAD))
    return [line(("WARNINGS", HEADING)), *lines] if lines else []


#: The panels of the estimate pane, in order.
PANELS = (
    draw_reasons,
    draw_step,
    draw_interconnect,
    draw_memory,
    draw_layout,
    draw_power,
    draw_money,
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
