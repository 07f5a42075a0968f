"""From a published run to what the engine is told: profiles, stated figures, and what had to be filled in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog
from planner.domain.architecture import Architecture
from planner.domain.chip import Chip, Datatype
from planner.domain.evidence import value_of
from planner.domain.run import Framework, Run, RunPrecision, RunRecompute
from planner.domain.stack import Stack
from planner.domain.system import System
from planner.engine.architecture import layer_parameters, mixture_layers
from planner.engine.inputs import ArchitectureInputs, ChipInputs, Layouts, NetworkInputs, WorkloadInputs
from planner.errors import PlannerError
from planner.planning.engine_inputs import (
    ScaleUpFigures,
    drops_unused_recompute,
    held_gradient_bytes,
    ranks_per_chip,
    sustained_share,
)

#: Datatype whose rate a run's matmuls have.
RUN_DATATYPES: dict[RunPrecision, Datatype] = {
    "bf16": "bf16",
    "fp16": "fp16",
    "tf32": "tf32",
    "fp8": "fp8",
    "mxfp8": "fp8",
    "int8": "int8",
    "fp4": "fp4",
    "nvfp4": "fp4",
}
LOW_PRECISION_RUNS = frozenset({"fp8", "mxfp8", "int8", "fp4", "nvfp4"})
#: Frameworks that shard the weights unless they say otherwise.
SHARDED_FRAMEWORKS: frozenset[Framework] = frozenset({"fsdp", "torchtitan", "maxtext", "pytorch"})
#: Frameworks whose pipeline engine has no interleaved schedule: DeepSpeed's runs 1F1B, nanotron's that or all
#: forward passes first.
PLAIN_PIPELINES: frozenset[Framework] = frozenset({"megatron-deepspeed", "deepspeed", "nanotron"})
DEFAULT_SCALE_OUT_LATENCY_S = 5e-6
DEFAULT_DOMAIN_CHIPS = 8
#: Tokens of a batch where a run does not say; a usual size for models of some billions of parameters.
DEFAULT_BATCH_TOKENS = 4e6
#: Microbatches for each pipeline stage that a benchmark fills its pipeline with where it does not say.
MICROBATCHES_PER_STAGE = 8.0


@dataclass(frozen=True, slots=True)
class Known:
    """Which parts of a run's layout are published; the others are searched."""

    tensor: bool
    context: bool
    expert: bool
    pipeline: bool
    virtual_stages: bool
    microbatch: bool
    zero: bool
    recompute: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to the search."""
        degrees = (self.tensor, self.context, self.expert, self.pipeline, self.virtual_stages)
        return all((*degrees, self.microbatch, self.recompute))


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
        return float(self.chip.attention_peak_flops_per_s) / sustained_share(self.chip_profile)

    @property
    def is_mixture(self) -> bool:
        """Whether the model is a mixture of experts."""
        return float(self.architecture.experts) > 0

    @property
    def measured(self) -> float | None:
        """Measured tokens per second and chip."""
        return self.run.result.tokens_per_s_per_chip


@dataclass(frozen=True, slots=True)
class Unpredictable:
    """A run that can't be predicted, and why."""

    run: Run
    reason: str


def run_case(run: Run, catalog: Catalog, systems: Callable[[str], System | None]) -> RunCase | Unpredictable:
    """Return a run as a case; `systems` gives a system that holds a chip, where there is one."""
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
        stack = run_stack(run, chip, catalog)
        chip_figures = _chip_inputs(run, chip)
    except PlannerError as error:
        return Unpredictable(run, str(error))
    assumed: list[str] = list(run.assumed)
    architecture = _architecture(run.architecture, run.missing, assumed)
    layout, known = _layout(run, architecture, stack, assumed)
    chips = float(run.hardware.chip_count)
    batch = float(run.global_batch_sequences or _assumed_batch(run, layout, assumed))
    return RunCase(
        run=run,
        chip_profile=chip,
        stack=stack,
        architecture=architecture,
        chip=chip_figures,
        network=_network(run, chip, systems(chip.id), layout),
        layout=layout,
        workload=WorkloadInputs(
            sequence_length=float(run.sequence_length),
            global_batch_sequences=batch,
            is_low_precision=float(run.precision in LOW_PRECISION_RUNS),
            held_gradient_bytes=held_gradient_bytes(stack, run.precision),
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
    if "heads" not in missing or float(inputs.key_value_heads) != heads:
        return inputs
    count = 2.0 ** round(math.log2(heads))
    if count == heads or hidden % count:
        return inputs
    assumed.append(f"{count:.0f} heads, the power of two next to the {heads:.0f} that the row assumes")
    return replace(inputs, heads=count, key_value_heads=count, head_dimension=hidden / count)


def run_stack(run: Run, chip: Chip, catalog: Catalog) -> Stack:
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
        if entry.profile.platform == chip.platform and entry.profile.framework == run.software.framework
    ]
    if not found:
        platform: Stack = catalog.get("stacks", chip.platform).profile
        return platform
    before = [stack for stack in found if stack.year <= year]
    return max(before, key=lambda stack: stack.year) if before else min(found, key=lambda stack: stack.year)


def _chip_inputs(run: Run, chip: Chip) -> ChipInputs:
    hardware = run.hardware
    half = hardware.peak_bf16_flops_per_s or value_of(
        chip.peak_dense_flops_per_s.get("bf16") or chip.peak_dense_flops_per_s.get("fp16")
    )
    datatype = RUN_DATATYPES[run.precision or "bf16"]
    matmul = (
        hardware.peak_precision_flops_per_s or value_of(chip.peak_dense_flops_per_s.get(datatype)) or half
    )
    memory = value_of(chip.memory.capacity_bytes)
    bandwidth = value_of(chip.memory.bandwidth_bytes_per_s)
    if matmul is None or half is None or memory is None or bandwidth is None:
        raise PlannerError(f"chip '{chip.id}' lacks a peak rate, memory or memory bandwidth")
    sustained = sustained_share(chip)
    return ChipInputs(
        matmul_peak_flops_per_s=matmul * sustained,
        attention_peak_flops_per_s=half * sustained,
        memory_bytes=memory,
        memory_bandwidth_bytes_per_s=bandwidth,
        ranks_per_chip=max(float(run.layout.ranks_per_chip), ranks_per_chip(chip)),
    )


def _network(run: Run, chip: Chip, system: System | None, layout: Layouts) -> NetworkInputs:
    """Return the tiers: the run's own figures over the system's over the chip's.

    A torus reaches as far as the run's slice; a host that holds fewer chips than the profile's domain
    bounds the domain, but for racks and pods.
    """
    hardware = run.hardware
    inside = ScaleUpFigures.of(chip, system)
    bandwidth = inside.bandwidth_bytes_per_s
    host = hardware.chips_per_host or (system.chips_per_host if system else DEFAULT_DOMAIN_CHIPS)
    scale_out = hardware.scale_out_bytes_per_s or value_of(chip.scale_out_bytes_per_s) or bandwidth or 1.0
    return NetworkInputs(
        domain_chips=_domain_chips(run, system, inside.topology, layout),
        host_chips=float(host),
        scale_up_bytes_per_s=bandwidth or scale_out,
        pair_bytes_per_s=inside.pair_bytes_per_s or bandwidth or scale_out,
        is_mesh=float(inside.topology == "mesh"),
        torus_axes=inside.torus_axes,
        scale_up_latency_s=inside.latency_s,
        scale_out_bytes_per_s=scale_out,
        scale_out_latency_s=DEFAULT_SCALE_OUT_LATENCY_S,
    )


def _domain_chips(run: Run, system: System | None, topology: str, layout: Layouts) -> float:
    hardware = run.hardware
    if hardware.chips_per_domain is not None:
        return float(hardware.chips_per_domain)
    profile = system.chips_per_domain if system else DEFAULT_DOMAIN_CHIPS
    if topology == "torus":
        slice_chips = float(layout.shard_ranks) * float(layout.tensor)
        return min(float(profile), float(hardware.chip_count or profile), slice_chips)
    if hardware.chips_per_host is not None and profile <= 2 * DEFAULT_DOMAIN_CHIPS:
        return float(min(profile, hardware.chips_per_host))
    return float(profile)


def _layout(
    run: Run, architecture: ArchitectureInputs, stack: Stack, assumed: list[str]
) -> tuple[Layouts, Known]:
    """Return the published layout in chips, and what of it is known; what is not stands at 1 for now."""
    layout = run.layout
    chips = float(run.hardware.chip_count or 1)
    per_chip = float(layout.ranks_per_chip)
    is_tier_a = run.tier == "A"
    # an absent degree is 1 unless the source is said to leave the layout out
    is_stated = is_tier_a or "parallel layout" not in run.missing
    known = Known(
        tensor=layout.tensor is not None or is_stated,
        context=layout.context is not None or is_stated or (run.sequence_length or 0) <= 16_384,
        expert=layout.expert is not None or is_stated or not float(architecture.experts),
        pipeline=layout.pipeline is not None or is_stated,
        virtual_stages=layout.virtual_stages is not None
        or is_tier_a
        or run.software.framework in PLAIN_PIPELINES
        or (is_stated and (layout.pipeline or 1) == 1),
        microbatch=layout.microbatch is not None,
        zero=layout.zero is not None,
        recompute=run.recompute is not None,
    )
    tensor = max((layout.tensor or 1) / per_chip, 1.0)
    pipeline, context = float(layout.pipeline or 1), float(layout.context or 1)
    data = max(chips / (tensor * pipeline * context), 1.0) if layout.data is None else float(layout.data)
    if not is_tier_a:
        data = max(math.floor(data), 1.0)
    if layout.zero is None:
        assumed.append("ZeRO stage from the framework's default")
    zero = layout.zero if layout.zero is not None else 3 * (run.software.framework in SHARDED_FRAMEWORKS) or 1
    expert = float(layout.expert or 1)
    attention_again, layers_again, matmul_again = recompute_shares(run.recompute, architecture)
    features = run.software.features
    # Megatron shards experts by the tensor degree unless told otherwise; NeMo's recipes tell it otherwise,
    # and with more expert ranks than data-parallel ranks they can only have been folded over them
    is_folded = expert > data * context or run.software.framework == "nemo"
    expert_tensor = layout.expert_tensor or (tensor if float(architecture.experts) and not is_folded else 1.0)
    result = Layouts(
        tensor=tensor,
        pipeline=pipeline,
        data=data,
        microbatch=float(layout.microbatch or 1),
        context=context,
        expert=expert,
        expert_tensor=float(expert_tensor),
        virtual_stages=float(layout.virtual_stages or 1),
        zero=float(zero),
        shard_ranks=float(layout.shard_ranks or math.inf),
        is_sequence_parallel=float(layout.is_sequence_parallel is not False),
        recompute_attention=attention_again,
        recompute_layers=layers_again,
        recompute_matmul=matmul_again,
        has_tensor_overlap=float("tensor-overlap" in features),
        expert_capacity=(run.software.capacity_factor or 1.0) * (run.software.routing == "token-drop"),
        drops_unused_recompute=float(drops_unused_recompute(stack)),
        is_eager=float("eager" in features),
    )
    return result, known


def recompute_shares(
    recompute: RunRecompute | None, architecture: ArchitectureInputs
) -> tuple[float, float, float]:
    """Return what is run again: attention core (0 or 1), share of layers whole, share of other matmuls."""
    if recompute is None or recompute.kind == "none":
        return 0.0, 0.0, 0.0
    if recompute.kind == "full":
        return 0.0, 1.0, 0.0
    parts = set(recompute.parts)
    attention = float("attention-core" in parts or (recompute.kind == "selective" and not parts))
    per_layer = layer_parameters(architecture)
    sparse = float(mixture_layers(architecture)) / float(architecture.layers)
    sizes = {
        "feed-forward": (1.0 - sparse) * float(per_layer.feed_forward_matmul),
        "experts": sparse * float(architecture.active_experts) * float(per_layer.expert_matmul),
        "shared-experts": sparse * float(per_layer.shared_matmul),
    }
    whole = float(per_layer.attention_matmul) + sum(sizes.values())
    matmul = sum(size for part, size in sizes.items() if part in parts) / whole
    if "alternate-matmuls" in parts:
        matmul = max(matmul, 0.5)
    return attention, float(recompute.layers_fraction or 0.0), matmul


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
