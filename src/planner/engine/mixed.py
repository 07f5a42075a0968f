"""Pools of unlike chips as one cluster: shares by speed, the step that they make, and what joining costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.engine import parts
from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.inputs import StackConstants
from planner.engine.step import StepTimes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PoolStep:
    """What one pool does in a joint step; the fields broadcast."""

    #: the whole of it by itself, stragglers of the whole cluster included. [s]
    whole: FloatArray
    #: of one microbatch, what its slowest stage and its mean stage take, without transfers. [s]
    slowest_stage: FloatArray
    mean_stage: FloatArray
    #: of one transfer between its stages, and the share that compute hides. [s], [-]
    transfer: FloatArray
    overlap: ArrayLike
    #: what comes once a step: gradients that nothing hides, and the optimizer. [s]
    once: FloatArray
    #: of its compute, what could hide an exchange of gradients yet. [s]
    hides: FloatArray
    #: of an exchange, the part that nothing hides. [-]
    exposed_share: ArrayLike
    #: stragglers, of a step without them. [-]
    loss: FloatArray
    stages: ArrayLike = 1.0
    microbatches: ArrayLike = 1.0

    def faster(self, speed: ArrayLike) -> PoolStep:
        """Return the same pool at a rate that is higher by a factor."""
        return PoolStep(
            whole=self.whole / speed,
            slowest_stage=self.slowest_stage / speed,
            mean_stage=self.mean_stage / speed,
            transfer=self.transfer / speed,
            overlap=self.overlap,
            once=self.once / speed,
            hides=self.hides / speed,
            exposed_share=self.exposed_share,
            loss=self.loss,
            stages=self.stages,
            microbatches=self.microbatches,
        )


def pool_step(step: StepTimes, stack: StackConstants, doublings: ArrayLike, *, stages: ArrayLike) -> PoolStep:
    r"""Return one pool's part of a step in which all hosts of a cluster wait for the slowest.

    .. math:: t = (t_{smooth} + o\,(D - D_{pool}))(1 + j\,D)

    Parameters
    ----------
    step : StepTimes
        The pool by itself, on its share of the work. [s]
    stack : StackConstants
        Its constants: what a step loses for each doubling of the hosts, :math:`o` [s], and to stragglers,
        :math:`j` [-].
    doublings : float
        How often one host doubles to all of the cluster, :math:`D`. [-]
    stages : float
        Of a pipeline, those that the pool holds. [-]

    Examples
    --------
    >>> from planner.engine.inputs import ArchitectureInputs, ChipInputs, Layouts, NetworkInputs
    >>> from planner.engine.inputs import WorkloadInputs
    >>> from planner.engine.step import step_times
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=4)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                   memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12)
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=np.inf,
    ...                         pair_bytes_per_s=np.inf)
    >>> stack = StackConstants(jitter_per_doubling=0.01, step_overhead_s=0.1)
    >>> layout = Layouts(tensor=1, pipeline=2, data=1, microbatch=1)
    >>> step = step_times(model_work(shape, workload), layout, chip, network, stack, workload)
    >>> alone, joined = (pool_step(step, stack, doublings, stages=2.0) for doublings in (0.0, 3.0))
    >>> bool(np.isclose(alone.whole, step.total)), round(float(joined.whole / (alone.whole + 0.3)), 6)
    (True, 1.03)
    """
    terms = step.terms
    microbatches = np.asarray(terms.microbatches, dtype=np.float64)
    layered = step.compute + step.memory_bound + step.tensor + step.context + step.expert
    slowest = layered / microbatches
    # the bubble is that of the mean stage: it says what the others take
    mean = parts.mean_stage_s(
        terms.all_layers,
        (layered / microbatches - terms.slowest_head) / np.maximum(terms.layers, 1.0),
        parts.head_passes_s(terms.head),
        np.asarray(stages),
    )
    overhead = np.asarray(stack.step_overhead_s) * (doublings - terms.doublings)
    smooth = step.total - step.jitter + overhead
    loss = np.asarray(stack.jitter_per_doubling) * doublings
    hidden = parts.data_hidden_s(
        terms.moved, np.asarray(stack.data_exposed_share), terms.data_overlap, terms.compute_once
    )
    return PoolStep(
        whole=parts.step_s(smooth, smooth * loss),
        slowest_stage=slowest,
        mean_stage=mean,
        transfer=terms.transfer,
        overlap=terms.pipeline_overlap,
        once=step.data + step.optimizer + overhead,
        hides=np.maximum(np.asarray(terms.data_overlap) * terms.compute_once - hidden, 0.0),
        exposed_share=stack.data_exposed_share,
        loss=loss,
        stages=stages,
        microbatches=terms.microbatches,
    )


def exchange_s(
    gradient_bytes: ArrayLike, pools: int, bytes_per_s: ArrayLike, latency_s: ArrayLike
) -> FloatArray:
    r"""Return the exchange of gradients between pools, each of which has reduced its own. [s].

    .. math:: 2\,\frac{n - 1}{n}\,\frac{M}{B} + 2\,(n - 1)\,\alpha

    Parameters
    ----------
    gradient_bytes : (...,) float
        Gradients of all that is trained, once, :math:`M`. [B]
    pools : int
        How many exchange them, :math:`n` >= 1. [-]
    bytes_per_s : (...,) float
        What the link carries of one pool, one direction, :math:`B` > 0. [B/s]
    latency_s : (...,) float
        One way, :math:`\alpha`. [s]

    References
    ----------
    .. [1] Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms (2009): the ring between pools.

    Examples
    --------
    Two pools and 140 GB over 14 GB/s: 10 s and two ways of 1 s.

    >>> float(exchange_s(140e9, 2, 14e9, 1.0)), float(exchange_s(140e9, 1, 14e9, 1.0))
    (12.0, 0.0)
    """
    moved = 2.0 * (pools - 1.0) / pools * np.asarray(gradient_bytes) / bytes_per_s
    return np.asarray(moved + 2.0 * (pools - 1.0) * np.asarray(latency_s))


def data_step_s(pools: Sequence[PoolStep], exchange: ArrayLike) -> FloatArray:
    r"""Return the step of pools that train copies of the model on shares of the batch. [s].

    .. math:: t = \max_i \left(t_i + (x - h_i)(1 + j_i D)\right),\quad h_i = \min((1 - e_i)\,x,\ c_i)

    The exchange follows each pool's own reduction, bucket by bucket: what of the last microbatch's backward
    pass hides no traffic inside the pool hides it.

    Parameters
    ----------
    pools : sequence of PoolStep
        Each on its own share; one at least.
    exchange : (...,) float
        As of `exchange_s`, :math:`x`. [s]

    Examples
    --------
    The slower pool's 10 s, and of an exchange of 4 s the 1 s that compute does not hide.

    >>> from dataclasses import replace
    >>> zero = np.zeros(())
    >>> one = PoolStep(whole=np.array(8.0), slowest_stage=zero, mean_stage=zero, transfer=zero, overlap=0.0,
    ...                once=zero, hides=np.array(3.0), exposed_share=0.25, loss=zero)
    >>> float(data_step_s([one, replace(one, whole=np.array(10.0))], 4.0))
    11.0
    """
    steps = []
    for pool in pools:
        hidden = np.minimum(np.asarray(exchange) * (1.0 - np.asarray(pool.exposed_share)), pool.hides)
        steps.append(pool.whole + (exchange - hidden) * (1.0 + pool.loss))
    return _greatest(steps)


def pipeline_step_s(pools: Sequence[PoolStep], link: ArrayLike) -> FloatArray:
    r"""Return the step of pools that are consecutive stages of one pipeline. [s].

    .. math:: t = \left(m \max(\max_i s_i, x) + \sum_i p_i \bar s_i - \max_i \bar s_i
        + 2\,(n - 1)\,x + \max_i u_i\right)(1 + j D)

    :math:`s_i` is the slowest stage of a pool with what compute does not hide of sending to the next stage,
    be that over its own fabric or over the link, whichever is slower; :math:`\bar s_i` its mean stage. Every
    microbatch crosses the link once in each direction, which is a stage of its own.

    Parameters
    ----------
    pools : sequence of PoolStep
        In the order of the layers, all with the same microbatches; one at least.
    link : (...,) float
        One microbatch of all replicas over the link, :math:`x`. [s]

    References
    ----------
    .. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), section 2.2, for stages that differ.

    Examples
    --------
    Three stages, the slowest of 2 s, four microbatches: 8 s and 1 s + 1 s of the others.

    >>> from dataclasses import replace
    >>> zero = np.zeros(())
    >>> fast = PoolStep(whole=zero, slowest_stage=np.array(1.0), mean_stage=np.array(1.0), transfer=zero,
    ...                 overlap=1.0, once=zero, hides=zero, exposed_share=0.0, loss=zero, stages=2.0,
    ...                 microbatches=4.0)
    >>> slow = replace(fast, slowest_stage=np.array(2.0), mean_stage=np.array(2.0), stages=1.0)
    >>> float(pipeline_step_s([fast, slow], 0.0)), float(pipeline_step_s([fast, slow], 3.0))
    (10.0, 20.0)
    """
    joints = len(pools) - 1.0
    crossing = np.asarray(link) * (joints > 0)
    sends = [2.0 * np.maximum(pool.transfer, crossing) * (1.0 - np.asarray(pool.overlap)) for pool in pools]
    pace = _greatest([pool.slowest_stage + send for pool, send in zip(pools, sends, strict=True)])
    means = [pool.mean_stage + 2.0 * pool.transfer for pool in pools]
    others = sum(pool.stages * mean for pool, mean in zip(pools, means, strict=True)) - _greatest(means)
    smooth = pools[0].microbatches * np.maximum(pace, crossing) + others + 2.0 * joints * crossing
    smooth = smooth + _greatest([pool.once for pool in pools])
    return np.asarray(smooth * (1.0 + _greatest([pool.loss for pool in pools])))


def shares_by_speed(
    times: Sequence[FloatArray], units: int, sizes: Sequence[int] | None = None
) -> tuple[tuple[int, ...], float]:
    r"""Return whole shares of some units of work that make the slowest pool's time least, and that time.

    .. math:: \min_{\sum_i p_i k_i \ge K} \max_i t_i(k_i)

    Parameters
    ----------
    times : sequence of (most + 1,) float64
        What each pool takes for a share of 0, 1, ...; infinite where it cannot. A pool that can do more in
        less time leaves places empty.
    units : int
        How many there are, :math:`K` >= 1. [-]
    sizes : sequence of int, optional
        Units that a share of 1 holds in each pool, :math:`p_i`: the stages that get a layer more. One each
        where nothing is said. [-]

    Returns
    -------
    shares : tuple of int
        Of each pool; none of them can be less. Empty where no shares do.
    time : float
        Of the slowest; infinite where there is none. In the unit of `times`.

    Examples
    --------
    A pool that takes 1 s for each of five units beside one that takes 2 s: three and two, 4 s. Ten layers
    over two stages and one of half the speed: four to each of the fast ones, two to the other.

    >>> shares_by_speed([np.arange(6) * 1.0, np.arange(6) * 2.0], 5)
    ((3, 2), 4.0)
    >>> shares_by_speed([np.arange(6) * 1.0, np.arange(11) * 2.0], 10, [2, 1])
    ((4, 2), 4.0)
    """
    held = np.ones(len(times), dtype=int) if sizes is None else np.asarray(sizes)
    # places may stay empty: no fewer units take longer
    rising = [np.minimum.accumulate(each[::-1])[::-1] for each in times]
    limits = np.unique(np.concatenate(rising))
    limits = limits[np.isfinite(limits)]
    most = np.array([np.searchsorted(each, limits, side="right") - 1 for each in rising])
    enough = np.flatnonzero(held @ most >= units)
    if enough.size == 0:
        return (), float("inf")
    shares = most[:, enough[0]]
    while True:
        # whoever takes longest gives back first what nobody needs
        spare = int(held @ shares) - units
        able = [place for place in range(len(times)) if shares[place] > 0 and held[place] <= spare]
        if not able:
            break
        shares[max(able, key=lambda place: float(rising[place][shares[place]]))] -= 1
    return tuple(int(share) for share in shares), float(limits[enough[0]])


def lost_share(rate: FloatArray, ideal: FloatArray) -> FloatArray:
    r"""Return what a cluster loses of the sum of its pools' rates, which it never exceeds. [-].

    .. math:: \max(1 - r / \sum_i r_i,\ 0)

    Examples
    --------
    >>> round(float(lost_share(90.0, 100.0)), 9)
    0.1
    """
    return np.maximum(1.0 - rate / ideal, 0.0)


def _greatest(values: Sequence[FloatArray]) -> FloatArray:
    found = values[0]
    for value in values[1:]:
        found = np.maximum(found, value)
    return np.asarray(found)
