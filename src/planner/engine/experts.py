"""What experts on several ranks cost: the copies of a token that leave, and the busiest rank's load."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray, any_of, as_floats, where
from planner.engine.collectives import Group, all_to_all_time_s, group
from planner.engine.inputs import Layouts, NetworkInputs, StackConstants
from planner.engine.traffic import NO_TRAFFIC, ClassTime
from planner.engine.work import HALF_BYTES, ModelWork


def expert_layer_time(
    work: ModelWork, tokens: FloatArray, layout: Layouts, network: NetworkInputs, stack: StackConstants
) -> ClassTime:
    r"""Return expert-parallel traffic of one average layer's forward pass: dispatch and combine.

    .. math:: t = 2 \mu\, t_{all}(s\,c_{in},\ s\,c_{out}),\quad s = \beta\,\frac{2\,T\,h}{t_p}

    Each token's hidden state goes to its experts and back in so many copies, :math:`c` (`copies_sent`); the
    rank whose experts are asked for most receives :math:`\beta` times the mean (`busiest_load`), and the
    others wait for it.

    Parameters
    ----------
    work : ModelWork
        Widths of the average layer. [-]
    tokens : (...,) float
        Tokens of the microbatch on one chip, :math:`T` > 0. [-]
    layout : Layouts
        Expert degree :math:`e`, tensor degrees :math:`t_p` of a layer and of an expert, and how copies are
        sent. [-]
    network : NetworkInputs
        Bandwidths [B/s] and latencies [s] of both tiers.
    stack : StackConstants
        The shares of them that are reached, and how far loads of experts scatter. [-]

    Returns
    -------
    ClassTime
        Before anything hides it, the share of mixture layers :math:`\mu` counted in. [s]

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V3 (arXiv 2412.19437), sections 2.1.2 and 3.2.2: node-limited routing, and
       dispatch across nodes once per node.

    Examples
    --------
    2,000 tokens to 2 experts, 3/4 of them elsewhere: 6.144 MB at 128 GB/s, there and back.

    >>> from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096, experts=16, active_experts=2, expert_width=1024)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=128e9,
    ...                         pair_bytes_per_s=128e9, scale_up_latency_s=0, scale_out_bytes_per_s=16e9,
    ...                         scale_out_latency_s=0)
    >>> stack = StackConstants(scale_up_efficiency=1, scale_up_half_bytes=0, scale_out_efficiency=1,
    ...                        point_to_point_efficiency=1, collective_step_s=0)
    >>> layout = Layouts(tensor=1, pipeline=1, data=4, microbatch=1, expert=4)
    >>> float(expert_layer_time(work, np.array(2000.0), layout, network, stack).seconds)
    9.6e-05
    """
    if not work.has_experts:
        return NO_TRAFFIC
    members = group(layout.expert, layout.expert_tensor, network, stack)
    inside, across = copies_sent(work, layout, members)
    copy = busiest_load(work, layout, stack) * tokens / layout.tensor * (HALF_BYTES * work.expert_hidden)
    one = all_to_all_time_s(
        copy * inside, copy * across, members, network, most_bytes_per_s=layout.dispatch_bytes_per_s
    )
    return ClassTime(2.0 * work.mixture_share * one, members.domains > 1.0)


def copies_sent(work: ModelWork, layout: Layouts, members: Group) -> tuple[FloatArray, FloatArray]:
    r"""Return how many copies of a token move inside a scale-up domain, and how many leave it. [-].

    .. math:: c_{in} = k \frac{g - 1}{r},\quad c_{out} = k\,(1 - 1/D)

    and where copies are merged, over as many that a token finds at :math:`n` places chosen evenly, less its
    own,

    .. math:: c_{in} = v(r),\quad c_{out} = \min(v(D), n_{groups}),\quad v(n) = (n - 1)(1 - (1 - 1/n)^k)

    Parameters
    ----------
    work : ModelWork
        Experts that one token goes to, :math:`k`, and the groups that it may visit. [-]
    layout : Layouts
        Whether one copy goes to each domain, and to each rank. [-]
    members : Group
        Ranks :math:`r`, those of them in one domain :math:`g`, and domains, :math:`D = r / g`. [-]

    Returns
    -------
    inside, across : (...,) float64
        What crosses goes on inside the domain that it comes to, which `inside` counts where ranks merge. [-]

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V3 (arXiv 2412.19437), section 3.2.2: over InfiniBand once, then NVLink.

    Examples
    --------
    Two experts over 16 ranks of two domains: one copy leaves, or 1 - 1/4 where a domain needs one for both.

    >>> from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096, experts=16, active_experts=2, expert_width=1024)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=1, pair_bytes_per_s=1)
    >>> members = group(16, 1, network, StackConstants())
    >>> layout = Layouts(tensor=1, pipeline=1, data=16, microbatch=1, expert=16)
    >>> [float(copies) for copies in copies_sent(work, layout, members)]
    [0.875, 1.0]
    >>> from dataclasses import replace
    >>> float(copies_sent(work, replace(layout, merges_across=1.0), members)[1])
    0.75
    """
    chosen, ranks = work.active_experts, members.ranks
    domains = ranks / members.ranks_per_domain
    inside = chosen * (members.ranks_per_domain - 1.0) / ranks
    across = chosen * (1.0 - 1.0 / domains)
    if any_of(layout.merges_across):
        merged = np.minimum(_other_places(domains, chosen), work.routing_groups_limit)
        across = where(layout.merges_across > 0, merged, across)
    if any_of(layout.merges_inside):
        inside = where(layout.merges_inside > 0, _other_places(ranks, chosen), inside)
    return as_floats(inside), as_floats(across)


def _other_places(places: FloatArray, chosen: FloatArray) -> FloatArray:
    """Return how many places but its own hold any of the experts that a token chooses evenly. [-]."""
    return as_floats((places - 1.0) * (1.0 - (1.0 - 1.0 / places) ** chosen))


def busiest_load(work: ModelWork, layout: Layouts, stack: StackConstants) -> FloatArray:
    r"""Return the load of the rank whose experts are asked for most, over the mean. [-].

    .. math:: \beta = 1 + \sigma \sqrt{\frac{2\,e \ln e}{E}}

    Of :math:`E` experts whose loads scatter by :math:`\sigma` of their mean, a rank holds :math:`E / e`, so
    that its load scatters by :math:`\sigma\sqrt{e / E}`; the largest of :math:`e` such lies
    :math:`\sqrt{2 \ln e}` of that above the mean. Pre-training keeps loads even, by a loss or a bias;
    fine-tuning on what the router was not trained on does not.

    Parameters
    ----------
    work : ModelWork
        Experts of a layer, :math:`E`. [-]
    layout : Layouts
        Expert degree, :math:`e`, and whether nothing evens the loads. [-]
    stack : StackConstants
        The spread, :math:`\sigma`. [-]

    Returns
    -------
    (...,) float64
        1 where loads are even, or where every rank holds all experts. [-]

    References
    ----------
    .. [1] Wang et al., Auxiliary-Loss-Free Load Balancing (arXiv 2408.15664), section 2: the busiest
       expert's violation of an even load.
    .. [2] Galambos, The Asymptotic Theory of Extreme Order Statistics (1987), section 2.3: the largest of
       :math:`e` normal values.

    Examples
    --------
    Loads of 32 experts that scatter by half of their mean, over eight ranks: half more than the mean.

    >>> from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096, experts=32, active_experts=2, expert_width=1024)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> layout = Layouts(tensor=1, pipeline=1, data=8, microbatch=1, expert=8, has_free_routing=1.0)
    >>> round(float(busiest_load(work, layout, StackConstants(expert_load_spread=0.5))), 2)
    1.51
    """
    if not any_of(layout.has_free_routing):
        return np.ones(())
    ranks = as_floats(layout.expert)
    spread = np.sqrt(2.0 * ranks * np.log(ranks) / np.maximum(work.experts, 1.0))
    return as_floats(1.0 + layout.has_free_routing * stack.expert_load_spread * spread)


def launch_s(work: ModelWork, layout: Layouts, stack: StackConstants) -> FloatArray:
    r"""Return how long the host takes to start all kernels of one average layer and microbatch. [s].

    .. math:: (3 + c) \left((1 - \mu)\,t_{eager} + \mu \max(t_{mixture}, t_{eager})\right)

    A mixture's layer is some hundreds of kernels, and the host waits for the router before it knows their
    shapes. A dense layer counts where it is said to run eagerly, one operation after the other: who
    compiles is stated by few, and a floor for all made others' small models too slow (docs/terms_tried.md).
    The host starts nothing by itself where kernels were captured as a graph, or where one compiler sees the
    whole step.

    Parameters
    ----------
    work : ModelWork
        The share of mixture layers, :math:`\mu`. [-]
    layout : Layouts
        The share of layers run again, :math:`c`, whether they run eagerly, and whether kernels were
        captured. [-]
    stack : StackConstants
        Of one pass of a layer, a backward pass being two, :math:`t_{eager}`, and of a mixture's,
        :math:`t_{mixture}`. [s]

    Returns
    -------
    (...,) float64
        Of all passes. [s]

    References
    ----------
    .. [1] Measured on hosts of H200: 1.4 to 2.9 ms a layer eagerly, forward and backward, whatever its
       width (profiles/runs/measured-options.toml).
    .. [2] NVIDIA, Megatron Bridge, user guide, CUDA Graphs: host overhead of mixtures of experts.

    Examples
    --------
    >>> from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096, experts=32, active_experts=2, expert_width=1024)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> layout = Layouts(tensor=1, pipeline=1, data=8, microbatch=1, recompute_layers=1.0)
    >>> float(launch_s(work, layout, StackConstants(mixture_host_s=0.002)))
    0.008
    """
    if not work.has_experts and not any_of(layout.is_eager):
        return np.zeros(())
    eager = as_floats(layout.is_eager) * stack.eager_host_s
    one = eager + work.mixture_share * (np.maximum(stack.mixture_host_s, eager) - eager)
    passes = 3.0 + as_floats(layout.recompute_layers)
    return as_floats(one * passes * (1.0 - as_floats(layout.is_captured)))
