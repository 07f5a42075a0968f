"""A software stack: platform, framework and year, with the efficiency constants fitted for it."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from planner.domain.amounts import Bytes
from planner.domain.base import Identifier, Model, Profile, SafeText
from planner.domain.chip import Platform
from planner.domain.evidence import Evidence
from planner.domain.months import Month
from planner.domain.plan_operations import OperatorName
from planner.domain.plan_strategy import DispatcherName, Schedule
from planner.domain.ranges import Range
from planner.domain.team import Team
from planner.domain.training import TrainingRecipe
from planner.engine.sharding_schemes import SHARDING_SCHEMES

#: Who tunes a stack's recipes: the platform's vendor or a large operator for their own runs, the maintainers
#: of the libraries that it is made of, or everybody.
Tuning = Literal["vendor", "upstream", "community"]


if TYPE_CHECKING:
    SchemeName = str
else:
    #: One of the engine's tables, which a type checker cannot read.
    SchemeName = Literal[tuple(SHARDING_SCHEMES)]

#: By the causal convention, which may count more than is computed.
Utilisation = Annotated[float, Range(0.001, 1.5, "a run that was published reached some of its peak")]


#: Of attention's kernels: those of a framework's first years, FlashAttention-2 and its like, and those that
#: use what Hopper and later chips have of their own.
KernelGeneration = Literal["first", "second", "third"]


class FittedConstant(Evidence):
    """A constant of the engine as a distribution: its median and the spread of its logarithm."""

    median: Annotated[float, Range(1e-12, 1e30, "a constant of nothing would divide by nothing")]
    #: standard deviation of the natural logarithm; 0.1 is about ten percent either way
    log_spread: Annotated[float, Range(0, 3, "0 says that it is exact")]
    #: how many published runs it was fitted on; 0 is a prior
    runs: Annotated[int, Range(0, 1_000_000, "0 says that it is a prior")] = 0
    #: of how many sources those runs are
    run_sources: Annotated[int, Range(0, 1_000_000, "0 says that it is a prior")] = 0


class StackTraining(TrainingRecipe, Evidence):
    """What a framework does where a recipe is silent, from which release on."""

    release: SafeText | None = None
    sharding: SchemeName | None = None


class StackMemory(Evidence):
    """What the platform's software takes of a chip's memory before any tensor does."""

    #: of the chip's memory, what programs do not see. [-]
    hidden_share: Annotated[float, Range(0, 0.5, "0 says that they see all of it")]
    #: of the device, and of the collective library where there are several
    context_bytes: Annotated[Bytes, Range(0, 1e12, "0 says that there is none")]
    communicator_bytes: Annotated[Bytes, Range(0, 1e12, "0 says that there is none")] = 0.0
    #: of what is allocated and freed, what the allocator holds and cannot use. [-]
    fragmentation: Annotated[float, Range(0, 1, "0 says that nothing is lost")]


class BestPublished(Model):
    """The highest model FLOP utilisation that a run of a chip generation published, causal convention."""

    dense: Utilisation | None = None
    dense_run: SafeText | None = None
    mixture: Utilisation | None = None
    mixture_run: SafeText | None = None


class Stack(Profile):
    """`profiles/stacks/<id>.toml`."""

    platform: Platform
    framework: SafeText
    #: the releases that it stands for
    year: Annotated[int, Range(2015, 2100, "no framework of before trains such models")]
    #: the newest that published runs on it have, of a platform's root those on any framework; by the fit
    newest_release: Month | None = None
    tuning: Tuning | None = None
    #: the stack of its platform that a plan gets when it names none
    is_default: bool = False
    #: a stack whose constants stand in for those absent here
    parent: Identifier | None = None
    #: what it does where a plan or a run does not say
    training: StackTraining | None = None
    memory: StackMemory | None = None
    #: its recipes fuse tensor-parallel collectives with matmuls (MC2, asynchronous tensor parallelism, ...)
    fuses_tensor_collectives: bool = False
    #: what takes tokens to their experts in its recipes; absent: its parent's, else the library's all-to-all
    dispatcher: DispatcherName | None = None
    #: pipeline schedules that it offers beside 1F1B and the interleaved one: torchtitan and PyTorch's
    #: `torch.distributed.pipelining.schedules` (ZBVZeroBubble, DualPipeV), MindSpeed's `--schedules-method
    #: dualpipev`, MindSpore's `zero_bubble_v`, Colossal-AI's `ZeroBubbleVPipeScheduler`, Primus
    schedules: tuple[Schedule, ...] = Field(default=(), max_length=10)
    #: what it can run again beside nothing, the attention core and every layer: some layers of a stage whole
    #: (Megatron's `--recompute-method block`, or wrapping one layer in so many), parts of every layer (NeMo's
    #: and Bridge's `recompute_modules`, MaxText's policies), every second matmul (torchtitan's `op`); the
    #: latter two where runs of several teams on it have them
    recomputes: tuple[Literal["layers", "parts", "matmuls"], ...] = Field(default=(), max_length=3)
    constants: dict[SafeText, FittedConstant] = Field(default_factory=dict)
    #: factors by chip generation, beside the stack's own: on `compute` and on any constant of the engine
    generations: dict[SafeText, dict[SafeText, FittedConstant]] = Field(default_factory=dict)
    #: by the generation of its kernels: a factor on `attention_efficiency`
    kernels: dict[KernelGeneration, FittedConstant] = Field(default_factory=dict)
    #: by who runs it: a factor on `compute`, and what a team that no fit has seen scatters by
    teams: dict[Team, dict[SafeText, FittedConstant]] = Field(default_factory=dict)
    #: by who operates: the factor on the time of whole trainings that steps and failures do not explain
    campaigns: dict[OperatorName, FittedConstant] = Field(default_factory=dict)
    #: the highest utilisations published, by chip generation: what a searched layout should not exceed
    best_published: dict[SafeText, BestPublished] = Field(default_factory=dict)
