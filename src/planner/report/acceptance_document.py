"""A schedule of acceptance: what is tested, what is expected and asked, and what a missing percent costs."""

from __future__ import annotations

from collections.abc import Iterator

from planner.acceptance.lines import ROLLOUT_PREFIX, Line
from planner.acceptance.schedule import Schedule
from planner.report import numbers
from planner.report.acceptance_json import schedule_to_dict
from planner.report.document import (
    Bar,
    Bars,
    Block,
    Cell,
    Heading,
    Item,
    Items,
    Paragraph,
    Table,
    document,
    entries,
)
from planner.report.export import Exported
from planner.report.rates_validation_document import size_text
from planner.units import HOURS_PER_DAY

_WHERE = {"node": "each node", "group": "each group", "whole": "the whole"}
_GROUNDS = {
    "curve": "measured",
    "carried": "measured, carried further",
    "engine": "from the wires*",
    "plan": "the plan's",
}
#: What is shorter is told in hours.
_SHORT_DAYS = 0.01
DEFINITIONS = (
    "Bus bandwidth is size over time, times 2(n - 1)/n of an all-reduce and (n - 1)/n of an all-gather, a "
    "reduce-scatter or an all-to-all of n ranks; where switches add, it may exceed the wire.",
    "The base value is what both sides sign after the seller has shown it on like systems: number, tool, "
    "version, size, ranks, nodes, mean of the repetitions, and power limit. Until then the expected value "
    "stands in for it, and a sound system fails with the chance shown.",
    "A threshold is a share of the base value by which no more than the seller's risk of what is sound "
    "fails; the buyer's risk is the chance that what lacks a tenth passes.",
    "The price in proportion is the share of the systems' price, or of their rent, at which the buyer's "
    "money for the same work is what it was; it is told for each missing percent, and adds up over lines.",
    "Delay has damages and a cap of their own, apart from those for performance.",
    "A node or group that fails is tested again beside one that passed, once, within the cure period.",
)


def exported_schedule(schedule: Schedule) -> Exported:
    """Return a schedule in all its forms."""
    return Exported(lambda: acceptance_document(schedule), lambda: schedule_to_dict(schedule))


def amount_text(line: Line, value: float | None) -> str:
    """Return an amount in the unit that the line's tool prints."""
    if value is None:
        return "ask the vendor"
    number, unit = _amount(line, value)
    return f"{number}{unit}"


def _amount(line: Line, value: float) -> tuple[str, str]:
    """Return an amount, and what it is in."""
    if line.unit == "FLOP/s":
        return numbers.decimal(value / 1e12, 3), " TFLOP/s"
    if line.unit == "B/s":
        return numbers.decimal(value / 1e9, 3), " GB/s"
    if line.unit in ("tokens/s", "tokens"):
        return numbers.count(value), f" {line.unit}"
    return (numbers.percent(value, 3), "") if line.unit == "share" else (f"{value:,.3g}", "")


def _band_text(line: Line) -> str:
    expected = line.expected
    if expected is None:
        return "ask the vendor"
    if expected.log_spread <= 0:
        return amount_text(line, expected.rate)
    (low, _), (middle, unit), (high, _) = (
        _amount(line, value) for value in (expected.low, expected.rate, expected.high)
    )
    return f"{middle} [{low}..{high}]{unit}"


def money_text(usd: float | None) -> str:
    """Return what something costs, or that nobody knows."""
    return "unknown" if usd is None else f"{numbers.count(usd)} USD"


def cost_text(line: Line, days_word: str = "days") -> str:
    """Return what a missing percent of a line costs."""
    days = line.cost.days
    is_short = 0.0 < abs(days) < _SHORT_DAYS
    time = f"{days * HOURS_PER_DAY:+.2g} h" if is_short else f"{days:+.2f} {days_word}"
    return f"{time}, {money_text(line.cost.usd)}"


@document
def acceptance_document(schedule: Schedule) -> Iterator[Block]:
    """Yield the lines as a table, each in full, and what a missing percent costs."""
    yield Paragraph(f"{schedule.plan_name}: acceptance", indent=0, role="title")
    seller, buyer = numbers.percent(schedule.risk_seller), numbers.percent(schedule.risk_buyer)
    yield Heading("Lines", f"seller's risk {seller}, buyer's {buyer}; * nobody measured such a thing")
    header = ("line", "where", "expected", "threshold", "a percent costs")
    for pool in schedule.pools or (None,):
        lines = tuple(line for line in schedule.lines if line.pool == pool)
        if pool is not None:
            yield Heading(f"Pool '{pool}'", _role_of(schedule, pool), level=3)
        yield Table(header, tuple(_row(line) for line in lines))
    for line in schedule.lines:
        yield Heading(line.title, line.id, level=3)
        yield entries(_details(line), 12)
    yield Heading("What a missing percent costs", f"of {schedule.days:,.1f} days, line by line")
    dearest = max((line.cost.days for line in schedule.lines), default=0.0)
    yield Bars(
        tuple(
            Bar(
                line.id,
                max(line.cost.days, 0.0) / dearest if dearest > 0 else 0.0,
                cost_text(line),
            )
            for line in schedule.by_cost
        ),
        max((len(line.id) for line in schedule.lines), default=0),
    )
    if schedule.asked:
        yield Heading("Ask the vendor", "nothing was measured near by")
        yield Items(tuple(Item(question_of(line)) for line in schedule.asked))
    if schedule.untested:
        yield Heading("Not tested", f"{len(schedule.untested)} of the plan's pools")
        yield Items(tuple(Item(text) for text in schedule.untested))
    if schedule.not_needed:
        yield Heading("Agreed, and not tested", "this job needs no such line")
        yield Items(tuple(Item(name) for name in schedule.not_needed))
    yield Heading("Definitions", "so that both sides mean one number")
    yield Items(tuple(Item(text) for text in DEFINITIONS))


def _role_of(schedule: Schedule, pool: str) -> str:
    """Return what a pool does, and where it costs no days, why: the other one is the slower."""
    if pool == schedule.pool:
        return "which learns"
    whole = schedule.line(f"{ROLLOUT_PREFIX}reference")
    waits = whole is not None and whole.cost.days == 0.0
    return "which generates" + (
        "; it waits for the other, so that a slower rollout costs no days" if waits else ""
    )


def question_of(line: Line) -> str:
    """Return what the vendor is asked where nobody measured what a line expects."""
    at = f" at {size_text(line.size_bytes)}" if line.size_bytes else ""
    tool = f", by {line.tool.name} and its version" if line.tool else ", and by which tool"
    costs = cost_text(line).split(",")[0].lstrip("+")
    of = f" of pool '{line.pool}'" if line.pool is not None else ""
    return f"What does {line.title}{at} reach on your systems{of}{tool}? A missing percent costs {costs}."


def _row(line: Line) -> tuple[Cell, ...]:
    is_engine = line.expected is not None and line.expected.grounding == "engine"
    sign = "at most " if line.is_ceiling else ""
    threshold = line.threshold
    return (
        Cell(line.id),
        Cell(_WHERE[line.where]),
        Cell(amount_text(line, line.expected.rate if line.expected else None) + ("*" if is_engine else "")),
        Cell("-" if threshold is None else sign + amount_text(line, threshold)),
        Cell(cost_text(line, "d")),
    )


def _details(line: Line) -> Iterator[tuple[str, str]]:
    if line.pool is not None:
        yield "pool", line.pool
    if line.size_bytes is not None:
        nodes = f" on {line.nodes:,.0f} node{'' if line.nodes == 1 else 's'}" if line.nodes else ""
        ranks = f", {line.ranks:,.0f} ranks{nodes}" if line.ranks else nodes
        yield "message", f"{size_text(line.size_bytes)}{ranks}"
    if line.tool is not None:
        yield "tool", line.tool.name
        yield "command", line.tool.command
        if line.tool.printed_over_bus != 1.0 and line.expected is not None:
            printed = amount_text(line, line.expected.rate * line.tool.printed_over_bus)
            yield "printed as", f"{printed}: the tool prints size over time, not bus bandwidth"
    else:
        yield "tool", "ask the vendor: no public one is known"
    yield "expected", _band_text(line)
    if line.expected is not None:
        sources = f" [{', '.join(line.expected.sources)}]" if line.expected.sources else ""
        yield "evidence", f"{_GROUNDS[line.expected.grounding]}: {line.expected.basis}{sources}"
    if line.sample is not None:
        of = (
            ""
            if line.is_ceiling
            else f" ({numbers.percent(line.sample.threshold_share, 3)} of the base value)"
        )
        agreed = ", as agreed" if line.agreed_threshold is not None else ""
        most = "at most " if line.is_ceiling else "at least "
        yield "threshold", f"{most}{amount_text(line, line.threshold)}{agreed or of}"
        yield "sample", line.sample.text
        if line.sample.has_risks:
            yield "risks", _risks(line)
    yield "costs", f"a missing percent: {cost_text(line)}"
    if line.cost.cut is not None:
        made_up = f"a missing percent is made up for by {numbers.percent(line.cost.cut, 3)} of the price"
        yield "price", made_up
    yield "needed", line.why
    if line.pays:
        yield "pays", line.pays


def _risks(line: Line) -> str:
    sample = line.sample
    assert sample is not None  # as asked
    slow = "twice the rate" if line.is_ceiling else "a tenth too slow"
    told = (
        f"sound and fails {numbers.percent(sample.seller_risk)}, {slow} and passes "
        f"{numbers.percent(sample.buyer_risk)}"
    )
    if not sample.keeps_both:
        told += "; no sample keeps the buyer's risk"
    if sample.unsigned_risk > sample.seller_risk:
        told += f"; before a base value is signed, sound and fails {numbers.percent(sample.unsigned_risk)}"
    return told
