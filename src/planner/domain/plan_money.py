"""What a plan says of money beside the prices of its systems: what is paid, and what is left in the end."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Fraction, PriceSpan
from planner.domain.base import Model
from planner.domain.keys import Key
from planner.domain.price import Currency
from planner.domain.ranges import Range

DepreciationYears = Annotated[
    float, Range(0.1, 50, "nothing is written off within weeks", "no chip is used for so long")
]
EarningShare = Annotated[Fraction, Range(0.01, 1, "a fleet that never earns is not bought")]
#: Of capital, a year.
YearlyRate = Annotated[Fraction, Range(0, 1, "nobody is paid for taking capital")]
LoanYears = Annotated[int, Range(1, 50, "it is paid off at a year's end", "no bank waits for so long")]
#: Of one currency for a US dollar.
ExchangeRate = Annotated[float, Range(1e-6, 1e9, "a dollar buys some of any currency")]
CheckpointsKept = Annotated[int, Range(0, 1_000_000, "0 says that none is kept")]
Petabytes = Annotated[float, Range(0, 1e6, "no volume is less than none")]
#: What the shell of a building is written off over; the chips in it are replaced meanwhile.
BuildingYears = Annotated[float, Range(1, 100, "nothing is built for months")]
#: `colocation`: the space is rented by its power; `building`: it is built; `own`: it is there and paid for.
Place = Literal["colocation", "building", "own"]
PLACE_WORDS: dict[str, str] = {
    "colocation": "the space is rented by the power that it holds",
    "building": "it is built for this cluster",
    "own": "it is there and paid for",
}
_SELLER = "The seller's quotation."
_CONTRACT = "The contract with the grid or the supplier."
_FINANCE = "Your finance partner."


def _line(title: str, meaning: str, find: str = _SELLER, example: str = "") -> Key:
    """Return the key of a line that nobody has a price of unless the plan says one; 0: nothing is paid."""
    return Key(
        title,
        f"{meaning} 0 where nothing is paid for it.",
        absent="unknown",
        consequence="totals stand without it, and say so",
        find=find,
        example=example,
    )


class Money(Model):
    """How the purchase is written off, and the prices of what no profile knows."""

    currency: Annotated[
        Currency,
        Key(
            "currency",
            "The currency in which the plan's money is told; a bare number in a field is in US dollars, and "
            "'250k EUR' in euro.",
            consequence="rates are the plan's (money.rates), else dated ones of the profiles",
            find=_FINANCE,
            example="EUR",
        ),
    ] = "USD"

    depreciation_years: Annotated[
        DepreciationYears,
        Key(
            "write-off y",
            "Years over which the purchase is written off in a straight line; the run pays its share.",
            find=_FINANCE,
            example="4",
        ),
    ] = 4.0
    residual_share: Annotated[
        Fraction | None,
        Key(
            "residual",
            "The share of the price of machines, network and storage that a buyer pays for them in the end.",
            absent="0",
            consequence="the market's fall of prices is told beside it",
            find=_FINANCE,
            example="20 %",
        ),
    ] = None
    earning_share: Annotated[
        EarningShare | None,
        Key(
            "in use",
            "The share of its life in which the cluster does paid work, which pays for the rest.",
            absent="80 %, assumed",
            find="The fleet's own records.",
            example="90 %",
        ),
    ] = None
    discount_rate: Annotated[
        YearlyRate | None,
        Key(
            "capital",
            "What capital costs a year: it discounts the present value, and the run pays it on the purchase.",
            absent="unknown",
            consequence="no net present value",
            find=_FINANCE,
            example="8 %",
        ),
    ] = None
    loan_share: Annotated[
        Fraction | None,
        Key(
            "loan",
            "The share of the purchase that is borrowed; the ledger tells the cash of each year with it too.",
            absent="nothing is borrowed",
            find=_FINANCE,
            example="70 %",
        ),
    ] = None
    loan_rate: Annotated[
        YearlyRate | None,
        Key(
            "loan rate",
            "The interest of the loan, a year.",
            absent="unknown",
            consequence="no payments of the loan",
            find="The bank's offer.",
            example="6 %",
        ),
    ] = None
    loan_years: Annotated[
        LoanYears | None,
        Key(
            "loan years",
            "Years in which the loan is paid off in equal payments, each at its year's end.",
            absent="the full years of use",
            find="The bank's offer.",
            example="4",
        ),
    ] = None
    place: Annotated[
        Place,
        Key(
            "space",
            "Whether the space with its power and cooling is rented, built or there.",
            find="The facility's contract.",
            example="own",
            answers=PLACE_WORDS,
        ),
    ] = "colocation"
    space_usd_per_kw_month: Annotated[
        PriceSpan | None,
        Key(
            "USD/kW-month",
            "The rent of a kW of IT in colocation for a month, without electricity.",
            absent="the country's asking price",
            find="The facility's contract.",
            example="150",
        ),
    ] = None
    building_usd_per_kw: Annotated[
        PriceSpan | None,
        Key(
            "USD/kW built",
            "What a kW of IT costs to build, with its power and cooling.",
            absent="the country's survey",
            find="The builder's quotation.",
            example="11k",
        ),
    ] = None
    building_years: Annotated[
        BuildingYears,
        Key("building y", "Years over which the building is written off.", find=_FINANCE, example="15"),
    ] = 20.0
    spares_share: Annotated[
        Fraction | None,
        Key(
            "spares",
            "Machines that are bought beside those of the plan, as a share of their price.",
            absent="as many as repairs ask for",
            find=_SELLER,
            example="2 %",
        ),
    ] = None
    nic_usd: Annotated[
        PriceSpan | None,
        Key(
            "NIC",
            "What a NIC costs, where the price of the servers holds none.",
            absent="the servers' price holds them",
            find=_SELLER,
            example="1,500",
        ),
    ] = None
    storage_usd: Annotated[
        PriceSpan | None,
        Key(
            "storage",
            "The storage for data and checkpoints, as one sum. 0 where nothing is paid for it.",
            absent="by its volume (money.storage_usd_per_pb); else unknown",
            consequence="totals stand without it, and say so",
            find=_SELLER,
            example="4M",
            rivals=("storage_usd_per_pb",),
        ),
    ] = None
    storage_usd_per_pb: Annotated[
        PriceSpan | None,
        Key(
            "storage/PB",
            "What a PB of storage costs, for the checkpoints that are kept and the data.",
            absent="as one sum (money.storage_usd); else unknown",
            consequence="totals stand without it, and say so",
            find="The storage's quotation: its price over its usable volume.",
            example="250k",
        ),
    ] = None
    storage_usd_per_gb_per_s: Annotated[
        PriceSpan | None,
        Key(
            "storage/GB/s",
            "What a GB/s of writing costs beside the volume, at the rate of operations.storage_bytes_per_s.",
            absent="the price of the storage holds it",
            find="The storage's quotation: tenders ask for volume and for write rate.",
            example="4k",
        ),
    ] = None
    checkpoints_kept: Annotated[
        CheckpointsKept | None,
        Key(
            "kept ckpts",
            "How many checkpoints the storage keeps; each is 14 bytes a parameter.",
            absent="20, assumed",
            find="The team that will run the training.",
            example="50",
        ),
    ] = None
    data_pb: Annotated[
        Petabytes | None,
        Key(
            "data PB",
            "The data that the storage holds beside checkpoints, in PB.",
            absent="10 bytes a token, assumed",
            find="The team that prepares the data.",
            example="2",
        ),
    ] = None
    racks_usd_per_kw: Annotated[
        PriceSpan | None,
        _line("racks/kW", "Racks, power strips and the liquid loop for each kW of IT.", example="300"),
    ] = None
    installation_share: Annotated[
        Fraction | None,
        _line("installation", "Racking, cabling and burn-in, as a share of the equipment.", example="2 %"),
    ] = None
    freight_share: Annotated[
        Fraction | None,
        _line("freight", "Freight, as a share of the equipment.", example="1 %"),
    ] = None
    duty_share: Annotated[
        Fraction | None, _line("duty", "Customs duty, as a share of the equipment.", _FINANCE, "0")
    ] = None
    tax_share: Annotated[
        Fraction | None,
        _line("tax", "Tax on the equipment that is not recovered, such as VAT, as a share.", _FINANCE, "0"),
    ] = None
    support_share: Annotated[
        Fraction | None,
        _line(
            "support/y",
            "Support and repair for a year, as a share of the equipment.",
            example="5 %",
        ),
    ] = None
    software_usd_per_chip_year: Annotated[
        PriceSpan | None,
        _line(
            "software",
            "Licences for one chip and year.",
            "The vendor's price list: NVIDIA AI Enterprise lists 4,500 USD.",
            "0",
        ),
    ] = None
    staff_usd_per_year: Annotated[
        PriceSpan | None,
        _line("staff/year", "The people who run the cluster, for a year.", _FINANCE, "3M"),
    ] = None
    demand_usd_per_kw_month: Annotated[
        PriceSpan | None,
        _line("demand/kW", "The grid's charge on the peak in kW at the meter, a month.", _CONTRACT, "12"),
    ] = None
    power_usd_per_month: Annotated[
        PriceSpan | None, _line("grid fee", "Fixed charges of the supply, a month.", _CONTRACT, "5k")
    ] = None
    carbon_usd_per_t: Annotated[
        PriceSpan | None,
        Key(
            "carbon/t",
            "What a tonne of CO2 of the electricity costs.",
            absent="nothing is paid for it",
            find=_CONTRACT,
            example="60",
        ),
    ] = None
    water_usd_per_m3: Annotated[
        PriceSpan | None,
        Key(
            "water/m3",
            "What a cubic metre of water costs on site.",
            absent="nothing is paid for it",
            find=_CONTRACT,
            example="2",
        ),
    ] = None
    egress_usd: Annotated[
        PriceSpan | None,
        _line("data out", "What a cloud asks for data that leave it.", example="0"),
    ] = None
    rent_support_share: Annotated[
        Fraction | None,
        _line(
            "support/rent",
            "What a cloud asks for support and for running the cluster, as a share of its rent.",
            "The cloud's offer: its support plan, control plane and network.",
            "3 %",
        ),
    ] = None
    #: of a currency for one US dollar, on the plan's day; in place of the profiles' rates
    rates: dict[Currency, ExchangeRate] = Field(default_factory=dict, max_length=100)

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        for name, place in (("space_usd_per_kw_month", "colocation"), ("building_usd_per_kw", "building")):
            if getattr(self, name) is not None and self.place != place:
                raise ValueError(f"{name}: expected place = '{place}' beside it, not '{self.place}'")
        return self
