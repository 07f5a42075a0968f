"""A language model's architecture, exact enough to count its parameters."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Count, Efficiency
from planner.domain.base import Model, Profile, SafeText
from planner.domain.encoder import Encoder
from planner.domain.evidence import Evidence, Sourced
from planner.domain.layer_pattern import TOKEN_MIXERS, LayerKind, layer_kinds
from planner.domain.ranges import Range
from planner.domain.token_mixers import (
    LatentAttention,
    LinearAttention,
    Mamba1,
    Mamba2,
    ShortConvolution,
    SparseAttention,
    WindowedAttention,
)

Parameters = Annotated[Count, Range(1, 1e18, "a model has a parameter")]
Rounding = Annotated[Count, Range(0, 1e15, "0 says that the count is exact")]
TrainedTokens = Annotated[Count, Range(1, 1e18, "a training trains on a token")]


class Bias(Model):
    """Which linear layers carry a bias."""

    query_key_value: bool = False
    attention_output: bool = False
    feed_forward: bool = False
    output_head: bool = False


class MixtureOfExperts(Model):
    """Routed experts in place of the dense feed-forward part of some layers."""

    experts: Annotated[int, Range(1, 100_000, "a mixture has an expert")]
    active_experts: Annotated[int, Range(1, 10_000, "a token meets an expert")]
    #: width of one routed expert
    expert_width: Annotated[int, Range(1, 10_000_000, "an expert has a width")]
    shared_experts: Annotated[int, Range(0, 1_000, "0 says that no expert is shared")] = 0
    #: width of the hidden state inside the routed experts, to which it is projected; absent: the model's
    latent_width: Annotated[int, Range(1, 10_000_000, "an expert reads something")] | None = None
    #: all shared experts together; where it is 0 each of `shared_experts` is as wide as a routed one
    shared_width: Annotated[int, Range(0, 10_000_000, "0: each is as wide as a routed one")] = 0
    #: layers at the start that keep the dense feed-forward part
    first_dense_layers: Annotated[int, Range(0, 100_000, "0 says that the first layer is a mixture")] = 0
    #: one mixture layer per that many layers after the first dense ones
    layer_every: Annotated[int, Range(1, 1_000, "1 says that every layer is a mixture")] = 1
    #: hosts or domains that one token's experts may lie on; absent: any
    routing_groups_limit: Annotated[int, Range(1, 100_000, "a token reaches a group")] | None = None
    has_router_bias: bool = False
    #: a learned gate on the shared expert (Qwen2-MoE)
    has_shared_gate: bool = False

    @model_validator(mode="after")
    def _active_exist(self) -> Self:
        if self.active_experts > self.experts:
            raise ValueError(f"active_experts {self.active_experts} is more than experts {self.experts}")
        return self


class Architecture(Model):
    """The shape of a decoder-only language model.

    Without a pattern every layer has attention and a channel mixer, alike but for `window.full_every`,
    `mixture.first_dense_layers` and `mixture.layer_every`.
    """

    layers: Annotated[int, Range(1, 10_000, "a model has a layer")]
    hidden: Annotated[int, Range(1, 10_000_000, "a layer has a width")]
    heads: Annotated[int, Range(1, 100_000, "attention has a head")]
    key_value_heads: Annotated[int, Range(1, 100_000, "attention has a head of keys")]
    head_dimension: Annotated[int, Range(1, 100_000, "a head has a dimension")]
    #: of a value, where it differs from that of a key
    value_dimension: Annotated[int, Range(1, 100_000, "a value has a dimension")] | None = None
    #: keys are the values too: one projection
    keys_are_values: bool = False
    #: queries bring a gate of the attention's output, as wide as that (Qwen3-Next)
    has_output_gate: bool = False
    #: width of the dense feed-forward part; 0 where every layer is a mixture
    feed_forward_width: Annotated[int, Range(0, 100_000_000, "0 says that every layer is a mixture")]
    #: three matrices (SwiGLU) rather than two
    is_gated: bool = True
    vocabulary: Annotated[int, Range(1, 100_000_000, "a model knows a token")]
    has_tied_embeddings: bool = False
    #: rows of a learned position embedding; 0 for rotary or none
    learned_positions: Annotated[int, Range(0, 100_000_000, "0 says that no position is learned")] = 0
    normalisation: Literal["rms", "layer"] = "rms"
    #: normalisations of one layer over the hidden dimension: 2 usual, 4 sandwich, 1 parallel block; a layer
    #: that mixes tokens alone, or channels alone, has half of them
    norms_per_layer: Annotated[int, Range(0, 8, "0 says that a layer normalises nothing")] = 2
    #: normalisations outside the layers: the final one, and one after the embedding where there is
    norms_outside: Annotated[int, Range(0, 4, "0 says that nothing is normalised outside the layers")] = 1
    #: a normalisation of queries and keys over the head dimension
    has_query_key_norm: bool = False
    #: that normalisation runs over all heads together (OLMo 2, MiniMax M2)
    normalises_heads_together: bool = False
    bias: Bias = Field(default_factory=Bias)
    #: kinds of layers in their order, repeated until the layers are filled (`layer_pattern`)
    pattern: tuple[SafeText, ...] = ()
    latent_attention: LatentAttention | None = None
    window: WindowedAttention | None = None
    #: tokens that attend to each other and to no others
    chunk_length: Annotated[int, Range(1, 100_000_000, "a token sees itself")] | None = None
    sparse_attention: SparseAttention | None = None
    linear_attention: LinearAttention | None = None
    mamba_2: Mamba2 | None = None
    mamba_1: Mamba1 | None = None
    short_convolution: ShortConvolution | None = None
    mixture: MixtureOfExperts | None = None
    #: stacks beside the decoder, whose parameters the model's count holds
    encoders: tuple[Encoder, ...] = Field(default=(), max_length=10)
    #: multi-token-prediction modules trained beside the main model
    multi_token_prediction_layers: Annotated[int, Range(0, 100, "0 says that one token is predicted")] = 0
    #: anything else that holds parameters and computes nothing worth counting, in all (attention sinks, ...)
    other_parameters: Annotated[int, Range(0, 1_000_000_000_000_000, "0 says that there are no others")] = 0

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.heads % self.key_value_heads:
            raise ValueError(
                f"heads {self.heads} is not a multiple of key_value_heads {self.key_value_heads}"
            )
        return self

    @model_validator(mode="after")
    def _kinds_have_shapes(self) -> Self:
        kinds = set(self.kinds)
        named = {word for kind in kinds for word in kind.token}
        for word, (_, key) in TOKEN_MIXERS.items():
            if key is None:
                continue
            is_given = getattr(self, key) is not None
            if word in named and not is_given:
                raise ValueError(f"pattern: names {word} layers; expected {key}, their shape")
            if is_given and word not in named and not self._is_used_otherwise(word, named):
                raise ValueError(f"{key}: no layer is of that kind; expected pattern to name {word}")
        if self.pattern and self.window is not None and self.window.full_every:
            raise ValueError("window.full_every: the pattern says which layers are full; expected it absent")
        channels = {kind.channel for kind in kinds}
        if "mixture" in channels and self.mixture is None:
            raise ValueError("pattern: names mixture layers; expected mixture, their shape")
        if self.feed_forward_width == 0 and "dense" in channels and (self.pattern or self.mixture is None):
            what = "with dense layers" if self.mixture else "without experts"
            raise ValueError(f"feed_forward_width is 0 in a model {what}")
        return self

    def _is_used_otherwise(self, word: str, named: set[str]) -> bool:
        """Return whether the shape of a token mixer has a use though no layer is of its kind."""
        if word == "latent":
            return bool(named & {"window", "chunk", "sparse", "chosen"})
        if word == "chosen":
            return "sparse" in named
        return word == "window" and not self.pattern

    @property
    def kinds(self) -> tuple[LayerKind, ...]:
        """Return the kind of each layer, its channel mixer named."""
        own = self.pattern or self._own_pattern
        return tuple(
            LayerKind(kind.token, kind.channel or self._own_channel(index))
            for index, kind in enumerate(layer_kinds(own, self.layers))
        )

    @property
    def _own_pattern(self) -> tuple[str, ...]:
        """Return the pattern of a model that has none of its own: one attention, windows aside."""
        full = "latent" if self.latent_attention else "full"
        if self.sparse_attention is not None:
            return ("sparse",)
        if self.window is None:
            return (full,)
        every = self.window.full_every
        if every == 0 or every > self.layers:
            return ("window",)
        return (full,) if every == 1 else (f"{every - 1} x window", full)

    def _own_channel(self, index: int) -> str:
        """Return what mixes the channels of a layer by its place."""
        mixture = self.mixture
        if mixture is None:
            return "dense"
        after_first = index - mixture.first_dense_layers
        is_mixture = after_first >= 0 and (after_first + 1) % mixture.layer_every == 0
        return "mixture" if is_mixture else "dense"


class LanguageModel(Profile):
    """`profiles/models/<id>.toml`."""

    developer: str = Field(max_length=200)
    release_year: Annotated[int, Range(2017, 2100, "the transformer was published in 2017")] | None = None
    #: absent where the model is known but no shape of this schema is it
    architecture: Architecture | None = None
    #: what of it cannot be said, as the end of a sentence: it is in no estimate, and never taken for another
    inexpressible_because: SafeText | None = None
    #: where the architecture was read
    architecture_evidence: Evidence
    #: parameters as published, embeddings included, prediction modules not
    published_parameters: Sourced[Parameters] | None = None
    #: parameters that one token uses, as published
    published_active_parameters: Sourced[Parameters] | None = None
    #: half the last digit that was published: 0 where the count is exact
    parameters_rounding: Rounding = 0.0
    #: half the last digit of the active ones; 0: within a few percent
    active_parameters_rounding: Rounding = 0.0
    #: why the computed count may differ from the published one
    parameters_differ_because: str | None = Field(default=None, max_length=1000)
    training_tokens: Sourced[TrainedTokens] | None = None
    #: model FLOP utilisation that its developers published; rivals where they published several
    reported_utilisation: Sourced[Efficiency] | None = None
    sequence_length: Annotated[int, Range(1, 100_000_000, "a sequence has a token")] | None = None

    @model_validator(mode="after")
    def _has_a_shape_or_says_why_not(self) -> Self:
        if (self.architecture is None) == (self.inexpressible_because is None):
            raise ValueError("expected either [architecture] or inexpressible_because = '...', not both")
        return self
