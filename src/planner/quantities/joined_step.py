"""The joint step of pools that train together, and what of chips, peaks and failures is theirs together."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.engine import parts
from planner.engine.arrays import FloatArray
from planner.quantities.figure import Gap, together
from planner.quantities.joined import solo_members
from planner.quantities.leaves import Leaf, typed
from planner.quantities.setting import Setting
from planner.quantities.table import TABLE, Way, in_front, leaf, quantity

if TYPE_CHECKING:
    from planner.quantities.evaluation import Figures


def _is_joined(setting: Setting) -> bool:
    return setting.is_joined


def _is_whole_and_joined(setting: Setting) -> bool:
    return setting.is_joined and setting.member is None


# -- the joint step -----------------------------------------------------------------------------------------


def _joint_step(setting: Setting) -> FloatArray:
    assert setting.joined is not None
    return setting.joined.steps_s[setting.phase_index]


quantity(
    "step.own_s",
    "seconds of a pool's own part of the step",
    "s",
    {"smooth": "step.smooth_s", "jitter": "step.parts.jitter"},
    scope="phase",
)(parts.step_s)


@leaf(
    "step.parts.between_pools",
    "seconds of a step for what the pool that sets the pace waits for: the link, the other pools' stages",
    "s",
    method="the joint step less the pool's own part",
    inputs={"own": "step.own_s"},
    short="other pools",
    scope="phase",
    form="part",
    reads_figures=True,
)
def between_pools(figures: Figures) -> Leaf:
    """Return what a step takes beside the part of the pool that sets its pace; nothing of one pool."""
    setting = figures.setting
    if not setting.is_joined:
        return Leaf(None, name="no other pools")
    return Leaf(np.maximum(_joint_step(setting) - figures["step.own_s"].values, 0.0))


_JOINT = {
    "data": "that of the slowest pool on its share of the batch, with what nothing hides of the exchange of "
    "gradients between pools",
    "pipeline": "microbatches x the slowest stage, with the other stages' filling and draining, the link "
    "between pools, and what comes once a step",
    "rollout": "the optimizer's, on the pool that learns; the other generates",
}


def _step_of_all(setting: Setting) -> Leaf:
    joined = setting.joined
    assert joined is not None
    gaps = tuple(Gap("assumed", "other", text) for text in joined.link.assumed)
    return Leaf(_joint_step(setting), method=_JOINT[joined.split], gaps=gaps)


_STEP_INPUTS = {
    "own": "step.own_s",
    "between": "split.between_s",
    "link": "split.link_bytes_per_s",
    "latency": "split.link_latency_s",
}
for _name in ("step.modelled_s", "step.seconds"):
    in_front(_name, Way(_STEP_INPUTS, reading=_step_of_all, when=_is_joined))


def _joint_doublings(setting: Setting) -> Leaf:
    assert setting.joined is not None
    return Leaf(
        np.array([setting.joined.doublings(setting.phase_index)]),
        method="log2 of the hosts of all pools that train",
    )


in_front("step.doublings", Way({}, reading=_joint_doublings, when=_is_joined))


# -- chips, peaks and failures of all that train ------------------------------------------------------------


def _over_members(identifier: str, get: Callable[[Any], float]) -> None:
    def read(setting: Setting) -> Leaf:
        assert setting.joined is not None
        total = sum(get(member) for member in setting.joined.members)
        return typed(total, "cluster.pools", "of all pools that train")

    in_front(identifier, Way({}, reading=read, when=_is_whole_and_joined))


_over_members("pools.chips", lambda member: float(member.pool.chips))
_over_members("pools.systems", lambda member: float(member.pool.systems))
_over_members(
    "goodput.chips", lambda member: float(max(it.layout.chips_used for it in member.training.phases))
)


def _peak(identifier: str, peak: str, title: str) -> None:
    @leaf(
        identifier,
        title,
        "FLOP/s",
        method="chips x the peak of one, summed over the pools that train",
        reads_figures=True,
    )
    def read(figures: Figures) -> Leaf:
        pools = solo_members(figures) if figures.setting.joined else [figures]
        found = [(pool["pools.chips"], pool[peak]) for pool in pools]
        gaps = together(*(figure.gaps for pair in found for figure in pair))
        if not all(one.is_known for _, one in found):
            return Leaf(None, gaps=gaps)
        return Leaf(reduce(add, [chips.values * one.values for chips, one in found]), gaps=gaps)


_peak("split.half_peak_flops_per_s", "chip.half_peak_flops_per_s", "dense 16-bit peak of all chips")
_peak("split.peak_flops_per_s", "chip.peak_flops_per_s", "dense peak of all chips")


def share_of_all_peaks(
    flops_per_token: FloatArray, tokens_per_second: FloatArray, peak: FloatArray
) -> FloatArray:
    """Return the FLOPs of all chips over what the peaks of all would do. [-]."""
    return flops_per_token * tokens_per_second / peak


def _utilisation(identifier: str) -> None:
    for way in [way for way in TABLE[identifier].ways if "peak" in way.inputs][::-1]:
        is_half = "half" in way.inputs["peak"]
        inputs = {
            "flops_per_token": way.inputs["flops_per_token"],
            "tokens_per_second": "tokens_per_second",
            "peak": "split.half_peak_flops_per_s" if is_half else "split.peak_flops_per_s",
        }
        holds = way.when

        def when(setting: Setting, holds: Callable[[Setting], bool] | None = holds) -> bool:
            return _is_whole_and_joined(setting) and (holds is None or holds(setting))

        in_front(identifier, Way(inputs, share_of_all_peaks, when=when))


for _name in ("mfu", "mfu_full_attention", "hfu"):
    _utilisation(_name)

    def _mean_peak(figures: Figures, name: str = _name) -> Leaf:
        pools = solo_members(figures)
        chips = [pool["pools.chips"].values for pool in pools]
        rates = [pool[f"{name}.peak_flops_per_s"].values for pool in pools]
        total = reduce(add, [count * rate for count, rate in zip(chips, rates, strict=True)])
        return Leaf(total / reduce(add, chips), method="the mean chip of all pools that train")

    in_front(
        f"{_name}.peak_flops_per_s",
        Way({}, reading=_mean_peak, when=_is_whole_and_joined, reads_figures=True),
    )


def rate_at_all_peaks(peak: FloatArray, flops_per_token: FloatArray, recomputed: FloatArray) -> FloatArray:
    """Return the rate at which the hardware FLOPs of a phase's tokens take the peaks of all chips."""
    return peak / (flops_per_token + recomputed)


in_front(
    "rate_at_peak",
    Way(
        {
            "peak": "split.peak_flops_per_s",
            "flops_per_token": "flops_per_token.of_phase",
            "recomputed": "flops_per_token.recomputed.of_phase",
        },
        rate_at_all_peaks,
        when=_is_joined,
    ),
)


def _joint_failures(figures: Figures) -> Leaf:
    """Return what stops the job: servers and racks of each pool, and the job's own faults once."""
    found = [own["goodput.failures_per_day"] for own in solo_members(figures)]
    own = figures["goodput.own_failures_per_day"]
    total = reduce(add, [one.values for one in found]) - (len(found) - 1) * own.values
    return Leaf(total, gaps=together(*(one.gaps for one in found)))


in_front(
    "goodput.failures_per_day",
    Way(
        {"own": "goodput.own_failures_per_day"},
        reading=_joint_failures,
        method="failures of the servers and racks of every pool, and those of the job itself once",
        when=_is_joined,
        reads_figures=True,
    ),
)
