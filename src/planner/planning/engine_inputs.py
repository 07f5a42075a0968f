"""The one translation from profiles and plans to what the engine is told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from planner.domain.architecture import Architecture
from planner.domain.evidence import value_of
from planner.domain.plan import Precision
from planner.domain.stack import Stack
from planner.engine.inputs import ArchitectureInputs, ChipInputs, NetworkInputs, StackConstants
from planner.errors import PlanError
from planner.planning.resolve import (
    ResolvedPool,
    half_precision_peak,
    matmul_peak_flops_per_s,
    required,
)

#: One step inside a scale-up domain where the system does not say; assumed.
DEFAULT_SCALE_UP_LATENCY_S = 2e-6
#: The spreads that a stack has before anything was fitted: of the whole step, of a framework on its platform,
#: of a chip generation; from the spread between published runs of the same chip.
PRIOR_RESIDUAL_LOG_SPREAD = 0.10
PRIOR_FRAMEWORK_LOG_SPREAD = 0.10
PRIOR_GENERATION_LOG_SPREAD = 0.15
#: Names of a stack's constants that are not the engine's: its factor on compute, and the unexplained spread.
FRAMEWORK = "framework"
RESIDUAL = "residual"


def architecture_inputs(architecture: Architecture) -> ArchitectureInputs:
    """Return the architecture as the engine's floats."""
    latent = architecture.latent_attention
    mixture = architecture.mixture
    window = architecture.window
    return ArchitectureInputs(
        layers=float(architecture.layers),
        hidden=float(architecture.hidden),
        heads=float(architecture.heads),
        key_value_heads=float(architecture.key_value_heads),
        head_dimension=float(architecture.head_dimension),
        feed_forward_width=float(architecture.feed_forward_width),
        is_gated=float(architecture.is_gated),
        vocabulary=float(architecture.vocabulary),
        has_tied_embeddings=float(architecture.has_tied_embeddings),
        learned_positions=float(architecture.learned_positions),
        vectors_per_norm=1.0 if architecture.normalisation == "rms" else 2.0,
        norms_per_layer=float(architecture.norms_per_layer),
        norms_outside=float(architecture.norms_outside),
        has_query_key_norm=float(architecture.has_query_key_norm),
        has_query_key_value_bias=float(architecture.bias.query_key_value),
        has_attention_output_bias=float(architecture.bias.attention_output),
        has_feed_forward_bias=float(architecture.bias.feed_forward),
        has_output_head_bias=float(architecture.bias.output_head),
        is_latent=float(latent is not None),
        query_rank=float(latent.query_rank) if latent else 0.0,
        key_value_rank=float(latent.key_value_rank) if latent else 0.0,
        rope_dimension=float(latent.rope_dimension) if latent else 0.0,
        nope_dimension=float(latent.nope_dimension) if latent else 0.0,
        value_dimension=float(latent.value_dimension) if latent else 0.0,
        experts=float(mixture.experts) if mixture else 0.0,
        active_experts=float(mixture.active_experts) if mixture else 0.0,
        expert_width=float(mixture.expert_width) if mixture else 0.0,
        shared_width=float(mixture.shared_width) if mixture else 0.0,
        first_dense_layers=float(mixture.first_dense_layers) if mixture else 0.0,
        mixture_layer_every=float(mixture.layer_every) if mixture else 1.0,
        routing_groups_limit=float(mixture.routing_groups_limit or math.inf) if mixture else math.inf,
        has_router_bias=float(mixture.has_router_bias) if mixture else 0.0,
        has_shared_gate=float(mixture.has_shared_gate) if mixture else 0.0,
        window=float(window.window) if window else 0.0,
        window_full_every=float(window.full_every) if window else 0.0,
        multi_token_prediction_layers=float(architecture.multi_token_prediction_layers),
        other_parameters=float(architecture.other_parameters),
    )


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
    return ChipInputs(
        matmul_peak_flops_per_s=peak,
        attention_peak_flops_per_s=min(half, peak) if precision == "tf32" else half,
        memory_bytes=required(chip.memory.capacity_bytes, chip, "memory.capacity_bytes"),
        memory_bandwidth_bytes_per_s=required(
            chip.memory.bandwidth_bytes_per_s, chip, "memory.bandwidth_bytes_per_s"
        ),
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
    scale_up = system.scale_up
    link = chip.scale_up
    bandwidth = value_of(scale_up.bandwidth_bytes_per_s) or (
        value_of(link.bandwidth_bytes_per_s) if link else None
    )
    pair = value_of(scale_up.pair_bandwidth_bytes_per_s) or (
        value_of(link.pair_bandwidth_bytes_per_s) if link else None
    )
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
    topology = scale_up.topology
    latency = value_of(scale_up.latency_s)
    return NetworkInputs(
        domain_chips=float(system.chips_per_domain) if topology != "none" else 1.0,
        host_chips=float(system.chips_per_host),
        scale_up_bytes_per_s=bandwidth,
        pair_bytes_per_s=pair or bandwidth,
        is_mesh=float(topology == "mesh"),
        torus_axes=float(scale_up.torus_axes or 2) if topology == "torus" else 0.0,
        scale_up_latency_s=latency or DEFAULT_SCALE_UP_LATENCY_S,
        scale_out_bytes_per_s=share,
        scale_out_latency_s=required(fabric.latency_s, fabric, "latency_s"),
        oversubscription=fabric.oversubscription,
    )


@dataclass(frozen=True, slots=True)
class FittedStack:
    """A stack's constants for one chip generation, the spreads of their logarithms, and what they rest on."""

    constants: StackConstants
    log_spreads: Mapping[str, float]
    #: spread of the whole step that the constants leave unexplained
    residual_log_spread: float
    #: published runs behind the chip generation's and the stack's own factor
    runs: int


def stack_constants(stacks: Sequence[Stack], generation: str) -> FittedStack:
    """Return the constants of a stack: its own, else its parent's, else the engine's prior.

    A factor on `matmul_efficiency` and `attention_efficiency` for the chip's generation, from the first
    stack of the chain that has one, comes on top; so does the stack's own `framework` factor.
    """
    values: dict[str, float] = {}
    spreads: dict[str, float] = {}
    residual = PRIOR_RESIDUAL_LOG_SPREAD
    runs = 0
    compute, compute_variance = 1.0, 0.0
    for stack in reversed(stacks):
        for name, constant in stack.constants.items():
            if name == RESIDUAL:
                residual = constant.log_spread
            elif name != FRAMEWORK:
                values[name] = constant.median
                spreads[name] = constant.log_spread
    framework = next((stack.constants[FRAMEWORK] for stack in stacks if FRAMEWORK in stack.constants), None)
    chip = next((stack.generations[generation] for stack in stacks if generation in stack.generations), None)
    for factor, prior in ((framework, PRIOR_FRAMEWORK_LOG_SPREAD), (chip, PRIOR_GENERATION_LOG_SPREAD)):
        compute *= factor.median if factor else 1.0
        compute_variance += (factor.log_spread if factor else prior) ** 2
        runs = max(runs, factor.runs if factor else 0)
    for name in ("matmul_efficiency", "attention_efficiency"):
        values[name] = values.get(name, float(getattr(StackConstants(), name))) * compute
    own = spreads.get("matmul_efficiency", 0.0)
    spreads["matmul_efficiency"] = math.sqrt(own**2 + compute_variance)
    known = {field.name for field in fields(StackConstants)}
    constants = StackConstants(**{name: value for name, value in values.items() if name in known})
    return FittedStack(constants, spreads, residual, runs)
