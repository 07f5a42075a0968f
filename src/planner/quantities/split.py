"""The split of a training over pools: which it is, what it loses, and the link that it goes over."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.engine.mixed import lost_share
from planner.quantities.figure import Gap
from planner.quantities.joined import by_itself
from planner.quantities.leaves import Leaf, constant, typed
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity

if TYPE_CHECKING:
    from planner.quantities.evaluation import Figures


@leaf("split.name", "how the pools share the work", "words", aliases=("split",))
def split_name(setting: Setting) -> Leaf:
    """Return the way in which the pools train together; unknown of a single pool."""
    if setting.joined is None:
        return Leaf(None, name="a single pool")
    chosen = setting.plan.strategy.split
    grounds = Grounds("plan", "plan: strategy.split") if chosen != "auto" else None
    return Leaf(setting.joined.split, grounds, method=None if grounds else "the one that trains fastest")


@leaf(
    "split.ideal_tokens_per_second",
    "tokens per second of all pools of the plan, were each by itself and nothing lost",
    "tokens/s",
    method="the sum of the rates at which each would train all of it",
    reads_figures=True,
)
def ideal(figures: Figures) -> Leaf:
    """Return the sum of the pools' rates; unknown where one cannot train by itself, or there is one pool."""
    if not figures.setting.is_of_all_pools:
        return Leaf(None, name="a single pool")
    if figures.setting.plan.workload.is_post_training:
        return Leaf(None, name="pools that do different work")
    pools = by_itself(figures)
    unable = [pool.setting.pool.pool.id for pool in pools if pool.setting.training is None]
    if unable:
        return Leaf(None, name=f"pool '{unable[0]}' cannot train by itself")
    chosen = figures.setting.chosen_phase
    # each phase has its own proportion of the pools: their rates add up phase by phase
    phases = range(len(figures.setting.phases)) if chosen is None else (chosen,)
    seconds, tokens = np.zeros(1), np.zeros(1)
    for place in phases:
        of_phase = figures.of_phase(place)["workload.tokens"].values
        rates = [pool.of_phase(place)["tokens_per_second"].values for pool in pools]
        seconds, tokens = seconds + of_phase / reduce(add, rates), tokens + of_phase
    total = tokens / seconds
    joined = figures.setting.joined
    if joined is not None and joined.is_one:
        # of one pool that is counted as two, a half does at least what it does in the whole
        total = np.maximum(total, figures["tokens_per_second"].values)
    return Leaf(
        total,
        more_children=lambda: tuple(
            (pool if chosen is None else pool.of_phase(chosen)).record("tokens_per_second", f"rate_{n}")
            for n, pool in enumerate(pools, 1)
        ),
    )


quantity(
    "split.loss",
    "share of the sum of the pools' rates that training together loses",
    "share",
    {"rate": "tokens_per_second", "ideal": "split.ideal_tokens_per_second"},
    short="lost to the split",
    form="part",
    better="less",
    aliases=("split_loss",),
)(lost_share)


@leaf(
    "split.between_s",
    "seconds of the link between pools: of all gradients once a step, or of one microbatch",
    "s",
    method="bytes over what messages reach of the link, and its latency, whether or not compute hides it",
    inputs={"link": "split.link_bytes_per_s", "latency": "split.link_latency_s"},
    scope="phase",
)
def between(setting: Setting) -> Leaf:
    """Return what the link takes of a step."""
    if setting.joined is None:
        return Leaf(None, name="a single pool")
    return Leaf(np.array([setting.joined.between_s(setting.phase_index)]))


def _of_link(identifier: str, title: str, unit: Any, field: str, key: str, what: int) -> None:
    @leaf(identifier, title, unit)
    def read(setting: Setting) -> Leaf:
        joined = setting.joined
        if joined is None:
            return Leaf(None, name="a single pool")
        value = getattr(joined.link, field)
        if getattr(setting.plan.cluster, key) is not None:
            return typed(value, f"cluster.{key}")
        text = next(text for text in joined.link.assumed if text.startswith(("link", "latency")[what]))
        return replace(constant(value, "engine: LINKED_SHARE" if what == 0 else "engine: LINK_LATENCY_S"),
                       gaps=(Gap("assumed", "other", text),))  # fmt: skip


_of_link(
    "split.link_bytes_per_s", "rate of the link between pools, one direction", "B/s", "bytes_per_s",
    "link_bytes_per_s", 0,
)  # fmt: skip
_of_link(
    "split.link_latency_s", "latency of the link between pools, one way", "s", "latency_s",
    "link_latency_s", 1,
)  # fmt: skip
