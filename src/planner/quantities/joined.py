"""Pools of a plan together: the figures of each of them, and what adds up over them."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from planner.planning.machine_parts import generates_for
from planner.quantities.figure import Figure, Gap, together
from planner.quantities.leaves import Leaf, typed
from planner.quantities.record import Record
from planner.quantities.setting import Setting, main_setting
from planner.quantities.symbols import Symbol, as_symbol
from planner.quantities.table import TABLE, Quantity, Way, in_front, leaf

if TYPE_CHECKING:
    from planner.quantities.evaluation import Figures

#: Units of what adds up over pools.
_ADDED_UNITS = ("W", "MWh", "t CO2", "m3", "USD")
#: What has such a unit and is a share of something else.
_NOT_ADDED = ("cost.per_million_tokens",)
#: What adds up though it is a number of something.
_ALSO_ADDED = ("spares.servers",)


def _is_of_all_pools(setting: Setting) -> bool:
    return setting.is_of_all_pools


# -- the figures of pools -----------------------------------------------------------------------------------


def members_of(figures: Figures) -> list[Figures]:
    """Return the figures of each pool that takes part, in its part of the training."""

    def make() -> list[Figures]:
        setting, joined = figures.setting, figures.setting.joined
        assert joined is not None
        settings = [main_setting(setting.resolved, one.pool, one.training) for one in joined.members]
        return [
            figures.elsewhere(replace(own, joined=joined, member=place)) for place, own in enumerate(settings)
        ]

    return figures.kept("members", make)


def by_itself(figures: Figures) -> list[Figures]:
    """Return the figures of each of the plan's pools by itself; of one that cannot train, what is known."""

    def make() -> list[Figures]:
        setting, joined = figures.setting, figures.setting.joined
        assert joined is not None
        return [
            figures.elsewhere(main_setting(setting.resolved, pool, training))
            for pool, training in joined.pools
        ]

    return figures.kept("pools by themselves", make)


def solo_members(figures: Figures) -> list[Figures]:
    """Return the figures of each part as if nothing else were there: what fails of it."""

    def make() -> list[Figures]:
        return [
            figures.elsewhere(main_setting(own.setting.resolved, own.setting.pool, own.setting.training))
            for own in members_of(figures)
        ]

    return figures.kept("members by themselves", make)


# -- what adds up -------------------------------------------------------------------------------------------


def adds_up(made: Quantity) -> bool:
    """Return whether what all pools need of a quantity is the sum of what each does."""
    return made.over_pools is not None or (
        made.is_published
        and (made.unit in _ADDED_UNITS or made.id in _ALSO_ADDED)
        and made.id not in _NOT_ADDED
    )


def _summed(figures: Figures, made: Quantity) -> list[Figures]:
    """Return whose figures make a sum: of the run, the pools that train; else all that are there."""
    members = members_of(figures)
    if made.is_of_job:
        return members
    joined = figures.setting.joined
    assert joined is not None
    idle = [own for own in by_itself(figures) if any(own.setting.pool is pool for pool in joined.idle)]
    return [*members, *idle]


def _figure_of(made: Quantity, figures: Figures) -> Figure:
    """Return one pool's part of a sum; unknown where that takes a training which it cannot do."""
    if figures.setting.training is None and made.scope != "pool":
        text = f"pool '{figures.setting.pool.pool.id}' cannot run the plan"
        return Figure(np.array([np.nan]), (Gap("unknown", "other", text),))
    return figures[made.id]


def _sum(figures: Figures, made: Quantity) -> Leaf:
    """Return what all pools need together; a part of a whole is the sum of what is known of it."""
    pools = _summed(figures, made)
    parts_ = [_figure_of(made, pool) for pool in pools]
    gaps = together(*(one.gaps for one in parts_))
    known = [one for one in parts_ if one.is_known]
    is_told = len(known) == len(parts_) or (made.form == "part" and bool(known))
    symbols = [f"pool_{number}" for number in range(1, len(pools) + 1)]

    def children() -> tuple[Record, ...]:
        return tuple(
            pool.record(made.id, symbol)
            for pool, symbol in zip(pools, symbols, strict=True)
            if pool.setting.training is not None or made.scope == "pool"
        )

    if not is_told:
        return Leaf(None, gaps=gaps, more_children=children)
    if made.form == "part":
        gaps = tuple(gap for gap in gaps if gap.kind != "unknown")
    return Leaf(
        reduce(add, [one.values for one in known]),
        name=f"{made.title}, of all pools together" if len(pools) > 1 else "",
        gaps=gaps,
        equation=str(as_symbol(reduce(add, map(Symbol, symbols)))) if len(known) == len(parts_) else None,
        method=None if len(known) == len(parts_) else "the sum over the pools of which it is known",
        more_children=children,
    )


def _add_up(made: Quantity) -> None:
    in_front(
        made.id,
        Way({}, reading=lambda figures: _sum(figures, made), when=_is_of_all_pools, reads_figures=True),
    )


for _made in list(TABLE.values()):
    if adds_up(_made):
        _add_up(_made)


# -- the fullest chip of all --------------------------------------------------------------------------------


def generates(own: Figures) -> bool:
    """Return whether a pool's part is to generate for another one: its caches take what memory there is."""
    return generates_for(own.setting.phase.post, own.setting.pool.pool.id)


def own_part_s(own: Figures) -> float | None:
    """Return what a pool does of a step: of the one that generates, its rollout. [s]."""
    if own.setting.phase.post is None:
        return own.p50("step.own_s")
    return own.p50(f"post_training.{'rollout' if generates(own) else 'learning'}_side_s")


def fullest(figures: Figures) -> Figures:
    """Return the figures of the pool whose chips are the fullest, of those that train."""
    training = [own for own in members_of(figures) if not generates(own)]
    return max(training, key=lambda own: own.number("memory.share"))


def _of_fullest(made: Quantity) -> None:
    def read(figures: Figures) -> Leaf:
        own = fullest(figures)
        record = own.record(made.id)
        name = f"{made.title}, of pool '{own.setting.pool.pool.id}'"
        return Leaf(own[made.id].values, record.grounds, name, own[made.id].gaps, record.method,
                    record.equation, record.children)  # fmt: skip

    way = Way({}, reading=read, when=_is_joint_whole, reads_figures=True)
    in_front(made.id, way)


def _is_joint_whole(setting: Setting) -> bool:
    return setting.is_joined and setting.member is None


for _made in [made for made in TABLE.values() if made.id.startswith("memory.") and made.is_published]:
    _of_fullest(_made)


# -- what is of one pool, and what is of the mean chip ------------------------------------------------------


@leaf("split.chips", "chips of all pools of the plan", "chips", scope="pool")
def all_chips(setting: Setting) -> Leaf:
    """Return the chips that the plan's money is for, whether or not they take part."""
    return typed(float(sum(pool.chips for pool in setting.resolved.pools)), "cluster.pools")


def _of_the_leader(made: Quantity) -> None:
    def read(figures: Figures) -> Leaf:
        pool = figures.setting.pool
        own = next(one for one in by_itself(figures) if one.setting.pool is pool)
        if own.setting.training is None:
            return Leaf(None, name=f"pool '{pool.pool.id}' cannot train by itself")
        record = own.record(made.id)
        name = f"{made.title}, of pool '{pool.pool.id}' by itself"
        found = own[made.id]
        if not found.is_known:
            return Leaf(None, gaps=found.gaps)
        return Leaf(found.values, record.grounds, name, found.gaps, record.method,
                    record.equation, record.children)  # fmt: skip

    in_front(made.id, Way({}, reading=read, when=_is_of_all_pools, reads_figures=True))


# what a rent is held against is the price of one kind of chip; what a run would cost in rent adds up
for _made in [made for made in TABLE.values() if made.id.startswith("rent.") and not adds_up(made)]:
    _of_the_leader(_made)
_per_hour = TABLE["cost.per_chip_hour"].ways[0]
in_front(
    "cost.per_chip_hour",
    replace(_per_hour, inputs={**_per_hour.inputs, "chips": "split.chips"}, when=_is_of_all_pools),
)
