"""Judged claims as text: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planner.claims.jobs import ClaimJob, Prediction
from planner.claims.judgement import ClaimJudgement, Implied, TrainingJudgement
from planner.claims.ratios import RatioJudgement
from planner.domain.claim import Claim, TrainingStatement
from planner.domain.evidence import Evidence, Source
from planner.planning.published import PublishedRun
from planner.report import numbers
from planner.report.numbers import ASSUMED_MARK
from planner.report.page import Page, Role
from planner.report.words import words

_LABEL_WIDTH = 13
_ROLES: dict[str, Role] = {
    "impossible": "bad",
    "above anything published": "bad",
    "false": "bad",
    "contradictory": "bad",
    "plausible": "good",
    "true": "good",
}
_SIGNS = {"bad": "x", "good": "+"}


def training_to_text(
    judgement: TrainingJudgement,
    sources: Mapping[str, Source],
    *,
    width: int = 80,
    is_coloured: bool = False,
) -> str:
    """Return a judged training claim as text."""
    page = Page(width, is_coloured=is_coloured)
    _add_training(page, judgement, sources)
    return page.text


def claim_to_text(
    judgement: ClaimJudgement,
    sources: Mapping[str, Source],
    *,
    width: int = 80,
    is_coloured: bool = False,
) -> str:
    """Return a shipped claim as text: what it says, what the sources say, and each statement judged."""
    claim = judgement.claim
    page = Page(width, is_coloured=is_coloured)
    page.paragraph(f"{claim.name} (claim {claim.id})", indent=0, role="title")
    page.paragraph(claim.statement)
    page.entry("claimed", _evidence(claim.claimed, sources), _LABEL_WIDTH)
    _add_verdict(page, "sources say", claim.finding.verdict, claim.finding.says)
    page.entry("", _evidence(claim.finding, sources), _LABEL_WIDTH)
    if judgement.contradiction:
        _add_verdict(page, "numbers say", "contradictory", judgement.contradiction)
    for note in claim.notes:
        page.entry("-", note, 1)
    for training in judgement.training:
        page.gap()
        _add_training(page, training, sources)
    for ratio in judgement.ratios:
        page.gap()
        _add_ratio(page, ratio)
    return page.text


def claims_to_text(claims: Iterable[Claim], *, width: int = 80, is_coloured: bool = False) -> str:
    """Return a table of claims with what the sources say of each."""
    page = Page(width, is_coloured=is_coloured)
    rows = [(claim.id, claim.name, claim.finding.verdict) for claim in claims]
    page.heading("CLAIMS", f"{len(rows)} in circulation; planner claim ID judges one")
    page.table(("id", "claim", "sources say"), rows)
    return page.text


def statement_words(job: ClaimJob) -> str:
    """Return a training claim in one sentence."""
    statement = job.statement
    name = (
        job.model.name if job.model is not None else f"a model of {numbers.count(job.parameters)} parameters"
    )
    if job.model is None and statement.active_parameters is not None:
        name += f", {numbers.count(statement.active_parameters)} active"
    tokens = f" on {numbers.count(statement.tokens)} tokens" if statement.tokens is not None else ""
    return f"{statement.chips:,} x {job.chip.name} train {name}{tokens} {_rate_words(statement)}"


def _rate_words(statement: TrainingStatement) -> str:
    if statement.days is not None:
        return f"in {statement.days:g} days"
    if statement.tokens_per_second is not None:
        return f"at {numbers.count(statement.tokens_per_second)} tokens/s"
    if statement.mfu is not None:
        peak = statement.peak_flops_per_s
        by = f" of {numbers.trimmed(peak, numbers.FLOPS_PER_S)}" if peak is not None else ""
        return f"at {statement.mfu:.4g} MFU{by}" if statement.mfu > 1 else f"at {statement.mfu:.1%} MFU{by}"
    return f"at {statement.joules_per_token:g} J/token"


def verdict_sign(verdict: str) -> tuple[str, Role]:
    """Return the sign of a verdict, and whether it is good or bad news."""
    role = _ROLES.get(verdict, "plain")
    return _SIGNS.get(role, "~"), role


def _add_verdict(page: Page, label: str, verdict: str, text: str = "") -> None:
    sign, role = verdict_sign(verdict)
    tail = f": {text}" if text else ""
    page.entry(f"{sign} {label}", f"{verdict.upper()}{tail}", _LABEL_WIDTH, role=role)


def _add_training(page: Page, judgement: TrainingJudgement, sources: Mapping[str, Source]) -> None:
    job, implied = judgement.job, judgement.implied
    page.paragraph(statement_words(job), indent=0, role="title", hanging=2)
    _add_verdict(page, "verdict", judgement.verdict)
    for reason in judgement.reasons:
        page.entry("", f"- {reason}", _LABEL_WIDTH)
    for warning in judgement.warnings:
        page.entry("! note", warning, _LABEL_WIDTH, role="bad")
    _add_implied(page, job, implied)
    if judgement.reached is not None:
        page.entry("published", judgement.reached.label, _LABEL_WIDTH)
        for label, run in (
            ("least", judgement.reached.lowest),
            ("middle", judgement.reached.middle),
            ("most", judgement.reached.highest),
        ):
            page.entry("", f"{label} {run_words(run)}", _LABEL_WIDTH)
    for number, run in enumerate(judgement.nearest):
        page.entry("" if number else "nearest runs", run_words(run), _LABEL_WIDTH)
    prediction = judgement.prediction
    if isinstance(prediction, Prediction):
        _add_prediction(page, prediction)
    for number, (text, evidence) in enumerate(judgement.disputes):
        page.entry("" if number else "sources say", f"{text}; {_evidence(evidence, sources)}", _LABEL_WIDTH)
    for assumed in job.assumed:
        page.entry(f"{ASSUMED_MARK} assumed", assumed, _LABEL_WIDTH)


def _add_implied(page: Page, job: ClaimJob, implied: Implied) -> None:
    peak = numbers.trimmed(job.peak_flops_per_s, numbers.FLOPS_PER_S)
    page.entry(
        "implied MFU",
        f"{numbers.percent(implied.mfu)} of {peak} {job.peak_datatype} dense "
        f"(6N + causal attention at {job.sequence_length:,} tokens, no recomputation)",
        _LABEL_WIDTH,
    )
    page.entry("", f"{numbers.percent(implied.mfu_6n)} by 6 x active parameters alone", _LABEL_WIDTH)
    days = f", {numbers.decimal(implied.days, 3)} days" if implied.days is not None else ""
    page.entry(
        "implied rate",
        f"{numbers.count(implied.tokens_per_second)} tokens/s, "
        f"{numbers.decimal(implied.tokens_per_second_per_chip, 3)} a chip{days}",
        _LABEL_WIDTH,
    )


def _add_prediction(page: Page, prediction: Prediction) -> None:
    days = f", {numbers.days(prediction.days)} days" if prediction.days is not None else ""
    layout, band = prediction.layout, prediction.tokens_per_second
    rate = f"{numbers.count(band.p50)} [{numbers.count(band.p10)}..{numbers.count(band.p90)}]"
    page.entry(
        "model says",
        f"MFU {numbers.percent_band(prediction.mfu)}, {rate} tokens/s{days}, on {prediction.system_name}",
        _LABEL_WIDTH,
    )
    page.entry(
        "",
        f"tensor {layout.tp}, context {layout.cp}, expert {layout.ep}, pipeline {layout.pp} x {layout.vpp}, "
        f"data {layout.dp}; assumed: {', '.join(prediction.assumed)}",
        _LABEL_WIDTH,
    )


def run_words(run: PublishedRun) -> str:
    """Return a published run in one line: what it reached, of what, on what."""
    rate = numbers.decimal(run.tokens_per_second_per_chip, 3)
    return (
        f"{numbers.percent(run.mfu)} MFU, {rate} tokens/s a chip: {run.run.model} "
        f"on {run.chips:,} x {run.chip.name} ({run.run.id})"
    )


def _add_ratio(page: Page, judgement: RatioJudgement) -> None:
    page.paragraph(judgement.text, indent=0, role="title", hanging=2)
    _add_verdict(page, "verdict", judgement.verdict)
    for reason in judgement.reasons:
        page.entry("", f"- {reason}", _LABEL_WIDTH)
    if judgement.runs:
        page.entry("runs", ", ".join(judgement.runs), _LABEL_WIDTH)


def _evidence(evidence: Evidence, sources: Mapping[str, Source]) -> str:
    titles = "; ".join(
        f"{sources[key].title} [{key}]" if key in sources else f"[{key}]" for key in evidence.sources
    )
    note = f" ({evidence.note})" if evidence.note else ""
    return f"{words(evidence.kind)}: {titles or 'no source'}{note}"
