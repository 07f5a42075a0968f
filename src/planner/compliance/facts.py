"""Facts about a plan as rules read them, and what is derived from them in the rules' order."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping

from planner.compliance.eccn import CLASS_A, UNDETERMINED_CLASS, classification

#: Field to value; absent and None are unknown.
Facts = Mapping[str, object]

COUNTRY_FIELDS = (
    "chip.designer_country",
    "site.country",
    "buyer.hq_country",
    "buyer.parent_hq_country",
    "supplier.country",
    "export.via",
)
#: Values by which a derivation says that it found no answer.
UNDETERMINED: Mapping[str, str] = {"chip.eccn": UNDETERMINED_CLASS}


def known(facts: Facts, field: str) -> object | None:
    """Return the fact, dates as ISO text, or None where it is unknown; NaN is unknown."""
    value = facts.get(field)
    if isinstance(value, datetime.date):
        return (value.date() if isinstance(value, datetime.datetime) else value).isoformat()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def plain(facts: Facts) -> dict[str, object]:
    """Return the facts that are known, dates as ISO text."""
    return {field: value for field in facts if (value := known(facts, field)) is not None}


def number(facts: Facts, field: str) -> float | None:
    """Return the fact where it is a number; a flag is none."""
    value = known(facts, field)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def derive(facts: Facts) -> dict[str, object]:
    """Return the facts with what follows from them; what is given is kept, what is unknown stays absent.

    In this order: Hong Kong is China; total processing performance; performance density; the export
    control classification; the three marks `chip.oct2022_controlled`, `chip.cn_case_by_case_numbers_ok`
    and `chip.s232_band`.

    Examples
    --------
    >>> derived = derive({"chip.dense": {"16": 376, "8": 752}, "chip.datacenter": True})
    >>> derived["chip.tpp"], derived["chip.eccn"]
    (6016, '3A090.a.1')
    """
    derived = plain(facts)
    for field in COUNTRY_FIELDS:
        if derived.get(field) == "HK":
            derived[field] = "CN"
    for field, rule in (
        ("chip.tpp", _total_processing_performance),
        ("chip.performance_density", _performance_density),
        ("chip.eccn", _classification),
        ("chip.oct2022_controlled", _october_2022),
        ("chip.cn_case_by_case_numbers_ok", _case_by_case_numbers),
        ("chip.s232_band", _section_232_band),
    ):
        if field not in derived:
            value = rule(derived)
            if value is not None:
                derived[field] = value
    return derived


def _total_processing_performance(facts: Facts) -> float | None:
    """Dense operations times bit length, the greatest over the precisions; never rounded."""
    rates = facts.get("chip.dense")
    if not isinstance(rates, Mapping):
        return None
    products = [
        rate * int(bits)
        for bits, rate in rates.items()
        if isinstance(rate, int | float) and not isinstance(rate, bool) and str(bits).isdecimal()
    ]
    return max(products, default=None)


def _performance_density(facts: Facts) -> float | None:
    performance, area = number(facts, "chip.tpp"), number(facts, "chip.die_area_mm2")
    if performance is None or area is None or area <= 0:
        return None
    return performance / area


def _classification(facts: Facts) -> str | None:
    """Return the paragraph of ECCN 3A090 by the numbers."""
    performance, is_datacenter = number(facts, "chip.tpp"), facts.get("chip.datacenter")
    if performance is None or not isinstance(is_datacenter, bool):
        return None
    return classification(performance, number(facts, "chip.performance_density"), is_datacenter=is_datacenter)


def both(*claims: bool | None) -> bool | None:
    """Return the three-valued conjunction: false if any is false, else unknown if any is unknown."""
    if any(claim is False for claim in claims):
        return False
    return None if any(claim is None for claim in claims) else True


def _below(value: float | None, limit: float) -> bool | None:
    return None if value is None else value < limit


def _within(value: float | None, low: float, high: float) -> bool | None:
    return None if value is None else low <= value <= high


def _october_2022(facts: Facts) -> bool | None:
    performance, link = number(facts, "chip.tpp"), number(facts, "chip.interconnect_gbps")
    return both(None if performance is None else performance >= 4800, None if link is None else link >= 600)


def _case_by_case_numbers(facts: Facts) -> bool | None:
    eccn = facts.get("chip.eccn")
    is_class_a = None if eccn is None or eccn == UNDETERMINED["chip.eccn"] else eccn in CLASS_A
    return both(
        is_class_a,
        _below(number(facts, "chip.tpp"), 21_000),
        _below(number(facts, "chip.mem_bw_gbps"), 6_500),
    )


def _section_232_band(facts: Facts) -> int | None:
    performance, bandwidth = number(facts, "chip.tpp"), number(facts, "chip.mem_bw_gbps")
    first = both(_within(performance, 14_000, 17_500), _within(bandwidth, 4_500, 5_000))
    second = both(_within(performance, 20_800, 21_100), _within(bandwidth, 5_800, 6_200))
    if first or second:
        return 1 if first else 2
    return None if first is None or second is None else 0


#: Fields that follow from others: what must be filled is what they follow from.
DERIVED = ("chip.tpp", "chip.performance_density", "chip.eccn")


def missing_inputs(field: str, facts: Facts) -> tuple[str, ...]:
    """Return what must be filled for `field` to be known: itself, or the inputs of its derivation."""
    if field not in DERIVED:
        return (field,)
    if field == "chip.tpp":
        return () if number(facts, field) is not None else ("chip.dense",)
    if field == "chip.performance_density":
        if number(facts, field) is not None:
            return ()
        area = () if number(facts, "chip.die_area_mm2") is not None else ("chip.die_area_mm2",)
        return (*missing_inputs("chip.tpp", facts), *area)
    datacenter = () if facts.get("chip.datacenter") is not None else ("chip.datacenter",)
    needed = (*missing_inputs("chip.tpp", facts), *datacenter)
    return needed or missing_inputs("chip.performance_density", facts)
