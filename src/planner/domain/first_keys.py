"""The keys that a plan is begun with, in words: the start screen shows them before plans are read."""

from __future__ import annotations

from collections.abc import Mapping

from planner.domain.keys import Key

#: What stands for a model: a profile, or one of the team's own.
MODEL_KEY = "model.profile"
TOKENS_KEY = "workload.tokens"
FINISH_KEY = "targets.finish_by"


def target(title: str, meaning: str, example: str) -> Key:
    """Return a key of what the team must meet."""
    return Key(title, meaning, absent="no target", example=example)


#: In the order in which they are asked for, by their dotted paths.
FIRST_KEYS: Mapping[str, Key] = {
    MODEL_KEY: Key(
        "model",
        "The architecture that is trained.",
        find="The model's paper or configuration file.",
        profile_kind="models",
        rivals=("architecture", "parameters", "active_parameters"),
        is_needed=True,
    ),
    TOKENS_KEY: Key(
        "tokens",
        "How many tokens the model is trained on in all.",
        find="The training plan; 20 tokens per parameter is the least that is usual, 100 and more is common.",
        example="13.2T or 10T..15T",
        rivals=("phases",),
        is_needed=True,
    ),
    FINISH_KEY: target("done by", "The day by which training must be done.", "2027-04-01"),
    "targets.power_mw": target("power", "The most that the run may draw at the meter on average.", "6 MW"),
    "targets.money_usd": target("money", "The most that may be spent.", "60M"),
}
