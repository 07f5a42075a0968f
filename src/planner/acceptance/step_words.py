"""What a line of the acceptance calls the step that it is a share of: post-training has two kinds."""

from __future__ import annotations

import numpy as np

from planner.planning.training import PhaseTraining
from planner.units import percent


def step_of(phase: PhaseTraining) -> str:
    """Return what shares are of: a step of post-training is more than that of the optimizer."""
    return "a step" if phase.post is None else "an optimizer step"


def share_words(phase: PhaseTraining, part: str) -> str:
    """Return how much of a step a part of it is: `65% of a step`."""
    step = phase.estimate.step
    share = float(np.ravel(getattr(step, part))[0]) / float(np.ravel(step.total)[0])
    return f"{percent(share)} of {step_of(phase)}"


def rollouts_read_it(phase: PhaseTraining) -> str:
    """Return that rollouts wait for the chips' memory too, where the pool that learns has any."""
    post = phase.post
    has_rollouts = post is not None and post.generating is not None and post.rollout_pool is None
    return "; a rollout reads weights and caches from it for every token" if has_rollouts else ""
