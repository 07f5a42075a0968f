"""Systems of several pools that are asked about together: by what their mix is told and found."""

from __future__ import annotations

from collections.abc import Sequence

_BETWEEN = " + "


def mix_id(systems: Sequence[str]) -> str:
    """Return by what the systems of all pools, in their order, are told and found; a single one by itself.

    >>> mix_id(["atlas-800t-a3", "dgx-h100"])
    'atlas-800t-a3 + dgx-h100'
    """
    return _BETWEEN.join(systems)


def systems_of_mix(mix: str) -> tuple[str, ...]:
    """Return the systems of a mix by its id; of an empty one none.

    >>> systems_of_mix("atlas-800t-a3 + dgx-h100")
    ('atlas-800t-a3', 'dgx-h100')
    """
    return tuple(mix.split(_BETWEEN)) if mix else ()
