"""How several pools train together, as JSON: each way with its days and loss, and the link between pools."""

from __future__ import annotations

from typing import Any

from planner.estimate.result import Estimate
from planner.estimate.splits import Splits, SplitView
from planner.quantities.evaluation import Figures
from planner.quantities.joined import generates, members_of, own_part_s

Json = dict[str, Any]
_DEGREES = ("tp", "cp", "ep", "pp", "vpp", "dp", "microbatch", "zero", "microbatches", "chips_used")


def split_chips(estimate: Estimate) -> dict[str, int] | None:
    """Return the chips of each pool that trains; there is nothing to split in a single pool."""
    if estimate.joined is not None:
        return {member.pool.pool.id: int(member.pool.chips) for member in estimate.joined.members}
    return {pool.id: int(pool.chips) for pool in estimate.pools} if estimate.has_several_pools else None


def splits_to_dict(splits: Splits) -> Json:
    """Return all ways in which pools train together, the one that is taken named."""
    chosen = splits.chosen
    return {
        "chosen": None if chosen is None else chosen.split,
        "is_stated": splits.is_stated,
        "loss": None if chosen is None else chosen.loss,
        "link_bytes_per_s": float(splits.link.bytes_per_s),
        "link_latency_s": float(splits.link.latency_s),
        "assumed": list(splits.link.assumed),
        "numerics_differ": list(splits.numerics),
        "ways": [_way(view) for view in splits.views],
    }


def _way(view: SplitView) -> Json:
    figures = view.figures
    if figures is None:
        keys = ("training_days", "tokens_per_second", "ideal_tokens_per_second", "loss", "step_seconds")
        return {
            "split": view.split,
            "feasible": False,
            "reason": view.reason,
            **dict.fromkeys(keys),
            "pools": [],
        }
    return {
        "split": view.split,
        "feasible": True,
        "reason": "",
        "training_days": _ends(figures, "training_days"),
        "tokens_per_second": _ends(figures, "tokens_per_second"),
        "ideal_tokens_per_second": figures.p50("split.ideal_tokens_per_second"),
        "loss": view.loss,
        "step_seconds": figures.p50("step.seconds"),
        "pools": _pools(view, figures),
    }


def _ends(figures: Figures, identifier: str) -> Json | None:
    band = figures.band(identifier)
    return None if band is None else {"p10": float(band.p10), "p50": float(band.p50), "p90": float(band.p90)}


def _pools(view: SplitView, figures: Figures) -> list[Json]:
    """Return each pool's part: its sequences or layers by phase, its layout and what fills its chips."""
    joined = view.joined
    assert joined is not None
    unit = "layers" if view.split == "pipeline" else "sequences"
    return [
        {
            "id": member.pool.pool.id,
            unit: list(member.shares),
            "layout": {
                **{name: int(own.number(f"strategy.{name}")) for name in _DEGREES},
                "recompute": own.words("strategy.recompute"),
            },
            "own_seconds": own_part_s(own),
            "memory_share": None if generates(own) else own.number("memory.share"),
        }
        for member, own in zip(joined.members, members_of(figures), strict=True)
    ]
