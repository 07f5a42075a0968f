"""What sellers promise, in words: tokens a day under their own promises, and the remedies that they sign."""

from __future__ import annotations

from typing import Any

from planner.quotes.promises import PromisedWork
from planner.report import numbers
from planner.report.diff_json import band_to_dict

PROMISED_TITLE = "tokens a day, as promised"
REMEDIES_TITLE = "remedies that are signed"
NOT_PROMISED = "nothing is promised"
NO_REMEDY = "none"


def promised_text(work: PromisedWork | None) -> tuple[str, str]:
    """Return the tokens a day and their band; the latter is empty where nothing is promised."""
    if work is None or not work.shares:
        return NOT_PROMISED, ""
    band = work.tokens_per_day
    return numbers.count(band.p50), f"[{numbers.count(band.p10)}..{numbers.count(band.p90)}]"


def remedies_text(work: PromisedWork | None) -> str:
    """Return what follows where a line is missed, line by line."""
    if work is None or not work.remedies:
        return NO_REMEDY
    return "; ".join(f"{line}: {text}" for line, text in work.remedies)


def promised_to_dict(promised: PromisedWork | None) -> dict[str, Any]:
    """Return what is promised for JSON, under a key of its own; nothing where nothing is."""
    if promised is None:
        return {}
    return {
        "promised": {
            "tokens_per_day": band_to_dict(promised.tokens_per_day),
            "shares": dict(promised.shares),
            "remedies": dict(promised.remedies),
        }
    }
