"""The fields that compliance rules ask for: who buys, who sells, by which road, where the model goes."""

from __future__ import annotations

from planner.app.edits import Reading
from planner.app.field_spec import CODE, FLAG, UNKNOWN_IS_ASKED, YES_NO, FieldSpec
from planner.units import COUNT, FRACTION

NAME = Reading("text")
PERCENT = Reading("quantity", dimension=COUNT)


def _party(
    name: str, label: str, meaning: str, reading: Reading = FLAG, choices: tuple[tuple[str, str], ...] = ()
) -> FieldSpec:
    examples = {"code": "CN", "quantity": "50"}
    return FieldSpec(
        f"parties.{name}",
        label,
        reading,
        meaning,
        UNKNOWN_IS_ASKED,
        find="The contract, the party's declaration, or counsel.",
        example=examples.get(reading.kind, ""),
        choices=YES_NO if reading.kind == "flag" else choices,
    )


ROUTES = (
    ("from_us", "exported from the United States"),
    ("reexport", "sent on from a third country"),
    ("transfer", "handed over inside one country"),
)
PARTY_FIELDS = (
    _party("buyer_name", "buyer", "Who buys.", NAME),
    _party("buyer_country", "buyer in", "The country in which the buyer is headquartered.", CODE),
    _party("buyer_parent_country", "parent in", "The country of the buyer's ultimate parent.", CODE),
    _party("buyer_is_screened", "screened", "Whether the buyer was screened against the lists."),
    _party("buyer_is_listed", "listed", "Whether the buyer is on an export control list."),
    _party("buyer_is_sdn", "sanctioned", "Whether the buyer is on the US list of sanctioned persons."),
    _party(
        "buyer_owned_by_listed_percent", "% listed", "Percent of the buyer that listed parties own.", PERCENT
    ),
    _party(
        "buyer_owned_by_sdn_percent",
        "% sanction.",
        "Percent of the buyer that sanctioned parties own.",
        PERCENT,
    ),
    _party("buyer_is_us_federal", "US agency", "Whether the buyer is a US federal agency."),
    _party("buyer_is_us_federal_contractor", "US contract", "Whether the buyer is a US federal contractor."),
    _party("buyer_is_cn_public_sector", "CN public", "Whether the buyer belongs to China's public sector."),
    _party(
        "buyer_is_uae_approved", "UAE approv.", "Whether the buyer is approved under the UAE's framework."
    ),
    _party("supplier_name", "supplier", "Who sells.", NAME),
    _party("supplier_country", "supplier in", "The country in which the supplier is headquartered.", CODE),
    _party("supplier_is_screened", "screened", "Whether the supplier was screened against the lists."),
    _party("supplier_is_listed", "listed", "Whether the supplier is on an export control list."),
    _party("supplier_is_sdn", "sanctioned", "Whether the supplier is on the US list of sanctioned persons."),
    _party("export_route", "route", "The road by which the chips reach the site.", Reading("choice"), ROUTES),
    _party("export_via", "via", "The country through which the chips are sent.", CODE),
    _party("import_us_entry", "US entry", "Whether the chips enter the United States."),
    _party("import_use", "import use", "What the chips are imported for.", NAME),
    _party(
        "chip_subject_to_ear", "US rules", "Whether US export rules hold for the chips; no only on advice."
    ),
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
    _release("open_weights", "open weight", "Whether the weights will be published."),
    _release("bio_sequence_data", "bio data", "Whether it is trained mostly on biological sequences."),
    FieldSpec(
        "release.modification_fraction",
        "modifies",
        Reading("quantity", dimension=FRACTION),
        "Training computation as a share of that of the model that it begins with.",
        UNKNOWN_IS_ASKED,
        example="30 %",
    ),
)
