"""What a plan's cluster must compute: tokens, sequences, batches and their datatype."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Fraction, TokensSpan
from planner.domain.base import Model
from planner.domain.first_keys import FIRST_KEYS, TOKENS_KEY
from planner.domain.keys import Key
from planner.domain.plan_strategy import Strategy
from planner.domain.post_training import KIND_WORDS, POST_TRAINING_KINDS, WorkloadKind
from planner.domain.ranges import Range
from planner.engine.precisions import PLAN_PRECISIONS, PRECISIONS, USUAL_PRECISION

# The words that a plan may use are those of the engine's table, which a type checker cannot read.
if TYPE_CHECKING:
    Precision = str
else:
    Precision = Literal[PLAN_PRECISIONS]

#: What each precision of a plan is.
PRECISIONS_IN_WORDS = {name: PRECISIONS[name].words for name in PLAN_PRECISIONS}
SequenceLength = Annotated[int, Range(1, 100_000_000, "a sequence has a token")]
BatchSequences = Annotated[int, Range(1, 100_000_000, "a step trains on a sequence")]


class Phase(Model):
    """One stretch of the training, with its own sequence length, batch and layout."""

    tokens: Annotated[
        TokensSpan,
        Key("tokens", "How many tokens the phase trains on.", find="The training plan.", example="500B"),
    ]
    sequence_length: Annotated[
        SequenceLength | None,
        Key(
            "sequence",
            "Tokens of one training sequence of the phase.",
            absent="the workload's",
            find="The training plan.",
            example="32k",
        ),
    ] = None
    global_batch_sequences: Annotated[
        BatchSequences | None,
        Key(
            "batch",
            "Sequences of one optimizer step of the phase.",
            absent="the workload's",
            find="The training plan.",
            example="1,024",
        ),
    ] = None
    #: absent: as the plan's strategy says
    layout: Strategy | None = None


class Workload(Model):
    """What the cluster must compute."""

    kind: Annotated[
        WorkloadKind,
        Key(
            "kind",
            "What is learned: preference and reinforcement take their steps from [post_training].",
            find="Whoever asks for the training.",
            answers=KIND_WORDS,
        ),
    ] = "pre-training"
    tokens: Annotated[TokensSpan | None, FIRST_KEYS[TOKENS_KEY]] = None
    sequence_length: Annotated[
        SequenceLength,
        Key(
            "sequence",
            "Tokens of one training sequence.",
            find="The training plan or the model's configuration.",
            example="4,096 or 8k",
        ),
    ] = 4096
    document_tokens: Annotated[
        SequenceLength | None,
        Key(
            "documents",
            "The mean length of the documents that a sequence is packed of, where attention does not look "
            "beyond its own: it then costs what they do, and not what the sequence would.",
            absent="attention looks over the whole sequence",
            find="The data's statistics, and whether the training masks attention between documents.",
            example="2,048",
        ),
    ] = None
    global_batch_sequences: Annotated[
        BatchSequences,
        Key(
            "batch",
            "Sequences of one optimizer step over the whole cluster.",
            find="The training plan: tokens per step divided by the sequence length.",
            example="4,096",
        ),
    ] = 1024
    batch_flex: Annotated[
        Fraction,
        Key(
            "batch flex",
            "The share of the batch by which it may move so that any number of replicas can share it; the "
            "estimate says by how much it did. A layout that is given moves nothing, nor does post-training, "
            "where a step learns from its own samples.",
            find="Whoever tunes the training; a few percent of the batch change nothing that is measured. "
            "0 holds the batch as stated, and chips may idle for it.",
            example="5 % or 0",
        ),
    ] = 0.05
    precision: Annotated[
        Precision,
        Key(
            "precision",
            "The datatype of the matrix multiplications. The chip must have a rate for it.",
            find="The training recipe; bf16 unless it says otherwise.",
            answers=PRECISIONS_IN_WORDS,
        ),
    ] = USUAL_PRECISION
    encoded_share: Annotated[
        Fraction | None,
        Key(
            "encoded tokens",
            "Of the tokens of a sequence, the share that the model's encoder makes from images or sound.",
            absent="text alone: an encoder is neither run nor held",
            find="The mixture of the training data.",
            example="0.3",
        ),
    ] = None
    phases: tuple[Phase, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _is_told_once(self) -> Self:
        if self.tokens is not None and self.phases:
            raise ValueError("expected either tokens = ... or [[workload.phases]], not both")
        if self.is_post_training and (self.tokens is not None or self.phases):
            raise ValueError(
                f"kind = '{self.kind}' counts steps; expected steps = ... in [post_training], no tokens"
            )
        return self

    @property
    def is_post_training(self) -> bool:
        """Whether its steps are those of `[post_training]`."""
        return self.kind in POST_TRAINING_KINDS
