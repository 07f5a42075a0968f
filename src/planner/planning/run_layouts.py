"""The layout of a published run: what its source states, and the space of what it leaves out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.run import Framework, Run, RunLayout, RunRecompute
from planner.domain.stack import Stack
from planner.engine.architecture import dense_layers, layer_parameters, mixture_layers
from planner.engine.inputs import ArchitectureInputs, Layouts, WorkloadInputs
from planner.engine.recompute import PARTS, RECOMPUTE, MatmulBlock
from planner.errors import PlanError
from planner.planning.layout_space import CONTEXT_PARALLEL_FROM, LayoutSpace, Pins, SearchBounds, grid_of
from planner.planning.stack import software_columns

#: Frameworks that shard the weights unless they say otherwise.
SHARDED_FRAMEWORKS: frozenset[Framework] = frozenset({"fsdp", "torchtitan", "maxtext", "pytorch"})
#: Frameworks whose pipeline engine has no interleaved schedule: DeepSpeed's runs 1F1B, nanotron's that or all
#: forward passes first.
PLAIN_PIPELINES: frozenset[Framework] = frozenset({"megatron-deepspeed", "deepspeed", "nanotron"})
#: Share of a published batch that may be rounding ("2M tokens"): it need not divide as that of the run did.
MOST_PADDING = 0.05
#: Columns of a run's layout beside its degrees: they hold for every layout that the search tries.
OWN_COLUMNS = (
    "expert_tensor",
    "is_sequence_parallel",
    "shard_ranks",
    "has_tensor_overlap",
    "expert_capacity",
    "drops_unused_recompute",
    "is_eager",
    "merges_across",
    "merges_inside",
    "dispatch_bytes_per_s",
    "has_free_routing",
    "has_expert_overlap",
    "is_captured",
)
#: What of a layer is not kept; these go with a recompute that is known.
DROPPED_COLUMNS = (
    "drops_norms",
    "drops_activations",
    "drops_expert_activations",
    "drops_latent",
    "drops_feed_forward",
    "drops_experts",
    "keeps_second_matmuls",
)


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


def run_layout(
    run: Run,
    architecture: ArchitectureInputs,
    stacks: Sequence[Stack],
    generation: str | None,
    assumed: list[str],
) -> tuple[Layouts, Known]:
    """Return the published layout in chips, and what of it is known; what is not stands at 1 for now.

    `stacks` are the stack and its parents; `generation` is that of the chips, or None where nobody asks for
    time.
    """
    layout = run.layout
    chips = float(run.hardware.chip_count or 1)
    layout = in_chips(layout)
    is_tier_a = run.tier == "A"
    # an absent degree is 1 unless the source is said to leave the layout out
    is_stated = is_tier_a or "parallel layout" not in run.missing
    known = Known(
        tensor=layout.tensor is not None or is_stated,
        context=layout.context is not None
        or is_stated
        or (run.sequence_length or 0) <= CONTEXT_PARALLEL_FROM,
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
    tensor = float(layout.tensor or 1)
    pipeline, context = float(layout.pipeline or 1), float(layout.context or 1)
    data = max(chips / (tensor * pipeline * context), 1.0) if layout.data is None else float(layout.data)
    if not is_tier_a:
        data = max(math.floor(data), 1.0)
    if layout.zero is None:
        assumed.append("ZeRO stage from the framework's default")
    zero = layout.zero if layout.zero is not None else 3 * (run.software.framework in SHARDED_FRAMEWORKS) or 1
    expert = float(layout.expert or 1)
    attention_again, layers_again, matmul_again = recompute_shares(run.recompute, architecture)
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
        **dropped_columns(run.recompute, architecture),
        **software_columns(
            stacks,
            generation,
            run.software.features,
            dispatcher=run.software.dispatcher,
            has_free_routing=run.software.routing == "unbalanced",
            expert_capacity=(run.software.capacity_factor or 1.0) * (run.software.routing == "token-drop"),
        ),
    )
    return result, known


def in_chips(layout: RunLayout) -> RunLayout:
    """Return a layout that counts ranks as one that counts chips, where a chip holds several ranks.

    The ranks of a chip are neighbours: those of one tensor group where there is one, else data ranks, whose
    microbatches the chip then works on together, with the experts that they hold.

    Raises
    ------
    PlanError
        Where a chip's ranks would belong to several groups of a degree.
    """
    ranks = layout.ranks_per_chip
    if ranks == 1:
        return layout

    def held(name: str, degree: int | None) -> int | None:
        if degree is None or degree == 1:
            return degree
        if degree % ranks:
            raise PlanError(
                f"layout.{name} = {degree}: is in ranks, {ranks} to a chip; expected a multiple of {ranks}"
            )
        return degree // ranks

    own: dict[str, int | None] = {"ranks_per_chip": 1}
    if (layout.tensor or 1) > 1:
        own["tensor"] = held("tensor", layout.tensor)
        if layout.expert_tensor == 1:
            # the ranks of a chip hold different experts: the chip is one rank with all of theirs
            own["expert"] = held("expert", layout.expert)
        else:
            own["expert_tensor"] = held("expert_tensor", layout.expert_tensor)
    elif layout.tensor == 1:
        own |= {name: held(name, getattr(layout, name)) for name in ("data", "expert", "shard_ranks")}
        own["microbatch"] = None if layout.microbatch is None else layout.microbatch * ranks
    return layout.model_copy(update=own)


def recompute_shares(
    recompute: RunRecompute | None, architecture: ArchitectureInputs
) -> tuple[float, float, float]:
    """Return what is run again: attention core (0 or 1), share of layers whole, share of other matmuls."""
    if recompute is None:
        return 0.0, 0.0, 0.0
    if not recompute.parts and recompute.kind in RECOMPUTE:
        mode = RECOMPUTE[recompute.kind]
        return *mode.shares, mode.columns.get("recompute_matmul", 0.0)
    parts = [PARTS[name] for name in recompute.parts]
    attention = float(any(part.has_attention_core for part in parts))
    per_layer = layer_parameters(architecture)
    sparse = float(mixture_layers(architecture)) / float(architecture.layers)
    dense = float(dense_layers(architecture)) / float(architecture.layers)
    sizes: dict[MatmulBlock, float] = {
        "feed-forward": dense * float(per_layer.feed_forward_matmul),
        "experts": sparse * float(architecture.active_experts) * float(per_layer.expert_matmul),
        "shared-experts": sparse * float(per_layer.shared_matmul),
    }
    whole = float(per_layer.attention_matmul) + sum(sizes.values())
    blocks = {part.block for part in parts}
    matmul = sum(size for block, size in sizes.items() if block in blocks) / whole
    least = max((part.least_matmul_share for part in parts), default=0.0)
    return attention, float(recompute.layers_fraction or 0.0), max(matmul, least)


def dropped_columns(recompute: RunRecompute | None, architecture: ArchitectureInputs) -> dict[str, float]:
    """Return the columns of what is not kept of the layers that are not run again whole."""
    if recompute is None:
        return {}
    if not recompute.parts:
        mode = RECOMPUTE.get(recompute.kind)
        return (
            {}
            if mode is None
            else {name: mode.columns[name] for name in DROPPED_COLUMNS if name in mode.columns}
        )
    parts = [PARTS[name] for name in recompute.parts]
    columns = {part.drops: 1.0 for part in parts if part.drops is not None}
    blocks = {part.block for part in parts}
    dense = float(dense_layers(architecture)) * float(architecture.feed_forward_width)
    shared = float(mixture_layers(architecture)) * float(architecture.shared_width)
    dropped = dense * ("feed-forward" in blocks) + shared * ("shared-experts" in blocks)
    columns["drops_feed_forward"] = dropped / max(dense + shared, 1.0)
    columns["drops_experts"] = float("experts" in blocks)
    return columns


def run_space(
    layout: Layouts,
    known: Known,
    architecture: ArchitectureInputs,
    workload: WorkloadInputs,
    *,
    chips: int,
    domain_chips: float,
) -> LayoutSpace:
    """Return the layouts that a run may have had: what is published stays pinned."""

    def pin(is_known: bool, value: object) -> int | None:
        return int(float(np.asarray(value))) if is_known else None

    pins = Pins(
        tensor=pin(known.tensor, layout.tensor),
        context=pin(known.context, layout.context),
        expert=pin(known.expert, layout.expert),
        pipeline=pin(known.pipeline, layout.pipeline),
        virtual_stages=pin(known.virtual_stages, layout.virtual_stages),
        data=pin(known.tensor and known.context and known.pipeline, layout.data),
        microbatch=pin(known.microbatch, layout.microbatch),
        zero=pin(known.zero, layout.zero),
        recompute=(float(layout.recompute_attention), float(layout.recompute_layers))
        if known.recompute
        else None,
    )
    bounds = SearchBounds(
        has_uneven_pipelines=False,
        # what was published: predictions that may take more of either are further from what was measured
        virtual_stages=(1, 2, 3, 4, 6),
        microbatch=(1, 2, 4, 8),
        # a framework that shards the weights by default need not do so under a pipeline
        zero=sorted({1, int(float(layout.zero))}),
        # runs did train with uneven stages
        most_uneven=math.inf,
        most_padding=MOST_PADDING,
        allow_sharded_pipeline=True,
    )
    again = ("recompute_matmul", *DROPPED_COLUMNS) if known.recompute else ()
    own = (*OWN_COLUMNS, *again)
    grid = grid_of(architecture, workload, chips=chips, domain_chips=domain_chips, pins=pins, bounds=bounds)
    return LayoutSpace(grid, {name: float(getattr(layout, name)) for name in own})
