"""Interconnect overhead: the share of a step that waits for traffic, by class and by tier."""

from __future__ import annotations

from typing import Any

from planner.engine import traffic_parts
from planner.engine.arrays import FloatArray
from planner.engine.step import TRAFFIC
from planner.quantities.setting import Setting
from planner.quantities.table import TABLE, leaf, quantity

_TRAFFIC = {name: f"step.parts.{name}" for name in TRAFFIC}


@quantity(
    "interconnect_overhead.fraction",
    "share of the step that waits for traffic; the bubble is not in it",
    "share",
    {"traffic": "interconnect_overhead.traffic_s", "step_seconds": "step.modelled_s"},
    short="interconnect",
    scope="phase",
    form="number",
    better="less",
    aliases=("interconnect", "interconnect_overhead"),
)
def fraction(traffic: FloatArray, step_seconds: FloatArray) -> FloatArray:
    """Return the exposed traffic as a share of the step. [-]."""
    return traffic / step_seconds


quantity(
    "interconnect_overhead.traffic_s",
    "seconds of a step that wait for traffic",
    "s",
    _TRAFFIC,
    scope="phase",
)(traffic_parts.traffic_s)

for _name in TRAFFIC:
    _part = TABLE[f"step.parts.{_name}"]
    quantity(
        f"interconnect_overhead.by_class.{_name}",
        f"share of the step that waits for {_part.title.removeprefix('seconds of a step for ')}",
        "share",
        {"traffic": f"step.parts.{_name}", "step_seconds": "step.modelled_s"},
        short=_part.short,
        scope="phase",
        form="part",
        aliases=(f"interconnect.{_name}",),
    )(fraction)


def _crossing(index: int, name: str) -> None:
    title = f"1 where {TABLE[f'step.parts.{name}'].short} traffic leaves the scale-up domain"

    @leaf(
        f"interconnect_overhead.crosses.{name}", title, "", method="by the place of its ranks", scope="phase"
    )
    def read(setting: Setting) -> Any:
        return setting.phase.estimate.step.terms.crossing[index]


for _index, _name in enumerate(TRAFFIC):
    _crossing(_index, _name)

quantity(
    "interconnect_overhead.scale_out_share",
    "share of the traffic that leaves the scale-up domain",
    "share",
    {
        **_TRAFFIC,
        **{
            f"{name.removesuffix('_p2p')}_crosses": f"interconnect_overhead.crosses.{name}"
            for name in TRAFFIC
        },
    },
    scope="phase",
)(traffic_parts.scale_out_share)


@quantity(
    "interconnect_overhead.by_tier.scale_up",
    "share of the step that waits for traffic inside the scale-up domain",
    "share",
    {
        "fraction": "interconnect_overhead.fraction",
        "scale_out_share": "interconnect_overhead.scale_out_share",
    },
    short="inside the scale-up domain",
    scope="phase",
    form="part",
)
def inside(fraction: FloatArray, scale_out_share: FloatArray) -> FloatArray:
    """Return the overhead that stays in the domain. [-]."""
    return fraction * (1.0 - scale_out_share)


@quantity(
    "interconnect_overhead.by_tier.scale_out",
    "share of the step that waits for traffic over the fabric",
    "share",
    {
        "fraction": "interconnect_overhead.fraction",
        "scale_out_share": "interconnect_overhead.scale_out_share",
    },
    short="over the fabric",
    scope="phase",
    form="part",
)
def outside(fraction: FloatArray, scale_out_share: FloatArray) -> FloatArray:
    """Return the overhead that goes over the fabric. [-]."""
    return fraction * scale_out_share
