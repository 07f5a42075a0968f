"""What the engine is told of a plan and of a published run: the same where they say the same."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.domain.run import Run
from planner.engine.inputs import StackConstants
from planner.errors import PlanError
from planner.planning.chip import StatedRates, chip_inputs
from planner.planning.job import Job, job_of_plan
from planner.planning.network import StatedNetwork, network_inputs
from planner.planning.resolve import resolve
from planner.planning.run_cases import RunCase, run_case
from planner.planning.run_job import job_of_run
from planner.planning.stack import FittedStack, ResidualSpreads
from planner.planning.systems import systems_by_chip
from planner.planning.workload import phase_workloads

BOTH = {
    "tensor": 8,
    "context": 1,
    "expert": 1,
    "pipeline": 2,
    "virtual_stages": 1,
    "microbatch": 2,
    "zero": 1,
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_job(catalog: Catalog, *on: str, **strategy: Any) -> Job:
    """Return the job of a plan in a strategy, on a model and a stack if any are named."""
    model, stack = on or ("qwen2-72b", None)
    plan = Plan.model_validate(
        {
            "name": "one",
            "model": {"profile": model},
            "workload": {"tokens": "1T", "sequence_length": 4096, "global_batch_sequences": 512},
            "cluster": {"pools": [{"id": "train", "system": "dgx-h100", "chips": 128, "stack": stack}]},
            "strategy": strategy,
        }
    )
    resolved = resolve(plan, catalog)
    return job_of_plan(resolved, resolved.pools[0], phase_workloads(plan)[0])


def case_of(catalog: Catalog, **changes: Any) -> RunCase:
    run = Run.model_validate(
        {
            "id": "made-up",
            "group": "one/qwen",
            "tier": "B",
            "model": "Qwen2 72B",
            "architecture": catalog.get("models", "qwen2-72b").profile.architecture,
            "sequence_length": 4096,
            "global_batch_sequences": 512,
            "precision": "bf16",
            "layout": BOTH,
            "recompute": {"kind": "selective"},
            "software": {"framework": "megatron", "year": 2024},
            "hardware": {"chip": "h100-sxm", "platform": "cuda", "chip_count": 128},
            "source": {"title": "made up"},
            **changes,
        }
    )
    case = run_case(run, catalog, systems_by_chip(catalog))
    assert isinstance(case, RunCase), case
    return case


def run_job(case: RunCase) -> Job:
    spreads = ResidualSpreads(dense=0.1, mixtures=0.3)
    return job_of_run(case, FittedStack(StackConstants(), {}, spreads, 0))


def test_a_run_and_a_plan_that_say_the_same_are_told_the_same(catalog: Catalog) -> None:
    plan, run = plan_job(catalog, **BOTH, recompute="selective"), run_job(case_of(catalog))
    assert asdict(plan.architecture) == asdict(run.architecture)
    assert asdict(plan.workload) == asdict(run.workload)
    assert asdict(plan.machine.chip) == asdict(run.machine.chip)
    # a run names no fabric, so that the time of one of its steps is the usual one
    assert asdict(plan.machine.network) | {"scale_out_latency_s": 5e-6} == asdict(run.machine.network)
    differing = {
        field.name
        for field in fields(plan.space.grid)
        if getattr(plan.space.grid, field.name) != getattr(run.space.grid, field.name)
    }
    # what a run is known to do and a search should not; its data-parallel degree follows from its chips,
    # and it trained on the batch that it states
    assert differing == {"data", "allow_sharded_pipeline", "most_padding", "batch_flex"}


def test_what_a_run_leaves_out_is_searched_as_for_a_plan(catalog: Catalog) -> None:
    missing: dict[str, Any] = {"missing": ["parallel layout"], "layout": {}, "recompute": None}
    plan, run = plan_job(catalog), run_job(case_of(catalog, **missing))
    for name in ("tensor", "context", "expert", "recompute"):
        assert list(getattr(plan.space.grid, name)) == list(getattr(run.space.grid, name)), name
    assert run.residual_log_spread == 0.1


def test_what_a_run_states_goes_before_the_profile(catalog: Catalog) -> None:
    chip = catalog.get("chips", "h100-sxm").profile
    stated = StatedRates(half_flops_per_s=1e15, matmul_flops_per_s=2e15, ranks_per_chip=2.0)
    found = chip_inputs(chip, "fp8", stated)
    assert (found.matmul_peak_flops_per_s, found.attention_peak_flops_per_s) == (2e15, 1e15)
    assert found.ranks_per_chip == 2.0
    network = network_inputs(
        chip,
        None,
        None,
        chips=64.0,
        ran=StatedNetwork(chips_per_host=4, chips_per_domain=16, scale_out_bytes_per_s=1e9),
    )
    assert (network.host_chips, network.domain_chips, network.scale_out_bytes_per_s) == (4, 16, 1e9)


def test_a_rate_that_nobody_knows_refuses_a_plan_and_not_a_run(catalog: Catalog) -> None:
    chip = catalog.get("chips", "a100-80-sxm").profile
    with pytest.raises(PlanError, match="'fp8': chip 'a100-80-sxm' has no rate for it; it has bf16"):
        chip_inputs(chip, "fp8")
    ran = chip_inputs(chip, "fp8", StatedRates())
    assert ran.matmul_peak_flops_per_s == ran.attention_peak_flops_per_s == 312e12


def test_a_format_that_the_chip_lacks_refuses_a_plan_and_not_a_run(catalog: Catalog) -> None:
    chip = catalog.get("chips", "h100-sxm").profile
    message = "'mxfp8': chip 'h100-sxm' has no such block-scaled format; it has bf16, fp16, fp8, int8, tf32$"
    with pytest.raises(PlanError, match=message):
        chip_inputs(chip, "mxfp8")
    assert chip_inputs(chip, "mxfp8", StatedRates()).matmul_peak_flops_per_s == 1979e12
    blackwell = catalog.get("chips", "gb200").profile
    assert chip_inputs(blackwell, "mxfp8").matmul_peak_flops_per_s == 5000e12
    assert chip_inputs(blackwell, "nvfp4").matmul_peak_flops_per_s == 10e15
    microscaling = catalog.get("chips", "mi355x").profile
    assert chip_inputs(microscaling, "mxfp8").matmul_peak_flops_per_s == 5000e12
    with pytest.raises(PlanError, match=r"'nvfp4': .* no such block-scaled format; .*, mxfp8$"):
        chip_inputs(microscaling, "nvfp4")


def test_attention_in_tf32_runs_no_faster_than_its_matmuls(catalog: Catalog) -> None:
    chip = catalog.get("chips", "a100-80-sxm").profile
    for ran in (None, StatedRates()):
        found = chip_inputs(chip, "tf32", ran)
        assert found.matmul_peak_flops_per_s == found.attention_peak_flops_per_s == 156e12
    # utilisations refer to the 16-bit peak all the same
    assert case_of(catalog, precision="tf32").published_peak_flops_per_s == pytest.approx(989e12, rel=1e-3)


def test_chips_without_a_domain_do_not_wait_for_a_scale_up_network(catalog: Catalog) -> None:
    chip = catalog.get("chips", "h100-sxm").profile
    system = catalog.get("systems", "dgx-h100").profile
    fabric = catalog.get("fabrics", system.default_fabric).profile
    alone = system.model_copy(
        update={"scale_up": system.scale_up.model_copy(update={"topology": "none"}), "chips_per_domain": 1}
    )
    card = chip.model_copy(update={"scale_up": None})
    plan = network_inputs(card, alone, fabric, chips=64.0)
    run = network_inputs(card, alone, None, chips=64.0, ran=StatedNetwork())
    assert plan.domain_chips == run.domain_chips == 1.0
    assert plan.scale_up_bytes_per_s == plan.scale_out_bytes_per_s == 50e9


def test_a_network_that_nobody_knows_refuses_a_plan(catalog: Catalog) -> None:
    chip = catalog.get("chips", "h100-sxm").profile.model_copy(update={"scale_out_bytes_per_s": None})
    system = catalog.get("systems", "dgx-h100").profile.model_copy(update={"ports_per_host": None})
    fabric = catalog.get("fabrics", system.default_fabric).profile
    with pytest.raises(
        PlanError, match="no known scale_out_bytes_per_s and system 'dgx-h100' no known ports"
    ):
        network_inputs(chip, system, fabric, chips=64.0)
    assert network_inputs(chip, system, fabric, chips=8.0).scale_out_bytes_per_s == 450e9
    with pytest.raises(PlanError, match=r"no known scale_up\.bandwidth"):
        network_inputs(chip.model_copy(update={"scale_up": None}), system, fabric, chips=8.0)


@pytest.mark.parametrize(
    ("schedule", "virtual"),
    [(None, list(range(1, 13))), ("1f1b", [1]), ("interleaved", list(range(2, 13))), ("dualpipe", [1])],
)
def test_a_schedule_says_which_virtual_stages_are_tried(
    catalog: Catalog, schedule: str | None, virtual: list[int]
) -> None:
    space = plan_job(catalog, **({"schedule": schedule} if schedule else {})).space
    assert list(space.grid.virtual_stages) == virtual
    assert space.fixed["bubble_share"] == (pytest.approx(1 / 6) if schedule == "dualpipe" else 1.0)


def test_a_schedule_without_virtual_stages_takes_none(catalog: Catalog) -> None:
    with pytest.raises(PlanError, match="'1f1b': has no virtual stages; expected 'interleaved'"):
        plan_job(catalog, schedule="1f1b", virtual_stages=2)
    assert plan_job(catalog, schedule="zero-bubble", virtual_stages=2).space.grid.virtual_stages == [2]


def test_the_search_tries_what_the_stack_offers(catalog: Catalog) -> None:
    def tried(stack: str, **strategy: Any) -> set[tuple[str | None, str | None]]:
        space = plan_job(catalog, "deepseek-v3", stack, **strategy).space
        assert [variant.grid.variant for variant in space.variants] == list(range(len(space.variants)))
        return {(variant.schedule, variant.recompute) for variant in space.variants}

    plain = {(None, None)}
    assert tried("cuda") == plain
    assert tried("cuda-nemo") == {*plain, (None, "parts")}
    schedules = (None, "zero-bubble", "dualpipe")
    assert tried("cuda-torchtitan") == {(name, mode) for name in schedules for mode in (None, "matmuls")}
    # what is pinned is not varied
    assert tried("cuda-torchtitan", schedule="1f1b") == {("1f1b", None), ("1f1b", "matmuls")}
    assert tried("cuda-nemo", recompute="full") == {(None, "full")}
    # both ends of a pipeline are no use where there is none, nor where there are no experts
    assert tried("cuda-torchtitan", pipeline=1) == {(None, None), (None, "matmuls")}
    dense = plan_job(catalog, "qwen2-72b", "cuda-torchtitan").space
    assert {variant.schedule for variant in dense.variants} == {None, "zero-bubble"}


def test_layers_of_a_stage_that_run_again_are_a_share_of_it(catalog: Catalog) -> None:
    given: dict[str, Any] = {"mode": "given", "tensor": 8, "pipeline": 4, "data": 4, "recompute_layers": 5}
    assert plan_job(catalog, **given).space.grid.recompute == [(0.0, 5 / 20)]
    beside = plan_job(catalog, **given, recompute="selective").space.grid.recompute
    assert beside == [(1.0, 5 / 20)]
    with pytest.raises(PlanError, match="recompute_layers = 21: a stage has only 20 layers"):
        plan_job(catalog, **{**given, "recompute_layers": 21})
    with pytest.raises(
        PlanError, match=r"expected strategy\.pipeline and strategy\.virtual_stages beside it"
    ):
        plan_job(catalog, recompute_layers=5, pipeline=4)
    with pytest.raises(PlanError, match=r"expected strategy\.recompute to be 'none' or 'selective'"):
        plan_job(catalog, **given, recompute="full")


def test_what_takes_tokens_to_experts_is_the_plans_else_the_stacks(catalog: Catalog) -> None:
    said = plan_job(catalog, dispatcher="deepep", schedule="dualpipe", pipeline=2).space.fixed
    assert (said["merges_across"], said["merges_inside"], said["has_expert_overlap"]) == (1.0, 1.0, 1.0)
    # the library's collective where neither plan nor stack says; only DualPipe runs it beside other work
    plain = plan_job(catalog, schedule="1f1b", pipeline=2, dispatcher="all-to-all").space.fixed
    assert (plain["merges_across"], plain["merges_inside"], plain["has_expert_overlap"]) == (0.0, 0.0, 0.0)
    assert plain["dispatch_bytes_per_s"] == float("inf")
