"""Offers by hand as text, Markdown and JSON, against plain files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.golden.golden import compare

from planner.domain.plan import Plan
from planner.engine.arrays import FloatArray
from planner.estimate.result import Estimate
from planner.quantities.figure import Figure, Gap, GapFamily, known, unknown
from planner.quotes.months import Months
from planner.quotes.offer import Offer, OfferKind, OfferLine
from planner.quotes.quotes import Quotes, quotes_of
from planner.report.estimate_json import json_text
from planner.report.markdown import markdown_text
from planner.report.quotes_document import quotes_document
from planner.report.quotes_json import quotes_csv, quotes_to_dict
from planner.report.terminal import terminal_text

FOLDER = Path(__file__).parent / "quotes"
MONTHS = Months(36.0, "the longest term that is committed to")
DAYS = 36 / 12 * 365.25


def drawn(middle: float, least: float, most: float) -> FloatArray:
    """Return a middle, and five draws from one end to the other."""
    return np.concatenate([[middle], np.linspace(least, most, 5)])


def gap(text: str, family: GapFamily = "money") -> tuple[Gap, ...]:
    return (Gap("unknown", family, text),)


def line(identifier: str, short: str, figure: Figure, likely: float = 0.0) -> OfferLine:
    state = "known" if figure.is_known else "unknown"
    return OfferLine(identifier, "machines", short, state, figure, "", likely)  # type: ignore[arg-type]


def factors(setup: Figure, goodput: FloatArray, debugging: Figure) -> dict[str, Figure]:
    return {
        "rate": Figure(drawn(1.6e6, 1.4e6, 1.8e6)),
        "goodput": Figure(goodput),
        "in_use": Figure(np.array([0.8]), (Gap("assumed", "money", "time in paid work (80% assumed)"),)),
        "setup": setup,
        "debugging": debugging,
    }


@pytest.fixture
def quotes(example_estimate: Estimate) -> Quotes:
    plan = Plan.model_validate(
        {
            "name": "Pangu Ultra 135B",
            "model": {"profile": "pangu-ultra-135b"},
            "workload": {"tokens": 13.2e12},
            "cluster": {"pools": [{"id": "train", "system": "atlas-800t-a2", "count": 1024}]},
        }
    )

    def offer(label: str, kind: OfferKind, lines: tuple[OfferLine, ...], work: Any, **more: Any) -> Offer:
        told = {"term": None, "paid": 36.0, "reasons": (), **more}
        return Offer(
            label,
            plan,
            example_estimate,
            kind,
            MONTHS.count,
            told["term"],
            told["paid"],
            lines,
            work,
            told["reasons"],
        )

    bought = (
        line("servers", "chips and servers", Figure(drawn(150e6, 130e6, 180e6))),
        line("storage", "storage", known(3.75e6)),
        line("tax", "tax", unknown(gap("tax")), 3e6),
        line("electricity", "electricity", Figure(drawn(9.2e6, 8.8e6, 9.9e6))),
        line("support", "support", known(22.5e6)),
        line("staff", "staff", unknown(gap("staff")), 6e6),
        line("capital", "capital", known(24e6)),
    )
    reserved = (
        line("rent_a_year", "rent", known(301_530_000.25)),
        line("storage", "storage", known(5e6)),
        line("support", "support", known(9_045_900.5)),
        line("egress", "data out of the cloud", known(250_000.0)),
    )
    work = factors(known(DAYS - 60), drawn(0.95, 0.92, 0.97), unknown(gap("debugging", "other")))
    work["debugging"] = replace(work["debugging"], values=np.ones(1))
    better = factors(Figure(drawn(DAYS - 10, DAYS - 20, DAYS - 5)), drawn(0.97, 0.95, 0.98), known(0.98))
    reasons = ("pool 'train': memory: the leanest of 96 layouts needs 91 GB of the 64 GB usable",)
    return quotes_of(
        [
            offer("bought from the vendor", "purchase", bought, work),
            offer("reserved at a cloud", "reservation", reserved, better, term=12.0),
            offer("older chips by the hour", "rental", (), {}, reasons=reasons),
        ],
        MONTHS,
    )


@pytest.mark.parametrize("width", [80, 120])
def test_text(quotes: Quotes, width: int) -> None:
    compare(FOLDER / f"offers-{width}.txt", terminal_text(quotes_document(quotes), width=width))


def test_markdown(quotes: Quotes) -> None:
    compare(FOLDER / "offers.md", markdown_text(quotes_document(quotes)))


def test_json(quotes: Quotes) -> None:
    # the last digits of a logarithm differ between processors
    told = json.loads(json_text(quotes_to_dict(quotes)), parse_float=lambda text: float(f"{float(text):.9g}"))
    compare(FOLDER / "offers.json", json.dumps(told, indent=2) + "\n")


def test_csv(quotes: Quotes) -> None:
    compare(FOLDER / "offers.csv", quotes_csv(quotes))
