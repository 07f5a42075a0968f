"""What a run uses up where value falls as the market's does, beside a straight line."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray
from planner.quantities.leaves import Leaf, constant
from planner.quantities.money_kinds import RUN
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity
from planner.units import DAYS_PER_YEAR

#: What better hardware takes of the price of a chip in use, in orders of magnitude a year. [1/year]
#: Epoch AI, The rising costs of training frontier AI models (arXiv 2405.21015).
MARKET_FALL = 0.14
#: Of magnitude: what falls further is nothing.
MOST_ORDERS = 300.0


@quantity(
    "cost.at_market_value",
    "money of this run where value falls as the market's does",
    "USD",
    {
        "capex": "cost.capex",
        "days": "fleet_days",
        "fall": "market.fall_per_year",
        "operation": "cost.opex",
        "capital": "cost.parts.capital",
        "earning": "money.earning_share",
    },
    short="at market value",
    optional=frozenset({"operation", "capital"}),
    **RUN,
)
def at_market_value(
    capex: FloatArray,
    days: FloatArray,
    fall: FloatArray,
    operation: FloatArray,
    capital: FloatArray,
    earning: FloatArray,
) -> FloatArray:
    """Return the run's money with the fall of new machines' value in place of a straight line. [USD]."""
    orders = np.minimum(fall * days / DAYS_PER_YEAR, MOST_ORDERS)
    return (capex * (1 - 1 / np.power(10, orders)) + operation + capital) / earning


@leaf("market.fall_per_year", "orders of magnitude that value loses a year", "", scope="plan")
def market_fall(_: Setting) -> Leaf:
    """Return how fast better hardware takes the value of what is there."""
    return constant(
        MARKET_FALL, "engine: MARKET_FALL", "Epoch AI (arXiv 2405.21015): cost_analysis_standalone.py"
    )
