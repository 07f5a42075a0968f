"""A published training run: what was run, on what, how fast, and who says so."""

from typing import TYPE_CHECKING, Annotated, Generic, Literal, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator

from planner.domain.amounts import Bytes, BytesPerSecond, FlopsPerSecond, Watts
from planner.domain.architecture import Architecture
from planner.domain.base import Model, SafeText
from planner.domain.chip import Platform
from planner.domain.fabric import FabricKind
from planner.domain.months import Month
from planner.domain.plan_operations import TEAM_OPERATORS, OperatorName
from planner.domain.plan_strategy import DispatcherName
from planner.domain.ranges import Range
from planner.domain.team import USUAL_TEAM, Team
from planner.domain.training import TrainingRecipe
from planner.engine.precisions import PRECISIONS
from planner.engine.recompute import PARTS, RECOMPUTE

#: A: every input of the prediction is stated; B: some are filled by defaults or the layout search;
#: E: a whole run with its interruptions; C: a fact that cannot be predicted.
RunTier = Literal["A", "B", "C", "E"]
#: How the scales of a low-precision recipe are found.
ScalingRecipe = Literal["delayed", "current", "block"]
Framework = Literal[
    "megatron",
    "nemo",
    "deepspeed",
    "megatron-deepspeed",
    "fsdp",
    "torchtitan",
    "nanotron",
    "internevo",
    "colossal",
    "megascale",
    "maxtext",
    "paxml",
    "mindspeed",
    "mindspore",
    "neuron",
    "gpt-neox",
    "pytorch",
    "unknown",
]
# The words that a run may use are those of the engine's tables, which a type checker cannot read.
if TYPE_CHECKING:
    RunPrecision = str
    RecomputeKind = str
    RecomputePart = str
else:
    RunPrecision = Literal[tuple(PRECISIONS)]
    RecomputeKind = Literal[(*RECOMPUTE, "partial")]
    #: What a selective or partial recompute runs again.
    RecomputePart = Literal[tuple(PARTS)]
SoftwareFeature = Literal[
    "tensor-overlap",
    "gradient-overlap",
    "parameter-overlap",
    "pipeline-overlap",
    "expert-overlap",
    "compile",
    "eager",
    "cuda-graphs",
    "flash-attention",
    "flash-attention-2",
    "fused-kernels",
    "parallel-block",
    "sliding-window",
    "no-folding",
    "tuned-host",
    "large-batch-optimizer",
    "float32-optimizer",
    "unfused-attention",
    "fused-optimizer",
    "foreach-optimizer",
    "unsynchronised-accumulation",
]
Routing = Literal["balanced", "dropless", "unbalanced", "token-drop", "random"]
FlopsConvention = Literal[
    "6n", "6n-causal", "6n-full", "6n-total", "6n-total-causal", "6n-total-full", "hardware-full-recompute"
]
#: What the rate was computed from.
RateBasis = Literal["throughput", "iteration", "flops", "utilisation", "whole-run"]
ContextKind = Literal["ring", "all-to-all"]

RunId = Annotated[SafeText, StringConstraints(min_length=1, max_length=200)]
Degree = Annotated[int, Range(1, 10_000_000, "1 says that nothing is split")]
Positive = Annotated[float, Range(1e-9, 1e30, "what was measured is more than nothing")]


class RunLayout(Model):
    """The parallel layout; a degree that is absent is unknown."""

    tensor: Degree | None = None
    context: Degree | None = None
    expert: Degree | None = None
    expert_tensor: Degree | None = None
    pipeline: Degree | None = None
    virtual_stages: Degree | None = None
    data: Degree | None = None
    #: sequences of one microbatch of one data-parallel rank
    microbatch: Degree | None = None
    #: every context group is costed as a ring; an all-to-all will be costed apart
    context_kind: ContextKind = "ring"
    is_sequence_parallel: bool | None = None
    zero: Annotated[int, Range(0, 3, "0 says that nothing is sharded")] | None = None
    #: ranks that the states are sharded over, where it is not all data-parallel ranks
    shard_ranks: Degree | None = None
    #: what one rank of the degrees above is: 2 where a chip's two cores are ranks
    ranks_per_chip: Annotated[int, Range(1, 64, "a chip is a rank")] = 1

    @property
    def ranks(self) -> int | None:
        """Return tensor x context x pipeline x data, or None where one is unknown."""
        degrees = (self.tensor, self.context, self.pipeline, self.data)
        product = 1
        for degree in degrees:
            if degree is None:
                return None
            product *= degree
        return product


class RunRecompute(Model):
    """What the backward pass computes again.

    `full`: every layer, whole. `selective`: the named parts of every layer, the attention core where none is
    named. `partial`: a share of the layers whole, the named parts (or none) of the others.
    """

    kind: RecomputeKind
    #: of a partial recompute, the share of the layers that are recomputed whole
    layers_fraction: Annotated[float, Range(0.0001, 1, "a part is some of the layers")] | None = None
    parts: tuple[RecomputePart, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if self.kind in ("none", "parts", "matmuls", "full") and self.parts:
            raise ValueError(
                f"recompute of kind '{self.kind}' names parts; expected 'selective' or 'partial'"
            )
        if (self.kind == "partial") != (self.layers_fraction is not None):
            raise ValueError("layers_fraction belongs to a recompute of kind 'partial', and only to it")
        return self


class RunSoftware(Model):
    """What trained it."""

    framework: Framework = "unknown"
    #: as the source writes it
    name: SafeText | None = None
    year: Annotated[int, Range(2015, 2100, "no framework of before trains such models")] | None = None
    #: month of that release; where the source names no version, the month in which it ran or was published
    release: Month | None = None
    features: tuple[SoftwareFeature, ...] = Field(default=(), max_length=30)
    routing: Routing | None = None
    #: what takes tokens to their experts and back; absent: what the stack's recipes use
    dispatcher: DispatcherName | None = None
    capacity_factor: Annotated[float, Range(0.01, 100, "an expert takes some tokens")] | None = None
    #: moved to the host and back: the cost of offloading will be fitted on these runs
    offloads_activations: bool = False

    @model_validator(mode="after")
    def _release_is_of_the_year(self) -> Self:
        if self.release is not None and self.year is not None and int(self.release[:4]) != self.year:
            raise ValueError(f"release '{self.release}' is not of the year {self.year}; expected one of both")
        return self


class RunHardware(Model):
    """What it ran on."""

    chip: SafeText
    platform: Platform = "other"
    chip_count: Annotated[int, Range(1, 10_000_000, "a run has a chip")] | None = None
    #: of one chip, where the source says so; absent: the chip's profile
    memory_bytes: Bytes | None = None
    chips_per_host: Annotated[int, Range(1, 100_000, "a host has a chip")] | None = None
    #: chips of one scale-up domain, where the source says so
    chips_per_domain: Annotated[int, Range(1, 100_000, "a domain has a chip")] | None = None
    #: a chip's share of the scale-out network, one direction; absent: the system profile's
    scale_out_bytes_per_s: BytesPerSecond | None = None
    fabric: FabricKind | None = None
    #: dense peaks as the row counts them, per chip
    peak_bf16_flops_per_s: FlopsPerSecond | None = None
    peak_precision_flops_per_s: FlopsPerSecond | None = None
    #: the peak behind the published utilisation
    peak_used_flops_per_s: FlopsPerSecond | None = None
    system: SafeText | None = None
    network: SafeText | None = None


class RunResult(Model):
    """What was measured; figures as published, and the rate computed from them."""

    #: the quantity that a prediction is held against; absent: computed on reading from what else is given
    tokens_per_s_per_chip: Positive | None = None
    rate_from: RateBasis | None = None
    #: the convention is not stated and the causal one was taken
    is_convention_assumed: bool = False
    flops_convention: FlopsConvention | None = None
    flops_per_s_per_chip: FlopsPerSecond | None = None
    #: of all chips together; the rate is computed from one of these where it is not given
    tokens_per_s: Positive | None = None
    sequences_per_s: Positive | None = None
    flops_per_s: FlopsPerSecond | None = None
    mfu: Annotated[float, Range(0.0001, 1, "a run that was published reached some of its peak")] | None = None
    hfu: Annotated[float, Range(0.0001, 1, "a run that was published reached some of its peak")] | None = None
    iteration_s: Positive | None = None
    days: Positive | None = None
    chip_hours: Positive | None = None
    tokens_total: Positive | None = None
    #: of a whole run, the rate that its source gives of its steps while it ran
    steady_tokens_per_s_per_chip: Positive | None = None
    peak_memory_bytes: Bytes | None = None
    #: average of a chip; the power model will be held against it
    power_w_per_chip: Watts | None = None
    #: of the whole job; the ledger's energy and carbon will be held against it
    energy_j: Positive | None = None


class RunSource(Model):
    """The document that says so."""

    title: SafeText
    url: SafeText | None = None
    #: where in the document, in words
    location: SafeText | None = None
    date: SafeText | None = None
    #: who ran it, by the rule of docs/runs.md; absent: not labelled
    team: Team | None = None
    #: of a whole run, whether whoever kept it alive had done so before; absent: as such teams mostly have
    operator: OperatorName | None = None


class Run(Model):
    """One `[[run]]` of `profiles/runs/<source>.toml`."""

    id: RunId
    #: runs that belong together: source, model, chip; the part before the slash is the source
    group: SafeText
    tier: RunTier
    #: what the source does not state
    missing: tuple[SafeText, ...] = Field(default=(), max_length=50)
    #: how well it is known, in words
    quality: SafeText | None = None
    model: SafeText
    architecture: Architecture | None = None
    #: as published: a test holds the shipped architectures to it
    parameters_total: Positive | None = None
    workload: SafeText | None = None
    sequence_length: Annotated[int, Range(1, 100_000_000, "a sequence has a token")] | None = None
    #: mean length of what a sequence is packed of, where attention does not look beyond it
    document_tokens: Annotated[int, Range(1, 100_000_000, "a document has a token")] | None = None
    global_batch_sequences: Annotated[int, Range(1, 100_000_000, "a step trains on a sequence")] | None = None
    precision: RunPrecision | None = None
    #: of a low-precision run; the fit will tell recipes apart by it, and does not yet
    scaling: ScalingRecipe | None = None
    layout: RunLayout = Field(default_factory=RunLayout)
    recompute: RunRecompute | None = None
    software: RunSoftware = Field(default_factory=RunSoftware)
    #: what the source says of optimizer, states, offload and loss; the stack's defaults where it says nothing
    training: TrainingRecipe = Field(default_factory=TrainingRecipe)
    hardware: RunHardware
    result: RunResult = Field(default_factory=RunResult)
    source: RunSource
    notes: SafeText | None = None
    known_issue: SafeText | None = None
    #: what was filled in where the source is silent, one sentence each
    assumed: tuple[SafeText, ...] = Field(default=(), max_length=50)
    #: where the row contradicts itself, one sentence each
    contradictions: tuple[SafeText, ...] = Field(default=(), max_length=50)

    @property
    def trains_all(self) -> bool:
        """Whether all weights are trained: one that adapts does less than the operations of its shape."""
        return self.training.method in (None, "full")

    @property
    def source_key(self) -> str:
        """Return the source that cross-validation holds out: the group up to the slash."""
        return self.group.split("/", 1)[0]

    @property
    def team(self) -> Team:
        """Return who ran it; a run that is not labelled is a single team's, as a plan is."""
        return self.source.team or USUAL_TEAM

    @property
    def operator(self) -> str:
        """Return who kept it alive: as its row says, else as such teams do."""
        return self.source.operator or TEAM_OPERATORS[self.team]


class SkippedRow(Model):
    """A row that did not become a run, and why."""

    id: SafeText
    reason: SafeText
    #: the file and the row's position in it
    where: SafeText


RunType = TypeVar("RunType", bound=Run)


class RowFile(Model, Generic[RunType]):
    """What the rows of one file came to."""

    runs: tuple[RunType, ...]
    skipped: tuple[SkippedRow, ...]


class RunFile(RowFile[Run]):
    """A file of timed runs."""
