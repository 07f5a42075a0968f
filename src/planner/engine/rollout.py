"""The rollout of one step: waves of a live batch, its tail, and what an environment takes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where
from planner.engine.decoding import Replica, live_limit, prefill_s, token_step
from planner.engine.response_lengths import ResponseLengths
from planner.engine.work import ModelWork


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RolloutWork:
    """What a step generates."""

    #: responses of a step, of all replicas together. [-]
    samples: ArrayLike
    #: samples of one prompt, which is read once. [-]
    samples_per_prompt: ArrayLike = 1.0
    #: steps whose samples may be decoded at once, 1 or more: they fill what memory leaves. [-]
    steps_in_flight: ArrayLike = 1.0
    #: of one prompt, in the mean. [tokens]
    prompt_tokens: ArrayLike
    responses: ResponseLengths
    #: tokens that one token step yields where a draft is accepted; 1 without speculative decoding. [-]
    tokens_per_step: ArrayLike = 1.0
    #: that one sample waits for its environment, over all turns. [s]
    environment_s: ArrayLike = 0.0
    #: 1 where others are decoded meanwhile, 0 where the place of a waiting sample stays empty
    overlaps_environment: ArrayLike = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RolloutTimes:
    """The parts of a rollout, which sum to it, and what they rest on. [s] unless said."""

    prefill: FloatArray
    #: all tokens, were the batch full throughout
    decode: FloatArray
    #: what the last, thin batches take beyond that
    tail: FloatArray
    #: that nothing hides
    environment: FloatArray
    #: responses of one replica, how many of them live at once, and how often those fill it. [-]
    replica_samples: FloatArray
    live: FloatArray
    waves: FloatArray
    #: expected longest response. [tokens]
    longest: FloatArray
    #: one token step of the full batch
    token_step: FloatArray

    @property
    def total(self) -> FloatArray:
        """The rollout from its first prompt to its last response."""
        return np.asarray(self.prefill + self.decode + self.tail + self.environment)


def rollout_times(
    replica: Replica, replicas: ArrayLike, work: ModelWork, rollout: RolloutWork
) -> RolloutTimes:
    r"""Return the parts of a step's rollout on so many replicas.

    .. math::
        t = t_{prefill} + \frac{n - b}{b}\,\bar x\,t(b, \bar c)
        + \int_0^M \left(1 - (1 - S(x))^N\right) t\left(\max(b\,S(x), 1), p + x\right) dx

    While there are more responses than fit, a new one takes the place of each that ends; the last :math:`b`
    of a replica then thin out as their lengths have it, until the longest of all :math:`N` ends.

    Parameters
    ----------
    replica : Replica
        One copy of the model.
    replicas : (...,) float
        How many there are. [-]
    work : ModelWork
        The model's layers and hidden size. [-]
    rollout : RolloutWork
        Responses, of which a replica has :math:`n`; prompts of :math:`p` tokens.

    Returns
    -------
    RolloutTimes
        Nothing where responses are empty; infinite where a replica holds no sequence at all. [s]

    Notes
    -----
    A batch that shrinks pays for weights that fewer tokens share: that, and nothing else, is its tail. The
    longest is taken of all responses, whichever wave they are of, so that a larger pool is never slower.

    References
    ----------
    .. [1] Kwon et al., PagedAttention (arXiv 2309.06180), section 4: places are filled as they fall free.
    """
    lengths = rollout.responses
    prompt, mean = np.asarray(rollout.prompt_tokens, dtype=np.float64), lengths.mean
    generates = (mean > 0).astype(np.float64)
    samples = np.maximum(np.asarray(rollout.samples) / np.asarray(replicas, dtype=np.float64), 1.0)
    limit = live_limit(replica, prompt + mean)
    live = np.maximum(np.minimum(np.floor(limit), samples * rollout.steps_in_flight), 1.0)
    tokens = np.asarray(rollout.tokens_per_step, dtype=np.float64)
    full = token_step(replica, work, live, prompt + mean / 2.0, tokens).total / tokens
    # of the replica, the degree and what is resident may be columns
    along = replace(
        replica,
        tensor=np.asarray(replica.tensor, dtype=np.float64)[..., None],
        resident_bytes=np.asarray(replica.resident_bytes, dtype=np.float64)[..., None],
    )
    thin = (
        token_step(
            along,
            work,
            np.maximum(live[..., None] * lengths.survival, 1.0),
            prompt[..., None] + lengths.lengths,
            tokens[..., None],
        ).total
        / tokens[..., None]
    )
    drain = (lengths.any_alive(rollout.samples) * thin).sum(axis=-1) * lengths.width
    decode = samples * mean / live * full
    # a batch that is full until all end at once has no tail, and what its contexts cost less is no gain
    tail = np.maximum(drain - mean * full, 0.0)
    waves = samples / live
    waits = where(np.asarray(rollout.overlaps_environment) > 0, 1.0, np.ceil(waves))
    fits = where(np.asarray(limit >= 1.0) | (mean <= 0), 1.0, np.inf)
    return RolloutTimes(
        prefill=generates * fits * prefill_s(replica, samples / rollout.samples_per_prompt, prompt),
        decode=np.where(generates > 0, decode * fits, 0.0),
        tail=generates * tail,
        environment=generates * rollout.environment_s * waits,
        replica_samples=samples,
        live=np.asarray(live),
        waves=np.asarray(waves),
        longest=lengths.longest(rollout.samples),
        token_step=np.asarray(full),
    )
