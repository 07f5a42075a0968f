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
from planner.units import FRACTION, MONEY, MONEY_PER_HOUR, MONEY_PER_KWH


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
SITE_DETAIL_FIELDS = (
    FieldSpec(
        "site.pue",
        "PUE",
        Reading("quantity", dimension=FRACTION, is_span=True),
        "Power at the meter over power of the IT equipment.",
        default="the site profile's",
        find="The facility's data sheet or its yearly report.",
        example="1.2",
    ),
    FieldSpec(
        "site.electricity_usd_per_kwh",
        "price/kWh",
        Reading("quantity", dimension=MONEY_PER_KWH, is_span=True),
        "What a kilowatt-hour costs at the meter.",
        default="the site profile's",
        find="The power purchase agreement.",
        example="0.06",
    ),
    FieldSpec(
        "site.country",
        "country",
        CODE,
        "The country in which the cluster stands; decides the rules that apply.",
        default="the site profile's",
        example="CN",
    ),
    FieldSpec(
        "site.commissioned",
        "opened",
        Reading("date"),
        "The day on which the site went into service.",
        UNKNOWN_IS_ASKED,
    ),
    FieldSpec(
        "site.is_new_build",
        "new build",
        FLAG,
        "Whether the site is built for this cluster.",
        UNKNOWN_IS_ASKED,
        choices=YES_NO,
    ),
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


def _party(name: str, label: str, meaning: str, reading: Reading = FLAG) -> FieldSpec:
    is_flag = reading.kind == "flag"
    return FieldSpec(
        f"parties.{name}",
        label,
        reading,
        meaning,
        UNKNOWN_IS_ASKED,
        find="The contract, the supplier's declaration, or counsel.",
        example="" if is_flag else "CN",
        choices=YES_NO if is_flag else (),
    )


PARTY_FIELDS = (
    _party("buyer_country", "buyer in", "The country in which the buyer is headquartered.", CODE),
    _party("buyer_parent_country", "its parent", "The country of the buyer's ultimate parent.", CODE),
    _party("buyer_is_listed", "buyer listed", "Whether the buyer is on an export control list."),
    _party("buyer_is_screened", "screened", "Whether the buyer was screened against the lists."),
    _party("supplier_country", "supplier in", "The country in which the supplier is headquartered.", CODE),
    _party("supplier_is_listed", "sup. listed", "Whether the supplier is on an export control list."),
    FieldSpec(
        "parties.export_route",
        "route",
        Reading("choice"),
        "The road by which the chips reach the site.",
        UNKNOWN_IS_ASKED,
        choices=(
            ("from_us", "exported from the United States"),
            ("reexport", "sent on from a third country"),
            ("transfer", "handed over inside one country"),
        ),
    ),
    _party(
        "chip_subject_to_ear",
        "US rules",
        "Whether the chips are subject to US export rules; say no only on advice.",
    ),
    _party("buyer_is_us_federal", "US federal", "Whether the buyer is a US federal agency."),
    _party("buyer_is_us_federal_contractor", "US contract", "Whether the buyer is a US federal contractor."),
    _party("developer_is_us", "US develops", "Whether the model's developer is a US person."),
    _party("is_capacity_rented_out", "rented out", "Whether others will rent capacity on the cluster."),
)


def _release(name: str, label: str, meaning: str) -> FieldSpec:
    return FieldSpec(f"release.{name}", label, FLAG, meaning, UNKNOWN_IS_ASKED, choices=YES_NO)


RELEASE_FIELDS = (
    _release(
        "eu_market", "EU market", "Whether the model will be placed on the market of the European Union."
    ),
    _release("kr_market", "KR market", "Whether the model will be offered in South Korea."),
    _release("ny_market", "NY market", "Whether the model will be offered in New York."),
    _release("cn_public_service", "CN public", "Whether the model will serve the public in China."),
    _release("open_weights", "open weights", "Whether the weights will be published."),
)
