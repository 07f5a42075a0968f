"""What a backward pass computes again: modes that a plan may ask for, and parts that a run may state.

A plan may name exactly the modes of `RECOMPUTE`, a published run those and the parts of `PARTS`: adding one
is one record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

#: Blocks of a layer whose matmuls may be run again by themselves.
MatmulBlock = Literal["feed-forward", "experts", "shared-experts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputeMode:
    """What a mode runs again in every layer. [-]."""

    #: what it does, in a few words for a list of choices
    words: str
    #: 1 where the attention core (scores, softmax, their product with the values) is run again
    attention: float
    #: share of the layers that are run again whole
    layers: float
    #: further columns of a layout, the same for all candidates: such a mode is not searched, but pinned
    columns: Mapping[str, float] = field(default_factory=dict)
    citation: str

    @property
    def shares(self) -> tuple[float, float]:
        """The attention core and the layers, as a candidate of a grid holds them."""
        return self.attention, self.layers


RECOMPUTE: Mapping[str, RecomputeMode] = MappingProxyType(
    {
        "none": RecomputeMode(
            words="nothing",
            attention=0.0,
            layers=0.0,
            citation="Korthikanti et al. (arXiv 2205.05198), section 4.1",
        ),
        "selective": RecomputeMode(
            words="attention only",
            attention=1.0,
            layers=0.0,
            citation="Korthikanti et al. (arXiv 2205.05198), section 5",
        ),
        # what costs no matmul worth counting: results of norms and activations, latents projected up
        "parts": RecomputeMode(
            words="norms, activations, latent projections",
            attention=0.0,
            layers=0.0,
            columns=MappingProxyType(
                {
                    "drops_norms": 1.0,
                    "drops_activations": 1.0,
                    "drops_expert_activations": 1.0,
                    "drops_latent": 1.0,
                }
            ),
            citation="DeepSeek-V3 (arXiv 2412.19437), section 3.2.3",
        ),
        "matmuls": RecomputeMode(
            words="every second matmul, norms, activations",
            attention=0.0,
            layers=0.0,
            columns=MappingProxyType({"keeps_second_matmuls": 1.0, "recompute_matmul": 0.5}),
            citation="Liang et al., TorchTitan (arXiv 2410.06511), selective activation checkpointing",
        ),
        "full": RecomputeMode(
            words="every layer",
            attention=0.0,
            layers=1.0,
            citation="Chen et al., Training Deep Nets with Sublinear Memory Cost (arXiv 1604.06174)",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputedPart:
    """What running one named part of a layer again costs; element-wise parts cost no matmul."""

    has_attention_core: bool = False
    #: the block whose matmuls are run again
    block: MatmulBlock | None = None
    #: share of all matmuls outside the attention core that are run again at least. [-]
    least_matmul_share: float = 0.0
    #: column of a layout that says that its results are not kept; a block's are told by its matmuls
    drops: str | None = None
    citation: str


_MEGATRON = "Megatron-LM, arguments `--recompute-modules`"

PARTS: Mapping[str, RecomputedPart] = MappingProxyType(
    {
        "attention-core": RecomputedPart(
            has_attention_core=True, citation="Korthikanti et al. (arXiv 2205.05198), section 5"
        ),
        # the dense block; the routed experts; the experts that every token takes
        "feed-forward": RecomputedPart(block="feed-forward", citation=_MEGATRON),
        "experts": RecomputedPart(block="experts", citation=_MEGATRON),
        "shared-experts": RecomputedPart(block="shared-experts", citation=_MEGATRON),
        "normalisation": RecomputedPart(
            drops="drops_norms", citation="DeepSeek-V3 (arXiv 2412.19437), section 3.2.3"
        ),
        "activation": RecomputedPart(drops="drops_activations", citation=_MEGATRON),
        "expert-activation": RecomputedPart(drops="drops_expert_activations", citation=_MEGATRON),
        # small beside the other matmuls of the layer: not counted
        "latent-up-projection": RecomputedPart(
            drops="drops_latent", citation="DeepSeek-V3 (arXiv 2412.19437), section 3.2.3"
        ),
        # a policy by operator that keeps every second matrix product
        "alternate-matmuls": RecomputedPart(
            least_matmul_share=0.5,
            drops="keeps_second_matmuls",
            citation="Liang et al., TorchTitan (arXiv 2410.06511), selective activation checkpointing",
        ),
    }
)
