"""The samples of a step of post-training: how long they are, how many, and what of it was filled in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.domain.post_training import ASSUMED_SHAPE, PostTraining
from planner.errors import PlanError

#: Of the longest response, the mean where nobody says, up to so many tokens; longer limits are reached less,
#: with the square root: between the 0.25 and 0.78 of published runs of 1,536 to 8,192, and the 0.05 and 0.39
#: of 28,000 and 32,768. Assumed. [-], [tokens]
ASSUMED_MEAN_SHARE, _SHARE_HOLDS_TO = 0.45, 4096.0
#: The same of prompts, and the most of it. Assumed. [-], [tokens]
ASSUMED_PROMPT_SHARE, _MOST_PROMPT = 0.2, 256.0


@dataclass(frozen=True, slots=True)
class Lengths:
    """Prompts and responses of a step, and what of it was filled in."""

    prompt: float
    response: float
    longest: float
    shape: float
    assumed: tuple[str, ...] = ()

    @property
    def sequence(self) -> float:
        """Tokens of a mean sample."""
        return self.prompt + self.response

    @property
    def has_assumed_mean(self) -> bool:
        """Whether nobody said how long responses are."""
        return any(text.startswith("responses") for text in self.assumed)


def lengths_of(spec: PostTraining, *, generates: bool = True) -> Lengths:
    """Return the lengths of a step's samples; what nobody says is assumed, and named.

    Raises
    ------
    PlanError
        Where neither mean nor longest response is said.
    """
    assumed: list[str] = []
    if spec.max_response_tokens is None and spec.mean_response_tokens is None:
        raise PlanError(
            "post_training.max_response_tokens: is not said, nor the mean; expected one of them, such as 4096"
        )
    longest = float(spec.max_response_tokens or 4.0 * (spec.mean_response_tokens or 0.0))
    if generates and spec.max_response_tokens is None:
        assumed.append(f"a longest response of {longest:,.0f} tokens, four times the mean")
    response = spec.mean_response_tokens
    if response is None:
        reach = min(longest, math.sqrt(longest * _SHARE_HOLDS_TO))
        response = ASSUMED_MEAN_SHARE * reach
        assumed.append(f"responses of {response:,.0f} tokens in the mean, of {longest:,.0f} at most")
    prompt = spec.mean_prompt_tokens
    if prompt is None:
        most = float(spec.max_prompt_tokens or longest)
        prompt = min(ASSUMED_PROMPT_SHARE * most, _MOST_PROMPT)
        assumed.append(f"prompts of {prompt:,.0f} tokens in the mean")
    shape = spec.response_shape
    if shape is None:
        shape = ASSUMED_SHAPE
        if generates:
            assumed.append(f"lengths spread by a shape of {shape:g}")
    return Lengths(prompt, float(response), max(longest, float(response)), float(shape), tuple(assumed))


def learned_sequences(spec: PostTraining, *, generates: bool) -> int | None:
    """Return the sequences that a step learns from: its responses, or both answers of its pairs. [-]."""
    samples = spec.samples_per_step
    return samples if samples is None or generates else 2 * samples


def steps_of(spec: PostTraining) -> int | None:
    """Return the steps of the whole training; the last may be short. [-]."""
    if spec.steps is not None or spec.samples is None or spec.samples_per_step is None:
        return spec.steps
    return math.ceil(spec.samples / spec.samples_per_step)
