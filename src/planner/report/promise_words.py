"""What sellers promise, in words: a day's work under their own promises, and the remedies that they sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.quantities.figure import scaled
from planner.quotes.promises import PromisedWork
from planner.report import numbers
from planner.report.diff_json import band_to_dict

REMEDIES_TITLE = "remedies that are signed"
NOT_PROMISED = "nothing is promised"
NO_REMEDY = "none"


def promised_title(promised: Sequence[PromisedWork | None]) -> str:
    """Return what the row of promised work is called: of post-training steps are counted."""
    works = [one for one in promised if one is not None]
    return f"{'steps' if works and all(one.is_of_steps for one in works) else 'tokens'} a day, as promised"


def promised_text(work: PromisedWork | None) -> tuple[str, str]:
    """Return a day's work and its band; the latter is empty where nothing is promised."""
    if work is None or not work.shares:
        return NOT_PROMISED, ""
    if work.is_of_steps:
        low, middle, high = (
            numbers.decimal(end, 3) for end in (work.per_day.p10, work.per_day.p50, work.per_day.p90)
        )
        samples = f" of {numbers.count(work.samples_per_step)} samples" if work.samples_per_step else ""
        return f"{middle}{samples}", f"[{low}..{high}]"
    band = work.per_day
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
            **_per_day(promised),
            "shares": dict(promised.shares),
            "remedies": dict(promised.remedies),
        }
    }


def _per_day(promised: PromisedWork) -> dict[str, Any]:
    if not promised.is_of_steps:
        return {"tokens_per_day": band_to_dict(promised.per_day)}
    samples = promised.samples_per_step
    return {
        "steps_per_day": band_to_dict(promised.per_day),
        "samples_per_day": None if samples is None else band_to_dict(scaled(promised.per_day, samples)),
    }
