"""Power, energy, carbon, water and money: what is known, and by name what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.planning.result import Cost, Performance, Power
from planner.report import numbers
from planner.report.document import Block, Entries, Entry, Heading
from planner.report.figures import figure, numbers_of
from planner.report.numbers import UNKNOWN
from planner.report.page import glue
from planner.report.words import words

_LABEL_WIDTH = 13


def power_blocks(power: Power) -> Iterator[Block]:
    """Yield the way from the chips to the meter."""
    yield Heading("Power", "average while training, from chip to meter")
    peak = numbers.quantity(power.peak_facility_w, numbers.POWER)
    told = [
        figure("chips", power.chips_w, numbers.POWER),
        figure("all IT", power.it_w, numbers.POWER),
        figure("at the meter", power.facility_w, numbers.POWER),
        Entry("peak", peak, numbers=numbers_of((power.peak_facility_w,), numbers.POWER)),
    ]
    told += [_parts("in parts", power.parts, numbers.POWER)] if power.parts else []
    told += [Entry("* assumed", missing) for missing in power.unknown]
    yield Entries(tuple(told), _LABEL_WIDTH)


def energy_blocks(performance: Performance) -> Iterator[Block]:
    """Yield what the whole run takes from the grid and the river."""
    yield Heading("Energy", "of the whole run")
    rows = (
        figure("energy", performance.energy_mwh, numbers.ENERGY_MWH),
        figure("per token", performance.joules_per_token, numbers.JOULES_PER_TOKEN),
        figure("carbon", performance.carbon_t, numbers.CARBON_T),
        figure("water", performance.water_m3, numbers.WATER_M3),
    )
    told = [row for row in rows if row.text != UNKNOWN]
    missing = [row.label for row in rows if row.text == UNKNOWN]
    told += [Entry("unknown", ", ".join(missing))] if missing else []
    yield Entries(tuple(told), _LABEL_WIDTH)


def cost_blocks(cost: Cost) -> Iterator[Block]:
    """Yield the money, and by name what has no price."""
    yield Heading("Cost", "only what has a known price" if cost.unknown else "")
    told = [
        figure("purchase", cost.capex, numbers.MONEY),
        figure("electricity", cost.opex, numbers.MONEY),
        figure("this run", cost.total, numbers.MONEY),
        figure("per token", cost.per_million_tokens, numbers.MONEY_PER_MILLION_TOKENS),
    ]
    shares = {key: value for key, value in cost.parts.items() if key != "purchase" and value > 0}
    told += [_parts("of this run", shares, numbers.MONEY)] if shares else []
    told += [Entry("* no price", missing) for missing in cost.unknown]
    yield Entries(tuple(told), _LABEL_WIDTH)


def _parts(label: str, parts: Mapping[str, float], scales: tuple[numbers.Scale, ...]) -> Entry:
    told = (glue(f"{words(key)} {numbers.quantity(value, scales)}") for key, value in parts.items())
    return Entry(label, ", ".join(told))
