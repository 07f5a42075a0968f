"""A validation of post-training: steps beside both null models, phases, pairs, bands, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from planner.domain.first_prediction import FirstPredictions
from planner.domain.post_training_fit import HeldOutErrors, HeldOutRows
from planner.report.document import Block, Heading, Item, Items, Table, cells, document, entries
from planner.report.numbers import decimal
from planner.report.validation_document import share, signed
from planner.report.validation_json import VALIDATION_SCHEMA, summary_to_dict
from planner.validation.post_training_scores import (
    NEAR_RATIO,
    PHASES,
    PairedRatio,
    PostTrainingValidation,
    ScoredStep,
    covered,
    summary_of,
)
from planner.validation.run_scores import ErrorSummary, error_summary

Predicted = Callable[[ScoredStep], float]
#: What steps are predicted by, in the order in which they are told.
_WAYS: dict[str, tuple[str, Predicted]] = {
    "predicted": ("predicted", lambda row: row.predicted_s),
    "null_chip": ("null: per chip", lambda row: row.null_chip_s),
    "null_model_chip": ("null: per model, chip", lambda row: row.null_model_chip_s),
}
_PHASE_WORDS = {
    "rollout_s": "rollout",
    "log_prob_s": "log-probabilities",
    "reference_s": "reference",
    "update_s": "update",
}


@document
def post_training_document(
    validation: PostTrainingValidation, first: FirstPredictions | None, unseen: HeldOutErrors | None = None
) -> Iterator[Block]:
    """Yield the figures, summary first.

    `first` is what was said before any fit, of the shipped rows; `unseen` what the shipped constants err by
    where each group is held out in turn.
    """
    how = ", each group held out of the fit" if validation.is_held_out else ", in sample"
    yield Heading(
        "Post-training", f"{len(validation.scored)} rows scored, {len(validation.unscored)} not{how}"
    )
    header = ("step time", "n", "median", "mean", "90th", "bias")
    right = frozenset({1, 2, 3, 4, 5})
    steps, tuned = validation.steps(), validation.fine_tuning()
    rows = [(words, summary_of(steps, way)) for words, way in _WAYS.values()] if steps else []
    for words, is_assumed in (("of them, lengths stated", False), ("of them, lengths assumed", True)):
        some = [row for row in steps if row.has_assumed_lengths == is_assumed]
        if 0 < len(some) < len(steps):
            rows.append((words, summary_of(some, _WAYS["predicted"][1])))
    if tuned:
        rows += [(f"fine-tuning, {words}", summary_of(tuned, way)) for words, way in _WAYS.values()]
    if first is not None:
        rows.append(("first said, all rows", error_summary(_first_errors(first))))
    yield Table(header, cells(_cells(words, found) for words, found in rows), right=right)
    yield entries([*_unseen(unseen), *_bands(steps, tuned)], 22)
    phases = [(_PHASE_WORDS[name], error_summary(_of_phase(steps, name))) for name in PHASES]
    if any(found.n for _, found in phases):
        yield Heading("Phases", "predicted over measured, less 1")
        yield Table(
            ("phase", *header[1:]),
            cells(_cells(words, found) for words, found in phases if found.n),
            right=right,
        )
    if validation.ratios:
        yield Heading("Pairs", "two rows of one job: the first step over the second")
        pairs = (
            (
                ratio.first,
                _other_end(ratio.first, ratio.second),
                f"{ratio.measured:.2f}",
                f"{ratio.predicted:.2f}",
                signed(ratio.error),
            )
            for ratio in validation.ratios
        )
        yield Table(
            ("first", "second", "measured", "predicted", "error"), cells(pairs), right=frozenset({2, 3, 4})
        )
        told = _of_ratios([ratio for ratio in validation.ratios if ratio.is_of_staleness])
        if told is not None:
            yield entries([("synchronous over asynchronous", told)], 30)
    yield Heading("Rows", "seconds of a step")
    names = ("row", "measured", "predicted", "low", "high", "error", "per chip", "per model")
    yield Table(names, cells(map(_row, validation.scored)), right=frozenset(range(1, 8)))
    if validation.unscored:
        yield Heading("Not scored")
        yield Items(tuple(Item(f"{name}: {reason}") for name, reason in validation.unscored))


def _cells(words: str, found: ErrorSummary) -> tuple[str, ...]:
    figures = (found.median_abs, found.mean_abs, found.p90_abs)
    return words, str(found.n), *map(share, figures), signed(found.bias)


def _bands(steps: Sequence[ScoredStep], tuned: Sequence[ScoredStep]) -> Iterator[tuple[str, str]]:
    for words, rows in (("80 % band of steps", steps), ("of fine-tuning", tuned)):
        if rows:
            yield words, f"holds {share(covered(rows))} of {len(rows)}"


def _unseen(unseen: HeldOutErrors | None) -> Iterator[tuple[str, str]]:
    if unseen is not None:
        yield "each group held out", _of_rows(unseen)
        for words, some in (("stated", unseen.lengths_stated), ("assumed", unseen.lengths_assumed)):
            if some is not None:
                yield (
                    f"  lengths {words}",
                    f"median {share(some.median)}, 90th {share(some.p90)} of {some.rows}",
                )
        if unseen.fine_tuning is not None:
            yield "fine-tuning by source", _of_rows(unseen.fine_tuning)


def _of_rows(unseen: HeldOutRows) -> str:
    nulls = f"per chip {share(unseen.null_chip_median)}, per model and chip "
    return (
        f"median {share(unseen.median)}, 90th {share(unseen.p90)} of {unseen.rows}; medians of the null "
        f"models {nulls}{share(unseen.null_model_chip_median)}; the band holds {share(unseen.coverage)}"
    )


def _of_ratios(ratios: Sequence[PairedRatio]) -> str | None:
    errors = [abs(ratio.error) for ratio in ratios]
    if not errors:
        return None
    near = sum(error <= NEAR_RATIO for error in errors)
    return (
        f"median error {share(error_summary(errors).median_abs)}, {near} of {len(errors)} within "
        f"{share(NEAR_RATIO)}"
    )


def _of_phase(rows: Sequence[ScoredStep], name: str) -> list[float]:
    return [row.phases[name] for row in rows if name in row.phases]


def _other_end(first: str, second: str) -> str:
    """Return what the name of a second row has that the first has not, after their common words."""
    words, others = first.split("-"), second.split("-")
    same = next((n for n, (a, b) in enumerate(zip(words, others, strict=False)) if a != b), 0)
    return "-".join(("..", *others[same:])) if same else second


def _first_errors(first: FirstPredictions) -> list[float]:
    """Return the errors of steps as first predicted: of a rate the other way round."""
    return [one.published / one.predicted - 1.0 for one in first.predictions]


def _row(row: ScoredStep) -> tuple[str, ...]:
    seconds = (row.case.measured_s, row.predicted_s, row.low_s, row.high_s)
    nulls = (row.null_chip_s, row.null_model_chip_s)
    return (
        row.run.id,
        *(decimal(value, 3) for value in seconds),
        signed(row.error),
        *(signed(value / row.case.measured_s - 1.0) for value in nulls),
    )


def post_training_to_dict(
    validation: PostTrainingValidation, first: FirstPredictions | None, unseen: HeldOutErrors | None = None
) -> dict[str, Any]:
    """Return the rows and their summary."""
    steps, tuned = validation.steps(), validation.fine_tuning()
    return {
        "schema": VALIDATION_SCHEMA,
        "is_held_out": validation.is_held_out,
        "steps": [_to_dict(row) for row in validation.scored],
        "unscored": [{"id": name, "reason": reason} for name, reason in validation.unscored],
        "summary": {
            "steps": _summaries(steps),
            "fine_tuning": _summaries(tuned),
            "held_out": None if unseen is None else unseen.model_dump(),
            "first_predictions": None
            if first is None
            else summary_to_dict(error_summary(_first_errors(first))),
            "phases": {name: summary_to_dict(error_summary(_of_phase(steps, name))) for name in PHASES},
            "pairs": [
                {
                    "pair": ratio.pair,
                    "first": ratio.first,
                    "second": ratio.second,
                    "measured": ratio.measured,
                    "predicted": ratio.predicted,
                    "error": ratio.error,
                    "is_of_staleness": ratio.is_of_staleness,
                }
                for ratio in validation.ratios
            ],
        },
    }


def _summaries(rows: Sequence[ScoredStep]) -> dict[str, Any]:
    told = {name: summary_to_dict(summary_of(rows, way)) for name, (_, way) in _WAYS.items()}
    return {**told, "coverage": covered(rows)}


def _to_dict(row: ScoredStep) -> dict[str, Any]:
    run = row.run
    return {
        "id": run.id,
        "kind": run.kind,
        "group": run.group,
        "model": run.model,
        "chip": run.hardware.chip,
        "chips": run.hardware.chip_count,
        "measured_s": row.case.measured_s,
        "predicted_s": row.predicted_s,
        "p10_s": row.low_s,
        "p90_s": row.high_s,
        "error": row.error,
        "null_chip_s": row.null_chip_s,
        "null_model_chip_s": row.null_model_chip_s,
        "phases": dict(row.phases),
        "missing": list(run.missing),
        "assumed": [*run.assumed, *row.case.assumed],
    }
