"""How an implementation takes tokens to their experts and back: one record each, with its source.

A stack and a published run name exactly the dispatchers of this table: adding one is one record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    """Which copies of a token an exchange sends."""

    words: str
    #: one copy to each scale-up domain that holds any of a token's experts, in place of one for each expert
    merges_across: bool = False
    #: inside a domain, one copy to each rank that does
    merges_inside: bool = False
    #: the most that its kernels move inside a domain, by chip generation; else the wire decides. [B/s]
    bytes_per_s: Mapping[str, float] = field(default_factory=dict)
    citation: str

    def columns(self, generation: str | None) -> dict[str, float]:
        """Return its columns of a layout, on chips of a generation."""
        return {
            "merges_across": float(self.merges_across),
            "merges_inside": float(self.merges_inside),
            "dispatch_bytes_per_s": self.bytes_per_s.get(generation or "", math.inf),
        }


#: Of GB200, 24 of its multiprocessors sending: 169 GB/s out and 135 GB/s back, of 900 that the link moves.
_DEEPEP_ON_BLACKWELL = 152e9

DISPATCHERS: Mapping[str, Dispatcher] = MappingProxyType(
    {
        "all-to-all": Dispatcher(
            words="the library's collective, a copy for each expert",
            citation="Megatron-LM, `MoEAlltoAllTokenDispatcher`; PyTorch, `all_to_all_single`",
        ),
        "hierarchical": Dispatcher(
            words="a copy for each domain, then one for each expert",
            merges_across=True,
            citation="Pangu Ultra MoE (arXiv 2505.04519), section 4.2: hierarchical expert parallelism",
        ),
        # H20 with more multiprocessors moves 337 of 450 GB/s (issue 16), which is what collectives reach
        "deepep": Dispatcher(
            words="DeepEP: a copy for each domain, and inside for each rank",
            merges_across=True,
            merges_inside=True,
            bytes_per_s=MappingProxyType(
                dict.fromkeys(("blackwell", "blackwell-ultra"), _DEEPEP_ON_BLACKWELL)
            ),
            citation="DeepSeek-V3 (arXiv 2412.19437), section 3.2.2; deepseek-ai/DeepEP, issue 394",
        ),
        "hybridep": Dispatcher(
            words="HybridEP: the same at the wire's rate",
            merges_across=True,
            merges_inside=True,
            citation="deepseek-ai/DeepEP, pull request 420: 512 GB/s out and 426 back over eight ranks",
        ),
    }
)

#: What holds where neither a run nor its stack says.
USUAL_DISPATCHER = "all-to-all"
