"""The fields of the sections that start closed: layout, money, site detail, parties, release."""

from __future__ import annotations

from planner.app.edits import Reading
from planner.app.field_spec import (
    CODE,
    FLAG,
    UNKNOWN_IS_ASKED,
    WHOLE,
    YES_NO,
    FieldSpec,
)
from planner.units import CARBON, FRACTION, MONEY, MONEY_PER_HOUR, MONEY_PER_KWH

RATIO = Reading("quantity", dimension=FRACTION)
RATIO_SPAN = Reading("quantity", dimension=FRACTION, is_span=True)


def _degree(name: str, label: str, meaning: str) -> FieldSpec:
    return FieldSpec(
        f"strategy.{name}",
        label,
        WHOLE,
        meaning,
        default="searched",
        find="Leave empty to let the search choose.",
    )


STRATEGY_FIELDS = (
    FieldSpec(
        "strategy.mode",
        "mode",
        Reading("choice", is_required=True),
        "Whether the layout is searched (what is filled in below stays pinned) or given whole.",
        default="auto",
        choices=(("auto", "search the best layout"), ("given", "use the layout below")),
    ),
    _degree("tensor", "tensor", "Chips that split every matrix (tensor parallel)."),
    _degree("context", "context", "Chips that split every sequence (context parallel)."),
    _degree("expert", "expert", "Chips over which experts are spread (expert parallel)."),
    _degree("pipeline", "pipeline", "Stages that split the layers (pipeline parallel)."),
    _degree("virtual_stages", "virtual", "Slices of a stage in an interleaved schedule."),
    _degree("data", "data", "Copies of the model (data parallel)."),
    _degree("microbatch", "microbatch", "Sequences that pass the pipeline at once."),
    FieldSpec(
        "strategy.zero",
        "zero",
        Reading("choice"),
        "What is sharded over the copies of the model.",
        default="searched",
        choices=(
            ("0", "nothing"),
            ("1", "optimizer states"),
            ("2", "and gradients"),
            ("3", "and weights (FSDP)"),
        ),
    ),
    FieldSpec(
        "strategy.recompute",
        "recompute",
        Reading("choice"),
        "What is computed twice to save memory.",
        default="searched",
        choices=(("none", "nothing"), ("selective", "attention only"), ("full", "every layer")),
    ),
    FieldSpec(
        "strategy.schedule",
        "schedule",
        Reading("choice"),
        "The order in which the pipeline works.",
        default="searched",
        choices=(
            ("1f1b", "one forward, one backward"),
            ("interleaved", "with virtual stages"),
            ("zero-bubble", "weight gradients fill the bubble"),
            ("dualpipe", "from both ends"),
        ),
    ),
)


def _site(name: str, label: str, meaning: str, reading: Reading = FLAG, example: str = "") -> FieldSpec:
    is_flag = reading.kind == "flag"
    choices = YES_NO if is_flag else ()
    default = UNKNOWN_IS_ASKED if is_flag or reading.kind == "date" else "the site profile's"
    find = "The facility's data sheet or its yearly report."
    return FieldSpec(f"site.{name}", label, reading, meaning, default, find, example, choices=choices)


SITE_DETAIL_FIELDS = (
    _site("pue", "PUE", "Power at the meter over power of the IT equipment.", RATIO_SPAN, "1.2"),
    _site(
        "electricity_usd_per_kwh",
        "price/kWh",
        "What a kilowatt-hour costs at the meter.",
        Reading("quantity", dimension=MONEY_PER_KWH, is_span=True),
        "0.06",
    ),
    _site(
        "carbon_g_per_kwh",
        "carbon/kWh",
        "Grams of CO2 that a kilowatt-hour of the grid causes.",
        Reading("quantity", dimension=CARBON),
        "582 g/kWh",
    ),
    _site("renewable_share", "renewable", "The share of renewable electricity.", RATIO, "40 %"),
    _site("country", "country", "The country in which the cluster stands; decides the rules.", CODE, "CN"),
    _site("region", "region", "The state or province, as ISO 3166-2 writes it.", Reading("text"), "US-TX"),
    _site("connection_mva", "grid MVA", "The size of the grid connection in MVA.", Reading("quantity"), "20"),
    _site(
        "commissioned",
        "opened",
        "The day on which the site went into service.",
        Reading("date"),
        "2026-06-01",
    ),
    _site("is_new_build", "new build", "Whether the site is built for this cluster."),
    _site("is_single_datacenter", "one site", "Whether all pools stand in one data centre."),
    _site("is_state_funded", "state money", "Whether the state pays for a part of the site."),
    _site("is_cn_hub_node", "CN hub", "Whether the site is in one of China's national computing hubs."),
)
MONEY_FIELDS = (
    FieldSpec(
        "cluster.pools[].price_usd",
        "system price",
        Reading("quantity", dimension=MONEY, is_span=True),
        "What one system of the first pool costs; overrides the profile's price.",
        default="the profile's, or the sum of its chips'",
        find="The vendor's quotation.",
        example="180k or 150k..200k",
    ),
    FieldSpec(
        "cluster.pools[].rental_usd_per_chip_hour",
        "rent/chip-h",
        Reading("quantity", dimension=MONEY_PER_HOUR, is_span=True),
        "What one chip of the first pool costs per hour where it is rented instead of bought.",
        default="bought, not rented",
        find="The cloud's price list.",
        example="2.5",
    ),
    FieldSpec(
        "money.depreciation_years",
        "write-off y",
        Reading("quantity", is_required=True),
        "Years over which the purchase is written off; the run pays its share.",
        default="4",
        find="Your finance partner.",
        example="4",
    ),
)
