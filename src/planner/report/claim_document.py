"""Judged claims: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from planner.claims.jobs import ClaimJob, Prediction
from planner.claims.judgement import ClaimJudgement, Implied, TrainingJudgement
from planner.claims.ratios import RatioJudgement
from planner.domain.claim import Claim, TrainingStatement
from planner.domain.evidence import Evidence, Source
from planner.planning.published import PublishedRun
from planner.report import numbers
from planner.report.document import (
    GAP,
    Block,
    Entries,
    Entry,
    Heading,
    Paragraph,
    Role,
    Table,
    cells,
    document,
    entries,
)
from planner.report.numbers import ASSUMED_MARK
from planner.report.words import known_words
from planner.units import percent

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


@document
def claims_document(claims: Iterable[Claim]) -> Iterator[Block]:
    """Yield a table of claims with what the sources say of each."""
    rows = cells((claim.id, claim.name, claim.finding.verdict) for claim in claims)
    yield Heading("Claims", f"{len(rows)} in circulation; planner claim ID judges one")
    yield Table(("id", "claim", "sources say"), rows)


@document
def claim_document(judgement: ClaimJudgement, sources: Mapping[str, Source]) -> Iterator[Block]:
    """Yield a shipped claim: what it says, what the sources say, and each statement judged."""
    claim = judgement.claim
    yield Paragraph(f"{claim.name} (claim {claim.id})", indent=0, role="title")
    yield Paragraph(claim.statement)
    told = [
        Entry("claimed", _evidence(claim.claimed, sources)),
        _verdict("sources say", claim.finding.verdict, claim.finding.says),
        Entry("", _evidence(claim.finding, sources)),
    ]
    if judgement.contradiction:
        told.append(_verdict("numbers say", "contradictory", judgement.contradiction))
    yield Entries(tuple(told), _LABEL_WIDTH)
    yield entries((("-", note) for note in claim.notes), 1)
    for training in judgement.training:
        yield GAP
        yield from _training(training, sources)
    for ratio in judgement.ratios:
        yield GAP
        yield from _ratio(ratio)


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
        return (
            f"at {statement.mfu:.4g} MFU{by}"
            if statement.mfu > 1
            else f"at {percent(statement.mfu, 1)} MFU{by}"
        )
    return f"at {statement.joules_per_token:g} J/token"


def verdict_sign(verdict: str) -> tuple[str, Role]:
    """Return the sign of a verdict, and whether it is good or bad news."""
    role = _ROLES.get(verdict, "plain")
    return _SIGNS.get(role, "~"), role


def _verdict(label: str, verdict: str, text: str = "") -> Entry:
    sign, role = verdict_sign(verdict)
    tail = f": {text}" if text else ""
    return Entry(f"{sign} {label}", f"{verdict.upper()}{tail}", role)


def _training(judgement: TrainingJudgement, sources: Mapping[str, Source]) -> Iterator[Block]:
    """Yield a judged training claim."""
    yield Paragraph(statement_words(judgement.job), indent=0, role="title", hanging=2)
    yield Entries(tuple(_judged(judgement, sources)), _LABEL_WIDTH)


def _judged(judgement: TrainingJudgement, sources: Mapping[str, Source]) -> Iterator[Entry]:
    yield _verdict("verdict", judgement.verdict)
    yield from _listed("", (f"- {reason}" for reason in judgement.reasons))
    yield from (Entry("! note", warning, "bad") for warning in judgement.warnings)
    yield from _implied(judgement.job, judgement.implied)
    reached = judgement.reached
    if reached is not None:
        runs = (("least", reached.lowest), ("middle", reached.middle), ("most", reached.highest))
        yield Entry("published", reached.label)
        yield from _listed("", (f"{label} {run_words(run)}" for label, run in runs))
    yield from _listed("nearest runs", map(run_words, judgement.nearest))
    if isinstance(judgement.prediction, Prediction):
        yield from _prediction(judgement.prediction)
    disputes = (f"{text}; {_evidence(evidence, sources)}" for text, evidence in judgement.disputes)
    yield from _listed("sources say", disputes)
    yield from (Entry(f"{ASSUMED_MARK} assumed", assumed) for assumed in judgement.job.assumed)


training_document = document(_training)


def _listed(label: str, texts: Iterable[str]) -> Iterator[Entry]:
    """Yield texts below each other, the first beside the label."""
    for number, text in enumerate(texts):
        yield Entry("" if number else label, text)


def _implied(job: ClaimJob, implied: Implied) -> Iterator[Entry]:
    peak = numbers.trimmed(job.peak_flops_per_s, numbers.FLOPS_PER_S)
    yield Entry(
        "implied MFU",
        f"{numbers.percent(implied.mfu)} of {peak} {job.peak_datatype} dense "
        f"(6N + causal attention at {job.sequence_length:,} tokens, no recomputation)",
    )
    yield Entry("", f"{numbers.percent(implied.mfu_6n)} by 6 x active parameters alone")
    days = f", {numbers.decimal(implied.days, 3)} days" if implied.days is not None else ""
    yield Entry(
        "implied rate",
        f"{numbers.quantity(implied.tokens_per_second, numbers.TOKEN_RATE, 3)}, "
        f"{numbers.decimal(implied.tokens_per_second_per_chip, 3)} a chip{days}",
    )


def _prediction(prediction: Prediction) -> Iterator[Entry]:
    days = f", {numbers.days(prediction.days)} days" if prediction.days is not None else ""
    layout = prediction.layout
    rate = numbers.banded(prediction.tokens_per_second, numbers.TOKEN_RATE, 3)
    yield Entry(
        "model says",
        f"MFU {numbers.percent_band(prediction.mfu)}, {rate}{days}, on {prediction.system_name}",
    )
    yield Entry(
        "",
        f"tensor {layout.tp}, context {layout.cp}, expert {layout.ep}, pipeline {layout.pp} x {layout.vpp}, "
        f"data {layout.dp}; assumed: {', '.join(prediction.assumed)}",
    )


def run_words(run: PublishedRun) -> str:
    """Return a published run in one line: what it reached, of what, on what."""
    rate = numbers.decimal(run.tokens_per_second_per_chip, 3)
    return (
        f"{numbers.percent(run.mfu)} MFU, {rate} tokens/s a chip: {run.run.model} "
        f"on {run.chips:,} x {run.chip.name} ({run.run.id})"
    )


def _ratio(judgement: RatioJudgement) -> Iterator[Block]:
    yield Paragraph(judgement.text, indent=0, role="title", hanging=2)
    told = [_verdict("verdict", judgement.verdict)]
    told += _listed("", (f"- {reason}" for reason in judgement.reasons))
    told += [Entry("runs", ", ".join(judgement.runs))] if judgement.runs else []
    yield Entries(tuple(told), _LABEL_WIDTH)


def _evidence(evidence: Evidence, sources: Mapping[str, Source]) -> str:
    titles = "; ".join(
        f"{sources[key].title} [{key}]" if key in sources else f"[{key}]" for key in evidence.sources
    )
    note = f" ({evidence.note})" if evidence.note else ""
    return f"{known_words(evidence.kind)}: {titles or 'no source'}{note}"
