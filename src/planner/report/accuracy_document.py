"""The accuracy document: the figures of a validation as Markdown, what it gets wrong, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from planner.domain.first_prediction import FirstPredictions
from planner.report.constants_document import HEADER, MEANING, constant_cells
from planner.report.numbers import decimal
from planner.report.validation_document import (
    BAND_COLUMNS,
    COLUMNS,
    NULL_COLUMNS,
    PILOT_COLUMNS,
    band_words,
    comparison_cells,
    dishonest_bands,
    held_out_words,
    in_percent,
    pilot_cells,
    share,
    signed,
    special_cases,
    summary_cells,
)
from planner.text import safe
from planner.validation.accuracy import Accuracy, Comparison
from planner.validation.as_buyer import ScoredJob
from planner.validation.buyer_groups import by_class
from planner.validation.calibration import Calibration
from planner.validation.constants import constants
from planner.validation.cross_validation import CrossValidation
from planner.validation.error_sources import errors_by_property, explained, systematic_errors
from planner.validation.run_scores import ScoredRun
from planner.validation.validation import Validation

_WORST_ROWS = 25
_LONGEST_NOTE = 160


def accuracy_document(
    validation: Validation,
    figures: Accuracy,
    crossed: CrossValidation | None,
    first: FirstPredictions,
    calibration: Calibration | None,
    *,
    plot: str,
    bought: Sequence[ScoredJob] = (),
) -> str:
    """Return the document; `plot` is the name of the plot's file beside it, `bought` held-out plans."""
    lines = [
        "# Accuracy",
        "",
        "Written by `planner validate --cross-validate --write docs`; edit the program, not this file.",
        "",
        "The error of a run is the predicted median over the measured tokens per second and chip, less 1. "
        "`mean`, `median` and `p90` are of its size, `bias` is the mean with its sign, `band` is how many "
        "measured rates lie in the 80 % band (80 is right), `pinball` is the loss of the band (of the "
        "logarithm, at the 10th, 50th and 90th percentile); all in percent. Tier A runs publish every input; "
        "in tier B the layout search and defaults fill the gaps; tier E are whole runs with their "
        "interruptions, held against the rate times the goodput, over campaign losses. `null` is the mean "
        "error of the null model: one constant utilisation per chip, on the 16-bit peak and 6N, the best "
        "there is for these rows; "
        "`unseen` is the same, fitted without the run's source.",
        "",
        *_summary(validation, figures, plot),
        *_unseen(first, {run.case.run.id for run in validation.measured}),
        *_by_group("Chips", "chip", figures.chips),
        *_by_group("Stacks", "stack", figures.frameworks),
        *(_crossed(crossed) if crossed is not None else ()),
        *_as_buyer(bought),
        *(_constants(calibration) if calibration is not None else ()),
        *_wrong(validation.measured),
        *_listed(validation),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _summary(validation: Validation, figures: Accuracy, plot: str) -> Iterator[str]:
    yield "## Predicted against measured"
    yield ""
    yield f"{len(validation.measured)} runs, {len(validation.skipped)} rows without a prediction."
    yield ""
    yield f"![predicted against measured tokens per second and chip]({plot})"
    yield ""
    yield from _comparisons("errors of", [entry for entry in figures.tiers if entry.ours.n])
    for label, text in special_cases(figures):
        yield f"- {label}: {text}"
    yield ""


def _unseen(first: FirstPredictions, shown: Collection[str]) -> Iterator[str]:
    rows = [
        (
            entry.run,
            decimal(entry.published, 3),
            decimal(entry.predicted, 3),
            f"{decimal(entry.low, 3)} to {decimal(entry.high, 3)}",
            signed(entry.predicted / entry.published - 1.0),
        )
        for entry in first.predictions
        if entry.run in shown
    ]
    if rows:
        yield "## Predicted before any fit saw them"
        yield ""
        for text in (first.introduction, *(entry.text for entry in first.round)):
            yield text
            yield ""
        yield from _table(("run", "published", "predicted", "80 % band", "error"), rows)


def _by_group(title: str, label: str, entries: Sequence[Comparison]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "Tiers A and B."
    yield ""
    yield from _comparisons(label, entries)


def _crossed(crossed: CrossValidation) -> Iterator[str]:
    yield "## Cross-validation"
    yield ""
    yield (
        f"Each {crossed.held_out} is held out in turn and the constants are refitted without it, from a cold "
        "start. That is what a plan is: a run of a source that no fit has seen. Holding out the only source "
        "of a chip leaves nothing but the prior; those chips stand apart. A band is as wide as the other "
        "left-out sources scatter, by who ran them and what they trained."
    )
    yield ""
    for label, text in held_out_words(crossed):
        yield f"- {label}: {text}"
    yield ""
    yield from _comparisons("who ran it", crossed.teams)
    yield from _comparisons("errors of", [entry for entry in crossed.groups if entry.ours.n])
    yield from _comparisons("chip", crossed.chips)
    yield from _whole(crossed)
    yield from _bands(crossed)
    if crossed.pilots:
        yield (
            "A pilot is one measured step of one's own. Each run of a source in turn is measured first, and "
            "the others are predicted with it: its error goes into theirs as far as a source's runs share it."
        )
        yield ""
        rows = (_with_dash(pilot_cells(gain)) for gain in crossed.pilots)
        yield from _table(("pilot", *PILOT_COLUMNS), rows)


def _as_buyer(jobs: Sequence[ScoredJob]) -> Iterator[str]:
    if not jobs:
        return
    yield "## As a buyer"
    yield ""
    yield (
        "Each published job as a plan would ask for it: model, chip, count, batch, sequence, precision, who "
        "runs it and the stack's name are told, the layout is searched, and the job's best published run is "
        "the measure. Constants and what people run (`profiles/layout_practice.toml`) are fitted without the "
        "job's source. `given` is the mean error of the same constants with that run's own layout, software "
        "and recipe."
    )
    yield ""
    rows = (
        _with_dash((name, *summary_cells(ours), in_percent(given.mean_abs)))
        for name, ours, given in by_class(jobs)
    )
    yield from _table(("jobs of", *COLUMNS, "given"), rows)


def _constants(calibration: Calibration) -> Iterator[str]:
    yield "## Constants"
    yield ""
    yield f"{MEANING}."
    yield ""
    yield from _table(HEADER, map(constant_cells, constants(calibration)))


def _whole(crossed: CrossValidation) -> Iterator[str]:
    """Yield the errors of whole trainings whose source was held out, by who operates."""
    if crossed.whole:
        yield (
            "Whole trainings (tier E): days and chip hours against the steps, the failures of such operators "
            "and what campaigns of other sources lost beside failures."
        )
        yield ""
        yield from _table(
            ("operator", "sources", *COLUMNS),
            [(entry.name, str(entry.sources), *summary_cells(entry.ours)) for entry in crossed.whole],
        )


def _bands(crossed: CrossValidation) -> Iterator[str]:
    """Yield the classes and groups whose bands do not hold what they say."""
    if crossed.bands:
        yield f"{band_words(crossed)}. Those that do not, and the sources that have most runs outside:"
        yield ""
        yield from _table(("group", *BAND_COLUMNS), dishonest_bands(crossed))


def _wrong(runs: Sequence[ScoredRun]) -> Iterator[str]:
    yield "## What the model gets wrong, and why"
    yield ""
    yield "Causes as the rows and their notes suggest them; nobody has measured them apart:"
    yield ""
    for cause, summary in explained(runs):
        yield (
            f"- **{cause.title}** ({summary.n} runs, mean error {share(summary.mean_abs)}, bias "
            f"{signed(summary.bias)}). {cause.text}"
        )
    yield ""
    yield "Errors by property of the run, tiers A and B:"
    yield ""
    rows = [(name, *summary_cells(summary)) for name, summary in errors_by_property(runs)]
    yield from _table(("runs", *COLUMNS), rows)
    yield "Sources that err to one side on a chip, two runs or more:"
    yield ""
    yield from _table(
        ("source", "chip", "stack", *COLUMNS),
        [
            (group.source, group.chip, group.stack, *summary_cells(group.summary))
            for group in systematic_errors(runs)
        ],
    )
    yield f"The {_WORST_ROWS} largest errors:"
    yield ""
    worst = sorted(runs, key=lambda run: -abs(run.error or 0.0))[:_WORST_ROWS]
    yield from _table(
        ("run", "tier", "measured", "predicted", "80 % band", "error", "remarks"), map(_worst_row, worst)
    )


def _worst_row(run: ScoredRun) -> tuple[str, ...]:
    stated, band = run.case.run, run.predicted
    remarks = [
        *(["searched layout"] if run.is_layout_searched else []),
        *run.contradictions,
        *([stated.known_issue] if stated.known_issue else []),
        *([stated.notes] if stated.notes else []),
    ]
    note = "; ".join(remarks)
    return (
        stated.id,
        stated.tier,
        decimal(run.measured, 3),
        decimal(band.p50, 3),
        f"{decimal(band.p10, 3)} to {decimal(band.p90, 3)}",
        signed(run.error),
        note if len(note) <= _LONGEST_NOTE else note[:_LONGEST_NOTE].rsplit(" ", 1)[0] + " ...",
    )


def _listed(validation: Validation) -> Iterator[str]:
    named = [run for run in validation.scored if run.contradictions]
    if named:
        yield "## Rows that disagree with themselves"
        yield ""
        yield from (f"- {_cell(run.case.run.id)}: {_cell('; '.join(run.contradictions))}" for run in named)
        yield ""
    if validation.skipped:
        yield "## Rows without a prediction"
        yield ""
        yield from (f"- {_cell(row.id)}: {_cell(row.reason)}" for row in validation.skipped)
        yield ""


def _comparisons(label: str, entries: Sequence[Comparison]) -> Iterator[str]:
    header = (label, "sources", *COLUMNS, *NULL_COLUMNS)
    yield from _table(header, [_with_sources(entry) for entry in entries])


def _with_sources(entry: Comparison) -> tuple[str, ...]:
    name, *cells = comparison_cells(entry)
    return _with_dash((name, str(entry.sources), *cells))


def _with_dash(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return a row with its name for Markdown, which eats the leading spaces of a part of the group above."""
    name, *others = cells
    return ("- " + name.strip() if name.startswith(" ") else name, *others)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|---" * len(header) + "|"
    for row in rows:
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"
    yield ""


def _cell(text: str) -> str:
    """Return text that stays text in Markdown."""
    shown = safe(text)
    for character in ("\\", "|", "<", "`", "*", "_", "["):
        shown = shown.replace(character, "\\" + character)
    return shown
