"""Power, energy, carbon, water and money as text: what is known, and by name what is not."""

from __future__ import annotations

from collections.abc import Mapping

from planner.planning.result import Cost, Performance, Power
from planner.report import numbers
from planner.report.numbers import UNKNOWN
from planner.report.page import Page, glue
from planner.report.words import words

_LABEL_WIDTH = 13


def add_power(page: Page, power: Power) -> None:
    """Add the way from the chips to the meter."""
    page.heading("POWER", "average while training, from chip to meter")
    rows = (
        ("chips", numbers.banded(power.chips_w, numbers.POWER)),
        ("all IT", numbers.banded(power.it_w, numbers.POWER)),
        ("at the meter", numbers.banded(power.facility_w, numbers.POWER)),
        ("peak", numbers.quantity(power.peak_facility_w, numbers.POWER)),
    )
    for label, text in rows:
        page.entry(label, text, _LABEL_WIDTH)
    if power.parts:
        page.entry("in parts", _parts(power.parts, numbers.POWER), _LABEL_WIDTH)
    for missing in power.unknown:
        page.entry("* assumed", missing, _LABEL_WIDTH)


def add_energy(page: Page, performance: Performance) -> None:
    """Add what the whole run takes from the grid and the river."""
    page.heading("ENERGY", "of the whole run")
    rows = (
        ("energy", numbers.banded(performance.energy_mwh, numbers.ENERGY_MWH)),
        ("per token", numbers.banded(performance.joules_per_token, numbers.JOULES_PER_TOKEN)),
        ("carbon", numbers.banded(performance.carbon_t, numbers.CARBON_T)),
        ("water", numbers.banded(performance.water_m3, numbers.WATER_M3)),
    )
    known = [(label, text) for label, text in rows if text != UNKNOWN]
    for label, text in known:
        page.entry(label, text, _LABEL_WIDTH)
    missing = [label for label, text in rows if text == UNKNOWN]
    if missing:
        page.entry("unknown", ", ".join(missing), _LABEL_WIDTH)


def add_cost(page: Page, cost: Cost) -> None:
    """Add the money, and by name what has no price."""
    page.heading("COST", "only what has a known price" if cost.unknown else "")
    rows = (
        ("purchase", numbers.banded(cost.capex, numbers.MONEY)),
        ("electricity", numbers.banded(cost.opex, numbers.MONEY)),
        ("this run", numbers.banded(cost.total, numbers.MONEY)),
        ("per token", numbers.banded(cost.per_million_tokens, numbers.MONEY_PER_MILLION_TOKENS)),
    )
    for label, text in rows:
        page.entry(label, text, _LABEL_WIDTH)
    shares = {key: value for key, value in cost.parts.items() if key != "purchase" and value > 0}
    if shares:
        page.entry("of this run", _parts(shares, numbers.MONEY), _LABEL_WIDTH)
    for missing in cost.unknown:
        page.entry("* no price", missing, _LABEL_WIDTH)


def _parts(parts: Mapping[str, float], scales: tuple[numbers.Scale, ...]) -> str:
    return ", ".join(glue(f"{words(key)} {numbers.quantity(value, scales)}") for key, value in parts.items())
