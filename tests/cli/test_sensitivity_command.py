"""`planner sensitivity`: what it prints, and what it refuses with one line."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from tests.cli.conftest import Run


def test_a_tornado_needs_no_colour(run: Run, plan_file: Path) -> None:
    found = run("sensitivity", str(plan_file))
    assert (found.returncode, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[0] == "A small plan: what moves the days of training"
    assert "\x1b" not in found.stdout
    assert max(map(len, lines)) <= 80
    bars = [line for line in lines if "\N{BOX DRAWINGS LIGHT VERTICAL}" in line or " |" in line]
    assert len(bars) == 20
    assert "THE NEXT MILLION" in found.stdout
    assert "1 more system (8 chips): " in found.stdout


def test_json_holds_inputs_by_their_swings_and_the_next_million(run: Run, plan_file: Path) -> None:
    record = json.loads(run("sensitivity", str(plan_file), "--of", "cost", "--json").stdout)
    assert record["schema"] == 1
    assert record["quantity"] == {"id": "cost.total", "title": "money of this run", "unit": "USD"}
    widths = [one["swing"] for one in record["inputs"]]
    assert widths == sorted(widths, reverse=True)
    middle = record["value"]["p50"]
    for one in record["inputs"]:
        assert one["moved_by"] in ("spread", "step")
        assert (one["rank_correlation"] is None) is (one["moved_by"] == "step")
        ends = [one[end]["result"] for end in ("low", "high") if one[end]["result"] is not None]
        assert one["swing"] == pytest.approx(max(*ends, middle) - min(*ends, middle))
        for end in ("low", "high"):
            if one[end]["result"] is not None:
                assert math.isclose(one[end]["change"], one[end]["result"] - middle, abs_tol=1e-9)
    assert {"money.depreciation_years", "workload.tokens"} <= {one["name"] for one in record["inputs"]}
    ways = record["next_million"]["ways"]
    assert {"systems", "fabric", "storage", "spares", "stack", "operator"} <= {way["kind"] for way in ways}
    for way in ways:
        if way["set"] and way["cost_usd"] is None:
            assert way["cost_note"] or way["reason"]
            assert way["saved_days_per_million_usd"] is None


def test_inputs_without_a_spread_can_be_left_out(run: Run, plan_file: Path) -> None:
    record = json.loads(run("sensitivity", str(plan_file), "--step", "0", "--json").stdout)
    assert {one["moved_by"] for one in record["inputs"]} == {"spread"}
    page = run("sensitivity", str(plan_file), "--of", "finish_date", "--set", "calendar.start=2027-01-04")
    assert page.returncode == 0
    assert "in days, each moved alone" in page.stdout


def test_a_page_holds_tables(run: Run, plan_file: Path) -> None:
    page = run("sensitivity", str(plan_file), "--markdown").stdout
    assert "| input | moved by | lower | upper | rank |" in page
    assert "| what is bought | saves | done | costs | days per million |" in page
    assert "\N{FULL BLOCK}" not in page


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--of", "dais"], 2, 'no quantity is called "dais"'),
        (["--of", "strategy.schedule"], 2, "strategy.schedule is told in words; expected a number"),
        (["--step", "many"], 2, '--step "many": expected 0 to 90 percent, such as 10'),
        (["--step", "-1"], 2, '--step "-1": expected 0 to 90 percent, such as 10'),
        (["--step", "nan"], 2, '--step "nan": expected 0 to 90 percent, such as 10'),
        (["--set", "cluster.pools.cuont=4"], 2, "--set cluster.pools[0].cuont: unknown key"),
        (["--set", "model.profile=llama-3.1-405b"], 1, "the plan cannot run: pool 'train': memory:"),
        (["--of", "finish_date"], 1, "finish_date is unknown: calendar.start"),
    ],
)
def test_what_has_no_answer_is_told_in_one_line(
    run: Run, plan_file: Path, arguments: list[str], code: int, told: str
) -> None:
    found = run("sensitivity", str(plan_file), *arguments)
    assert found.returncode == code
    assert found.stdout == ""
    assert found.stderr.startswith(f"planner: {told}")
    assert found.stderr.count("\n") == 1
