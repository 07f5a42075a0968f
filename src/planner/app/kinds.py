"""What a plan's kind asks for: which fields a form shows, and what another kind leaves no room for."""

from __future__ import annotations

from planner.app.edits import FieldPath, with_value
from planner.domain.plan import Plan
from planner.domain.plan_pilot import PILOT_OF_STEPS
from planner.domain.post_training import POST_TRAINING_KINDS, PostTraining

KIND_KEY = "workload.kind"
KIND_PATH: FieldPath = ("workload", "kind")
#: The section that only plans of post-training have.
POST_TRAINING_SECTION = "post-training"
#: What all other plans count, where those count steps.
_TOKENS_KEY = "workload.tokens"
#: Keys of other tables that only plans of post-training have.
_OF_STEPS = ("targets.steps_per_day", *(f"pilot[].{name}" for name in PILOT_OF_STEPS))


def asks_section(plan: Plan, section: str) -> bool:
    """Whether a plan of this kind has the fields of a section."""
    return section != POST_TRAINING_SECTION or plan.workload.is_post_training


def asks_field(plan: Plan, key: str) -> bool:
    """Whether a plan of this kind has a field: post-training counts steps, and the others tokens."""
    if key == _TOKENS_KEY:
        return not plan.workload.is_post_training
    is_of_steps = key.startswith("post_training.") or key in _OF_STEPS
    return not is_of_steps or plan.workload.is_post_training


def with_kind(plan: Plan, kind: str) -> Plan:
    """Return the plan of another kind, without what that kind has no place for.

    Raises
    ------
    InputError
        Where there is no such kind.
    """
    workload, post_training, targets = plan.workload, plan.post_training, plan.targets
    pilots = plan.pilot
    if kind in POST_TRAINING_KINDS:
        workload = workload.model_copy(update={"tokens": None, "phases": ()})
    else:
        post_training = PostTraining()
        targets = targets.model_copy(update={"steps_per_day": None})
        pilots = tuple(one.model_copy(update=dict.fromkeys(PILOT_OF_STEPS)) for one in pilots)
    bare = plan.model_copy(
        update={"workload": workload, "post_training": post_training, "targets": targets, "pilot": pilots}
    )
    return with_value(bare, KIND_PATH, kind)


def left_out(before: Plan, after: Plan) -> str:
    """Return what another kind left no room for, in words; empty where it took nothing away."""
    if before.workload.tokens is not None and after.workload.tokens is None:
        return "tokens"
    if before.workload.phases and not after.workload.phases:
        return "the phases"
    return "the steps of post-training" if before.post_training != after.post_training else ""
