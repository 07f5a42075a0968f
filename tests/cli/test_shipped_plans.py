"""Every shipped plan through the command: finite, ordered, and adding up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.cli.main import main
from planner.plans.shipped import list_plans


def bands(value: object, where: str = "") -> Iterator[tuple[str, dict[str, float]]]:
    if isinstance(value, dict):
        if {"p10", "p50", "p90"} <= set(value) and not isinstance(value["p50"], str):
            yield where, value
        for key, inner in value.items():
            yield from bands(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from bands(inner, f"{where}[{number}]")


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@pytest.mark.parametrize("plan", list_plans(), ids=lambda path: path.stem)
def test_a_shipped_plan_adds_up(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", str(plan), "--json"]) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert record["feasible"] is True
    found = list(bands(record))
    assert found
    assert [where for where, band in found if not 0 <= band["p10"] <= band["p50"] <= band["p90"]] == []
    estimated = [part for part in [record, *record["pools"]] if part["step"] is not None]
    assert estimated
    for part in estimated:
        step, memory = part["step"], part["memory"]
        assert sum(step["parts"].values()) == pytest.approx(step["seconds"], rel=1e-3)
        assert sum(memory["parts"].values()) == pytest.approx(memory["per_chip_bytes"], rel=1e-3)
        assert memory["per_chip_bytes"] <= memory["capacity_bytes"]


def test_the_same_plan_gives_the_same_numbers_twice(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for _ in range(2):
        assert main(["estimate", "pangu-ultra-135b-910b", "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        del record["seconds"]
        texts.append(json.dumps(record, sort_keys=True))
    assert texts[0] == texts[1]
