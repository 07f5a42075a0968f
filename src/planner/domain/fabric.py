"""A fabric: the scale-out network between hosts or domains."""

from typing import Annotated, Literal

from planner.domain.amounts import BytesPerSecond, Count, Efficiency, Seconds, UsdSpan, Watts
from planner.domain.base import Profile, SafeText
from planner.domain.evidence import Sourced
from planner.domain.keys import Key
from planner.domain.ranges import Range

FabricKind = Literal["infiniband", "roce", "omni-path", "efa", "tpu-dcn", "other"]


Radix = Annotated[Count, Range(2, 100_000, "a switch joins two")]


class Fabric(Profile):
    """`profiles/fabrics/<id>.toml`."""

    kind: Annotated[FabricKind, Key("kind", "What its packets are.")]
    port_bytes_per_s: Annotated[
        Sourced[BytesPerSecond],
        Key("port rate", "Of one port, in one direction, at line rate.", example="50 GB/s"),
    ]
    achievable_fraction: Annotated[
        Sourced[Efficiency] | None,
        Key(
            "reached of it",
            "Share of the line rate that a tuned point-to-point transfer reaches.",
            example="0.92",
            find="ib_write_bw or the like",
        ),
    ] = None
    latency_s: Annotated[
        Sourced[Seconds], Key("latency", "Between two hosts, of a small message.", example="3 us")
    ]
    oversubscription: Annotated[
        float,
        Range(1.0, 100.0, "1 is non-blocking, and nothing blocks less"),
        Key(
            "oversubscription", "Downlink over uplink bandwidth at the leaf; 1 is non-blocking.", example="1"
        ),
    ] = 1.0
    #: the product that the next four figures are of, for whoever looks them up
    switch_name: Annotated[
        SafeText | None, Key("switch", "The product that the next four figures are of.")
    ] = None
    switch_radix: Annotated[
        Sourced[Radix] | None, Key("ports of a switch", "At the fabric's port rate.", example="64")
    ] = None
    switch_power_w: Annotated[
        Sourced[Watts] | None, Key("power of a switch", "At the most.", example="1.7 kW")
    ] = None
    optic_power_w: Annotated[
        Sourced[Watts] | None,
        Key(
            "power of an optic", "One pluggable module or active cable end at the port rate.", example="16 W"
        ),
    ] = None
    #: the ledger will price the count of switches and optics that power is taken from
    switch_price_usd: Annotated[
        Sourced[UsdSpan] | None,
        Key("price of a switch", "Dated quotes of a price profile say more.", example="35k USD"),
    ] = None
    optic_price_usd: Annotated[
        Sourced[UsdSpan] | None,
        Key("price of an optic", "Dated quotes of a price profile say more.", example="900 USD"),
    ] = None
