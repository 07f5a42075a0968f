"""Post-training of a plan or a run: what a step generates, who judges it, and how the pools share it."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import model_validator

from planner.domain.amounts import Seconds
from planner.domain.architecture import Parameters
from planner.domain.base import Identifier, Model
from planner.domain.keys import Key
from planner.domain.ranges import Range
from planner.engine.precisions import PLAN_PRECISIONS, PRECISIONS

# The words that a plan may use are those of the engine's table, which a type checker cannot read.
if TYPE_CHECKING:
    RolloutPrecision = str
else:
    RolloutPrecision = Literal[PLAN_PRECISIONS]

#: What a cluster computes, with its meaning.
WorkloadKind = Literal["pre-training", "fine-tuning", "preference", "reinforcement"]
KIND_WORDS: dict[str, str] = {
    "pre-training": "next tokens of a large text",
    "fine-tuning": "next tokens of chosen examples, all weights or adapters",
    "preference": "pairs of answers held against a frozen reference (DPO)",
    "reinforcement": "answers that the model generates and a reward judges (PPO, GRPO)",
}
#: Kinds whose steps are those of `[post_training]`.
POST_TRAINING_KINDS: frozenset[WorkloadKind] = frozenset({"preference", "reinforcement"})

RolloutEngine = Literal["vllm", "vllm-ascend", "sglang", "tensorrt-llm", "other"]
#: A frozen model beside the policy.
BesideModel = Literal["none", "same"]
LogProbs = Literal["computed", "rollout"]
PoolUse = Literal["colocated", "split"]

Prompts = Annotated[int, Range(1, 10_000_000, "a step has a prompt")]
Sequences = Annotated[int, Range(1, 10_000_000, "a copy decodes a sequence")]
Samples = Annotated[int, Range(1, 1_000_000, "a prompt has a sample")]
TokensMean = Annotated[float, Range(0, 1e8, "no text is shorter than nothing")]
TokensMost = Annotated[int, Range(1, 100_000_000, "a text has a token")]
LengthShape = Annotated[
    float,
    Range(0.3, 100, "below it one response is longer than all others", "above it all are of one length"),
]
Steps = Annotated[int, Range(1, 1_000_000_000, "a training has a step")]
Epochs = Annotated[int, Range(1, 1_000, "each sample is learned from once")]
Turns = Annotated[int, Range(1, 100_000, "a sample has a turn")]
Staleness = Annotated[float, Range(0, 10_000, "0 says that samples are of the newest policy")]
Parts = Annotated[int, Range(1, 100_000, "1 says that an update begins when all samples are there")]
Ranks = Annotated[int, Range(1, 100_000, "1 says that nothing is split")]
PoolChips = Annotated[int, Range(1, 100_000_000, "a pool has a chip")]
Accepted = Annotated[float, Range(1, 100, "1 says that there is no draft")]

_RECIPE = "The training recipe."
_BESIDE = {"none": "there is none", "same": "as large as the policy"}


#: Of the lengths' distribution, where nobody says: next to exponential. Assumed; of 1, 1.2 and 1.5 the one
#: by which published steps are told best with their groups held out (docs/terms_tried.md). [-]
ASSUMED_SHAPE = 1.2


class PostTraining(Model):
    """`[post_training]` of a plan, `post_training` of a run."""

    prompts_per_step: Annotated[
        Prompts | None,
        Key("prompts/step", "Prompts of one step; of preferences, pairs.", find=_RECIPE, example="512",
            absent="unknown"),
    ] = None  # fmt: skip
    samples_per_prompt: Annotated[
        Samples,
        Key("samples each", "Responses to each prompt (the group of GRPO).", find=_RECIPE, example="16"),
    ] = 1
    mean_prompt_tokens: Annotated[
        TokensMean | None,
        Key("mean prompt", "Tokens of a prompt in the mean.", absent="a fifth of the longest, at most 256",
            consequence="assumed, and said so", find="The data set.", example="300"),
    ] = None  # fmt: skip
    max_prompt_tokens: Annotated[
        TokensMost | None,
        Key("max prompt", "Tokens at which a prompt is cut.", absent="as the responses'", find=_RECIPE,
            example="2,048"),
    ] = None  # fmt: skip
    mean_response_tokens: Annotated[
        TokensMean | None,
        Key("mean answer", "Tokens of a response in the mean, over the whole training.",
            absent="a share of the longest, smaller the longer that is",
            consequence="assumed, with a wider band", find="A log of a similar training.", example="4,000"),
    ] = None  # fmt: skip
    max_response_tokens: Annotated[
        TokensMost | None,
        Key("max answer", "Tokens at which a response is cut.", absent="unknown", find=_RECIPE,
            example="16k"),
    ] = None  # fmt: skip
    response_shape: Annotated[
        LengthShape | None,
        Key("length shape", "Shape of the lengths' distribution (Weibull): 1 has a long tail, 3 a short one.",
            absent=f"{ASSUMED_SHAPE:g}, assumed", find="A log of a similar training.", example="1.5"),
    ] = None  # fmt: skip
    steps: Annotated[
        Steps | None,
        Key("steps", "Steps of the whole training.", absent="as samples say", find=_RECIPE, example="500",
            rivals=("samples",)),
    ] = None  # fmt: skip
    samples: Annotated[
        Steps | None,
        Key("samples", "Responses of the whole training.", absent="as steps say", find=_RECIPE,
            example="4,000,000", rivals=("steps",)),
    ] = None  # fmt: skip
    epochs: Annotated[
        Epochs, Key("epochs", "How often a step's samples are learned from.", find=_RECIPE, example="1")
    ] = 1
    log_probs: Annotated[
        LogProbs,
        Key("log-probs", "Whose probabilities of the responses an update starts from.", find=_RECIPE,
            answers={"computed": "the updating side computes them anew",
                     "rollout": "those of the rollout engine are taken"}),
    ] = "computed"  # fmt: skip
    reference: Annotated[
        BesideModel,
        Key("reference", "The frozen model that updates are held to.", find=_RECIPE, answers=_BESIDE),
    ] = "none"
    reference_parameters: Annotated[
        Parameters | None,
        Key("ref. size", "Parameters of a reference of another size.", absent="as the policy has",
            find=_RECIPE, example="7B"),
    ] = None  # fmt: skip
    reward: Annotated[
        BesideModel,
        Key("reward", "A model that judges responses; a program that checks them is none.", find=_RECIPE,
            answers=_BESIDE),
    ] = "none"  # fmt: skip
    reward_parameters: Annotated[
        Parameters | None,
        Key("reward size", "Parameters of a reward model of another size.", absent="as the policy has",
            find=_RECIPE, example="7B"),
    ] = None  # fmt: skip
    critic: Annotated[
        BesideModel,
        Key("critic", "A model that is trained beside the policy to value states (PPO).", find=_RECIPE,
            answers=_BESIDE),
    ] = "none"  # fmt: skip
    environment_s: Annotated[
        Seconds,
        Key("environment", "What a sample waits for tools, tests or a simulator in one turn.",
            find="Measure the environment.", example="20 s"),
    ] = 0.0  # fmt: skip
    turns: Annotated[
        Turns, Key("turns", "Turns of a sample: an agent waits in each.", find=_RECIPE, example="1")
    ] = 1
    overlaps_environment: Annotated[
        bool, Key("overlapped", "Whether other samples are decoded while one waits.", find=_RECIPE)
    ] = True
    rollout_engine: Annotated[
        RolloutEngine,
        Key("engine", "The software that generates.", find=_RECIPE,
            answers={"vllm": "vLLM", "vllm-ascend": "vLLM on Ascend", "sglang": "SGLang",
                     "tensorrt-llm": "TensorRT-LLM", "other": "another one"}),
    ] = "vllm"  # fmt: skip
    rollout_precision: Annotated[
        RolloutPrecision | None,
        Key("rollout in", "The datatype of weights and matmuls while generating.", absent="as the update",
            find=_RECIPE, answers={name: PRECISIONS[name].words for name in PLAN_PRECISIONS}),
    ] = None  # fmt: skip
    rollout_tensor: Annotated[
        Ranks | None,
        Key("copy's chips", "Chips that one generating copy of the model is split over.",
            absent="searched", find=_RECIPE, example="4"),
    ] = None  # fmt: skip
    rollout_sequences: Annotated[
        Sequences | None,
        Key("at once", "Sequences that one generating copy decodes at once (vLLM's max_num_seqs).",
            absent="1,024", find=_RECIPE, example="256"),
    ] = None  # fmt: skip
    rollout_eager: Annotated[
        bool,
        Key("eager", "Whether the engine starts its operators one by one, without captured graphs (vLLM's "
            "enforce_eager).", find=_RECIPE),
    ] = False  # fmt: skip
    tokens_per_step: Annotated[
        Accepted,
        Key("accepted", "Tokens that a step of decoding yields with a draft (speculative decoding).",
            find="Measure it on the data.", example="1.8"),
    ] = 1.0  # fmt: skip
    pools: Annotated[
        PoolUse,
        Key("pools are", "Whether rollout and update take turns on all chips, or have chips of their own.",
            find=_RECIPE,
            answers={"colocated": "both take turns on all chips", "split": "each has chips of its own"}),
    ] = "colocated"  # fmt: skip
    rollout_chips: Annotated[
        PoolChips | None,
        Key("rollout on", "Of one pool that is split, the chips that generate.", absent="searched",
            find=_RECIPE, example="128"),
    ] = None  # fmt: skip
    rollout_pool: Annotated[
        Identifier | None,
        Key("rollout pool", "Of two pools, the one that generates.", absent="whichever is faster so",
            find="Your choice.", example="ascend"),
    ] = None  # fmt: skip
    staleness: Annotated[
        Staleness,
        Key("staleness", "Steps that a sample may be older than the policy that learns from it: 0 is "
            "synchronous.", find=_RECIPE, example="1"),
    ] = 0.0  # fmt: skip
    partial_rollouts: Annotated[
        bool,
        Key("partial", "Whether a response that is not done when the weights change goes on under the new "
            "ones; with staleness. Without, weights wait for the longest.", find=_RECIPE),
    ] = False  # fmt: skip
    update_parts: Annotated[
        Parts,
        Key("in parts", "Parts in which the update takes a step's samples, each as soon as it is there.",
            find=_RECIPE, example="4"),
    ] = 1  # fmt: skip

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        for text in ("prompt", "response"):
            mean, most = getattr(self, f"mean_{text}_tokens"), getattr(self, f"max_{text}_tokens")
            if mean is not None and most is not None and mean > most:
                raise ValueError(
                    f"mean_{text}_tokens = {mean:g}: expected max_{text}_tokens = {most} or less"
                )
        if self.steps is not None and self.samples is not None:
            raise ValueError("expected either steps = ... or samples = ..., not both")
        for name in ("reference", "reward"):
            if getattr(self, f"{name}_parameters") is not None and getattr(self, name) == "none":
                raise ValueError(f"{name}_parameters: expected {name} = 'same', whose size it is")
        if self.pools == "colocated":
            for key in ("rollout_chips", "rollout_pool"):
                if getattr(self, key) is not None:
                    raise ValueError(f"{key} belongs to pools = 'split', and only to it")
            if self.update_parts > 1:
                raise ValueError("update_parts belongs to pools = 'split': on one pool both take turns")
        if self.partial_rollouts and not self.staleness:
            raise ValueError(
                "partial_rollouts: such a response is older than its step; expected staleness > 0"
            )
        return self

    @property
    def samples_per_step(self) -> int | None:
        """Responses of one step; None where nobody says."""
        return None if self.prompts_per_step is None else self.prompts_per_step * self.samples_per_prompt
