"""A validation as text: what it comes to, the worst rows, chips beside the null model, skipped rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.report.numbers import decimal
from planner.report.page import Page
from planner.validation.accuracy import Accuracy, Comparison
from planner.validation.cross_validation import CrossValidation
from planner.validation.run_scores import ErrorSummary, ScoredRun
from planner.validation.validation import Validation

#: Rows that the text names; `--json` has all.
WORST_ROWS = 15
_NOTHING = "-"
COLUMNS = ("n", "mean", "median", "p90", "bias", "band")
NULL_COLUMNS = ("null", "unseen")
_NUMBERS = frozenset(range(1, 10))


def share(value: float | None) -> str:
    """Return a share as percent with one decimal, so that columns line up."""
    return _NOTHING if value is None else f"{100 * value:.1f} %"


def signed(value: float | None) -> str:
    """Return an error as percent with its sign."""
    return _NOTHING if value is None else f"{100 * value:+.1f} %"


def validation_to_text(
    validation: Validation,
    figures: Accuracy,
    *,
    title: str = "VALIDATION",
    width: int = 80,
    is_coloured: bool = False,
) -> str:
    """Return the figures, summary first."""
    page = Page(width, is_coloured=is_coloured)
    add_summary(page, validation, figures, title)
    add_worst(page, validation.measured)
    add_comparisons(page, "CHIPS", "chip", figures.chips)
    add_comparisons(page, "STACKS", "stack", figures.frameworks, has_null=False)
    _add_contradictions(page, validation.scored)
    _add_skipped(page, validation)
    return page.text


def cross_validation_to_text(result: CrossValidation, *, width: int = 80, is_coloured: bool = False) -> str:
    """Return the figures of predictions that never saw a run's source."""
    page = Page(width, is_coloured=is_coloured)
    page.heading(
        "CROSS-VALIDATION",
        f"each {result.held_out} held out in turn, constants refitted without it"
        + (", framework unknown" if result.held_out == "source" else ""),
    )
    page.table(
        ("errors of", *COLUMNS, *NULL_COLUMNS),
        [comparison_cells(entry) for entry in result.groups if entry.ours.n],
        right=_NUMBERS,
    )
    add_comparisons(page, "CHIPS, HELD OUT", "chip", result.chips)
    page.paragraph("compare mean with the last column: both have not seen what they predict", role="quiet")
    return page.text


def add_summary(page: Page, validation: Validation, figures: Accuracy, title: str) -> None:
    """Add the figures by tier and the special cases."""
    measured, skipped = len(validation.measured), len(validation.skipped)
    unmeasured = len(validation.scored) - measured
    aside = f"{measured} runs predicted and measured, {skipped} skipped"
    page.heading(title, aside + (f", {unmeasured} without a published rate" if unmeasured else ""))
    page.table(
        ("errors of", *COLUMNS, *NULL_COLUMNS),
        [comparison_cells(entry) for entry in figures.tiers if entry.ours.n],
        right=_NUMBERS,
    )
    page.paragraph(
        "in percent; error: predicted median over measured tokens/s per chip, less 1; band: measured rates "
        "inside the 80 % band; null: mean error of one constant utilisation per chip, fitted on these rows; "
        "unseen: the same, fitted without the run's source",
        role="quiet",
    )
    page.gap()
    for label, text in special_cases(figures):
        page.entry(label, text, 14)


def special_cases(figures: Accuracy) -> Iterable[tuple[str, str]]:
    """Yield the layout pairs, the noise floor and the peak memory, as words."""
    for name, pairs in (("layout pairs", figures.ranking), ("of the sweep", figures.sweep_ranking)):
        if pairs.pairs:
            yield name, f"{pairs.right} of {pairs.pairs} ranked right ({share(pairs.share)})"
    for entry in figures.tiers:
        if entry.ours.largest is not None and entry.name.strip().startswith("Korthikanti"):
            yield "table 5", f"largest error {share(entry.ours.largest)}, full recompute"
    if figures.noise.pairs:
        yield (
            "noise floor",
            f"{figures.noise.pairs} pairs of rows with equal inputs differ by {share(figures.noise.mean)} "
            f"in the mean, {share(figures.noise.largest)} at most",
        )
    if figures.memory.n:
        yield (
            "peak memory",
            f"mean error {share(figures.memory.mean_abs)}, bias {signed(figures.memory.bias)}, "
            f"of {figures.memory.n} published peaks; of the sweep {share(figures.sweep_memory.mean_abs)}",
        )


def comparison_cells(entry: Comparison, *, has_null: bool = True) -> tuple[str, ...]:
    """Return the cells of one group, in percent, with the null model's where they are wanted."""
    null = (_in_percent(entry.null_in_sample.mean_abs), _in_percent(entry.null_held_out.mean_abs))
    return (entry.name, *summary_cells(entry.ours), *(null if has_null else ()))


def summary_cells(summary: ErrorSummary) -> tuple[str, ...]:
    """Return count, mean, median, 90th percentile, bias and coverage, in percent."""
    return (
        str(summary.n),
        _in_percent(summary.mean_abs),
        _in_percent(summary.median_abs),
        _in_percent(summary.p90_abs),
        _NOTHING if summary.bias is None else f"{100 * summary.bias:+.1f}",
        _NOTHING if summary.coverage is None else f"{100 * summary.coverage:.0f}",
    )


def _in_percent(value: float | None) -> str:
    return _NOTHING if value is None else f"{100 * value:.1f}"


def add_worst(page: Page, measured: Sequence[ScoredRun], *, rows: int = WORST_ROWS) -> None:
    """Add the rows with the largest errors."""
    worst = sorted(measured, key=lambda run: -abs(run.error or 0.0))[:rows]
    if not worst:
        return
    page.heading("WORST ROWS", "tokens/s per chip; --json has every row")
    page.table(
        ("error", "run", "tier", "measured", "predicted", "80 % band"),
        [_row_cells(run) for run in worst],
        right=frozenset({0, 3, 4, 5}),
    )


def _row_cells(run: ScoredRun) -> tuple[str, ...]:
    band = run.predicted
    return (
        signed(run.error),
        run.case.run.id,
        run.case.run.tier,
        decimal(run.measured, 3),
        decimal(band.p50, 3),
        f"{decimal(band.p10, 3)}..{decimal(band.p90, 3)}",
    )


def add_comparisons(
    page: Page, title: str, name: str, entries: Sequence[Comparison], *, has_null: bool = True
) -> None:
    """Add a table of groups beside the null model."""
    if not entries:
        return
    page.heading(title, "tiers A and B, in percent")
    page.table(
        (name, "sources", *COLUMNS, *(NULL_COLUMNS if has_null else ())),
        [
            (cells[0], str(entry.sources), *cells[1:])
            for entry in entries
            for cells in (comparison_cells(entry, has_null=has_null),)
        ],
        right=_NUMBERS,
    )


def _add_contradictions(page: Page, scored: Sequence[ScoredRun]) -> None:
    named = [run for run in scored if run.contradictions]
    if named:
        page.heading("CONTRADICTIONS", "rows that disagree with themselves; predicted all the same")
        for run in named:
            page.paragraph(f"{run.case.run.id}: {'; '.join(run.contradictions)}", hanging=2)


def _add_skipped(page: Page, validation: Validation) -> None:
    if validation.skipped:
        page.heading("SKIPPED", "rows without a prediction")
        for row in validation.skipped:
            page.paragraph(f"{row.id}: {row.reason}", hanging=2)
