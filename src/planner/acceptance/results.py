"""What tests came to, matched with the lines of a schedule: passed, failed or not shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, pstdev
from typing import Literal, get_args

import numpy as np

from planner.acceptance.lines import ROLLOUT_PREFIX, Line
from planner.acceptance.progress import error_of_mean, trained_of
from planner.acceptance.sampling import (
    COLLECTIVE_REPEAT_ERROR,
    GROUP_SPREAD,
    NODE_SPREAD,
    REPEAT_ERROR,
)
from planner.acceptance.schedule import WARM_UP_STEPS, Schedule
from planner.domain.measured_result import MeasuredResult, MeasuredResults
from planner.engine.arrays import FloatArray
from planner.engine.collective_words import Collective, bus_factor
from planner.errors import FileError
from planner.files.key_lines import KeyLines
from planner.files.reading import read_text, shown_path
from planner.files.validation import validate_text
from planner.files.values import shown_value, suggestion
from planner.planning.job import Job
from planner.planning.pilots import refuse_the_impossible
from planner.printed.reading import read_printed, reader_of, stream_steps
from planner.printed.rows import CollectiveRow, CopyRow, PortRow, Row

Verdict = Literal["passed", "failed", "not shown"]
#: A message speaks for one that is up to so many times larger or smaller.
OCTAVE = 2.0
#: How a line's amount is written.
_UNITS = {
    "B/s": 'a rate such as "330 GB/s"',
    "FLOP/s": 'a rate such as "640 TFLOP/s"',
    "tokens/s": "tokens a second of all chips together",
    "tokens": "tokens that one copy holds",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a line came to, from one file."""

    line: str
    #: mean of the sample, in the line's unit
    value: float
    #: of the logarithm of that mean
    log_error: float
    samples: int
    file: str
    #: hours of a soak
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """What files say of a schedule's lines, and what they say beside."""

    measured: tuple[Measured, ...]
    #: of each file that says nothing of any line, that and why
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One line with what it came to."""

    line: Line
    measured: Measured | None
    verdict: Verdict
    #: why it is not shown
    reason: str = ""

    @property
    def over_expected(self) -> float | None:
        """What was measured over what was expected; None where either is missing."""
        if self.measured is None or self.line.expected is None or self.measured.value <= 0:
            return None
        return self.measured.value / self.line.expected.rate


def read_results(
    paths: Sequence[Path],
    schedule: Schedule,
    *,
    sequence_length: float,
    chips: float,
    job: Job | None = None,
) -> Results:
    """Return what files say of a schedule's lines.

    Parameters
    ----------
    paths
        TOML files of results, or what tools printed.
    schedule
        Whose lines they are matched with.
    sequence_length, chips
        Of the reference run, whose logs count sequences and rates of one chip. [tokens], [-]
    job
        What it trains; where it is given, a log at more than its chips compute is refused.

    Raises
    ------
    FileError, ProfileError, PlanError
        Where a file says nothing that is known, or names a line that there is not; where none of them says
        anything of any line, as those of another plan do.
    """
    found: list[Measured] = []
    unused: list[str] = []
    for path in paths:
        if path.suffix.lower() == ".toml":
            found += _of_toml(path, schedule)
            continue
        reader = reader_of(path)
        if reader.blocks is not None:
            found += _of_log(path, schedule, sequence_length, chips, job)
            continue
        printed_by, rows = read_printed(path)
        some = list(_of_rows(rows, path, schedule, printed_by))
        for one in some:
            _check_size(one, schedule, one.file)
        found += some
        if not some:
            unused.append(
                f"{shown_path(path)}: line {rows[0].line}: {_why_unused(rows, path, schedule, printed_by)}"
            )
    if not found and unused:
        raise FileError(unused[0])
    return Results(tuple(found), tuple(unused))


def _check_size(measured: Measured, schedule: Schedule, where: str) -> None:
    """Refuse what is no such line's in any unit.

    Raises
    ------
    FileError
        Where it is that many times more or less than expected.
    """
    line = schedule.line(measured.line)
    if line is None or line.expected is None or line.may_come_to(measured.value):
        return
    ratio = measured.value / line.expected.rate
    raise FileError(
        f"{where}: {line.id}: {measured.value:.4g} {line.unit} is {ratio:.2g} times the "
        f"{line.expected.rate:.4g} that are expected: the unit is another's; expected {_UNITS[line.unit]}"
    )


def _why_unused(rows: Sequence[Row], path: Path, schedule: Schedule, printed_by: str) -> str:
    """Return why no line is of what a tool printed."""
    first = rows[0]
    asked_of = _asked_of(schedule, printed_by)
    is_of_any = isinstance(first, CollectiveRow) and len({line.pool for line in asked_of}) > 1
    if len(schedule.pools) > 1 and (is_of_any or isinstance(first, PortRow | CopyRow)):
        kind = "port" if isinstance(first, PortRow) else "tensor" if is_of_any else "memory"
        return (
            f"does not say which pool's it is; expected [[measured]] with line = '{kind}' or "
            f"'{ROLLOUT_PREFIX}{kind}' in a TOML file of results"
        )
    if isinstance(first, PortRow):
        return "a port's rate, which no line asks for: the job stays inside one scale-up domain"
    if isinstance(first, CopyRow):
        return "holds no copy inside a chip, such as device_local_copy, which the line 'memory' is of"
    assert isinstance(first, CollectiveRow)  # a step is always the reference run's
    named = _collective_of(first, path)
    if named is None:
        return "does not say of which collective it is; name the file after it, such as all_reduce.txt"
    asked = ", ".join(
        f"{line.id} ({_title(line.collective)} of {line.ranks:,.0f} ranks at {line.size_bytes:,.0f} bytes)"
        for line in asked_of
    )
    sizes = [row.size_bytes for row in rows if isinstance(row, CollectiveRow)]
    ranks = f" of {first.ranks:,} ranks" if first.ranks else ""
    return (
        f"{_title(named)}{ranks} at {min(sizes):,.0f} to {max(sizes):,.0f} bytes, which no line asks for; "
        f"expected {f'one of {asked}' if asked else 'what another tool prints'}"
    )


def _title(collective: str | None) -> str:
    return (collective or "").replace("_", "-")


def _collective_of(row: CollectiveRow, path: Path) -> Collective | None:
    """Return which collective a table is of, as it or its file's name says; None where neither does."""
    if row.collective is not None:
        return row.collective
    name = path.name.lower().replace("-", "_")
    # the longest first: reduce_scatter and all_reduce are no reduce
    names: list[Collective] = sorted(get_args(Collective), key=len, reverse=True)
    return next((one for one in names if one in name), None)


def _of_toml(path: Path, schedule: Schedule) -> Iterator[Measured]:
    where = shown_path(path)
    text = read_text(path)
    file = validate_text(MeasuredResults, text, where=where)
    lines, ids = KeyLines(text), [line.id for line in schedule.lines]
    said: dict[str, int] = {}
    for place, one in enumerate(file.measured):
        line = schedule.line(one.line)
        key = f"{where}: {lines.before(('measured', place, 'line'))}measured[{place}]"
        if line is None:
            near = suggestion(one.line, ids) or f"; expected one of {', '.join(ids)}"
            raise FileError(f"{key}.line = {shown_value(one.line)}: the schedule has no such line{near}")
        if line.unit != one.unit:
            raise FileError(f"{key}: is in {one.unit}; expected {line.unit}, as line {line.id} is")
        if (first := said.setdefault(one.line, place)) != place:
            raise FileError(
                f"{key}.line = {shown_value(one.line)}: measured[{first}] is of it too; "
                "expected one, with all values in a list"
            )
        found = _sampled(line, one.values, where, one)
        _check_size(found, schedule, key)
        yield found


def _sampled(line: Line, values: Sequence[float], file: str, said: MeasuredResult | None = None) -> Measured:
    """Return a sample's mean with its error: by its own scatter, else by what such tests scatter by."""
    mean = fmean(values)
    count = len(values) if said is None or said.samples is None else said.samples
    if line.is_ceiling:
        return Measured(
            line.id, mean, 1.0 / math.sqrt(max(mean, 1.0)), 1, file, None if said is None else said.hours
        )
    if said is not None and said.spread is not None:
        spread = said.spread
    elif len(values) > 1 and mean > 0:
        spread = pstdev(values) / mean * math.sqrt(len(values) / (len(values) - 1))
    else:
        node = line.where == "node"
        repeat = COLLECTIVE_REPEAT_ERROR if line.collective else REPEAT_ERROR
        spread = math.hypot(NODE_SPREAD if node else GROUP_SPREAD, repeat)
    return Measured(line.id, mean, spread / math.sqrt(count), count, file)


def _of_rows(rows: Sequence[Row], path: Path, schedule: Schedule, printed_by: str) -> Iterator[Measured]:
    where = shown_path(path)
    first = rows[0]
    if isinstance(first, CollectiveRow):
        collectives = [row for row in rows if isinstance(row, CollectiveRow)]
        yield from _of_collective(collectives, path, schedule, printed_by)
    elif isinstance(first, PortRow):
        line = _only(schedule, "port")
        largest = max(row.size_bytes for row in rows if isinstance(row, PortRow))
        values = [row.bytes_per_s for row in rows if isinstance(row, PortRow) and row.size_bytes == largest]
        if line is not None:
            yield _sampled(line, values, where)
    elif isinstance(first, CopyRow):
        line = _only(schedule, "memory")
        local = [row.bytes_per_s for row in rows if isinstance(row, CopyRow) and "local" in row.test]
        # a copy reads and writes: the memory moves twice of it
        if line is not None and local:
            yield _sampled(line, [2.0 * rate for rate in local], where)


def _only(schedule: Schedule, identifier: str) -> Line | None:
    """Return the line of ports or memory; None where there is none, or one of each of two pools."""
    lines = [line for line in schedule.lines if line.id.removeprefix(ROLLOUT_PREFIX) == identifier]
    return lines[0] if len(lines) == 1 else None


def _of_log(
    path: Path, schedule: Schedule, sequence_length: float, chips: float, job: Job | None
) -> Iterator[Measured]:
    where = shown_path(path)
    line = schedule.line("reference")
    assert line is not None  # of every schedule
    rates = steady_rates(path, sequence_length, chips)
    spread = float(np.std(rates) / np.mean(rates)) if len(rates) > 1 else GROUP_SPREAD
    error = math.hypot(error_of_mean(spread, len(rates)), REPEAT_ERROR)
    found = Measured(line.id, float(np.median(rates)), error, len(rates), where)
    if job is not None:
        refuse_the_impossible(job, found.value / chips, where)
    _check_size(found, schedule, where)
    yield found


def steady_rates(path: Path, sequence_length: float, chips: float) -> FloatArray:
    """Return tokens per second of all chips of each step of a log after warming up.

    Raises
    ------
    FileError
        Where the log holds no step, or a line says neither a rate nor what a step trains on.
    """
    where = shown_path(path)
    some: list[FloatArray] = [np.zeros(0)]
    for columns in stream_steps(path):
        tokens, seconds = trained_of(columns, where, sequence_length=sequence_length, chips=chips)
        some.append(tokens / seconds)
    rates = np.concatenate(some)
    if not len(rates):
        raise FileError(f"{where}: holds no step; expected a training log")
    return rates[WARM_UP_STEPS:] if len(rates) > 2 * WARM_UP_STEPS else rates[len(rates) // 2 :]


def _asked_of(schedule: Schedule, printed_by: str) -> list[Line]:
    """Return the collectives that a tool's table may be of: of two pools the tool tells whose it is."""
    return [
        line
        for line in schedule.lines
        if line.collective is not None
        and line.size_bytes is not None
        and (line.pool is None or (line.tool is not None and line.tool.name in printed_by))
    ]


def _of_collective(
    rows: list[CollectiveRow], path: Path, schedule: Schedule, printed_by: str
) -> Iterator[Measured]:
    named, asked_of = _collective_of(rows[0], path), _asked_of(schedule, printed_by)
    if len({line.pool for line in asked_of}) > 1:
        return
    for line in asked_of:
        if line.collective is None or line.size_bytes is None or line.ranks is None:
            continue
        if named != line.collective or (rows[0].ranks or line.ranks) != line.ranks:
            continue
        near = [row for row in rows if 1 / OCTAVE <= row.size_bytes / line.size_bytes <= OCTAVE]
        if near:
            row = min(near, key=lambda one: abs(math.log(one.size_bytes / (line.size_bytes or 1.0))))
            bus = row.bus_bytes_per_s
            if bus is None:
                bus = row.algorithm_bytes_per_s * bus_factor(line.collective, line.ranks)
            yield _sampled(line, [bus], shown_path(path))


def judged(schedule: Schedule, results: Sequence[Measured]) -> tuple[Judged, ...]:
    """Return every line with its verdict; of several results the last file's counts."""
    found = {one.line: one for one in results}
    return tuple(_judge(line, found.get(line.id)) for line in schedule.lines)


def _judge(line: Line, measured: Measured | None) -> Judged:
    if measured is None:
        return Judged(line, None, "not shown", "nothing was measured of it")
    threshold = line.threshold
    if threshold is None:
        return Judged(line, measured, "not shown", "no threshold is agreed or can be suggested")
    if line.is_ceiling:
        expected = line.expected
        hours = measured.hours
        if expected is None or hours is None or line.hours is None or hours < line.hours * 0.99:
            return Judged(line, measured, "not shown", "the soak was shorter than the schedule asks")
        return Judged(line, measured, "passed" if measured.value <= threshold else "failed")
    return Judged(line, measured, "passed" if measured.value >= threshold else "failed")
