"""What lists show of each kind of profile between its name and its origin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planner.domain.evidence import Sourced, value_of
from planner.domain.maturity import MARKS
from planner.report import numbers
from planner.report.numbers import UNKNOWN
from planner.report.words import SEVERITIES, words


def _number(figure: Sourced[float] | None, factor: float = 1.0, digits: int = 4) -> str:
    """Return a figure in the unit of its column, so that a column can be read down."""
    value = value_of(figure)
    return numbers.trimmed(None if value is None else value / factor, numbers.ONE, digits)


def _chip(chip: Any) -> tuple[str, ...]:
    peak = chip.peak_dense_flops_per_s.get("bf16") or chip.peak_dense_flops_per_s.get("fp16")
    return (
        _number(peak, 1e12),
        _number(chip.memory.capacity_bytes, 1e9, 3),
        _number(chip.tdp_w),
        MARKS[chip.maturity],
    )


def _system(system: Any) -> tuple[str, ...]:
    power = _number(system.max_power_w, 1e3)
    return f"{system.chips_per_system:,}", power, system.chip, MARKS[system.maturity]


def _fabric(fabric: Any) -> tuple[str, ...]:
    return _number(fabric.port_bytes_per_s, 1e9 / 8), fabric.kind


def _stack(stack: Any) -> tuple[str, ...]:
    return str(stack.year), stack.platform, "default" if stack.is_default else ""


def _model(model: Any) -> tuple[str, ...]:
    active = numbers.count(value_of(model.published_active_parameters))
    return (
        numbers.count(value_of(model.published_parameters)),
        "dense" if model.architecture and model.architecture.mixture is None else active,
        numbers.count(value_of(model.training_tokens)),
        model.developer,
    )


def _site(site: Any) -> tuple[str, ...]:
    price = value_of(site.electricity_usd_per_kwh)
    pue = value_of(site.pue)
    shown = UNKNOWN if price is None else f"{getattr(price, 'middle', price):.3f}"
    return UNKNOWN if pue is None else f"{pue:.2f}", shown, site.country


def _price(price: Any) -> tuple[str, ...]:
    days = [quote.date for quote in price.quotes if quote.date]
    return f"{len(price.quotes)}", price.per, price.currency, numbers.date(max(days)) if days else UNKNOWN


def _rule(rule: Any) -> tuple[str, ...]:
    return rule.jurisdiction, words(rule.severity, SEVERITIES).lower(), words(rule.status)


def _rates(measured: Any) -> tuple[str, ...]:
    demanded = len(measured.demanded_collectives) + len(measured.demanded_rates)
    points = sum(len(curve.points) for curve in measured.curves) + len(measured.rates)
    return f"{points}", f"{demanded}", measured.chip


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table of one kind shows between the name and the origin; the first `numeric` are numbers."""

    names: tuple[str, ...]
    numeric: int
    cells: Callable[[Any], tuple[str, ...]]


COLUMNS = {
    "chips": Columns(("bf16 TFLOP/s", "GB", "TDP W", ""), 3, _chip),
    "systems": Columns(("chips", "max kW", "chip", ""), 2, _system),
    "fabrics": Columns(("port Gb/s", "kind"), 1, _fabric),
    "stacks": Columns(("year", "platform", ""), 1, _stack),
    "models": Columns(("parameters", "active", "tokens", "developer"), 3, _model),
    "sites": Columns(("PUE", "USD/kWh", "country"), 2, _site),
    "rules": Columns(("where", "severity", "status"), 0, _rule),
    "collectives": Columns(("measured", "asked", "chip"), 2, _rates),
    "prices": Columns(("quotes", "per", "currency", "newest"), 1, _price),
}
_NONE = Columns((), 0, lambda _profile: ())


def columns_of(kind: str) -> Columns:
    """Return the columns of a kind."""
    return COLUMNS.get(kind, _NONE)
