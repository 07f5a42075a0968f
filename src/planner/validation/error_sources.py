"""Where the errors are: by property of the run, by source and chip, and what is known of the causes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from planner.engine.precisions import PRECISIONS, USUAL_PRECISION
from planner.validation.run_scores import ErrorSummary, ScoredRun, summarise

#: Groups whose mean error is smaller are no systematic error.
SYSTEMATIC = 0.08


@dataclass(frozen=True, slots=True)
class Systematic:
    """Runs of one source, chip and stack that err to the same side."""

    source: str
    chip: str
    stack: str
    summary: ErrorSummary


@dataclass(frozen=True, slots=True)
class Cause:
    """Something the model does not know, and the runs (by the beginning of their ids) that show it."""

    title: str
    text: str
    rows: tuple[str, ...]


CAUSES: tuple[Cause, ...] = (
    Cause(
        "Early releases",
        "A new chip or kind of model runs at half its speed in the first releases that support it. A stack "
        "has a year, not a release, so that the first recipe and the tuned one share their constants.",
        ("dgxc-v25.05.05-deepseek-v3-gb200", "mbridge-25.11-qwen3-30b-a3b-h100"),
    ),
    Cause(
        "Strong scaling to a microbatch or two a rank",
        "With a small model on many chips the step is launch gaps, data loading and the host's own work, "
        "which differ from one framework to the next far more than kernels do.",
        ("nanotron-1.34b-h100-512", "nanotron-8.86b-h100-512"),
    ),
    Cause(
        "Attention that is not fused",
        "Position biases (ALiBi) and capped scores keep a framework from its fused attention kernel, which "
        "then writes the scores to memory. The format of runs does not say which kernel ran.",
        ("mindspeed-bloom-7b1", "mindspeed-gemma2"),
    ),
    Cause(
        "One short sequence a step over a whole host",
        "With sharded states and activations kept in the host's memory, gathers, the optimizer and the "
        "host's bus take most of such a step; the engine costs no traffic to the host.",
        ("mleng-llama31-8b-b200-8192", "mleng-llama31-8b-h200-8192"),
    ),
    Cause(
        "What one family of models does besides matmuls",
        "GPT-OSS is predicted too fast on every chip: biases in its experts, attention sinks and clamped "
        "gates are not counted, nor is how little a window of 128 gains kernels that work in larger blocks.",
        ("mbridge-25.11-gptoss", "mbridge-26.06-gptoss", "tpu-recipes-ironwood-gpt-oss"),
    ),
    Cause(
        "Data parallelism over a slow fabric",
        "The gradient traffic of many hundred replicas meets congestion that grows with the cluster; one "
        "efficiency of the fabric per platform does not.",
        ("internevo-7b-tp1-zero1all-512", "internevo-7b-tp1-zero1all-1024"),
    ),
)

Property = tuple[str, Callable[[ScoredRun], bool]]


def _is_low(run: ScoredRun) -> bool:
    return PRECISIONS[run.case.run.precision or USUAL_PRECISION].is_low


def _tokens_per_chip(run: ScoredRun) -> float:
    workload = run.case.workload
    return float(workload.sequence_length) * float(workload.global_batch_sequences) / run.case.chips


PROPERTIES: tuple[Property, ...] = (
    ("dense, 16-bit", lambda run: not run.is_mixture and not _is_low(run)),
    ("dense, 8-bit and below", lambda run: not run.is_mixture and _is_low(run)),
    ("mixture of experts, 16-bit", lambda run: run.is_mixture and not _is_low(run)),
    ("mixture of experts, 8-bit and below", lambda run: run.is_mixture and _is_low(run)),
    ("up to 8 chips", lambda run: run.case.chips <= 8),
    ("9 to 256 chips", lambda run: 8 < run.case.chips <= 256),
    ("257 to 1,024 chips", lambda run: 256 < run.case.chips <= 1024),
    ("more than 1,024 chips", lambda run: run.case.chips > 1024),
    ("up to 4,096 tokens a chip and step", lambda run: _tokens_per_chip(run) <= 4096),
    ("4,097 to 32,768 tokens", lambda run: 4096 < _tokens_per_chip(run) <= 32_768),
    ("more than 32,768 tokens", lambda run: _tokens_per_chip(run) > 32_768),
    ("sequences up to 4,096", lambda run: float(run.case.workload.sequence_length) <= 4096),
    ("sequences up to 16,384", lambda run: 4096 < float(run.case.workload.sequence_length) <= 16_384),
    ("longer sequences", lambda run: float(run.case.workload.sequence_length) > 16_384),
    ("layout published", lambda run: not run.is_layout_searched),
    ("layout or recompute searched", lambda run: run.is_layout_searched),
    (
        "rate timed by the source",
        lambda run: run.case.run.result.rate_from in ("throughput", "iteration"),
    ),
    (
        "rate from FLOP/s or utilisation",
        lambda run: run.case.run.result.rate_from in ("flops", "utilisation"),
    ),
)


def errors_by_property(runs: Sequence[ScoredRun]) -> list[tuple[str, ErrorSummary]]:
    """Return the errors of the steady runs that have each property, where there are any."""
    steady = [run for run in runs if not run.is_whole_run]
    found = [(name, summarise(run for run in steady if has(run))) for name, has in PROPERTIES]
    return [(name, summary) for name, summary in found if summary.n]


def systematic_errors(runs: Iterable[ScoredRun]) -> list[Systematic]:
    """Return the groups of two runs or more that err to one side, the largest bias first."""
    groups: dict[tuple[str, str, str], list[ScoredRun]] = {}
    for run in runs:
        if not run.is_whole_run:
            key = (run.case.run.source_key, run.chip, run.case.stack.id)
            groups.setdefault(key, []).append(run)
    found = [Systematic(*key, summarise(members)) for key, members in groups.items()]
    kept = [group for group in found if group.summary.n > 1 and abs(group.summary.bias or 0.0) > SYSTEMATIC]
    return sorted(kept, key=lambda group: -abs(group.summary.bias or 0.0))


def explained(runs: Sequence[ScoredRun]) -> list[tuple[Cause, ErrorSummary]]:
    """Return the known causes with the errors of the runs that show them, where there still are any."""
    found = [
        (cause, summarise(run for run in runs if run.case.run.id.startswith(cause.rows))) for cause in CAUSES
    ]
    return [(cause, summary) for cause, summary in found if (summary.mean_abs or 0.0) > SYSTEMATIC]
