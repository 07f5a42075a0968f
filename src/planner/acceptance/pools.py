"""Of a plan of several pools, which have no lines of their own, and why."""

from __future__ import annotations

from collections.abc import Iterator

from planner.estimate.result import Estimate, PoolEstimate


def untested(estimate: Estimate, whole: PoolEstimate) -> Iterator[str]:
    """Yield of each other pool that and why it has no lines, and how it gets some."""
    if estimate.joined is not None and estimate.joined.generates:
        # the pool that generates has lines of its own
        return
    for pool in estimate.pools:
        if pool.id != whole.id:
            yield (
                f"pool '{pool.id}' ({pool.chips:,} {pool.chip_name}): the nodes, groups and hours above are "
                f"those of pool '{whole.id}', which sets the pace; what this pool does in the whole has no "
                "layout of its own to test by: a plan of it alone says its lines"
            )
