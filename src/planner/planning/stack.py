"""What the engine is told of a software stack: constants, their spreads, what it decides of a layout."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from planner.catalog.catalog import Catalog
from planner.domain.stack import FittedConstant, KernelGeneration, Stack
from planner.domain.team import USUAL_TEAM, Team
from planner.engine.dispatchers import DISPATCHERS, USUAL_DISPATCHER
from planner.engine.inputs import StackConstants
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.errors import ProfileError
from planner.planning.campaign import NO_CAMPAIGNS, CampaignLoss, campaign_losses
from planner.planning.kernels import SECOND_BY_NAME, kernel_generation, named_kernels_share

#: The spreads that a stack has before anything was fitted: of a framework on its platform, of a chip
#: generation; from the spread between published runs of the same chip.
PRIOR_FRAMEWORK_LOG_SPREAD = 0.10
PRIOR_GENERATION_LOG_SPREAD = 0.15
#: Names of a stack's constants that are not the engine's: a factor on compute, and the unexplained spreads
#: of a class of teams.
COMPUTE = "compute"
RESIDUAL = "residual"
MIXTURE_RESIDUAL = "residual_of_mixtures"
WITHIN = "within_source"
MIXTURE_WITHIN = "within_source_of_mixtures"
#: Frameworks whose whole step one compiler sees, on any platform.
TRACED_FRAMEWORKS = frozenset({"maxtext", "paxml"})


def drops_unused_recompute(stack: Stack) -> bool:
    """Return whether a layer is run again without its last matmul, whose result nothing needs.

    JAX takes out of a rematerialised function what its backward pass does not use (`jax.checkpoint`, dead
    code elimination of the differentiated program); frameworks that call the layer's own forward run all of
    it.
    """
    return sees_whole_step(stack)


def sees_whole_step(stack: Stack) -> bool:
    """Return whether one compiler sees the whole step, so that the host starts it at once."""
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
    stacks: Sequence[Stack],
    generation: str | None,
    features: Collection[str] | None = None,
    *,
    dispatcher: str | None = None,
    expert_capacity: float = 0.0,
    has_free_routing: bool = False,
) -> dict[str, float]:
    """Return the columns of a layout that the software decides, the same for all degrees.

    Parameters
    ----------
    stacks
        The stack first, then its parents.
    generation
        Of the chips; None where nobody asks for time.
    features
        What a published run says that its software did; None where nobody says, as of a plan: then what the
        stack's recipes do.
    dispatcher
        What takes tokens to their experts, a name of `DISPATCHERS`; None: what the stack's recipes use.
    expert_capacity
        Tokens that every expert takes over an even share; 0 where the router decides. [-]
    has_free_routing
        Whether nothing evens the experts' loads.
    """
    stack, said = stacks[0], features or ()
    used = (entry.dispatcher for entry in stacks if entry.dispatcher is not None)
    name = dispatcher or next(used, USUAL_DISPATCHER)
    fuses = stack.fuses_tensor_collectives if features is None else "tensor-overlap" in features
    return {
        "has_tensor_overlap": float(fuses),
        "expert_capacity": expert_capacity,
        "drops_unused_recompute": float(drops_unused_recompute(stack)),
        "is_eager": float("eager" in said),
        **DISPATCHERS[name].columns(generation),
        "has_free_routing": float(has_free_routing),
        "has_expert_overlap": float("expert-overlap" in said),
        "is_captured": float("cuda-graphs" in said or sees_whole_step(stack)),
    }


@dataclass(frozen=True, slots=True)
class Offered:
    """What a stack offers beside what all do."""

    schedules: tuple[str, ...] = ()
    recomputes: tuple[str, ...] = ()

    @classmethod
    def by(cls, stacks: Sequence[Stack]) -> Offered:
        """Return what the first stack of a chain offers: what its parents stand for need not have it."""
        return cls(stacks[0].schedules, stacks[0].recomputes)


@dataclass(frozen=True, slots=True)
class ResidualSpreads:
    """What the constants leave unexplained of the step of a team that no fit has seen; of its logarithm."""

    dense: float
    #: mixtures of experts scatter wider
    mixtures: float

    def of(self, *, is_mixture: bool) -> float:
        """Return the spread of one run or plan."""
        return self.mixtures if is_mixture else self.dense


#: Of a stack that says nothing of teams: as single teams scatter, and as much of it within one source.
PRIOR_RESIDUALS = ResidualSpreads(dense=0.31, mixtures=0.35)
PRIOR_WITHIN = ResidualSpreads(dense=0.16, mixtures=0.19)


@dataclass(frozen=True, slots=True)
class FittedStack:
    """A stack's constants for one chip generation, the spreads of their logarithms, and what they rest on."""

    constants: StackConstants
    log_spreads: Mapping[str, float]
    residuals: ResidualSpreads
    #: published runs behind the chip generation's factors
    runs: int
    #: how much of the residuals is between steps of one source: what a pilot says nothing of
    within: ResidualSpreads = PRIOR_WITHIN
    #: by operator, what whole trainings take over their steps and failures
    campaigns: Mapping[str, CampaignLoss] = field(default_factory=lambda: NO_CAMPAIGNS)


def stack_constants(
    stacks: Sequence[Stack],
    generation: str,
    team: Team = USUAL_TEAM,
    software_year: int | None = None,
    features: Collection[str] = (),
) -> FittedStack:
    """Return a stack's constants in the hands of a class of teams: its own, its parent's, or the prior.

    `stacks` is the chain from the stack to its root. Factors on compute (matmuls and attention alike) for
    the framework and for the class of teams, and factors for the chip's generation, come on top, each from
    the first stack of the chain that has one; where there is none it is 1 with the prior's spread.
    `software_year` is that of the release, which decides the kernels of attention, unless a run's `features`
    name them. What was worked out is kept by the very profiles it is of: every estimate asks for each class
    of teams.
    """
    named = tuple(feature for feature in features if feature == SECOND_BY_NAME)
    key = (tuple(map(id, stacks)), generation, team, software_year, named)
    if key not in _KEPT:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        _KEPT[key] = tuple(stacks), _worked_out(stacks, generation, team, software_year, named)
    return _KEPT[key][1]


#: By the stacks' identities and what else decides: the stacks, which keep these, and their constants.
_KEPT: dict[tuple[object, ...], tuple[tuple[Stack, ...], FittedStack]] = {}
_MOST_KEPT = 256


def _worked_out(
    stacks: Sequence[Stack],
    generation: str,
    team: Team,
    software_year: int | None,
    features: Collection[str],
) -> FittedStack:
    engine = {field.name for field in fields(StackConstants)}
    default = StackConstants()
    values: dict[str, float] = {}
    variances: dict[str, float] = {}
    for stack in reversed(stacks):
        for name, constant in stack.constants.items():
            if name in engine:
                values[name], variances[name] = constant.median, constant.log_spread**2
    chip = next((stack.generations[generation] for stack in stacks if generation in stack.generations), {})
    kernels = of_kernels(stacks, kernel_generation(stacks[0].year, software_year, generation, features))
    for name, median, spread in _factors(stacks, chip, _of_team(stacks, team), kernels):
        # the spread of compute is drawn once, with the matmuls: attention follows its own
        target = "matmul_efficiency" if name == COMPUTE else name
        values[target] = values.get(target, float(getattr(default, target))) * median
        variances[target] = variances.get(target, 0.0) + spread**2
        if name == COMPUTE:
            attention = values.get("attention_efficiency", float(default.attention_efficiency))
            values["attention_efficiency"] = attention * median
    own = values.get("attention_efficiency", float(default.attention_efficiency))
    values["attention_efficiency"] = own * named_kernels_share(generation, features)
    for name in SHARES & values.keys():
        values[name] = min(values[name], HIGHEST_SHARE)
    spreads = {name: math.sqrt(variance) for name, variance in variances.items()}
    runs = max([constant.runs for constant in chip.values()], default=0)
    of_team = _of_team(stacks, team)
    residuals = _spreads(of_team, RESIDUAL, MIXTURE_RESIDUAL, PRIOR_RESIDUALS)
    within = _spreads(of_team, WITHIN, MIXTURE_WITHIN, PRIOR_WITHIN)
    return FittedStack(StackConstants(**values), spreads, residuals, runs, within, campaign_losses(stacks))


@dataclass(frozen=True, slots=True)
class RunsBehind:
    """Published runs that constants were fitted on, and the sources that they are of."""

    runs: int = 0
    sources: int = 0


NOTHING_BEHIND = RunsBehind()


def behind_chips(stacks: Sequence[Stack], generation: str) -> RunsBehind:
    """Return what is behind a chip generation's factors."""
    chip = next((stack.generations[generation] for stack in stacks if generation in stack.generations), {})
    return RunsBehind(*max([(it.runs, it.run_sources) for it in chip.values()], default=(0, 0)))


def behind_framework(stacks: Sequence[Stack]) -> RunsBehind:
    """Return what is behind a framework's own factor."""
    own = next((stack.constants[COMPUTE] for stack in stacks if COMPUTE in stack.constants), None)
    return NOTHING_BEHIND if own is None else RunsBehind(own.runs, own.run_sources)


def of_kernels(stacks: Sequence[Stack], kernels: KernelGeneration) -> FittedConstant | None:
    """Return what a generation of kernels adds to attention, of the first stack of a chain that says so."""
    return next((stack.kernels[kernels] for stack in stacks if kernels in stack.kernels), None)


def _of_team(stacks: Sequence[Stack], team: Team) -> Mapping[str, FittedConstant]:
    """Return what the first stack of a chain that knows a class of teams says of it."""
    return next((stack.teams[team] for stack in stacks if team in stack.teams), {})


def _factors(
    stacks: Sequence[Stack],
    chip: Mapping[str, FittedConstant],
    team: Mapping[str, FittedConstant],
    kernels: FittedConstant | None,
) -> Iterator[tuple[str, float, float]]:
    """Yield the factors on constants: name, median and spread of the logarithm."""
    if kernels is not None:
        yield "attention_efficiency", kernels.median, kernels.log_spread
    yield from ((name, constant.median, constant.log_spread) for name, constant in chip.items())
    framework = next((stack.constants[COMPUTE] for stack in stacks if COMPUTE in stack.constants), None)
    if framework:
        yield COMPUTE, framework.median, framework.log_spread
    else:
        yield COMPUTE, 1.0, PRIOR_FRAMEWORK_LOG_SPREAD
    if COMPUTE not in chip:
        yield COMPUTE, 1.0, PRIOR_GENERATION_LOG_SPREAD
    if COMPUTE in team:
        yield COMPUTE, team[COMPUTE].median, team[COMPUTE].log_spread


def _spreads(
    team: Mapping[str, FittedConstant], dense: str, mixtures: str, prior: ResidualSpreads
) -> ResidualSpreads:
    """Return what a class of teams scatters by, under the names of its stack for dense and for mixtures."""
    return ResidualSpreads(
        dense=team[dense].log_spread if dense in team else prior.dense,
        mixtures=team[mixtures].log_spread if mixtures in team else prior.mixtures,
    )
