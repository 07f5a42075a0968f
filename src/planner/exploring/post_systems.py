"""The smallest pools of post-training on other systems: which pool takes which, an answer for each mix."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError, PlannerError
from planner.exploring.post_answers import PostSize, systems_of
from planner.exploring.post_sizes import post_training_size
from planner.exploring.sizes import ranked
from planner.exploring.system_plans import with_system
from planner.exploring.targets import Targets

#: Mixes of systems of two pools that are asked about at once: each takes up to a second.
MOST_MIXES = 400
#: So many systems of each pool are tried with each other where all of them were tried with the plan's own.
_CROSSED = 5


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


def star_of(plan: Plan, systems: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the mixes in which one pool at a time takes each of the systems, and the plan's own first.

    All mixes of two pools are as many as systems times systems. A pool without a system takes another pool's;
    where none has any, all take the same.
    """
    named = [pool.system for pool in plan.cluster.pools if pool.system is not None]
    if not named:
        return tuple((system,) * len(plan.cluster.pools) for system in systems)
    own = tuple(pool.system or named[0] for pool in plan.cluster.pools)
    others = ((*own[:place], system, *own[place + 1 :]) for place in range(len(own)) for system in systems)
    return tuple(dict.fromkeys((own, *others)))


def crossed(answers: Sequence[PostSize]) -> tuple[tuple[str, ...], ...]:
    """Return the mixes of the best systems of each pool that no answer is of yet.

    Parameters
    ----------
    answers
        Of `star_of`, the plan's own mix first.
    """
    if not answers:
        return ()
    mixes = [tuple(system for _, system in answer.systems) for answer in answers]
    own = mixes[0]
    best: list[list[str]] = []
    for place in range(len(own)):
        of_pool = [
            answer
            for answer, mix in zip(answers, mixes, strict=True)
            if answer.is_feasible and mix == (*own[:place], mix[place], *own[place + 1 :])
        ]
        best.append([answer.systems[place][1] for answer in ranked(of_pool)[:_CROSSED]])
    return tuple(mix for mix in itertools.product(*best) if mix not in mixes)


def post_training_sizes(
    plan: Plan,
    catalog: Catalog,
    targets: Targets,
    mixes: Sequence[tuple[str, ...]],
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[PostSize]:
    """Yield the smallest pools of each mix of systems, as of `mixes_of`; one that cannot be says why."""
    for mix in mixes:
        changed, changes = on_systems(plan, catalog, mix)
        try:
            size = post_training_size(changed, catalog, targets, should_stop)
        except PlannerError as error:
            size = PostSize(targets, None, why=str(error), systems=systems_of(changed))
        if should_stop():
            return
        names = tuple(
            catalog.get("systems", system).profile.name if system in catalog.systems else system
            for system in mix
        )
        yield replace(size, names=names, changes=changes)


def on_systems(plan: Plan, catalog: Catalog, mix: Sequence[str]) -> tuple[Plan, tuple[str, ...]]:
    """Return a plan with these systems in its pools, and what followed or was left out, a line each."""
    changes: list[str] = []
    for place, system_id in enumerate(mix):
        plan, followed = with_system(plan, catalog, place, system_id)
        changes += followed
    return plan, tuple(dict.fromkeys(changes))
