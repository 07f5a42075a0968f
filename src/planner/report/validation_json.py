"""A validation as JSON: the keys that are an interface, and what else each row can say of itself."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from planner.validation.accuracy import Accuracy, Comparison
from planner.validation.cross_validation import CrossValidation
from planner.validation.null_model import NullPrediction
from planner.validation.pilots import PilotGain
from planner.validation.run_scores import QUANTITY, ErrorSummary, ScoredRun
from planner.validation.validation import SkippedRun, Validation

Json = dict[str, Any]
VALIDATION_SCHEMA = 1


def validation_to_dict(validation: Validation, figures: Accuracy) -> Json:
    """Return the rows and their summary.

    `n + unmeasured + skipped` is the number of rows: `n` were predicted and measured, `unmeasured` only
    predicted.
    """
    rows = [scored_to_dict(run, figures.null.get(run.case.run.id)) for run in validation.scored]
    rows += [skipped_to_dict(row) for row in validation.skipped]
    measured = len(validation.measured)
    summary = {
        **summary_to_dict(figures.all_runs),
        "skipped": len(validation.skipped),
        "unmeasured": len(validation.scored) - measured,
        "tiers": comparisons_to_dict(figures.tiers),
        "chips": comparisons_to_dict(figures.chips),
        "stacks": comparisons_to_dict(figures.frameworks),
        "layout_pairs": {
            "pairs": figures.ranking.pairs,
            "right": figures.ranking.right,
            "share": figures.ranking.share,
            "sweep_pairs": figures.sweep_ranking.pairs,
            "sweep_right": figures.sweep_ranking.right,
            "sweep_share": figures.sweep_ranking.share,
        },
        "noise_floor": asdict(figures.noise),
        "fits": {
            "complete_layouts": figures.fits.complete,
            "refused": figures.fits.refused_share,
            "refused_runs": [run.case.run.id for run in figures.fits.refused],
            "refused_by_chip": figures.fits.refused_by_chip,
        },
        "peak_memory": {
            "all": summary_to_dict(figures.memory),
            "sweep": summary_to_dict(figures.sweep_memory),
        },
    }
    return {"schema": VALIDATION_SCHEMA, "runs": rows, "summary": summary}


def cross_validation_to_dict(result: CrossValidation) -> Json:
    """Return the rows and figures of predictions that never saw a run's source."""
    return {
        "held_out": result.held_out,
        "runs": [scored_to_dict(run, result.null.get(run.case.run.id)) for run in result.scored],
        "summary": {
            "groups": _named_apart(result.groups),
            "teams": _named_apart(result.teams),
            "framework_unknown": summary_to_dict(result.framework_unknown),
            "by_source": {entry.name: asdict(entry) for entry in result.sources},
            "pilots": _pilots_to_dict(result.pilots),
            "whole_trainings": comparisons_to_dict(result.whole),
            "bands": {entry.group: {**asdict(entry), "honest": entry.is_honest} for entry in result.bands},
            "chips": comparisons_to_dict(result.chips),
            "chips_of_two_sources_or_more": sorted(result.shared_chips),
        },
    }


def _pilots_to_dict(gains: tuple[PilotGain, ...]) -> Json:
    """Return what pilots gain, by whose they are and who ran them."""
    whole = ""
    record: Json = {}
    for gain in gains:
        whole = whole if gain.name.startswith(" ") else gain.name
        inner = record.setdefault(whole, {})
        inner["all" if gain.name == whole else gain.name.strip()] = {
            "sources": gain.sources,
            "n": gain.runs,
            "without": asdict(gain.without),
            "with": asdict(gain.measured),
        }
    return record


def _named_apart(comparisons: tuple[Comparison, ...]) -> Json:
    """Return groups by name, an indented one under the name of the one that it is part of."""
    whole = ""
    record: Json = {}
    for entry in comparisons:
        if not entry.name.startswith(" "):
            whole = entry.name
        name = whole if entry.name == whole else f"{whole}, {entry.name.strip()}"
        record |= comparisons_to_dict((replace(entry, name=name),))
    return record


def summary_to_dict(summary: ErrorSummary) -> Json:
    """Return the figures of some errors."""
    return {
        "n": summary.n,
        "mean_abs_error": summary.mean_abs,
        "median_abs_error": summary.median_abs,
        "p90_abs_error": summary.p90_abs,
        "largest_abs_error": summary.largest,
        "bias": summary.bias,
        "coverage": summary.coverage,
        "pinball_loss": summary.pinball,
    }


def comparisons_to_dict(comparisons: tuple[Comparison, ...]) -> Json:
    """Return figures by group, each beside the null model's."""
    return {
        entry.name.strip(): {
            **summary_to_dict(entry.ours),
            "sources": entry.sources,
            "null_mean_abs_error": entry.null_in_sample.mean_abs,
            "null_held_out_mean_abs_error": entry.null_held_out.mean_abs,
        }
        for entry in comparisons
    }


def scored_to_dict(run: ScoredRun, null: NullPrediction | None) -> Json:
    """Return one predicted row."""
    stated = run.case.run
    record: Json = {
        "id": stated.id,
        "chip": run.chip,
        "chips": stated.hardware.chip_count,
        "tier": stated.tier,
        "source": stated.source_key,
        "model": stated.model,
        "stack": run.case.stack.id,
        "quantity": QUANTITY,
        "measured": run.measured,
        "measured_from": stated.result.rate_from,
        "predicted": {"p10": run.predicted.p10, "p50": run.predicted.p50, "p90": run.predicted.p90},
        "error": run.error,
        "inside_band": run.is_inside_band,
        "fits": run.fit.fits,
        "memory_share": run.fit.memory_share,
        "layout": "searched" if run.is_layout_searched else "published",
        "assumed": list(run.case.assumed),
        "missing": list(stated.missing),
        "contradictions": list(run.contradictions),
        "null": None if null is None else {"in_sample": null.in_sample, "held_out": null.held_out},
    }
    if run.is_whole_run:
        record["goodput"] = run.goodput
    if run.measured is None:
        record["unmeasured"] = "no rate, TFLOP/s or MFU is published that could be scored"
    return record


def skipped_to_dict(row: SkippedRun) -> Json:
    """Return one row that has no prediction."""
    run = row.run
    return {
        "id": row.id,
        "chip": None if run is None else run.hardware.chip,
        "chips": None if run is None else run.hardware.chip_count,
        "tier": None if run is None else run.tier,
        "quantity": QUANTITY,
        "measured": None if run is None else run.result.tokens_per_s_per_chip,
        "predicted": None,
        "error": None,
        "inside_band": None,
        "skipped": row.reason,
    }
