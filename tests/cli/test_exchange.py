"""Any two shipped systems are exchanged by `--set`: the plan is estimated, or the chip's gap is named."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.cli.inputs import load_named_plan, load_set_plan, with_followers
from planner.cli.main import main
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.planning.chip import chip_inputs, known_rate
from planner.planning.exchange import exchanged
from planner.planning.resolve import resolve
from planner.plans.overrides import apply_overrides
from planner.plans.shipped import list_plans

#: What a pool says of its rent.
RENTS = ("rental_usd_per_chip_hour", "rental_months")
CATALOG = load_catalog(include_user=False)
SYSTEMS = tuple(CATALOG.systems)


def platform_of(system_id: str) -> str:
    return CATALOG.chips[CATALOG.systems[system_id].profile.chip].profile.platform


#: Of these chips nobody has published what every estimate needs; the message names the figure.
INCOMPLETE = {
    "ascend-310p-8": r"chip 'ascend-310p' has no known scale_out_bytes_per_s and system .* ports",
    "ascend-610-8": r"chip 'ascend-610' has no rate for it",
    "ascend-910d-8": r"chip 'ascend-910d' has no rate for it",
    "ascend-920-8": r"chip 'ascend-920' has no known memory.capacity_bytes",
    "ascend-950pr-8": r"chip 'ascend-950pr' has no (known peak_dense_flops_per_s.bf16|rate for it)",
    "ascend-970-8": r"chip 'ascend-970' has no (known peak_dense_flops_per_s.bf16|rate for it)",
    "atlas-950-superpod": r"chip 'ascend-950dt-144' has no known scale_out_bytes_per_s and system .* ports",
    "atlas-950-superpod-1024": r"chip 'ascend-950dt-96' has no known scale_out_bytes_per_s and system",
    "atlas-960-superpod": r"chip 'ascend-960' has no (known peak_dense_flops_per_s.bf16|rate for it)",
    "hygon-k100ai-8": r"chip 'hygon-k100ai' has no known scale_up.bandwidth_bytes_per_s",
    "kunlun-p800-8": r"chip 'kunlun-p800' has no known memory.bandwidth_bytes_per_s",
    "metax-c500-8": r"chip 'metax-c500' has no known scale_up.bandwidth_bytes_per_s",
    "thead-ppu-8": r"chip 'thead-ppu' has no known memory.bandwidth_bytes_per_s",
    "tpu-8t-superpod": r"chip 'tpu-8t' has no rate for it",
    "trn3-ultraserver": r"chip 'trn3' has no known scale_out_bytes_per_s and system .* ports",
}
#: One of each platform and way to join chips, and each that is incomplete in a way of its own.
FEW = (
    *{
        (platform_of(system_id), CATALOG.systems[system_id].profile.scale_up.topology): system_id
        for system_id in SYSTEMS
        if system_id not in INCOMPLETE
    }.values(),
    "atlas-950-superpod",
    "atlas-960-superpod",
    "kunlun-p800-8",
)
KEY = "cluster.pools[0].system"


def has_rate(system_id: str) -> bool:
    """Return whether the chip has a rate at which people train."""
    chip = CATALOG.chips[CATALOG.systems[system_id].profile.chip].profile
    return any(known_rate(chip, name) is not None for name in ("fp8", "fp16", "bf16"))


def precise_plan(catalog: Catalog, system_id: str) -> Plan:
    """Return a shipped plan that was made for a system: every key that may stand in its way is set."""
    system = catalog.systems[system_id].profile
    chip = catalog.chips[system.chip].profile
    stacks = [
        entry.profile.id for entry in catalog.stacks.values() if entry.profile.platform == chip.platform
    ]
    precision = next(name for name in ("fp8", "fp16", "bf16") if known_rate(chip, name) is not None)
    plan = load_set_plan("qwen2-72b-910b", [], catalog)
    pool = plan.cluster.pools[0].model_copy(
        update={"system": system_id, "stack": stacks[-1], "fabric": system.default_fabric}
    )
    return plan.model_copy(
        update={
            "cluster": plan.cluster.model_copy(update={"pools": (pool,)}),
            "workload": plan.workload.model_copy(update={"precision": precision}),
        }
    )


@pytest.mark.parametrize("system_id", FEW)
@pytest.mark.parametrize("plan", ["qwen2-72b-910b", "deepseek-v3-h800", "grpo-qwen3-30b-a3b-h100"])
def test_a_shipped_plan_takes_every_system(
    capsys: pytest.CaptureFixture[str], plan: str, system_id: str
) -> None:
    code = main(["estimate", plan, "--json", "--set", f"{KEY}={system_id}", "--set", "strategy.microbatch=1"])
    told = capsys.readouterr()
    missing = INCOMPLETE.get(system_id)
    if missing is not None:
        assert (code, told.out) == (2, "")
        assert re.search(missing, told.err)
        return
    assert code in (0, 1), told.err
    assert "is for " not in told.out


@pytest.mark.exhaustive
@pytest.mark.parametrize("plan", [path.stem for path in list_plans()])
def test_every_shipped_plan_takes_every_system(capsys: pytest.CaptureFixture[str], plan: str) -> None:
    for system_id in SYSTEMS:
        test_a_shipped_plan_takes_every_system(capsys, plan, system_id)


@pytest.mark.parametrize("before", FEW)
def test_every_pair_can_be_exchanged(before: str) -> None:
    exchange_with_each(before, FEW)


@pytest.mark.exhaustive
@pytest.mark.parametrize("before", [system_id for system_id in SYSTEMS if has_rate(system_id)])
def test_every_pair_of_all_can_be_exchanged(before: str) -> None:
    exchange_with_each(before, SYSTEMS)


def exchange_with_each(before: str, among: Sequence[str]) -> None:
    plan = precise_plan(CATALOG, before)
    for after in among:
        exchange = exchanged(plan, CATALOG, 0, after)
        (pool,) = resolve(exchange.plan, CATALOG).pools
        assert pool.system.id == after
        names = [change.name for change in exchange.changes]
        assert ("stack" in names) == (platform_of(before) != platform_of(after))
        if after not in INCOMPLETE:
            chip_inputs(pool.chip, exchange.plan.workload.precision)
        if before == after:
            assert exchange.plan == plan


def test_the_fabric_has_the_rate_of_the_ports() -> None:
    for before, after in itertools.product(["dgx-h100", "atlas-800t-a2", "trn2-ultraserver"], SYSTEMS):
        exchange = exchanged(precise_plan(CATALOG, before), CATALOG, 0, after)
        (pool,) = resolve(exchange.plan, CATALOG).pools
        rate = pool.system.port_bytes_per_s
        is_default = pool.fabric.id == pool.system.default_fabric
        assert is_default or rate is None or rate.value == pool.fabric.port_bytes_per_s.value


def test_what_was_changed_along_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    plan = load_set_plan("qwen2-72b-910b", [f"{KEY}=atlas-800-9000"], CATALOG)
    assert plan.workload.precision == "fp16"
    assert plan.cluster.pools[0].stack == "cann-mindspeed"
    assert plan.cluster.pools[0].fabric is None
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "planner: note: cluster.pools[train].fabric = 'roce-200g' became 'roce-100g': it does not go with "
        "the ports of Atlas 800 model 9000 (8 x Ascend 910)",
        "planner: note: workload.precision = 'bf16' became 'fp16': Ascend 910 (910A) has no rate for it",
    ]


def test_what_was_set_beside_the_system_stays(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["cluster.pools.stack=cuda-nemo", "cluster.pools.fabric=roce-800g", "workload.precision=fp8"]
    plan = load_set_plan("qwen2-72b-910b", [*chosen, f"{KEY}=dgx-h100"], CATALOG)
    assert (plan.cluster.pools[0].stack, plan.cluster.pools[0].fabric) == ("cuda-nemo", "roce-800g")
    assert plan.workload.precision == "fp8"
    assert capsys.readouterr().err == ""
    wrong = load_set_plan("qwen2-72b-910b", [f"{KEY}=dgx-h100", "cluster.pools.stack=rocm"], CATALOG)
    with pytest.raises(PlanError, match="it is for rocm, but chip 'h100-sxm' is a cuda one"):
        resolve(wrong, CATALOG)


def test_a_price_goes_with_the_system_that_it_was_quoted_for() -> None:
    keys = ("cluster.pools.price_usd=180k..200k", "cluster.pools.rental_usd_per_chip_hour=2.5")
    priced = load_set_plan("qwen2-72b-910b", [*keys], CATALOG)
    exchange = exchanged(priced, CATALOG, 0, "dgx-h100")
    (pool,) = exchange.plan.cluster.pools
    assert (pool.price_usd, pool.rental_usd_per_chip_hour) == (None, None)
    assert [change.words for change in exchange.changes[-2:]] == [
        "system price 180 k USD..200 k USD dropped",
        "rent/chip-h 2.5 dropped",
    ]
    assert exchange.changes[-1].line == (
        "cluster.pools[train].rental_usd_per_chip_hour = '2.5' was dropped: it was for "
        "Atlas 800T A2 (8 x Ascend 910B)"
    )
    assert exchanged(priced, CATALOG, 0, priced.cluster.pools[0].system or "").plan == priced
    together = load_set_plan("qwen2-72b-910b", [*keys, f"{KEY}=dgx-h100"], CATALOG)
    assert together.cluster.pools[0].rental_usd_per_chip_hour == 2.5


def test_a_term_goes_with_its_rent() -> None:
    keys = ("cluster.pools.rental_usd_per_chip_hour=2.5", "cluster.pools.rental_months=12")
    reserved = load_set_plan("qwen2-72b-910b", [*keys], CATALOG)
    for kept in ((), ("rental_months",)):
        (pool,) = exchanged(reserved, CATALOG, 0, "dgx-h100", kept=kept).plan.cluster.pools
        assert (pool.rental_usd_per_chip_hour, pool.rental_months) == (None, None)
    (pool,) = exchanged(reserved, CATALOG, 0, "dgx-h100", kept=RENTS).plan.cluster.pools
    assert (pool.rental_usd_per_chip_hour, pool.rental_months) == (2.5, 12)


def test_what_is_said_beside_the_system_stays_though_it_is_what_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = load_named_plan("qwen2-72b-910b")
    reserved = apply_overrides(plan, [f"cluster.pools.{name}=12" for name in RENTS])
    overrides = [f"cluster.pools[train].{RENTS[0]} = 12", "cluster.pools.rental_months=12", f"{KEY}=dgx-h100"]
    changed = apply_overrides(reserved, overrides)
    followed = with_followers("qwen2-72b-910b", reserved, changed, overrides, CATALOG)
    assert followed.cluster.pools[0].rental_usd_per_chip_hour == 12
    assert followed.cluster.pools[0].rental_months == 12
    assert "was dropped" not in capsys.readouterr().err


def test_an_unknown_system_changes_nothing_else() -> None:
    plan = load_set_plan("qwen2-72b-910b", [], CATALOG)
    exchange = exchanged(plan, CATALOG, 0, "no-such")
    assert exchange.changes == ()
    assert exchange.plan.cluster.pools[0].stack == plan.cluster.pools[0].stack


def test_the_precision_is_one_that_the_other_pools_have() -> None:
    plan = load_set_plan("mixed-910b-a100", ["workload.precision=fp16"], CATALOG)
    exchange = exchanged(plan, CATALOG, 1, "tpu-v4-pod")
    assert exchange.plan.workload.precision == "bf16"
    alone = exchanged(exchange.plan, CATALOG, 0, "atlas-800-9000")
    assert "precision" not in [change.name for change in alone.changes]


def test_a_precision_without_its_block_format_goes_too() -> None:
    plan = load_set_plan("qwen2-72b-a100", [f"{KEY}=dgx-b200", "workload.precision=mxfp8"], CATALOG)
    exchange = exchanged(plan, CATALOG, 0, "dgx-h200")
    assert exchange.plan.workload.precision == "bf16"
    assert exchange.changes[-1].because == "H200 141GB SXM5 has no such block-scaled format"
