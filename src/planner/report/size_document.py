"""The smallest clusters as a document: the systems ranked, what binds the others, and the proof of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.exploring.sizes import SystemAnswer, ranked
from planner.exploring.targets import Targets
from planner.quantities.evaluation import Figures
from planner.report import numbers
from planner.report.document import (
    GAP,
    Block,
    Cell,
    Entries,
    Heading,
    Item,
    Items,
    Paragraph,
    Summary,
    Table,
    document,
    entries,
)
from planner.report.figures import numbers_of
from planner.report.layout_blocks import batch_change_words, layout_words
from planner.report.size_words import (
    below_words,
    binds_words,
    bound_words,
    compliance_words,
    confidence_words,
    short_words,
    targets_words,
    why_words,
)
from planner.report.words import counted, listed
from planner.units import WATTS_PER_MW

#: Answers that are told in detail where several are asked for.
_DETAILED = 2
_LABEL_WIDTH = 12
_USD_PER_M = 1e6
LEGEND = (
    "best first: the least power at the meter; money in M USD, *: something has no price",
    "rules: the severest note, ? where one waits for input; planning information, not legal advice",
)


@document
def size_document(plan_name: str, answers: Sequence[SystemAnswer], targets: Targets) -> Iterator[Block]:
    """Yield the smallest count of each system that meets the targets, and what stands in the others' way."""
    shown = ranked(answers)
    able = [answer for answer in shown if answer.is_feasible]
    yield Heading(
        f"Smallest clusters for {plan_name}",
        f"{targets_words(targets)}, at {confidence_words(targets)}",
        level=1,
    )
    if able:
        yield _table(able, targets)
        yield Items(tuple(Item(text, role="quiet") for text in LEGEND), indent=0)
    missing = [answer for answer in shown if not answer.is_feasible and answer.binds != "profile"]
    if missing:
        yield from _missing(missing, targets)
    unknown = [answer for answer in shown if answer.binds == "profile"]
    if unknown:
        yield Heading("Cannot be planned", counted(len(unknown), "system"))
        yield Items(tuple(Item(f"{answer.system_name}: {answer.why}", role="quiet") for answer in unknown))
    for answer in able[: 1 if len(able) > _DETAILED else _DETAILED]:
        yield from _detail(answer, targets)
    yield _summary(able, shown, targets)


def _table(able: Sequence[SystemAnswer], targets: Targets) -> Table:
    return Table(
        size_header(targets), tuple(size_cells(answer) for answer in able), right=frozenset(range(1, 7))
    )


#: Of money to buy and to run.
MONEY_TITLES = ("buy M USD", "run M USD")


def size_header(targets: Targets) -> tuple[str, ...]:
    """Return the titles of the columns of answers."""
    return "system", "count", "chips", f"{confidence_words(targets)} days", "MW", *MONEY_TITLES, "rules"


def size_cells(answer: SystemAnswer) -> tuple[Cell, ...]:
    """Return the cells of an answer that meets the targets, as `size_header` calls them."""
    figures = _figures(answer)
    return (
        Cell(answer.system_name, short=answer.system_id),
        Cell(numbers.count(answer.count), numbers_of((answer.count,))),
        Cell(numbers.count(answer.chips), numbers_of((answer.chips,))),
        days_cell(answer.days),
        *power_and_money_cells(figures),
        Cell(compliance_words(answer.estimate)),
    )


def days_cell(days: float | None) -> Cell:
    """Return days, or steps of a day."""
    return Cell(numbers.decimal(days, 3), numbers_of((days,)))


def power_and_money_cells(figures: Figures) -> tuple[Cell, Cell, Cell]:
    """Return MW at the meter, and M USD to buy and to run."""
    power = figures.p50("power.facility_w")
    return (
        Cell(_scaled(power, WATTS_PER_MW), numbers_of((power,), numbers.POWER)),
        _money(figures, "cost.capex"),
        _money(figures, "cost.total"),
    )


def _money(figures: Figures, identifier: str) -> Cell:
    value = figures.p50(identifier)
    if value is None:
        return Cell(numbers.UNKNOWN)
    mark = numbers.ASSUMED_MARK if figures.left_out(identifier) else ""
    return Cell(_scaled(value, _USD_PER_M) + mark, numbers_of((value,), numbers.MONEY))


def _scaled(value: float | None, unit: float) -> str:
    return numbers.decimal(None if value is None else value / unit, 3)


def _figures(answer: SystemAnswer) -> Figures:
    assert answer.estimate is not None  # every answer has one
    assert answer.estimate.figures is not None  # which runs
    return answer.estimate.figures


def _missing(missing: Sequence[SystemAnswer], targets: Targets) -> Iterator[Block]:
    yield Heading("No count of these meets it", counted(len(missing), "system"))
    yield Items(
        tuple(
            Item(
                f"{answer.system_name}: {binds_words(answer)}, over by {short_words(answer)}: "
                f"{why_words(answer, targets)}"
            )
            for answer in missing
        )
    )


def _detail(answer: SystemAnswer, targets: Targets) -> Iterator[Block]:
    figures, certificate = _figures(answer), answer.certificate
    assert certificate is not None  # every answer has one
    systems = f"{numbers.count(answer.count)} x {answer.system_name}"
    yield Heading(systems, counted(answer.chips or 0, "chip"))
    passed = figures.words("strategy.runner_up_layout")
    ratio = figures.p50("strategy.runner_up")
    runner_up = ""
    if passed and ratio:
        runner_up = f"{passed} ({numbers.percent(abs(ratio))} {_longer(ratio)} a step)"
        runner_up += f": {figures.words('strategy.runner_up_seldom')}" if ratio < 0.0 else ""
    idle = int((answer.chips or 0) - figures.number("strategy.chips_used"))
    rows = (
        ("days", numbers.days(figures.band("training_days"))),
        ("power", numbers.banded(figures.band("power.facility_w"), numbers.POWER)),
        ("purchase", money_words(figures, "cost.capex")),
        ("this run", money_words(figures, "cost.total")),
        ("layout", layout_words(figures)),
        ("batch", batch_change_words(figures)),
        ("idle", f"{counted(idle, 'chip')} of the last system" if idle else ""),
        ("runner-up", runner_up),
        ("compliance", _notes(answer)),
    )
    yield entries(((label, text) for label, text in rows if text), _LABEL_WIDTH)
    yield GAP
    yield _proof(answer, targets)
    if answer.changes:
        yield GAP
        yield Items(tuple(Item(f"changed along: {change}", role="quiet") for change in answer.changes))
    if answer.estimate is not None:
        yield Items(tuple(Item(warning, "!") for warning in answer.estimate.warnings))


def _proof(answer: SystemAnswer, targets: Targets) -> Entries:
    days = f"{numbers.decimal(answer.days, 4)} days at {confidence_words(targets)}"
    return entries(
        (
            ("proof", f"{counted(answer.count or 0, 'system')}: {days}, every target is met"),
            ("", below_words(answer, targets)),
            ("", bound_words(answer)),
        ),
        _LABEL_WIDTH,
    )


def money_words(figures: Figures, identifier: str) -> str:
    """Return an amount in its band, and what has no price in it."""
    band = figures.band(identifier)
    text = numbers.banded(band, numbers.MONEY)
    missing = figures.left_out(identifier)
    return f"{text} without: {listed(missing)}" if missing and band is not None else text


def _longer(ratio: float) -> str:
    return "longer" if ratio > 0.0 else "shorter"


def _notes(answer: SystemAnswer) -> str:
    estimate = answer.estimate
    if estimate is None:
        return ""
    notes = estimate.compliance.notes
    asked = [need.field for need in estimate.compliance.needs_input]
    severest = f"{compliance_words(estimate)}: {counted(len(notes), 'note')}"
    told = severest if notes else "no note; that is no clearance"
    return f"{told}; needs input: {listed(asked)}" if asked else told


def _summary(
    able: Sequence[SystemAnswer], shown: Sequence[SystemAnswer], targets: Targets
) -> Summary | Paragraph:
    if not able:
        return Summary("No system that was asked about meets the targets", why_words(shown[0], targets))
    first = able[0]
    figures = _figures(first)
    headline = f"{numbers.count(first.count)} x {first.system_name} = {counted(first.chips or 0, 'chip')}"
    detail = (
        f"{numbers.decimal(first.days, 3)} days at {confidence_words(targets)}, "
        f"{numbers.quantity(figures.p50('power.facility_w'), numbers.POWER)} at the meter"
    )
    if len(able) > 1:
        second = able[1]
        detail += f"; runner-up: {numbers.count(second.count)} x {second.system_name}"
    return Summary(headline, detail)
