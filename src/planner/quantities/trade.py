"""What export rules read of a chip: total processing performance, density, and the class by its numbers."""

from __future__ import annotations

import numpy as np

from planner.compliance.eccn import classification_words
from planner.compliance.facts import number
from planner.domain.evidence import value_of
from planner.engine.arrays import FloatArray
from planner.planning.compliance_facts import BIT_LENGTHS, PoolFacts
from planner.quantities.leaves import Leaf, absent, of_figure
from planner.quantities.record import Grounds, Record, of_profile
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity

_CLASSES = "compliance.classifications"
#: Operations a second of one TOPS.
_TERA = 1e12


@leaf(
    f"{_CLASSES}.total_processing_performance",
    "total processing performance: dense TOPS x bit length, the greatest",
    "TPP",
    short="TPP",
    scope="pool",
    aliases=("tpp", "total_processing_performance"),
)
def total_processing_performance(setting: Setting) -> Leaf:
    """Return the export rules' measure of a chip, with the product of each datatype."""
    chip = setting.pool.chip
    children = []
    for datatype, figure in chip.peak_dense_flops_per_s.items():
        rate, bits = value_of(figure), BIT_LENGTHS.get(datatype)
        if rate is not None and bits is not None:
            path = f"peak_dense_flops_per_s.{datatype}"
            name = f"dense {datatype} rate"
            leaves = (
                Record("rate", name, rate, "FLOP/s", grounds=of_profile(chip, path, figure)),
                Record("bits", f"bit length of {datatype}", float(bits), "", grounds=_rule()),
            )
            performance = rate / _TERA * bits
            equation = f"rate / {_TERA:g} x bits"
            children.append(Record(datatype, datatype, performance, "TPP", equation, None, leaves))
    value = number(_facts(setting), "chip.tpp")
    if value is None:
        return absent("other", f"dense rates of chip '{chip.id}'")
    listed = ", ".join(child.symbol for child in children)
    equation = f"max({listed})" if len(children) > 1 else listed
    return Leaf(np.array([value]), equation=equation, children=tuple(children))


@quantity(
    f"{_CLASSES}.performance_density",
    "performance density: total processing performance over the area of the logic dies",
    "TPP/mm2",
    {"tpp": f"{_CLASSES}.total_processing_performance", "area": "chip.logic_die_area_mm2"},
    short="performance density",
    scope="pool",
    aliases=("performance_density",),
)
def performance_density(tpp: FloatArray, area: FloatArray) -> FloatArray:
    """Return the performance of each square millimetre. [TPP/mm2]."""
    return tpp / area


@leaf("chip.logic_die_area_mm2", "area of the logic dies", "mm2", scope="pool")
def area(setting: Setting) -> Leaf:
    """Return the area of a chip's logic dies."""
    return of_figure(setting.pool.chip, "trade.logic_die_area_mm2")


@leaf("chip.is_datacenter", "designed or marketed for data centres", "words", scope="pool")
def is_datacenter(setting: Setting) -> Leaf:
    """Return whether a chip is for data centres."""
    return of_figure(setting.pool.chip, "trade.is_datacenter")


@leaf(
    f"{_CLASSES}.eccn",
    "export class of ECCN 3A090 by the chip's numbers",
    "words",
    short="export class",
    scope="pool",
    method=classification_words(),
    inputs={
        "tpp": f"{_CLASSES}.total_processing_performance",
        "performance_density": f"{_CLASSES}.performance_density",
        "datacenter": "chip.is_datacenter",
    },
    aliases=("eccn",),
)
def export_class(setting: Setting) -> Leaf:
    """Return the class that the chip's numbers say."""
    return Leaf(str(_facts(setting).get("chip.eccn", "unknown")))


def _facts(setting: Setting) -> dict[str, object]:
    pool = setting.pool
    return PoolFacts(pool.pool.id, pool.chip, pool.chips, None).derived


def _rule() -> Grounds:
    return Grounds("derived", "ECCN 3A090, technical note 2", (), "the bit length of the operation")
