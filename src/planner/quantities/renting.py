"""What a chip is rented for, what the run would cost so, and when buying pays."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray
from planner.quantities.leaves import Leaf, absent
from planner.quantities.money_kinds import LINE
from planner.quantities.price_leaves import stated
from planner.quantities.purchase_prices import is_bought
from planner.quantities.rental_terms import asked_for
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, leaf, quantity
from planner.units import HOURS_PER_YEAR, MONTHS_PER_YEAR

#: Months after which nobody counts; said where renting is never dearer.
NEVER_MONTHS = 1e4
#: The least that is paid for anything. [USD]
LEAST_PAID_USD = 0.01


@quantity(
    "rent.of_run_usd",
    "rent of the run's chip-hours at what is asked on demand",
    "USD",
    {"chip_hours": "chip_hours", "rent": "rent.asked_usd_per_chip_hour"},
    short="this run rented",
    over_pools="added",
    when=is_bought,
    **LINE,
)
def rent_of_run(chip_hours: FloatArray, rent: FloatArray) -> FloatArray:
    """Return what a cloud would ask for the same chips and hours, without what goes with them. [USD]."""
    return chip_hours * rent


@another_reading("rent.of_run_usd")
def is_the_run(_: Setting) -> Leaf:
    """Return that the run is rented already."""
    return absent("other", "rented already: cost.total")


@quantity(
    "rent.break_even_usd_per_chip_hour",
    "rent of a chip in use at which renting over the life costs what owning does",
    "USD/h",
    {
        "owning": "ledger.life",
        "chips": "pools.chips",
        "years": "money.depreciation_years",
        "earning": "money.earning_share",
    },
    short="break-even rent",
    better="neither",
    **LINE,
)
def break_even_rent(
    owning: FloatArray, chips: FloatArray, years: FloatArray, earning: FloatArray
) -> FloatArray:
    """Return the life's money over the hours that are used. [USD/h]."""
    return owning / (chips * years * HOURS_PER_YEAR * earning)


@quantity(
    "rent.break_even_months",
    "months after which owning has cost less than renting",
    "months",
    {
        "purchase": "ledger.purchase",
        "operation": "ledger.operation",
        "chips": "pools.chips",
        "rent": "rent.asked_usd_per_chip_hour",
        "earning": "money.earning_share",
    },
    short="break-even after",
    better="neither",
    **LINE,
)
def break_even_months(
    purchase: FloatArray, operation: FloatArray, chips: FloatArray, rent: FloatArray, earning: FloatArray
) -> FloatArray:
    """Return when the rent of the hours in use has paid purchase and operation. [months]; 10,000 is never."""
    saved = (chips * rent * earning * HOURS_PER_YEAR - operation) / MONTHS_PER_YEAR
    # where nothing is paid for the purchase, it is still never where nothing is saved
    paid = np.maximum(purchase, LEAST_PAID_USD)
    return np.minimum(paid / np.maximum(saved, paid / NEVER_MONTHS), NEVER_MONTHS)


@leaf(
    "rent.asked_usd_per_chip_hour",
    "rent of a chip that is stated, else asked on demand",
    "USD/h",
    short="rented",
    scope="pool",
    family="money",
)
def asked_rent(setting: Setting) -> Leaf:
    """Return the rent that the plan states, else what clouds ask on demand."""
    pool = setting.pool
    if pool.pool.rental_usd_per_chip_hour is not None:
        key = f"cluster.pools[{pool.pool.id}].rental_usd_per_chip_hour"
        stream = f"rental.{pool.system.id}"
        return stated(setting, pool.pool.rental_usd_per_chip_hour, key, "rent of a chip", stream)
    return asked_for(setting, "on demand")
