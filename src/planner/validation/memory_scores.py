"""Memory cases held against the memory model: errors of peaks, and verdicts on jobs that ran or ran out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from planner.catalog.catalog import Catalog
from planner.catalog.runs import RunSet
from planner.domain.memory_case import MemoryCase, MemoryKind
from planner.planning.memory_cases import MemoryJob, Unscored, memory_job
from planner.validation.memory_fit import Fit, fit_of
from planner.validation.run_preparation import ARITHMETIC_ERRORS, one_line
from planner.validation.run_scores import ErrorSummary, error_summary


@dataclass(frozen=True, slots=True)
class ScoredCase:
    """One case's prediction beside what was seen."""

    job: MemoryJob
    #: what the instrument of the case would show. [B]
    predicted_bytes: float
    #: None where the chip's memory is unknown
    fit: Fit | None

    @property
    def case(self) -> MemoryCase:
        """The case itself."""
        return self.job.case

    @property
    def error(self) -> float | None:
        """Predicted peak over the measured one, less 1; None where none was measured."""
        peak = self.case.peak_bytes
        return None if peak is None else self.predicted_bytes / peak - 1.0

    @property
    def is_wrong(self) -> bool:
        """Whether the verdict is not what happened; a peak is a job that ran."""
        return self.fit is not None and self.fit.fits == (self.case.kind == "oom")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many jobs of one kind were judged, and how many of them otherwise than they went."""

    judged: int
    wrong: int

    @property
    def share(self) -> float | None:
        """The share that is wrong; None of none."""
        return self.wrong / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class MemoryValidation:
    """All cases of some files: scored, or left out with a reason."""

    scored: tuple[ScoredCase, ...]
    unscored: tuple[tuple[str, str], ...]

    @property
    def by_source(self) -> dict[str, ErrorSummary]:
        """The errors of each source's peaks."""
        errors: dict[str, list[float]] = defaultdict(list)
        for scored in self.scored:
            if scored.error is not None:
                errors[scored.case.source_key].append(scored.error)
        return {source: error_summary(found) for source, found in errors.items()}

    @property
    def peaks(self) -> ErrorSummary:
        """The errors of all peaks, each row as heavy as any other."""
        return error_summary([scored.error for scored in self.scored if scored.error is not None])

    @property
    def error_by_source(self) -> float | None:
        """The mean over sources of their mean errors of peaks."""
        means = [summary.mean_abs for summary in self.by_source.values() if summary.mean_abs is not None]
        return float(np.mean(means)) if means else None

    def verdicts(self, kind: MemoryKind) -> Verdicts:
        """Return how jobs of one kind were judged."""
        judged = [scored for scored in self.scored if scored.case.kind == kind and scored.fit is not None]
        return Verdicts(len(judged), len(wrong_verdicts(judged)))


def wrong_verdicts(scored: Iterable[ScoredCase]) -> Sequence[ScoredCase]:
    """Return the cases whose verdict is not what happened."""
    return [case for case in scored if case.is_wrong]


def validate_memory(cases: RunSet[MemoryCase], catalog: Catalog) -> MemoryValidation:
    """Return predicted against seen for every case, under the stacks of the catalog."""
    scored: list[ScoredCase] = []
    unscored = [(row.id, f"{row.where}: {row.reason}") for row in cases.skipped]
    for case in cases.runs:
        try:
            with np.errstate(all="ignore"):
                found = _score(case, catalog)
        except ARITHMETIC_ERRORS as error:
            found = Unscored(case, f"beyond what the engine computes: {one_line(error)}")
        if isinstance(found, Unscored):
            unscored.append((case.id, found.reason))
        else:
            scored.append(found)
    return MemoryValidation(tuple(scored), tuple(unscored))


def _score(case: MemoryCase, catalog: Catalog) -> ScoredCase | Unscored:
    job = memory_job(case, catalog)
    if isinstance(job, Unscored):
        return job
    fit = fit_of(job.work, job.layout, job.workload, job.capacity_bytes or np.inf)
    predicted = fit.seen_by(case.instrument)
    return ScoredCase(job, predicted, None if job.capacity_bytes is None else fit)
