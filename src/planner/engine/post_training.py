"""One step of post-training: rollout, log-probabilities, update and transfer, on one pool or on two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where
from planner.engine.rollout import RolloutTimes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UpdateTimes:
    """What the updating side of a step does. [s]."""

    #: log-probabilities of the responses under the policy as it was
    log_prob: ArrayLike = 0.0
    #: the same under a frozen reference, and rewards of a model
    reference: ArrayLike = 0.0
    reward: ArrayLike = 0.0
    #: optimizer steps, of a critic too
    update: ArrayLike = 0.0

    @property
    def total(self) -> FloatArray:
        """All of it, one after the other."""
        return np.asarray(self.log_prob + np.asarray(self.reference) + self.reward + self.update)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Between:
    """What a step takes between its phases. [s]."""

    #: weights from the updating to the generating side
    transfer: ArrayLike = 0.0
    #: out of and into memory, where both sides take turns on one pool
    swap: ArrayLike = 0.0
    #: data, logging, checks
    overhead: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class PostTrainingStep:
    """One step as each pool sees it: its phases and its idle time sum to `total`. [s]."""

    prefill: FloatArray
    decode: FloatArray
    #: of the tail, what nothing hides, and what staleness hides
    tail: FloatArray
    hidden_tail: FloatArray
    environment: FloatArray
    log_prob: FloatArray
    reference: FloatArray
    reward: FloatArray
    update: FloatArray
    transfer: FloatArray
    swap: FloatArray
    overhead: FloatArray
    #: of the pools of their own; 0 of one pool, which takes turns
    idle_rollout: FloatArray
    idle_update: FloatArray
    total: FloatArray

    @property
    def rollout(self) -> FloatArray:
        """The rollout, as far as nothing hides it."""
        return np.asarray(self.prefill + self.decode + self.tail + self.environment)


def hidden_tail_s(rollout: RolloutTimes, staleness: ArrayLike, goes_on: ArrayLike = 0.0) -> FloatArray:
    r"""Return what of a tail is hidden behind the next steps' samples. [s].

    .. math:: t_{tail}\left(1 - \frac{1}{\max(\eta, 1)}\right),\quad
        t_{tail} \text{ where responses go on and } \eta > 0

    Weights change when the longest response has ended: of the :math:`\eta` steps that may be generated under
    one set of weights, the samples of the next fill the batch that thins out, but for the last. Where a
    response that is not done goes on under the next weights (`goes_on`), no weights wait for it: any
    staleness hides the whole tail.

    References
    ----------
    .. [1] NeMo RL, docs/guides/async-grpo.md: weights that change in flight keep a training from waiting for
       the longest generation.

    Examples
    --------
    >>> number = lambda value: np.array(value)
    >>> zero = number(0.0)
    >>> times = RolloutTimes(zero, number(10.0), number(4.0), zero, zero, zero, zero, zero, zero)
    >>> float(hidden_tail_s(times, 1.0)), float(hidden_tail_s(times, 4.0))
    (0.0, 3.0)
    >>> float(hidden_tail_s(times, 1.0, 1.0))
    4.0
    """
    is_free = (np.asarray(goes_on) > 0) & (np.asarray(staleness) > 0)
    share = np.where(is_free, 1.0, 1.0 - 1.0 / np.maximum(staleness, 1.0))
    return np.asarray(rollout.tail * share)


def waited_s(
    rollout_s: ArrayLike, environment_s: ArrayLike, staleness: ArrayLike, overlaps: ArrayLike = 1.0
) -> FloatArray:
    r"""Return what of the environment's waiting nothing hides. [s].

    .. math:: \max\left(\frac{R + E}{1 + \eta} - R,\ 0\right)

    Samples of :math:`1 + \eta` steps are under way at once, and each takes :math:`R + E`: so much of a step
    passes at least between two of them, by Little's law. Where the place of a waiting sample stays empty
    (`overlaps` 0), no other fills it, and all of it is waited for.

    Examples
    --------
    >>> float(waited_s(10.0, 30.0, 0.0)), float(waited_s(10.0, 30.0, 1.0)), float(waited_s(10.0, 30.0, 3.0))
    (30.0, 10.0, 0.0)
    """
    whole = np.add(rollout_s, environment_s)
    left = np.maximum(whole / (1.0 + np.asarray(staleness)) - rollout_s, 0.0)
    return where(np.asarray(overlaps) > 0, left, environment_s)


def beside_s(
    generates: ArrayLike, learns: ArrayLike, staleness: ArrayLike = 0.0, parts: ArrayLike = 1.0
) -> FloatArray:
    r"""Return how long two pools work at once in a step. [s].

    .. math:: \min\left(\min(R, U),\ \eta R + \left(1 - \tfrac{1}{m}\right) \min(R, U)\right)

    Beside an update no more of the next samples can be begun than may be old, :math:`\eta R` of work; an
    update that takes a step's samples in :math:`m` parts begins when the first is there, as any pipeline of
    so many parts does.

    Examples
    --------
    Ten seconds of rollout and six of update: half a step of staleness lets five of them overlap, four parts
    four and a half.

    >>> float(beside_s(10.0, 6.0, 0.5)), float(beside_s(10.0, 6.0, 0.0, 4.0)), float(beside_s(10.0, 6.0, 1.0))
    (5.0, 4.5, 6.0)
    """
    shorter = np.minimum(generates, learns)
    with np.errstate(invalid="ignore"):
        ahead = np.where(np.asarray(generates) > 0, np.multiply(staleness, generates), 0.0)
    return np.asarray(np.minimum(shorter, ahead + (1.0 - 1.0 / np.asarray(parts)) * shorter))


def post_training_step(
    rollout: RolloutTimes,
    update: UpdateTimes,
    between: Between,
    *,
    is_split: ArrayLike = 0.0,
    staleness: ArrayLike = 0.0,
    parts: ArrayLike = 1.0,
    goes_on: ArrayLike = 0.0,
    overlaps_environment: ArrayLike = 1.0,
) -> PostTrainingStep:
    r"""Return one step on one pool or on two.

    .. math:: t = R + U \text{ on one pool},\quad t = R + U - t_{beside} \text{ on two}

    and what lies between, :math:`t_{beside}` as of `beside_s`.

    Parameters
    ----------
    rollout, update, between
        What each side takes. [s]
    is_split : (...,) float
        1 where each side has chips of its own. [-]
    staleness : (...,) float
        Steps that a sample may be older than the policy that learns from it, :math:`\eta` >= 0. [-]
    parts : (...,) float
        In which an update takes a step's samples, each as soon as it is there, :math:`m` >= 1. [-]
    goes_on : (...,) float
        1 where a response that is not done goes on under the next weights.
    overlaps_environment : (...,) float
        1 where other samples are decoded while one waits for its environment.

    Returns
    -------
    PostTrainingStep
        Phases and idle time of each pool. [s]

    References
    ----------
    .. [1] Fu et al., AReaL (arXiv 2505.24298), section 4: staleness bounds how far generation runs ahead.
    .. [2] verl, docs/advance/fully_async.md: parts of a step, partial rollouts, and what each gains.

    Examples
    --------
    Ten seconds of rollout and six of update: one pool takes 16, two with one step of staleness 10.

    >>> zero = np.zeros(())
    >>> times = RolloutTimes(zero, np.array(10.0), zero, zero, zero, zero, zero, zero, zero)
    >>> learns = UpdateTimes(update=6.0)
    >>> float(post_training_step(times, learns, Between()).total)
    16.0
    >>> step = post_training_step(times, learns, Between(), is_split=1.0, staleness=1.0)
    >>> float(step.total), float(step.idle_update), float(step.idle_rollout)
    (10.0, 4.0, 0.0)
    """
    hidden = hidden_tail_s(rollout, staleness, goes_on)
    tail = rollout.tail - hidden
    decodes = rollout.prefill + rollout.decode + tail
    environment = waited_s(decodes, rollout.environment, staleness, overlaps_environment)
    generates = decodes + environment
    learns = update.total
    both = generates + learns - np.asarray(is_split) * beside_s(generates, learns, staleness, parts)
    # nothing is moved where nothing was generated
    moves = (np.asarray(generates) > 0).astype(np.float64)
    transfer = moves * np.asarray(between.transfer)
    swap = moves * where(np.asarray(is_split) > 0, 0.0, between.swap)
    total = both + transfer + swap + between.overhead
    split = np.asarray(is_split, dtype=np.float64)
    return PostTrainingStep(
        prefill=rollout.prefill,
        decode=rollout.decode,
        tail=tail,
        hidden_tail=hidden,
        environment=np.asarray(environment),
        log_prob=np.asarray(update.log_prob, dtype=np.float64),
        reference=np.asarray(update.reference, dtype=np.float64),
        reward=np.asarray(update.reward, dtype=np.float64),
        update=np.asarray(update.update, dtype=np.float64),
        transfer=transfer,
        swap=swap,
        overhead=np.asarray(between.overhead, dtype=np.float64),
        idle_rollout=split * (both - generates),
        idle_update=split * (both - learns),
        total=np.asarray(total),
    )


def forward_s(
    training_step_s: ArrayLike, optimizer_s: ArrayLike, passes_again: ArrayLike, backward: ArrayLike = 2.0
) -> FloatArray:
    r"""Return a forward pass over a batch, of the step that trains on it. [s].

    .. math:: t_{forward} = \frac{t_{step} - t_{optimizer}}{1 + b + r}

    with :math:`r` the share of the layers that the step runs again, and :math:`b` the passes over the weights
    that its backward one costs: for the gradients of inputs, and of weights where these are trained.

    Examples
    --------
    >>> float(forward_s(10.0, 1.0, 0.0)), float(forward_s(10.0, 2.0, 1.0)), float(forward_s(9.0, 1.0, 0, 1.0))
    (3.0, 2.0, 4.0)
    """
    passes = 1.0 + np.asarray(backward) + np.asarray(passes_again)
    return np.asarray(np.subtract(training_step_s, optimizer_s) / passes)


def transfer_s(weights_bytes: ArrayLike, link_bytes_per_s: ArrayLike, efficiency: ArrayLike) -> FloatArray:
    r"""Return how long all weights take to the generating side. [s].

    .. math:: t = \frac{b\,P}{e\,B}

    Shards of the updating side are put together matrix by matrix, and each chip of a generating copy receives
    every whole matrix over its port before it keeps its part, all copies at once.

    References
    ----------
    .. [1] Sheng et al., HybridFlow (arXiv 2409.19256), section 5.3: parameters are gathered between layouts.

    Examples
    --------
    >>> float(transfer_s(60e9, 50e9, 0.2))
    6.0
    """
    return np.asarray(np.divide(weights_bytes, np.multiply(link_bytes_per_s, efficiency)))


def swap_s(states_bytes: ArrayLike, host_bytes_per_s: ArrayLike, share: ArrayLike) -> FloatArray:
    r"""Return how long a chip's training states take to its host's memory and back. [s].

    .. math:: t = \frac{2 M}{s B}

    Examples
    --------
    >>> float(swap_s(40e9, 32e9, 0.8))
    3.125
    """
    return np.asarray(2.0 * np.asarray(states_bytes) / np.multiply(host_bytes_per_s, share))
