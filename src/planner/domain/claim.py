"""A claim in circulation: what it states in numbers, who says so, and what better sources say."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Count, Days, FlopsPerSecond, Ratio, TokenCount
from planner.domain.base import Identifier, Model, Profile, SafeText
from planner.domain.evidence import Evidence
from planner.domain.keys import Key
from planner.domain.plan_workload import PRECISIONS_IN_WORDS, Precision, SequenceLength
from planner.domain.ranges import Range
from planner.domain.run import FlopsConvention
from planner.engine.precisions import USUAL_PRECISION

#: What reading the sources came to.
SourceVerdict = Literal[
    "true", "mixed", "plausible", "unsupported", "opinion", "superseded", "contradictory", "false"
]
Positive = Annotated[Count, Range(1e-9, 1e30, "a claim of nothing says nothing")]
PositiveTokens = Annotated[TokenCount, Range(1e-9, 1e30, "a claim of nothing says nothing")]
PositiveNumber = Annotated[float, Range(1e-12, 1e12, "nothing is computed without energy")]
ClaimedChips = Annotated[int, Range(1, 100_000_000, "a claim is about a chip")]
ClaimedRatio = Annotated[Ratio, Range(1e-6, 1000, "a ratio of nothing says nothing")]


def _rate(title: str, meaning: str, example: str) -> Key:
    consequence = "one of days, tokens/s, MFU or energy is enough"
    return Key(title, meaning, absent="empty", consequence=consequence, example=example)


ClaimedUtilisation = Annotated[
    Ratio,
    Range(1e-6, 100, "what trains reaches some of its peak", "no claim is of a hundred times the peak"),
]


#: How a source may count the FLOPs of a token, for a list of choices.
CONVENTIONS_IN_WORDS = {
    "6n": "6 x active parameters alone",
    "6n-causal": "and causal attention, as here",
    "6n-full": "and attention in full",
    "6n-total": "embeddings counted, no attention",
    "6n-total-causal": "embeddings, causal attention",
    "6n-total-full": "embeddings, full attention",
    "hardware-full-recompute": "HFU: the recompute counted",
}


class TrainingStatement(Model):
    """So many chips train such a model at such a rate."""

    chip: Annotated[Identifier, Key("chip", "The chip that the claim is about.", profile_kind="chips")]
    chips: Annotated[
        ClaimedChips,
        Key(
            "how many",
            "How many chips train the model.",
            find="The vendor's statement; a node or a system holds several.",
            example="8,192",
        ),
    ]
    nodes: Annotated[
        ClaimedChips | None,
        Key(
            "nodes",
            "Servers, where the claim counts them too: the checker looks whether that fits the chips.",
            absent="not said",
            example="1024",
        ),
    ] = None
    model: Annotated[
        Identifier | None,
        Key(
            "model",
            "The model that is trained. Its profile knows its shape; or say parameters in its place.",
            absent="parameters say it",
            profile_kind="models",
        ),
    ] = None
    parameters: Annotated[
        Positive | None,
        Key(
            "parameters",
            "How many parameters the model has, where no profile knows it; beside a model, the claim's own "
            "count.",
            absent="the model says it",
            example="260B",
        ),
    ] = None
    active_parameters: Annotated[
        Positive | None,
        Key(
            "active",
            "Of a mixture of experts: how many parameters a token meets.",
            absent="all",
            consequence="a dense model",
            example="39B",
        ),
    ] = None
    tokens: Annotated[
        PositiveTokens | None,
        Key(
            "tokens",
            "How many tokens it is trained on. Needed where days are claimed.",
            absent="not said",
            example="13.2T",
        ),
    ] = None
    days: Annotated[
        Days | None,
        _rate("days", "How long training takes, from the first to the last step.", "21"),
    ] = None
    tokens_per_second: Annotated[
        PositiveTokens | None,
        _rate("tokens/s", "How many tokens a second all chips train together.", "1.8M"),
    ] = None
    #: may be above 1: that is for the judge to say
    mfu: Annotated[
        ClaimedUtilisation | None,
        _rate(
            "MFU",
            "Model FLOP utilisation: the share of the chips' peak that the model's own arithmetic takes.",
            "50 %",
        ),
    ] = None
    joules_per_token: Annotated[
        PositiveNumber | None, _rate("J/token", "The energy that one token takes.", "2.9")
    ] = None
    peak_flops_per_s: Annotated[
        FlopsPerSecond | None,
        Key(
            "peak",
            "The peak of one chip that the claimed MFU is by; the checker says where it is not the dense "
            "one.",
            absent="the profile's dense peak",
            example="320 TFLOP/s",
        ),
    ] = None
    flops_convention: Annotated[
        FlopsConvention | None,
        Key(
            "FLOPs of",
            "What the claimed MFU counts as the model's arithmetic: its parameters alone, attention too "
            "(half of it or all), or what is computed twice.",
            absent="not said",
            consequence="6N and causal attention, as here",
            answers=CONVENTIONS_IN_WORDS,
        ),
    ] = None
    flops_per_token: Annotated[
        Positive | None,
        Key(
            "FLOP/token",
            "What the claimed MFU counts for one token, where its source says so.",
            absent="by the convention",
            example="437B",
        ),
    ] = None
    sequence_length: Annotated[
        SequenceLength | None,
        Key("sequence", "Tokens of one sequence.", absent="the model's, else 4,096", example="4096"),
    ] = None
    precision: Annotated[
        Precision,
        Key("precision", "The datatype of the matrix multiplications.", answers=PRECISIONS_IN_WORDS),
    ] = USUAL_PRECISION
    #: the model's one training is told, not what such chips could do
    is_original_training: Annotated[
        bool,
        Key(
            "trained so",
            "Whether the claim tells how the model was trained, not what such chips can do: then the chip "
            "cannot be younger than the model.",
        ),
    ] = False
    #: what the claim leaves open and was filled in, one phrase each
    assumed: tuple[SafeText, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _is_judgeable(self) -> Self:
        if self.model is None and self.parameters is None:
            raise ValueError("expected a model, or parameters")
        if self.active_parameters is not None and self.parameters is None:
            raise ValueError("active_parameters belong to parameters; a model knows its own")
        if self.active_parameters is not None and self.active_parameters > (self.parameters or 0):
            raise ValueError("active_parameters is more than parameters")
        rates = (self.days, self.tokens_per_second, self.mfu, self.joules_per_token)
        if sum(rate is not None for rate in rates) != 1:
            raise ValueError("expected one of days, tokens_per_second, mfu or joules_per_token")
        if self.days is not None and self.tokens is None:
            raise ValueError("days say nothing without tokens")
        if self.peak_flops_per_s is not None and self.mfu is None:
            raise ValueError("a peak belongs to an MFU")
        if self.flops_convention is not None and self.flops_per_token is not None:
            raise ValueError("expected a flops_convention or flops_per_token, not both")
        if (self.flops_convention or self.flops_per_token) and self.mfu is None:
            raise ValueError("a FLOPs convention belongs to an MFU")
        return self


class ThroughputStatement(Model):
    """One chip reaches such a share of another's training throughput."""

    chip: Identifier
    against: Identifier
    ratio: ClaimedRatio
    #: the job that the model is asked about: a model on that many chips of either
    model: Identifier
    chips: ClaimedChips


class SystemStatement(Model):
    """One system has more of something than another."""

    system: Identifier
    against: Identifier
    quantity: Literal["peak_flops", "peak_flops_per_watt", "peak_flops_per_chip"]
    #: the ratio that is claimed, at least; or about, where `is_about`
    ratio: Annotated[float, Range(1e-6, 1e6, "a ratio of nothing says nothing")] = 1.0
    is_about: bool = False


class Finding(Evidence):
    """What better sources say."""

    verdict: SourceVerdict
    says: SafeText


class Claim(Profile):
    """`profiles/claims/<id>.toml`."""

    statement: SafeText
    #: where it circulates
    claimed: Evidence
    finding: Finding
    training: tuple[TrainingStatement, ...] = Field(default=(), max_length=20)
    throughput: tuple[ThroughputStatement, ...] = Field(default=(), max_length=20)
    systems: tuple[SystemStatement, ...] = Field(default=(), max_length=20)
