"""What a step of post-training makes of rate, chips at work and power, before the ways of other kinds."""

from __future__ import annotations

from planner.engine.arrays import FloatArray
from planner.engine.parts import doublings
from planner.planning.post_training_plan import PostPhase
from planner.quantities.layout import chosen
from planner.quantities.leaves import Leaf
from planner.quantities.post_training import is_post_training, is_split, read_of
from planner.quantities.setting import Setting
from planner.quantities.table import Way, in_front, leaf, quantity
from planner.quantities.time import tokens_per_second


def rate_of_steps(
    epochs: FloatArray, samples: FloatArray, sequence: FloatArray, step: FloatArray, speed: FloatArray
) -> FloatArray:
    """Return the tokens that are learned from a second; each epoch counts them again."""
    rate: FloatArray = tokens_per_second(epochs * samples, sequence, step) * speed
    return rate


_RATE = {
    "epochs": "post_training.epochs",
    "samples": "post_training.sequences",
    "sequence": "workload.sequence_length",
    "step": "post_training.step_s",
    "speed": "pilot.speed",
}
for _rate in ("phase_tokens_per_second", "tokens_per_second"):
    in_front(_rate, Way(_RATE, formula=rate_of_steps, when=is_post_training))


@quantity(
    "post_training.forecast_step_s",
    "seconds of one step, with what was measured and what published steps scatter by",
    "s",
    {
        "rate": "tokens_per_second",
        "epochs": "post_training.epochs",
        "samples": "post_training.sequences",
        "sequence": "workload.sequence_length",
    },
    short="forecast step",
    scope="phase",
    form="band",
    better="less",
)
def forecast_step_s(
    rate: FloatArray, epochs: FloatArray, samples: FloatArray, sequence: FloatArray
) -> FloatArray:
    """Return the tokens that a step learns from over the rate. [s]."""
    return epochs * samples * sequence / rate


def _used(setting: Setting) -> Leaf:
    post = setting.phase.post
    assert post is not None
    own = 0 if post.rollout_pool is not None else post.rollout_chips
    return chosen(float(setting.phase.layout.chips_used + own), setting)


in_front("strategy.chips_used", Way({}, reading=_used, when=is_split))


def busy_of_step(
    compute: FloatArray,
    memory_bound: FloatArray,
    step_seconds: FloatArray,
    generating: FloatArray,
    learning: FloatArray,
    whole: FloatArray,
) -> FloatArray:
    """Return how much of a step the pool's chips draw power for work. [-].

    Where they learn, as in an optimizer step; where they generate, throughout.
    """
    return (generating + learning * (compute + memory_bound) / step_seconds) / whole


@leaf(
    "post_training.generating_s", "seconds of a step that the pool's mean chip generates", "s", scope="phase"
)
def generating_s(setting: Setting) -> Leaf:
    """Return prefill and decoding, in the mean over the pool's chips."""
    return read_of(setting, lambda post: _shares(post, setting)[0])


@leaf("post_training.learning_s", "seconds of a step that the pool's mean chip learns", "s", scope="phase")
def learning_s(setting: Setting) -> Leaf:
    """Return log-probabilities, reference, reward and update, in the mean over the pool's chips."""
    return read_of(setting, lambda post: _shares(post, setting)[1])


def _shares(post: PostPhase, setting: Setting) -> tuple[FloatArray, FloatArray]:
    step = post.found.step
    generates = step.prefill + step.decode + step.tail
    learns = step.log_prob + step.reference + step.reward + step.update
    chips = float(setting.pool.chips)
    if post.rollout_pool is not None:
        is_rollout = setting.pool.pool.id == post.rollout_pool.pool.id
        return generates * is_rollout, learns * (not is_rollout) * setting.phase.layout.chips_used / chips
    of_rollout = post.rollout_chips / chips if post.is_split else 1.0
    return generates * of_rollout, learns * setting.phase.layout.chips_used / chips


in_front(
    "power.busy_share",
    Way(
        {
            "compute": "step.parts.compute",
            "memory_bound": "step.parts.memory_bound",
            "step_seconds": "step.modelled_s",
            "generating": "post_training.generating_s",
            "learning": "post_training.learning_s",
            "whole": "post_training.step_s",
        },
        formula=busy_of_step,
        when=is_post_training,
    ),
)


@leaf("post_training.learning_chips", "chips that the update's layout uses", "chips", scope="phase")
def learning_chips(setting: Setting) -> Leaf:
    """Return the chips of an optimizer step, without those that generate beside it."""
    return chosen(float(setting.phase.layout.chips_used), setting)


in_front(
    "step.doublings",
    Way(
        {"chips": "post_training.learning_chips", "host_chips": "system.chips_per_host"},
        formula=doublings,
        when=is_split,
    ),
)
