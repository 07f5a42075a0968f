"""What a layout is like, in the few choices that people tell layouts apart by: one record each.

A count of what people run, and a search that knows it, name a layout's choices by this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from planner.engine.arrays import FloatArray
from planner.engine.grid import COLUMNS

Choices = npt.NDArray[np.intp]
#: Rows of a block of candidates, by name.
_AT = {name: position for position, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a layout's choices are told against: the chips of a scale-up domain. [-]."""

    domain_chips: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One thing that layouts differ in, and the choices there are."""

    #: what each choice is, in a sentence: "people seldom run ..."
    choices: tuple[str, ...]
    #: the choice of every candidate of a block (columns of `layouts.COLUMNS`, candidates)
    of: Callable[[FloatArray, Place], Choices]
    #: the software decides what of it is offered, and what it does where nobody asks
    is_of_framework: bool = False


def _powers(name: str, most: int) -> Callable[[FloatArray, Place], Choices]:
    """Return the power of two at or below a degree, `most` at most."""

    def of(block: FloatArray, _place: Place) -> Choices:
        return np.asarray(np.minimum(np.log2(block[_AT[name]]), most).astype(np.intp))

    return of


def _steps(name: str, *above: float) -> Callable[[FloatArray, Place], Choices]:
    """Return how many of some rising bounds a degree is above."""

    def of(block: FloatArray, _place: Place) -> Choices:
        return np.asarray(np.searchsorted(above, block[_AT[name]], side="left"), dtype=np.intp)

    return of


def _recompute(block: FloatArray, _place: Place) -> Choices:
    layers = block[_AT["recompute_layers"]]
    some = (layers > 0.0) | (block[_AT["recompute_attention"]] > 0.0)
    return np.asarray(some.astype(np.intp) + (layers >= 1.0), dtype=np.intp)


def _expert(block: FloatArray, place: Place) -> Choices:
    expert = block[_AT["expert"]]
    return np.asarray((expert > 1.0).astype(np.intp) + (expert > place.domain_chips), dtype=np.intp)


ASPECTS: Mapping[str, Aspect] = MappingProxyType(
    {
        "tensor": Aspect(
            choices=(
                "no tensor parallelism",
                "tensor parallel 2",
                "tensor parallel 4",
                "tensor parallel 8",
                "tensor parallel 16 or more",
            ),
            of=_powers("tensor", 4),
            is_of_framework=True,
        ),
        "pipeline": Aspect(
            choices=("no pipeline", "2 to 4 stages", "5 to 8 stages", "more than 8 stages"),
            of=_steps("pipeline", 1.0, 4.0, 8.0),
            is_of_framework=True,
        ),
        "virtual_stages": Aspect(
            choices=("no virtual stages", "virtual stages"),
            of=_steps("virtual_stages", 1.0),
            is_of_framework=True,
        ),
        "microbatch": Aspect(
            choices=(
                "a microbatch of 1",
                "a microbatch of 2 or 3",
                "a microbatch of 4 to 7",
                "a microbatch of 8 or more",
            ),
            of=_powers("microbatch", 3),
        ),
        "zero": Aspect(
            choices=("whole gradients (ZeRO 0 or 1)", "ZeRO 2", "sharded weights (ZeRO 3)"),
            of=_steps("zero", 1.0, 2.0),
            is_of_framework=True,
        ),
        "recompute": Aspect(
            choices=("no recompute", "recompute of parts", "recompute of every layer"),
            of=_recompute,
            is_of_framework=True,
        ),
        "expert": Aspect(
            choices=(
                "no expert parallelism",
                "expert parallelism inside the scale-up domain",
                "expert parallelism beyond the scale-up domain",
            ),
            of=_expert,
        ),
        "context": Aspect(
            choices=("no context parallelism", "context parallelism"),
            of=_steps("context", 1.0),
        ),
    }
)
