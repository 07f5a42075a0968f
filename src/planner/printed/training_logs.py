"""Lines of training logs: Megatron's, NeMo's, MaxText's, torchtitan's and MLPerf's."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from planner.printed.lines import PrintedLine
from planner.printed.rows import StepRow

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}")
_NUMBER = r"([-+]?[\d.,]+(?:[eE][-+]?\d+)?)"


@dataclass(frozen=True, slots=True)
class LogFormat:
    """How one trainer writes a step."""

    name: str
    #: in every line of a step, and in no other
    marker: re.Pattern[str]
    read_line: Callable[[PrintedLine], StepRow | None]

    def recognises(self, line: PrintedLine) -> bool:
        """Return whether a line is of a step."""
        return bool(self.marker.search(line.text))

    def read(self, lines: Iterable[PrintedLine]) -> Iterator[StepRow]:
        """Yield the steps; a last line that was cut in the middle is none.

        Raises
        ------
        FileError
            Where a line of a step lacks its fields.
        """
        for line in lines:
            if self.marker.search(line.text):
                if not line.is_whole:
                    # what a log was cut in may lack a digit as well as a field
                    return
                row = self.read_line(line)
                if row is not None:
                    yield row


def _field(line: PrintedLine, pattern: str, what: str) -> float:
    found = re.search(pattern + _NUMBER, line.text)
    if found is None:
        line.refuse(f"has no {what}; expected a whole line of a step")
    return _plain(line, found.group(1), what)


def _maybe(line: PrintedLine, pattern: str, what: str) -> float | None:
    found = re.search(pattern + _NUMBER, line.text)
    return None if found is None else _plain(line, found.group(1), what)


def _plain(line: PrintedLine, text: str, what: str) -> float:
    """Return a number, its thousands told apart or not; a comma as a decimal point is refused."""
    bare = text.rstrip(".,")
    if "," in bare and not re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        line.refuse(f"{what} is '{text[:20]}'; expected a number such as 5,432.1")
    return line.number_of(bare.replace(",", ""), what)


def time_of(text: str) -> datetime.datetime | None:
    """Return the first date with a time in a text, in no time zone; None where there is none."""
    found = _TIME.search(text)
    if found is None:
        return None
    try:
        return datetime.datetime.fromisoformat(found.group())
    except ValueError:
        return None


def _megatron(line: PrintedLine) -> StepRow:
    step = _field(line, r"\biteration\s+", "iteration")
    seconds = _field(line, r"elapsed time per iteration \(ms\):\s*", "elapsed time per iteration") / 1000.0
    batch = _maybe(line, r"global batch size:\s*", "global batch size")
    rate = _maybe(line, r"tokens/s(?:ec)?/(?:GPU|gpu|NPU)[^:]*:\s*", "tokens a second")
    return StepRow(line.number, int(step), seconds, batch, None, rate, time_of(line.text))


def _nemo(line: PrintedLine) -> StepRow | None:
    seconds = _maybe(line, r"train_step_timing in s:\s*", "train_step_timing")
    if seconds is None:
        # the timing is off, or of the first step: no step is told by it
        return None
    step = _field(line, r"global_step:\s*", "global_step")
    batch = _maybe(line, r"global_batch_size:\s*", "global_batch_size")
    return StepRow(line.number, int(step), seconds, batch, time=time_of(line.text))


def _maxtext(line: PrintedLine) -> StepRow:
    return StepRow(
        line.number,
        int(_field(line, r"completed step:\s*", "step")),
        _field(line, r"seconds:\s*", "seconds"),
        tokens_per_s_per_chip=_field(line, r"Tokens/s/device:\s*", "Tokens/s/device"),
        time=time_of(line.text),
    )


def _torchtitan(line: PrintedLine) -> StepRow:
    return StepRow(
        line.number,
        int(_field(line, r"\bstep:\s*", "step")),
        tokens_per_s_per_chip=_field(line, r"\btps:\s*", "tps"),
        time=time_of(line.text),
    )


def _mlperf(line: PrintedLine) -> StepRow | None:
    place = line.text.index(":::MLLOG") + len(":::MLLOG")
    try:
        record = json.loads(line.text[place:])
        key, value = record["key"], record["value"]
        metadata = record.get("metadata") or {}
        if key != "tracked_stats":
            return None
        seconds = value.get("train_step_time") or value.get("step_time")
        time_ms = record.get("time_ms")
        stamp = None if time_ms is None else datetime.datetime.fromtimestamp(time_ms / 1000.0, datetime.UTC)
        step = metadata.get("step", metadata.get("samples_count"))
        if step is None or (seconds is None and "throughput" not in value):
            line.refuse(
                "tracked_stats says no step and time; expected train_step_time or throughput, and step"
            )
        return StepRow(
            line.number,
            int(step),
            None if seconds is None else float(seconds),
            time=None if stamp is None else stamp.replace(tzinfo=None),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
        line.refuse("is no whole record of MLPerf's log; expected JSON behind :::MLLOG")


FORMATS = (
    LogFormat("Megatron", re.compile(r"\biteration\s+\d+/\s*\d+\s*\|"), _megatron),
    LogFormat("NeMo", re.compile(r"\biteration \d+/\d+ \| .*global_step:"), _nemo),
    LogFormat("MaxText", re.compile(r"\bcompleted step: \d"), _maxtext),
    LogFormat("torchtitan", re.compile(r"\bstep:\s*\d+\s+loss:"), _torchtitan),
    LogFormat("MLPerf", re.compile(r":::MLLOG"), _mlperf),
)
