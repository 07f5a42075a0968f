"""Power of a pool: the network counted from its topology, and the hosts' share of a system's rating."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.planning.resolve import resolve
from planner.quantities.evaluation import Figures
from planner.quantities.power import network_w_per_chip
from planner.quantities.setting import Setting

MakePlan = Callable[..., Plan]
Write = Callable[[str, str], Catalog]
SITE = {"pue": 1.25}
FABRIC = """
id = "wire"
name = "Wire"
kind = "roce"
port_bytes_per_s = { value = "25 GB/s", kind = "memory" }
latency_s = { value = "2 us", kind = "memory" }
"""
SWITCH = """
switch_radix = { value = 64, kind = "memory" }
switch_power_w = { value = "1 kW", kind = "memory" }
"""


def known_of(plan: Plan, catalog: Catalog) -> Figures:
    """Return what is known of a plan's pool without any training."""
    resolved = resolve(plan, catalog)
    return Figures(Setting(resolved, resolved.pools[0]))


def system(plain_system: str, domain: int) -> str:
    return plain_system.replace("chips_per_domain = 8", f"chips_per_domain = {domain}")


@pytest.mark.parametrize(
    ("chips", "domain", "watts"),
    [
        # within one domain, up to its last chip
        (8, 8, 0.0),
        (8, 16, 0.0),
        (16, 16, 0.0),
        # the first system more: sixteen ports on one switch of 1 kW, sixteen cables with two modules of 10 W
        (16, 8, 1000 + 32 * 10),
        (16, 15, 1000 + 32 * 10),
    ],
)
def test_a_network_begins_where_a_scale_up_domain_ends(
    make_plan: MakePlan, write: Write, plain_system: str, chips: int, domain: int, watts: float
) -> None:
    catalog = write("systems/plain-8", system(plain_system, domain))
    plan = make_plan({"count": None, "chips": chips}, site=SITE)
    assert network_w_per_chip(resolve(plan, catalog).pools[0]) == pytest.approx(watts / chips)
    found = known_of(plan, catalog)
    assert found.number("power.parts.network") == pytest.approx(watts)
    assert found.number("power.peak_facility_w") == pytest.approx((chips * 1000 * 1.02 + watts) * 1.25)


def test_no_switch_needs_to_be_known_within_one_domain(make_plan: MakePlan, write: Write) -> None:
    catalog = write("fabrics/wire", FABRIC)
    alone, two = (known_of(make_plan({"count": count}, site=SITE), catalog) for count in (1, 2))
    assert alone.number("power.parts.network") == 0.0
    assert alone.gaps("power.peak_facility_w") == ()
    assert two.p50("power.parts.network") is None
    # what nobody knows is in no sum, and is said
    assert two.number("power.peak_facility_w") == pytest.approx(16 * 1000 * 1.02 * 1.25)
    assert two.gaps("power.peak_facility_w") == ("power of fabric 'wire' (not in the sums)",)


def test_switches_are_counted_where_no_module_is_known(make_plan: MakePlan, write: Write) -> None:
    found = known_of(make_plan(site=SITE), write("fabrics/wire", FABRIC + SWITCH))
    assert found.number("power.parts.network") == pytest.approx(1000)


def test_a_system_that_does_not_say_has_a_port_for_each_chip(
    make_plan: MakePlan, write: Write, plain_system: str
) -> None:
    half = known_of(
        make_plan(site=SITE), write("systems/plain-8", plain_system.replace("value = 8\n", "value = 4\n"))
    )
    # eight ports: eight cables with two modules each
    assert half.number("power.parts.network") == pytest.approx(1000 + 16 * 10)
    silent = plain_system.replace('[ports_per_host]\nvalue = 8\nkind = "memory"\n', "")
    assert "ports_per_host" not in silent
    found = known_of(make_plan(site=SITE), write("systems/plain-8", silent))
    assert found.number("power.parts.network") == pytest.approx(1000 + 32 * 10)


def test_a_host_is_what_a_system_draws_beside_its_chips(
    make_plan: MakePlan, write: Write, plain_system: str
) -> None:
    def hosts(rating: str) -> Any:
        catalog = write("systems/plain-8", plain_system.replace('"8 kW"', f'"{rating}"'))
        return known_of(make_plan(site=SITE), catalog).p50("power.parts.hosts")

    assert hosts("8 kW") == pytest.approx(16 * 500 * 0.75)
    # a rating below the chips' own leaves nothing, and not less
    assert hosts("3 kW") == 0.0
