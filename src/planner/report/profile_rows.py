"""A profile taken apart into rows: each fact and figure with its label, its text and its evidence."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from planner.domain.evidence import Evidence, Rival, Sourced
from planner.domain.stack import FittedConstant
from planner.report import numbers
from planner.report.words import words
from planner.units import Span

#: Suffixes of keys whose unit the text already says, or that say it here; the longest match counts.
_UNIT_SUFFIXES = {
    "_usd_per_kwh": "USD/kWh",
    "_g_per_kwh": "g/kWh",
    "_l_per_kwh": "L/kWh",
    "_bytes_per_s": "",
    "_flops_per_s": "",
    "_mm2": "mm2",
    "_nm": "nm",
    "_mw": "MW",
    "_bytes": "",
    "_usd": "",
    "_w": "",
    "_s": "",
}
#: Keys whose fields write their unit themselves; all other numbers are counts.
_DIMENSIONAL_SUFFIXES = ("_per_s", "_bytes", "_usd", "_w", "_s")
_EVIDENCE = frozenset(Evidence.model_fields)
#: Shown in the heading of a profile, not among its rows.
_HEADING_KEYS = ("id", "name", "title", "notes")


@dataclass(frozen=True, slots=True)
class RivalRow:
    """A figure in circulation that is not the default."""

    text: str
    value: object
    evidence: Evidence
    wrong_because: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of a profile; a fact with evidence is a figure."""

    key: str
    label: str
    text: str
    value: object
    evidence: Evidence | None = None
    chosen_because: str | None = None
    rivals: tuple[RivalRow, ...] = ()


def profile_rows(profile: BaseModel) -> list[Row]:
    """Return every fact of the profile in the order of its file; what is absent has no row."""
    return [row for row in _rows(profile, "") if row.key not in _HEADING_KEYS]


def _rows(value: object, key: str) -> Iterator[Row]:
    if isinstance(value, Sourced):
        yield _figure(value, key)
    elif isinstance(value, FittedConstant):
        text = f"{value.median:g}, log spread {value.log_spread:g}, from {value.runs} runs"
        plain = {"median": value.median, "log_spread": value.log_spread, "runs": value.runs}
        yield Row(key, label_of(key), text, plain, value)
    elif isinstance(value, Evidence):
        # what a kind of evidence says beyond where it is from
        told = [getattr(value, name) for name in type(value).model_fields if name not in _EVIDENCE]
        said = ": ".join(value_text(one, key) for one in told if one is not None)
        said = getattr(value, "in_words", said)
        yield Row(key, label_of(key), said, said or None, value)
    elif isinstance(value, Mapping) and "condition" in key:
        # a rule's condition is a tree; its parts mean nothing alone
        yield Row(key, label_of(key), json.dumps(value, ensure_ascii=False), value)
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for number, inner in enumerate(value, start=1):
            yield from _rows(inner, f"{key}.{number}")
    elif isinstance(value, BaseModel):
        # not all that it holds: what a profile has worked out and kept is no fact of its file
        for name in type(value).model_fields:
            yield from _rows(getattr(value, name), f"{key}.{name}" if key else name)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _rows(inner, f"{key}.{name}")
    elif value is not None and value != ():
        yield Row(key, label_of(key), value_text(value, key), plain_value(value))


def _figure(figure: Sourced[Any], key: str) -> Row:
    rivals = tuple(
        RivalRow(_text(rival, rival.value, key), plain_value(rival.value), rival, rival.wrong_because)
        for rival in figure.rivals
    )
    text = _text(figure, figure.value, key)
    return Row(key, label_of(key), text, plain_value(figure.value), figure, figure.chosen_because, rivals)


def _text(figure: Sourced[Any] | Rival[Any], value: object, key: str) -> str:
    """Return the value as its own field writes it, which keeps every digit."""
    written = figure.model_dump(include={"value"})["value"]
    if not isinstance(value, float) or not isinstance(written, str):
        return value_text(written, key)
    if key.endswith(_DIMENSIONAL_SUFFIXES):
        return re.sub(r"^([\d.]+)(?=[A-Za-z])", r"\1 ", written)
    return value_text(value, key) if abs(value) < 1e6 else written + _unit(key)


def number_text(value: float, key: str) -> str:
    """Return a number with all its digits; a year has no thousands."""
    return f"{value:.15g}" if "year" in key else f"{value:,.15g}"


def value_text(value: object, key: str) -> str:
    """Return a plain value as text; a bare number gets the unit of its key."""
    if value is None:
        return numbers.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Span):
        return f"{value.low:g} to {value.high:g}{_unit(key)}"
    if isinstance(value, float | int):
        return number_text(value, key) + _unit(key)
    if isinstance(value, tuple | list):
        return "; ".join(value_text(item, key) for item in value)
    return numbers.date(value) if isinstance(value, datetime.date) else str(value)


def plain_value(value: object) -> object:
    """Return the value as JSON can hold it, numbers in the unit of their key."""
    if isinstance(value, Span):
        return {"low": value.low, "high": value.high}
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    return value


#: What is no word.
_NAMES = {"tdp": "TDP", "pue": "PUE"}


def label_of(key: str) -> str:
    """Return a key in words: `memory.bandwidth_bytes_per_s` is `memory bandwidth`."""
    return " ".join(
        words(_without_unit(part), _NAMES) for part in key.removeprefix("architecture.").split(".")
    )


def _without_unit(part: str) -> str:
    suffix = next((suffix for suffix in _UNIT_SUFFIXES if part.endswith(suffix)), "")
    return part.removesuffix(suffix)


def _unit(key: str) -> str:
    unit = next((unit for suffix, unit in _UNIT_SUFFIXES.items() if key.endswith(suffix)), "")
    return f" {unit}" if unit else ""
