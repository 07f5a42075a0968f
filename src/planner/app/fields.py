"""The registry of input fields, in the order in which a team thinks."""

from __future__ import annotations

from dataclasses import dataclass, field

from planner.app.detail_fields import (
    MONEY_FIELDS,
    SITE_DETAIL_FIELDS,
    STRATEGY_FIELDS,
)
from planner.app.edits import FieldPath, Reading
from planner.app.field_spec import PICK, PICK_REQUIRED, WHOLE_REQUIRED, FieldSpec, Section
from planner.app.party_fields import PARTY_FIELDS, RELEASE_FIELDS
from planner.units import MONEY, POWER, TOKENS

POOL_FIELDS = (
    FieldSpec(
        "cluster.pools[].id",
        "pool",
        Reading("text", is_required=True),
        "A short name for these systems; differences between plans are matched by it.",
        find="Your choice: small letters, digits and dashes.",
        example="train",
    ),
    FieldSpec(
        "cluster.pools[].system",
        "system",
        PICK_REQUIRED,
        "The server, rack or supernode that is bought, and with it the chip. Search by system or by chip.",
        find="The vendor's quotation names it.",
        profile_kind="systems",
    ),
    FieldSpec(
        "cluster.pools[].count",
        "count",
        WHOLE_REQUIRED,
        "How many systems are bought. Type '8192 chips' to count chips instead.",
        find="The quotation, or try sizes until the targets are met.",
        example="1,024 or 8192 chips",
    ),
    FieldSpec(
        "cluster.pools[].fabric",
        "fabric",
        PICK,
        "The scale-out network between the systems: rate of a port, tiers, oversubscription.",
        default="the system's usual fabric",
        find="The network part of the quotation: InfiniBand or RoCE, and the rate of a port.",
        profile_kind="fabrics",
    ),
    FieldSpec(
        "cluster.pools[].stack",
        "stack",
        PICK,
        "The software that trains: platform, framework and year. It decides the efficiency that is expected.",
        default="the platform's usual stack, with a wider band",
        find="Ask the team that will run the training.",
        profile_kind="stacks",
    ),
)
MODEL_FIELDS = (
    FieldSpec(
        "model.profile",
        "model",
        PICK_REQUIRED,
        "The architecture that is trained.",
        find="The model's paper or configuration file.",
        profile_kind="models",
    ),
    FieldSpec(
        "workload.tokens",
        "tokens",
        Reading("quantity", is_required=True, dimension=TOKENS, is_span=True),
        "How many tokens the model is trained on in all.",
        find="The training plan; 20 tokens per parameter is the least that is usual, 100 and more is common.",
        example="13.2T or 10T..15T",
    ),
    FieldSpec(
        "workload.sequence_length",
        "sequence",
        WHOLE_REQUIRED,
        "Tokens of one training sequence.",
        default="4,096",
        find="The training plan or the model's configuration.",
        example="4,096 or 8k",
    ),
    FieldSpec(
        "workload.global_batch_sequences",
        "batch",
        WHOLE_REQUIRED,
        "Sequences of one optimizer step over the whole cluster.",
        default="1,024",
        find="The training plan: tokens per step divided by the sequence length.",
        example="4,096",
    ),
    FieldSpec(
        "workload.precision",
        "precision",
        Reading("choice", is_required=True),
        "The datatype of the matrix multiplications. The chip must have a rate for it.",
        default="bf16",
        find="The training recipe; bf16 unless it says otherwise.",
        choices=(
            ("bf16", "the usual choice"),
            ("fp16", "older chips without bf16"),
            ("fp8", "8-bit matmuls, as in DeepSeek-V3"),
            ("mxfp8", "8-bit with block scales"),
            ("fp4", "4-bit matmuls"),
            ("nvfp4", "NVIDIA's 4-bit with block scales"),
            ("tf32", "19-bit, for old recipes"),
        ),
    ),
)
SITE_FIELDS = (
    FieldSpec(
        "site.profile",
        "site",
        PICK,
        "Where the cluster stands: overhead, electricity, carbon, and the law that applies.",
        default="unknown place: no electricity cost, no site rules",
        find="The facility's data sheet.",
        profile_kind="sites",
    ),
    FieldSpec(
        "calendar.start",
        "start",
        Reading("date"),
        "The day on which training starts.",
        default="no dates, only days",
        find="Delivery date plus installation and acceptance.",
        example="2026-12-14",
    ),
    FieldSpec(
        "site.power_cap_mw",
        "power cap",
        Reading("quantity", dimension=POWER, unit="MW"),
        "The most that the site may draw at the meter.",
        default="the site profile's, or none",
        find="The grid connection agreement.",
        example="6 MW",
    ),
)
TARGET_FIELDS = (
    FieldSpec(
        "targets.finish_by",
        "done by",
        Reading("date"),
        "The day by which training must be done.",
        default="no target",
        example="2027-04-01",
    ),
    FieldSpec(
        "targets.power_mw",
        "power",
        Reading("quantity", dimension=POWER, unit="MW"),
        "The most that the run may draw at the meter on average.",
        default="no target",
        example="6 MW",
    ),
    FieldSpec(
        "targets.money_usd",
        "money",
        Reading("quantity", dimension=MONEY),
        "The most that this run may cost.",
        default="no target",
        example="60M",
    ),
)

#: Sections below the pools, in the order in which a team thinks.
SECTIONS = (
    Section("model", "MODEL", MODEL_FIELDS),
    Section("site", "SITE", SITE_FIELDS),
    Section("targets", "TARGETS", TARGET_FIELDS),
    Section("strategy", "STRATEGY", STRATEGY_FIELDS, is_collapsed=True, summary="layout"),
    Section("money", "MONEY", MONEY_FIELDS, is_collapsed=True, summary="prices"),
    Section("site-detail", "SITE DETAIL", SITE_DETAIL_FIELDS, is_collapsed=True, summary="PUE, price, dates"),
    Section("parties", "PARTIES", PARTY_FIELDS, is_collapsed=True, summary="who buys, who sells"),
    Section("release", "RELEASE", RELEASE_FIELDS, is_collapsed=True, summary="where the model goes"),
)


@dataclass(frozen=True)
class FieldIndex:
    """Finds the field of a path or of a plan key."""

    by_key: dict[str, FieldSpec] = field(
        default_factory=lambda: {
            spec.key: spec
            for spec in (*POOL_FIELDS, *(spec for section in SECTIONS for spec in section.fields))
        }
    )

    def at(self, path: FieldPath) -> FieldSpec:
        """Return the field at a path."""
        return self.by_key[path_key(path)]

    def section_of(self, key: str) -> Section | None:
        """Return the section that holds a plan key; None for fields of a pool."""
        return next(
            (section for section in SECTIONS if any(spec.key == key for spec in section.fields)), None
        )


def path_key(path: FieldPath) -> str:
    """Return the registry key of a path: `cluster.pools[].count`."""
    text = ""
    for part in path:
        text += "[]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


FIELDS = FieldIndex()
