"""What the pools of a cluster need together: how the quantities that say so come from those of each pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.errors import InputError
from planner.files.values import shown_value
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure, Gap, together, unknown
from planner.quantities.record import CLUSTER_PREFIX, Record
from planner.quantities.symbols import Symbol, as_symbol
from planner.quantities.table import TABLE, Quantity, quantity_named

#: What the work is shared by: the time in which a pool would do all of it.
_DAYS = "training_days"
#: What is told of all pools together, where there are several, in the order in which it is told.
OVER_POOLS = tuple(made.id for made in TABLE.values() if made.over_pools is not None)


def added(amounts: Sequence[Any]) -> Any:
    """Return the sum over pools."""
    first, *others = amounts
    for amount in others:
        first = first + amount
    return first


def shared(amounts: Sequence[Any], days: Sequence[Any]) -> Any:
    """Return what one job takes of all pools, where each does the share of it that its speed allows.

    A pool that would do the whole job in `days` for an amount spends amount / days each day; together they
    need 1 / sum(1 / days). What joining the pools costs is left out: nothing is said of joint training.
    """
    spent = added([amount / one for amount, one in zip(amounts, days, strict=True)])
    return spent / added([1 / one for one in days])


def asked_of_cluster(text: str) -> Quantity | None:
    """Return the quantity whose figure over all pools is asked for; None where it is of one pool or plan.

    Raises
    ------
    InputError
        Where there is no such quantity, or it does not add up over pools.
    """
    if not text.startswith(CLUSTER_PREFIX):
        return None
    made = quantity_named(text.removeprefix(CLUSTER_PREFIX))
    if made.over_pools is None:
        told = ", ".join(f"{CLUSTER_PREFIX}{identifier}" for identifier in OVER_POOLS)
        raise InputError(f"quantity {shown_value(text)}: does not add up over pools; expected one of {told}")
    return made


def cluster_figure(made: Quantity, pools: Sequence[Figures], unable: Sequence[str] = ()) -> Figure:
    """Return a figure over all pools, over the same draws; unknown where one pool's is.

    Parameters
    ----------
    made
        A quantity that adds up over pools.
    pools
        The figures of each pool that can run the plan.
    unable
        The ids of those that cannot.
    """
    inputs = [[pool[identifier] for pool in pools] for identifier in _inputs(made)]
    cannot = tuple(Gap("unknown", "other", f"pool '{name}' cannot run the plan") for name in unable)
    gaps = together(*(figure.gaps for figures in inputs for figure in figures), cannot)
    if any(gap.kind == "unknown" for gap in gaps):
        return unknown(gaps)
    return Figure(_formula(made)(*([figure.values for figure in figures] for figures in inputs)), gaps)


def cluster_record(made: Quantity, pools: Sequence[Figures], unable: Sequence[str] = ()) -> Record:
    """Return the tree of a figure over all pools; parameters as of `cluster_figure`."""
    total = cluster_figure(made, pools, unable)
    symbols = [[f"{symbol}_{n}" for n in range(1, len(pools) + 1)] for symbol in ("pool", "days")]
    children = [
        pool.record(identifier, symbol)
        for identifier, names in zip(_inputs(made), symbols, strict=False)
        for pool, symbol in zip(pools, names, strict=True)
    ]
    missing = ", ".join(gap.text for gap in total.gaps if gap.kind == "unknown")
    equation = None
    if total.is_known:
        named = ([Symbol(name) for name in names] for names in symbols[: len(_inputs(made))])
        equation = str(as_symbol(_formula(made)(*named)))
    return Record(
        symbol=made.symbol,
        name=f"{made.title}, of all pools together",
        value=total.p50,
        unit=made.unit,
        equation=equation,
        method=None if total.is_known else f"unknown: {missing}",
        children=tuple(children),
        id=f"{CLUSTER_PREFIX}{made.id}",
    )


def _formula(made: Quantity) -> Any:
    return shared if made.over_pools == "shared" else added


def _inputs(made: Quantity) -> tuple[str, ...]:
    return (made.id, _DAYS) if made.over_pools == "shared" else (made.id,)
