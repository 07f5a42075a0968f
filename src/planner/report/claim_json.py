"""Judged claims as JSON: the same figures as the text, plain and finite."""

from __future__ import annotations

from typing import Any

from planner.claims.jobs import NoPrediction, Prediction
from planner.claims.judgement import ClaimJudgement, TrainingJudgement
from planner.claims.ratios import RatioJudgement
from planner.domain.claim import Claim
from planner.domain.evidence import Evidence
from planner.planning.published import PublishedRun, Reached
from planner.quantities.figure import Band
from planner.report.claim_document import statement_words

CLAIM_SCHEMA = 1

Json = dict[str, Any]


def training_to_dict(judgement: TrainingJudgement) -> Json:
    """Return a judged training claim as a record."""
    job, implied = judgement.job, judgement.implied
    return {
        "schema": CLAIM_SCHEMA,
        "statement": statement_words(job),
        "verdict": judgement.verdict,
        "reasons": list(judgement.reasons),
        "warnings": list(judgement.warnings),
        "implied": {
            "mfu": implied.mfu,
            "mfu_6n": implied.mfu_6n,
            "convention": "6N + causal attention, no recomputation",
            "peak_flops_per_s": job.peak_flops_per_s,
            "peak_datatype": job.peak_datatype,
            "sequence_length": job.sequence_length,
            "flops_per_token": job.flops_per_token,
            "counted_flops_per_token": job.count.flops_per_token,
            "parameters": job.parameters,
            "active_parameters": job.active_parameters,
            "tokens_per_second": implied.tokens_per_second,
            "tokens_per_second_per_chip": implied.tokens_per_second_per_chip,
            "days": implied.days,
        },
        "published": _reached(judgement.reached),
        "nearest_runs": [run_to_dict(run) for run in judgement.nearest],
        "predicted": _prediction(judgement.prediction),
        "sources": [{"says": text, **_evidence(evidence)} for text, evidence in judgement.disputes],
        "assumed": list(job.assumed),
    }


def claim_to_dict(judgement: ClaimJudgement) -> Json:
    """Return a shipped claim with each statement judged as a record."""
    return {
        "schema": CLAIM_SCHEMA,
        **claim_summary(judgement.claim),
        "answer_is_no": judgement.is_no,
        "contradiction": judgement.contradiction,
        "training": [training_to_dict(training) for training in judgement.training],
        "comparisons": [_ratio(ratio) for ratio in judgement.ratios],
    }


def claim_summary(claim: Claim) -> Json:
    """Return what a claim says and what the sources say of it."""
    return {
        "id": claim.id,
        "name": claim.name,
        "statement": claim.statement,
        "claimed": _evidence(claim.claimed),
        "finding": {
            "verdict": claim.finding.verdict,
            "says": claim.finding.says,
            **_evidence(claim.finding),
        },
        "notes": list(claim.notes),
    }


def run_to_dict(run: PublishedRun) -> Json:
    """Return a published run with what it measured."""
    return {
        "id": run.run.id,
        "model": run.run.model,
        "chip": run.chip.id,
        "chips": run.chips,
        "precision": run.run.precision,
        "tokens_per_second_per_chip": run.tokens_per_second_per_chip,
        "mfu": run.mfu,
        "source": run.run.source.title,
    }


def _reached(reached: Reached | None) -> Json | None:
    if reached is None:
        return None
    return {
        "class": reached.label,
        "scope": reached.scope,
        "runs": len(reached.runs),
        "min": run_to_dict(reached.lowest),
        "median": run_to_dict(reached.middle),
        "max": run_to_dict(reached.highest),
    }


def _prediction(prediction: Prediction | NoPrediction) -> Json:
    if isinstance(prediction, NoPrediction):
        return {"mfu": None, "reason": prediction.reason}
    layout = prediction.layout
    return {
        "system": prediction.system_id,
        "stack": prediction.stack_id,
        "mfu": band_to_dict(prediction.mfu),
        "tokens_per_second": band_to_dict(prediction.tokens_per_second),
        "days": band_to_dict(prediction.days),
        "joules_per_token": band_to_dict(prediction.joules_per_token),
        "strategy": {"tp": layout.tp, "cp": layout.cp, "ep": layout.ep, "pp": layout.pp, "dp": layout.dp},
        "assumed": list(prediction.assumed),
    }


def _ratio(ratio: RatioJudgement) -> Json:
    return {
        "statement": ratio.text,
        "claimed": ratio.claimed,
        "verdict": ratio.verdict,
        "reasons": list(ratio.reasons),
        "known": ratio.known,
        "published": list(ratio.published) if ratio.published else None,
        "predicted": ratio.predicted,
        "runs": list(ratio.runs),
    }


def band_to_dict(band: Band | None) -> Json | None:
    """Return a band as a record, or None where it is unknown."""
    return None if band is None else {"p10": band.p10, "p50": band.p50, "p90": band.p90}


def _evidence(evidence: Evidence) -> Json:
    return {"kind": evidence.kind, "sources": list(evidence.sources), "note": evidence.note}
