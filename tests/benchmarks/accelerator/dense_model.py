"""A dense decoder in plain PyTorch: shapes of published models, one layer as a function, and its weights.

Rotary positions, grouped-query attention through PyTorch's fused kernel, a gated feed-forward part, RMS
norms. Projections that read the same are one matrix: queries, keys and values, and gate and up. An adapter
stands beside such a fused matrix as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn import functional


@dataclass(frozen=True)
class Architecture:
    """The shape of a dense decoder; names are those of an architecture in a run file."""

    name: str
    layers: int
    hidden: int
    heads: int
    key_value_heads: int
    feed_forward_width: int
    vocabulary: int
    has_tied_embeddings: bool

    @property
    def head_dimension(self) -> int:
        """Return the width of one head."""
        return self.hidden // self.heads

    @property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """Return rows and columns of a layer's matrices, in the order in which the layer takes them."""
        width = (self.heads + 2 * self.key_value_heads) * self.head_dimension
        return (
            (width, self.hidden),
            (self.hidden, self.heads * self.head_dimension),
            (2 * self.feed_forward_width, self.hidden),
            (self.hidden, self.feed_forward_width),
        )

    @property
    def tiny(self) -> Architecture:
        """Return a shape that runs anywhere, to check a script with."""
        return replace(
            self, layers=2, hidden=256, heads=4, key_value_heads=2, feed_forward_width=128, vocabulary=256
        )


LLAMA_1B = Architecture("Llama-3.2-1B", 16, 2048, 32, 8, 8192, 128256, True)
LLAMA_3B = Architecture("Llama-3.2-3B", 28, 3072, 24, 8, 8192, 128256, True)
LLAMA_7B = Architecture("Llama-2-7B", 32, 4096, 32, 32, 11008, 32000, False)
LLAMA_8B = Architecture("Llama-3.1-8B", 32, 4096, 32, 8, 14336, 128256, False)


def matrix(rows: int, columns: int, device: torch.device) -> Any:
    """Return random weights in 16 bit."""
    return torch.empty(rows, columns, device=device, dtype=torch.bfloat16).normal_(std=0.02)


def layer_weights(shape: Architecture, device: torch.device) -> list[Any]:
    """Return the weights of one layer: the norm before attention, its two matrices, the same of the rest."""
    found = [matrix(*sides, device) for sides in shape.matrices]
    norms = [torch.ones(shape.hidden, device=device, dtype=torch.bfloat16) for _ in range(2)]
    return [norms[0], *found[:2], norms[1], *found[2:]]


def adapters(shape: Architecture, rank: int, count: int, device: torch.device) -> list[Any]:
    """Return the two sides of the adapters beside the first matrices of a layer."""
    sides = shape.matrices[:count]
    return [matrix(*side, device) for rows, columns in sides for side in ((rank, columns), (rows, rank))]


def attention(shape: Architecture, query: Any, key: Any, value: Any) -> Any:
    """Run causal attention over (batch, heads, sequence, dimension)."""
    grouped = shape.heads != shape.key_value_heads
    return functional.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=grouped)


def layer(
    shape: Architecture, attend: Callable[..., Any], state: Any, rotation: Any, weights: tuple[Any, ...]
) -> Any:
    """Run one layer over a state of (batch, sequence, hidden); adapters come after the layer's weights."""
    attention_norm, into, out, feed_forward_norm, gate_and_up, down, *sides = weights
    batch, length, _ = state.shape
    counts = (shape.heads, shape.key_value_heads, shape.key_value_heads)
    mixed = _linear(functional.rms_norm(state, (shape.hidden,), attention_norm), into, sides[0:2])
    parts = mixed.split([count * shape.head_dimension for count in counts], dim=-1)
    query, key, value = (
        part.view(batch, length, count, shape.head_dimension).transpose(1, 2)
        for part, count in zip(parts, counts, strict=True)
    )
    attended = attend(shape, _rotated(query, rotation), _rotated(key, rotation), value)
    state = state + _linear(attended.transpose(1, 2).reshape(batch, length, -1), out, sides[2:4])
    normed = functional.rms_norm(state, (shape.hidden,), feed_forward_norm)
    gate, up = _linear(normed, gate_and_up, sides[4:6]).chunk(2, dim=-1)
    return state + _linear(functional.silu(gate) * up, down, sides[6:8])


def _linear(state: Any, weight: Any, sides: list[Any]) -> Any:
    given = functional.linear(state, weight)
    return given + functional.linear(functional.linear(state, sides[0]), sides[1]) if sides else given


def rotation(shape: Architecture, length: int, device: torch.device) -> Any:
    """Return cosines and sines of the rotary positions."""
    half = shape.head_dimension // 2
    rates = 500_000.0 ** -(torch.arange(half, device=device, dtype=torch.float32) / half)
    angles = torch.arange(length, device=device, dtype=torch.float32)[:, None] * rates
    return torch.stack((angles.cos(), angles.sin())).to(torch.bfloat16)


def _rotated(heads: Any, turned: Any) -> Any:
    first, second = heads.chunk(2, dim=-1)
    cosine, sine = turned[0], turned[1]
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)
