"""A step of post-training: its phases on one pool or on two, and what follows from it for rate and power.

Of plans of other kinds all of it is unknown, and left out of what is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray
from planner.planning.post_training_plan import PostPhase
from planner.planning.sample_lengths import steps_of
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import Form, Way, in_front, leaf, quantity
from planner.quantities.units import Unit
from planner.units import SECONDS_PER_DAY

_OTHER_KIND = "not a plan of post-training"
_MILLION = 1e6


def is_post_training(setting: Setting) -> bool:
    """Return whether a plan's steps are those of post-training."""
    return setting.plan.workload.is_post_training


def is_split(setting: Setting) -> bool:
    """Return whether rollout and update have chips of their own."""
    return setting.training is not None and setting.phase.post is not None and setting.phase.post.is_split


def _post(setting: Setting) -> PostPhase | None:
    return setting.phase.post if is_post_training(setting) else None


def read_of(setting: Setting, get: Callable[[PostPhase], ArrayLike | None]) -> Leaf:
    """Return something of a step; unknown where there is none."""
    post = _post(setting)
    value = None if post is None else get(post)
    if post is None or value is None:
        return Leaf(None, name=_OTHER_KIND if post is None else "one pool takes turns")
    gaps = tuple(Gap("assumed", "other", text) for text in post.found.lengths.assumed)
    return Leaf(np.atleast_1d(np.asarray(value, dtype=np.float64)), gaps=gaps)


def _part(
    identifier: str,
    title: str,
    unit: Unit,
    short: str,
    get: Callable[[PostPhase], ArrayLike | None],
    method: str,
    inputs: Mapping[str, str] | None = None,
    form: Form = "part",
) -> None:
    @leaf(identifier, title, unit, short=short, scope="phase", form=form, method=method, inputs=inputs)
    def read(setting: Setting) -> Leaf:
        return read_of(setting, get)


_TOKEN_STEP = (
    "matmuls and attention, each the longer of reading and computing, then latency between the copy's chips, "
    "and the engine's overhead"
)
#: The phases of a step in the order in which they come: title, short title, and how each comes about.
PHASES: dict[str, tuple[str, str, str]] = {
    "prefill": (
        "reading prompts",
        "prefill",
        "FLOPs of all prompts over the matmul rate of the chips that generate",
    ),
    "decode": (
        "decoding with a full batch",
        "decoding",
        f"token steps x {_TOKEN_STEP}",
    ),
    "tail": (
        "the last, thin batches that nothing hides",
        "tail",
        "token steps until the longest response ends, over those of a full batch, less what staleness hides",
    ),
    "environment": (
        "waiting for the environment",
        "environment",
        "seconds of a sample, each wave unless overlapped; overlapped, what is left where samples of 1 + "
        "staleness steps are under way at once",
    ),
    "log_prob": (
        "log-probabilities",
        "log-probabilities",
        "one forward pass over all samples, of a critic too",
    ),
    "reference": ("the reference's log-probabilities", "reference", "one forward pass of the reference"),
    "reward": ("the reward model", "reward", "one forward pass of the reward model"),
    "update": (
        "optimizer steps",
        "update",
        "optimizer steps x their time (step.seconds), and a factor on it",
    ),
    "transfer": (
        "moving weights to the rollout",
        "weights",
        "a generating copy's weights over its chips' ports",
    ),
    "swap": ("swapping training states", "swap", "states of a chip out to its host and back"),
    "overhead": ("data, rewards and logging", "overhead", "fitted on published steps"),
}
#: What the phases rest on, by the ids of quantities.
_SAMPLES = {"samples": "post_training.sequences"}
_FORWARD = {**_SAMPLES, "batch": "workload.global_batch_sequences", "step": "step.seconds"}
_PHASE_INPUTS: dict[str, dict[str, str]] = {
    "prefill": {**_SAMPLES, "prompt": "post_training.prompt_tokens"},
    "decode": {
        **_SAMPLES,
        "response": "post_training.response_tokens",
        "live": "post_training.live",
        "token_step": "post_training.token_step_s",
    },
    "tail": {
        "longest": "post_training.longest_tokens",
        "live": "post_training.live",
        "hidden": "post_training.hidden_tail_s",
    },
    "log_prob": _FORWARD,
    "reference": _FORWARD,
    "update": {**_FORWARD, "epochs": "post_training.epochs"},
    "transfer": {"tensor": "post_training.rollout_tensor"},
}
for _name, (_title, _short, _method) in PHASES.items():
    _part(
        f"post_training.parts.{_name}",
        f"seconds of a step for {_title}",
        "s",
        _short,
        lambda post, name=_name: getattr(post.found.step, name),  # type: ignore[misc]
        _method,
        _PHASE_INPUTS.get(_name),
    )
_part(
    "post_training.token_step_s",
    "seconds of one token step of the full batch",
    "s",
    "token step",
    lambda post: post.found.rollout.token_step,
    _TOKEN_STEP,
    form="inner",
)
_part(
    "post_training.prompt_tokens",
    "tokens of a prompt in the mean",
    "tokens",
    "prompt",
    lambda post: post.found.lengths.prompt,
    "of the plan (post_training.mean_prompt_tokens), else assumed",
    form="inner",
)
_part(
    "post_training.response_tokens",
    "tokens of a response in the mean",
    "tokens",
    "response",
    lambda post: post.found.lengths.response,
    "of the plan (post_training.mean_response_tokens), else assumed",
    form="inner",
)
_IDLE = {
    "rollout": "seconds of a step in which the chips that generate wait",
    "update": "seconds of a step in which the chips that learn wait",
}
for _name, _title in _IDLE.items():
    _part(
        f"post_training.idle_{_name}_s",
        _title,
        "s",
        f"{_name} waits",
        lambda post, name=_name: (  # type: ignore[misc]
            getattr(post.found.step, f"idle_{name}") if post.is_split else None
        ),
        "the other side's seconds, less what staleness and an update in parts let both do at once",
        {"generating": "post_training.rollout_side_s", "learning": "post_training.learning_side_s"},
    )
_part(
    "post_training.hidden_tail_s",
    "seconds of the tail that samples of later steps hide",
    "s",
    "hidden tail",
    lambda post: post.found.step.hidden_tail,
    "the tail x (1 - 1 / staleness), nothing up to a staleness of 1; all of it with partial rollouts",
)
_part(
    "post_training.live",
    "responses that one copy of the model decodes at once",
    "",
    "live batch",
    lambda post: (
        post.found.rollout.live if post.found.rollout.live.size and post.found.lengths.response else None
    ),
    "what the memory beside the weights holds of caches, at most post_training.rollout_sequences and the "
    "responses of the copy, of as many steps as are in flight",
)
_part(
    "post_training.waves",
    "how often the responses of a step fill that batch",
    "",
    "waves",
    lambda post: post.found.rollout.waves,
    "responses of a copy over its live batch",
)
_part(
    "post_training.longest_tokens",
    "expected longest response of a step",
    "tokens",
    "longest",
    lambda post: post.found.rollout.longest,
    "of a Weibull distribution with the mean and the maximum of the plan",
)
_part(
    "post_training.rollout_tensor",
    "chips of one copy of the model that generates",
    "chips",
    "rollout tensor",
    lambda post: post.found.tensor,
    "that with the shortest rollout",
)
_part(
    "post_training.rollout_chips",
    "chips that generate",
    "chips",
    "rollout chips",
    lambda post: float(post.rollout_chips),
    "of the splits that were tried, that with the shortest step",
)
_part(
    "post_training.update_chips",
    "chips that learn",
    "chips",
    "update chips",
    lambda post: float(post.update_chips),
    "those that do not generate; all of them where both take turns",
)
_part(
    "post_training.runner_up",
    "how much longer a step of the split that was passed over takes",
    "share",
    "next split",
    lambda post: None if post.runner_up is None else post.runner_up.step_ratio - 1.0,
    "its step over the chosen one's, less one",
)


@leaf("post_training.sequences", "samples of a step", "", scope="phase", form="part", short="samples")
def sequences(setting: Setting) -> Leaf:
    """Return the responses of a step, or both answers of its pairs."""
    post = _post(setting)
    if post is None:
        return Leaf(None, name=_OTHER_KIND)
    grounds = Grounds("plan", "plan: post_training.prompts_per_step x samples_per_prompt")
    return Leaf(np.array([post.found.samples]), grounds)


@leaf("post_training.epochs", "how often a step's samples are learned from", "", scope="phase")
def epochs(setting: Setting) -> Leaf:
    """Return the epochs of a step."""
    return Leaf(
        np.array([float(setting.plan.post_training.epochs)]), Grounds("plan", "plan: post_training.epochs")
    )


@leaf("post_training.steps", "steps of the whole training", "", scope="plan", form="part", short="steps")
def steps(setting: Setting) -> Leaf:
    """Return the steps, of which samples make as many as they fill."""
    found = steps_of(setting.plan.post_training) if is_post_training(setting) else None
    if found is None:
        return Leaf(None, name=_OTHER_KIND)
    key = "steps" if setting.plan.post_training.steps is not None else "samples"
    return Leaf(np.array([float(found)]), Grounds("plan", f"plan: post_training.{key}"))


#: What each side of a step does one after the other.
_SIDES: dict[str, tuple[str, tuple[str, ...]]] = {
    "rollout": ("seconds of a step's rollout", ("prefill", "decode", "tail", "environment")),
    "learning": (
        "seconds of a step's log-probabilities, reference, reward and update",
        ("log_prob", "reference", "reward", "update"),
    ),
}


def _sum(**parts: FloatArray) -> FloatArray:
    """Return the phases one after the other."""
    return reduce(add, parts.values())


quantity(
    "post_training.step_s",
    "seconds of one step: rollout, log-probabilities, update and what lies between",
    "s",
    {name: f"post_training.parts.{name}" for name in PHASES},
    short="whole step",
    scope="phase",
    form="part",
    better="less",
    aliases=("rl_step",),
)(_sum)
for _name, (_title, _names) in _SIDES.items():
    quantity(
        f"post_training.{_name}_side_s",
        _title,
        "s",
        {name: f"post_training.parts.{name}" for name in _names},
        scope="phase",
    )(_sum)
_GENERATING = ("prefill", "decode", "tail", "environment", "transfer", "overhead")
in_front(
    "post_training.step_s",
    Way(
        {
            **{name: f"post_training.parts.{name}" for name in _GENERATING},
            "idle": "post_training.idle_rollout_s",
        },
        formula=_sum,
        when=is_split,
    ),
)


@quantity(
    "post_training.steps_per_day",
    "steps of a day, with all that is lost between",
    "",
    {
        "rate": "tokens_per_second",
        "epochs": "post_training.epochs",
        "samples": "post_training.sequences",
        "sequence": "workload.sequence_length",
        "goodput": "goodput",
    },
    short="steps a day",
    scope="phase",
    form="part",
    better="more",
)
def steps_per_day(
    rate: FloatArray, epochs: FloatArray, samples: FloatArray, sequence: FloatArray, goodput: FloatArray
) -> FloatArray:
    """Return how many steps a day has: by the rate, which scatters as published steps do."""
    return goodput * SECONDS_PER_DAY * rate / (epochs * samples * sequence)


@quantity(
    "post_training.mwh_per_million_samples",
    "energy of a million samples",
    "MWh",
    {"energy": "energy_mwh", "steps": "post_training.steps", "samples": "post_training.sequences"},
    short="MWh/M samples",
    form="part",
    better="less",
)
def mwh_per_million_samples(energy: FloatArray, steps: FloatArray, samples: FloatArray) -> FloatArray:
    """Return the run's energy over its samples. [MWh]."""
    return energy / (steps * samples) * _MILLION


@quantity(
    "post_training.usd_per_million_samples",
    "cost of a million samples",
    "USD",
    {"total": "cost.total", "steps": "post_training.steps", "samples": "post_training.sequences"},
    short="USD/M samples",
    form="part",
    better="less",
)
def usd_per_million_samples(total: FloatArray, steps: FloatArray, samples: FloatArray) -> FloatArray:
    """Return what the run uses up over its samples. [USD]."""
    return total / (steps * samples) * _MILLION
