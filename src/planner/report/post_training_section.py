"""One step of post-training as a timeline: the phases of each pool from left to right, and what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from planner.quantities.evaluation import Figures
from planner.quantities.pilots import is_measured
from planner.quantities.post_training import is_post_training
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.document import Block, Heading, Paragraph, Phase, Timeline, entries
from planner.report.page import glue

_LABEL_WIDTH = 19
_STEP = "post_training.step_s"
#: Of each side, its phases in the order in which they come, and what it waits.
_ROLLOUT = ("prefill", "decode", "tail", "environment")
_UPDATE = ("log_prob", "reference", "reward", "update")
_BETWEEN = ("transfer", "swap", "overhead")
#: Phases below this share of the step have no lane of their own.
_NEGLIGIBLE = 0.002


class Segment(NamedTuple):
    """A phase on the time of a step. [s]."""

    label: str
    begins: float
    seconds: float
    is_idle: bool = False

    @property
    def ends(self) -> float:
        """Its end."""
        return self.begins + self.seconds


def timeline(figures: Figures) -> list[Segment]:
    """Return the phases of a step on its time; of two sides both begin as far ahead as they may."""
    parts = figures.parts("post_training.parts")
    step = figures.number(_STEP)
    segments: list[Segment] = []
    at = _side(segments, parts, _ROLLOUT, 0.0)
    if figures.p50("post_training.idle_update_s") is None:
        at = _side(segments, parts, _UPDATE, at)
    else:
        segments += _waits(figures, "rollout", at)
        between = sum(parts.get(name, 0.0) for name in _BETWEEN)
        learns = sum(parts.get(name, 0.0) for name in _UPDATE)
        # what learns of this step's samples ends when the step does
        begins = max(step - between - learns, 0.0)
        segments += _waits(figures, "update", 0.0)
        _side(segments, parts, _UPDATE, begins)
        at = step - between
    _side(segments, parts, _BETWEEN, at)
    return segments


def _side(segments: list[Segment], parts: dict[str, float], names: tuple[str, ...], at: float) -> float:
    for name in names:
        seconds = parts.get(name, 0.0)
        if seconds > 0.0:
            segments.append(Segment(TABLE[f"post_training.parts.{name}"].short, at, seconds))
        at += seconds
    return at


def _waits(figures: Figures, side: str, at: float) -> Iterator[Segment]:
    identifier = f"post_training.idle_{side}_s"
    seconds = figures.p50(identifier) or 0.0
    if seconds > 0.0:
        yield Segment(TABLE[identifier].short, at, seconds, is_idle=True)


def post_training_blocks(figures: Figures) -> Iterator[Block]:
    """Yield one step of post-training; nothing of plans of other kinds."""
    if not is_post_training(figures.setting):
        return
    step = figures.number(_STEP)
    per_day = figures.band("post_training.steps_per_day")
    rate = "" if per_day is None else f"{numbers.banded(per_day)} steps a day"
    yield Heading("One step of post-training", rate, numbers.quantity(step, numbers.DURATION, 3))
    yield Timeline(phases(figures), _LABEL_WIDTH)
    yield entries(list(facts(figures)), _LABEL_WIDTH)
    assumed = figures.assumed(_STEP)
    if assumed:
        yield Paragraph(f"assumed: {'; '.join(assumed)}", role="quiet")


def phases(figures: Figures) -> tuple[Phase, ...]:
    """Return the phases of a step that are worth a lane, on its time."""
    step = figures.number(_STEP)
    shown = (one for one in timeline(figures) if one.seconds > _NEGLIGIBLE * step)
    return tuple(
        Phase(
            one.label,
            one.begins / step,
            one.seconds / step,
            numbers.quantity(one.seconds, numbers.DURATION, 3),
            numbers.percent(one.seconds / step),
            one.is_idle,
        )
        for one in shown
    )


def chips_words(figures: Figures) -> str:
    """Return how many chips generate and how many learn; of pairs, or empty responses, none generates."""
    rollout, update = (figures.number(f"post_training.{side}_chips") for side in ("rollout", "update"))
    if not figures.p50("post_training.longest_tokens"):
        return f"{numbers.count(update)} learn"
    if figures.p50("post_training.idle_update_s") is None:
        return f"{numbers.count(rollout)} generate and learn in turns"
    ratio = figures.p50("post_training.runner_up")
    passed = "" if ratio is None else f"; the next split takes {numbers.percent(ratio)} longer"
    return f"{numbers.count(rollout)} generate, {numbers.count(update)} learn{passed}"


def facts(figures: Figures) -> Iterator[tuple[str, str]]:
    """Yield what a step rests on: chips, the live batch, the hidden tail, and what a million samples take."""

    def told(name: str, one: str, many: str = "", digits: int = 3) -> str | None:
        value = figures.p50(f"post_training.{name}")
        if value is None:
            return None
        amount = numbers.trimmed(value, numbers.ONE, digits)
        return glue(f"{amount} {one if amount == '1' else many or one}")

    generates = bool(figures.p50("post_training.longest_tokens"))
    if is_measured(figures.setting):
        band = figures.band("post_training.forecast_step_s")
        yield "As measured", numbers.banded(band, numbers.DURATION, 3)
    yield "Chips", chips_words(figures)
    parts = [
        told("rollout_tensor", "chip a copy", "chips a copy"),
        told("live", "response at once", "responses at once"),
        told("waves", "wave", "waves"),
        told("longest_tokens", "tokens the longest", digits=4),
    ]
    known = [part for part in parts if part is not None]
    if known and generates:
        yield "Rollout", ", ".join(known)
    hidden = figures.p50("post_training.hidden_tail_s")
    if hidden:
        yield "Hidden tail", numbers.quantity(hidden, numbers.DURATION, 3)
    energy = figures.p50("post_training.mwh_per_million_samples")
    money = figures.p50("post_training.usd_per_million_samples")
    per_million = [f"{numbers.decimal(energy, 3)} MWh"] if energy is not None else []
    per_million += [f"{numbers.count(money)} USD"] if money is not None else []
    if per_million:
        yield "A million samples", ", ".join(per_million)
