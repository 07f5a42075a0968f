"""The storage of a purchase: checkpoints and data by volume, and the rate at which it is written."""

from __future__ import annotations

from typing import Any

from planner.engine.arrays import FloatArray
from planner.engine.goodput import CHECKPOINT_BYTES_PER_PARAMETER
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, constant, nothing, typed
from planner.quantities.money_kinds import OF_PLAN, POOL_LINE
from planner.quantities.price_leaves import of_plan, with_gap
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, another_way, leaf, quantity

BYTES_PER_PB = 1e15
BYTES_PER_GB = 1e9
#: What a file system takes beyond the bytes of checkpoints, for what is written before the oldest goes.
CHECKPOINT_HEADROOM = 1.5
#: Checkpoints that are kept, where a plan does not say; assumed.
CHECKPOINTS_KEPT = 20
#: Text and its tokens, where a plan does not say; assumed.
DATA_BYTES_PER_TOKEN = 10.0


def _is_by_volume(setting: Setting) -> bool:
    return setting.plan.money.storage_usd_per_pb is not None


@quantity(
    "storage.checkpoints_pb",
    "checkpoints that are kept",
    "PB",
    {"kept": "storage.checkpoints_kept", "parameters": "facts.parameters"},
    **OF_PLAN,
)
def checkpoints_pb(kept: FloatArray, parameters: FloatArray) -> FloatArray:
    """Return the room that they take. [PB]."""
    return kept * parameters * (CHECKPOINT_BYTES_PER_PARAMETER * CHECKPOINT_HEADROOM) / BYTES_PER_PB


@quantity(
    "storage.volume_pb",
    "storage: checkpoints and data",
    "PB",
    {"checkpoints": "storage.checkpoints_pb", "data": "storage.data_pb"},
    **OF_PLAN,
)
def volume_pb(checkpoints: FloatArray, data: FloatArray) -> FloatArray:
    """Return all that the storage holds. [PB]."""
    return checkpoints + data


@quantity(
    "ledger.storage",
    "storage of data and checkpoints",
    "USD",
    {"volume": "storage.volume_pb", "price": "money.storage_usd_per_pb", "share": "pools.share"},
    short="storage",
    when=_is_by_volume,
    **POOL_LINE,
)
def storage_by_volume(volume: FloatArray, price: FloatArray, share: FloatArray) -> FloatArray:
    """Return the pool's share of the volume at its price. [USD]."""
    return volume * price * share


@another_way("ledger.storage", {"price": "money.storage_usd", "share": "pools.share"})
def storage(price: FloatArray, share: FloatArray) -> FloatArray:
    """Return the pool's share of the plan's storage. [USD]."""
    return price * share


@quantity(
    "ledger.storage_rate",
    "storage: the rate at which it is written",
    "USD",
    {"rate": "storage.gb_per_s", "price": "money.storage_usd_per_gb_per_s", "share": "pools.share"},
    short="storage rate",
    when=lambda setting: setting.plan.money.storage_usd_per_gb_per_s is not None,
    **POOL_LINE,
)
def storage_rate(rate: FloatArray, price: FloatArray, share: FloatArray) -> FloatArray:
    """Return the pool's share of the rate at its price. [USD]."""
    return rate * price * share


@another_reading("ledger.storage_rate")
def rate_in_the_volume(_: Setting) -> Leaf:
    """Return that the price of the storage holds its rate."""
    return nothing("the price of the storage holds it (money.storage_usd_per_gb_per_s)")


@leaf("storage.checkpoints_kept", "checkpoints that are kept", "", **OF_PLAN)
def checkpoints_kept(setting: Setting) -> Leaf:
    """Return how many the plan keeps, else a number that is assumed."""
    stated = setting.plan.money.checkpoints_kept
    if stated is not None:
        return typed(float(stated), "money.checkpoints_kept")
    kept = constant(float(CHECKPOINTS_KEPT), "engine: CHECKPOINTS_KEPT")
    return with_gap(kept, f"checkpoints that are kept ({CHECKPOINTS_KEPT} assumed)")


@leaf(
    "storage.data_pb",
    "data beside the checkpoints",
    "PB",
    inputs={"tokens": "facts.tokens"},
    reads_figures=True,
    **OF_PLAN,
)
def data_pb(figures: Any) -> Leaf:
    """Return the data that the plan states, else its tokens with their text."""
    stated = figures.setting.plan.money.data_pb
    if stated is not None:
        return typed(stated, "money.data_pb")
    text = f"data of {DATA_BYTES_PER_TOKEN:g} bytes a token"
    return Leaf(
        figures["facts.tokens"].values * DATA_BYTES_PER_TOKEN / BYTES_PER_PB,
        method=f"tokens x {DATA_BYTES_PER_TOKEN:g} bytes",
        gaps=(Gap("assumed", "money", f"{text} (assumed)"),),
    )


@leaf("storage.gb_per_s", "rate at which checkpoints are written", "GB/s", **OF_PLAN)
def gb_per_s(setting: Setting) -> Leaf:
    """Return the rate that the plan asks of its storage."""
    rate = setting.plan.operations.storage_bytes_per_s
    if rate is None:
        text = "storage rate (operations.storage_bytes_per_s)"
        return Leaf(None, name=text, gaps=(Gap("unknown", "money", text),))
    return typed(rate / BYTES_PER_GB, "operations.storage_bytes_per_s")


def _price(name: str, title: str, unit: str, missing: str) -> None:
    @leaf(f"money.{name}", title, unit, **OF_PLAN)  # type: ignore[arg-type]
    def read(setting: Setting) -> Leaf:
        return of_plan(setting, name, missing)


_price("storage_usd", "price of all storage", "USD", "storage")
_price("storage_usd_per_pb", "storage for a PB", "USD/PB", "storage")
_price("storage_usd_per_gb_per_s", "storage for a GB/s of writing", "USD/(GB/s)", "storage rate")
