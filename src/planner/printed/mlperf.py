"""MLPerf's logs: records of JSON, of which one says the batch and others the steps.

Steps are the records `tracked_stats`: of so many samples a second or seconds a step, at a step or after so
many samples; samples are sequences, and a step has as many as the record `global_batch_size` said last.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from planner.printed.columns import StepColumns, line_at, of_rows
from planner.printed.lines import Block, PrintedLine
from planner.printed.rows import StepRow

NAME = "MLPerf"
_MARK = ":::MLLOG"
#: What a record that is none raises.
_NO_RECORD = (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError)


class _NoStepError(Exception):
    """A record of a step that lacks its step or its time."""


def recognises(line: PrintedLine) -> bool:
    """Return whether a line is such a record."""
    return _MARK in line.text


@dataclass(slots=True)
class _Steps:
    """Turns records into steps; knows the batch that was said last."""

    batch: float | None = None

    def take(self, line: int, record: Any) -> StepRow | None:
        """Return the step of a record; None where it is of something else."""
        key, value = record["key"], record["value"]
        if key == "global_batch_size":
            self.batch = float(value)
        if key != "tracked_stats":
            return None
        metadata = record.get("metadata") or {}
        step, samples = metadata.get("step"), metadata.get("samples_count")
        if step is None and samples is not None:
            step = float(samples) / (self.batch or 1.0)
        seconds, rate = value.get("train_step_time") or value.get("step_time"), value.get("throughput")
        if step is None or (seconds is None and rate is None):
            raise _NoStepError
        if seconds is None and self.batch and float(rate) > 0:
            seconds = self.batch / float(rate)
        time_ms = record.get("time_ms")
        stamp = None if time_ms is None else datetime.datetime.fromtimestamp(time_ms / 1000.0, datetime.UTC)
        return StepRow(
            line,
            round(step) if isinstance(step, float) else int(step),
            None if seconds is None else float(seconds),
            self.batch,
            time=None if stamp is None else stamp.replace(tzinfo=None),
        )

    def read(self, lines: Iterable[PrintedLine]) -> Iterator[StepRow]:
        """Yield the steps of lines; a last line that was cut in the middle is none."""
        for line in lines:
            if _MARK in line.text:
                if not line.is_whole:
                    return
                try:
                    row = self.take(line.number, json.loads(_record_of(line.text)))
                except _NO_RECORD:
                    line.refuse("is no whole record of MLPerf's log; expected JSON behind :::MLLOG")
                except _NoStepError:
                    line.refuse(
                        "tracked_stats says no step and time; "
                        "expected train_step_time or throughput, and step"
                    )
                if row is not None:
                    yield row

    def columns(self, block: Block) -> StepColumns:
        """Return the steps of a block: of all its records at once where they are records."""
        began = replace(self)
        texts = [_record_of(text) for text in block.text.split("\n") if _MARK in text]
        try:
            records = json.loads(f"[{','.join(texts)}]") if block.is_whole else []
            rows = [row for one in records if (row := self.take(0, one)) is not None]
        except (*_NO_RECORD, _NoStepError):
            records = []
        if len(records) != len(texts):
            self.batch = began.batch
            return of_rows(list(self.read(block.lines())))
        found = of_rows(rows)
        return replace(found, line_of=lambda place: line_at(replace(began).read(block.lines()), place))


def _record_of(text: str) -> str:
    return text[text.index(_MARK) + len(_MARK) :]


def read(lines: Iterable[PrintedLine]) -> Iterator[StepRow]:
    """Yield the steps; a last line that was cut in the middle is none.

    Raises
    ------
    FileError
        Where a record is none, or says no step and time.
    """
    yield from _Steps().read(lines)


def blocks(blocks: Iterable[Block]) -> Iterator[StepColumns]:
    """Yield the steps of each block.

    Raises
    ------
    FileError
        As line by line.
    """
    steps = _Steps()
    for block in blocks:
        yield steps.columns(block)
