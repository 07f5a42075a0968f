"""What follows from a model's shape alone, worked out once a shape: most changes of a plan leave it alone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture
from planner.engine.architecture import LayerParameters, ParameterCounts, layer_parameters, parameter_counts
from planner.engine.arrays import ArrayLike
from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
from planner.engine.work import ModelWork, model_work

#: Shapes that are kept; a comparison of plans has one each, and few more are looked at in turns.
_KEPT = 16
_OF_WORKLOAD = tuple(column.name for column in fields(WorkloadInputs))


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A model's shape as the engine takes it, and its parameters."""

    inputs: ArchitectureInputs
    layer: LayerParameters
    counts: ParameterCounts


@lru_cache(maxsize=_KEPT)
def shape_of(architecture: Architecture) -> Shape:
    """Return a shape with its parameters."""
    inputs = architecture_inputs(architecture)
    return Shape(inputs, layer_parameters(inputs), parameter_counts(inputs))


def work_of(architecture: Architecture, workload: WorkloadInputs) -> ModelWork:
    """Return what a shape must do for one token; `workload` is of plain numbers, as a plan's is."""
    return _work(architecture, tuple(getattr(workload, name) for name in _OF_WORKLOAD))


@lru_cache(maxsize=_KEPT)
def _work(architecture: Architecture, workload: tuple[ArrayLike, ...]) -> ModelWork:
    values = dict(zip(_OF_WORKLOAD, workload, strict=True))
    return model_work(shape_of(architecture).inputs, WorkloadInputs(**values))
