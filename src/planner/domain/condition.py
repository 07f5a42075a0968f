"""The condition of a rule: a bounded tree over a closed list of fields and operators."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from planner.errors import InputError
from planner.pattern import parse_pattern
from planner.text import first_unsafe, safe

#: What a field holds. `table`: bit length to rate, which no operator but exists and missing reads.
FieldKind = Literal["text", "country", "region", "number", "flag", "date", "date_or_flag", "table"]

#: Every field that a rule may ask about; units are those of the rules' documentation.
FIELDS: dict[str, FieldKind] = {
    "as_of": "date",
    "chip.name": "text",
    "chip.vendor": "text",
    "chip.designer_country": "country",
    "chip.foundry": "text",
    "chip.node_nm": "number",
    "chip.custom_asic": "flag",
    "chip.datacenter": "flag",
    "chip.dense": "table",
    "chip.die_area_mm2": "number",
    "chip.tpp": "number",
    "chip.performance_density": "number",
    "chip.eccn": "text",
    "chip.mem_bw_gbps": "number",
    "chip.interconnect_gbps": "number",
    "chip.subject_to_ear": "flag",
    "hbm.standalone": "flag",
    "hbm.bw_density_gbps_mm2": "number",
    "cluster.tpp_total": "number",
    "cluster.peak_flops": "number",
    "cluster.network_gbps": "number",
    "cluster.single_datacenter": "flag",
    "cluster.fp64_pflops": "number",
    "cluster.fp32_pflops": "number",
    "cluster.iaas": "flag",
    "site.country": "country",
    "site.region": "region",
    "site.mw": "number",
    "site.it_kw": "number",
    "site.connection_mva": "number",
    "site.annual_mwh": "number",
    "site.pue": "number",
    "site.renewable_share": "number",
    "site.commissioned": "date",
    "site.cn_hub_node": "flag",
    "site.state_funded": "flag",
    "site.new_build": "flag",
    "buyer.name": "text",
    "buyer.hq_country": "country",
    "buyer.parent_hq_country": "country",
    "buyer.listed": "flag",
    "buyer.sdn": "flag",
    "buyer.screened": "date_or_flag",
    "buyer.owned_by_listed_pct": "number",
    "buyer.owned_by_sdn_pct": "number",
    "buyer.us_federal": "flag",
    "buyer.us_federal_contractor": "flag",
    "buyer.cn_public_sector": "flag",
    "buyer.uae_approved": "flag",
    "supplier.name": "text",
    "supplier.country": "country",
    "supplier.listed": "flag",
    "supplier.sdn": "flag",
    "supplier.screened": "date_or_flag",
    "developer.us": "flag",
    "export.route": "text",
    "export.via": "country",
    "import.us_entry": "flag",
    "import.use": "text",
    "model.train_flop": "number",
    "model.eu_market": "flag",
    "model.kr_market": "flag",
    "model.ny_market": "flag",
    "model.cn_public_service": "flag",
    "model.open_weights": "flag",
    "model.bio_sequence_data": "flag",
    "model.modification_fraction": "number",
    "plan.train_flop_capacity": "number",
}
#: Fields with few values: a rule that names another would never fire.
FIELD_VALUES: dict[str, tuple[str, ...]] = {"export.route": ("from_us", "reexport", "transfer")}
OPERATORS = ("==", "!=", ">=", ">", "<=", "<", "in", "not_in", "in_group", "missing", "exists", "matches")

#: Bounds that no honest rule meets; they keep absurd and cyclic trees from costing anything.
MAXIMUM_DEPTH = 12
MAXIMUM_NODES = 400
MAXIMUM_VALUES = 400
MAXIMUM_TEXT = 300

_NODE = "a table with all, any, not, or f, op and v"
_ORDERINGS = (">=", ">", "<=", "<")
_ORDERED_KINDS = ("number", "date", "date_or_flag")
_PLURALS = {"country": "countries"}
_TEXT_KINDS = ("text", "country", "region")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


def nearest(name: str, known: tuple[str, ...] | list[str]) -> str:
    """Return `; the nearest known one is '...'`, or a list of a few where nothing is near."""
    import difflib

    matches = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.5)
    if matches:
        return f"; the nearest known one is '{matches[0]}'"
    return f"; expected one of {', '.join(known[:12])}{', ...' if len(known) > 12 else ''}"


def check_condition(raw: object) -> dict[str, Any]:
    """Return a clean copy of a condition tree, dates as ISO text.

    Raises
    ------
    InputError
        With the place in the tree, what stands there and what was expected.
    """
    nodes = 0

    def check(node: object, where: str, depth: int) -> dict[str, Any]:
        nonlocal nodes
        nodes += 1
        stem = f"{where}." if where else ""
        if depth > MAXIMUM_DEPTH:
            raise InputError(f"{_named(where)} nests deeper than {MAXIMUM_DEPTH} levels")
        if nodes > MAXIMUM_NODES:
            raise InputError(f"has more than {MAXIMUM_NODES} parts; expected a smaller tree")
        if not isinstance(node, Mapping):
            raise InputError(
                f"{_named(where)} is {_shown(node)}; expected a table with all, any, not or f, op and v"
            )
        keys = {str(key) for key in node}
        if keys in ({"all"}, {"any"}):
            (key,) = keys
            children = node[key]
            if not isinstance(children, list | tuple) or not children:
                raise InputError(f"{stem}{key} is {_shown(children)}; expected a list of conditions")
            return {key: [check(child, f"{stem}{key}[{at}]", depth + 1) for at, child in enumerate(children)]}
        if keys == {"not"}:
            return {"not": check(node["not"], f"{stem}not", depth + 1)}
        return _check_leaf(node, keys, where)

    return check(raw, "", 1)


def leaves_of(condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the leaves of a checked condition."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if "f" in node:
            yield node
        waiting.extend(node.get("all", ()))
        waiting.extend(node.get("any", ()))
        if "not" in node:
            waiting.append(node["not"])


def _check_leaf(node: Mapping[Any, Any], keys: set[str], where: str) -> dict[str, Any]:
    for key in sorted(keys - {"f", "op", "v"}):
        raise InputError(f"{_named(where)} has the key '{safe(key, limit=60)}'; expected {_NODE}")
    for key in ("f", "op"):
        if key not in keys:
            raise InputError(f"{_named(where)} has no '{key}'; expected f, op and v")
    field, operator = node["f"], node["op"]
    if not isinstance(field, str) or field not in FIELDS:
        raise InputError(
            f"{_named(where)} has the unknown field {_shown(field)}{nearest(str(field), list(FIELDS))}"
        )
    if not isinstance(operator, str) or operator not in OPERATORS:
        expected = f"expected one of {' '.join(OPERATORS)}"
        raise InputError(f"{_named(where)} has the unknown operator {_shown(operator)}; {expected}")
    if operator in ("missing", "exists"):
        if node.get("v") is not None:
            raise InputError(f"{_named(where)} gives '{operator}' a value; expected f and op only")
        return {"f": field, "op": operator}
    if node.get("v") is None:
        raise InputError(f"{_named(where)} has no 'v'; expected f, op and v")
    try:
        return {"f": field, "op": operator, "v": _check_value(field, operator, node["v"])}
    except InputError as error:
        raise InputError(f"{where + '.' if where else ''}v for {field} {operator}: {error}") from None


def _check_value(field: str, operator: str, value: object) -> object:
    kind = FIELDS[field]
    if kind == "table":
        raise InputError("this field holds a table; expected the operator exists or missing")
    if operator in ("in", "not_in"):
        if not isinstance(value, list | tuple) or not value or len(value) > MAXIMUM_VALUES:
            raise InputError(f"{_shown(value)}; expected a list of 1 to {MAXIMUM_VALUES} values")
        return [_check_scalar(field, kind, item) for item in value]
    if operator == "in_group":
        if kind != "country":
            raise InputError("expected a field that holds a country")
        return _check_text(value)
    if operator == "matches":
        if kind not in _TEXT_KINDS:
            raise InputError("expected a field that holds text")
        text = _check_text(value)
        try:
            parse_pattern(text)
        except InputError as error:
            raise InputError(f"the expression {_shown(text)} {error}") from None
        return text
    if operator in _ORDERINGS:
        if kind not in _ORDERED_KINDS:
            raise InputError(f"cannot order {_PLURALS.get(kind, kind + 's')}; expected ==, != or in")
        # true is neither before nor after a date
        kind = "date" if kind == "date_or_flag" else kind
    return _check_scalar(field, kind, value)


def _check_scalar(field: str, kind: FieldKind, value: object) -> object:
    checked = check_fact(kind, value)
    if field in FIELD_VALUES and checked not in FIELD_VALUES[field]:
        raise InputError(f"{_shown(value)}; expected one of {', '.join(FIELD_VALUES[field])}")
    if kind == "country" and not _COUNTRY.fullmatch(str(checked)):
        raise InputError(f"{_shown(value)} is not a country; expected two capital letters such as CN")
    if kind == "region" and not _REGION.fullmatch(str(checked)):
        raise InputError(f"{_shown(value)} is not a region; expected ISO 3166-2 such as US-TX")
    return checked


def check_fact(kind: FieldKind, value: object) -> object:
    """Return a value of one field's kind, dates as ISO text; InputError where it is of another kind."""
    if kind == "flag" or (kind == "date_or_flag" and isinstance(value, bool)):
        if isinstance(value, bool):
            return value
        raise InputError(f"{_shown(value)}; expected true or false")
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise InputError(f"{_shown(value)}; expected a finite number")
        return value
    if kind in ("date", "date_or_flag"):
        return _check_date(value)
    if kind == "table":
        return _check_rates(value)
    return _check_text(value, may_be_empty=True)


def check_facts(raw: object) -> dict[str, Any]:
    """Return facts as a rule reads them, what is null left out.

    Raises
    ------
    InputError
        Where a field is unknown or holds a value of another kind.
    """
    if not isinstance(raw, Mapping):
        raise InputError(f"{_shown(raw)}; expected fields with their values")
    facts: dict[str, Any] = {}
    for field, value in raw.items():
        if not isinstance(field, str) or field not in FIELDS:
            raise InputError(f"has the unknown field {_shown(field)}{nearest(str(field), list(FIELDS))}")
        if value is None:
            continue
        try:
            facts[field] = check_fact(FIELDS[field], value)
        except InputError as error:
            raise InputError(f"{field}: {error}") from None
    return facts


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _check_date(value: object) -> str:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, str) and _DATE.fullmatch(value) and value.isascii():
        try:
            return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise InputError(f"{_shown(value)} is not a date; expected one such as 2026-11-22")


def _check_text(value: object, *, may_be_empty: bool = False) -> str:
    if (
        not isinstance(value, str)
        or not (value or may_be_empty)
        or len(value) > MAXIMUM_TEXT
        or first_unsafe(value)
    ):
        raise InputError(f"{_shown(value)}; expected plain text of 1 to {MAXIMUM_TEXT} characters")
    return value


def _check_rates(value: object) -> dict[str, float]:
    if not isinstance(value, Mapping) or len(value) > 20:
        raise InputError(f"{_shown(value)}; expected bit lengths with their dense TOPS")
    rates: dict[str, float] = {}
    for bits, rate in value.items():
        if rate is None:
            continue
        is_bit_length = isinstance(bits, str) and bits.isascii() and bits.isdigit() and len(bits) <= 3
        if not is_bit_length or int(bits) == 0:
            raise InputError(f"{_shown(bits)} is not a bit length; expected one such as '16'")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not _is_finite(rate) or rate < 0:
            raise InputError(f"{_shown(rate)} for {bits} bits; expected dense TOPS as a number")
        rates[bits] = rate
    return rates


def _named(where: str) -> str:
    """Return a place of the tree as a message names it."""
    if not where:
        return "the root"
    return where if len(where) <= 60 else where[:57] + "..."


def _shown(value: object) -> str:
    """Return a value as a message shows it, bounded whatever it is."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "an empty list" if not value else "a list"
    if isinstance(value, str):
        return f"'{safe(value, limit=60)}'"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) > 10**30:
        return "a number that is too long"
    return safe(str(value), limit=60)
