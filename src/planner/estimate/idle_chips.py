"""What a plan is told of chips that are held back: those that idle, and the batch that uses them all."""

from __future__ import annotations

from planner.engine.batch_flex import nearest_batch
from planner.estimate.result import Estimate
from planner.planning.layout_choice import LayoutChoice
from planner.planning.resolve import ResolvedPool
from planner.planning.training import PhaseTraining

#: A chip that is fuller may run otherwise where there is more room. [-]
_TIGHT = 0.8


def idle_warnings(pool: ResolvedPool, phase: PhaseTraining) -> list[str]:
    """Return what idles of a pool, and what of a batch does not fill its last microbatch."""
    label = f"pool '{pool.pool.id}': "
    layout, batch = phase.layout, phase.workload.global_batch_sequences
    warnings = []
    # of a pool that is split, some generate
    learning = phase.post.update_chips if phase.post else pool.chips
    idle = learning - layout.chips_used
    if idle > 0:
        warnings.append(
            f"{label}{idle:,} of {learning:,} chips are idle: the layout uses {layout.chips_used:,} "
            f"(data parallel {layout.dp} must divide {_a_batch(phase)}); {_way_out(learning, phase)}"
        )
    if batch % (layout.dp * layout.microbatch):
        warnings.append(
            f"{label}the batch of {batch:,} sequences does not divide by data parallel {layout.dp} x "
            f"microbatch {layout.microbatch}: the last microbatch is padded"
        )
    return warnings


def _a_batch(phase: PhaseTraining) -> str:
    grid = phase.job.space.grid
    if phase.post:
        return f"the batch of {phase.stated_batch:,}, which does not flex: a step learns from its own samples"
    kind = f"a batch within {100 * grid.batch_flex:.3g} % of" if grid.moves_batch else "the batch of"
    return f"{kind} {phase.stated_batch:,}"


def _way_out(chips: int, phase: PhaseTraining) -> str:
    """Return the batch nearest to the stated one that uses all chips with the same split of the model."""
    batch = full_batch(chips, phase.layout, phase.stated_batch)
    if batch is None:
        return "no batch uses all while the model is split like that"
    change = batch / phase.stated_batch - 1.0
    return f"a batch of {batch:,} ({100 * change:+.3g} %) would use all"


def full_batch(chips: int, layout: LayoutChoice, stated: int) -> int | None:
    """Return the batch nearest to the stated one that leaves no chip idle; None where none does.

    Parameters
    ----------
    chips
        All that there are.
    layout
        How a replica is split, which stays.
    stated
        The batch as the plan states it.
    """
    inner = layout.tp * layout.cp
    replicas, left = divmod(chips, inner * layout.pp)
    if left or replicas * inner % layout.ep:
        return None
    return nearest_batch(stated, replicas, layout.microbatch)


def may_look_further(estimate: Estimate) -> bool:
    """Return whether more is to be told of it: a way out, or what one system more would free.

    Chips are held back where some idle, or where memory is short: it is full, or work is done twice for it.
    """
    if len(estimate.pools) != 1 or estimate.known.setting.plan.workload.is_post_training:
        return False
    figures = estimate.figures
    if figures is None:
        return True
    is_idle = figures.number("strategy.chips_used") < estimate.pools[0].chips
    has_recompute = figures.words("strategy.recompute") != "none"
    return is_idle or has_recompute or figures.number("memory.share") > _TIGHT
