"""`planner quotes`: what it prints, and what it refuses with one line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.conftest import MINIMAL_PLAN, Run

OFFERS = """
[[offers]]
name = "bought"
[[offers]]
name = "reserved"
set = ["cluster.pools.rental_usd_per_chip_hour=2.1", "cluster.pools.rental_months=12"]
"""


@pytest.fixture
def offers_file(tmp_path: Path) -> Path:
    path = tmp_path / "offers.toml"
    path.write_text(MINIMAL_PLAN + OFFERS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["small.toml"], 2, "1 offer: expected 2 to 6, as plans or as [[offers]] of one plan"),
        (["small.toml"] * 7, 2, "7 offers: expected 2 to 6, as plans or as [[offers]] of one plan"),
        (["offers.toml"] * 4, 2, "8 offers: expected 2 to 6, as plans or as [[offers]] of one plan"),
        (["small.toml", "nothing.toml"], 2, "nothing.toml: no such file or saved plan"),
        (["offers.toml", "--months", "many"], 2, '--months "many": expected 0.1 to 600 months, such as 36'),
        (["offers.toml", "--months", "nan"], 2, '--months "nan": expected 0.1 to 600 months, such as 36'),
        (["offers.toml", "--months=0"], 2, '--months "0": expected 0.1 to 600 months, such as 36'),
        (
            ["small.toml", "qwen2-72b-a100"],
            2,
            "'small.toml: A small plan' trains 1e+12 tokens with",
        ),
    ],
)
def test_bad_input_is_told_in_one_line(
    run: Run, plan_file: Path, offers_file: Path, arguments: list[str], code: int, told: str
) -> None:
    found = run("quotes", *arguments)
    assert found.returncode == code
    assert found.stdout == ""
    assert found.stderr.startswith(f"planner: {told}")
    assert found.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("cluster.pools.rental_month=3", "offers[1].set cluster.pools[0].rental_month: unknown key"),
        ("cluster.pools.system=dgx-h10", 'offers[1]: cluster.pools[train].system = "dgx-h10": no system'),
        ("cluster.pools.rental_months=x", 'offers[1].set: cluster.pools[0].rental_months = "x"'),
    ],
)
@pytest.mark.parametrize("command", ["quotes", "check"])
def test_what_an_offer_sets_amiss_is_told_with_its_place(
    run: Run, offers_file: Path, command: str, change: str, told: str
) -> None:
    text = offers_file.read_text(encoding="utf-8").replace("cluster.pools.rental_months=12", change)
    offers_file.write_text(text, encoding="utf-8")
    found = run(command, "offers.toml")
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.startswith(f"planner: offers.toml: {told}")
    assert found.stderr.count("\n") == 1


def test_offers_that_cannot_run_stand_apart_and_are_no_answer_alone(run: Run, tmp_path: Path) -> None:
    small = MINIMAL_PLAN.replace("llama-2-7b", "llama-3.1-405b").replace("count = 4", "count = 1")
    (tmp_path / "one.toml").write_text(small, encoding="utf-8")
    (tmp_path / "more.toml").write_text(small.replace("count = 1", "count = 64"), encoding="utf-8")
    found = run("quotes", "one.toml", "more.toml")
    assert found.returncode == 0
    assert "A is not held against the others: " in " ".join(found.stdout.split())
    nothing = run("quotes", "one.toml", "one.toml")
    assert nothing.returncode == 1
    assert "no offer can be held against the others" in nothing.stdout


def test_a_plan_with_offers_and_plans_of_each_say_the_same(
    run: Run, offers_file: Path, plan_file: Path
) -> None:
    reserved = MINIMAL_PLAN + "rental_usd_per_chip_hour = 2.1\nrental_months = 12\n"
    (plan_file.parent / "reserved.toml").write_text(reserved, encoding="utf-8")
    one = json.loads(run("quotes", "offers.toml", "--json").stdout)
    several = json.loads(run("quotes", "small.toml", "reserved.toml", "--json").stdout)
    for told in (one, several):
        assert told["months"] == 12
        assert [offer.pop("label") for offer in told["offers"]]
    assert one == several


def test_json_says_all_and_adds_up(run: Run, offers_file: Path) -> None:
    found = run("quotes", "offers.toml", "--json", "--months", "24")
    assert found.returncode == 0
    told = json.loads(found.stdout)
    assert (told["schema"], told["months"], told["months_because"]) == (1, 24.0, "as asked")
    assert [offer["kind"] for offer in told["offers"]] == ["purchase", "reservation"]
    assert [offer["paid_months"] for offer in told["offers"]] == [24.0, 24.0]
    for offer in told["offers"]:
        amounts = [Decimal(line["amount"]) for line in offer["lines"] if line["amount"]]
        assert sum(amounts) == Decimal(offer["money"]["amount"])
        assert sum(Decimal(part["amount"]) for part in offer["gap"]["parts"]) == Decimal(
            offer["gap"]["amount"]
        )
    assert told["best"] is None
    assert "setup time" in told["offers"][1]["missing"]


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ([], "Offers side by side over 12 months"),
        (["--csv"], "offer,label,table,"),
        (["--markdown"], "### Off"),
    ],
)
def test_the_command_prints_each_form(run: Run, offers_file: Path, form: list[str], begins: str) -> None:
    found = run("quotes", "offers.toml", *form)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith(begins)


def test_another_system_takes_what_goes_with_it_along(run: Run, offers_file: Path) -> None:
    text = (
        MINIMAL_PLAN
        + 'stack = "cuda-megatron"\n'
        + OFFERS.replace('"cluster.pools.rental_months=12"', '"cluster.pools.system=atlas-800t-a2"')
    )
    offers_file.write_text(text, encoding="utf-8")
    found = run("quotes", "offers.toml", "--json")
    assert found.returncode == 0
    assert "note: offers[1]: cluster.pools[train].stack = 'cuda-megatron' became" in found.stderr
