"""What is said of pools that train together: what they lose, where their numerics differ, why some cannot."""

from __future__ import annotations

from planner.estimate.splits import SPLIT_WORDS, Splits, SplitView
from planner.units import percent


def split_candidates(splits: Splits) -> int:
    """Return the layouts that were tried for pools together."""
    return sum(
        phase.found.candidates
        for view in splits.views
        if view.split != "alone" and view.joined is not None
        for member in view.joined.members
        for phase in member.training.phases
    )


def split_reasons(splits: Splits) -> tuple[str, ...]:
    """Return why no way is there: of each that the plan allows."""
    stated = {view.split for view in splits.views if view.figures is None}
    if splits.is_stated:
        asked = [view for view in splits.views if view.split == splits.stated]
        return tuple(f"strategy.split = '{view.split}': {view.reason}" for view in asked)
    return tuple(
        f"pools as {SPLIT_WORDS[view.split]}: {view.reason}"
        for view in splits.views
        if view.split in stated and view.split != "alone"
    )


def split_warnings(splits: Splits | None) -> list[str]:
    """Return what a person should know of pools together before trusting the figures."""
    if splits is None or splits.chosen is None:
        return []
    chosen = splits.chosen
    warnings = [*_idle(splits, chosen), *_numerics(splits, chosen)]
    best = min(
        (view for view in splits.views if view.figures is not None),
        key=lambda view: view.days,
    )
    if splits.is_stated and best is not chosen and chosen.split == "rollout":
        warnings.append(
            f"post_training.rollout_pool = '{_generates(chosen)}' takes "
            f"{percent(chosen.days / best.days - 1)} longer than '{_generates(best)}'"
        )
    elif splits.is_stated and best is not chosen:
        warnings.append(
            f"strategy.split = '{chosen.split}' takes {percent(chosen.days / best.days - 1)} longer than "
            f"'{best.split}'"
        )
    return warnings


def _generates(view: SplitView) -> str:
    """Return the pool that generates in a way."""
    assert view.joined is not None
    return view.joined.members[1].pool.pool.id


def _idle(splits: Splits, chosen: SplitView) -> list[str]:
    joined = chosen.joined
    if joined is None or not joined.idle:
        return []
    names = ", ".join(f"'{pool.pool.id}'" for pool in joined.idle)
    chips = sum(pool.chips for pool in joined.idle)
    asked = "as the plan says" if splits.is_stated else "together it would take longer"
    return [
        f"pool {names} does not take part ({chips:,} chips), {asked}: power and purchase hold it all the same"
    ]


def _numerics(splits: Splits, chosen: SplitView) -> list[str]:
    joined = chosen.joined
    if joined is None or len(joined.members) < 2 or not splits.numerics:
        return []
    return [
        f"the pools that train together differ in {'; '.join(splits.numerics)}: their sums are rounded in "
        "other orders by other kernels, so that losses differ and no run repeats another to the bit; compare "
        "a few hundred steps of each pool alone before they are joined"
    ]
