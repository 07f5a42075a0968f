"""What fails together, how often, and what stands in for it: servers, racks, the job itself, and spares."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.failures import servers_missing, spares_needed, without_spare
from planner.engine.operators import COUNTED_SERVER_CHIPS, RACK_FAILURES_PER_DAY, SERVER_FAILURES_PER_DAY
from planner.quantities.leaves import Leaf, constant, nothing, typed
from planner.quantities.operations import as_stated, assumed, stated, states
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, another_way, leaf, quantity
from planner.units import HOURS_PER_DAY

#: Of failures of servers, those after which one is out for repair; assumed. [-]
REPAIRED_SHARE = 0.5
#: How long such a repair takes; assumed. [days]
REPAIR_DAYS = 7.0
_POOL: dict[str, Any] = {"scope": "pool"}


@quantity(
    "goodput.failures_per_day",
    "failures of the job in a day of running",
    "",
    {
        "servers": "goodput.servers",
        "server_failures": "goodput.server_failures_per_day",
        "racks": "goodput.racks",
        "rack_failures": "goodput.rack_failures_per_day",
        "own": "goodput.own_failures_per_day",
    },
)
def failures_per_day(
    servers: FloatArray,
    server_failures: FloatArray,
    racks: FloatArray,
    rack_failures: FloatArray,
    own: FloatArray,
) -> FloatArray:
    """Return how often anything stops the job: each of what fails together, and the job itself. [1/day]."""
    return servers * server_failures + racks * rack_failures + own


@quantity(
    "goodput.servers",
    "servers or trays that must all work",
    "",
    {"chips": "goodput.chips", "chips_per_host": "system.chips_per_host"},
)
def servers(chips: FloatArray, chips_per_host: FloatArray) -> FloatArray:
    """Return how many servers so many chips are in. [-]."""
    return chips / chips_per_host


@quantity(
    "goodput.server_failures_per_day",
    "failures of one server or tray in a day",
    "",
    {"in_1000_days": "operations.failures_per_1000_server_days"},
    when=lambda setting: states(setting, "failures_per_1000_server_days"),
    **_POOL,
)
def server_failures_stated(in_1000_days: FloatArray) -> FloatArray:
    """Return the failures of a server as the plan states them. [1/day]."""
    return in_1000_days / 1000


@another_way(
    "goodput.server_failures_per_day",
    {"chips_per_host": "system.chips_per_host", "hours": "operations.chip_mtbf_hours"},
    when=lambda setting: states(setting, "chip_mtbf_hours"),
)
def server_failures_of_chips(chips_per_host: FloatArray, hours: FloatArray) -> FloatArray:
    """Return the failures of a server by those of its chips. [1/day]."""
    return chips_per_host * HOURS_PER_DAY / hours


@another_way(
    "goodput.server_failures_per_day",
    {"chips_per_host": "system.chips_per_host", "counted": "goodput.counted_failures_per_day"},
)
def server_failures_as_counted(chips_per_host: FloatArray, counted: FloatArray) -> FloatArray:
    """Return the failures of a server by those that were counted of servers of eight chips. [1/day]."""
    return counted * chips_per_host / COUNTED_SERVER_CHIPS


as_stated("failures_per_1000_server_days", "failures of a server in 1,000 days", "")
as_stated("chip_mtbf_hours", "hours between failures of one chip", "h")


@leaf("goodput.counted_failures_per_day", "failures of an eight-way server in a day", "", scope="plan")
def counted(_: Setting) -> Leaf:
    """Return how often servers were counted to fail."""
    return assumed(SERVER_FAILURES_PER_DAY, "server_failures", "engine: SERVER_FAILURES_PER_DAY")


def has_racks(setting: Setting) -> bool:
    """Return whether several servers share a scale-up domain that fails as one."""
    system = setting.pool.system
    is_rack = system.scale_up.topology in ("switched", "mesh")
    return is_rack and system.chips_per_domain > system.chips_per_host


@quantity(
    "goodput.racks",
    "racks that must all work: what several servers share",
    "",
    {"chips": "goodput.chips", "chips_per_domain": "system.chips_per_domain"},
    when=has_racks,
)
def racks(chips: FloatArray, chips_per_domain: FloatArray) -> FloatArray:
    """Return how many racks the job is on. [-]."""
    return chips / chips_per_domain


@another_reading("goodput.racks")
def no_racks(_: Setting) -> Leaf:
    """Return that nothing fails with several servers at once."""
    return nothing("no servers share a scale-up domain")


@quantity(
    "goodput.rack_failures_per_day",
    "failures of one rack as a whole in a day",
    "",
    {"in_1000_days": "operations.failures_per_1000_rack_days"},
    when=lambda setting: states(setting, "failures_per_1000_rack_days"),
    **_POOL,
)
def rack_failures_stated(in_1000_days: FloatArray) -> FloatArray:
    """Return the failures of a rack as the plan states them. [1/day]."""
    return in_1000_days / 1000


@another_reading("goodput.rack_failures_per_day", when=lambda setting: not has_racks(setting))
def no_rack_failures(_: Setting) -> Leaf:
    """Return that nothing fails with several servers at once."""
    return nothing("no servers share a scale-up domain")


@another_reading("goodput.rack_failures_per_day")
def rack_failures(_: Setting) -> Leaf:
    """Return what is assumed of racks, of which nobody published a figure."""
    return assumed(RACK_FAILURES_PER_DAY, "rack_failures", "engine: RACK_FAILURES_PER_DAY")


@leaf("operations.failures_per_1000_rack_days", "failures of a rack in 1,000 days", "", scope="plan")
def in_1000_rack_days(setting: Setting) -> Leaf:
    """Return what the plan states of its racks."""
    return stated(setting, "failures_per_1000_rack_days")


# -- spares -------------------------------------------------------------------------------------------------


@quantity(
    "spares.in_repair",
    "servers in repair on the mean",
    "",
    {
        "servers": "spares.of_servers",
        "failures": "goodput.server_failures_per_day",
        "repaired": "spares.repaired_share",
        "days": "spares.repair_days",
    },
    **_POOL,
)
def in_repair(
    servers: FloatArray, failures: FloatArray, repaired: FloatArray, days: FloatArray
) -> FloatArray:
    """Return how many servers are away at any time. [-]."""
    return servers * failures * repaired * days


quantity(
    "spares.of_servers",
    "servers of the pool",
    "",
    {"chips": "pools.chips", "chips_per_host": "system.chips_per_host"},
    **_POOL,
)(servers)


@leaf(
    "spares.repaired_share", "of a server's failures, those that put it out for repair", "share", scope="plan"
)
def repaired_share(_: Setting) -> Leaf:
    """Return the share of failures that need the server taken out."""
    return constant(REPAIRED_SHARE, "engine: REPAIRED_SHARE")


@leaf("spares.repair_days", "days of such a repair", "days", scope="plan")
def repair_days(setting: Setting) -> Leaf:
    """Return how long a server is out."""
    if states(setting, "repair_days"):
        return stated(setting, "repair_days")
    return constant(REPAIR_DAYS, "engine: REPAIR_DAYS")


def says_spares(setting: Setting) -> bool:
    """Return whether the plan says how many spares there are."""
    return states(setting, "warm_spares") or setting.plan.money.spares_share is not None


@quantity(
    "spares.servers",
    "spare servers",
    "",
    {"in_repair": "spares.in_repair"},
    method="as few as leave one over nineteen times of twenty: the quantile of a Poisson distribution",
    when=lambda setting: not says_spares(setting),
    form="count",
    is_rating=True,
    **_POOL,
)
def spares_by_quantile(in_repair: FloatArray) -> FloatArray:
    """Return the spares that repairs ask for. [-]."""
    return spares_needed(in_repair[:1])


@another_way(
    "spares.servers",
    {"servers": "spares.of_servers", "share": "money.spares_share"},
    when=lambda setting: not states(setting, "warm_spares"),
)
def spares_by_share(servers: FloatArray, share: FloatArray) -> FloatArray:
    """Return the spares that are bought. [-]."""
    return servers * share


@another_reading("spares.servers")
def warm_spares(setting: Setting) -> Leaf:
    """Return the spares that the plan states."""
    return typed(float(setting.plan.operations.warm_spares or 0), "operations.warm_spares")


def _of_spares(identifier: str, title: str, method: str, formula: Any, more: dict[str, str]) -> None:
    inputs = {"in_repair": "spares.in_repair", "spares": "spares.servers", **more}
    quantity(identifier, title, "share", inputs, method=method, when=says_spares, **_POOL)(formula)

    @another_reading(identifier)
    def enough(_: Setting) -> Leaf:
        return nothing("there are as many spares as repairs ask for")


def _missing_share(in_repair: FloatArray, spares: FloatArray, servers: FloatArray) -> FloatArray:
    """Return the share of the servers that nothing stands in for. [-]."""
    return np.minimum(servers_missing(in_repair, spares) / servers, 1.0)


_of_spares(
    "spares.none_share",
    "share of failures at which no spare is warm",
    "the chance that as many are in repair as there are spares, by Poisson's law",
    without_spare,
    {},
)
_of_spares(
    "spares.missing_share",
    "share of the servers that are in repair with nothing in their place",
    "what is in repair beyond the spares, by Poisson's law, over all servers: the others train on",
    _missing_share,
    {"servers": "spares.of_servers"},
)
