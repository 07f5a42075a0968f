"""A language model's architecture, exact enough to count its parameters."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Count, Efficiency
from planner.domain.base import Model, Profile
from planner.domain.evidence import Evidence, Sourced
from planner.domain.ranges import Range

Parameters = Annotated[Count, Range(1, 1e18, "a model has a parameter")]
Rounding = Annotated[Count, Range(0, 1e15, "0 says that the count is exact")]
TrainedTokens = Annotated[Count, Range(1, 1e18, "a training trains on a token")]


class Bias(Model):
    """Which linear layers carry a bias."""

    query_key_value: bool = False
    attention_output: bool = False
    feed_forward: bool = False
    output_head: bool = False


class LatentAttention(Model):
    """Multi-head latent attention (DeepSeek-V2): low-rank queries, keys and values."""

    #: 0 where queries are not compressed
    query_rank: Annotated[int, Range(0, 100_000, "0 says that queries are not compressed")]
    key_value_rank: Annotated[int, Range(1, 100_000, "keys and values have a rank")]
    rope_dimension: Annotated[int, Range(0, 10_000, "0 says that no position is rotated")]
    nope_dimension: Annotated[int, Range(1, 10_000, "keys have a part without positions")]
    value_dimension: Annotated[int, Range(1, 10_000, "a value has a dimension")]


class MixtureOfExperts(Model):
    """Routed experts in place of the dense feed-forward part of some layers."""

    experts: Annotated[int, Range(1, 100_000, "a mixture has an expert")]
    active_experts: Annotated[int, Range(1, 10_000, "a token meets an expert")]
    #: width of one routed expert
    expert_width: Annotated[int, Range(1, 10_000_000, "an expert has a width")]
    shared_experts: Annotated[int, Range(0, 1_000, "0 says that no expert is shared")] = 0
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


class WindowedAttention(Model):
    """Attention that sees only a window, with a full-attention layer every so often."""

    window: Annotated[int, Range(1, 100_000_000, "a token sees itself")]
    #: one layer in that many is full; 0: none is
    full_every: Annotated[int, Range(0, 1_000, "0 says that no layer is full")] = 0


class Architecture(Model):
    """The shape of a decoder-only transformer."""

    layers: Annotated[int, Range(1, 100_000, "a model has a layer")]
    hidden: Annotated[int, Range(1, 10_000_000, "a layer has a width")]
    heads: Annotated[int, Range(1, 100_000, "attention has a head")]
    key_value_heads: Annotated[int, Range(1, 100_000, "attention has a head of keys")]
    head_dimension: Annotated[int, Range(1, 100_000, "a head has a dimension")]
    #: width of the dense feed-forward part; 0 where every layer is a mixture
    feed_forward_width: Annotated[int, Range(0, 100_000_000, "0 says that every layer is a mixture")]
    #: three matrices (SwiGLU) rather than two
    is_gated: bool = True
    vocabulary: Annotated[int, Range(1, 100_000_000, "a model knows a token")]
    has_tied_embeddings: bool = False
    #: rows of a learned position embedding; 0 for rotary or none
    learned_positions: Annotated[int, Range(0, 100_000_000, "0 says that no position is learned")] = 0
    normalisation: Literal["rms", "layer"] = "rms"
    #: normalisations of one layer over the hidden dimension: 2 usual, 4 sandwich, 1 parallel block
    norms_per_layer: Annotated[int, Range(0, 8, "0 says that a layer normalises nothing")] = 2
    #: normalisations outside the layers: the final one, and one after the embedding where there is
    norms_outside: Annotated[int, Range(0, 4, "0 says that nothing is normalised outside the layers")] = 1
    #: a normalisation of queries and keys over the head dimension
    has_query_key_norm: bool = False
    bias: Bias = Field(default_factory=Bias)
    latent_attention: LatentAttention | None = None
    mixture: MixtureOfExperts | None = None
    window: WindowedAttention | None = None
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
        if self.mixture is None and self.feed_forward_width == 0:
            raise ValueError("feed_forward_width is 0 in a model without experts")
        return self


class LanguageModel(Profile):
    """`profiles/models/<id>.toml`."""

    developer: str = Field(max_length=200)
    release_year: Annotated[int, Range(2017, 2100, "the transformer was published in 2017")] | None = None
    architecture: Architecture
    #: where the architecture was read
    architecture_evidence: Evidence
    #: parameters as published, embeddings included, prediction modules not
    published_parameters: Sourced[Parameters] | None = None
    #: parameters that one token uses, as published
    published_active_parameters: Sourced[Parameters] | None = None
    #: half the last digit that was published: 0 where the count is exact
    parameters_rounding: Rounding = 0.0
    #: why the computed count may differ from the published one
    parameters_differ_because: str | None = Field(default=None, max_length=1000)
    training_tokens: Sourced[TrainedTokens] | None = None
    #: model FLOP utilisation that its developers published; rivals where they published several
    reported_utilisation: Sourced[Efficiency] | None = None
    sequence_length: Annotated[int, Range(1, 100_000_000, "a sequence has a token")] | None = None
