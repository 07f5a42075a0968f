"""Lines of training logs: Megatron's, NeMo's, MaxText's and torchtitan's."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from planner.engine.arrays import FloatArray
from planner.files.values import shown_value
from planner.printed.columns import StepColumns, line_at, numbers, of_rows, times, unknown
from planner.printed.lines import Block, PrintedLine
from planner.printed.rows import StepRow

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}")
_NUMBER = r"([-+]?[\d.,]+(?:[eE][-+]?\d+)?)"
#: A number as trainers write it, and what would make it part of another.
_USUAL = r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_NO_PART = r"(?![\d.,]*\d|[eE][-+]?\d)"
#: Thousands told apart: torchtitan alone writes rates so; elsewhere a comma is another locale's point.
_GROUPED = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"


def _said(name: str, before: str, behind: str = "", number: str = _USUAL) -> str:
    """Return the pattern of a number that a usual line says, with anything before it."""
    return rf".*?{before}\s*(?P<{name}>{number}){_NO_PART}{behind}"


def _perhaps(name: str, before: str) -> str:
    return f"(?:{_said(name, before)})?"


def _usual_line(*parts: str) -> re.Pattern[str]:
    """Return the pattern of a usual line of a step: a time where it says one, and numbers in their order."""
    return re.compile(rf"(?:.*?(?P<time>{_TIME.pattern}))?" + "".join(parts))


@dataclass(frozen=True, slots=True)
class LogFormat:
    """How one trainer writes a step."""

    name: str
    #: in every line of a step, and in no other
    marker: re.Pattern[str]
    read_line: Callable[[PrintedLine], StepRow | None]
    #: a word of every such line
    word: str
    #: what most of them are, whose numbers need not be looked for one by one
    usual: re.Pattern[str]
    #: a word before each number that a usual line may lack
    perhaps: Mapping[str, str] = field(default_factory=dict)
    seconds_per_unit: float = 1.0

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

    def blocks(self, blocks: Iterable[Block]) -> Iterator[StepColumns]:
        """Yield the steps of each block.

        Raises
        ------
        FileError
            As line by line.
        """
        for block in blocks:
            found = self._usual_columns(block)
            yield of_rows(list(self.read(block.lines()))) if found is None else found

    def _usual_columns(self, block: Block) -> StepColumns | None:
        """Return the steps of a block of usual lines; None where it is to be read line by line."""
        groups = self._groups(block.text) if block.is_whole else None
        if not groups:
            return None
        said = dict(zip(self.usual.groupindex, zip(*groups, strict=True), strict=True))
        none = unknown(len(groups))
        try:
            step, seconds, batch, rate, time = (
                none if (found := _column(said.get(name), name)) is None else found
                for name in ("step", "seconds", "batch", "rate", "time")
            )
        except ValueError:
            return None
        return StepColumns(
            np.trunc(step),
            seconds * self.seconds_per_unit,
            batch,
            none,
            rate,
            time,
            lambda place: line_at(self.read(block.lines()), place),
        )

    def _groups(self, text: str) -> list[tuple[str | None, ...]] | None:
        """Return what each line of a step says; None where one is unusual."""
        groups = []
        for line in text.split("\n"):
            if self.word in line:
                match = self.usual.match(line)
                if match is None:
                    if self.marker.search(line):
                        return None
                    continue
                said = match.groups()
                if None in said:
                    if match["time"] is None and _TIME.search(line):
                        return None
                    if any(match[name] is None and word in line for name, word in self.perhaps.items()):
                        return None
                groups.append(said)
        return groups


def _column(texts: Sequence[str | None] | None, name: str) -> FloatArray | None:
    """Return a column as numbers; None where no line says it.

    Raises
    ------
    ValueError
        Where one is no such number, or some lines say it and some do not.
    """
    if texts is None or texts.count(None) == len(texts):
        return None
    said = [text for text in texts if text is not None]
    if len(said) < len(texts):
        raise ValueError("expected all to say it")
    if name == "time":
        return times(said)
    return numbers([text.replace(",", "") for text in said])


def _field(line: PrintedLine, pattern: str, what: str, *, is_grouped: bool = False) -> float:
    found = _maybe(line, pattern, what, is_grouped=is_grouped)
    if found is None:
        line.refuse(f"has no {what}; expected a whole line of a step")
    return found


def _maybe(line: PrintedLine, pattern: str, what: str, *, is_grouped: bool = False) -> float | None:
    found = re.search(pattern + _NUMBER, line.text)
    if found is None:
        return None
    bare = found.group(1).rstrip(".,")
    if is_grouped and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    if "," in bare:
        # a comma as other locales write a point
        line.refuse(f"{what} is {shown_value(bare[:20])}; expected a number such as 5432.1")
    return line.number_of(bare, what)


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
        tokens_per_s_per_chip=_field(line, r"\btps:\s*", "tps", is_grouped=True),
        time=time_of(line.text),
    )


_MEGATRON = _usual_line(
    _said("step", r"\biteration", r"/\s*\d+\s*\|"),
    _said("seconds", r"elapsed time per iteration \(ms\):"),
    _perhaps("batch", "global batch size:"),
    _perhaps("rate", r"tokens/s(?:ec)?/(?:GPU|gpu|NPU)[^:]*:"),
)
_NEMO = _usual_line(
    r".*?\biteration \d+/\d+ \| ",
    _perhaps("batch", "global_batch_size:"),
    _said("step", "global_step:"),
    _said("seconds", "train_step_timing in s:"),
)
_MAXTEXT = _usual_line(
    _said("step", r"\bcompleted step:"), _said("seconds", "seconds:"), _said("rate", "Tokens/s/device:")
)
_TITAN = _usual_line(_said("step", r"\bstep:", r"\s+loss:"), _said("rate", r"\btps:", number=_GROUPED))
#: In the order in which they are tried: a line of NeMo's begins as one of Megatron's.
FORMATS = (
    LogFormat(
        "NeMo",
        re.compile(r"\biteration \d+/\d+ \| .*global_step:"),
        _nemo,
        "global_step:",
        _NEMO,
        {"batch": "global_batch_size:"},
    ),
    LogFormat(
        "Megatron",
        re.compile(r"\biteration\s+\d+/\s*\d+\s*\|"),
        _megatron,
        "iteration",
        _MEGATRON,
        {"batch": "global batch size:", "rate": "tokens/s"},
        seconds_per_unit=1e-3,
    ),
    LogFormat("MaxText", re.compile(r"\bcompleted step: \d"), _maxtext, "completed step:", _MAXTEXT),
    LogFormat("torchtitan", re.compile(r"\bstep:\s*\d+\s+loss:"), _torchtitan, "step:", _TITAN),
)
