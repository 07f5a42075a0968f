"""What the engine is told: frozen records of floats and arrays in SI units, nothing else.

Every field may be a float or an array; all fields of one call broadcast against each other, so that one
record describes a single plan, a block of candidates, or a column of published runs alike.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from planner.engine.arrays import ArrayLike


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchitectureInputs:
    """The shape of a decoder-only transformer; flags are 0 or 1."""

    layers: ArrayLike
    hidden: ArrayLike
    heads: ArrayLike
    key_value_heads: ArrayLike
    head_dimension: ArrayLike
    feed_forward_width: ArrayLike
    is_gated: ArrayLike = 1.0
    vocabulary: ArrayLike = 0.0
    has_tied_embeddings: ArrayLike = 0.0
    learned_positions: ArrayLike = 0.0
    #: learned vectors of the hidden size in one normalisation: 1 (RMS) or 2 (layer)
    vectors_per_norm: ArrayLike = 1.0
    norms_per_layer: ArrayLike = 2.0
    norms_outside: ArrayLike = 1.0
    has_query_key_norm: ArrayLike = 0.0
    has_query_key_value_bias: ArrayLike = 0.0
    has_attention_output_bias: ArrayLike = 0.0
    has_feed_forward_bias: ArrayLike = 0.0
    has_output_head_bias: ArrayLike = 0.0
    is_latent: ArrayLike = 0.0
    query_rank: ArrayLike = 0.0
    key_value_rank: ArrayLike = 0.0
    rope_dimension: ArrayLike = 0.0
    nope_dimension: ArrayLike = 0.0
    value_dimension: ArrayLike = 0.0
    experts: ArrayLike = 0.0
    active_experts: ArrayLike = 0.0
    expert_width: ArrayLike = 0.0
    shared_width: ArrayLike = 0.0
    first_dense_layers: ArrayLike = 0.0
    mixture_layer_every: ArrayLike = 1.0
    #: hosts or domains that one token's experts may lie on; infinite where any
    routing_groups_limit: ArrayLike = np.inf
    has_router_bias: ArrayLike = 0.0
    has_shared_gate: ArrayLike = 0.0
    #: 0: full attention everywhere
    window: ArrayLike = 0.0
    window_full_every: ArrayLike = 0.0
    multi_token_prediction_layers: ArrayLike = 0.0
    other_parameters: ArrayLike = 0.0


Record = TypeVar("Record")


def stacked(records: list[Record]) -> Record:
    """Return one record whose fields are the columns of `records`, as arrays of their number.

    A field that is the same everywhere stays a float, so that what does not vary costs nothing.
    """
    first = records[0]
    columns = {}
    for column in fields(first):  # type: ignore[arg-type]  # the type variable cannot say "dataclass"
        values = np.array([getattr(record, column.name) for record in records], dtype=np.float64)
        columns[column.name] = float(values[0]) if np.all(values == values[0]) else values
    return type(first)(**columns)
