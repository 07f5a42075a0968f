"""Warns of a typed figure that is known to be wrong: a rival with a reason, a sparse rate, another chip's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from planner.catalog.evidence import figures_of
from planner.domain.base import Profile
from planner.domain.chip import Chip
from planner.domain.evidence import Sourced, value_of
from planner.planning.resolve import ResolvedPlan
from planner.units import Span

#: A typed figure is the known one where it is as near as this: people round.
NEARNESS = 0.005
_PEAKS = "peak_dense_flops_per_s."


def warn_if_known_wrong(
    profile: Profile, field: str, value: float | Span, others: Iterable[Profile] = ()
) -> str | None:
    """Return why a typed value of a profile's field is known to be wrong, or None.

    Parameters
    ----------
    profile
        The profile whose figure is typed over.
    field
        Its dotted key, such as `memory.bandwidth_bytes_per_s`.
    value
        What was typed, in the field's unit.
    others
        Profiles of the same kind, whose figures may have been mistaken for this one's.

    Notes
    -----
    The profile's own default and a rival that is merely disputed are never wrong. Then, in this order: a
    rival that carries its reason, the rate with structured sparsity, and the figure of another profile.
    """
    figure = _figure(profile, field)
    if figure is None or isinstance(value, Span):
        return None
    if _is_near(value, figure.value):
        return None
    for rival in figure.rivals:
        if _is_near(value, rival.value):
            return rival.wrong_because
    if isinstance(profile, Chip) and field.startswith(_PEAKS):
        times = value_of(profile.sparse_multiplier)
        if times and times > 1 and isinstance(figure.value, float) and _is_near(value, figure.value * times):
            return (
                f"this is the rate with structured sparsity, {times:g} times the dense one of "
                f"{profile.name}; training runs dense"
            )
    return _of_another(profile, field, value, figure, others)


def _figure(profile: Profile, field: str) -> Sourced[Any] | None:
    return next((figure for key, figure in figures_of(profile) if key == field), None)


def _is_near(value: float, known: object) -> bool:
    if isinstance(known, bool) or not isinstance(known, int | float):
        return False
    return abs(value - known) <= NEARNESS * abs(known)


def _of_another(
    profile: Profile, field: str, value: float, figure: Sourced[Any], others: Iterable[Profile]
) -> str | None:
    """Return that the value is another profile's, where no profile of this one's generation shares it."""
    own = getattr(profile, "generation", None)
    for other in others:
        if other.id == profile.id or (own is not None and getattr(other, "generation", None) == own):
            continue
        theirs = _figure(other, field)
        if theirs is not None and _is_near(value, theirs.value):
            instead = "has none that is known" if figure.value is None else f"has {figure.value:.4g}"
            return f"this is the figure of {other.name}; {profile.name} {instead}"
    return None


def override_warnings(resolved: ResolvedPlan) -> list[str]:
    """Return a warning for each figure that a plan types over a profile's and that is known to be wrong."""
    warnings = []
    for pool in resolved.pools:
        if pool.pool.price_usd is not None:
            reason = warn_if_known_wrong(pool.system, "price_usd", pool.pool.price_usd)
            if reason is not None:
                warnings.append(f"pool '{pool.pool.id}': price_usd is known to be wrong: {reason}")
    site, typed = resolved.site, resolved.plan.site
    if site is not None:
        for field in ("pue", "electricity_usd_per_kwh", "carbon_g_per_kwh"):
            value = getattr(typed, field)
            reason = None if value is None else warn_if_known_wrong(site, field, value)
            if reason is not None:
                warnings.append(f"site.{field} is known to be wrong: {reason}")
    return warnings
