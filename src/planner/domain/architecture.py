"""A language model's architecture, exact enough to count its parameters."""

from typing import Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Count, Fraction
from planner.domain.base import Model, Profile
from planner.domain.evidence import Evidence, Sourced


class Bias(Model):
    """Which linear layers carry a bias."""

    query_key_value: bool = False
    attention_output: bool = False
    feed_forward: bool = False
    output_head: bool = False


class LatentAttention(Model):
    """Multi-head latent attention (DeepSeek-V2): low-rank queries, keys and values."""

    #: 0 where queries are not compressed
    query_rank: int = Field(ge=0, le=100_000)
    key_value_rank: int = Field(ge=1, le=100_000)
    rope_dimension: int = Field(ge=0, le=10_000)
    nope_dimension: int = Field(ge=1, le=10_000)
    value_dimension: int = Field(ge=1, le=10_000)


class MixtureOfExperts(Model):
    """Routed experts in place of the dense feed-forward part of some layers."""

    experts: int = Field(ge=1, le=100_000)
    active_experts: int = Field(ge=1, le=10_000)
    #: width of one routed expert
    expert_width: int = Field(ge=1, le=10_000_000)
    shared_experts: int = Field(default=0, ge=0, le=1_000)
    #: all shared experts together; where it is 0 each of `shared_experts` is as wide as a routed one
    shared_width: int = Field(default=0, ge=0, le=10_000_000)
    #: layers at the start that keep the dense feed-forward part
    first_dense_layers: int = Field(default=0, ge=0, le=100_000)
    #: one mixture layer per that many layers after the first dense ones
    layer_every: int = Field(default=1, ge=1, le=1_000)
    #: hosts or domains that one token's experts may lie on; absent: any
    routing_groups_limit: int | None = Field(default=None, ge=1, le=100_000)
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

    window: int = Field(ge=1, le=100_000_000)
    #: one layer in that many is full; 0: none is
    full_every: int = Field(default=0, ge=0, le=1_000)


class Architecture(Model):
    """The shape of a decoder-only transformer."""

    layers: int = Field(ge=1, le=100_000)
    hidden: int = Field(ge=1, le=10_000_000)
    heads: int = Field(ge=1, le=100_000)
    key_value_heads: int = Field(ge=1, le=100_000)
    head_dimension: int = Field(ge=1, le=100_000)
    #: width of the dense feed-forward part; 0 where every layer is a mixture
    feed_forward_width: int = Field(ge=0, le=100_000_000)
    #: three matrices (SwiGLU) rather than two
    is_gated: bool = True
    vocabulary: int = Field(ge=1, le=100_000_000)
    has_tied_embeddings: bool = False
    #: rows of a learned position embedding; 0 for rotary or none
    learned_positions: int = Field(default=0, ge=0, le=100_000_000)
    normalisation: Literal["rms", "layer"] = "rms"
    #: normalisations of one layer over the hidden dimension: 2 usual, 4 sandwich, 1 parallel block
    norms_per_layer: int = Field(default=2, ge=0, le=8)
    #: normalisations outside the layers: the final one, and one after the embedding where there is
    norms_outside: int = Field(default=1, ge=0, le=4)
    #: a normalisation of queries and keys over the head dimension
    has_query_key_norm: bool = False
    bias: Bias = Field(default_factory=Bias)
    latent_attention: LatentAttention | None = None
    mixture: MixtureOfExperts | None = None
    window: WindowedAttention | None = None
    #: multi-token-prediction modules trained beside the main model
    multi_token_prediction_layers: int = Field(default=0, ge=0, le=100)
    #: anything else that holds parameters and computes nothing worth counting, in all (attention sinks, ...)
    other_parameters: int = Field(default=0, ge=0)

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
    release_year: int | None = Field(default=None, ge=2017, le=2100)
    architecture: Architecture
    #: where the architecture was read
    architecture_evidence: Evidence
    #: parameters as published, embeddings included, prediction modules not
    published_parameters: Sourced[Count] | None = None
    #: parameters that one token uses, as published
    published_active_parameters: Sourced[Count] | None = None
    #: half the last digit that was published: 0 where the count is exact
    parameters_rounding: Count = 0.0
    #: why the computed count may differ from the published one
    parameters_differ_because: str | None = Field(default=None, max_length=1000)
    training_tokens: Sourced[Count] | None = None
    #: model FLOP utilisation that its developers published; rivals where they published several
    reported_utilisation: Sourced[Fraction] | None = None
    sequence_length: int | None = Field(default=None, ge=1, le=100_000_000)
