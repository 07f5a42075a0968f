"""A chip: what one accelerator can do, holds, draws and costs, each figure with its evidence."""

from typing import Annotated, Literal

from pydantic import Field

from planner.domain.amounts import (
    Bytes,
    BytesPerSecond,
    Count,
    Efficiency,
    FlopsPerSecond,
    SquareMillimetres,
    UsdSpan,
    Watts,
)
from planner.domain.base import CountryCode, Model, SafeText
from planner.domain.evidence import Remark, Sourced
from planner.domain.maturity import Part
from planner.domain.ranges import Range
from planner.engine.precisions import BlockFormat, Datatype

#: The software world a chip lives in; decides the default stack.
Platform = Literal["cuda", "cann", "rocm", "xla", "synapse", "neuron", "other"]


DomainChips = Annotated[Count, Range(1, 1_000_000, "a domain has a chip")]
Nanometres = Annotated[Count, Range(0.1, 1_000, "an atom is wider", "no chip that trains is so coarse")]
ReleaseYear = Annotated[Count, Range(2010, 2100, "no chip of before trains such models")]
Dies = Annotated[Count, Range(1, 1_000, "a chip has a die")]
Ranks = Annotated[Count, Range(1, 64, "a chip is a rank")]
SparseMultiplier = Annotated[Count, Range(1, 100, "sparsity slows nothing down")]


class ChipMemory(Model):
    """The chip's own memory."""

    capacity_bytes: Sourced[Bytes] | None = None
    technology: Remark | None = None
    bandwidth_bytes_per_s: Sourced[BytesPerSecond] | None = None


class ChipLink(Model):
    """The chip's port into its scale-up domain."""

    name: SafeText
    #: all links of one chip together, one direction
    bandwidth_bytes_per_s: Sourced[BytesPerSecond] | None = None
    #: between one pair of chips, one direction
    pair_bandwidth_bytes_per_s: Sourced[BytesPerSecond] | None = None
    #: the most that it can join; a system says how many it does, and a test holds it to this
    domain_chips: Sourced[DomainChips] | None = None
    #: in words; the system's topology is what is costed
    topology: SafeText | None = None


class ChipTrade(Model):
    """What export and procurement rules ask about a chip."""

    #: headquarters of the designer
    designer_country: Sourced[CountryCode] | None = None
    foundry: Sourced[SafeText] | None = None
    node_nm: Sourced[Nanometres] | None = None
    #: designed or marketed for data centres
    is_datacenter: Sourced[bool] | None = None
    is_custom_asic: Sourced[bool] | None = None
    #: total area of the logic dies on non-planar nodes, I/O dies included; feeds the performance density
    logic_die_area_mm2: Sourced[SquareMillimetres] | None = None


class Chip(Part):
    """`profiles/chips/<id>.toml`."""

    vendor: SafeText
    platform: Platform
    #: chips of one generation share fitted constants, for instance `ampere` or `ascend-910b`
    generation: SafeText
    release_year: Sourced[ReleaseYear] | None = None
    #: the rules read `trade.foundry` and `trade.node_nm`
    process_node: Remark | None = None
    #: of one die, and how many there are: the ledger's embodied carbon will read both, and a test holds the
    #: area that the rules read, `trade.logic_die_area_mm2`, to be no less than their product
    compute_die_area_mm2: Sourced[SquareMillimetres] | None = None
    compute_dies: Sourced[Dies] | None = None
    #: cores or dies of one chip that software runs as ranks of their own; absent: the chip is one rank
    ranks_per_chip: Sourced[Ranks] | None = None
    #: dense rates only
    peak_dense_flops_per_s: dict[Datatype, Sourced[FlopsPerSecond]] = Field(default_factory=dict)
    #: whether its matmul units scale blocks of such a format; absent: not known to
    block_scaled_formats: dict[BlockFormat, Sourced[bool]] = Field(default_factory=dict)
    #: what the vendor's tables multiply a dense rate by for structured sparsity
    sparse_multiplier: Sourced[SparseMultiplier] | None = None
    #: share of the dense peak that somebody measured on the best matmul shapes
    achievable_matmul_share: dict[Datatype, Sourced[Efficiency]] = Field(default_factory=dict)
    #: share of the peak rates that a cap on its power leaves, of what uncapped chips of its generation hold
    sustained_share: Sourced[Efficiency] | None = None
    memory: ChipMemory = Field(default_factory=ChipMemory)
    scale_up: ChipLink | None = None
    #: the chip's share of its host's network ports, one direction
    scale_out_bytes_per_s: Sourced[BytesPerSecond] | None = None
    #: the chip's link to its host: in words, and what it moves in one direction, which offloading takes
    host_link: Remark | None = None
    host_link_bytes_per_s: Sourced[BytesPerSecond] | None = None
    tdp_w: Sourced[Watts] | None = None
    price_usd: Sourced[UsdSpan] | None = None
    #: the ledger's price list goes by chip and form
    form_factor: Remark | None = None
    software: Remark | None = None
    #: who can buy it, or only rent it: the ledger will choose between purchase and rental by it
    market: Remark | None = None
    trade: ChipTrade = Field(default_factory=ChipTrade)
