"""Speed and memory of the engine: one estimate, a search over a full grid, and baselines in the same run.

Run by hand: ``python tests/benchmarks/engine_speed.py [--seconds 2]``. Nothing is asserted; speeds are of the
machine that the first line names, in CPU time, of which the fastest of many counts: others on the machine
only ever add to it. Ratios are to the null model in the same run.

The grid is GPT-3 175B on 4,096 A100: every power of two of tensor and every pipeline degree, microbatches of
1 to 16, ZeRO 0 to 3, none, selective and full recomputation, and 1 to 12 virtual stages. The searches that
`planner optimize` runs are timed for it and for Llama 3.1 405B on 16,384 H100, in what a plan leaves open and
in such a full grid; 3 million layouts a second and core are asked of the latter. Candidates that the
engine costs (step times) and those that it only prunes (memory, rejected before costing) are counted apart.
The baselines answer the same question worse or slower: the null model, one constant utilisation, in plain
NumPy; and the engine's own functions called for one candidate at a time.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import os
import platform
import resource
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.engine.arrays import FloatArray
from planner.engine.blocks import blocks
from planner.engine.estimate import estimate_layout
from planner.engine.flops import training_flops_per_token
from planner.engine.grid import Grid
from planner.engine.inputs import ArchitectureInputs, Layouts, WorkloadInputs
from planner.engine.layouts import as_layouts
from planner.engine.memory import memory_parts, most_held_bytes, usable_bytes
from planner.engine.search import Found, Machine, cost, search
from planner.engine.step import step_times
from planner.engine.whole_numbers import divisors, powers_of_two
from planner.engine.work import ModelWork, model_work
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.planning.job import SEARCHES, Job, job_of_plan, machine_of_pool
from planner.planning.resolve import ResolvedPlan, resolve
from planner.planning.workload import phase_workloads
from planner.plans.plan_file import load_plan
from planner.plans.shipped import list_plans
from planner.report.estimate_json import estimate_to_dict

#: A batch with many divisors, so that most microbatches of 1 to 16 divide it.
CHIPS, BATCH, SEQUENCE = 4096, 3840, 2048
#: What is asked of one estimate. [ms]
LAYOUT_LIMIT_MS, PLAN_LIMIT_MS = 0.3, 5.0
#: Passes over the whole grid, of which the fastest counts.
ROUNDS = 5
RECOMPUTE = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))


def machine_name() -> str:
    """Return the processor's name as the system knows it, and how many cores there are."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    except OSError:
        pass
    return (
        f"{name}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


def gpt3_plan() -> Plan:
    """Return GPT-3 175B on 512 DGX A100."""
    return Plan.model_validate(
        {
            "name": "GPT-3 175B on 4,096 A100",
            "model": {"profile": "gpt3-175b"},
            "workload": {"tokens": 3e11, "sequence_length": SEQUENCE, "global_batch_sequences": BATCH},
            "cluster": {
                "pools": [{"id": "a", "system": "dgx-a100", "count": CHIPS // 8, "stack": "cuda-megatron"}]
            },
        }
    )


def llama_plan() -> Plan:
    """Return the shipped plan of Llama 3.1 405B on 16,384 H100."""
    return load_plan(next(path for path in list_plans() if path.stem == "llama-3.1-405b-h100"))


def full_grid(
    layers: int,
    microbatch: int = 16,
    virtual: int = 12,
    partial: int = 0,
    chips: int = CHIPS,
    batch: int = BATCH,
) -> Grid:
    """Return every layout that the benchmark tries, with `partial` further shares of recomputed layers."""
    return Grid(
        chips=chips,
        layers=layers,
        global_batch_sequences=batch,
        experts=0,
        tensor=powers_of_two(8),
        context=(1, 2, 4, 8),
        pipeline=sorted({*divisors(layers), *powers_of_two(layers)}),
        virtual_stages=range(1, virtual + 1),
        microbatch=range(1, microbatch + 1),
        zero=(0, 1, 2, 3),
        recompute=[*RECOMPUTE, *((0.0, (share + 1) / (partial + 1)) for share in range(partial))],
        allow_sharded_pipeline=True,
    )


def best_seconds(work: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Return the fastest and the median CPU time of repeated calls."""
    times: list[float] = []
    began = time.perf_counter()
    while time.perf_counter() - began < seconds or len(times) < 3:
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times), statistics.median(times)


def show(what: str, fastest: float, median: float, note: str = "") -> None:
    """Print one timing."""
    print(f"  {what:<58} {fastest * 1e3:9.3f} ms fastest, {median * 1e3:9.3f} ms median{note}")


def one_estimate(
    shape: ArchitectureInputs,
    work: ModelWork,
    machine: Machine,
    workload: WorkloadInputs,
    resolved: ResolvedPlan,
    catalog: Catalog,
    seconds: float,
) -> None:
    """Time one layout, alone and with its band, and a whole plan, with what is read of it.

    The plans of one timing differ, as they do from key to key: nothing that is kept by a whole plan helps.
    """
    layout = Layouts(tensor=8.0, pipeline=8.0, data=64.0, microbatch=1.0, virtual_stages=6.0)
    parts = (machine.chip, machine.network, machine.stack, workload)

    def step_and_memory() -> None:
        step_times(work, layout, *parts)
        memory_parts(work, layout, machine.chip, workload)

    print("one estimate")
    constant, _ = best_seconds(lambda: null_model(shape, machine, layout, workload), seconds / 4)
    fastest, median = best_seconds(step_and_memory, seconds)
    note = f"  ({fastest / constant:.1f} times the null model; limit {LAYOUT_LIMIT_MS} ms)"
    show("step and memory of a given layout", fastest, median, note)
    spreads = {"matmul_efficiency": 0.1, "scale_up_efficiency": 0.1}
    show(
        "the same with 1,000 joint draws",
        *best_seconds(lambda: estimate_layout(work, layout, machine, workload, spreads), seconds),
    )
    plan = resolved.plan
    given = plan.model_copy(
        update={
            "strategy": plan.strategy.model_copy(
                update={"mode": "given", "tensor": 8, "pipeline": 8, "data": 64, "virtual_stages": 6}
            )
        }
    )
    candidates = estimate_plan(plan, catalog).candidates
    for name, first, limit in (
        ("layout given", given, f"  (limit {PLAN_LIMIT_MS:g} ms)"),
        (f"best of {candidates:,} layouts", plan, ""),
    ):
        plans = itertools.cycle(batches_of(first))
        anew = functools.partial(estimated_anew, catalog=catalog)
        estimate_next = functools.partial(next, map(anew, plans))
        show(f"estimate_plan, {name}", *best_seconds(estimate_next, seconds), limit)
        tell_next = functools.partial(next, map(estimate_to_dict, map(anew, plans)))
        show("  with every published figure and band", *best_seconds(tell_next, seconds))


def estimated_anew(plan: Plan, catalog: Catalog) -> Estimate:
    """Estimate a plan whose layouts nobody has searched before."""
    SEARCHES.clear()
    return estimate_plan(plan, catalog)


def batches_of(plan: Plan) -> list[Plan]:
    """Return a plan with other batches, as far from the first that the same layouts stay possible."""
    return [
        plan.model_copy(
            update={
                "workload": plan.workload.model_copy(update={"global_batch_sequences": BATCH + 64 * more})
            }
        )
        for more in range(4)
    ]


def null_model(
    shape: ArchitectureInputs, machine: Machine, layouts: Layouts, workload: WorkloadInputs
) -> FloatArray:
    """Return step times by one constant utilisation of the chips that a layout uses: the null model."""
    flops = training_flops_per_token(shape, workload.sequence_length, causal=False)
    tokens = np.multiply(workload.sequence_length, workload.global_batch_sequences)
    chips = np.multiply(layouts.tensor, layouts.context) * np.multiply(layouts.pipeline, layouts.data)
    return np.asarray(flops * tokens / (chips * machine.chip.matmul_peak_flops_per_s * 0.45))


def one_by_one(block: FloatArray) -> Iterator[Layouts]:
    """Yield a block's candidates as layouts of plain numbers."""
    for column in block.T:
        yield as_layouts(column[:, None])


def candidates_per_second(
    shape: ArchitectureInputs, work: ModelWork, machine: Machine, workload: WorkloadInputs, grid: Grid
) -> None:
    """Time enumeration, pruning and costing of the full grid apart, and the baselines on the same blocks.

    The fastest of some rounds counts: a shared machine only ever adds to a time.
    """
    rounds = [one_round(shape, work, machine, workload, grid) for _ in range(ROUNDS)]
    counts, _, sample = rounds[0]
    spent = {name: min(times[name] for _, times, _ in rounds) for name in counts}
    print(
        f"\nGPT-3 175B on {CHIPS:,} A100, full grid: {counts['enumerated']:,} candidates on one core, "
        f"fastest of {ROUNDS} rounds"
    )
    rejected = counts["memory"] - counts["costed"]
    print(f"  {rejected:,} rejected for memory before costing, {counts['costed']:,} costed")
    for name, number in counts.items():
        print(f"  {name:<24} {number / spent[name] / 1e6:8.3f} M candidates/s  ({spent[name]:.3f} s)")
    each = {name: spent[name] / counts[name] for name in counts}
    print(f"  one costed takes {each['costed'] / each['null model']:.1f} times the null model")
    few = list(itertools.islice(one_by_one(sample), 300))
    start = time.process_time()
    for layouts in few:
        cost(work, layouts, machine, workload)
    rate = len(few) / (time.process_time() - start)
    print(f"  {'costed one at a time':<24} {rate / 1e6:8.5f} M candidates/s")
    vectorised = counts["costed"] / spent["costed"]
    print(f"  vectorised over one at a time: {vectorised / rate:,.0f} times")


def one_round(
    shape: ArchitectureInputs, work: ModelWork, machine: Machine, workload: WorkloadInputs, grid: Grid
) -> tuple[dict[str, int], dict[str, float], FloatArray]:
    """Return candidates and seconds of each stage, and the first block of those that fit into memory."""
    spent = dict.fromkeys(("enumerated", "memory", "costed", "null model"), 0.0)
    counts = dict.fromkeys(spent, 0)

    def clocked(name: str, count: int, call: Callable[[], FloatArray]) -> FloatArray:
        start = time.process_time()
        result = call()
        spent[name] += time.process_time() - start
        counts[name] += count
        return result

    usable = usable_bytes(np.asarray(machine.chip.memory_bytes), workload.hidden_share)
    source = blocks(grid)
    sample: FloatArray | None = None
    while True:
        start = time.process_time()
        block = next(source, None)
        spent["enumerated"] += time.process_time() - start
        if block is None:
            break
        counts["enumerated"] += block.count
        held = clocked(
            "memory", block.count, functools.partial(most_held_bytes, work, block.layouts(), workload)
        )
        fitting, places = block.with_any(block.in_places(held <= usable))
        if not len(places):
            continue
        rows = fitting.at(places)
        sample = rows if sample is None else sample
        clocked("costed", len(places), functools.partial(cost, work, fitting.layouts(), machine, workload))
        written_out = as_layouts(rows)
        clocked(
            "null model", len(places), functools.partial(null_model, shape, machine, written_out, workload)
        )
    assert sample is not None, "no layout of the grid fits into memory"
    return counts, spent, sample


def whole_search(work: ModelWork, machine: Machine, workload: WorkloadInputs, grid: Grid) -> None:
    """Time the search as an estimate runs it."""
    start = time.process_time()
    found = search(work, grid, machine, workload)
    spent = time.process_time() - start
    pruned = found.candidates - found.feasible
    print(
        f"\nsearch of the full grid: {spent:.3f} s for {found.candidates:,} candidates "
        f"({found.feasible:,} costed, {pruned:,} pruned), {found.candidates / spent / 1e6:.3f} M/s"
    )


def searched_anew(job: Job) -> Found:
    """Search, though the program may have kept what it found before."""
    SEARCHES.clear()
    return job.search()


def plan_searches(catalog: Catalog) -> None:
    """Time the searches of two plans: in what they leave open, and in a full grid; the fastest counts."""
    print("\nlayouts a second and core")
    for plan in (gpt3_plan(), llama_plan()):
        resolved = resolve(plan, catalog)
        job = job_of_plan(resolved, resolved.pools[0], phase_workloads(resolved.plan)[0])
        grid = full_grid(
            job.space.grid.layers,
            chips=job.space.grid.chips,
            batch=job.space.grid.global_batch_sequences,
        )
        full = replace(job, space=replace(job.space, grid=grid, others=()), practice=None)
        for name, one in (("as the plan leaves it open", job), ("full grid", full)):
            fastest, _ = best_seconds(functools.partial(searched_anew, one), 1.0)
            candidates = one.search().candidates
            print(
                f"  {plan.name:<32} {name:<27} {candidates:>9,} in {fastest * 1e3:7.1f} ms"
                f"  {candidates / fastest / 1e6:6.2f} M/s"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"  {peak / 2**20:.0f} MiB resident at most so far")


def memory_of_search(work: ModelWork, machine: Machine, workload: WorkloadInputs, layers: int) -> None:
    """Print the peak of searches over growing grids."""
    print("\npeak memory of a search (traced allocations; resident set of the process)")
    for microbatch, virtual, partial in ((2, 1, 0), (8, 8, 0), (16, 12, 0), (16, 12, 20), (16, 24, 200)):
        grid = full_grid(layers, microbatch, virtual, partial)
        tracemalloc.start()
        found = search(work, grid, machine, workload)
        _, traced = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
            1 if sys.platform == "darwin" else 1024
        )
        print(
            f"  {found.candidates:>11,} candidates  {traced / 2**20:7.1f} MiB traced"
            f"  {resident / 2**20:7.1f} MiB resident at most"
        )


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each small timing repeats")
    arguments = parser.parse_args()
    print(machine_name())
    catalog = load_catalog(include_user=False)
    plan = gpt3_plan()
    resolved = resolve(plan, catalog)
    machine, _ = machine_of_pool(resolved, resolved.pools[0])
    shape = architecture_inputs(resolved.architecture)
    workload = WorkloadInputs(sequence_length=float(SEQUENCE), global_batch_sequences=float(BATCH))
    work = model_work(shape, workload)
    grid = full_grid(resolved.architecture.layers)
    one_estimate(shape, work, machine, workload, resolved, catalog, arguments.seconds)
    candidates_per_second(shape, work, machine, workload, grid)
    whole_search(work, machine, workload, grid)
    uneven = replace(grid, most_uneven=float("inf"))
    whole_search(work, machine, workload, uneven)
    plan_searches(catalog)
    memory_of_search(work, machine, workload, resolved.architecture.layers)


if __name__ == "__main__":
    main()
