"""What compliance rules ask of a plan: who buys, who sells, by which road, where the model goes."""

from collections.abc import Mapping
from typing import Annotated, Literal

from planner.domain.amounts import Ratio
from planner.domain.base import CountryCode, Model, SafeText
from planner.domain.keys import Key, unknown
from planner.domain.ranges import Range

Percent = Annotated[float, Range(0, 100, "no share is less than nothing", "a share is at most the whole")]

_ROUTES = {
    "from_us": "exported from the United States",
    "reexport": "sent on from a third country",
    "transfer": "handed over inside one country",
}


def _party(title: str, meaning: str, example: str = "", answers: Mapping[str, str] | None = None) -> Key:
    find = "The contract, the party's declaration, or counsel."
    return unknown(title, meaning, find=find, example=example, answers=answers or {})


class Parties(Model):
    """Who buys, who sells, by which road; absent means unknown, never fine."""

    buyer_name: Annotated[SafeText | None, _party("buyer", "Who buys.")] = None
    buyer_country: Annotated[
        CountryCode | None, _party("buyer in", "The country in which the buyer is headquartered.", "CN")
    ] = None
    buyer_parent_country: Annotated[
        CountryCode | None, _party("parent in", "The country of the buyer's ultimate parent.", "CN")
    ] = None
    buyer_is_listed: Annotated[
        bool | None, _party("listed", "Whether the buyer is on an export control list.")
    ] = None
    buyer_is_sdn: Annotated[
        bool | None, _party("sanctioned", "Whether the buyer is on the US list of sanctioned persons.")
    ] = None
    buyer_is_screened: Annotated[
        bool | None, _party("screened", "Whether the buyer was screened against the lists.")
    ] = None
    buyer_owned_by_listed_percent: Annotated[
        Percent | None, _party("% listed", "Percent of the buyer that listed parties own.", "50")
    ] = None
    buyer_owned_by_sdn_percent: Annotated[
        Percent | None, _party("% sanction.", "Percent of the buyer that sanctioned parties own.", "50")
    ] = None
    buyer_is_us_federal: Annotated[
        bool | None, _party("US agency", "Whether the buyer is a US federal agency.")
    ] = None
    buyer_is_us_federal_contractor: Annotated[
        bool | None, _party("US contract", "Whether the buyer is a US federal contractor.")
    ] = None
    buyer_is_cn_public_sector: Annotated[
        bool | None, _party("CN public", "Whether the buyer belongs to China's public sector.")
    ] = None
    buyer_is_uae_approved: Annotated[
        bool | None, _party("UAE approv.", "Whether the buyer is approved under the UAE's framework.")
    ] = None
    supplier_name: Annotated[SafeText | None, _party("supplier", "Who sells.")] = None
    supplier_country: Annotated[
        CountryCode | None, _party("supplier in", "The country in which the supplier is headquartered.", "CN")
    ] = None
    supplier_is_listed: Annotated[
        bool | None, _party("listed", "Whether the supplier is on an export control list.")
    ] = None
    supplier_is_sdn: Annotated[
        bool | None, _party("sanctioned", "Whether the supplier is on the US list of sanctioned persons.")
    ] = None
    supplier_is_screened: Annotated[
        bool | None, _party("screened", "Whether the supplier was screened against the lists.")
    ] = None
    developer_is_us: Annotated[
        bool | None, _party("US develops", "Whether the model's developer is a US person.")
    ] = None
    export_route: Annotated[
        Literal["from_us", "reexport", "transfer"] | None,
        _party("route", "The road by which the chips reach the site.", answers=_ROUTES),
    ] = None
    export_via: Annotated[
        CountryCode | None, _party("via", "The country through which the chips are sent.", "CN")
    ] = None
    import_us_entry: Annotated[
        bool | None, _party("US entry", "Whether the chips enter the United States.")
    ] = None
    import_use: Annotated[SafeText | None, _party("import use", "What the chips are imported for.")] = None
    chip_subject_to_ear: Annotated[
        bool | None, _party("US rules", "Whether US export rules hold for the chips; no only on advice.")
    ] = None
    is_capacity_rented_out: Annotated[
        bool | None, _party("rented out", "Whether others will rent capacity on the cluster.")
    ] = None


class Release(Model):
    """Where the trained model goes."""

    eu_market: Annotated[
        bool | None,
        unknown("EU market", "Whether the model will be placed on the market of the European Union."),
    ] = None
    kr_market: Annotated[
        bool | None, unknown("KR market", "Whether the model will be offered in South Korea.")
    ] = None
    ny_market: Annotated[
        bool | None, unknown("NY market", "Whether the model will be offered in New York.")
    ] = None
    cn_public_service: Annotated[
        bool | None, unknown("CN public", "Whether the model will serve the public in China.")
    ] = None
    open_weights: Annotated[bool | None, unknown("open weight", "Whether the weights will be published.")] = (
        None
    )
    bio_sequence_data: Annotated[
        bool | None, unknown("bio data", "Whether it is trained mostly on biological sequences.")
    ] = None
    modification_fraction: Annotated[
        Ratio | None,
        unknown(
            "modifies",
            "Training computation as a share of that of the model that it begins with.",
            example="30 %",
        ),
    ] = None
