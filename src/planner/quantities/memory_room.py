"""Memory of the fullest chip: what software takes and sees of it, and how much of that a job needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from planner.engine.arrays import FloatArray
from planner.engine.memory import held_bytes, overhead_bytes, usable_bytes
from planner.engine.memory_terms import MemoryTerms
from planner.quantities.leaves import Leaf, constant
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.quantities.units import Unit

_PARTS = ("weights", "gradients", "optimizer", "activations", "logits", "buffers", "overhead")


def _of_software(name: str, title: str, unit: Unit, get: Callable[[MemoryTerms], Any]) -> None:
    @leaf(f"memory.{name}", title, unit, scope="phase")
    def read(setting: Setting) -> Leaf:
        return constant(float(get(setting.phase.estimate.memory)), "stack: memory")


_of_software("context_bytes", "bytes of device and collective library", "B", lambda terms: terms.context)
_of_software(
    "fragmentation",
    "share of freed memory that the allocator cannot use",
    "share",
    lambda terms: terms.fragmentation,
)
_of_software(
    "hidden_share",
    "share of a chip's memory that software does not see",
    "share",
    lambda terms: terms.hidden_share,
)
quantity(
    "memory.parts.overhead",
    "bytes of the device, the collective library and the allocator's fragments",
    "B",
    {
        "context": "memory.context_bytes",
        "fragmentation": "memory.fragmentation",
        "activations": "memory.parts.activations",
        "logits": "memory.parts.logits",
        "buffers": "memory.parts.buffers",
    },
    short="overhead",
    scope="phase",
    form="part",
    aliases=("memory.overhead",),
)(overhead_bytes)
quantity(
    "memory.per_chip_bytes",
    "memory of the fullest chip",
    "B",
    {name: f"memory.parts.{name}" for name in _PARTS},
    short="chip memory",
    scope="phase",
    form="number",
    better="neither",
    aliases=("memory", "memory_per_chip_bytes"),
)(held_bytes)
quantity(
    "memory.usable_bytes",
    "memory of a chip that software sees",
    "B",
    {"capacity": "memory.capacity_bytes", "hidden": "memory.hidden_share"},
    short="usable",
    scope="phase",
    form="number",
)(usable_bytes)


@quantity(
    "memory.share",
    "memory of the fullest chip over what software sees of it",
    "share",
    {"held": "memory.per_chip_bytes", "usable": "memory.usable_bytes"},
    short="memory share",
    scope="phase",
    form="number",
    aliases=("memory_share",),
)
def share(held: FloatArray, usable: FloatArray) -> FloatArray:
    """Return how much of its memory the fullest chip needs. [-]."""
    return held / usable
