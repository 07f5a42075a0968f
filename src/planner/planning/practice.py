"""What people run, as a search takes it: how much longer a step each choice of a layout must make up for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from planner.domain.layout_practice import AspectPractice, LayoutPractice
from planner.domain.stack import Stack
from planner.engine.architecture import parameter_counts
from planner.engine.arrays import BoolArray, FloatArray
from planner.engine.grid import COLUMNS
from planner.engine.inputs import ArchitectureInputs
from planner.engine.layout_aspects import ASPECTS, Place
from planner.engine.recompute import RECOMPUTE
from planner.engine.shortlist import Preference
from planner.planning.layout_space import NamedVariant

#: The model of which `usual` is told; `size` is told for each tenfold. Parameters. [-]
USUAL_PARAMETERS = 2e10
#: The sequence of which `usual` is told; `length` is told for each tenfold. Tokens. [-]
USUAL_LENGTH = 4096.0
#: The last year of software that counts as early: of before fused attention and cheap recompute were usual.
LAST_EARLY_YEAR = 2022
#: A choice that costs less than this is no reason. Of the logarithm of a step.
_TOLD_HANDICAP = 0.01
#: What puts a layout that hardly anybody runs behind all others that are about as fast as the fastest: it
#: comes first where it is faster than any by more than the model itself may be off by. Of the logarithm.
_RARE = 10.0


@dataclass(frozen=True, slots=True)
class Context:
    """What people's choices depend on, as factors of the columns of an `AspectPractice`. [-]."""

    size: float
    length: float
    mixture: float
    early: float
    framework: str

    @classmethod
    def of(cls, architecture: ArchitectureInputs, stack: Stack, *, sequence_length: float) -> Context:
        """Return the context of a job."""
        return cls(
            size=math.log10(float(parameter_counts(architecture).total) / USUAL_PARAMETERS),
            length=math.log10(sequence_length / USUAL_LENGTH),
            mixture=float(float(architecture.experts) > 0),
            early=float(stack.year <= LAST_EARLY_YEAR),
            framework=stack.framework,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Practice:
    """What people run of a job, as a search takes it."""

    #: of each choice of each aspect, how much shorter a step makes up for it; of the logarithm
    handicaps: Mapping[str, FloatArray]
    place: Place
    #: a layout that is faster by more than this comes first, whatever people run; of the logarithm
    tolerance: float
    #: what the rate scatters by since the layout that will be run is not known; of its logarithm
    log_spread: float
    #: of each grid of the search: its schedule where that is named, 1 where parts of layers run again, and
    #: where the schedule is one that no published layout is known to have
    schedules: tuple[str | None, ...] = (None,)
    runs_parts_again: FloatArray = field(default_factory=lambda: np.zeros(1))
    unusual: FloatArray = field(default_factory=lambda: np.zeros(1))

    @classmethod
    def of(
        cls,
        record: LayoutPractice,
        context: Context,
        place: Place,
        *,
        open_share: float,
        variants: Sequence[NamedVariant] = (),
    ) -> Practice:
        """Return what people run of such a job at such a place.

        A schedule that nobody is known to run, and some layers of a stage that run again where others do not,
        have to win by more than the model itself may be off by.

        Of the variance between layouts that part is left which the plan leaves open of a layout; that all
        parts weigh the same is assumed.
        """
        spread = record.mixture_log_spread if context.mixture else record.dense_log_spread
        return cls(
            {name: _handicaps(record.aspects[name], context) for name in ASPECTS},
            place,
            record.tolerance,
            spread * math.sqrt(open_share),
            tuple(variant.schedule for variant in variants) or (None,),
            np.array([_runs_parts_again(variant) for variant in variants] or [0.0]),
            np.array([float(variant.is_unusual) for variant in variants] or [0.0]),
        )

    @property
    def preference(self) -> Preference:
        """What the search is told of it."""
        return Preference(self.handicap, self.tolerance)

    def handicap(self, block: FloatArray) -> FloatArray:
        """Return what every candidate's step is counted longer by, up to a part that all have in common.

        Parameters
        ----------
        block : (columns, candidates) float64
            With `layouts.COLUMNS` as rows. [-]

        Returns
        -------
        (candidates,) float64
            Of the logarithm. [-]
        """
        variant = block[_VARIANT].astype(np.intp)
        total: FloatArray = _RARE * ((self.unusual[variant] > 0.0) | _runs_some_layers_again(block))
        told = self._told(block)
        for name, aspect in ASPECTS.items():
            total += self.handicaps[name][aspect.of(told, self.place)]
        return total

    def choices(self, row: FloatArray) -> dict[str, int]:
        """Return the choices of one candidate by aspect."""
        block = self._told(np.asarray(row, dtype=np.float64)[:, None])
        return {name: int(aspect.of(block, self.place)[0]) for name, aspect in ASPECTS.items()}

    def _told(self, block: FloatArray) -> FloatArray:
        """Return candidates with parts of layers that run again told as the attention core is."""
        parts = self.runs_parts_again[block[_VARIANT].astype(np.intp)]
        if not parts.any():
            return block
        told = block.copy()
        told[_ATTENTION_AGAIN] = np.maximum(told[_ATTENTION_AGAIN], parts)
        return told


_VARIANT, _ATTENTION_AGAIN = COLUMNS.index("variant"), COLUMNS.index("recompute_attention")
_LAYERS_AGAIN = COLUMNS.index("recompute_layers")


def _runs_some_layers_again(block: FloatArray) -> BoolArray:
    """Return whether some layers of a stage are run again whole and others not: 11 of 713 published runs."""
    return np.asarray((block[_LAYERS_AGAIN] > 0.0) & (block[_LAYERS_AGAIN] < 1.0))


def _runs_parts_again(variant: NamedVariant) -> float:
    return float(variant.recompute is not None and bool(RECOMPUTE[variant.recompute].columns))


def against(practice: Practice, row: FloatArray, other: FloatArray) -> tuple[str, ...]:
    """Return what people run less gladly of one layout than of another, the weightiest first."""
    ours, theirs = practice.choices(row), practice.choices(other)
    more = {
        name: float(worths[ours[name]] - worths[theirs[name]]) for name, worths in practice.handicaps.items()
    }
    found = sorted((name for name in more if more[name] > _TOLD_HANDICAP), key=lambda name: -more[name])
    own, others = (int(one[_VARIANT]) for one in (row, other))
    schedule = practice.schedules[own]
    is_rarer = schedule is not None and practice.unusual[own] > practice.unusual[others]
    rare = [f"the schedule '{schedule}'"] if is_rarer else []
    is_partial, was_partial = (
        bool(_runs_some_layers_again(np.asarray(one)[:, None])) for one in (row, other)
    )
    rare += ["some layers of a stage that run again"] if is_partial and not was_partial else []
    return (*rare, *(ASPECTS[name].choices[ours[name]] for name in found))


def _handicaps(record: AspectPractice, context: Context) -> FloatArray:
    worth = (
        np.array(record.usual)
        + context.size * np.array(record.size)
        + context.length * np.array(record.length)
        + context.mixture * np.array(record.mixture)
        + context.early * np.array(record.early)
    )
    own = record.frameworks.get(context.framework)
    worth = worth if own is None else worth + np.array(own)
    return np.asarray(-worth)
