"""Which of the figures behind an estimate are weak, and how far the answers move if they are off.

Every figure of the plan's profiles that nobody measured and no datasheet states is moved by how far figures
of its kind may be off; the plan is trained again with it, and days, power and money are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from planner.catalog.catalog import Catalog
from planner.catalog.evidence import figure_at
from planner.catalog.pinning import moved_constant, used_values, with_values
from planner.domain.evidence import EvidenceKind, Sourced
from planner.domain.plan import Plan
from planner.domain.stack import Stack
from planner.errors import InfeasibleError, InputError
from planner.planning.resolve import ProfileUse, ResolvedPlan, ResolvedPool, resolve
from planner.planning.training import Training, train
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Gap
from planner.quantities.setting import main_setting
from planner.units import Span

#: What a buyer decides by.
ANSWERS = ("training_days", "power.facility_w", "cost.total")

#: How far a figure of a kind may be off, as a share. Nobody measured these: they put questions in an order,
#: and no estimate reads them. What was measured or is on a datasheet is asked for only where it is disputed.
MAY_BE_OFF: Mapping[EvidenceKind, float] = {"derived": 0.1, "claim": 0.15, "memory": 0.2, "assumed": 0.3}

#: The key by which all constants of a stack and its parents go: one measured step would settle them.
CONSTANTS = "constants"

#: Smaller moves of every answer than this are not worth a question.
_LEAST_EFFECT = 1e-4


@dataclass(frozen=True, slots=True)
class WeakFigure:
    """A figure that may be off, and by which share each answer moves then."""

    #: the folder and id of its profile, and its dotted key there
    kind: str
    profile: str
    key: str
    evidence: EvidenceKind
    #: by which share it may be off; negative where only less is possible, or less moves more
    may_be_off: float
    #: quantity id to share of change; an answer that is unknown is absent
    effects: Mapping[str, float]

    @property
    def weight(self) -> float:
        """The largest move of any answer, which puts figures in an order."""
        return max(map(abs, self.effects.values()), default=0.0)


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not known at all, and what that leaves open."""

    gap: Gap
    #: the answers that are unknown, or stand without it
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubts:
    """What the estimate of a plan rests on weakly."""

    missing: tuple[Missing, ...]
    #: those that move an answer most first
    weak: tuple[WeakFigure, ...]
    #: every profile that was read
    uses: tuple[ProfileUse, ...]


def doubts_about(plan: Plan, catalog: Catalog) -> Doubts:
    """Return what is missing and weak behind a plan's estimate.

    Parameters
    ----------
    plan, catalog
        As of `estimate_plan`. Of several pools each is looked at alone, and a figure that several use counts
        by the pool that it moves most.

    Raises
    ------
    PlanError, ProfileError
        As of `estimate_plan`.
    """
    resolved = resolve(plan, catalog)
    missing: dict[Gap, list[str]] = {}
    weak: dict[tuple[str, str, str], WeakFigure] = {}
    for pool in resolved.pools:
        figures = _figures(resolved, pool)
        for answer in ANSWERS:
            for gap in _gaps(figures, answer):
                missing.setdefault(gap, []).append(answer)
        weak_prices = _weak_prices(resolved, pool, figures)
        for found in (*_weak_figures(resolved, pool, catalog, _answers(figures)), *weak_prices):
            key = (found.kind, found.profile, found.key)
            if key not in weak or weak[key].weight < found.weight:
                weak[key] = found
    return Doubts(
        tuple(Missing(gap, tuple(dict.fromkeys(answers))) for gap, answers in missing.items()),
        tuple(sorted(weak.values(), key=lambda one: -one.weight)),
        resolved.uses,
    )


def _figures(resolved: ResolvedPlan, pool: ResolvedPool) -> Figures:
    outcome = train(resolved, pool, cancelled=lambda: False)
    return Figures(main_setting(resolved, pool, outcome if isinstance(outcome, Training) else None))


def _gaps(figures: Figures, answer: str) -> list[Gap]:
    """Return what an answer lacks; of a pool that cannot run the plan there is none to lack anything."""
    try:
        return [gap for gap in figures[answer].gaps if gap.kind != "assumed"]
    except InfeasibleError:
        return []


def _answers(figures: Figures) -> dict[str, float]:
    if figures.setting.training is None:
        # a price and a rating it has all the same, but that is not what the plan asks for
        return {}
    found = {answer: figures[answer].p50 for answer in ANSWERS}
    return {answer: value for answer, value in found.items() if value}


def _weak_figures(
    resolved: ResolvedPlan, pool: ResolvedPool, catalog: Catalog, before: Mapping[str, float]
) -> Iterator[WeakFigure]:
    constants: list[WeakFigure] = []
    for use in resolved.uses:
        profile = catalog.get(use.kind, use.id).profile
        read = (pool.chip, pool.system, pool.fabric, *pool.stacks, resolved.site)
        if not any(profile is one for one in read):
            continue
        values = used_values(use.kind, profile, (pool.chip.generation,))
        for key in values:
            for evidence, share, value in _moves(profile, key, values[key]):
                changed = {**values, key: value}
                try:
                    other = with_values(use.kind, profile, changed, (pool.chip.generation,), where=use.id)
                except InputError:
                    # beyond the range of such figures
                    continue
                after = _answers(_figures(*_with_profile(resolved, pool, profile, other)))
                effects = {
                    answer: after[answer] / value_before - 1
                    for answer, value_before in before.items()
                    if answer in after
                }
                found = WeakFigure(use.kind, use.id, key, evidence, share, effects)
                if isinstance(profile, Stack):
                    constants.append(found)
                elif found.weight > _LEAST_EFFECT:
                    yield found
                break
    if any(one.weight > _LEAST_EFFECT for one in constants):
        yield _together(pool.stacks[0].id, constants)


def _weak_prices(resolved: ResolvedPlan, pool: ResolvedPool, figures: Figures) -> Iterator[WeakFigure]:
    """Yield each price that nobody asked the buyer yet: all its quotes move together."""
    before = _answers(figures)
    for identifier, price in resolved.prices.items():
        kinds = [quote.kind for quote in price.quotes if quote.kind in MAY_BE_OFF]
        if not kinds or not before:
            continue
        kind = max(kinds, key=MAY_BE_OFF.__getitem__)
        share = MAY_BE_OFF[kind]
        quotes = (
            quote.model_copy(update={"amount": _scaled_amount(quote.amount, 1 + share)})
            for quote in price.quotes
        )
        dearer = {**resolved.prices, identifier: price.model_copy(update={"quotes": tuple(quotes)})}
        other = replace(resolved, prices=dearer)
        after = _answers(Figures(main_setting(other, pool, figures.setting.training)))
        effects = {answer: after[answer] / value - 1 for answer, value in before.items() if answer in after}
        found = WeakFigure("prices", identifier, "quotes", kind, share, effects)
        if found.weight > _LEAST_EFFECT:
            yield found


def _scaled_amount(value: float | Span, factor: float) -> float | Span:
    return Span(value.low * factor, value.high * factor) if isinstance(value, Span) else value * factor


def _moves(profile: Any, key: str, pinned: Any) -> Iterator[tuple[EvidenceKind, float, Any]]:
    """Yield how a figure is known, how far it may be off, and its value that far off: more, then less."""
    figure = figure_at(profile, key)
    if figure is not None:
        value, share = figure.value, may_be_off(figure)
        if share and isinstance(value, float | int | Span) and not isinstance(value, bool):
            for signed in (share, -share):
                yield figure.kind, signed, _scaled(value, 1 + signed)
    elif isinstance(profile, Stack) and isinstance(pinned, str) and (moved := moved_constant(pinned)):
        yield "derived", *moved


def _scaled(value: float | Span, factor: float) -> float | str:
    return f"{value.low * factor!r}..{value.high * factor!r}" if isinstance(value, Span) else value * factor


def may_be_off(figure: Sourced[Any]) -> float:
    """Return by which share a figure may be off; 0 where there is no reason to ask for it.

    That is by its kind, or by as much as its farthest rival that nobody refuted differs from it.
    """
    share = MAY_BE_OFF.get(figure.kind, 0.0)
    for rival in figure.rivals:
        is_number = isinstance(rival.value, float | int) and isinstance(figure.value, float | int)
        if is_number and not rival.wrong_because and figure.value and rival.value > 0:
            share = max(share, min(abs(rival.value / figure.value - 1), 0.5))
    return share


def _together(stack: str, constants: list[WeakFigure]) -> WeakFigure:
    """Return constants as one doubt of a stack: each is off by itself, and one step measures them all."""
    effects = {
        answer: math.sqrt(sum(one.effects[answer] ** 2 for one in constants if answer in one.effects))
        for answer in ANSWERS
        if any(answer in one.effects for one in constants)
    }
    widest = max(one.may_be_off for one in constants if one.weight > _LEAST_EFFECT)
    return WeakFigure("stacks", stack, CONSTANTS, "derived", widest, effects)


def _with_profile(
    resolved: ResolvedPlan, pool: ResolvedPool, profile: Any, other: Any
) -> tuple[ResolvedPlan, ResolvedPool]:
    """Return the plan and the pool with another profile in the place of one."""
    if profile is resolved.site:
        return replace(resolved, site=other), pool
    moved = replace(
        pool,
        chip=other if profile is pool.chip else pool.chip,
        system=other if profile is pool.system else pool.system,
        fabric=other if profile is pool.fabric else pool.fabric,
        stacks=tuple(other if stack is profile else stack for stack in pool.stacks),
    )
    pools = tuple(moved if one is pool else one for one in resolved.pools)
    return replace(resolved, pools=pools), moved
