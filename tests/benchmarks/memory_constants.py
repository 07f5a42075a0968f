"""Constants of the memory model chosen without each source in turn, and the errors of the one left out.

Run by hand: ``python tests/benchmarks/memory_constants.py``. For each constant alone and for all together:
the value that leaves the least mean error by source, and the error of each source under the value that the
others choose. A gain that vanishes when the source is left out is that source's own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from planner.catalog.catalog import load_catalog
from planner.catalog.runs import load_memory_cases
from planner.planning.memory_cases import MemoryJob, memory_job
from planner.validation.memory_fit import fit_of

#: What is tried of each constant; of the allocator, the share of what comes and goes that it shows beside it.
#: Of jobs of several chips, beside the device's own context. [B]
COMMUNICATOR_BYTES = (0.0, 0.9e9, 1.8e9, 2.7e9)
CACHED = (0.0, 0.05, 0.1, 0.15, 0.2)
WORKING_GRADIENTS = (0.0, 0.25, 0.5, 1.0)
#: Over the bytes of a logit as its loss holds them.
LOGITS = (0.85, 1.0, 1.15, 1.3)
Choice = tuple[float, float, float, float]


def jobs() -> list[MemoryJob]:
    """Return the peaks as the engine takes them, on CUDA: other platforms have one source each."""
    catalog = load_catalog(include_user=False)
    found = (memory_job(case, catalog) for case in load_memory_cases().runs if case.kind == "peak")
    return [job for job in found if isinstance(job, MemoryJob) and job.stack.platform == "cuda"]


def errors(peaks: list[MemoryJob], choice: Choice) -> Mapping[str, float]:
    """Return the mean error of each source under a choice of constants."""
    communicators, cached, working, logits = choice
    by_source: dict[str, list[float]] = defaultdict(list)
    for job in peaks:
        changed = replace(
            job.workload,
            communicator_bytes=communicators,
            fragmentation=0.0,
            working_gradients=working,
            logit_bytes=np.multiply(job.workload.logit_bytes, logits),
        )
        predicted = fit_of(job.work, job.layout, changed, np.inf).seen_by(job.case.instrument, cached)
        by_source[job.case.source_key].append(abs(predicted / (job.case.peak_bytes or np.nan) - 1.0))
    return {source: float(np.mean(found)) for source, found in by_source.items()}


def mean_but(found: Mapping[str, float], left_out: str | None) -> float:
    """Return the mean over sources without one."""
    return float(np.mean([error for source, error in found.items() if source != left_out]))


def held_out(tried: Mapping[Choice, Mapping[str, float]]) -> Iterator[tuple[str, Choice, float]]:
    """Yield each source with what the others choose and its own error under that."""
    for source in next(iter(tried.values())):
        best = min(tried, key=lambda choice: mean_but(tried[choice], source))
        yield source, best, tried[best][source]


def main() -> None:
    """Print the choices and the errors."""
    peaks = jobs()
    tried = {
        choice: errors(peaks, choice)
        for choice in itertools.product(COMMUNICATOR_BYTES, CACHED, WORKING_GRADIENTS, LOGITS)
    }
    best = min(tried, key=lambda choice: mean_but(tried[choice], None))
    print(
        f"communicators, cached, working gradients, logits: {best} leaves {mean_but(tried[best], None):.1%}"
    )
    rows = list(held_out(tried))
    for source, choice, error in sorted(rows, key=lambda row: -row[2]):
        print(f"  {source:<16} {error:7.1%}  others choose {choice}")
    print(f"held out: {np.mean([error for _, _, error in rows]):.1%} by source")
    for position, name in enumerate(("communicators", "cached", "working gradients", "logits")):
        for value in sorted({choice[position] for choice in tried}):
            row = list(best)
            row[position] = value
            left = mean_but(tried[(row[0], row[1], row[2], row[3])], None)
            print(f"  {name} {value:g}: {left:.1%}")


if __name__ == "__main__":
    main()
