"""The section of an estimate that tells of money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate
from planner.quantities.currency import told_in
from planner.quantities.evaluation import Figures
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.currency_words import currency_entries
from planner.report.document import Block, Entries, Entry, Heading
from planner.report.figures import scales_of, told
from planner.report.page import glue

_LABEL_WIDTH = 13
#: Told as unknown too; of the others nothing is said.
_ALWAYS = ("cost.capex", "cost.total", "cost.per_million_tokens")
_COST = (
    "cost.capex",
    "cost.first_year",
    "cost.life",
    "cost.total",
    "cost.per_million_tokens",
    "cost.per_chip_hour",
)


def cost_blocks(figures: Figures) -> Iterator[Block]:
    """Yield the money of an estimate, and by name what has no price."""
    unknown = tuple(dict.fromkeys((*figures.left_out("cost.total"), *figures.left_out("cost.life"))))
    rate = told_in(figures.setting)
    yield Heading("Cost", "only what has a known price" if unknown else "")
    known = [name for name in _COST if name in _ALWAYS or figures[name].is_known]
    rows = [told(figures, identifier) for identifier in known]
    parts = figures.parts("cost.parts")
    shares = {name: value for name, value in parts.items() if name != "purchase" and value > 0}
    rows += [amounts("of this run", "cost.parts", shares, rate)] if shares else []
    rows += [Entry("* no price", ", ".join(unknown))] if unknown else []
    rows += [Entry("* assumed", ", ".join(assumed))] if (assumed := figures.assumed("cost.life")) else []
    yield Entries((*rows, *currency_entries(figures.setting)), _LABEL_WIDTH)


def amounts(label: str, whole: str, parts: Mapping[str, float], rate: ExchangeRate = NO_EXCHANGE) -> Entry:
    """Return the parts of a whole beside each other, by their short titles."""
    texts = []
    for name, value in parts.items():
        made = TABLE[f"{whole}.{name}"]
        texts.append(glue(f"{made.short} {numbers.quantity(value, scales_of(made.unit, rate))}"))
    return Entry(label, ", ".join(texts))
