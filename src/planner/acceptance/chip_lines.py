"""Lines of every node of a pool: what its chips and ports are expected to reach, how long they are there."""

from __future__ import annotations

import math
from collections.abc import Iterator

from planner.acceptance.effects import Cost, Part
from planner.acceptance.lines import Line, Sample, Unit
from planner.acceptance.sampling import NODE_SPREAD, REPEAT_ERROR, sampled
from planner.acceptance.tools import Tool
from planner.catalog.catalog import Catalog
from planner.domain.evidence import value_of
from planner.domain.measured_rates import Component
from planner.domain.plan_acceptance import Acceptance
from planner.engine.precisions import Datatype
from planner.planning.expected_rates import Expected, expected_chip_rate
from planner.planning.measured_rates import chip_rates, rated_of
from planner.planning.resolve import ResolvedPool
from planner.quantities.evaluation import Figures
from planner.units import percent

#: Of a datatype and a shape, m, k and n.
MATMUL_TITLE = "matmul {}, {:,} x {:,} x {:,}, sustained"
MEMORY_TITLE = "memory bandwidth, triad"
PORT_TITLE = "each port, written one way"


def chip_expected(
    pool: ResolvedPool, component: Component, datatype: Datatype | None, catalog: Catalog
) -> Expected | None:
    """Return what a pool's chips reach of a component, of a port its fabric's; None where nobody knows it."""
    chip = pool.chip
    rated = (
        value_of(pool.fabric.port_bytes_per_s) if component == "port" else rated_of(chip, component, datatype)
    )
    if rated is None:
        return None
    return expected_chip_rate(
        component,
        datatype,
        chip=chip.id,
        maker=chip.vendor,
        generation=chip.generation,
        rated=rated,
        rates=chip_rates(catalog),
    )


def hosts_of(pool: ResolvedPool) -> int:
    """Return how many hosts a pool's chips are in."""
    return max(math.ceil(pool.chips / pool.system.chips_per_host), 1)


def node_line(
    identifier: str,
    title: str,
    part: Part,
    unit: Unit,
    *,
    pool: ResolvedPool,
    tool: Tool | None,
    expected: Expected | None,
    acceptance: Acceptance,
    cost: Cost,
    why: str,
) -> Line:
    """Return a line of every node of a pool; it has no sample where nothing is expected."""
    sample = None
    if expected is not None:
        what = f"every node ({hosts_of(pool):,})"
        sample = sampled(acceptance, expected.log_spread, NODE_SPREAD, REPEAT_ERROR, what)
    return Line(identifier, title, part, "node", unit, tool, expected, sample, cost, why, nodes=1)


def availability(identifier: str, figures: Figures, cost: Cost) -> Iterator[Line]:
    """Yield the line of node-hours in which a pool's nodes could work; none where spares are unknown.

    `figures` are those of the pool by itself.
    """
    in_repair, servers = figures.p50("spares.in_repair"), figures.p50("spares.of_servers")
    spares = figures.p50("spares.servers")
    if not servers or in_repair is None or spares is None:
        return
    reached, needed = 1.0 - in_repair / servers, 1.0 - spares / servers
    yield Line(
        identifier,
        "share of node-hours in which a node could train, by month",
        "failures",
        "whole",
        "share",
        Tool("the scheduler's log", "node-hours ready for a job over all node-hours of the month"),
        Expected(reached, 0.0, "plan", "repairs as the plan assumes them", ()),
        Sample("each month", needed / reached, 0.0, 0.0, 0.0, True),
        cost,
        f"spares stand in for {percent(spares / servers, 1)} of the nodes; "
        "what is slow but reachable is away",
        nodes=servers,
    )
