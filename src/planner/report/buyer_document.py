"""Plans of published jobs beside what was run, as a document and JSON: by class, model, chip and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from planner.engine.inputs import Layouts
from planner.report.document import Block, Heading, Paragraph, Table, cells, document
from planner.report.validation_document import COLUMNS, in_percent, signed, summary_cells
from planner.report.validation_json import summary_to_dict
from planner.units import percent
from planner.validation.as_buyer import ScoredJob
from planner.validation.buyer_groups import Group, by_class, grouped, reason

BUYER_SCHEMA = 1
_WORST_ROWS = 15
_NUMBERS = frozenset(range(1, 9))


def layout_text(layout: Layouts) -> str:
    """Return a layout in one line."""

    def degree(name: str) -> str:
        return f"{float(np.ravel(getattr(layout, name))[0]):g}"

    again = float(np.ravel(layout.recompute_layers)[0])
    parts = float(np.ravel(layout.recompute_attention)[0]) or float(np.ravel(layout.recompute_matmul)[0])
    recompute = percent(again) if again else "parts" if parts else "none"
    return (
        f"tensor {degree('tensor')}, context {degree('context')}, expert {degree('expert')}, "
        f"pipeline {degree('pipeline')} x {degree('virtual_stages')}, data {degree('data')}, "
        f"microbatch {degree('microbatch')}, "
        f"ZeRO {degree('zero')}, recompute {recompute}"
    )


def _source(job: ScoredJob) -> str:
    return job.run.source_key


def _chip(job: ScoredJob) -> str:
    return job.run.hardware.chip


def _worst(jobs: Sequence[ScoredJob]) -> list[ScoredJob]:
    return sorted(jobs, key=lambda job: -abs(job.error))


@document
def buyer_document(jobs: Sequence[ScoredJob], *, is_held_out: bool) -> Iterator[Block]:
    """Yield the figures, the worst jobs with their reasons first after the summary."""
    told = "each source left out of constants and practice" if is_held_out else "as shipped"
    yield Heading("As a buyer", f"{len(jobs)} published jobs, layout searched, {told}")
    yield _table("jobs of", by_class(jobs))
    yield Paragraph(
        "in percent; error: predicted median over the rate of the job's best published run, less 1; given: "
        "mean error of the same constants with that run's own layout, software and recipe",
        role="quiet",
    )
    refused = sum(not job.is_said_to_fit for job in jobs)
    if refused:
        yield Paragraph(f"{refused} jobs that ran are called impossible", role="quiet")
    yield Heading("Worst jobs", "what was chosen, what was published, and why; --json has every job")
    for job in _worst(jobs)[:_WORST_ROWS]:
        yield Paragraph(
            f"{signed(job.error)} ({signed(job.error_as_published)} as published) {job.run.id}: {reason(job)}"
        )
        yield Paragraph(f"  chosen     {layout_text(job.asked.case.layout)}", role="quiet")
        yield Paragraph(f"  published  {layout_text(job.published.layout)}", role="quiet")
    yield Heading("Chips")
    yield _table("chip", grouped(jobs, _chip))
    yield Heading("Sources")
    yield _table("source", grouped(jobs, _source))


def _table(name: str, groups: Sequence[Group]) -> Table:
    rows = ((label, *summary_cells(ours), in_percent(given.mean_abs)) for label, ours, given in groups)
    return Table((name, *COLUMNS, "given"), cells(rows), right=_NUMBERS)


def buyer_to_dict(jobs: Sequence[ScoredJob], *, is_held_out: bool) -> dict[str, Any]:
    """Return every job and the figures by group; errors as of `validate --json`."""
    groups: dict[str, dict[str, Any]] = {}
    for title, found in (
        ("models", grouped(jobs, lambda job: "mixture" if job.published.is_mixture else "dense")),
        ("classes", grouped(jobs, lambda job: job.run.team)),
        ("chips", grouped(jobs, _chip)),
        ("sources", grouped(jobs, _source)),
        ("all", grouped(jobs, lambda _job: "all")),
    ):
        groups[title] = {
            name: {**summary_to_dict(ours), "mean_abs_error_as_published": given.mean_abs}
            for name, ours, given in found
        }
    return {
        "schema": BUYER_SCHEMA,
        "held_out": is_held_out,
        "jobs": [_job_to_dict(job) for job in _worst(jobs)],
        "summary": {**groups.pop("all").get("all", {}), **groups},
    }


def _job_to_dict(job: ScoredJob) -> dict[str, Any]:
    band = job.asked.predicted
    return {
        "id": job.run.id,
        "source": job.run.source_key,
        "chip": job.run.hardware.chip,
        "chips": job.run.hardware.chip_count,
        "team": job.run.team,
        "model": job.run.model,
        "stack": job.published.stack.id,
        "measured": job.asked.measured,
        "predicted": {"p10": band.p10, "p50": band.p50, "p90": band.p90},
        "error": job.error,
        "error_as_published": job.error_as_published,
        "inside_band": job.asked.is_inside_band,
        "fits": job.is_said_to_fit,
        "chosen": layout_text(job.asked.case.layout),
        "published": layout_text(job.published.layout),
        "reason": reason(job),
    }
