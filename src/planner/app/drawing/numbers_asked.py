"""Numbers that can be asked about: what each is called, where it stands in a drawing, and the marked one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from textual.content import Content, Span
from textual.style import Style

from planner.app.drawing.pieces import Lines

#: Keys of a style's meta, not `@click`: that would give the text the colours of a link.
_NUMBER = "number"
_ASKS = "asks"
MARKED = "bold reverse"

#: What every quantity that can be explained is called, in the order in which they are listed.
NUMBER_TITLES = {
    "training_days": "days of training",
    "tokens_per_second": "tokens per second",
    "tokens_per_second_per_chip": "tokens per second and chip",
    "mfu": "MFU, causal attention counted",
    "mfu_full_attention": "MFU, full attention counted",
    "hfu": "HFU: recomputation counted too",
    "goodput": "goodput: time that makes progress",
    "step_seconds": "time of one step",
    "step.compute": "step: compute",
    "step.memory_bound": "step: memory-bound work",
    "step.tensor": "step: tensor parallel traffic",
    "step.context": "step: context parallel traffic",
    "step.expert": "step: expert parallel traffic",
    "step.pipeline_p2p": "step: pipeline sends",
    "step.data": "step: data parallel traffic",
    "step.bubble": "step: pipeline bubble",
    "step.optimizer": "step: optimizer",
    "step.jitter": "step: jitter",
    "interconnect": "interconnect overhead",
    "interconnect.tensor": "interconnect: tensor parallel",
    "interconnect.context": "interconnect: context parallel",
    "interconnect.expert": "interconnect: expert parallel",
    "interconnect.pipeline_p2p": "interconnect: pipeline sends",
    "interconnect.data": "interconnect: data parallel",
    "memory": "memory of the fullest chip",
    "memory.capacity": "memory that a chip has",
    "memory.weights": "memory: weights",
    "memory.gradients": "memory: gradients",
    "memory.optimizer": "memory: optimizer states",
    "memory.activations": "memory: activations",
    "memory.logits": "memory: logits",
    "memory.buffers": "memory: buffers",
    "memory.reserve": "memory: reserve",
    "power": "power at the meter",
    "power.it": "IT power",
    "power.peak": "peak power at the meter",
    "power.chips": "power: chips",
    "power.hosts": "power: hosts",
    "power.network": "power: network",
    "power.storage": "power: storage",
    "power.cooling": "power: cooling",
    "energy": "energy of the run",
    "carbon": "carbon of the run",
    "water": "water of the run",
    "joules_per_token": "energy of one token",
    "cost": "money of this run",
    "cost.capex": "purchase",
    "cost.opex": "electricity of the run",
    "cost.per_million_tokens": "money of a million tokens",
    "parameters": "parameters",
    "active_parameters": "active parameters",
    "training_flops": "training FLOPs",
    "tpp": "TPP: total processing performance",
    "performance_density": "performance density",
    "eccn": "export class by the chip's numbers",
}


@dataclass(frozen=True)
class Number:
    """A number that can be asked about."""

    quantity: str
    #: None: of the whole plan
    pool: str | None = None

    @property
    def group(self) -> str:
        """The panel of quantities that it belongs to."""
        return self.quantity.partition(".")[0].removesuffix("_seconds")


@dataclass(frozen=True)
class Spot:
    """Where a number stands: its line, and from which cell to which."""

    number: Number
    #: how many earlier spots are of the same number
    nth: int
    row: int
    start: int
    end: int


def asked(content: Content, quantity: str, pool: str | None = None) -> Content:
    """Return text that can be clicked, or reached by arrow keys, to have its number explained."""
    return content.stylize(_link(quantity, pool))


def clickable(content: Content, quantity: str) -> Content:
    """Return text that can be clicked to have a number explained; arrow keys pass it by."""
    return content.stylize(_link(quantity, None, is_spot=False))


@lru_cache(maxsize=1024)
def _link(quantity: str, pool: str | None, *, is_spot: bool = True) -> Style:
    return Style.from_meta({_NUMBER if is_spot else _ASKS: (quantity, pool)})


def number_of(meta: Mapping[str, Any]) -> Number | None:
    """Return the number that text with such a meta stands for."""
    found = meta.get(_NUMBER) or meta.get(_ASKS)
    return Number(*found) if found else None


def spots(lines: Lines) -> list[Spot]:
    """Return where numbers stand in a drawing, in reading order."""
    seen: dict[Number, int] = {}
    found = []
    for row, content in enumerate(lines):
        for span, number in _numbers(content.spans):
            nth = seen.get(number, 0)
            seen[number] = nth + 1
            found.append(Spot(number, nth, row, span.start, span.end))
    return found


def _numbers(spans: Iterable[Span]) -> Iterator[tuple[Span, Number]]:
    for span in sorted(spans, key=lambda span: span.start):
        if isinstance(span.style, Style) and _NUMBER in span.style.meta:
            quantity, pool = span.style.meta[_NUMBER]
            yield span, Number(quantity, pool)


def with_mark(lines: Lines, number: Number, nth: int) -> Lines:
    """Return the lines with one number marked; as they are where it is not among them."""
    for spot in spots(lines):
        if spot.number == number and spot.nth == nth:
            marked = lines[spot.row].stylize(MARKED, spot.start, spot.end)
            return [*lines[: spot.row], marked, *lines[spot.row + 1 :]]
    return lines
