"""A software stack: platform, framework and year, with the efficiency constants fitted for it."""

from typing import Literal

from pydantic import Field

from planner.domain.base import Identifier, Model, Profile, SafeText
from planner.domain.chip import Platform
from planner.domain.evidence import Evidence

#: Who tunes a stack's recipes: the platform's vendor or a large operator for their own runs, the maintainers
#: of the libraries that it is made of, or everybody.
Tuning = Literal["vendor", "upstream", "community"]


class FittedConstant(Evidence):
    """A constant of the engine as a distribution: its median and the spread of its logarithm."""

    median: float = Field(gt=0)
    #: standard deviation of the natural logarithm; 0.1 is about ten percent either way
    log_spread: float = Field(ge=0, le=3)
    #: how many published runs it was fitted on; 0 is a prior
    runs: int = Field(default=0, ge=0)


class BestPublished(Model):
    """The highest model FLOP utilisation that a run of a chip generation published, causal convention."""

    dense: float | None = Field(default=None, gt=0, le=1.5)
    dense_run: SafeText | None = None
    mixture: float | None = Field(default=None, gt=0, le=1.5)
    mixture_run: SafeText | None = None


class Stack(Profile):
    """`profiles/stacks/<id>.toml`."""

    platform: Platform
    framework: SafeText
    #: the releases that it stands for
    year: int = Field(ge=2015, le=2100)
    tuning: Tuning | None = None
    #: the stack of its platform that a plan gets when it names none
    is_default: bool = False
    #: a stack whose constants stand in for those absent here
    parent: Identifier | None = None
    #: bytes in which it holds one gradient where it does not train in fp16, whose gradients take two
    held_gradient_bytes: float = Field(default=4.0, gt=0, le=16)
    #: its recipes fuse tensor-parallel collectives with matmuls (MC2, asynchronous tensor parallelism, ...)
    fuses_tensor_collectives: bool = False
    constants: dict[SafeText, FittedConstant] = Field(default_factory=dict)
    #: factors by chip generation, beside the stack's own: on `compute` and on any constant of the engine
    generations: dict[SafeText, dict[SafeText, FittedConstant]] = Field(default_factory=dict)
    #: the highest utilisations published, by chip generation: what a searched layout should not exceed
    best_published: dict[SafeText, BestPublished] = Field(default_factory=dict)
