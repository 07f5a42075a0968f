"""The parallel layout: its degrees, and where they come from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from planner.engine.arrays import FloatArray
from planner.planning.layout_choice import LayoutChoice
from planner.planning.training import RunnerUp
from planner.quantities.leaves import Leaf
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import leaf
from planner.quantities.units import Unit


def chosen(value: float | str, setting: Setting) -> Leaf:
    """Return a part of the layout: of the plan where that gives all of it, else found by the search."""
    is_given = setting.phase.layout.origin == "given"
    found = Grounds("layout", "found by the layout search")
    grounds = Grounds("plan", "plan: strategy") if is_given else found
    return Leaf(value if isinstance(value, str) else np.array([float(value)]), grounds)


def _degree(identifier: str, title: str, field: str, unit: Unit = "") -> None:
    @leaf(identifier, title, unit, form="count", is_told_by_phase=True)
    def read(setting: Setting) -> Leaf:
        return chosen(float(getattr(setting.phase.layout, field)), setting)


_DEGREES = {
    "tp": "chips that share a layer (tensor parallel)",
    "cp": "chips that share a sequence (context parallel)",
    "ep": "chips that share the experts (expert parallel)",
    "etp": "chips that share an expert (tensor parallel inside it)",
    "pp": "pipeline stages",
    "vpp": "virtual stages of a chip",
    "dp": "data-parallel ranks",
    "microbatch": "sequences of a microbatch",
    "zero": "ZeRO stage",
}
for _name, _title in _DEGREES.items():
    _degree(f"strategy.{_name}", _title, _name)

_WORDS: dict[str, tuple[str, Callable[[LayoutChoice], str]]] = {
    "recompute": ("what is computed again in the backward pass", lambda layout: layout.again),
    "schedule": ("pipeline schedule", lambda layout: layout.schedule),
}


def _word(identifier: str, title: str, get: Callable[[LayoutChoice], str]) -> None:
    @leaf(identifier, title, "words", form="words", is_told_by_phase=True)
    def read(setting: Setting) -> Leaf:
        return chosen(get(setting.phase.layout), setting)


for _name, (_title, _get) in _WORDS.items():
    _word(f"strategy.{_name}", _title, _get)
_degree("strategy.batch", "sequences of a step on which the layout trains", "batch")


@leaf(
    "strategy.batch_change",
    "by how much the batch moved from what the plan states, so that the replicas share it evenly",
    "share",
    form="number",
    is_told_by_phase=True,
)
def batch_change(setting: Setting) -> Leaf:
    """Return the change of the batch over the stated one; zero where it stays."""
    phase = setting.phase
    return chosen(phase.layout.batch / phase.stated_batch - 1.0, setting)


_degree("strategy.microbatches", "microbatches of one pipeline in a step", "microbatches")
_degree("strategy.chips_used", "chips that the layout uses", "chips_used", "chips")


@leaf("strategy.origin", "whether the layout was given or searched", "words", form="words")
def origin(setting: Setting) -> Leaf:
    """Return whether every part of the layout stands in the plan."""
    return chosen(setting.phase.layout.origin, setting)


def _of_passed_over(setting: Setting, told: Callable[[RunnerUp], FloatArray | str]) -> Leaf:
    """Return something of the layout that was passed over; unknown where nothing was searched."""
    passed = setting.phase.runner_up
    return Leaf(None, name="no second layout was tried") if passed is None else Leaf(told(passed))


@leaf(
    "strategy.runner_up",
    "how much longer a step of the layout that was passed over takes; below nothing: shorter",
    "share",
    form="number",
    method="its step over the chosen one's, less one",
)
def runner_up(setting: Setting) -> Leaf:
    """Return the distance to what was passed over; unknown where nothing was searched."""
    return _of_passed_over(setting, lambda passed: np.array([passed.step_ratio - 1.0]))


@leaf(
    "strategy.runner_up_layout",
    "the layout that was passed over",
    "words",
    form="words",
    method="the fastest of those tried where people would not run it, else the second best",
)
def runner_up_layout(setting: Setting) -> Leaf:
    """Return the fastest layout where people would not run it, else the second best."""
    return _of_passed_over(setting, lambda passed: passed.layout.words)


@leaf(
    "strategy.runner_up_seldom",
    "why the layout that was passed over was not chosen",
    "words",
    form="words",
    method="how often published runs of such jobs choose what it chooses (profiles/layout_practice.toml)",
)
def runner_up_seldom(setting: Setting) -> Leaf:
    """Return what of it people seldom run, or that it is slower."""
    return _of_passed_over(setting, _why_not)


def _why_not(passed: RunnerUp) -> str:
    if passed.step_ratio >= 1.0 or not passed.seldom:
        return "its step is no shorter"
    return "people seldom run such jobs with " + ", ".join(passed.seldom)


@leaf("strategy.layers_again", "share of the layers that are computed again whole", "share")
def layers_again(setting: Setting) -> Leaf:
    """Return the share of the layers that run again in the backward pass."""
    return chosen(float(setting.phase.layouts.recompute_layers), setting)


@leaf("strategy.attention_again", "1 where the attention core is computed again", "")
def attention_again(setting: Setting) -> Leaf:
    """Return whether attention runs again in the backward pass."""
    return chosen(float(setting.phase.layouts.recompute_attention), setting)


@leaf("strategy.matmul_again", "share of the other layers' matmuls that are computed again", "share")
def matmul_again(setting: Setting) -> Leaf:
    """Return the share of matmuls that run again where the layer does not."""
    return chosen(float(setting.phase.layouts.recompute_matmul), setting)
