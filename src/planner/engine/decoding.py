"""Generation on one copy of a model: prefill, one token step of a live batch, and how many live at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from planner.engine.architecture import ParameterCounts, mixture_layers, parameter_counts
from planner.engine.arrays import ArrayLike, FloatArray, where
from planner.engine.attention import attention_flops_per_token
from planner.engine.collectives import gather_time_s, group
from planner.engine.inputs import ArchitectureInputs, ChipInputs, NetworkInputs, StackConstants
from planner.engine.key_value_cache import cached_bytes, decoded_flops, read_bytes
from planner.engine.work import HALF_BYTES, ModelWork

#: All-reduces of the activations in one layer of a token: after attention and after the feed-forward part.
_REDUCES_A_LAYER = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodingConstants:
    """What an engine of rollouts reaches on a chip; priors, of which fitted ones stand in the profiles."""

    #: share of the memory bandwidth that reading weights and cache reaches; assumed. [-]
    memory_efficiency: ArrayLike = 0.6
    #: share of the matmul peak that prefill and large batches reach; assumed. [-]
    matmul_efficiency: ArrayLike = 0.5
    #: of one token step, what scheduler and launches take beside the chip's work; assumed. [s]
    token_overhead_s: ArrayLike = 3e-3
    #: the same of each token of a sequence: sampling, its log-probability, its text; assumed. [s]
    sequence_overhead_s: ArrayLike = 1e-4
    #: the same of each layer with experts, whose small products and permutations start one by one; assumed,
    #: as the training engine's routing is. [s]
    expert_layer_s: ArrayLike = 1e-4
    #: the same of each layer where operators start one by one, not as a captured graph; assumed. [s]
    eager_layer_s: ArrayLike = 3e-4
    #: 1 where they do. [-]
    is_eager: ArrayLike = 0.0
    #: share of a chip's memory that the engine takes for weights and cache (vLLM's
    #: `gpu_memory_utilization`, as recipes set it). [-]
    memory_share: ArrayLike = 0.8
    #: sequences that a replica's scheduler runs at once (vLLM's `max_num_seqs` on chips of 70 GB and
    #: more). [-]
    most_live: ArrayLike = 1024.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replica:
    """One copy of a model that generates, over so many chips."""

    architecture: ArchitectureInputs
    #: chips that split every matrix, :math:`t`. [-]
    tensor: ArrayLike
    #: of one weight, and of one element of the cache. [B]
    weight_bytes: ArrayLike = HALF_BYTES
    cache_bytes: ArrayLike = HALF_BYTES
    chip: ChipInputs
    network: NetworkInputs
    #: of the collectives alone
    stack: StackConstants
    constants: DecodingConstants
    #: what a chip holds beside, of a training that takes turns with it. [B]
    resident_bytes: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class TokenStep:
    """What one token step of a live batch takes. [s]."""

    #: of the matmuls, weights that are read and FLOPs
    weights: FloatArray
    flops: FloatArray
    #: of attention, the cache that is read and FLOPs
    cache: FloatArray
    scores: FloatArray
    #: of the reduces between the chips of a copy
    latency: FloatArray
    overhead: FloatArray

    @property
    def total(self) -> FloatArray:
        """All of it: operators run one after the other, and each is bound by what it reads or computes."""
        operators = np.maximum(self.weights, self.flops) + np.maximum(self.cache, self.scores)
        return np.asarray(operators + self.latency + self.overhead)


@lru_cache(maxsize=128)
def counts_of(a: ArchitectureInputs) -> ParameterCounts:
    """Return `parameter_counts`, kept by the very record: a fit asks for the same ones thousands of times."""
    return parameter_counts(a)


def read_parameters(a: ArchitectureInputs, live: ArrayLike) -> FloatArray:
    r"""Return the parameters that a token step of so many sequences reads. [-].

    .. math:: P_{dense} + (P - P_{dense}) \left(1 - (1 - k / E)^b\right)

    Of :math:`E` routed experts a token meets :math:`k`; of a batch of :math:`b` every expert that one meets
    is read, and choices are taken as even.

    Examples
    --------
    One token reads what is active, many all there is, but for the embedding, which is looked up.

    >>> mixture = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                              feed_forward_width=0, experts=4, active_experts=1, expert_width=8)
    >>> one, many = read_parameters(mixture, 1.0), read_parameters(mixture, 1e6)
    >>> float(many - one) == float(parameter_counts(mixture).total - parameter_counts(mixture).active)
    True
    """
    counts = counts_of(a)
    routed = counts.total - counts.active
    experts = np.maximum(np.asarray(a.experts, dtype=np.float64), 1.0)
    missed = (1.0 - np.asarray(a.active_experts) / experts) ** np.asarray(live)
    once = 1.0 - np.asarray(a.active_experts) / experts
    # the active ones are counted: of the others those that someone met
    met = where(once > 0, 1.0 - missed / np.maximum(once, 1e-12), 1.0)
    looked_up = where(np.asarray(a.has_tied_embeddings) > 0, 0.0, counts.embedding)
    return np.asarray(counts.active - looked_up + routed * np.maximum(met, 0.0))


def token_step(
    replica: Replica, work: ModelWork, live: ArrayLike, context: ArrayLike, tokens: ArrayLike = 1.0
) -> TokenStep:
    r"""Return one token step of a live batch at a context. [s].

    .. math:: t = \max\left(\frac{b_w (P(b m) + k P_d(b))}{t\,e\,B},
        \frac{b\,(m F + k F_d)}{t\,e_f R}\right)
        + \max\left(\frac{b\,C(c)}{e\,B}, \frac{b\,m\,F_a(c)}{t\,e_f R}\right)
        + 2 L\,t_{reduce}(b m) + t_0 + L\,t_e + L_m t_m + b\,a\,t_s

    Parameters
    ----------
    replica : Replica
        :math:`t` chips of memory bandwidth :math:`B` and rate :math:`R`.
    work : ModelWork
        Its layers and hidden size. [-]
    live : (...,) float
        Sequences that are decoded at once, :math:`b`. [-]
    context : (...,) float
        Tokens of each so far, :math:`c`. [-]
    tokens : (...,) float
        That the step yields of a sequence, :math:`a` >= 1: beyond one of a draft, which proposes
        :math:`k = \lceil a \rceil - 1`, as few as can be, of which :math:`m = k + 1` are tried. [-]

    Returns
    -------
    TokenStep
        Its terms [s].

    Notes
    -----
    A draft runs through one layer and the output's matrix for each token, :math:`P_d` parameters and
    :math:`F_d` FLOPs, as a head that predicts several tokens does; a layer is the mean one of the model.

    References
    ----------
    .. [1] Pope et al., Efficiently Scaling Transformer Inference (arXiv 2211.05102), section 2: weights and
       cache are read for every token.
    .. [2] DeepSeek-AI, DeepSeek-V3 (arXiv 2412.19437), section 2.2: a layer that predicts the next but one.

    Examples
    --------
    1 GB/s over 2 bytes of each of 348 parameters and over the cache of 10 tokens, of 16 bytes each.

    >>> from planner.engine.inputs import WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, vocabulary=10)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=1e15, attention_peak_flops_per_s=1e15, memory_bytes=1e9,
    ...                   memory_bandwidth_bytes_per_s=1e9)
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=1e12,
    ...                         pair_bytes_per_s=1e12)
    >>> alone = DecodingConstants(memory_efficiency=1, token_overhead_s=0, sequence_overhead_s=0)
    >>> replica = Replica(architecture=tiny, tensor=1.0, chip=chip, network=network, stack=StackConstants(),
    ...                   constants=alone)
    >>> work = model_work(tiny, WorkloadInputs(sequence_length=8, global_batch_sequences=1))
    >>> round(float(token_step(replica, work, 1.0, 10.0).total) * 1e9)
    856
    """
    a, constants, tensor = replica.architecture, replica.constants, np.asarray(replica.tensor)
    batch, drafted = np.asarray(live, dtype=np.float64), np.ceil(tokens) - 1.0
    tried = batch * (drafted + 1.0)
    bandwidth = np.multiply(replica.chip.memory_bandwidth_bytes_per_s, constants.memory_efficiency)
    rate = np.multiply(replica.chip.matmul_peak_flops_per_s, constants.matmul_efficiency)
    head, matmuls = np.multiply(a.vocabulary, work.hidden), counts_of(a).active_matmul
    draft_reads, draft_multiplies = (
        drafted * (head + (whole - head) / work.layers) for whole in (read_parameters(a, batch), matmuls)
    )
    members = group(tensor, 1.0, replica.network, replica.stack)
    reduce = 2.0 * gather_time_s(tried * work.hidden * HALF_BYTES, members, replica.network, replica.stack)
    starts = np.multiply(constants.is_eager, constants.eager_layer_s)
    layers = mixture_layers(a) * constants.expert_layer_s + work.layers * starts
    return TokenStep(
        weights=(read_parameters(a, tried) + draft_reads) * replica.weight_bytes / (tensor * bandwidth),
        flops=2.0 * (tried * matmuls + batch * draft_multiplies) / (tensor * rate),
        cache=batch * read_bytes(a, context, tensor, replica.cache_bytes) / bandwidth,
        scores=tried * decoded_flops(a, context) / (tensor * rate),
        latency=work.layers * _REDUCES_A_LAYER * reduce,
        overhead=np.asarray(constants.token_overhead_s + layers)
        + batch * np.multiply(tokens, constants.sequence_overhead_s),
    )


def prefill_s(replica: Replica, prompts: ArrayLike, tokens: ArrayLike) -> FloatArray:
    r"""Return how long a replica takes to read so many prompts, at the rate of its matmuls. [s].

    .. math:: t = \frac{n\,p\,(2 P_{matmul} + L F_{attention}(p))}{t\,e_f R}

    Examples
    --------
    A prompt of 8 tokens of 2 x 328 FLOPs and 2 x 64 of attention, at 1,000 FLOP/s.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, vocabulary=10)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=2e3, attention_peak_flops_per_s=2e3, memory_bytes=1e9,
    ...                   memory_bandwidth_bytes_per_s=1e9)
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=1e12,
    ...                         pair_bytes_per_s=1e12)
    >>> replica = Replica(architecture=tiny, tensor=1.0, chip=chip, network=network, stack=StackConstants(),
    ...                   constants=DecodingConstants(matmul_efficiency=0.5))
    >>> float(prefill_s(replica, 1.0, 8.0))
    6.272
    """
    a, length = replica.architecture, np.maximum(np.asarray(tokens, dtype=np.float64), 1.0)
    each = 2.0 * counts_of(a).active_matmul + np.multiply(
        a.layers, attention_flops_per_token(a, length, causal=True)
    )
    rate = np.multiply(replica.chip.matmul_peak_flops_per_s, replica.constants.matmul_efficiency)
    return np.asarray(np.multiply(prompts, tokens) * each / (replica.tensor * rate))


def live_limit(replica: Replica, context: ArrayLike) -> FloatArray:
    r"""Return how many sequences of a context a replica holds at once. [-].

    .. math:: b_{most} = \min\left(\frac{m\,C - M_{resident} - b_w P / t}{M_{cache}(c)}, b_{engine}\right)

    Returns
    -------
    (...,) float64
        Below 1 where not even one fits beside the weights; whole numbers are for whoever asks. [-]

    Examples
    --------
    Of 10,000 bytes weights take 776; a sequence of 10 tokens takes 160 of the rest.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, vocabulary=10)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=2e3, attention_peak_flops_per_s=2e3, memory_bytes=1e4,
    ...                   memory_bandwidth_bytes_per_s=1e9)
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=1e12,
    ...                         pair_bytes_per_s=1e12)
    >>> replica = Replica(architecture=tiny, tensor=1.0, chip=chip, network=network, stack=StackConstants(),
    ...                   constants=DecodingConstants(memory_share=1))
    >>> float(live_limit(replica, 10.0))
    57.65
    """
    constants = replica.constants
    weights = counts_of(replica.architecture).total * replica.weight_bytes / replica.tensor
    held = np.multiply(replica.chip.memory_bytes, constants.memory_share) - replica.resident_bytes - weights
    each = cached_bytes(replica.architecture, context, replica.tensor, replica.cache_bytes)
    return np.asarray(np.minimum(np.maximum(held, 0.0) / np.maximum(each, 1e-9), constants.most_live))
