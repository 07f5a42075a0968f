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
from planner.domain.keys import Key
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

    capacity_bytes: Annotated[
        Sourced[Bytes] | None,
        Key(
            "memory",
            "What the chip's own memory holds, all stacks together.",
            example="80 GB",
            find="datasheet; `nvidia-smi` or `npu-smi` says what software sees",
        ),
    ] = None
    technology: Annotated[
        Remark | None, Key("memory technology", "In words, such as HBM3e.", example="HBM3")
    ] = None
    bandwidth_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key(
            "memory bandwidth",
            "The rate at which the chip reads its own memory, at the peak.",
            example="3.35 TB/s",
            find="datasheet",
        ),
    ] = None


class ChipLink(Model):
    """The chip's port into its scale-up domain."""

    name: Annotated[
        SafeText, Key("link", "What the port into the scale-up domain is called.", example="NVLink 4")
    ]
    bandwidth_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key(
            "link bandwidth",
            "All links of one chip together, in one direction: half of what vendors print for both.",
            example="450 GB/s",
            find="datasheet, halved where it says bidirectional",
        ),
    ] = None
    pair_bandwidth_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key("pair bandwidth", "Between one pair of chips, in one direction.", example="28 GB/s"),
    ] = None
    #: the most that it can join; a system says how many it does, and a test holds it to this
    domain_chips: Annotated[
        Sourced[DomainChips] | None, Key("domain", "The most chips that its links can join.", example="8")
    ] = None
    #: in words; the system's topology is what is costed
    topology: Annotated[
        SafeText | None, Key("topology", "In words; what is costed is the topology of the system.")
    ] = None


class ChipTrade(Model):
    """What export and procurement rules ask about a chip."""

    designer_country: Annotated[
        Sourced[CountryCode] | None,
        Key(
            "designer's country",
            "Where the designer has its headquarters: the rules of procurement ask.",
            example="US",
        ),
    ] = None
    foundry: Annotated[
        Sourced[SafeText] | None,
        Key("foundry", "Who makes the logic dies: the rules of export ask.", example="TSMC"),
    ] = None
    node_nm: Annotated[
        Sourced[Nanometres] | None, Key("process node", "In nanometres, as the rules count it.", example="7")
    ] = None
    is_datacenter: Annotated[
        Sourced[bool] | None, Key("for data centres", "Whether it is designed or marketed for data centres.")
    ] = None
    is_custom_asic: Annotated[
        Sourced[bool] | None, Key("custom silicon", "Whether one buyer had it designed for itself.")
    ] = None
    logic_die_area_mm2: Annotated[
        Sourced[SquareMillimetres] | None,
        Key(
            "logic area",
            "Of all logic dies on non-planar nodes, I/O dies included: the performance density is by it.",
            example="814 mm2",
        ),
    ] = None


class Chip(Part):
    """`profiles/chips/<id>.toml`."""

    vendor: Annotated[SafeText, Key("vendor", "Who sells it.", example="NVIDIA")]
    platform: Annotated[Platform, Key("platform", "The software that it runs: the default stack is by it.")]
    generation: Annotated[
        SafeText, Key("generation", "Chips of one generation share fitted constants.", example="hopper")
    ]
    release_year: Annotated[
        Sourced[ReleaseYear] | None, Key("release year", "When it was first sold.", example="2022")
    ] = None
    process_node: Annotated[
        Remark | None,
        Key(
            "process, in words",
            "As documents write it; the rules read foundry and process node.",
            example="TSMC 4N",
        ),
    ] = None
    #: of one die, and how many there are: the ledger's embodied carbon will read both, and a test holds the
    #: area that the rules read, `trade.logic_die_area_mm2`, to be no less than their product
    compute_die_area_mm2: Annotated[
        Sourced[SquareMillimetres] | None, Key("die area", "Of one compute die.", example="814 mm2")
    ] = None
    compute_dies: Annotated[
        Sourced[Dies] | None, Key("dies", "How many compute dies one chip has.", example="2")
    ] = None
    ranks_per_chip: Annotated[
        Sourced[Ranks] | None,
        Key(
            "ranks",
            "Cores or dies of one chip that software runs as ranks of their own; absent: the chip is one.",
            example="2",
        ),
    ] = None
    peak_dense_flops_per_s: Annotated[
        dict[Datatype, Sourced[FlopsPerSecond]],
        Key(
            "peak",
            "The dense rate of its matmul units in this format, without sparsity.",
            example="989 TFLOP/s",
            find="datasheet; the larger number beside it is with sparsity",
        ),
    ] = Field(default_factory=dict)
    block_scaled_formats: Annotated[
        dict[BlockFormat, Sourced[bool]],
        Key("scales blocks of", "Whether its matmul units scale blocks of this format by themselves."),
    ] = Field(default_factory=dict)
    sparse_multiplier: Annotated[
        Sourced[SparseMultiplier] | None,
        Key(
            "sparse multiplier",
            "What the vendor's tables multiply a dense rate by for structured sparsity.",
            example="2",
        ),
    ] = None
    achievable_matmul_share: Annotated[
        dict[Datatype, Sourced[Efficiency]],
        Key(
            "reached in matmuls",
            "Share of the dense peak that somebody measured on the best shapes.",
            example="0.8",
        ),
    ] = Field(default_factory=dict)
    sustained_share: Annotated[
        Sourced[Efficiency] | None,
        Key(
            "sustained share",
            "What a cap on its power leaves of the peak that uncapped chips of its generation hold.",
            example="0.9",
        ),
    ] = None
    memory: ChipMemory = Field(default_factory=ChipMemory)
    scale_up: ChipLink | None = None
    scale_out_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key(
            "scale-out", "The chip's share of its host's network ports, in one direction.", example="50 GB/s"
        ),
    ] = None
    host_link: Annotated[
        Remark | None, Key("host link, in words", "What joins it to its host.", example="PCIe 5.0 x16")
    ] = None
    host_link_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key(
            "host link",
            "What its link to the host moves in one direction: offloading takes it.",
            example="64 GB/s",
        ),
    ] = None
    tdp_w: Annotated[
        Sourced[Watts] | None,
        Key(
            "power", "The most that it draws for long.", example="700 W", find="datasheet: TDP or board power"
        ),
    ] = None
    price_usd: Annotated[
        Sourced[UsdSpan] | None,
        Key("price", "Of one chip; dated quotes of a price profile say more.", example="25k..30k USD"),
    ] = None
    #: the ledger's price list goes by chip and form
    form_factor: Annotated[Remark | None, Key("form", "In words, such as SXM5 or OAM.")] = None
    software: Annotated[Remark | None, Key("software", "In words, what it is programmed by.")] = None
    #: who can buy it, or only rent it: the ledger will choose between purchase and rental by it
    market: Annotated[Remark | None, Key("market", "In words, who can buy or only rent it.")] = None
    trade: ChipTrade = Field(default_factory=ChipTrade)
