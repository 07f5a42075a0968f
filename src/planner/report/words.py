"""The words for keys: what targets, severities, subjects and classes are called on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.quantities.evaluation import Figures

TARGETS = {
    "finish_by": "finish date",
    "steps_per_day": "steps a day",
    "power_mw": "power",
    "money_usd": "money",
    "site.power_cap_mw": "site's power cap",
}
#: What is told of a whole run's energy, from the grid to the river.
ENERGY = ("energy_mwh", "joules_per_token", "carbon_t", "carbon_embodied_t", "water_m3")
#: Shares of a chip's memory between which overhead and fragmentation, which differ from job to job, decide
#: whether a job fits (a share beyond the whole is what a driver's own reserve still gives).
TIGHT = (0.92, 1.04)
SEVERITIES = {
    "block": "BLOCK",
    "licence_required": "LICENCE",
    "notify": "NOTIFY",
    "report": "REPORT",
    "advisory": "ADVISORY",
}
#: In the order in which notes of one severity stand.
SUBJECTS = {
    "chip_export": "export",
    "chip_use": "chip use",
    "model_compute": "model",
    "cluster": "cluster",
    "site_energy": "energy",
    "procurement": "purchase",
    "screening": "screening",
}
#: What a chip's numbers say of its export classification, where the key alone says too little.
CLASSES = {
    "none": "outside 3A090 by its numbers alone",
    "note2": "outside 3A090.a and .b (note 2) by its numbers alone",
    "unknown": "class unknown: total performance, use or density is not known",
}
#: What rules ask for and no key of a plan holds: figures of a chip's profile, and sums of the estimate.
LOOKED_UP = {
    "chip.dense": "dense rates of the chip",
    "chip.die_area_mm2": "area of all logic dies of the chip",
    "chip.designer_country": "country of the chip's designer",
    "chip.datacenter": "chip is sold for data centres",
    "chip.custom_asic": "chip is custom silicon",
    "chip.foundry": "foundry of the chip",
    "chip.node_nm": "process node of the chip",
    "chip.mem_bw_gbps": "memory bandwidth of the chip",
    "chip.interconnect_gbps": "interconnect bandwidth of the chip",
    "cluster.tpp_total": "total processing performance of all chips",
    "cluster.peak_flops": "peak rate of all chips",
    "cluster.network_gbps": "rate of a network port",
    "site.mw": "peak load on the grid",
    "site.it_kw": "installed IT power",
    "site.annual_mwh": "energy in a year",
    "model.train_flop": "training FLOPs",
    "plan.train_flop_capacity": "FLOPs that the cluster delivers in the planned time",
}
#: How a figure is known, where the key alone would read as something else.
_EVIDENCE_KINDS = {"memory": "from memory"}
#: A sign beside each colour: nothing is told by colour alone.
SEVERITY_SIGNS = {"block": "x", "licence_required": "!", "notify": "!", "report": "-", "advisory": "."}
VERDICT_SIGNS = {"met": "+", "likely": "~", "missed": "x", "unknown": "?"}
VERDICT_WORDS = {"met": "met", "likely": "likely met", "missed": "missed", "unknown": "unknown"}
#: How little is known of a part, where nobody has measured it.
MATURITIES = {
    "announced": "sold, announced figures: not measured by others",
    "roadmap": "roadmap: announced, not proven",
}
#: The same in lists and filters: whether others train on it, it is sold, or only announced.
STATES = {"proven": "proven", "announced": "sold", "roadmap": "roadmap"}
PROFILE_KINDS = {
    "chips": "chip",
    "systems": "system",
    "fabrics": "fabric",
    "stacks": "stack",
    "models": "model",
    "sites": "site",
    "prices": "price",
    "rules": "rule",
    "country_groups": "country groups",
    "claims": "claim",
    "collectives": "measured rates",
}


def words(key: str, names: dict[str, str] | None = None) -> str:
    """Return the name of a key, or the key with spaces where it has none."""
    return (names or {}).get(key) or key.replace("_", " ")


def known_words(kind: str) -> str:
    """Return how a figure of a kind is known: `datasheet`, or `from memory` where it was read nowhere."""
    return words(kind, _EVIDENCE_KINDS)


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 change`, `2 changes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(texts: Sequence[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are.

    Examples
    --------
    >>> listed(("storage", "racks", "tax"), 2), listed(("storage", "racks"), 2)
    ('storage, racks and 1 more', 'storage, racks')
    """
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def fit_word(share: float) -> str:
    """Return whether a job that needs this share of a chip's memory fits: `yes`, `tight` or `no`."""
    if TIGHT[0] <= share <= TIGHT[1]:
        return "tight"
    return "yes" if share < TIGHT[0] else "no"


def memory_share(figures: Figures) -> float:
    """Return what the fullest chip needs over what software sees of its memory. [-]."""
    return figures.number("memory.share")
