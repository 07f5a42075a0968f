"""From a job whose memory was measured to what the memory model takes; its chip need not be known."""

from __future__ import annotations

from dataclasses import dataclass

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog
from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.memory_case import MemoryCase
from planner.domain.stack import Stack
from planner.engine.inputs import Layouts, WorkloadInputs
from planner.engine.work import ModelWork, model_work
from planner.errors import PlannerError
from planner.planning.run_cases import run_recipe, run_stack
from planner.planning.run_layouts import run_layout
from planner.planning.stack import stack_chain
from planner.planning.workload import workload_inputs


@dataclass(frozen=True, slots=True)
class MemoryJob:
    """One case as the engine takes it."""

    case: MemoryCase
    stack: Stack
    work: ModelWork
    layout: Layouts
    workload: WorkloadInputs
    #: that software sees of one chip; None where nobody says. [B]
    capacity_bytes: float | None
    #: what was filled in, one phrase each
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unscored:
    """A case that cannot be predicted, and why."""

    case: MemoryCase
    reason: str


def memory_job(case: MemoryCase, catalog: Catalog) -> MemoryJob | Unscored:
    """Return a case as the engine takes it."""
    if case.inexpressible is not None:
        return Unscored(case, f"it cannot be said: {case.inexpressible}")
    if case.architecture is None:
        return Unscored(case, "the architecture is unknown")
    if case.sequence_length is None or case.layout.microbatch is None:
        return Unscored(case, "the tokens of a microbatch are unknown")
    assumed: list[str] = list(case.assumed)
    try:
        stack = run_stack(case, case.hardware.platform, catalog)
        chain = stack_chain(stack, catalog)
    except PlannerError as error:
        return Unscored(case, str(error))
    architecture = architecture_inputs(case.architecture)
    layout, _ = run_layout(case, architecture, chain, None, assumed)
    batch = case.global_batch_sequences or float(layout.data) * float(layout.microbatch)
    workload = workload_inputs(
        chain,
        case.precision,
        run_recipe(case),
        architecture,
        sequence_length=float(case.sequence_length),
        global_batch_sequences=float(batch),
        features=case.software.features,
    )
    capacity = case.hardware.memory_bytes or _capacity_bytes(case.hardware.chip, catalog)
    return MemoryJob(
        case, stack, model_work(architecture, workload), layout, workload, capacity, tuple(assumed)
    )


def _capacity_bytes(identifier: str, catalog: Catalog) -> float | None:
    """Return the memory of a chip that the catalog knows. [B]."""
    if identifier not in catalog.chips:
        return None
    chip: Chip = catalog.chips[identifier].profile
    return value_of(chip.memory.capacity_bytes)
