"""The one translation from profiles and plans to what the engine is told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from planner.catalog.architecture import architecture_inputs
from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.plan import Precision
from planner.domain.stack import Stack
from planner.domain.system import ScaleUpTopology, System
from planner.engine.inputs import ChipInputs, NetworkInputs, StackConstants
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.engine.work import HALF_BYTES
from planner.errors import PlanError
from planner.planning.resolve import (
    ResolvedPool,
    half_precision_peak,
    matmul_peak_flops_per_s,
    required,
)

__all__ = ["FittedStack", "architecture_inputs", "chip_inputs", "network_inputs", "stack_constants"]

#: One step inside a scale-up domain where the system does not say; assumed.
DEFAULT_SCALE_UP_LATENCY_S = 2e-6
#: Axes of a torus where the system does not say; assumed.
DEFAULT_TORUS_AXES = 2
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


def chip_inputs(pool: ResolvedPool, precision: Precision) -> ChipInputs:
    """Return what the pool's chip can do at the plan's precision.

    Raises
    ------
    PlanError
        Where the chip lacks a figure that the estimate needs, or has no rate for the precision.
    """
    chip = pool.chip
    peak, _ = matmul_peak_flops_per_s(chip, precision)
    half, _ = half_precision_peak(chip)
    sustained = sustained_share(chip)
    return ChipInputs(
        matmul_peak_flops_per_s=peak * sustained,
        attention_peak_flops_per_s=(min(half, peak) if precision == "tf32" else half) * sustained,
        memory_bytes=required(chip.memory.capacity_bytes, chip, "memory.capacity_bytes"),
        memory_bandwidth_bytes_per_s=required(
            chip.memory.bandwidth_bytes_per_s, chip, "memory.bandwidth_bytes_per_s"
        ),
        ranks_per_chip=ranks_per_chip(chip),
    )


def sustained_share(chip: Chip) -> float:
    """Return the share of its peak that a cap on a chip's power leaves; 1 where it has none. [-]."""
    return value_of(chip.sustained_share) or 1.0


def ranks_per_chip(chip: Chip) -> float:
    """Return the ranks that software sees on one chip. [-]."""
    return value_of(chip.ranks_per_chip) or 1.0


def drops_unused_recompute(stack: Stack) -> bool:
    """Return whether a layer is run again without its last matmul, whose result nothing needs.

    JAX takes out of a rematerialised function what its backward pass does not use (`jax.checkpoint`, dead
    code elimination of the differentiated program); frameworks that call the layer's own forward run all of
    it.
    """
    return stack.platform == "xla" or stack.framework in TRACED_FRAMEWORKS


@dataclass(frozen=True, slots=True)
class ScaleUpFigures:
    """The network inside a domain: the system's figures over the chip's own; None where unknown."""

    topology: ScaleUpTopology
    bandwidth_bytes_per_s: float | None
    pair_bytes_per_s: float | None
    latency_s: float
    torus_axes: float

    @classmethod
    def of(cls, chip: Chip, system: System | None) -> ScaleUpFigures:
        """Return the figures of a chip in a system; a chip without one counts as switched."""
        link = chip.scale_up
        scale_up = system.scale_up if system else None
        bandwidth = value_of(scale_up.bandwidth_bytes_per_s) if scale_up else None
        pair = value_of(scale_up.pair_bandwidth_bytes_per_s) if scale_up else None
        latency = value_of(scale_up.latency_s) if scale_up else None
        topology = scale_up.topology if scale_up else "switched"
        axes = (scale_up.torus_axes if scale_up else None) or DEFAULT_TORUS_AXES
        return cls(
            topology,
            bandwidth or (value_of(link.bandwidth_bytes_per_s) if link else None),
            pair or (value_of(link.pair_bandwidth_bytes_per_s) if link else None),
            latency or DEFAULT_SCALE_UP_LATENCY_S,
            float(axes) if topology == "torus" else 0.0,
        )


def network_inputs(pool: ResolvedPool) -> NetworkInputs:
    """Return the tiers between the pool's chips.

    A chip's share of the scale-out network is the fabric's port times the system's ports over the chips
    of a host; where the system's ports are unknown, the chip's own figure; else unknown, which only a
    cluster of one domain can do without.

    Raises
    ------
    PlanError
        Where a bandwidth that the estimate needs is unknown.
    """
    system, chip, fabric = pool.system, pool.chip, pool.fabric
    inside = ScaleUpFigures.of(chip, system)
    bandwidth = inside.bandwidth_bytes_per_s
    if bandwidth is None and system.chips_per_domain > 1:
        raise PlanError(
            f"chip '{chip.id}' has no known scale_up.bandwidth_bytes_per_s: this estimate needs it"
        )
    bandwidth = bandwidth or 1.0
    ports = value_of(system.ports_per_host)
    share = None
    if ports is not None:
        share = ports * required(fabric.port_bytes_per_s, fabric, "port_bytes_per_s") / system.chips_per_host
    share = share or value_of(chip.scale_out_bytes_per_s)
    if share is None:
        if pool.chips > system.chips_per_domain:
            raise PlanError(
                f"chip '{chip.id}' has no known scale_out_bytes_per_s and system '{system.id}' no known "
                "ports_per_host: this estimate needs one of them"
            )
        share = bandwidth
    return NetworkInputs(
        domain_chips=float(system.chips_per_domain) if inside.topology != "none" else 1.0,
        host_chips=float(system.chips_per_host),
        scale_up_bytes_per_s=bandwidth,
        pair_bytes_per_s=inside.pair_bytes_per_s or bandwidth,
        is_mesh=float(inside.topology == "mesh"),
        torus_axes=inside.torus_axes,
        scale_up_latency_s=inside.latency_s,
        scale_out_bytes_per_s=share,
        scale_out_latency_s=required(fabric.latency_s, fabric, "latency_s"),
        oversubscription=fabric.oversubscription,
    )


def held_gradient_bytes(stack: Stack, precision: str | None) -> float:
    """Return the bytes in which a stack holds one gradient at a precision. [B]."""
    return HALF_BYTES if precision == "fp16" else stack.held_gradient_bytes


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
