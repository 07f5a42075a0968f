"""A fabric: the scale-out network between hosts or domains."""

from typing import Annotated, Literal

from planner.domain.amounts import BytesPerSecond, Count, Efficiency, Seconds, UsdSpan, Watts
from planner.domain.base import Profile, SafeText
from planner.domain.evidence import Sourced
from planner.domain.ranges import Range

FabricKind = Literal["infiniband", "roce", "omni-path", "efa", "tpu-dcn", "other"]


Radix = Annotated[Count, Range(2, 100_000, "a switch joins two")]


class Fabric(Profile):
    """`profiles/fabrics/<id>.toml`."""

    kind: FabricKind
    #: one port, one direction, line rate
    port_bytes_per_s: Sourced[BytesPerSecond]
    #: share of the line rate that a tuned point-to-point transfer reaches
    achievable_fraction: Sourced[Efficiency] | None = None
    #: between two hosts, small message
    latency_s: Sourced[Seconds]
    #: downlink over uplink bandwidth at the leaf; 1 is non-blocking
    oversubscription: Annotated[float, Range(1.0, 100.0, "1 is non-blocking, and nothing blocks less")] = 1.0
    #: the product that the next four figures are of, for whoever looks them up
    switch_name: SafeText | None = None
    #: ports of one switch at the fabric's port rate
    switch_radix: Sourced[Radix] | None = None
    switch_power_w: Sourced[Watts] | None = None
    #: one pluggable module or active cable end at the port rate
    optic_power_w: Sourced[Watts] | None = None
    #: the ledger will price the count of switches and optics that power is taken from
    switch_price_usd: Sourced[UsdSpan] | None = None
    optic_price_usd: Sourced[UsdSpan] | None = None
