"""Validation errors in words: one line per bad key, with the nearest known one."""

from __future__ import annotations

import tomllib

import pytest
from pydantic import RootModel

from planner.domain.base import Model
from planner.domain.chip import Chip
from planner.domain.evidence import Source
from planner.domain.plan import Plan
from planner.errors import PlanError, ProfileError
from planner.files.validation import InvalidPlanError, InvalidProfileError, problems_of, validate

PLAN = """
name = "x"
model.profile = "m"
workload.tokens = "13.2T"
[[cluster.pools]]
id = "train"
system = "s"
count = 4
"""
CHIP = 'id = "c"\nname = "n"\nvendor = "v"\nplatform = "cuda"\ngeneration = "g"\n'


def _plan_problems(text: str) -> list[str]:
    with pytest.raises(PlanError) as caught:
        validate(Plan, tomllib.loads(text), where="p.toml")
    return [line.removeprefix("p.toml: ") for line in problems_of(caught.value)]


def _chip_problems(text: str) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        validate(Chip, tomllib.loads(CHIP + text), where="c.toml")
    return [line.removeprefix("c.toml: ") for line in problems_of(caught.value)]


def test_a_sound_plan_passes() -> None:
    assert validate(Plan, tomllib.loads(PLAN), where="p.toml").workload.tokens == 13.2e12


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("count = 4", "cuont = 4", "cluster.pools[0].cuont: unknown key; did you mean 'count'?"),
        ("model.profile", "model.Profil", "model.Profil: unknown key; did you mean 'profile'?"),
        ('name = "x"', 'name = "x"\nsite.PUE = 1', "site.PUE: unknown key; did you mean 'pue'?"),
        ('name = "x"', 'name = "x"\ntokens = 1', "tokens: unknown key; did you mean 'workload.tokens'?"),
        ('name = "x"', 'name = "x"\ncount = 1', "count: unknown key; did you mean 'cluster.pools.count'?"),
        (
            'name = "x"',
            'name = "x"\nsite.zzzzz = 1',
            "site.zzzzz: unknown key; known are carbon_g_per_kwh, commissioned, connection_mva, country, "
            "electricity_usd_per_kwh, is_cn_hub_node, is_new_build, is_single_datacenter, ...",
        ),
        ('name = "x"', "", "name: is missing; expected it here"),
        ("count = 4", "count = 0", "cluster.pools[0].count = 0: expected 1 or more: a pool has a system"),
        ("count = 4", "count = 4.5", "cluster.pools[0].count = 4.5: expected a whole number"),
        ("count = 4", "count = nan", "cluster.pools[0].count = nan: expected a finite number"),
        (
            "count = 4",
            "count = 4\nchips = 32",
            "cluster.pools[0]: expected either count = ... (systems) or chips = ..., not both",
        ),
        (
            '"13.2T"',
            '"13.2 apples"',
            "workload.tokens = \"13.2 apples\": has the unit 'apples'; "
            "expected a number of tokens such as 13.2T",
        ),
        ('name = "x"', "name = 7", "name = 7: expected text in quotes"),
        ('name = "x"', 'name = "x"\nas_of = "soon"', 'as_of = "soon": expected a date such as 2026-11-22'),
        ('name = "x"', 'name = "x"\nsite = 7', "site = 7: expected a table"),
        ('name = "x"', 'name = "x"\nstrategy.zero = []', "strategy.zero: expected a whole number"),
        (
            'name = "x"',
            'name = "x"\nrelease.open_weights = "maybe"',
            'release.open_weights = "maybe": expected true or false',
        ),
        (
            'name = "x"',
            'name = "x"\nsite.country = "China"',
            "site.country = \"China\": expected a country of two capital letters, such as 'CN'",
        ),
        (
            'name = "x"',
            'name = "x"\nworkload.precision = "BF-16"',
            "workload.precision = \"BF-16\": expected 'bf16', 'fp16', 'fp8', 'mxfp8', 'fp4', 'nvfp4' or "
            "'tf32'; did you mean 'bf16'?",
        ),
        (
            'name = "x"',
            'name = "x\\u001b]0;"',
            'name = "x\N{REPLACEMENT CHARACTER}]0;": holds the character U+001B at position 2; '
            "expected plain text on one line",
        ),
        (
            'name = "x"',
            'name = "x"\n"\\u001b[2J" = 1',
            '"\N{REPLACEMENT CHARACTER}[2J": unknown key; known are acceptance, as_of, calendar, cluster, '
            "model, money, name, notes, ...",
        ),
    ],
)
def test_each_problem_is_one_line(old: str, new: str, expected: str) -> None:
    assert old in PLAN
    assert _plan_problems(PLAN.replace(old, new)) == [expected]


def test_walks_into_generics_dicts_and_lists() -> None:
    lines = _chip_problems(
        '[peak_dense_flops_per_s.bf17]\nvalue = "3 TFLOP/s"\nkind = "memory"\n'
        '[peak_dense_flops_per_s.bf16]\nvaule = "3 TFLOP/s"\nkind = "memory"\n'
        'rivals = [{ value = 1, kind = "memory", wrong_becuase = "x" }]\n'
        '[memory.capacity_bytes]\nvalue = "64 GBB"\nkind = "datasheet"\n'
    )
    assert lines == [
        "peak_dense_flops_per_s.bf17: unknown key; did you mean 'bf16'?",
        "peak_dense_flops_per_s.bf16.rivals[0].wrong_becuase: unknown key; did you mean 'wrong_because'?",
        "peak_dense_flops_per_s.bf16.vaule: unknown key; did you mean 'value'?",
        "memory.capacity_bytes.value = \"64 GBB\": has the unit 'GBB'; "
        "expected an amount of memory such as 64 GB or 80 GiB",
    ]


def test_root_models_know_their_keys_too() -> None:
    with pytest.raises(ProfileError, match=r"s\.toml: S1\.titel: unknown key; did you mean 'title'\?"):
        validate(RootModel[dict[str, Source]], {"S1": {"titel": "x", "where": "y"}}, where="s.toml")


def test_the_message_is_the_first_problem_and_counts_the_others() -> None:
    with pytest.raises(InvalidPlanError) as caught:
        validate(Plan, tomllib.loads(PLAN + "cuont = 1\nchipz = 2\nid2 = 3\n"), where="p.toml")
    assert str(caught.value) == (
        "p.toml: cluster.pools[0].cuont: unknown key; did you mean 'count'? (and 2 more)"
    )
    assert len(problems_of(caught.value)) == 3


def test_profiles_and_plans_raise_their_own_errors() -> None:
    with pytest.raises(InvalidProfileError):
        validate(Chip, {}, where="c.toml")
    with pytest.raises(InvalidPlanError):
        validate(Plan, {}, where="p.toml")
    assert problems_of(ProfileError("one")) == ("one",)


class _Inner(Model):
    number: int


class _Choice(Model):
    either: int | _Inner | list[int]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"either": {"number": "x"}}, 'either.number = "x": expected a whole number'),
        ({"either": {"numbre": 1}}, "either.numbre: unknown key; did you mean 'number'?"),
        ({"either": [1, "x"]}, 'either[1] = "x": expected a whole number'),
        ({"either": "x"}, 'either = "x": expected a whole number'),
    ],
)
def test_a_union_complains_once_and_from_its_nearest_member(data: dict[str, object], expected: str) -> None:
    with pytest.raises(ProfileError) as caught:
        validate(_Choice, data, where="u.toml")
    assert problems_of(caught.value) == (f"u.toml: {expected}",)


def test_huge_values_are_shown_short() -> None:
    with pytest.raises(PlanError) as caught:
        validate(Plan, {**tomllib.loads(PLAN), "as_of": 10**5000, "name": "y" * 5000}, where="p.toml")
    assert all(len(line) < 250 for line in problems_of(caught.value))
    assert any("a whole number of about 5001 digits" in line for line in problems_of(caught.value))
