"""The best layouts of a plan as JSON: best first, with what each loses; unknown is null."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from planner.exploring.layouts import LayoutRanking, RankedLayout
from planner.quantities.figure import Band
from planner.report.optimize_document import UNHEARD_OF, published_words

OPTIMIZE_SCHEMA = 1
Json = dict[str, Any]


def ranking_to_dict(ranking: LayoutRanking) -> Json:
    """Return the ranking under the keys of `optimize --json`; every value is plain and finite."""
    return {
        "schema": OPTIMIZE_SCHEMA,
        "plan": ranking.plan.name,
        "reasons": list(ranking.reasons),
        "layouts": [_layout(layout) for layout in ranking.layouts],
        "candidates": ranking.candidates,
        "feasible": ranking.feasible,
        "seconds": ranking.seconds,
        "phase": None if ranking.phase is None else ranking.phase + 1,
        "pins": dict(ranking.pins or {}),
        "own": _or_null(ranking.own),
        "unpinned": _or_null(ranking.unpinned),
        "fastest": _or_null(ranking.fastest),
        "best_published": _published(ranking),
    }


def _or_null(layout: RankedLayout | None) -> Json | None:
    return None if layout is None else _layout(layout)


def _layout(layout: RankedLayout) -> Json:
    figures = layout.figures
    return {
        "strategy": asdict(layout.choice),
        "step": {"seconds": layout.step_s, "parts": dict(layout.parts)},
        "longer": layout.longer,
        "loses": dict(layout.loses),
        "seldom": list(layout.seldom),
        "training_days": _ends(figures.band("training_days")),
        "mfu": _ends(figures.band("mfu")),
        "memory": {
            "per_chip_bytes": figures.p50("memory.per_chip_bytes"),
            "usable_bytes": figures.p50("memory.usable_bytes"),
            "share": figures.p50("memory.share"),
        },
    }


def _published(ranking: LayoutRanking) -> Json | None:
    best = ranking.best_published
    if best is None or not ranking.layouts:
        return None
    mfu = ranking.layouts[0].figures.number("mfu")
    above = best.exceeded_by(mfu)
    return {
        "mfu": best.mfu,
        "run": best.run,
        "class": best.label,
        "exceeded_by": above,
        "is_unheard_of": above > UNHEARD_OF,
        "words": published_words(best, mfu),
    }


def _ends(band: Band | None) -> dict[str, float] | None:
    return None if band is None else {"p10": float(band.p10), "p50": float(band.p50), "p90": float(band.p90)}
