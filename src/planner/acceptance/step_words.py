"""What a line of the acceptance calls the step that it is a share of: post-training has two kinds."""

from __future__ import annotations

from planner.planning.training import PhaseTraining


def step_of(phase: PhaseTraining) -> str:
    """Return what shares are of: a step of post-training is more than that of the optimizer."""
    return "a step" if phase.post is None else "an optimizer step"


def rollouts_read_it(phase: PhaseTraining) -> str:
    """Return that rollouts wait for the chips' memory too, where the pool that learns has any."""
    post = phase.post
    has_rollouts = post is not None and post.generating is not None and post.rollout_pool is None
    return "; a rollout reads weights and caches from it for every token" if has_rollouts else ""
