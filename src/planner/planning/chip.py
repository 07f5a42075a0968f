"""A chip's rates at a precision, and what the engine is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.engine.inputs import ChipInputs
from planner.engine.precisions import HALF_DATATYPES, PRECISIONS, USUAL_PRECISION, Datatype
from planner.errors import PlanError
from planner.planning.required import required


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRates:
    """What the source of a published run states of its chip; None is the profile's figure."""

    half_flops_per_s: float | None = None
    matmul_flops_per_s: float | None = None
    memory_bytes: float | None = None
    ranks_per_chip: float = 1.0


def chip_inputs(chip: Chip, precision: str | None, ran: StatedRates | None = None) -> ChipInputs:
    """Return what a chip can do at a precision.

    Parameters
    ----------
    chip
        Its profile.
    precision
        A name of `PRECISIONS`; None is the usual one.
    ran
        What a published run states, before the profile. Since the run did run, the 16-bit rate stands in
        where nobody knows the chip's rate at the precision; None is a plan, which is refused there.

    Raises
    ------
    PlanError
        Where the chip lacks a figure that the estimate needs, or has no rate for the precision.
    """
    stated = ran or StatedRates()
    name = precision or USUAL_PRECISION
    half = stated.half_flops_per_s or known_rate(chip, *HALF_DATATYPES)
    peak = stated.matmul_flops_per_s or known_rate(chip, PRECISIONS[name].datatype)
    if ran is None:
        peak, _ = matmul_peak_flops_per_s(chip, name)
    if half is None:
        half, _ = half_precision_peak(chip)
    peak = half if peak is None else peak
    sustained = sustained_share(chip)
    host = value_of(chip.host_link_bytes_per_s)
    return ChipInputs(
        matmul_peak_flops_per_s=peak * sustained,
        attention_peak_flops_per_s=(min(half, peak) if PRECISIONS[name].bounds_attention else half)
        * sustained,
        memory_bytes=stated.memory_bytes
        or required(chip.memory.capacity_bytes, chip, "memory.capacity_bytes"),
        memory_bandwidth_bytes_per_s=required(
            chip.memory.bandwidth_bytes_per_s, chip, "memory.bandwidth_bytes_per_s"
        ),
        **({} if host is None else {"host_bytes_per_s": host}),
        ranks_per_chip=max(stated.ranks_per_chip, value_of(chip.ranks_per_chip) or 1.0),
    )


def matmul_peak_flops_per_s(chip: Chip, precision: str) -> tuple[float, Datatype]:
    """Return the dense rate of a chip's matmuls at a precision, and the datatype that it is for.

    Raises
    ------
    PlanError
        Where the chip has no rate for it, or not its format; the message names the precisions that it has.
    """
    datatype = PRECISIONS[precision].datatype
    value = known_rate(chip, datatype)
    lacks = lacking(chip, precision)
    if value is not None and lacks is None:
        return value, datatype
    rates, formats = chip.peak_dense_flops_per_s.items(), chip.block_scaled_formats.items()
    known: list[str] = sorted(name for name, figure in rates if figure.value is not None)
    known += sorted(name for name, figure in formats if figure.value)
    has = f"it has {', '.join(known)}" if known else "it has no known rate at all"
    raise PlanError(f"workload.precision = '{precision}': chip '{chip.id}' has no {lacks}; {has}")


def lacking(chip: Chip, precision: str) -> str | None:
    """Return what a chip lacks for a precision, as the end of "has no ..."; None where it lacks nothing."""
    if known_rate(chip, PRECISIONS[precision].datatype) is None:
        return "rate for it"
    block_format = PRECISIONS[precision].block_format
    figure = chip.block_scaled_formats.get(block_format) if block_format else None
    has_format = block_format is None or (figure is not None and figure.value is True)
    return None if has_format else "such block-scaled format"


def half_precision_peak(chip: Chip) -> tuple[float, Datatype]:
    """Return the dense 16-bit rate at which attention runs and to which utilisations refer.

    Raises
    ------
    PlanError
        Where the chip has none.
    """
    for datatype in HALF_DATATYPES:
        value = known_rate(chip, datatype)
        if value is not None:
            return value, datatype
    raise PlanError(f"chip '{chip.id}' has no known peak_dense_flops_per_s.bf16: this estimate needs it")


def known_rate(chip: Chip, *datatypes: Datatype) -> float | None:
    """Return the dense rate of the first of some datatypes that the profile knows one of. [FLOP/s]."""
    rates = (value_of(chip.peak_dense_flops_per_s.get(datatype)) for datatype in datatypes)
    return next((rate for rate in rates if rate is not None), None)


def sustained_share(chip: Chip) -> float:
    """Return the share of its peak that a cap on a chip's power leaves; 1 where it has none. [-]."""
    return value_of(chip.sustained_share) or 1.0
