"""The constants that calibration fits: their priors, and the groups of runs that may deviate from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.stack import Stack
from planner.domain.team import Team
from planner.engine.arrays import FloatArray
from planner.engine.inputs import SCORE_BYTES, StackConstants
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.planning.chip import sustained_share
from planner.planning.kernels import kernel_generation
from planner.planning.run_cases import RunCase

#: Median and standard deviation of the logarithm that a constant has before any run is seen. They come from
#: datasheets and published microbenchmarks (bus bandwidths over line rates, matmul searches, the table of
#: FlashAttention-2), rounded, and are wide.
PRIORS: dict[str, tuple[float, float]] = {
    "compute": (1.0, 0.3),
    "low_precision_efficiency": (0.85, 0.12),
    "expert_efficiency": (0.7, 0.25),
    "weight_traffic_bytes": (4.0, 0.6),
    "width_half_size": (100.0, 0.7),
    "hidden_half_size": (250.0, 0.7),
    "wave_idle_outputs": (1e6, 0.8),
    "attention_efficiency": (0.5, 0.3),
    "attention_half_context": (300.0, 0.6),
    "attention_half_head": (40.0, 0.7),
    "memory_efficiency": (0.6, 0.3),
    "eager_traffic": (2.0, 0.4),
    "routing_traffic": (1.0, 0.7),
    # measured on an H200 with every layer captured: 75 us forward and backward compiled, 165 us eager
    "layer_overhead_s": (25e-6, 0.3),
    "routing_overhead_s": (100e-6, 0.8),
    # grouped products cost next to nothing an expert (measured on an H200, 8 to 128 experts): a wide prior
    # took what loops over experts cost for everybody's, and the slope of expert parallelism with it
    "expert_overhead_s": (5e-6, 0.2),
    # a dense layer run eagerly takes 20 to 43 us a kernel (measured on hosts of H200); a mixture's has some
    # hundreds of them, forward and backward
    "eager_host_s": (0.7e-3, 0.3),
    "mixture_host_s": (3e-3, 0.3),
    "expert_load_spread": (0.5, 0.3),
    "scale_up_efficiency": (0.7, 0.15),
    "scale_up_half_bytes": (4e6, 0.8),
    "scale_out_efficiency": (0.7, 0.2),
    "collective_step_s": (15e-6, 0.7),
    "data_overlap": (0.6, 0.3),
    "data_exposed_share": (0.1, 0.6),
    "pipeline_overlap": (0.5, 0.4),
    "expert_overlap": (0.3, 0.5),
    "scheduled_expert_overlap": (0.6, 0.15),
    "tensor_overlap": (0.1, 0.6),
    "fused_tensor_overlap": (0.5, 0.25),
    "context_overlap": (0.6, 0.3),
    "jitter_per_doubling": (0.005, 0.7),
    "step_overhead_s": (0.01, 0.8),
}
#: Matmul efficiency of a run whose factors on compute are all 1.
MATMUL_EFFICIENCY = 0.75
#: A factor on matmuls and attention alike.
COMPUTE = "compute"
#: A factor on the whole rate: what a source gets beside everything that its runs state.
RATE = "rate"
#: Constants that only mixture-of-experts runs can tell anything about.
EXPERT_TARGETS = frozenset(
    {
        "expert_efficiency",
        "routing_traffic",
        "routing_overhead_s",
        "expert_overhead_s",
        "mixture_host_s",
        "expert_load_spread",
        "expert_overlap",
        "scheduled_expert_overlap",
    }
)
#: Constants that only runs tell of that say they were run eagerly.
EAGER_TARGETS = frozenset({"eager_traffic", "eager_host_s"})
#: Best matmul share measured (of a search over shapes) of a chip whose factor on compute is 1.
REFERENCE_MATMUL_SHARE = 0.80
#: Levels that a stack's profile holds; a source's own deviations stay in the fit.
KERNELS = "kernels"
EXPORTED_LEVELS = ("platform", "generation", KERNELS, "tuning", "framework", "team", "team on platform")
SOURCE = "source"
LEVELS = (*EXPORTED_LEVELS, SOURCE)
#: What the rates of sources deviate by beside all constants, by who ran them (logarithm): found by leaving
#: sources out. So that many runs of one source move no constant far, and many of single teams spoil none.
SOURCE_LOG_SPREADS: dict[Team, float] = {"vendor": 0.12, "reference": 0.15, "single": 0.28}
#: The same of attention, whose kernels one framework offers several of.
ATTENTION_OF_SOURCES = 0.3
#: Where one source is all that feels a constant, nobody can tell what is the group's and what its own:
#: the source deviates too, by so many times what groups do. A constant then moves by 1 / (1 + 2), a third, of
#: the way to where the source's runs would put it and no more, whatever else is known of the source.
SOURCE_OVER_GROUP = math.sqrt(2.0)


@dataclass(frozen=True, slots=True)
class Deviation:
    """Groups of runs may deviate in one constant; `log_spread` is how far groups usually do."""

    target: str
    #: one of LEVELS
    level: str
    log_spread: float


#: Which groups may deviate in what was chosen by leaving sources out of cold fits. Constants of a framework
#: helped no source that was left out, but for a little on compute; nor did attention by framework (two teams
#: on one framework are a factor of two apart), overheads by team, or several hosts by team.
DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(COMPUTE, "platform", 0.15),
    Deviation(COMPUTE, "generation", 0.15),
    Deviation(COMPUTE, "tuning", 0.24),
    Deviation(COMPUTE, "framework", 0.10),
    Deviation(COMPUTE, "team", 0.25),
    Deviation(COMPUTE, "team on platform", 0.15),
    Deviation("width_half_size", "generation", 0.4),
    Deviation("attention_efficiency", "generation", 0.2),
    Deviation("attention_efficiency", KERNELS, 0.35),
    Deviation("attention_efficiency", SOURCE, ATTENTION_OF_SOURCES),
    Deviation("scale_up_efficiency", "generation", 0.3),
    Deviation("expert_efficiency", "platform", 0.25),
    Deviation("routing_traffic", "platform", 1.0),
    Deviation("routing_overhead_s", "platform", 1.5),
    Deviation("eager_host_s", "platform", 0.5),
    Deviation(RATE, SOURCE, max(SOURCE_LOG_SPREADS.values())),
)


def group_of(case: RunCase, level: str) -> str:
    """Return the name of the group that a run belongs to at a level."""
    if level == "generation":
        return case.generation
    if level == SOURCE:
        return case.run.source_key
    if level == "team":
        return case.run.team
    if level == KERNELS:
        return kernel_generation(
            case.stack.year, case.run.software.year, case.generation, case.run.software.features
        )
    if level == "team on platform":
        return team_on_platform(case.run.team, case.stack.platform)
    return stack_group(case.stack, level)


def team_on_platform(team: Team, platform: str) -> str:
    """Return the name of the group of a class of teams on a platform."""
    return f"{team} on {platform}"


def stack_group(stack: Stack, level: str) -> str:
    """Return the name of the group that a stack belongs to, whatever the chip and whoever runs it."""
    if level == "platform":
        return stack.platform
    if level == "tuning":
        return stack.tuning or "unknown"
    return stack.id


#: A target, and the level and the group that deviate in it; None: all runs.
ConstantKey = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One fitted number: the logarithm of a constant, or of a group's factor on it."""

    target: str
    level: str | None
    group: str | None
    mean: float
    log_spread: float

    @property
    def constant(self) -> ConstantKey:
        """Return which constant it is."""
        return self.target, self.level, self.group

    def of_source(self, source: str) -> Parameter:
        """Return what a source deviates by from it where nobody else tells, which no stack holds."""
        own = SOURCE_OVER_GROUP * self.log_spread
        return Parameter(self.target, SOURCE, f"{source} as {self.group or 'all'}", 0.0, own)


class Effects:
    """The parameters of a set of runs, and the constants of each run under values of them."""

    def __init__(
        self,
        cases: Sequence[RunCase],
        is_fitted: Sequence[bool],
        alone: Mapping[ConstantKey, str] | None = None,
    ) -> None:
        """`alone` names the source of constants that no other one feels, beside groups of one source."""
        self._size = len(cases)
        fitted = [case for case, is_used in zip(cases, is_fitted, strict=True) if is_used]
        parameters = [
            Parameter(name, None, None, float(np.log(mean)), spread)
            for name, (mean, spread) in PRIORS.items()
        ]
        members = [np.ones(self._size)] * len(parameters)
        sources: list[str | None] = [None] * len(parameters)
        for deviation in DEVIATIONS:
            names = [group_of(case, deviation.level) for case in cases]
            for group in sorted(_groups_with_evidence(cases, deviation)):
                parameters.append(_parameter(cases, deviation, group))
                members.append(np.array([name == group for name in names], dtype=np.float64))
                sources.append(_only_source(fitted, deviation, group))
        for parameter, inside, source in list(zip(parameters, members, sources, strict=True)):
            only = source or (alone or {}).get(parameter.constant)
            if only is not None:
                parameters.append(parameter.of_source(only))
                members.append(inside * [case.run.source_key == only for case in cases])
        self.parameters = tuple(parameters)
        self.mean = np.array([parameter.mean for parameter in parameters])
        self.spread = np.array([parameter.log_spread for parameter in parameters])
        self.targets = tuple(dict.fromkeys(parameter.target for parameter in parameters))
        #: (runs, parameters): which parameter touches which run
        self._members = np.array(members).T
        self._target_of = np.array([self.targets.index(parameter.target) for parameter in parameters])
        places = [np.flatnonzero(self._target_of == index) for index in range(len(self.targets))]
        #: by target: its parameters' places, and which of them touch which run
        self._by_target = [(own, self._members[:, own]) for own in places]
        scores = [case.stack.constants.get("score_traffic_bytes") for case in cases]
        self._score_bytes = np.array([constant.median if constant else SCORE_BYTES for constant in scores])

    def logarithms(self, values: FloatArray) -> FloatArray:
        """Return the logarithm of every target for every run, (targets, runs)."""
        return np.array([members @ values[own] for own, members in self._by_target])

    def constants(self, logarithms: FloatArray) -> StackConstants:
        """Return the constants of every run as columns, from the logarithms of the targets."""
        columns = {
            target: np.exp(row)
            for target, row in zip(self.targets, logarithms, strict=True)
            if target != RATE
        }
        compute = columns.pop(COMPUTE)
        columns["matmul_efficiency"] = MATMUL_EFFICIENCY * compute
        columns["attention_efficiency"] = columns["attention_efficiency"] * compute
        for name in SHARES & columns.keys():
            columns[name] = np.minimum(columns[name], HIGHEST_SHARE)
        return StackConstants(score_traffic_bytes=self._score_bytes, **columns)

    def rates(self, logarithms: FloatArray) -> FloatArray:
        """Return what each rate deviates by beside its constants, its source's own; a logarithm. [-]."""
        return np.asarray(logarithms[self.targets.index(RATE)])

    def chained(self, by_target: FloatArray) -> FloatArray:
        """Return derivatives by parameter, (runs, parameters), from those by target, (targets, runs).

        A parameter moves its target's logarithm by as much, on the runs of its group and on no others.
        """
        return np.asarray(by_target[self._target_of].T * self._members)


def _groups_with_evidence(cases: Sequence[RunCase], deviation: Deviation) -> set[str]:
    """Return the groups of a level in which some run can tell anything about the deviation's target."""
    return {group_of(case, deviation.level) for case in cases if _tells(case, deviation)} - {"unknown"}


def _tells(case: RunCase, deviation: Deviation) -> bool:
    """Return whether a run can tell anything about a deviation's target."""
    if deviation.target in EXPERT_TARGETS:
        return case.is_mixture
    return deviation.target not in EAGER_TARGETS or float(case.layout.is_eager) > 0


def _only_source(fitted: Sequence[RunCase], deviation: Deviation, group: str) -> str | None:
    """Return the source of all runs that tell anything of a group's deviation; None where it has several."""
    if deviation.level == SOURCE:
        return None
    sources = {
        case.run.source_key
        for case in fitted
        if _tells(case, deviation) and group_of(case, deviation.level) == group
    }
    return next(iter(sources)) if len(sources) == 1 else None


def _parameter(cases: Sequence[RunCase], deviation: Deviation, group: str) -> Parameter:
    mean, log_spread = 0.0, deviation.log_spread
    if (deviation.target, deviation.level) == (COMPUTE, "generation"):
        mean = generation_prior(cases, group)
    if (deviation.target, deviation.level) == (RATE, SOURCE):
        log_spread = SOURCE_LOG_SPREADS[_team_of(cases, group)]
    return Parameter(deviation.target, deviation.level, group, mean, log_spread)


def _team_of(cases: Sequence[RunCase], source: str) -> Team:
    return next(case.run.team for case in cases if case.run.source_key == source)


def generation_prior(cases: Sequence[RunCase], generation: str) -> float:
    """Return the logarithm of a generation's mean factor: matmul share over the reference, else 1."""
    chips = {case.chip_profile.id: case.chip_profile for case in cases if case.generation == generation}
    shares = [share for chip in chips.values() if (share := matmul_share(chip)) is not None]
    return float(np.log(np.mean(shares) / REFERENCE_MATMUL_SHARE)) if shares else 0.0


def matmul_share(chip: Chip) -> float | None:
    """Return the best 16-bit matmul share that somebody measured on a chip, as without a cap on its power."""
    measured = chip.achievable_matmul_share
    share = value_of(measured.get("bf16") or measured.get("fp16"))
    return None if share is None else share / sustained_share(chip)
