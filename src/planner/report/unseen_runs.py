"""Runs that were predicted before any fit saw them, as they were predicted then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from planner.report.numbers import decimal
from planner.report.validation_text import signed


class FirstPrediction(NamedTuple):
    """Tokens per second and chip of one run, published and as first predicted."""

    run: str
    published: float
    predicted: float
    low: float
    high: float


#: Of 22 November 2026, under the constants that were fitted that day on the 404 runs shipped until then. A
#: record: later fits may use these runs, so it is never computed anew.
FIRST_PREDICTIONS = (
    FirstPrediction("llama3-herd-405b-8192", 163.783, 165.02, 120.11, 205),
    FirstPrediction("llama3-herd-405b-16384", 152.356, 151.42, 111.22, 187.37),
    FirstPrediction("llama3-herd-405b-16384-128k", 67.026, 56.843, 38.972, 72.361),
    FirstPrediction("llama31-405b-run", 140.51, 136.85, 100.51, 169.33),
    FirstPrediction("deepseek-v3-h800-2048", 1541.704, 1476.8, 939.41, 1775.2),
    FirstPrediction("deepseek-v3-run", 1543.21, 1444.7, 919, 1736.6),
    FirstPrediction("pangu-ultra-135b-8192", 215.704, 168.17, 138.93, 200.71),
    FirstPrediction("pangu-ultra-moe-718b-6000", 243.333, 282.55, 233.07, 339.73),
    FirstPrediction("mindspeed-qwen2-72b-4096-32-v10RC30", 368.0, 386.08, 347.21, 424.77),
)
HEADER = ("run", "published", "predicted", "80 % band", "error")


def unseen_text() -> Iterator[str]:
    """Yield what the document says of the runs that no fit had seen."""
    yield (
        "These runs were added after the constants had been fitted and were predicted unseen, by the "
        "constants of 22 November 2026; the figures are those of that day. Tokens per second and chip."
    )
    yield ""
    yield (
        "Read the Llama rows with care: they were predicted twice. With the virtual stages left to the "
        "search, no layout fitted the modelled memory, one virtual stage was taken, and the errors were "
        "-26 %, -41 %, -23 % and -42 % in the order below. The paper's text implies eight (`assumed` in "
        "`profiles/runs/llama3-herd.toml` says how); it was read again after those errors were seen. "
        "No constant was changed."
    )
    yield ""


def unseen_rows(shown: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield one row of cells for each of the runs in `shown`."""
    for entry in FIRST_PREDICTIONS:
        if entry.run in shown:
            yield (
                entry.run,
                decimal(entry.published, 3),
                decimal(entry.predicted, 3),
                f"{decimal(entry.low, 3)} to {decimal(entry.high, 3)}",
                signed(entry.predicted / entry.published - 1.0),
            )
