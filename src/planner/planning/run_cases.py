"""From a published run to what the engine is told: profiles, stated figures, and what had to be filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog
from planner.domain.architecture import Architecture
from planner.domain.chip import Chip
from planner.domain.run import Run
from planner.domain.stack import Stack
from planner.domain.system import System
from planner.domain.training import TrainingRecipe
from planner.engine.architecture import parameter_counts
from planner.engine.inputs import ArchitectureInputs, ChipInputs, Layouts, NetworkInputs, WorkloadInputs
from planner.errors import PlannerError
from planner.planning.chip import StatedRates, chip_inputs, half_precision_peak
from planner.planning.network import StatedNetwork, network_inputs
from planner.planning.reach import Beyond, beyond_the_data
from planner.planning.run_layouts import Known, run_layout
from planner.planning.stack import stack_chain
from planner.planning.workload import workload_inputs

#: Tokens of a batch where a run does not say; a usual size for models of some billions of parameters.
DEFAULT_BATCH_TOKENS = 4e6
#: Microbatches for each pipeline stage that a benchmark fills its pipeline with where it does not say.
MICROBATCHES_PER_STAGE = 8.0


@dataclass(frozen=True, slots=True)
class RunCase:
    """One run as the engine takes it, in chips."""

    run: Run
    chip_profile: Chip
    stack: Stack
    architecture: ArchitectureInputs
    chip: ChipInputs
    network: NetworkInputs
    layout: Layouts
    workload: WorkloadInputs
    known: Known
    chips: float
    #: what was filled in, one phrase each
    assumed: tuple[str, ...]

    @property
    def generation(self) -> str:
        """The chip's generation, which shares fitted constants."""
        return self.chip_profile.generation

    @property
    def published_peak_flops_per_s(self) -> float:
        """The 16-bit peak that utilisations refer to, whatever a cap on the power leaves of it."""
        return self.run.hardware.peak_bf16_flops_per_s or half_precision_peak(self.chip_profile)[0]

    @property
    def is_mixture(self) -> bool:
        """Whether the model is a mixture of experts."""
        return float(self.architecture.experts) > 0

    @property
    def beyond(self) -> tuple[Beyond, ...]:
        """Where it lies beyond what published runs cover."""
        length = float(self.workload.sequence_length)
        return beyond_the_data(parameter_counts(self.architecture), sequence_length=length, chips=self.chips)

    @property
    def measured(self) -> float | None:
        """Measured tokens per second and chip."""
        return self.run.result.tokens_per_s_per_chip


@dataclass(frozen=True, slots=True)
class Unpredictable:
    """A run that can't be predicted, and why."""

    run: Run
    reason: str


def run_case(run: Run, catalog: Catalog, systems: Mapping[str, System]) -> RunCase | Unpredictable:
    """Return a run as a case; `systems` are those that stand for a chip."""
    if run.tier == "C":
        return Unpredictable(run, "tier C: a fact that is no prediction")
    if run.architecture is None:
        return Unpredictable(run, "the architecture is unknown")
    if run.sequence_length is None:
        return Unpredictable(run, "the sequence length is unknown")
    if run.hardware.chip_count is None:
        return Unpredictable(run, "the chip count is unknown")
    try:
        chip: Chip = catalog.get("chips", run.hardware.chip).profile
        stack = run_stack(run, chip.platform, catalog)
        chain = stack_chain(stack, catalog)
        chip_figures = chip_inputs(chip, run.precision, _stated_rates(run))
    except PlannerError as error:
        return Unpredictable(run, str(error))
    assumed: list[str] = list(run.assumed)
    architecture = _architecture(run.architecture, run.missing, assumed)
    layout, known = run_layout(run, architecture, chain, chip.generation, assumed)
    chips = float(run.hardware.chip_count)
    batch = float(run.global_batch_sequences or _assumed_batch(run, layout, assumed))
    return RunCase(
        run=run,
        chip_profile=chip,
        stack=stack,
        architecture=architecture,
        chip=chip_figures,
        network=network_inputs(
            chip, systems.get(chip.id), None, chips=chips, ran=_stated_network(run, layout)
        ),
        layout=layout,
        workload=workload_inputs(
            chain,
            run.precision,
            run_recipe(run),
            architecture,
            sequence_length=float(run.sequence_length),
            global_batch_sequences=batch,
            document_tokens=run.document_tokens,
            features=run.software.features,
        ),
        known=known,
        chips=chips,
        assumed=tuple(assumed),
    )


def _architecture(shape: Architecture, missing: tuple[str, ...], assumed: list[str]) -> ArchitectureInputs:
    """Return the architecture; a head count that no source states is a power of two, heads as wide as fit.

    What a row holds in its place need not even divide the hidden size.
    """
    inputs = architecture_inputs(shape)
    heads, hidden = float(inputs.heads), float(inputs.hidden)
    if "heads" not in missing or inputs.kinds or float(inputs.key_value_heads) != heads:
        return inputs
    count = 2.0 ** round(math.log2(heads))
    if count == heads or hidden % count:
        return inputs
    assumed.append(f"{count:.0f} heads, the power of two next to the {heads:.0f} that the row assumes")
    return replace(inputs, heads=count, key_value_heads=count, head_dimension=hidden / count)


def run_recipe(run: Run) -> TrainingRecipe:
    """Return what a run says of its recipe."""
    recipe = run.training
    if recipe.offload is None and run.software.offloads_activations:
        return recipe.model_copy(update={"offload": "activations"})
    return recipe


def run_stack(run: Run, platform: str, catalog: Catalog) -> Stack:
    """Return the stack of a run: its framework's of the nearest year not after it, else its platform's.

    Raises
    ------
    ProfileError
        Where the platform has no stack at all.
    """
    year = run.software.year or 0
    found = [
        entry.profile
        for entry in catalog.stacks.values()
        if entry.profile.platform == platform and entry.profile.framework == run.software.framework
    ]
    if not found:
        root: Stack = catalog.get("stacks", platform).profile
        return root
    before = [stack for stack in found if stack.year <= year]
    return max(before, key=lambda stack: stack.year) if before else min(found, key=lambda stack: stack.year)


def _stated_rates(run: Run) -> StatedRates:
    return StatedRates(
        half_flops_per_s=run.hardware.peak_bf16_flops_per_s,
        matmul_flops_per_s=run.hardware.peak_precision_flops_per_s,
        memory_bytes=run.hardware.memory_bytes,
        ranks_per_chip=float(run.layout.ranks_per_chip),
    )


def _stated_network(run: Run, layout: Layouts) -> StatedNetwork:
    return StatedNetwork(
        chips_per_host=run.hardware.chips_per_host,
        chips_per_domain=run.hardware.chips_per_domain,
        scale_out_bytes_per_s=run.hardware.scale_out_bytes_per_s,
        slice_chips=float(layout.shard_ranks) * float(layout.tensor),
    )


def _assumed_batch(run: Run, layout: Layouts, assumed: list[str]) -> float:
    assumed.append("global batch")
    pipeline = float(layout.pipeline)
    fill = MICROBATCHES_PER_STAGE * pipeline if pipeline > 1 else 1.0
    per_step = float(layout.data) * float(layout.microbatch) * fill
    if run.layout.microbatch is not None:
        return per_step
    sequences = DEFAULT_BATCH_TOKENS / float(run.sequence_length or 1)
    return max(math.ceil(sequences / per_step) * per_step, per_step)


def with_layout(case: RunCase, layout: Layouts, *, assumed: str) -> RunCase:
    """Return the case with a layout that was searched for."""
    return replace(case, layout=layout, assumed=(*case.assumed, assumed))
