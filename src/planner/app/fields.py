"""The fields of a plan's form, in the order in which a team thinks; what each is, the plan's keys say."""

from __future__ import annotations

from dataclasses import dataclass

from planner.app.edits import FieldPath
from planner.app.field_spec import FieldSpec, spec_of
from planner.app.kinds import POST_TRAINING_SECTION
from planner.app.lists import LISTS
from planner.domain.parties import Parties, Release
from planner.domain.plan import Plan, Targets
from planner.domain.plan_money import Money
from planner.domain.plan_operations import Operations
from planner.domain.plan_strategy import Strategy
from planner.domain.post_training import PostTraining
from planner.domain.training import TrainingRecipe


@dataclass(frozen=True)
class Section:
    """A group of fields under one heading."""

    id: str
    title: str
    fields: tuple[FieldSpec, ...]
    #: what the heading says while it is closed; empty: it starts open
    summary: str = ""

    @property
    def is_collapsed(self) -> bool:
        """Whether the section starts closed."""
        return bool(self.summary)


#: What holds on the form alone.
_REMARKS = {
    "cluster.pools[].system": "Search by system or by chip.",
    "cluster.pools[].count": "Type '8192 chips' to count chips instead.",
    "cluster.pools[].stack_release": "Here: of the first pool.",
    "cluster.pools[].price_usd": "Here: of the first pool.",
    "cluster.pools[].rental_usd_per_chip_hour": "Here: of the first pool.",
    "cluster.pools[].rental_months": "Here: of the first pool.",
}


def _fields(prefix: str, *names: str) -> tuple[FieldSpec, ...]:
    keys = [f"{prefix}.{name}" for name in names]
    return tuple(spec_of(Plan, key, remark=_REMARKS.get(key, "")) for key in keys)


_POOL = "cluster.pools[]"
_WORKLOAD = _fields("workload", "kind", "tokens", "sequence_length", "global_batch_sequences", "precision")
_SITE = (
    *_fields("operations", "team"),
    *_fields("site", "profile"),
    *_fields("calendar", "start"),
    *_fields("site", "power_cap_mw"),
)
_CALENDAR = _fields("calendar", "acceptance_days", "burn_in_days", "ramp_days", "ramp_share", "priority")
_OPERATIONS = _fields("operations", *(name for name in Operations.model_fields if name != "team"))
#: Both sides' risks of the acceptance; what was measured are lists below them.
_MEASURED = _fields("acceptance", "risk_seller", "risk_buyer")
_MONEY = (
    *_fields(_POOL, "price_usd", "rental_usd_per_chip_hour", "rental_months"),
    # rates are a table of currencies, which no field holds
    *_fields("money", *(name for name in Money.model_fields if name != "rates")),
)
_STRATEGY = (
    *_fields("strategy", *Strategy.model_fields),
    *_fields("cluster", "link_bytes_per_s", "link_latency_s"),
)
_TRAINING = (*_fields("training", *TrainingRecipe.model_fields), *_fields(_POOL, "stack_release"))
_POST_TRAINING = _fields("post_training", *PostTraining.model_fields)
_SITE_DETAIL = _fields(
    "site",
    "pue",
    "electricity_usd_per_kwh",
    "carbon_g_per_kwh",
    "renewable_share",
    "country",
    "region",
    "connection_mva",
    "commissioned",
    "is_new_build",
    "is_single_datacenter",
    "is_state_funded",
    "is_cn_hub_node",
)

#: What the plan says of itself, above everything else.
NAME_FIELDS = tuple(spec_of(Plan, key) for key in ("name", "notes"))
POOL_FIELDS = _fields(_POOL, "id", "system", "count", "fabric", "stack")
#: Sections below the pools, in the order in which a team thinks.
SECTIONS = (
    Section("model", "MODEL", (*_fields("model", "profile"), *_WORKLOAD)),
    Section(POST_TRAINING_SECTION, "POST-TRAINING", _POST_TRAINING, "steps, rollouts"),
    Section("site", "SITE", _SITE),
    Section("targets", "TARGETS", _fields("targets", *Targets.model_fields)),
    Section("strategy", "STRATEGY", _STRATEGY, "layout, split of pools"),
    Section("training", "TRAINING", _TRAINING, "optimizer, offload"),
    Section("calendar", "CALENDAR", _CALENDAR, "acceptance, ramp"),
    Section("operations", "OPERATIONS", _OPERATIONS, "failures, restarts, checkpoints"),
    Section("measured", "PILOTS AND TESTS", _MEASURED, "what was measured"),
    Section("money", "MONEY", _MONEY, "prices"),
    Section("site-detail", "SITE DETAIL", _SITE_DETAIL, "PUE, price, dates"),
    Section("parties", "PARTIES", _fields("parties", *Parties.model_fields), "who buys, who sells"),
    Section("release", "RELEASE", _fields("release", *Release.model_fields), "where the model goes"),
)


class FieldIndex:
    """Finds the field of a path or of a plan key."""

    def __init__(self) -> None:
        in_sections = (spec for section in SECTIONS for spec in section.fields)
        specs = (*NAME_FIELDS, *POOL_FIELDS, *in_sections)
        self.by_key: dict[str, FieldSpec] = {spec.key: spec for spec in specs}
        in_lists = [(spec, one.section) for one in LISTS for spec in one.specs()]
        self.by_key |= {spec.key: spec for spec, _ in in_lists}
        #: of fields of lists
        self.sections: dict[str, str] = {spec.key: section for spec, section in in_lists}

    def at(self, path: FieldPath) -> FieldSpec:
        """Return the field at a path."""
        return self.by_key[path_key(path)]

    def section_of(self, key: str) -> Section | None:
        """Return the section that holds a plan key; None for fields outside."""
        return next(
            (
                section
                for section in SECTIONS
                if self.sections.get(key) == section.id or any(spec.key == key for spec in section.fields)
            ),
            None,
        )


def path_key(path: FieldPath) -> str:
    """Return the registry key of a path: `cluster.pools[].count`."""
    text = ""
    for part in path:
        text += "[]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


FIELDS = FieldIndex()
