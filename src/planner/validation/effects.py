"""The constants that calibration fits: their priors, and the groups of runs that may deviate from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.stack import Stack
from planner.engine.arrays import FloatArray
from planner.engine.inputs import StackConstants
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.planning.run_cases import RunCase

#: Median and standard deviation of the logarithm that a constant has before any run is seen. They come from
#: datasheets and published microbenchmarks (bus bandwidths over line rates, matmul searches, the table of
#: FlashAttention-2), rounded, and are wide.
PRIORS: dict[str, tuple[float, float]] = {
    "low_precision_efficiency": (0.85, 0.12),
    "expert_efficiency": (0.7, 0.25),
    "weight_traffic_bytes": (4.0, 0.6),
    "width_half_size": (100.0, 0.7),
    "hidden_half_size": (250.0, 0.7),
    "wave_idle_outputs": (1e6, 0.8),
    "attention_efficiency": (0.5, 0.3),
    "attention_half_context": (300.0, 0.6),
    "attention_half_head": (40.0, 0.7),
    "uneven_heads_factor": (1.0, 0.02),
    "memory_efficiency": (0.6, 0.3),
    "eager_traffic": (2.0, 0.4),
    "routing_traffic": (1.0, 0.7),
    "layer_overhead_s": (30e-6, 0.8),
    "routing_overhead_s": (100e-6, 0.8),
    "expert_overhead_s": (5e-6, 0.8),
    "scale_up_efficiency": (0.7, 0.15),
    "scale_up_half_bytes": (4e6, 0.8),
    "scale_out_efficiency": (0.7, 0.2),
    "collective_step_s": (15e-6, 0.7),
    "data_overlap": (0.6, 0.3),
    "data_exposed_share": (0.1, 0.6),
    "pipeline_overlap": (0.5, 0.4),
    "expert_overlap": (0.6, 0.15),
    "tensor_overlap": (0.1, 0.6),
    "fused_tensor_overlap": (0.5, 0.25),
    "context_overlap": (0.6, 0.3),
    "jitter_per_doubling": (0.005, 0.7),
    "step_overhead_s": (0.01, 0.8),
}
#: Matmul efficiency of a chip and framework whose factors are 1.
MATMUL_EFFICIENCY = 0.75
#: A factor on matmuls and attention alike.
COMPUTE = "compute"
#: Constants that only mixture-of-experts runs can tell anything about.
EXPERT_TARGETS = frozenset(
    {"expert_efficiency", "routing_traffic", "routing_overhead_s", "expert_overhead_s"}
)
#: Constants that only stacks with unfused attention can tell anything about.
UNFUSED_TARGETS = frozenset({"uneven_heads_factor"})
#: Best matmul share measured (of a search over shapes) of a chip whose factor on compute is 1.
REFERENCE_MATMUL_SHARE = 0.80


LEVELS = ("platform", "generation", "era", "tuning", "framework")
#: Stacks from this year on have attention kernels of the second generation and later (FlashAttention-2 and 3,
#: cuDNN's fused attention) tuned for their chips.
SECOND_KERNELS_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Deviation:
    """Groups of runs may deviate in one constant; `log_spread` is how far groups usually do."""

    target: str
    #: one of LEVELS
    level: str
    log_spread: float
    #: what a group that no run belongs to may deviate by, where held-out sources were seen to scatter wider
    #: than the prior that fits the others best
    unseen_log_spread: float | None = None

    @property
    def unseen(self) -> float:
        """The spread of a group without runs."""
        return self.log_spread if self.unseen_log_spread is None else self.unseen_log_spread


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(COMPUTE, "generation", 0.15),
    Deviation(COMPUTE, "tuning", 0.12),
    Deviation(COMPUTE, "framework", 0.10, unseen_log_spread=0.19),
    Deviation("low_precision_efficiency", "framework", 0.08),
    Deviation("width_half_size", "generation", 0.4),
    Deviation("attention_efficiency", "generation", 0.2),
    Deviation("attention_efficiency", "era", 0.35),
    Deviation("attention_efficiency", "framework", 0.3),
    Deviation("uneven_heads_factor", "framework", 1.5),
    Deviation("memory_efficiency", "platform", 0.2),
    Deviation("wave_idle_outputs", "platform", 0.8),
    Deviation("scale_up_efficiency", "platform", 0.15),
    Deviation("scale_up_efficiency", "generation", 0.3),
    Deviation("tensor_overlap", "platform", 0.8),
    Deviation("expert_efficiency", "platform", 0.25),
    Deviation("routing_traffic", "platform", 1.0),
    Deviation("routing_overhead_s", "platform", 1.5),
    Deviation("expert_overhead_s", "platform", 1.5),
    Deviation("expert_efficiency", "framework", 0.35),
    Deviation("routing_traffic", "framework", 0.7),
    Deviation("routing_overhead_s", "framework", 0.7),
    Deviation("layer_overhead_s", "framework", 0.4),
    Deviation("data_overlap", "framework", 0.2),
    Deviation("step_overhead_s", "framework", 1.0),
)


def group_of(case: RunCase, level: str) -> str:
    """Return the name of the group that a run belongs to at a level."""
    if level == "generation":
        return case.generation
    return stack_group(case.stack, level)


def stack_group(stack: Stack, level: str) -> str:
    """Return the name of the group that a stack belongs to at a level other than the chip's generation."""
    if level == "platform":
        return stack.platform
    if level == "era":
        return "first kernels" if stack.year < SECOND_KERNELS_YEAR else "second kernels"
    if level == "tuning":
        return stack.tuning or "unknown"
    return stack.id


@dataclass(frozen=True, slots=True)
class Parameter:
    """One fitted number: the logarithm of a constant, or of a group's factor on it."""

    target: str
    level: str | None
    group: str | None
    mean: float
    log_spread: float


class Effects:
    """The parameters of a set of runs, and the constants of each run under values of them."""

    def __init__(self, cases: Sequence[RunCase]) -> None:
        self._size = len(cases)
        parameters = [
            Parameter(name, None, None, float(np.log(mean)), spread)
            for name, (mean, spread) in PRIORS.items()
        ]
        members = [np.ones(self._size)] * len(parameters)
        for deviation in DEVIATIONS:
            names = [group_of(case, deviation.level) for case in cases]
            for group in sorted(_groups_with_evidence(cases, deviation)):
                parameters.append(_parameter(cases, deviation, group))
                members.append(np.array([name == group for name in names], dtype=np.float64))
        self.parameters = tuple(parameters)
        self.mean = np.array([parameter.mean for parameter in parameters])
        self.spread = np.array([parameter.log_spread for parameter in parameters])
        self.targets = tuple(dict.fromkeys(parameter.target for parameter in parameters))
        #: (runs, parameters): which parameter touches which run
        self._members = np.array(members).T
        self._target_of = np.array([self.targets.index(parameter.target) for parameter in parameters])
        scores = [case.stack.constants.get("score_traffic_bytes") for case in cases]
        self._score_bytes = np.array([constant.median if constant else 0.0 for constant in scores])

    def logarithms(self, values: FloatArray) -> FloatArray:
        """Return the logarithm of every target for every run, (targets, runs)."""
        touched = self._members * values
        return np.array(
            [touched[:, self._target_of == index].sum(axis=1) for index in range(len(self.targets))]
        )

    def constants(self, logarithms: FloatArray) -> StackConstants:
        """Return the constants of every run as columns, from the logarithms of the targets."""
        columns = {target: np.exp(row) for target, row in zip(self.targets, logarithms, strict=True)}
        compute = columns.pop(COMPUTE)
        columns["matmul_efficiency"] = MATMUL_EFFICIENCY * compute
        columns["attention_efficiency"] = columns["attention_efficiency"] * compute
        for name in SHARES & columns.keys():
            columns[name] = np.minimum(columns[name], HIGHEST_SHARE)
        return StackConstants(score_traffic_bytes=self._score_bytes, **columns)

    def chained(self, by_target: FloatArray) -> FloatArray:
        """Return derivatives by parameter, (runs, parameters), from those by target, (targets, runs).

        A parameter moves its target's logarithm by as much, on the runs of its group and on no others.
        """
        return np.asarray(by_target[self._target_of].T * self._members)


def _groups_with_evidence(cases: Sequence[RunCase], deviation: Deviation) -> set[str]:
    """Return the groups of a level in which some run can tell anything about the deviation's target."""

    def tells(case: RunCase) -> bool:
        if deviation.target in EXPERT_TARGETS:
            return case.is_mixture
        return deviation.target not in UNFUSED_TARGETS or "score_traffic_bytes" in case.stack.constants

    return {group_of(case, deviation.level) for case in cases if tells(case)} - {"unknown"}


def _parameter(cases: Sequence[RunCase], deviation: Deviation, group: str) -> Parameter:
    is_generation = deviation.level == "generation" and deviation.target == COMPUTE
    mean = generation_prior(cases, group) if is_generation else 0.0
    return Parameter(deviation.target, deviation.level, group, mean, deviation.log_spread)


def generation_prior(cases: Sequence[RunCase], generation: str) -> float:
    """Return the logarithm of a generation's mean factor: matmul share over the reference, else 1."""
    chips = {case.chip_profile.id: case.chip_profile for case in cases if case.generation == generation}
    shares = [share for chip in chips.values() if (share := matmul_share(chip)) is not None]
    return float(np.log(np.mean(shares) / REFERENCE_MATMUL_SHARE)) if shares else 0.0


def matmul_share(chip: Chip) -> float | None:
    """Return the best 16-bit matmul share that somebody measured on a chip."""
    measured = chip.achievable_matmul_share
    return value_of(measured.get("bf16") or measured.get("fp16"))
