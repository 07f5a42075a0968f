"""The facts that rules ask for, read from a plan, its chips and what the estimate computed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planner.compliance.facts import derive, number
from planner.domain.chip import Chip
from planner.domain.condition import leaves_of
from planner.domain.evidence import value_of
from planner.domain.plan import Plan
from planner.domain.rule import Rule
from planner.domain.site import Site
from planner.engine.precisions import DATATYPE_BITS, Datatype
from planner.units import BITS_PER_BYTE, HOURS_PER_YEAR, WATTS_PER_MW, Span

#: Bits of the operands. TF32 is left out: whether it counts as 19 or 32 bits is not settled, and chips
#: that offer it have a 16-bit rate beside it.
BIT_LENGTHS: Mapping[Datatype, int] = {name: bits for name, bits in DATATYPE_BITS.items() if name != "tf32"}

#: Field of a rule to the key of the plan that fills it; computed and looked-up fields have none.
PLAN_KEYS: Mapping[str, str] = {
    "as_of": "as_of",
    "chip.subject_to_ear": "parties.chip_subject_to_ear",
    "cluster.single_datacenter": "site.is_single_datacenter",
    "cluster.fp64_pflops": "cluster.fp64_pflops",
    "cluster.fp32_pflops": "cluster.fp32_pflops",
    "cluster.iaas": "parties.is_capacity_rented_out",
    "site.country": "site.country",
    "site.region": "site.region",
    "site.connection_mva": "site.connection_mva",
    "site.pue": "site.pue",
    "site.renewable_share": "site.renewable_share",
    "site.commissioned": "site.commissioned",
    "site.cn_hub_node": "site.is_cn_hub_node",
    "site.state_funded": "site.is_state_funded",
    "site.new_build": "site.is_new_build",
    "buyer.name": "parties.buyer_name",
    "buyer.hq_country": "parties.buyer_country",
    "buyer.parent_hq_country": "parties.buyer_parent_country",
    "buyer.listed": "parties.buyer_is_listed",
    "buyer.sdn": "parties.buyer_is_sdn",
    "buyer.screened": "parties.buyer_is_screened",
    "buyer.owned_by_listed_pct": "parties.buyer_owned_by_listed_percent",
    "buyer.owned_by_sdn_pct": "parties.buyer_owned_by_sdn_percent",
    "buyer.us_federal": "parties.buyer_is_us_federal",
    "buyer.us_federal_contractor": "parties.buyer_is_us_federal_contractor",
    "buyer.cn_public_sector": "parties.buyer_is_cn_public_sector",
    "buyer.uae_approved": "parties.buyer_is_uae_approved",
    "supplier.name": "parties.supplier_name",
    "supplier.country": "parties.supplier_country",
    "supplier.listed": "parties.supplier_is_listed",
    "supplier.sdn": "parties.supplier_is_sdn",
    "supplier.screened": "parties.supplier_is_screened",
    "developer.us": "parties.developer_is_us",
    "export.route": "parties.export_route",
    "export.via": "parties.export_via",
    "import.us_entry": "parties.import_us_entry",
    "import.use": "parties.import_use",
    "model.eu_market": "release.eu_market",
    "model.kr_market": "release.kr_market",
    "model.ny_market": "release.ny_market",
    "model.cn_public_service": "release.cn_public_service",
    "model.open_weights": "release.open_weights",
    "model.bio_sequence_data": "release.bio_sequence_data",
    "model.modification_fraction": "release.modification_fraction",
}


@dataclass(frozen=True)
class PoolFacts:
    """What the rules ask about one pool."""

    id: str
    chip: Chip
    chips: int
    #: one scale-out port, one direction
    port_bytes_per_s: float | None = None

    @cached_property
    def derived(self) -> dict[str, object]:
        """The facts about its chip with what follows from them."""
        return derive(pool_facts(self))


@dataclass(frozen=True, slots=True)
class ComputedFacts:
    """What the estimate knows about the whole plan; None is unknown."""

    site: Site | None = None
    #: operations of the training, causal convention, without recomputation
    training_flops: float | None = None
    #: operations that the cluster can deliver in the planned time
    train_flop_capacity: float | None = None
    #: everything that draws power inside the racks, at its rating
    installed_it_power_w: float | None = None
    #: the grid load that the site must be able to carry
    peak_facility_power_w: float | None = None
    #: average over the year, from which the annual energy follows
    average_facility_power_w: float | None = None
    finish: datetime.date | None = None


def plan_facts(
    plan: Plan, pools: Sequence[PoolFacts], computed: ComputedFacts, rules: Iterable[Rule] = ()
) -> dict[str, object]:
    """Return the facts that hold for every pool; what is unknown is absent."""
    facts = {field: _of_plan(plan, key) for field, key in PLAN_KEYS.items()}
    for party in ("buyer", "supplier"):
        if facts[f"{party}.screened"] is False:
            # not screened is what the rules call missing
            facts[f"{party}.screened"] = None
    facts |= _site_facts(plan, computed.site)
    if facts.get("site.region") is None and isinstance(facts.get("site.country"), str):
        facts["site.region"] = _region_that_cannot_matter(str(facts["site.country"]), rules)
    facts |= {
        "model.train_flop": computed.training_flops,
        "plan.train_flop_capacity": computed.train_flop_capacity,
        "site.it_kw": _in_units(computed.installed_it_power_w, 1e3),
        "site.mw": _in_units(computed.peak_facility_power_w, WATTS_PER_MW),
        "site.annual_mwh": _in_units(computed.average_facility_power_w, WATTS_PER_MW / HOURS_PER_YEAR),
        # a plan buys systems, so its memory always comes inside a package
        "hbm.standalone": False,
    }
    facts |= _cluster_facts(pools)
    return {field: value for field, value in facts.items() if value is not None}


def pool_facts(pool: PoolFacts) -> dict[str, object]:
    """Return the facts about one pool's chip; what is unknown is absent."""
    chip = pool.chip
    trade = chip.trade
    link = chip.scale_up
    one_way = value_of(link.bandwidth_bytes_per_s) if link is not None else None
    # Any: figures are of many types
    facts: dict[str, Any] = {
        "chip.name": chip.name,
        "chip.vendor": chip.vendor,
        "chip.dense": _dense_rates(chip) or None,
        "chip.mem_bw_gbps": _in_units(value_of(chip.memory.bandwidth_bytes_per_s), 1e9),
        # both directions
        "chip.interconnect_gbps": _in_units(one_way, 0.5e9),
        "chip.designer_country": value_of(trade.designer_country),
        "chip.foundry": value_of(trade.foundry),
        "chip.node_nm": value_of(trade.node_nm),
        "chip.datacenter": value_of(trade.is_datacenter),
        "chip.custom_asic": value_of(trade.is_custom_asic),
        "chip.die_area_mm2": value_of(trade.logic_die_area_mm2),
    }
    return {field: value for field, value in facts.items() if value is not None}


def _of_plan(plan: Plan, key: str) -> object:
    value: object = plan
    for part in key.split("."):
        value = getattr(value, part)
    # every rule on a range, the overhead's above all, grows stricter with it
    return value.high if isinstance(value, Span) else value


def _site_facts(plan: Plan, site: Site | None) -> dict[str, object]:
    """Return what the site's profile says where the plan says nothing."""
    if site is None:
        return {}
    country = plan.site.country or site.country
    own = {
        "site.country": country,
        # a region of another country than the plan's would be wrong
        "site.region": site.region if country == site.country else None,
        "site.pue": value_of(site.pue),
        "site.renewable_share": value_of(site.renewable_share),
    }
    return {field: value for field, value in own.items() if value is not None and not _is_given(plan, field)}


def _is_given(plan: Plan, field: str) -> bool:
    return _of_plan(plan, PLAN_KEYS[field]) is not None


def _region_that_cannot_matter(country: str, rules: Iterable[Rule]) -> str | None:
    """Return a region that no rule names, where no rule names one of this country; None otherwise.

    A site in China need not be asked for its region because a rule is about Texas.
    """
    for rule in rules:
        if "site.region" not in rule.fields_read:
            continue
        for leaf in leaves_of(rule.condition):
            if leaf["f"] != "site.region":
                continue
            wanted = leaf.get("v")
            named = wanted if isinstance(wanted, list | tuple) else (wanted,)
            is_plain = leaf["op"] in ("==", "!=", "in", "not_in")
            if not is_plain or any(str(region).startswith(f"{country}-") for region in named):
                return None
    return country


def _cluster_facts(pools: Sequence[PoolFacts]) -> dict[str, object]:
    performance = [number(pool.derived, "chip.tpp") for pool in pools]
    rates = [max(_dense_rates(pool.chip).values(), default=None) for pool in pools]
    rate = _sum(rates, pools)
    ports = [pool.port_bytes_per_s for pool in pools if pool.port_bytes_per_s is not None]
    return {
        "cluster.tpp_total": _sum(performance, pools),
        # operations per second out of TOPS
        "cluster.peak_flops": None if rate is None else rate * 1e12,
        "cluster.network_gbps": max(ports) * BITS_PER_BYTE / 1e9 if ports else None,
    }


def _sum(per_chip: Sequence[float | None], pools: Sequence[PoolFacts]) -> float | None:
    """Return the sum over all chips, or None where one chip's figure is unknown."""
    total = 0.0
    for value, pool in zip(per_chip, pools, strict=True):
        if value is None:
            return None
        total += value * pool.chips
    return total


def _dense_rates(chip: Chip) -> dict[str, float]:
    """Return bit length to dense TOPS, the fastest datatype of each length."""
    rates: dict[str, float] = {}
    for datatype, figure in chip.peak_dense_flops_per_s.items():
        rate = value_of(figure)
        bits = BIT_LENGTHS.get(datatype)
        if rate is not None and bits is not None:
            rates[str(bits)] = max(rates.get(str(bits), 0.0), rate / 1e12)
    return rates


def _in_units(value: float | None, unit: float) -> float | None:
    # dividing by a whole number keeps 4 TB/s at 4000 GB/s; a product with 1e-9 may fall short of a line
    return None if value is None else value / unit
