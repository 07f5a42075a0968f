"""What the engine is told of a software stack: constants, their spreads, what it decides of a layout."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields

from planner.catalog.catalog import Catalog
from planner.domain.stack import Stack
from planner.engine.inputs import StackConstants
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.errors import ProfileError

#: The spreads that a stack has before anything was fitted: of the whole step, of a framework on its platform,
#: of a chip generation; from the spread between published runs of the same chip.
PRIOR_RESIDUAL_LOG_SPREAD = 0.10
PRIOR_FRAMEWORK_LOG_SPREAD = 0.10
PRIOR_GENERATION_LOG_SPREAD = 0.15
#: Names of a stack's constants that are not the engine's: a factor on compute, and the unexplained spread.
COMPUTE = "compute"
RESIDUAL = "residual"
FILLED_RESIDUAL = "residual_of_filled_runs"
MIXTURE_RESIDUAL = "residual_of_mixtures"
#: Frameworks whose whole step one compiler sees, on any platform.
TRACED_FRAMEWORKS = frozenset({"maxtext", "paxml"})


def drops_unused_recompute(stack: Stack) -> bool:
    """Return whether a layer is run again without its last matmul, whose result nothing needs.

    JAX takes out of a rematerialised function what its backward pass does not use (`jax.checkpoint`, dead
    code elimination of the differentiated program); frameworks that call the layer's own forward run all of
    it.
    """
    return stack.platform == "xla" or stack.framework in TRACED_FRAMEWORKS


def stack_chain(stack: Stack, catalog: Catalog) -> tuple[Stack, ...]:
    """Return a stack and its parents.

    Raises
    ------
    ProfileError
        Where a parent is missing, or the parents run in a circle.
    """
    chain = [stack]
    while chain[-1].parent is not None:
        parent: Stack = catalog.get("stacks", chain[-1].parent).profile
        if parent in chain:
            raise ProfileError(f"stack '{stack.id}': its parents run in a circle")
        chain.append(parent)
    return tuple(chain)


def software_columns(
    stack: Stack, features: Collection[str] | None = None, expert_capacity: float = 0.0
) -> dict[str, float]:
    """Return the columns of a layout that the software decides, the same for all degrees.

    Parameters
    ----------
    stack
        Its profile.
    features
        What a published run says that its software did; None where nobody says, as of a plan: then what the
        stack's recipes do.
    expert_capacity
        Tokens that every expert takes over an even share; 0 where the router decides. [-]
    """
    fuses = stack.fuses_tensor_collectives if features is None else "tensor-overlap" in features
    return {
        "has_tensor_overlap": float(fuses),
        "expert_capacity": expert_capacity,
        "drops_unused_recompute": float(drops_unused_recompute(stack)),
        "is_eager": float("eager" in (features or ())),
    }


@dataclass(frozen=True, slots=True)
class ResidualSpreads:
    """What a fit leaves unexplained of a whole step, as spreads of its logarithm."""

    #: of dense runs that state all inputs
    stated: float
    #: of dense runs whose inputs were partly filled in
    filled: float
    #: of mixtures of experts, which scatter wider whatever they state
    mixtures: float

    def of(self, *, is_stated: bool, is_mixture: bool) -> float:
        """Return the spread of one run or plan."""
        own = self.stated if is_stated else self.filled
        return max(own, self.mixtures) if is_mixture else own


@dataclass(frozen=True, slots=True)
class FittedStack:
    """A stack's constants for one chip generation, the spreads of their logarithms, and what they rest on."""

    constants: StackConstants
    log_spreads: Mapping[str, float]
    residuals: ResidualSpreads
    #: published runs behind the chip generation's factors
    runs: int


def stack_constants(stacks: Sequence[Stack], generation: str) -> FittedStack:
    """Return the constants of a stack: its own, else its parent's, else the engine's prior.

    `stacks` is the chain from the stack to its root. A factor on compute (matmuls and attention alike) for
    the framework, and factors for the chip's generation, come on top, each from the first stack of the
    chain that has one; where there is none it is 1 with the prior's spread.
    """
    engine = {field.name for field in fields(StackConstants)}
    default = StackConstants()
    values: dict[str, float] = {}
    variances: dict[str, float] = {}
    residuals = dict.fromkeys((RESIDUAL, FILLED_RESIDUAL, MIXTURE_RESIDUAL), PRIOR_RESIDUAL_LOG_SPREAD)
    for stack in reversed(stacks):
        for name, constant in stack.constants.items():
            if name in residuals:
                residuals[name] = constant.log_spread
            elif name in engine:
                values[name], variances[name] = constant.median, constant.log_spread**2
    chip = next((stack.generations[generation] for stack in stacks if generation in stack.generations), {})
    framework = next((stack.constants[COMPUTE] for stack in stacks if COMPUTE in stack.constants), None)
    factors = [(name, constant.median, constant.log_spread) for name, constant in chip.items()]
    factors.append(
        (COMPUTE, framework.median, framework.log_spread)
        if framework
        else (COMPUTE, 1.0, PRIOR_FRAMEWORK_LOG_SPREAD)
    )
    if COMPUTE not in chip:
        factors.append((COMPUTE, 1.0, PRIOR_GENERATION_LOG_SPREAD))
    for name, median, spread in factors:
        # the spread of compute is drawn once, with the matmuls: attention follows its own
        target = "matmul_efficiency" if name == COMPUTE else name
        values[target] = values.get(target, float(getattr(default, target))) * median
        variances[target] = variances.get(target, 0.0) + spread**2
        if name == COMPUTE:
            attention = values.get("attention_efficiency", float(default.attention_efficiency))
            values["attention_efficiency"] = attention * median
    for name in SHARES & values.keys():
        values[name] = min(values[name], HIGHEST_SHARE)
    spreads = {name: math.sqrt(variance) for name, variance in variances.items()}
    runs = max([constant.runs for constant in chip.values()], default=0)
    return FittedStack(StackConstants(**values), spreads, ResidualSpreads(*residuals.values()), runs)
