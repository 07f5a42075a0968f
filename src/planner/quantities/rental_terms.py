"""What clouds ask for a chip by how long it is bound, and what that is for an hour that is used."""

from __future__ import annotations

from typing import Any

from planner.domain.price import Term
from planner.engine.arrays import FloatArray
from planner.quantities.leaves import Leaf
from planner.quantities.money_kinds import OF_POOL
from planner.quantities.price_leaves import quoted
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity

#: By the name under which each is told.
TERMS: dict[str, Term] = {"block": "block", "one_year": "1 year", "three_years": "3 years", "spot": "spot"}
#: Of which each hour is paid, used or not.
COMMITTED = ("block", "one_year", "three_years")


def asked_for(setting: Setting, term: Term) -> Leaf:
    """Return what clouds ask for an hour of the pool's chip; unknown where nobody was read."""
    chip = setting.pool.chip
    names = (f"{chip.id}-rent", f"{chip.generation}-rent")
    name = next((name for name in names if name in setting.resolved.prices), names[0])
    return quoted(setting, name, f"rent of {chip.name}", term)


def _declare(name: str, term: Term) -> None:
    asked = f"rent.asked.{name}_usd_per_chip_hour"

    @leaf(asked, f"rent of a chip that is asked, {term}", "USD/h", **OF_POOL)
    def read(setting: Setting) -> Leaf:
        return asked_for(setting, term)

    told: dict[str, Any] = {"short": f"rented, {term}", "form": "inner", **OF_POOL}
    if name in COMMITTED:
        inputs = {"asked": asked, "earning": "money.earning_share"}

        @quantity(f"rent.in_use.{name}", f"rent of an hour in use, {term}", "USD/h", inputs, **told)
        def in_use(asked: FloatArray, earning: FloatArray) -> FloatArray:
            """Return the rent with the hours that are paid and not used. [USD/h]."""
            return asked / earning

        return

    @quantity(f"rent.in_use.{name}", f"rent of an hour in use, {term}", "USD/h", {"asked": asked}, **told)
    def by_the_hour(asked: FloatArray) -> FloatArray:
        """Return the rent, which is paid for hours in use alone. [USD/h]."""
        return asked


for _name, _term in TERMS.items():
    _declare(_name, _term)
