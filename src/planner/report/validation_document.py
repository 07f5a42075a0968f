"""A validation: what it comes to, the worst rows, chips beside the null model, skipped rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from planner.report.document import (
    GAP,
    Block,
    Heading,
    Item,
    Items,
    Paragraph,
    Table,
    cells,
    document,
    entries,
)
from planner.report.numbers import decimal
from planner.validation.accuracy import FEW_RUNS, Accuracy, Comparison, Fits
from planner.validation.coverage import FEWEST_RUNS, FEWEST_SOURCES, LEAST_HELD, MOST_HELD
from planner.validation.cross_validation import CrossValidation
from planner.validation.pilots import PilotGain
from planner.validation.run_scores import ErrorSummary, ScoredRun, summarise
from planner.validation.validation import Validation

#: Rows that the text names; `--json` has all.
WORST_ROWS = 15
_NOTHING = "-"
COLUMNS = ("n", "mean", "median", "p90", "bias", "band", "pinball")
NULL_COLUMNS = ("null", "unseen")
_NUMBERS = frozenset(range(1, 11))


def share(value: float | None) -> str:
    """Return a share as percent with one decimal, so that columns line up."""
    return _NOTHING if value is None else f"{100 * value:.1f} %"


def signed(value: float | None) -> str:
    """Return an error as percent with its sign."""
    return _NOTHING if value is None else f"{100 * value:+.1f} %"


@document
def validation_document(validation: Validation, figures: Accuracy) -> Iterator[Block]:
    """Yield the figures, summary first."""
    yield from _summary(validation, figures)
    yield from _worst(validation.measured)
    yield from _refused(figures.fits)
    yield from _comparisons("Chips", "chip", figures.chips)
    yield from _comparisons("Stacks", "stack", figures.frameworks, has_null=False)
    yield from _contradictions(validation.scored)
    yield from _skipped(validation)


@document
def cross_validation_document(result: CrossValidation) -> Iterator[Block]:
    """Yield the figures of predictions that never saw a run's source."""
    yield Heading(
        "Cross-validation",
        f"each {result.held_out} held out in turn, constants refitted without it",
    )
    yield _groups(result.groups)
    yield from _comparisons("Who ran it, held out", "team", result.teams)
    yield entries(held_out_words(result), 18)
    yield from _comparisons(
        "Whole trainings, held out", "operator", result.whole, has_null=False, aside="tier E, in percent"
    )
    yield from _bands(result)
    yield from _pilots(result)
    yield from _comparisons("Chips, held out", "chip", result.chips)
    yield Paragraph("compare mean with the last column: both have not seen what they predict", role="quiet")


#: What stands over the figures of pilots.
PILOT_COLUMNS = ("sources", "n", "mean", "with it", "by source", "with it", "band", "with it")


def pilot_cells(gain: PilotGain) -> tuple[str, ...]:
    """Return what pilots gain some runs, in percent: each figure without and with one."""
    pairs = (
        (in_percent(gain.without.mean_abs), in_percent(gain.measured.mean_abs)),
        (in_percent(gain.without.by_source), in_percent(gain.measured.by_source)),
        (f"{100 * gain.without.coverage:.0f}", f"{100 * gain.measured.coverage:.0f}"),
    )
    return (gain.name, str(gain.sources), str(gain.runs), *(cell for pair in pairs for cell in pair))


def _pilots(result: CrossValidation) -> Iterator[Block]:
    """Yield what one measured step of a left-out source is worth to its other runs."""
    if result.pilots:
        yield Heading("A pilot, held out", "one run of a source measured, its others predicted; in percent")
        header = ("pilot", *PILOT_COLUMNS)
        yield Table(header, cells(map(pilot_cells, result.pilots)), right=_NUMBERS)


#: What stands over the groups whose bands do not hold what they say.
BAND_COLUMNS = ("sources", "n", "held", "half width", "80 % within", "most outside")


def dishonest_bands(result: CrossValidation) -> Iterator[tuple[str, ...]]:
    """Yield the groups whose 80 % band holds less than 70 or more than 90 %, and whose runs lie outside."""
    for group in result.bands:
        if not group.is_honest:
            named = (f"{it.source} {it.outside} of {it.runs} ({signed(it.error)})" for it in group.outside)
            shares = (group.held, math.expm1(group.half_width), math.expm1(group.error_of_80))
            yield (
                group.group,
                str(group.sources),
                str(group.runs),
                *(f"{100 * value:.0f} %" for value in shares),
                ", ".join(named) or _NOTHING,
            )


def band_words(result: CrossValidation) -> str:
    """Return how many groups hold what their bands say."""
    honest = sum(group.is_honest for group in result.bands)
    return (
        f"{honest} of {len(result.bands)} groups of {FEWEST_RUNS} runs and {FEWEST_SOURCES} sources hold "
        f"{100 * LEAST_HELD:.0f} to {100 * MOST_HELD:.0f} % of their rates in the 80 % band"
    )


def _bands(result: CrossValidation) -> Iterator[Block]:
    """Yield the classes and groups whose bands do not hold what they say."""
    if result.bands:
        yield Heading("Bands, held out", band_words(result))
        rows = list(dishonest_bands(result))
        yield Table(("group", *BAND_COLUMNS[:-1]), cells(row[:-1] for row in rows), right=_NUMBERS)
        yield Items(tuple(Item(f"{row[0]}: {BAND_COLUMNS[-1]} {row[-1]}") for row in rows))


def held_out_words(result: CrossValidation) -> Iterable[tuple[str, str]]:
    """Yield the errors with and without the framework, by row and by source, and the loss of the bands."""
    rows = summarise(result.scored)
    for name, summary in (("framework known", rows), ("framework unknown", result.framework_unknown)):
        if summary.n:
            yield (
                name,
                f"mean {share(summary.mean_abs)}, median {share(summary.median_abs)}, band "
                f"{share(summary.coverage)}, pinball loss {in_percent(summary.pinball)}",
            )
    for entry in result.sources:
        yield (
            f"by source, {entry.name.removeprefix('framework ')}",
            f"mean {share(entry.mean_abs)} of {entry.sources} sources, whose levels spread by "
            f"{share(entry.log_spread)}",
        )


def _summary(validation: Validation, figures: Accuracy) -> Iterator[Block]:
    """Yield the figures by tier and the special cases."""
    measured, skipped = len(validation.measured), len(validation.skipped)
    unmeasured = len(validation.scored) - measured
    aside = f"{measured} runs predicted and measured, {skipped} skipped"
    yield Heading("Validation", aside + (f", {unmeasured} without a published rate" if unmeasured else ""))
    yield _groups(figures.tiers)
    yield Paragraph(
        "in percent; error: predicted median over measured tokens/s per chip, less 1; band: measured rates "
        "inside the 80 % band; pinball: 100 times the mean loss of the band, of the "
        "logarithm; null: mean error of one constant utilisation per chip, fitted on these rows; "
        "unseen: the same, fitted without the run's source",
        role="quiet",
    )
    yield GAP
    yield entries(special_cases(figures), 14)


def _groups(groups: Iterable[Comparison]) -> Table:
    rows = (comparison_cells(entry) for entry in groups if entry.ours.n)
    return Table(("errors of", *COLUMNS, *NULL_COLUMNS), cells(rows), right=_NUMBERS)


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
    null = (in_percent(entry.null_in_sample.mean_abs), in_percent(entry.null_held_out.mean_abs))
    return (entry.name, *summary_cells(entry.ours), *(null if has_null else ()))


def summary_cells(summary: ErrorSummary) -> tuple[str, ...]:
    """Return count, mean, median, 90th percentile, bias and coverage, in percent."""
    return (
        str(summary.n),
        in_percent(summary.mean_abs),
        in_percent(summary.median_abs),
        in_percent(summary.p90_abs),
        _NOTHING if summary.bias is None else f"{100 * summary.bias:+.1f}",
        _NOTHING if summary.coverage is None else f"{100 * summary.coverage:.0f}",
        in_percent(summary.pinball),
    )


def in_percent(value: float | None) -> str:
    """Return a share in percent without its sign, for a column that says so."""
    return _NOTHING if value is None else f"{100 * value:.1f}"


def _worst(measured: Sequence[ScoredRun]) -> Iterator[Block]:
    """Yield the rows with the largest errors."""
    worst = sorted(measured, key=lambda run: -abs(run.error or 0.0))[:WORST_ROWS]
    if worst:
        yield Heading("Worst rows", "tokens/s per chip; --json has every row")
        header = ("error", "run", "tier", "measured", "predicted", "80 % band", "memory")
        yield Table(header, cells(map(_row_cells, worst)), right=frozenset({0, 3, 4, 5, 6}))


def _row_cells(run: ScoredRun) -> tuple[str, ...]:
    band = run.predicted
    return (
        signed(run.error),
        run.case.run.id,
        run.case.run.tier,
        decimal(run.measured, 3),
        decimal(band.p50, 3),
        f"{decimal(band.p10, 3)}..{decimal(band.p90, 3)}",
        f"{run.fit.memory_share:.2f}",
    )


def _refused(fits: Fits) -> Iterator[Block]:
    """Yield the runs with complete layouts that are called impossible, though they ran."""
    aside = f"{len(fits.refused)} of {fits.complete} runs with complete layouts ({share(fits.refused_share)})"
    yield Heading("Called impossible", aside)
    rows = ((f"{run.fit.memory_share:.2f}", run.case.run.id, run.chip) for run in fits.refused)
    yield Table(("memory", "run", "chip"), cells(rows), right=frozenset({0}))
    by_chip = ", ".join(f"{chip} {share(found)}" for chip, found in fits.refused_by_chip.items() if found)
    if by_chip:
        yield Paragraph(f"of chips with {FEW_RUNS} runs and more: {by_chip}", role="quiet")


def _comparisons(
    title: str,
    name: str,
    groups: Sequence[Comparison],
    *,
    has_null: bool = True,
    aside: str = "tiers A and B, in percent",
) -> Iterator[Block]:
    """Yield a table of groups beside the null model."""
    if not groups:
        return
    rows = []
    for group in groups:
        first, *rest = comparison_cells(group, has_null=has_null)
        rows.append((first, str(group.sources), *rest))
    yield Heading(title, aside)
    header = (name, "sources", *COLUMNS, *(NULL_COLUMNS if has_null else ()))
    yield Table(header, cells(rows), right=_NUMBERS)


def _contradictions(scored: Sequence[ScoredRun]) -> Iterator[Block]:
    named = [run for run in scored if run.contradictions]
    if named:
        yield Heading("Contradictions", "rows that disagree with themselves; predicted all the same")
        told = (Item(f"{run.case.run.id}: {'; '.join(run.contradictions)}") for run in named)
        yield Items(tuple(told))


def _skipped(validation: Validation) -> Iterator[Block]:
    if validation.skipped:
        yield Heading("Skipped", "rows without a prediction")
        yield Items(tuple(Item(f"{row.id}: {row.reason}") for row in validation.skipped))
