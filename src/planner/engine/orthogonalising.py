"""What orthogonalising the updates of a model's matrices costs in matmuls (Muon)."""

from __future__ import annotations

from collections.abc import Iterator

from planner.engine.architecture import dense_layers, mixture_layers
from planner.engine.inputs import ArchitectureInputs

#: Of the quintic iteration that Muon's authors run (Jordan et al., Muon, kellerjordan.github.io, 2024). [-]
NEWTON_SCHULZ_STEPS = 5.0


def newton_schulz_flops(rows: float, columns: float) -> float:
    r"""Return the operations that orthogonalise the update of one matrix. [FLOP].

    .. math:: n_{steps}\,(4 m^2 n + 2 m^3),\quad m \le n

    Each step multiplies :math:`A = X X^T`, :math:`A^2` and :math:`(b A + c A^2) X`.

    Parameters
    ----------
    rows, columns : float
        Of the matrix, >= 0. [-]

    Returns
    -------
    float
        In all steps; nothing else of the iteration counts beside its products. [FLOP]

    References
    ----------
    .. [1] Liu et al., Muon is Scalable (arXiv 2502.16982), section 2.1.
    .. [2] Measured: steps of 1B, 3B and 8B models on one H200 take this long at 0.62 to 0.75 of the rate of
       their matmuls (profiles/runs/measured-options.toml).

    Examples
    --------
    Five times 4 x 2 x 2 x 3 + 2 x 2 x 2 x 2.

    >>> newton_schulz_flops(3.0, 2.0)
    320.0
    """
    least, most = min(rows, columns), max(rows, columns)
    return NEWTON_SCHULZ_STEPS * (4.0 * least**2 * most + 2.0 * least**3)


def orthogonalising_flops(a: ArchitectureInputs) -> float:
    r"""Return the operations that orthogonalise the updates of all matrices of the layers, once. [FLOP].

    Queries, keys, values and the two ways up count as matrices of their own. Embedding, head, vectors and
    what else mixes tokens have AdamW's update, which is elementwise.

    Parameters
    ----------
    a : ArchitectureInputs
        One model, its fields single numbers. [-]

    Returns
    -------
    float
        Of one step of the whole model. [FLOP]

    Examples
    --------
    Two layers: queries and output 4 x 4, keys and values 4 x 2, and three matrices of 4 x 8.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> once = newton_schulz_flops
    >>> orthogonalising_flops(tiny) == 2 * (2 * once(4, 4) + 2 * once(4, 2) + 3 * once(4, 8))
    True
    """
    if a.kinds:
        return sum(orthogonalising_flops(kind) for kind in a.kinds)
    return sum(count * newton_schulz_flops(*sides) for count, sides in _matrices(a))


def _matrices(a: ArchitectureInputs) -> Iterator[tuple[float, tuple[float, float]]]:
    """Yield how many matrices of which sides all layers hold."""
    layers, hidden = float(a.layers), float(a.hidden)
    if float(a.has_attention):
        yield from ((layers * count, sides) for count, sides in _of_attention(a, hidden))
    ways = 2.0 + float(a.is_gated)
    sparse = float(mixture_layers(a))
    yield float(dense_layers(a)) * ways, (hidden, float(a.feed_forward_width))
    if sparse:
        inside = float(a.expert_hidden) or hidden
        yield sparse * float(a.experts) * ways, (inside, float(a.expert_width))
        yield sparse * ways, (hidden, float(a.shared_width))


def _of_attention(a: ArchitectureInputs, hidden: float) -> Iterator[tuple[float, tuple[float, float]]]:
    heads, width = float(a.heads), float(a.head_dimension)
    values = float(a.value_dimension) or width
    if not float(a.is_latent):
        yield 1.0 + float(a.has_output_gate), (hidden, heads * width)
        yield 2.0 - float(a.keys_are_values), (hidden, float(a.key_value_heads) * width)
    else:
        query, rank = float(a.query_rank), float(a.key_value_rank)
        nope, rope = float(a.nope_dimension), float(a.rope_dimension)
        if query:
            yield 1.0, (hidden, query)
        yield 1.0, (query or hidden, heads * (nope + rope))
        yield 1.0, (hidden, rank + rope)
        yield 1.0, (rank, heads * (nope + values))
    yield 1.0, (heads * values, hidden)
