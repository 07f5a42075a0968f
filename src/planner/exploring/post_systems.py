"""The smallest pools of post-training on other systems: which pool takes which, an answer for each mix."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError, PlannerError
from planner.exploring.post_sizes import PostSize, Wanted, post_training_size, systems_of
from planner.exploring.system_plans import with_system

#: Mixes of systems of two pools that are asked about at once: each takes up to a second.
MOST_MIXES = 400


@dataclass(frozen=True, slots=True)
class PoolSystems:
    """Which systems are asked about, of the pool that learns and of another one that generates.

    None: the plan's own. Of a plan of one pool the first are that pool's.
    """

    learning: Sequence[str] | None = None
    generating: Sequence[str] | None = None


def mixes_of(plan: Plan, asked: PoolSystems) -> tuple[tuple[str, ...], ...]:
    """Return the systems of the plan's pools, in their order, that go together; each is to be sized.

    Raises
    ------
    InputError
        Where a pool is asked about that the plan does not have, or nobody says which of two it is.
    """
    pools = plan.cluster.pools
    own = [[pool.system or ""] for pool in pools]
    if len(pools) == 1:
        if asked.generating is not None:
            raise InputError("--rollout-systems: the plan has one pool; expected --systems for it")
        return tuple((one,) for one in asked.learning or own[0])
    names = [pool.id for pool in pools]
    generates = plan.post_training.rollout_pool
    if (asked.learning is not None or asked.generating is not None) and generates not in names:
        option = "--systems" if asked.learning is not None else "--rollout-systems"
        raise InputError(
            f"{option}: which pool generates and which learns is open; expected "
            f"--set post_training.rollout_pool=ID, one of {', '.join(names)}"
        )
    for place, name in enumerate(names):
        chosen = asked.generating if name == generates else asked.learning
        own[place] = own[place] if chosen is None else list(chosen)
    mixes = tuple(itertools.product(*own))
    if len(mixes) > MOST_MIXES:
        raise InputError(
            f"--systems, --rollout-systems: {len(mixes):,} mixes of systems; expected {MOST_MIXES} at most"
        )
    return mixes


def post_training_sizes(
    plan: Plan,
    catalog: Catalog,
    wanted: Wanted,
    mixes: Sequence[tuple[str, ...]],
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[PostSize]:
    """Yield the smallest pools of each mix of systems, as of `mixes_of`; one that cannot be says why."""
    for mix in mixes:
        changed, changes = plan, list[str]()
        for place, system_id in enumerate(mix):
            changed, followed = with_system(changed, catalog, place, system_id)
            changes += followed
        try:
            size = post_training_size(changed, catalog, wanted, should_stop)
        except PlannerError as error:
            size = PostSize(wanted, None, why=str(error), systems=systems_of(changed))
        if should_stop():
            return
        yield replace(size, changes=tuple(dict.fromkeys(changes)))


def ranked_sizes(sizes: Sequence[PostSize]) -> list[PostSize]:
    """Return answers with the best first: the least power at the meter; those without one last."""

    def order(size: PostSize) -> tuple[int, float, int]:
        if size.found is not None:
            return 0, *size.found.order
        return (2 if size.nearest is None else 1), 0.0, 0

    return sorted(sizes, key=order)
