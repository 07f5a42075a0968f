"""The warning against a utilisation above all published ones, at every precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import load_catalog
from planner.domain.plan_workload import Precision
from planner.estimate.verdicts import optimism_warnings
from planner.planning.resolve import resolve
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures

MakeFigures = Callable[[Mapping[str, Any]], Figures]
PLAN = Path(__file__).parents[3] / "saved_plans" / "llama-3.1-405b-h100.toml"


@pytest.mark.parametrize(
    ("precision", "datatype", "words"),
    [
        ("bf16", "bf16", "60 % MFU, above the best published for this kind of chip and model, 56 % ("),
        ("fp16", "bf16", "60 % MFU, above the best published for this kind of chip and model, 56 % ("),
        ("fp8", "fp8", "60 % MFU of the fp8 peak, above the best published for this kind of chip"),
        ("tf32", "tf32", "60 % MFU of the tf32 peak, above the best published for this kind of chip"),
    ],
)
def test_more_than_was_ever_published_is_said(
    make_figures: MakeFigures, precision: Precision, datatype: str, words: str
) -> None:
    resolved = resolve(load_plan(PLAN), load_catalog(include_user=False))
    (pool,) = resolved.pools

    def warned(mfu: float, origin: str = "searched") -> list[str]:
        given = {"strategy.origin": origin, "mfu": mfu, "mfu.peak_datatype": datatype}
        return optimism_warnings(pool, resolved.architecture, make_figures(given), precision)

    (warning,) = warned(0.6)
    assert words in warning
    assert ("at 16 bit (" in warning) == (precision not in ("bf16", "fp16"))
    assert warned(0.5) == []
    assert warned(0.6, "given") == []
